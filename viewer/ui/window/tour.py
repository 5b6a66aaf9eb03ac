"""Pictures of the real window at each step of the main job, taken by running its own commands."""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication

from viewer.core.shapes.annotations import CaseStatus
from viewer.core.text.nameless import Word
from viewer.reading.phantom.truth import CLEAR

if TYPE_CHECKING:
    from viewer.project.project import Project
    from viewer.ui.window.main_window import MainWindow

T = TypeVar("T")
log = logging.getLogger(__name__)
WAIT_S = 20.0
HEATMAP_WAIT_S = 90.0  # a cold child loads torch
DIALOG_S = 1.5  # a dialog reads snapshots and models first
QUIET_S = 0.8  # thumbnails and plots come a little after what they belong to


class Tour:
    """Walks a window through a project and keeps a picture of each stop."""

    def __init__(self, window: "MainWindow", place: Path) -> None:
        self.window, self.session = window, window.session
        self.place = place
        self.pictures: list[tuple[str, str]] = []

    def reading(self, study: Path) -> None:
        """A CT series in the lung window, half way through."""
        self.session.open_paths([study])
        # A case of the project may be shown before the scan is through; that is not what is waited for.
        if not self.wait(lambda: self.session.shown is not None and study in self.session.shown.ref.path.parents):
            return
        cell, shown = self.session.active_cell, self.session.shown
        assert cell is not None and shown is not None and shown.series is not None
        self.window.enter("read")
        cell.go(len(shown.series.frames) // 2)
        self.window.book.run("image.preset_2")
        self.snap("reading.png", "Read: a CT series of the phantom in the lung window")

    def annotating(self) -> None:
        """A complete case with a box on it."""
        project = self.session.project
        assert project is not None
        self.window.enter("annotate")
        case_id = self._read(lambda: _complete_with_box(project))
        if case_id:
            self.open_case(case_id)
        self.snap("annotating.png", "Annotate: boxes, lung masks and whole-image labels of a complete case")

    def _read(self, question: Callable[[], T]) -> T:
        """What the database answers; the tour may wait for it, the window goes on."""
        future = self.session.worker.start_read(question)
        self.wait(future.done)
        answer: T = future.result()
        return answer

    def dataset(self) -> None:
        """The dialog that splits by patient."""
        self.window.enter("train")
        self.snap_dialog("dataset.snapshot", "dataset.png", "Dataset: counts per label and patient, split by patient")

    def training(self) -> None:
        """Runs with their curves, and the dialog that starts one."""
        self.window.enter("train")
        watch = self.session.jobs
        watch.look()
        project = self.session.project
        assert project is not None
        if any((project.folder / "runs").glob("*/config.json")) and self.wait(lambda: bool(watch.runs)):
            watch.select(watch.runs[-1].run_id)
        self.snap("training.png", "Train: the runs of this project, with curves, device and log")
        self.snap_dialog("train.new", "train_dialog.png", "Train: what a run is asked to do, and from where it starts")

    def reviewing(self, film: Path) -> None:
        """Proposals on a film, with the heatmap beside the plain image."""
        project = self.session.project
        assert project is not None
        self.window.enter("review")
        found = self._read(lambda: project.images.find(path=film))
        records = list(found) if isinstance(found, list | tuple) else [found]
        self.open_case(records[0].case_id)
        self.snap("review.png", "Review: what the models propose; accepted, corrected or rejected by key")
        review = self.session.review
        self.wait(lambda: bool(review.asking.models))
        chosen = next((m for m in review.asking.models if m.rule.is_of_image), None)
        if chosen is None:
            return
        review.asking.choose_model(chosen)
        review.heat_label = next((label for label in chosen.labels if label != CLEAR), chosen.labels[0])
        self.window.book.run("review.heatmap")
        if self.wait(lambda: review.heat is not None, HEATMAP_WAIT_S):
            self.snap("heatmap.png", "Review: Grad-CAM beside the plain film, its maximum unscaled in logits")

    def welcome(self) -> None:
        """The first page, with what was just opened."""
        self.window.show_welcome()
        self.snap("welcome.png", "Welcome: recent studies and projects, and the sample")

    # How

    def open_case(self, case_id: str) -> None:
        """Show a case and wait until it is there."""
        self.session.open_case(case_id)
        self.wait(lambda: self.session.shown is not None and self.session.shown.case_id == case_id)

    def wait(self, until: Callable[[], bool], timeout_s: float = WAIT_S) -> bool:
        """Let the window live until something holds; False when it does not in time."""
        end = time.monotonic() + timeout_s
        while not until():
            if time.monotonic() > end:
                log.warning("A picture was not ready within %.0f s", timeout_s)
                return False
            _live_for(0.02)
        return True

    def snap(self, name: str, text: str) -> None:
        """Keep a picture of the window, with the dialog over it when there is one."""
        _live_for(QUIET_S)
        picture = self.window.grab()
        dialog = QApplication.activeModalWidget()
        if dialog is not None:
            corner = dialog.mapToGlobal(QPoint(0, 0)) - self.window.mapToGlobal(QPoint(0, 0))
            painter = QPainter(picture)
            painter.drawPixmap(corner, dialog.grab())
            painter.end()
        if picture.save(str(self.place / name)):
            self.pictures.append((name, text))

    def snap_dialog(self, command: str, name: str, text: str) -> None:
        """Run a command that asks, keep a picture of what it asks, and answer no."""

        def look() -> None:
            dialog = QApplication.activeModalWidget()
            if dialog is None:
                log.warning("The command %s showed no dialog", Word(command))
                return
            # Without a window manager a dialog is put into the corner of the screen.
            dialog.move(self.window.mapToGlobal(self.window.rect().center()) - dialog.rect().center())
            _live_for(DIALOG_S)
            self.snap(name, text)
            dialog.close()

        QTimer.singleShot(600, self.window, look)
        self.window.book.run(command)


def take_pictures(window: "MainWindow", study: Path, film: Path, place: Path) -> list[tuple[str, str]]:
    """Walk a window whose project is being opened through the main job; returns (file name in `place`, caption).

    study: a folder with a CT series. film: an image of the project with proposals. Closes the window at its end.
    """
    place.mkdir(parents=True, exist_ok=True)
    window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    tour = Tour(window, place)
    try:
        if tour.wait(lambda: window.session.project is not None):
            _live_for(QUIET_S)
            tour.reading(study)
            tour.annotating()
            tour.dataset()
            tour.training()
            tour.reviewing(film)
        tour.welcome()
    finally:
        window.close()
    return tour.pictures


def _live_for(seconds: float) -> None:
    """Let events come and go."""
    app = QApplication.instance()
    assert app is not None
    end = time.monotonic() + seconds
    while True:
        app.processEvents()
        if time.monotonic() >= end:
            return
        time.sleep(0.005)


def _complete_with_box(project: "Project") -> str:
    """A complete case on which a box is drawn, "" where there is none."""
    for row in project.cases.all(CaseStatus.COMPLETE):
        for record in project.images.by_case(row.case_id):
            drawn = [one.shape for one in project.work.annotations(record.image_id)]
            if any(not shape.tells_pixels and shape.as_box() is not None for shape in drawn):
                return row.case_id
    return ""
