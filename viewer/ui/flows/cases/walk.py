"""Walking through the cases of a project, with the neighbours read ahead."""

import json
import logging
from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from viewer.core.checked import Fields, parse_json
from viewer.core.errors import AppError, BadFile, NotFound
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.text.counting import counted
from viewer.ui.flows.cases.listing import spoken_title
from viewer.ui.state.announcing import announce_until, say_over
from viewer.ui.state.edit_gate import Then

if TYPE_CHECKING:
    from viewer.project.project import Project
    from viewer.project.records import CaseRow, ImageRecord
    from viewer.reading.scan import Patient
    from viewer.reading.series import Series
    from viewer.ui.flows.opening import Opening
    from viewer.ui.state.session import Session

log = logging.getLogger(__name__)
READ_AHEAD = 3  # cases on the way forward; one on the way back


class CaseWalk(QObject):
    """Where in the list of cases the person is. order: the case ids as the list shows them, filter and all."""

    def __init__(self, session: "Session", opening: "Opening") -> None:
        super().__init__(session)
        self._session, self._opening = session, opening
        self.order: Callable[[], list[str]] = self._every
        self.current: str | None = None
        self._wish: tuple[str, str | None] | None = None
        session.series_opened.connect(self._on_series_opened)
        self._looks_ahead = False  # once what is shown is painted
        self._series: dict[str, tuple[object, list[Series]]] = {}  # with the images that they were made of

    def _every(self) -> list[str]:
        return list(self._session.at_hand.cases.rows)

    def open(self, case_id: str, image_id: str | None = None, *, by_itself: bool = False) -> None:
        """Show a case, at one of its images or at the first; a case that is not at hand as soon as it is.

        by_itself: nobody has asked for it just now.
        """
        session = self._session
        self._wish = wish = (case_id, image_id)
        if session.at_hand.cases.at_hand(case_id) is not None:
            self._wish = None
            self._show(case_id, image_id, by_itself=by_itself)
            return

        def then() -> None:
            if self._wish == wish:  # nobody has asked for another one meanwhile
                self._wish = None
                try:
                    self._show(case_id, image_id, by_itself=by_itself)
                except NotFound as error:
                    announce_until(session, "warn", str(error), session.image_shown)

        session.keeping.bring((), [case_id], then)

    def _on_series_opened(self, _series: object) -> None:
        """Something is shown: a case that was asked for before it and is still on its way leads nobody away."""
        self._wish = None

    @property
    def is_looking_ahead(self) -> bool:
        """Whether the neighbours of what is shown are still to be asked for."""
        return self._looks_ahead

    def look_at(self, case_id: str) -> None:
        """A case is on the screen: it is to be at hand, and once it is painted its neighbours."""
        keeping = self._session.keeping
        keeping.open_case(case_id, self._near(case_id))
        keeping.bring((), [case_id])
        if not self._looks_ahead:
            self._looks_ahead = True
            self._session.worker.when_at_rest(self._look_ahead)

    def _show(self, case_id: str, image_id: str | None, *, by_itself: bool) -> None:
        cell = self._session.active_cell
        series_list = self._series_of(case_id)
        if cell is None:
            return
        if not series_list:
            raise NotFound("This case has no image that can be found. Was its folder moved?")
        self.current = case_id
        series, index = self._find(series_list, image_id)
        films = [one for one in series_list if len(one.frames) == 1]
        if image_id is None and 2 <= len(films) <= 4 and len(films) == len(series_list):
            for other, one in zip(self._session.arrange_views(len(films)), films):
                other.show_series(one)
        else:
            self._session.arrange_views(1)
            cell.show_series(series, index)
        with self._session.coming_by_itself() if by_itself else nullcontext():
            self._session.series_opened.emit(series)
        self.look_at(case_id)

    def step(self, step: int) -> None:
        """The case before or after in the list; at its end nothing happens but a word."""
        order = self.order()
        if not order:
            return
        # From the case that is on its way: keys come faster than cases are brought.
        last = self._wish[0] if self._wish is not None and self._wish[0] in order else self.current
        here = order.index(last) if last in order else (-1 if step > 0 else len(order))
        there = here + step
        if 0 <= there < len(order):
            self.open(order[there])
        else:
            self._session.announced.emit("info", "This is the first case." if step < 0 else "This is the last case.")

    def complete_and_next(self) -> None:
        """Mark the case complete and show the next one of the list that is not; of all complete ones, the one after."""
        project, case_id = self._session.project, self.current
        if project is None or case_id is None:
            return
        from viewer.project.edit_builders import set_status
        from viewer.project.lawful import Unanswered, refusal

        self._session.edits.wait()
        case = self._session.at_hand.cases.get(case_id)
        if case.status.is_done:
            self._next_open(case_id, else_after=True)
            return

        def kept() -> None:  # nobody looks for a refusal on the next case
            words = self._unanswered_words(case)
            if words:
                say_over(self._session, words, lambda: self._next_open(case_id))
            else:
                self._next_open(case_id)

        def refused(error: AppError) -> None:
            sentence = str(error)
            if isinstance(error, Unanswered) and error.words:
                sentence = refusal(self._spoken(case), error.words, error.way)
            announce_until(session, "warn", sentence, session.image_shown, session.work_changed)

        session = self._session
        session.do(set_status(case, CaseStatus.COMPLETE), then=Then(kept=kept, refused=refused))

    def open_first_waiting(self) -> None:
        """Show the first case of the list that is not done."""
        self._next_open("")

    def _next_open(self, case_id: str, *, else_after: bool = False) -> bool:
        """Show the next case of the list, from this one on, that is not done; whether there is one. else_after: where
        all are done the one after it, for who goes through them once more."""
        order = self.order()
        here = order.index(case_id) if case_id in order else -1
        rows = self._session.at_hand.cases.rows
        for candidate in (*order[here + 1 :], *order[: max(here, 0)]):
            if candidate not in rows or not rows[candidate].status.is_done:
                self.open(candidate)
                return True
        if else_after and 0 <= here < len(order) - 1:
            self.open(order[here + 1])
            return True
        self._session.announced.emit("info", "Every case in the list is complete.")
        return False

    def _unanswered_words(self, case: "CaseRow") -> str:
        """A case is complete also with labels that nobody answered, which count as not assessed; it is said once."""
        left, total = self._session.at_hand.unanswered.get(case.case_id, (0, 0))
        if not left:
            return ""
        verb = "is" if left == 1 else "are"
        return f"{self._spoken(case)} is complete: {left} of {counted(total, 'image label')} {verb} not answered."

    def _spoken(self, case: "CaseRow") -> str:
        return spoken_title(case, names_hidden=self._session.names_hidden)

    def show_image(self, image_id: str) -> None:
        """Show an image of the project, or one that was asked about, in the active view. Raises NotFound."""
        project, cell = self._session.project, self._session.active_cell
        if project is None:
            return
        ref = self._opening.named.get(image_id)
        if ref is None or cell is None or self._opening.case_of(image_id) is not None:
            record = self._session.at_hand.images.find(image_id)
            if record is None:  # raises it where the image is at hand, and in no project
                self._bring_image(image_id)
            else:
                self.open(record.case_id, image_id)
        elif cell.series is not None and ref in cell.series.frames:
            cell.scroll_to(cell.series.frames.index(ref))
        else:
            series = self._opening.series_with(ref)
            cell.show_series(series, series.frames.index(ref))

    def keep_place(self) -> None:
        """Remember case and slice for the next start."""
        session = self._session
        shown, project = session.shown, session.project
        if shown is None:
            self._opening.places.leave(None)
            return
        of_case = project is not None and shown.case_id is not None
        self._opening.places.leave(None if of_case or shown.series is None else shown.series.series_id)
        if project is not None and shown.case_id is not None:
            place = json.dumps({"image": shown.image_id}, allow_nan=False)
            session.settings.set_word(_place_word(project), place)
        cell = session.active_cell
        if cell is not None and cell.series is not None:
            self._opening.places.keep(cell.series.series_id, cell.index)

    def restore_place(self) -> None:
        """Show the image that was shown when the project was last closed, else its first case."""
        self.return_to_place(else_first=True)

    def return_to_place(self, *, else_first: bool = False) -> None:
        """Show the image that was shown when the project was last closed. else_first: else the first case."""
        session = self._session
        if session.project is None:
            return
        word = session.settings.word(_place_word(session.project), "{}")
        try:
            image_id = Fields(parse_json(word, "the last place"), "the last place").text("image", "")
        except BadFile:
            image_id = ""

        def then() -> None:
            record = session.at_hand.images.find(image_id)
            order = self.order()
            if record is not None:
                self.open(record.case_id, image_id, by_itself=True)
            elif else_first and order:
                log.info("The last place is gone")
                self.open(order[0], by_itself=True)

        session.keeping.bring([image_id] if image_id else (), (), then)

    def _bring_image(self, image_id: str) -> None:
        session = self._session
        if session.at_hand.images.known(image_id):
            session.at_hand.images.get(image_id)  # it is not in the project: says so

        def then() -> None:
            record = session.at_hand.images.find(image_id)
            if record is not None:
                self.open(record.case_id, image_id)
            else:
                announce_until(session, "warn", "This image is not in the project any more.", session.image_shown)

        session.keeping.bring([image_id], (), then)

    def _near(self, case_id: str) -> list[str]:
        """The cases that are likely to be shown next."""
        order = self.order()
        here = order.index(case_id) if case_id in order else -1
        return [*order[here + 1 : here + 1 + READ_AHEAD], *order[max(0, here - 1) : here]]

    def _find(self, series_list: "list[Series]", image_id: str | None) -> "tuple[Series, int]":
        project = self._session.project
        if image_id is not None and project is not None:
            record = self._session.at_hand.images.get(image_id)
            for series in series_list:
                for index, ref in enumerate(series.frames):
                    if ref.path == record.path and ref.frame_index == record.frame_index:
                        return series, index
        return series_list[0], 0

    def _series_of(self, case_id: str) -> "list[Series]":
        """The images of a case as series, as scanned in this session or as the project knows them."""
        project = self._session.project
        if project is None:
            return []
        case = self._session.at_hand.cases.at_hand(case_id)
        if case is None:
            return []
        made_of, found = self._series.get(case_id, (None, []))
        if made_of is not case.images:
            opened = {series.series_id: series for series in self._opening.series_list()}
            groups: dict[str, list[ImageRecord]] = {}
            for record in case.images:
                groups.setdefault(record.series_id or record.image_id, []).append(record)
            found = [_series(records, opened.get(key)) for key, records in groups.items()]
            self._series[case_id] = case.images, found
        return found

    def patient_of(self, case_id: str) -> "Patient | None":
        """The study that a case of the project is of, as far as the project knows it; None of a case that is gone."""
        from viewer.reading.scan import Patient, Study

        project, series = self._session.project, self._series_of(case_id)
        if project is None or not series:
            return None
        first = self._session.at_hand.images.by_case(case_id)[0]
        study = Study(
            study_uid=first.study_uid, study_date=first.tags.get("StudyDate", ""),
            description=first.tags.get("StudyDescription", ""), series=tuple(series),
        )  # fmt: skip
        return Patient(source=first.source, patient_id=first.patient_id, patient_name="", studies=(study,))

    def forget(self) -> None:
        """The project holds other images now."""
        self._series.clear()

    def _look_ahead(self) -> None:
        self._looks_ahead = False
        if self.current is not None and not self._session.worker.closing():
            self._read_ahead()
            self._session.keeping.bring((), self._near(self.current), self._read_ahead)

    def _read_ahead(self) -> None:
        """The first frames of the cases near the one that is shown now, of those that are at hand.

        Where one view shows a case, each is made ready for it; of several nobody knows which case has how many.
        """
        session = self._session
        near = [] if self.current is None else self._near(self.current)
        frames, cell = session.frames, session.active_cell
        refs = [series[0].frames[0] for series in map(self._series_of, near) if series]
        if cell is not None and len(session.cells) == 1:
            frames.read_ahead(refs, owner="cases", view=cell.view.next_view())
        else:
            frames.read_ahead([ref for ref in refs if frames.get(ref) is None], owner="cases")


