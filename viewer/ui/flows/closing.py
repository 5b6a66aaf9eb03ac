"""Closing studies: views that show them become empty, their memory is given back, and what a person drew stays."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from viewer.ui.state.frames import FileFrame, file_frame

if TYPE_CHECKING:
    from viewer.reading.scan import Patient, Study
    from viewer.reading.series import FrameRef, Series
    from viewer.ui.flows.cases.walk import CaseWalk
    from viewer.ui.flows.opening import Opening
    from viewer.ui.state.screen import Cell
    from viewer.ui.state.session import Session

SERIES_FACT = "series_in_view"  # the active view has a series, also where its image cannot be shown
STUDY_FACT, STUDIES_FACT = "study_in_view", "studies_open"  # an open study is in the active view; any is open
ANY_SHOWN_FACT = "any_shown"  # some view has a series, be it of what was opened or a case of the project
ROW_FACT = "study_row"  # a row of the list of studies is the current one


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """What was closed. roots: folders and files that were opened, of which nothing is open any more."""

    studies: "tuple[Study, ...]"
    roots: tuple[Path, ...]

    @property
    def series_ids(self) -> frozenset[str]:
        """Of every series that was closed."""
        return frozenset(series.series_id for study in self.studies for series in study.series)

    def holds(self, path: Path) -> bool:
        """Whether a file lies below what was opened and is closed now."""
        return any(path.is_relative_to(root) for root in self.roots)


class Closing(QObject):
    """Closes studies of what was opened. Nothing is changed by it, so there is nothing to undo."""

    closed = Signal(object)  # Closed
    emptied = Signal()  # nothing is open any more, and there is no case to go on with

    def __init__(self, session: "Session", opening: "Opening", cases: "CaseWalk") -> None:
        super().__init__(session)
        self._session, self._opening, self._cases = session, opening, cases
        self._row: Patient | Study | None = None
        self._followed: tuple[object, ...] = (None, None, False)
        for signal in (
            session.image_shown, session.image_gone, session.series_opened, session.active_view_changed,
            session.series_found, session.scan_finished,
        ):  # fmt: skip
            signal.connect(self._follow)

    # What may be closed

    def studies(self) -> "list[Study]":
        """Every open study, in the order of the tree."""
        return [study for patient in self._opening.patients for study in patient.studies]

    def study_of(self, series: "Series | None") -> "Study | None":
        """The open study that a series is of; None for images of the project that no scan found."""
        if series is None:
            return None
        for study in self.studies():
            if any(own is series for own in study.series):
                return study
        places = _file_frames(series.frames)  # a case of the project makes a series of its own of the same images
        return next((study for study in self.studies() if not places.isdisjoint(file_frames_of([study]))), None)

    def project_patients(self) -> "tuple[Patient, ...]":
        """Of what views show and no scan has found, as after a restart: what the project knows of its studies."""
        session, cases = self._session, self._cases
        own = [c for c in session.cells if c.series is not None and self.study_of(c.series) is None]
        ids = [self._opening.case_of(c.shown.image_id) if c.shown is not None else cases.current for c in own]
        found = (cases.patient_of(case_id) for case_id in dict.fromkeys(ids) if case_id is not None)
        return tuple(patient for patient in found if patient is not None)

    def project_series(self) -> "list[Series]":
        """Every series of `project_patients`."""
        return [series for p in self.project_patients() for study in p.studies for series in study.series]

    def choose(self, row: "Patient | Study | None") -> None:
        """The current row of the list of studies, which `close_row` closes."""
        self._row = row
        self._session.set_fact(ROW_FACT, holds=row is not None)
        self._session.tell_situation()

    def row_words(self) -> str:
        """What `close_row` is called now."""
        if self._row is None:
            return "Close the chosen study"
        from viewer.reading.scan import Study

        if isinstance(self._row, Study):
            return f"Close study “{self._study_words(self._row)}”"
        return "Close patient's studies" + (f" “{self._who(self._row)}”" if not self._session.names_hidden else "")

    def _follow(self, *_: object) -> None:
        session = self._session
        cell = session.active_cell
        shows = any(own.series is not None for own in session.cells)  # also a case that no scan has found
        now = (cell.series if cell is not None else None, self._opening.patients, shows)
        if all(a is b for a, b in zip(now, self._followed)):
            return  # asked for every image that is scrolled over
        self._followed = now
        session.set_fact(STUDY_FACT, holds=self.study_of(now[0]) is not None)
        session.set_fact(STUDIES_FACT, holds=bool(now[1]))
        session.set_fact(ANY_SHOWN_FACT, holds=shows)

    # Closing

    def shown_studies(self) -> "list[Study]":
        """The study that the active view shows; empty without one."""
        cell = self._session.active_cell
        study = self.study_of(cell.series) if cell is not None else None
        return [study] if study is not None else []

    def row_studies(self) -> "list[Study]":
        """The study, or every study of the patient, that is chosen in the list; empty without a choice."""
        from viewer.reading.scan import Study

        if self._row is None:
            return []
        return [self._row] if isinstance(self._row, Study) else list(self._row.studies)

    def close_studies(self, studies: "Sequence[Study]") -> None:
        """Close these; where a gesture would be lost they stay, and it is said why."""
        if studies:
            self._close(studies, self._words(studies[0]) if len(studies) == 1 else f"{len(studies)} studies")

    def close_shown(self) -> None:
        """Close the study that the active view shows, whether it was opened or is a case of the project."""
        cell, studies = self._session.active_cell, self.shown_studies()
        if studies or cell is None or cell.series is None:
            self.close_studies(studies)
        elif self._may_close():
            of_project = [study for patient in self.project_patients() for study in patient.studies]
            shown = _file_frames(cell.series.frames)
            same = [study for study in of_project if not shown.isdisjoint(file_frames_of([study]))]
            self._empty_of_project(shown | file_frames_of(same))

    def close_row(self) -> None:
        """Close the study, or every study of the patient, that is chosen in the list."""
        from viewer.reading.scan import Study

        row = self._row
        if isinstance(row, Study):
            self._close([row], self._words(row))
        elif row is not None:
            self._close(row.studies, self._who(row))

    def close_all(self) -> None:
        """Close everything that was opened; what is still being opened is stopped."""
        if not self._may_close():
            return
        if self._opening.scanning:
            self._opening.cancel()
        studies = self.studies()
        if studies:
            self._close(studies, f"{len(studies)} studies" if len(studies) != 1 else self._words(studies[0]))
        rest = [c.series for c in self._session.cells if c.series is not None and self.study_of(c.series) is None]
        if rest:
            self._empty_of_project({place for series in rest for place in _file_frames(series.frames)})

    def _may_close(self) -> bool:
        """Wait for the gesture that is being written; say why nothing is closed where one would be lost."""
        session = self._session
        session.edits.wait()
        if session.edits.blocked:
            session.announced.emit("error", "The last gesture is not saved yet. Try again to keep it, then close.")
            return False
        if any(cell.view.tool.is_busy for cell in session.cells if cell.view.has_frame):
            session.announced.emit("info", "Finish what you are drawing, or drop it with Esc, then close the study.")
            return False
        return True

    def _close(self, studies: "Sequence[Study]", words: str) -> None:
        session, opening = self._session, self._opening
        if not studies or not self._may_close():
            return
        if any(opening.is_arriving(study) for study in studies):
            session.announced.emit("info", "This study is still being opened. Wait, or stop opening, then close it.")
            return
        studies = tuple(studies)
        places = file_frames_of(studies)
        self._empty([c for c in session.cells if c.series and not places.isdisjoint(_file_frames(c.series.frames))])
        roots = opening.release(studies)
        session.frames.forget(ref for study in studies for series in study.series for ref in series.frames)
        self._cases.forget()
        self._follow()
        self.closed.emit(Closed(studies=studies, roots=roots))
        self._end_where_nothing_is_shown()
        count = sum(len(series.frames) for study in studies for series in study.series)
        session.said.emit(f"Closed: {words}, {count} image{'s' if count != 1 else ''}.")

    def _empty_of_project(self, places: set[FileFrame]) -> None:
        """Let go of views of the project's own images; they stay in the project, and no scan has found them."""
        session = self._session
        gone = [c for c in session.cells if c.series and not places.isdisjoint(_file_frames(c.series.frames))]
        self._empty(gone)
        self._follow()
        self._end_where_nothing_is_shown()
        session.said.emit("Closed: the project's images in view; they stay in the project.")

    def _end_where_nothing_is_shown(self) -> None:
        if any(cell.series for cell in self._session.cells):
            return
        self._session.arrange_views(1)
        if not self._opening.patients and not self._opening.scanning and not self._has_cases():
            self.emptied.emit()

    def _has_cases(self) -> bool:
        """Whether the list at the left holds cases to go on with."""
        return self._session.workspace != "read" and bool(self._session.at_hand.cases.rows)

    def _empty(self, cells: "list[Cell]") -> None:
        """Let go of what views show. Where the person was is kept, the active view's place last: it counts."""
        session = self._session
        for cell in sorted(cells, key=lambda cell: cell is session.active_cell):
            if cell.series is not None:
                self._opening.places.keep(cell.series.series_id, cell.index)
            if cell is session.active_cell:
                self._cases.keep_place()
        for cell in cells:
            cell.clear()

    def empty_project_views(self) -> None:
        """Let go of every view of an image that only the project before knew: nothing of it stays on the screen."""
        opened = file_frames_of(self.studies())
        gone = [c for c in self._session.cells if c.series and opened.isdisjoint(_file_frames(c.series.frames))]
        for cell in gone:
            cell.clear()
        if not any(cell.series for cell in self._session.cells):
            self._session.arrange_views(1)

    # Words

    def _words(self, study: "Study") -> str:
        patient = next(p for p in self._opening.patients if any(own is study for own in p.studies))
        words = self._study_words(study)
        return words if self._session.names_hidden else f"{self._who(patient)}, {words}"

    def _study_words(self, study: "Study") -> str:
        modalities = " ".join(dict.fromkeys(series.modality for series in study.series if series.modality))
        return study.described(names_hidden=self._session.names_hidden) or modalities or "study"

    def _who(self, patient: "Patient") -> str:
        if self._session.names_hidden:
            return "name hidden"
        return patient.patient_id or patient.patient_name.replace("^", " ").strip() or "no patient id"


def file_frames_of(studies: "Sequence[Study]") -> set[FileFrame]:
    """Where the images of studies lie."""
    return {place for study in studies for series in study.series for place in _file_frames(series.frames)}


def shares_images(series: "Series", other: "Series") -> bool:
    """Whether an image of the one is an image of the other, whoever has made a series of it."""
    return series is other or not _file_frames(series.frames).isdisjoint(_file_frames(other.frames))


def _file_frames(frames: "Sequence[FrameRef]") -> set[FileFrame]:
    return {file_frame(ref) for ref in frames}
