"""A report that was asked for is told of when it is done, wherever the person is by then, and opens from there."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QPushButton
from pytestqt.qtbot import QtBot

from ml.report_job import REPORT_FOLDER
from tests.ui.hand import NONE, press
from tests.ui.test_run_report import SAID, finished_run, judged, looked
from tests.waiting import handled, settled
from viewer.jobs import reports
from viewer.ui.dialogs.run_report import RunReportDialog
from viewer.ui.window.main_window import MainWindow

KEYS = {"read": Qt.Key.Key_F5, "annotate": Qt.Key.Key_F6, "train": Qt.Key.Key_F7, "review": Qt.Key.Key_F8}


@pytest.fixture
def asked(window: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> Path:
    """The folder of a finished run whose report was asked for in Train, from the menu."""
    monkeypatch.setattr("viewer.jobs.queue.start_next", lambda folder: None)
    monkeypatch.setattr(reports, "require_torch", lambda: None)
    assert window.session.project is not None
    folder = finished_run(window.session.project.folder)
    window.enter("train")
    looked(qtbot, window.session)
    qtbot.waitUntil(lambda: window.book.may_run("train.evaluate"))
    window.book.run("train.evaluate")
    qtbot.waitUntil(lambda: window.session.situation().has("report_active"))
    return folder


def link(window: MainWindow) -> QPushButton | None:
    """The banner's button for the report, where it is seen."""
    buttons = window.banner.findChildren(QPushButton)
    return next((one for one in buttons if one.text() == "Open the report" and one.isVisible()), None)


def reports_open(window: MainWindow) -> list[RunReportDialog]:
    return [one for one in window.findChildren(RunReportDialog) if one.isVisible()]


@pytest.mark.parametrize("space", KEYS)
def test_it_is_said_in_every_work_space_and_opens_from_there(
    window: MainWindow, asked: Path, qtbot: QtBot, space: str
) -> None:
    press(window, KEYS[space], NONE)
    handled()
    judged(asked)
    looked(qtbot, window.session)

    qtbot.waitUntil(lambda: link(window) is not None)
    assert window.banner.sentence == f"The report of Squares · {asked.name[-4:]} is done: {SAID}."
    settled(window.session)
    assert reports_open(window) == [], "it would lie over what the person reads meanwhile"
    button = link(window)
    assert button is not None

    QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    (dialog,) = reports_open(window)
    assert window.banner.sentence == ""
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert link(window) is None and window.banner.sentence == "", "it was read"


def test_it_opens_over_no_dialog(window: MainWindow, asked: Path, qtbot: QtBot) -> None:
    dialog = QDialog(window)
    dialog.open()

    judged(asked)
    looked(qtbot, window.session)

    qtbot.waitUntil(lambda: link(window) is not None)
    assert reports_open(window) == []
    dialog.close()


def test_one_that_was_not_made_says_why(window: MainWindow, asked: Path, qtbot: QtBot) -> None:
    press(window, KEYS["annotate"], NONE)
    judged(asked, "failed", error="The disk is full; make room and evaluate again.", kind="NotWritable")
    looked(qtbot, window.session)

    qtbot.waitUntil(lambda: "was not made: The disk is full" in window.banner.sentence)
    assert link(window) is None and reports_open(window) == []


def test_one_that_was_there_already_is_not_told_of(window: MainWindow, asked: Path, qtbot: QtBot) -> None:
    judged(asked)
    looked(qtbot, window.session)
    qtbot.waitUntil(lambda: link(window) is not None)
    for dialog in reports_open(window):
        dialog.close()
    window.banner.hide()

    (asked / REPORT_FOLDER / "events.jsonl").touch()
    looked(qtbot, window.session)
    looked(qtbot, window.session)

    assert window.banner.sentence == "" and reports_open(window) == []
