"""Opening: scanning files and folders in the background, projects, and putting shown frames into the project."""

import datetime as dt
import json
import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from viewer.core.edits import AnnotationChange, Edit, ImageLabelChange, MaskPatch, MeasurementChange
from viewer.core.errors import BadFile, BadRequest, NotFound
from viewer.ui.settings import Recent

if TYPE_CHECKING:
    from viewer.project.project import Project
    from viewer.reading.scan import Patient, Problem, ScanResult
    from viewer.reading.series import FrameRef, Series
    from viewer.ui.session import Session, ShownImage
    from viewer.ui.worker import Job

log = logging.getLogger(__name__)
OBJECTS = ("SEG", "PR", "KO", "RTDOSE")  # made from images, not taken of a person
PROJECT_FILE = "project.db"
_CASE_WORK = (AnnotationChange, MaskPatch, ImageLabelChange)
_WORK = (*_CASE_WORK, MeasurementChange)


class Opening(QObject):
    """What was opened in this session."""

    def __init__(self, session: "Session") -> None:
        super().__init__(session)
        self._session = session
        self._job: Job | None = None
        self._queue: list[list[Path]] = []
        self._roots: dict[str, str] = {}
        self.patients: list[Patient] = []
        self.problems: list[Problem] = []
        session.project_opened.connect(self._on_cases_changed)

    @property
    def scanning(self) -> bool:
        """Whether a scan runs."""
        return self._job is not None

    def series_list(self) -> "list[Series]":
        """Every series found, in the order of the tree."""
        return [series for patient in self.patients for study in patient.studies for series in study.series]

    def open_paths(self, paths: list[Path]) -> None:
        """Scan paths in the background; a folder that holds a project opens as one."""
        folders = [path for path in paths if (path / PROJECT_FILE).is_file()]
        for folder in folders[:1]:
            self.open_project_folder(folder)
        rest = [path for path in paths if path not in folders]
        if not rest:
            return
        if self._job is not None:
            self._queue.append(rest)
            return
        self._scan(rest)

    def _scan(self, paths: list[Path]) -> None:
        # The event exists before the thread that asks it: the scan may begin before `run_in_background` returns.
        session, told, stop = self._session, [0.0], threading.Event()

        def progress(done: int, total: int) -> None:
            if time.monotonic() - told[0] > 0.05 or done == total:
                told[0] = time.monotonic()
                session.scan_progressed.emit(done, total)

        def work() -> "ScanResult":
            from viewer.reading.scan import scan

            return without_truth(scan(paths, progress=progress, cancelled=stop.is_set), paths)

        began = time.perf_counter()
        job = session.run_in_background(work, lambda result: self._on_scanned(paths, result, began), self._on_failed)
        job.stop = stop
        job.cancelled = self._on_cancelled
        self._job = job
        session.scan_progressed.emit(0, 0)
        session.tell_situation()

    def cancel(self) -> None:
        """Stop the scan; what was open stays."""
        self._queue.clear()
        if self._job is not None:
            self._job.cancel()

    def _next(self) -> None:
        self._job = None
        if self._queue:
            self._scan(self._queue.pop(0))
        self._session.tell_situation()

    def _on_cancelled(self) -> None:
        self._next()
        self._session.scan_progressed.emit(0, -1)
        self._session.announced.emit("info", "Opening was stopped. What was open before is still there.")

    def _on_failed(self, error: Exception) -> None:
        self._next()
        self._session.scan_progressed.emit(0, -1)
        self._session.announce_failure(error)

    def _on_scanned(self, paths: list[Path], result: "ScanResult", began: float) -> None:
        session = self._session
        new = {(patient.source, patient.patient_id) for patient in result.patients}
        self.patients = [p for p in self.patients if (p.source, p.patient_id) not in new] + list(result.patients)
        bad = {problem.path for problem in result.problems}
        self.problems = [p for p in self.problems if p.path not in bad] + list(result.problems)
        self._next()
        session.scan_finished.emit(result)
        session.trace("scan_finished", ms=round((time.perf_counter() - began) * 1000, 1))
        self._say_problems(result)
        if result.patients:
            for series in (s for p in result.patients for study in p.studies for s in study.series):
                self._roots[series.series_id] = str(paths[0])
            self._remember(paths, result)
            self._show_first(paths, result)

    def _say_problems(self, result: "ScanResult") -> None:
        problems = result.problems
        if not problems and not result.patients:
            self._session.announced.emit(
                "warn", "No image was found there. Choose a folder with DICOM, PNG, JPEG or TIFF."
            )
        elif problems:
            first = problems[0]
            reason = first.reason.replace(str(first.path), first.path.name)
            more = f"{len(problems)} files are not shown. " if len(problems) > 1 else ""
            self._session.announced.emit("warn", more + reason)

    def _show_first(self, paths: list[Path], result: "ScanResult") -> None:
        session = self._session
        place = self._place(paths[0])
        every = [s for p in result.patients for study in p.studies for s in study.series]
        again = next((s for s in every if s.series_id == place.get("series")), None)
        if again is not None and session.active_cell is not None:
            session.active_cell.show_series(again, min(int(place.get("index", 0)), len(again.frames) - 1))
            session.series_opened.emit(again)
            return
        first = result.patients[0].studies[0]
        films = [s for s in first.series if len(s.frames) == 1]
        if 2 <= len(first.series) <= 4 and len(films) == len(first.series):
            for cell, series in zip(session.arrange_views(len(films)), films):
                cell.show_series(series)
            session.series_opened.emit(films[0])
            return
        session.arrange_views(1)
        session.open_series(largest(first.series))

    def _place(self, path: Path) -> dict[str, str]:
        try:
            found = json.loads(self._session.settings.word(f"place/{_key(path)}", "{}"))
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def keep_place(self, series_id: str, index: int) -> None:
        """Remember where in an opened folder the person was."""
        root = self._roots.get(series_id)
        if root is not None:
            place = json.dumps({"series": series_id, "index": index})
            self._session.settings.set_word(f"place/{_key(Path(root))}", place)

    def _remember(self, paths: list[Path], result: "ScanResult") -> None:
        patient = result.patients[0]
        series = largest(patient.studies[0].series)
        images = sum(len(s.frames) for p in result.patients for study in p.studies for s in study.series)
        words = " ".join(part for part in (series.modality, patient.studies[0].description.strip()) if part)
        title = patient.patient_id or patient.patient_name or paths[0].name
        more = len(result.patients) - 1
        entry = Recent(
            path=str(paths[0].absolute()),
            kind="study",
            title=title if not more else paths[0].name,
            detail=f"{words} · {images} image{'s' if images != 1 else ''}"
            + (f" · {more + 1} patients" if more else ""),
            opened=dt.datetime.now().isoformat(timespec="seconds"),
            thumbnail=f"{_key(paths[0])}.png",
        )
        self._session.settings.add_recent(entry)
        self._keep_picture(series, entry)

    def _keep_picture(self, series: "Series", entry: Recent) -> None:
        """Draw the film that hangs from the rail; without one its place stays empty."""
        target = self._session.settings.folder / "thumbnails" / entry.thumbnail

        def work() -> None:
            from viewer.ui.views_thumbnails import series_picture

            target.parent.mkdir(parents=True, exist_ok=True)
            beside = target.with_suffix(".part.png")
            if series_picture(series).save(str(beside)):
                beside.replace(target)

        self._session.run_in_background(work, lambda _: None, lambda error: log.info("No picture was kept: %s", error))

    # Projects

    def open_project_folder(self, folder: Path, *, create: bool = False, case_unit: str = "film") -> None:
        """Open (or make) a project in the background; read-only when another window writes to it."""
        session = self._session

        def work() -> "tuple[Project, str]":
            from viewer.core.errors import NotWritable
            from viewer.project.project import Project

            if create:
                return Project.create(folder, name=folder.name, case_unit=case_unit, author=session.author), ""
            try:
                return Project.open(folder, writable=True), ""
            except NotWritable as error:
                return Project.open(folder, writable=False), f"{error} It is open for reading only."

        session.run_in_background(work, self._on_project_asked_for, session.announce_failure)

    def open_personal_project(self) -> None:
        """Open the project that work goes into when none is open."""
        session = self._session

        def work() -> "tuple[Project, str]":
            from viewer.core.errors import NotWritable
            from viewer.project.project import Project
            from viewer.project.register import personal_folder, personal_project

            try:
                return personal_project(), ""
            except NotWritable as error:
                return Project.open(personal_folder(), writable=False), f"{error} It is open for reading only."

        def done(found: "tuple[Project, str]") -> None:
            if session.project is None:
                self._on_project(found)
            else:
                found[0].close()

        session.run_in_background(work, done, session.announce_failure)

    def _on_project(self, found: "tuple[Project, str]") -> None:
        project, sentence = found
        self._session.open_project(project)
        if sentence:
            self._session.announced.emit("warn", sentence)

    def _on_project_asked_for(self, found: "tuple[Project, str]") -> None:
        self._on_project(found)
        project, _ = found
        self._hang(project)
        self._session.project_entered.emit()
        if project.cases.all():
            self._session.cases.restore_place()

    def _hang(self, project: "Project") -> None:
        """Hang a project on the welcome page's rail, with as many cases as it has now."""
        total = len(project.cases.all())
        self._session.settings.add_recent(
            Recent(
                path=str(project.folder.absolute()), kind="project", title=project.name or project.folder.name,
                detail=f"{total} case{'s' if total != 1 else ''}", opened=dt.datetime.now().isoformat("T", "seconds"),
            )
        )  # fmt: skip

    def _on_cases_changed(self, project: "Project") -> None:
        if any(row.path == str(project.folder.absolute()) for row in self._session.settings.recent):
            self._hang(project)

    def case_of(self, image_id: str | None) -> str | None:
        """The case of an image, None when it is not in the project."""
        project = self._session.project
        if project is None or image_id is None:
            return None
        try:
            return project.images.get(image_id).case_id
        except NotFound:
            return None

    def prepare(self, edit: Edit, shown: "ShownImage | None") -> Edit:
        """What must be there before an edit, on the writer thread: the image in the project, its case begun."""
        project = self._session.project
        if project is None or edit.image_id is None or not any(isinstance(c, _WORK) for c in edit.changes):
            return edit
        from viewer.project.edit_builders import with_case_started

        if shown is not None and shown.image_id == edit.image_id and shown.case_id is None:
            self.register([shown.ref])
        if not any(isinstance(change, _CASE_WORK) for change in edit.changes):
            return edit
        return with_case_started(edit, project.cases.get(project.images.get(edit.image_id).case_id))

    def register(self, refs: "Sequence[FrameRef]") -> list[str]:
        """Put frames into the project and return their ids. Reads pixels: call it on a worker thread."""
        from viewer.project.register import FrameToAdd, add_frames

        project = self._session.project
        if project is None:
            raise BadRequest("The project is still being opened; try again in a moment.")
        wanted = []
        for ref in refs:
            series = self.series_with(ref)
            wanted.append(
                FrameToAdd(
                    ref=ref, source=series.source, patient_id=series.patient_id, study_uid=series.study_uid,
                    series_id=series.series_id, modality=series.modality,
                )
            )  # fmt: skip
        ids, problems = add_frames(project, wanted)
        if problems:
            raise BadFile(problems[0].reason)
        return ids

    def add_to_project(self) -> None:
        """Put everything that was opened into the project, in the background."""
        session, project = self._session, self._session.project
        if project is None:
            return
        everything = self.series_list()

        def work() -> tuple[int, int]:
            from viewer.project.register import add_frames, copy_personal_work, frames_of

            ids, problems = add_frames(
                project, frames_of(everything), progress=session.scan_progressed.emit, cancelled=session.worker.closing
            )
            copy_personal_work(project, ids)
            return len(ids), len(problems)

        def done(counts: tuple[int, int]) -> None:
            session.scan_progressed.emit(0, -1)
            added, bad = counts
            words = f" {bad} could not be read and stay out." if bad else ""
            session.announced.emit("warn" if bad else "info", f"{added} images are in {project.name}.{words}")
            session.project_changed()

        def failed(error: Exception) -> None:
            session.scan_progressed.emit(0, -1)
            session.announce_failure(error)

        session.run_in_background(work, done, failed)

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
            series_id=_key(ref.path), series_uid="", study_uid="", source=ref.path.parent.name, patient_id="",
            patient_name="", modality="", description=ref.path.name, number="", frames=(ref,), files=1, rows=0, cols=0,
            spacing=None, slice_spacing_mm=None, is_volume=False, warnings=(), frame_of_reference="",
            folder=ref.path.parent,
        )  # fmt: skip


def largest(every: "Sequence[Series]") -> "Series":
    """The series that a person most likely wants to see first: pictures before objects, volumes before single images,
    then the most images, then the lowest number."""
    return max(every, key=lambda s: (s.modality not in OBJECTS, s.is_volume, len(s.frames), -series_number(s)))


def without_truth(result: "ScanResult", paths: "Sequence[Path]") -> "ScanResult":
    """The scan without the sample study's own solution: the masks that lie beside its films."""
    solutions = {(path / "masks").resolve() for path in paths if (path / "truth.json").is_file()}
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


def series_number(series: "Series") -> int:
    """The Series Number as a number; 0 where it is none."""
    return int(series.number) if series.number.strip().lstrip("-").isdigit() else 0


def _key(path: Path) -> str:
    import hashlib

    return hashlib.sha256(str(path.absolute()).encode()).hexdigest()[:16]
