"""The folds of a training are reviewed with as one model, which is named plainly and says why it has no heatmap."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.jobs.test_folds_as_one import project as project  # a fixture
from tests.jobs.test_folds_as_one import trained as trained  # two folds beside a test part
from tests.ui.test_run_page import card, page_of
from tests.waiting import settled
from viewer.jobs.runs import list_runs
from viewer.project.project import Project
from viewer.ui.dialogs.train import TrainDialog
from viewer.ui.flows.heat_state import HeatState
from viewer.ui.run_page.folds import FoldsCard
from viewer.ui.window.main_window import MainWindow


@pytest.fixture
def two(window: MainWindow, project: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> FoldsCard:
    """The card of two folds that have finished, in Train."""
    monkeypatch.setattr("viewer.jobs.queue.start_next", lambda folder: None)
    window.resize(1500, 950)
    window.session.open_project(Project.open(project, writable=True, author="tester"))
    window.enter("train")
    window.session.jobs.select(list_runs(project)[0].run_id)
    return card(page_of(window, qtbot), FoldsCard)


def test_a_button_keeps_the_folds_and_asks_them_from_now_on(
    window: MainWindow, two: FoldsCard, project: Path, qtbot: QtBot
) -> None:
    assert two.review.isVisible()
    QTest.mouseClick(two.review, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.session.workspace == "review")
    settled(window.session)

    model = window.session.review.asking.model
    assert model is not None and model.networks == 2 and model.folder.parent == project / "models"
    assert model.title == f"square, 2 folds as one · {model.folder.name[-4:]}"
    assert model.detail == "Classification · kept model · mean of 2 networks" and "mean of 2 folds" in model.metric
    words = HeatState(window.session, window.session.review).words
    assert words == (
        "No heatmap: several networks have no layer in common to read a map from; ask the model of one fold."
    )


def test_it_is_no_start_of_a_training(window: MainWindow, two: FoldsCard, qtbot: QtBot) -> None:
    QTest.mouseClick(two.review, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.session.workspace == "review")
    settled(window.session)
    dialog = TrainDialog(window.session, kind="classification", parent=window)
    qtbot.addWidget(dialog)
    settled(window.session)
    dialog.fields.model.setCurrentIndex(dialog.fields.model.findData("simple_cnn"))
    starts = [dialog.fields.start_from.itemText(place) for place in range(dialog.fields.start_from.count())]
    assert sum(words.startswith("square fold") for words in starts) == 2
    assert not any("as one" in words for words in starts)