def _place_word(project: "Project") -> str:
    """Two projects in folders of one name have a place each."""
    return f"project-place/{project.project_id}"


def _series(records: "list[ImageRecord]", opened: "Series | None") -> "Series":
    from viewer.reading.series import FrameRef, Series

    first = records[0]
    if opened is not None and len(opened.frames) == len(records):
        return opened
    frames = tuple(
        FrameRef(
            path=record.path, frame_index=record.frame_index, sop_instance_uid=record.sop_instance_uid,
            instance_number=record.tags.get("InstanceNumber", ""),
        )
        for record in records
    )  # fmt: skip
    # As the scan says it: pictures and volumes are called by their file.
    name = first.tags.get("SeriesDescription", "") or ("" if first.sop_instance_uid else first.path.name)
    return Series(
        series_id=first.series_id, series_uid="", study_uid=first.study_uid, source=first.source,
        patient_id=first.patient_id, patient_name="", modality=first.modality,
        description=name, number=first.tags.get("SeriesNumber", ""), frames=frames,
        files=len({frame.path for frame in frames}), rows=first.rows, cols=first.cols, spacing=None,
        slice_spacing_mm=None, is_volume=False, warnings=(),
        frame_of_reference=first.tags.get("FrameOfReferenceUID", ""), folder=first.path.parent,
    )  # fmt: skip
