"""Opening: scanning files and folders in the background, projects, and putting shown frames into the project."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from viewer.reading.sources.remembered import place_key
from viewer.reading.sources.servers import name_server
from viewer.ui.flows.arrivals import Arrivals
from viewer.ui.flows.recent import RecentPlaces
from viewer.ui.state.worker import sentence_of

if TYPE_CHECKING:
    from viewer.project.records import ImageRecord
    from viewer.reading.scan import Patient, Problem, ScanResult, Study
    from viewer.reading.series import FrameRef, Series
    from viewer.ui.state.session import Session
    from viewer.ui.state.worker import Job

log = logging.getLogger(__name__)
PROJECT_FILE = "project.db"
FIRST_PAINT_S = 0.3  # as long as this at the most the scan gives way to the first image


class Opening(QObject):
    """What was opened in this session."""

    project_found = Signal(object)  # Path: one of the paths to open is a project's folder
    all_shown = Signal()  # everything that was asked for is open, and nothing had to be left out
    superseded = Signal()  # another opening goes on, or has nothing to say: what was told of one before is of the past
    _found_partly = Signal(object, object, object)  # the Job's stop, ScanResult so far, to call once it is painted

    def __init__(self, session: "Session") -> None:
        super().__init__(session)
        self._session = session
        self._job: Job | None = None
        self._queue: list[tuple[list[Path], bool]] = []  # paths, and whether they are only listed
        self._now: list[tuple[list[Path], bool]] = []  # what is read at this moment, as in `_queue`
        self.only_listed: ScanResult | None = None  # the last that came into the list, and not onto the screen
        self.places = RecentPlaces(session)
        self._arrivals = Arrivals(session, self.places)
        self._before: list[Patient] = []
        self.named: dict[str, FrameRef] = {}  # by image id, what was asked about and may be in no project
        self.patients: list[Patient] = []
        self.problems: list[Problem] = []
        self.told = ("", 0)  # the sentence that was last told of an opening, and how many files it is about
        self._found_partly.connect(self._on_found_partly, Qt.ConnectionType.QueuedConnection)

    @property
    def scanning(self) -> bool:
        """Whether a scan runs."""
        return self._job is not None

    @property
    def is_asked_for(self) -> bool:
        """Whether something is being opened that a person asked for, and so comes onto the screen."""
        return any(not only_lists for _, only_lists in (*self._now, *self._queue))

    def series_list(self) -> "list[Series]":
        """Every series found, in the order of the tree."""
        return [series for patient in self.patients for study in patient.studies for series in study.series]

    def open_paths(self, paths: list[Path]) -> None:
        """Scan paths in the background; a folder that holds a project opens as one."""
        paths = [path.absolute() for path in paths]  # as the list of what was opened has it
        for path in paths:
            name_server(path)
        folders = [path for path in paths if (path / PROJECT_FILE).is_file()]
        for folder in folders[:1]:
            self.project_found.emit(folder)
        rest = [path for path in paths if path not in folders]
        if not rest:
            return
        if self._job is not None:
            # Before what is only listed again: a person waits for it.
            self._queue.insert(sum(not only_lists for _, only_lists in self._queue), (rest, False))
            return
        self._scan(rest, only_lists=False)

    def list_paths(self, paths: Sequence[Path]) -> None:
        """Bring what was open before back into the list, one path after the other, without a word; what is on the
        screen stays. A path that is not there any more is left out."""
        self._queue += [([path], True) for path in paths]
        if self._job is None and self._queue:
            self._next()

    def keep_open(self) -> None:
        """Remember what is in the list, or on its way back into it, for the next start."""
        self.places.keep_open(path for paths, only_lists in (*self._now, *self._queue) if only_lists for path in paths)

    def _scan(self, paths: list[Path], *, only_lists: bool) -> None:
        # The event exists before the thread that asks it: the scan may begin before `run_in_background` returns.
        session, told, stop = self._session, [0.0], threading.Event()
        painted = threading.Event()

        def progress(done: int, total: int) -> None:
            if only_lists and not total:
                return  # it would be taken for the beginning of something that is shown
            if time.monotonic() - told[0] > 0.05 or done == total:
                told[0] = time.monotonic()
                session.scan_progressed.emit(done, total)

        def work() -> "ScanResult":
            from viewer.reading.header_index import HeaderIndex
            from viewer.reading.scan import scan

            def partly(result: "ScanResult") -> None:
                self._found_partly.emit(stop, without_truth(result, paths), painted.set)
                if not painted.is_set():  # the interpreter runs one thread at a time: a person waits, a scan can
                    painted.wait(FIRST_PAINT_S)
                    painted.set()

            index = HeaderIndex.of_user()
            # The sample study was nobody's choice: it does not come back beside the work.
            there = [one for one in paths if one.exists() and not is_sample(one)] if only_lists else paths
            result = scan(
                there, progress=progress, cancelled=stop.is_set, index=index, partly=None if only_lists else partly
            )
            return without_truth(result, paths)

        def done(result: "ScanResult") -> None:
            if only_lists:
                self._on_listed(paths, result)
            else:
                self._on_scanned(paths, result, began)

        began = time.perf_counter()
        job = session.run_in_background(work, done, self._on_failed)
        job.stop = stop
        job.cancelled = self._on_cancelled
        self._job, session.scanning = job, True
        self._now = [(paths, only_lists)]
        self._before = self.patients
        if not only_lists:
            self._arrivals.begin()
            self.superseded.emit()
            session.scan_progressed.emit(0, 0)
        session.tell_situation()

    def cancel(self) -> None:
        """Stop the scan; what was open stays. At once, also where a disk does not answer: the thread ends later."""
        self._queue.clear()
        if (job := self._job) is not None:
            job.cancel()
            job.done = job.failed = lambda _: None
            job.cancelled = lambda: None
            self._on_cancelled()

    def _next(self) -> None:
        self._job, self._session.scanning = None, False
        self._now = []
        if self._queue:
            paths, only_lists = self._queue.pop(0)
            self._scan(paths, only_lists=only_lists)
        self._session.tell_situation()

    def _on_cancelled(self) -> None:
        self._take_back()
        self._next()
        self._session.scan_progressed.emit(0, -1)
        self.tell("info", "Opening was stopped. What was open before is still there.")

    def _on_failed(self, error: Exception) -> None:
        self._take_back()
        self._next()
        self._session.scan_progressed.emit(0, -1)
        self.tell("error", sentence_of(error))

    def tell(self, level: str, sentence: str, files: int = 0) -> None:
        """Say something of an opening, of the past with the next one. files: how many of the report it is about."""
        self.told = (sentence, files)
        self._session.announced.emit(level, sentence)

    def is_arriving(self, study: "Study") -> bool:
        """Whether a study is of the scan that runs, which may find more of it."""
        return self.scanning and all(study is not known for patient in self._before for known in patient.studies)

    def is_arriving_with(self, ref: "FrameRef") -> bool:
        """Whether a frame is of a study of which the scan that runs may find more."""
        studies = (study for patient in self.patients for study in patient.studies)
        return self.scanning and any(
            self.is_arriving(study) and any(ref in series.frames for series in study.series) for study in studies
        )

    def release(self, studies: "Sequence[Study]") -> tuple[Path, ...]:
        """Take studies off the list. Returns the opened paths of which nothing is left; their problems go with them."""
        closed = {id(study) for study in studies}
        self.patients, self._before = _without(self.patients, closed), _without(self._before, closed)
        roots = self.places.close(s.series_id for study in studies for s in study.series)
        left = [p for p in self.problems if not any(p.path.is_relative_to(root) for root in roots)]
        self.problems = left if self.patients or self.scanning else []
        return roots

    def _take_back(self) -> None:
        """A scan that did not end leaves what was open before, and patients of whom nothing was open."""
        known = {(patient.source, patient.patient_id) for patient in self._before}
        new = [p for p in self.patients if (p.source, p.patient_id) not in known]
        self.patients = self._before + new
        self._session.series_found.emit()

    def _take(self, result: "ScanResult") -> None:
        new = {(patient.source, patient.patient_id) for patient in result.patients}
        self.patients = [p for p in self._before if (p.source, p.patient_id) not in new] + list(result.patients)

    def _on_found_partly(self, stop: threading.Event, result: "ScanResult", painted: Callable[[], None]) -> None:
        if self._job is None or self._job.stop is not stop or stop.is_set() or not result.patients:
            painted()
            return
        self._take(result)
        with self._session.coming_by_itself():
            self._arrivals.show_part(result, painted)
        self._session.series_found.emit()

    def _on_listed(self, paths: list[Path], result: "ScanResult") -> None:
        self._take(result)
        self.problems += [one for one in result.problems if one not in self.problems]
        self.places.take(paths, result)
        self.only_listed = result
        self._session.scan_finished.emit(result)
        self._next()

    def _on_scanned(self, paths: list[Path], result: "ScanResult", began: float) -> None:
        session = self._session
        self._take(result)
        bad = {problem.path for problem in result.problems}
        self.problems = [p for p in self.problems if p.path not in bad] + list(result.problems)
        self._next()
        with session.coming_by_itself():
            session.scan_finished.emit(result)
        session.trace("scan_finished", ms=round((time.perf_counter() - began) * 1000, 1))
        self._say_problems(result)
        if result.patients:
            self.places.remember(paths, result)
            with session.coming_by_itself():
                self._arrivals.show(paths, result)
            if not result.problems:
                self.all_shown.emit()

    def _say_problems(self, result: "ScanResult") -> None:
        problems = result.problems
        if not problems and not result.patients:
            self.tell("warn", "No image was found there. Choose a folder with DICOM, NIfTI, NRRD, PNG, JPEG or TIFF.")
        elif not problems:
            self.superseded.emit()
        else:
            first = problems[0]
            reason = first.reason.replace(str(first.path), first.path.name)
            more = f"{len(problems)} files are not shown. " if len(problems) > 1 else ""
            self.tell("warn", more + reason, len(problems))

    # The open project

    def case_of(self, image_id: str | None) -> str | None:
        """The case of an image, None when it is not in the project."""
        record = self._record_of(image_id)
        return record.case_id if record is not None else None

    def patient_of(self, image_id: str | None) -> str:
        """The patient id that the project has for an image, "" when it has none."""
        record = self._record_of(image_id)
        return record.patient_id if record is not None else ""

    def _record_of(self, image_id: str | None) -> "ImageRecord | None":
        return self._session.at_hand.images.find(image_id)

    def series_with(self, ref: "FrameRef") -> "Series":
        """The opened series that holds a frame, else a series of this frame alone."""
        session = self._session
        shown = [cell.series for cell in session.cells if cell.series is not None]
        for series in (*shown, *self.series_list()):
            if ref in series.frames:
                return series
        return self.single(ref)

    def single(self, ref: "FrameRef") -> "Series":
        """A series of one frame, for an image that no scan of this session found."""
        from viewer.reading.series import Series

        return Series(
            series_id=place_key(ref.path), series_uid="", study_uid="", source=ref.path.parent.name, patient_id="",
            patient_name="", modality="", description=ref.path.name, number="", frames=(ref,), files=1, rows=0, cols=0,
            spacing=None, slice_spacing_mm=None, is_volume=False, warnings=(), frame_of_reference="",
            folder=ref.path.parent,
        )  # fmt: skip


def _without(patients: "Sequence[Patient]", closed: set[int]) -> "list[Patient]":
    """Patients without some of their studies, named by `id`: other scans may have found equal ones."""
    kept = []
    for patient in patients:
        studies = tuple(study for study in patient.studies if id(study) not in closed)
        if studies:
            kept.append(patient if len(studies) == len(patient.studies) else replace(patient, studies=studies))
    return kept


def is_sample(path: Path) -> bool:
    """Whether it is the folder of the sample study, by the solution that lies in it."""
    return (path / "truth.json").is_file()


def without_truth(result: "ScanResult", paths: "Sequence[Path]") -> "ScanResult":
    """The scan without the sample study's own solution: the masks that lie beside its films."""
    solutions = {(path / "masks").resolve() for path in paths if is_sample(path)}
    if not solutions:
        return result
    patients = []
    for patient in result.patients:
        studies = [
            replace(study, series=tuple(s for s in study.series if s.folder.resolve() not in solutions))
            for study in patient.studies
        ]
        kept = tuple(study for study in studies if study.series)
        if kept:
            patients.append(replace(patient, studies=kept))
    return replace(result, patients=tuple(patients))
