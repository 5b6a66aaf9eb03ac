"""A finished run is evaluated from the window: asked for, watched, refused in a sentence, opened."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from ml.card import write_json
from ml.evaluation.page import report_body
from ml.events import append_event
from ml.recipe import default_recipe
from ml.report_job import REPORT_FOLDER
from tests.waiting import handled
from viewer.jobs import reports
from viewer.jobs.queue import enqueue
from viewer.jobs.runs import RunStatus, read_run
from viewer.ui.dialogs.run_report import RunReportDialog
from viewer.ui.flows.desk import Desk
from viewer.ui.panels.jobs import JobsPanel
from viewer.ui.panels.runs import RunsPanel
from viewer.ui.run_page.page import RunPage
from viewer.ui.run_page.report import ReportCard
from viewer.ui.window.main_window import MainWindow

FIGURE = {"value": 0.91, "low": 0.85, "high": 0.96, "method": "patient bootstrap", "why": ""}
DOCUMENT = {
    "task": "Squares <b>of</b> all", "kind": "detection", "labels": ["Square"], "model": "center_point",
    "runs": ["r1"], "model_hashes": ["h"], "snapshot": "s" * 64, "part": "test", "cases": 40, "patients": 20,
    "primary": "f1", "decides": "f1", "interval": "95% patient bootstrap, 2000 draws", "sentence": "It beats mean box.",
    "notes": ["The answer: each box whose score is at least 0.3."], "seen": {"mark": ""},
    "answers": {"model": {"f1": FIGURE, "recall": {**FIGURE, "low": 0.7, "method": "exact binomial"}},
                "mean box": {"f1": {**FIGURE, "value": 0.2}, "recall": FIGURE}},
}  # fmt: skip
SAID = "F1 0.910 (0.850 to 0.960) on the test part: 40 cases of 20 patients"


@pytest.fixture
def finished(session: Desk, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A finished run that nobody has judged; nothing is started."""
    monkeypatch.setattr("viewer.jobs.queue.start_next", lambda folder: None)
    monkeypatch.setattr(reports, "require_torch", lambda: None)
    assert session.project is not None
    return finished_run(session.project.folder)


def finished_run(project: Path) -> Path:
    recipe = default_recipe(task="Squares", kind="detection", labels=("Square",), model="center_point", epochs=2)
    folder = enqueue(project, recipe)
    append_event(folder, "started", device="cpu", precision="fp32", threads=2, steps_per_epoch=4, epochs=2, epoch=0,
                 metric="map50", images={"train": 9, "val": 12}, patients={"train": 5, "val": 6})  # fmt: skip
    append_event(folder, "epoch", epoch=0, train_loss=1.4, val_loss=1.2, metrics={"map50": 0.4}, best=True, seconds=9)
    append_event(folder, "finished", best_epoch=0, metrics={"map50": 0.4}, model_hash="a" * 64)
    return folder


def judged(folder: Path, event: str = "finished", **facts: Any) -> None:
    """What a report's job leaves."""
    report = folder / REPORT_FOLDER
    report.mkdir(exist_ok=True)
    write_json(report / "config.json", {"report": {"part": "test", "seen_anyway": False}})
    if event == "finished":
        write_json(report / "figures.json", DOCUMENT)
        facts = {"said": SAID, "model_hash": "h", **facts}
    append_event(report, event, **facts)


@pytest.fixture
def panel(qtbot: QtBot, session: Desk, finished: Path) -> ReportCard:
    """Where a run's page says how it is on its test part."""
    made = RunPage(session)
    qtbot.addWidget(made)
    made.resize(600, 900)
    made.show()
    looked(qtbot, session)
    card = made.cards["report"]
    assert isinstance(card, ReportCard)
    return card


def looked(qtbot: QtBot, session: Desk) -> None:
    """The watch has read the run folders as they are now."""
    watch = session.jobs
    qtbot.waitUntil(lambda: watch._reading is None)
    watch.look()
    qtbot.waitUntil(lambda: watch._reading is None and bool(watch.runs))


def press(qtbot: QtBot, button: Any) -> None:
    assert button.isVisible() and button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_finished_run_is_evaluated_and_the_report_can_be_stopped(
    qtbot: QtBot, session: Desk, finished: Path, panel: ReportCard
) -> None:
    press(qtbot, panel.report.evaluate)
    qtbot.waitUntil(panel.report.cancel.isVisible)

    assert (finished / REPORT_FOLDER / "config.json").is_file()
    assert "waits" in panel.report.words.text() and not panel.report.evaluate.isVisible()

    press(qtbot, panel.report.cancel)
    qtbot.waitUntil(panel.report.evaluate.isVisible)
    report = read_run(finished).report
    assert report is not None and report.state is RunStatus.CANCELLED
    assert panel.report.evaluate.text() == "Evaluate again"


def test_a_report_that_works_says_what_it_does_and_how_far(
    qtbot: QtBot, session: Desk, finished: Path, panel: ReportCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("viewer.jobs.runs.is_alive", lambda folder: folder.name == REPORT_FOLDER)
    judged(finished, "starting", resume=False)
    judged(finished, "judging", what="judging the cases", done=16, total=40)
    looked(qtbot, session)

    qtbot.waitUntil(panel.report.bar.isVisible)
    assert panel.report.words.text() == "Judging the cases, 16 of 40."
    assert (panel.report.bar.value(), panel.report.bar.maximum()) == (16, 40)


@pytest.mark.parametrize(("kind", "anyway"), [("SeenInTraining", True), ("BadRequest", False)])
def test_a_refusal_stands_whole_in_the_panel_and_in_the_row(
    qtbot: QtBot, session: Desk, finished: Path, panel: ReportCard, kind: str, anyway: bool
) -> None:
    why = "Of the 40 images of the test part, the run was trained on 40."
    judged(finished, "failed", error=why, kind=kind)
    rows = RunsPanel(session)
    qtbot.addWidget(rows)
    looked(qtbot, session)

    qtbot.waitUntil(panel.report.refusal.isVisible)
    assert panel.report.refusal_words.text() == why
    assert why in rows.list.model().index(0, 0).data()
    assert panel.report.anyway.isVisible() is anyway
    if anyway:
        press(qtbot, panel.report.anyway)
        qtbot.waitUntil(panel.report.cancel.isVisible)
        assert '"seen_anyway": true' in (finished / REPORT_FOLDER / "config.json").read_text()


def test_a_run_that_was_judged_shows_its_figure_at_once_and_opens_its_report(
    qtbot: QtBot, session: Desk, finished: Path, panel: ReportCard
) -> None:
    judged(finished)
    looked(qtbot, session)
    qtbot.waitUntil(panel.report.open.isVisible)
    assert panel.report.words.text() == f"{SAID}."

    press(qtbot, panel.report.open)
    dialog = panel.window().findChild(RunReportDialog)
    assert isinstance(dialog, RunReportDialog)
    qtbot.waitUntil(lambda: bool(dialog.page.toPlainText()))

    words = dialog.page.toPlainText()
    assert SAID in words and "0.910 (0.700 to 0.960, exact binomial)" in words and "mean box" in words
    assert "95% patient bootstrap, 2000 draws" in words and "It beats mean box." in words
    assert "Squares <b>of</b> all" in words, "a name is text"
    dialog.close()


def test_figures_that_cannot_be_read_are_said_in_the_dialog(
    qtbot: QtBot, session: Desk, finished: Path, panel: ReportCard
) -> None:
    judged(finished)
    (finished / REPORT_FOLDER / "figures.json").write_text("{}")
    dialog = RunReportDialog(session, read_run(finished))
    qtbot.addWidget(dialog)
    dialog.show()

    qtbot.waitUntil(dialog.problem.isVisible)
    assert "figures.json" in dialog.problem.text() and "evaluate the run again" in dialog.problem.text()
    assert not dialog.copy.isEnabled()


@pytest.mark.parametrize(
    ("judge", "may"),
    [
        (lambda _: None, {"train.evaluate", "train.review"}),
        (judged, {"train.report", "train.review"}),
        (lambda folder: judged(folder, "failed", error="no", kind="X"), {"train.evaluate", "train.review"}),
    ],
)
def test_the_row_s_menu_and_the_commands_offer_what_can_be_done(
    qtbot: QtBot, window: MainWindow, project_folder: Path, monkeypatch: pytest.MonkeyPatch,
    judge: Callable[[Path], None], may: set[str],
) -> None:  # fmt: skip
    from viewer.project.project import Project

    monkeypatch.setattr("viewer.jobs.queue.start_next", lambda folder: None)
    window.session.open_project(Project.open(project_folder, writable=True, author="tester"))
    folder = finished_run(project_folder)
    judge(folder)
    window.enter("train")
    looked(qtbot, window.session)
    qtbot.waitUntil(lambda: window.session.situation().has("run_finished"))
    names = ("train.evaluate", "train.report", "train.review", "train.cancel", "train.resume")

    assert {name for name in names if window.book.may_run(name)} == may
    rows = window.findChild(RunsPanel)
    assert isinstance(rows, RunsPanel)
    shown: list[QAction] = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, _: shown.extend(menu.actions()))
    with qtbot.waitSignal(rows.menu_asked):
        point = rows.list.visualRect(rows.list.model().index(0, 0)).center()
        there = rows.list.viewport().mapToGlobal(point)
        asks = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, there)
        QApplication.sendEvent(rows.list.viewport(), asks)
    assert {one.objectName() for one in shown if one.isEnabled() and not one.isSeparator()} & {*names} == may


def test_the_page_of_a_report_holds_no_tag_of_a_name() -> None:
    evil = "<img src=x onerror=alert(1)>"
    body = report_body(DOCUMENT | {"task": evil, "sentence": evil, "notes": [evil], "runs": [evil], "model": evil})

    assert "<img" not in body and body.count("&lt;img") == 5


def test_the_menu_comes_for_the_row_under_the_mouse(qtbot: QtBot, session: Desk, finished: Path) -> None:
    rows = RunsPanel(session)
    qtbot.addWidget(rows)
    rows.resize(300, 300)
    rows.show()
    looked(qtbot, session)
    asked: list[QPoint] = []
    rows.menu_asked.connect(asked.append)

    rows.list.customContextMenuRequested.emit(QPoint(10, 280))
    assert asked == [], "below the last row there is none"


@pytest.mark.parametrize("name", ["report", "run"])
def test_what_scrolls_does_not_move_when_the_pressed_button_goes(
    qtbot: QtBot, session: Desk, finished: Path, panel: ReportCard, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    if name == "run":
        monkeypatch.setattr("viewer.jobs.runs.is_alive", lambda folder: folder.name != REPORT_FOLDER)
        append_event(finished, "starting", resume=True)
    jobs = JobsPanel(session)
    qtbot.addWidget(jobs)
    seen: QWidget = panel.window() if name == "report" else jobs
    seen.resize(380, 200)
    seen.show()
    seen.activateWindow()
    qtbot.waitUntil(seen.isActiveWindow)
    looked(qtbot, session)
    scroll = seen.findChild(QScrollArea)
    assert isinstance(scroll, QScrollArea)
    qtbot.waitUntil(lambda: scroll.verticalScrollBar().maximum() > 50)
    button = panel.report.evaluate if name == "report" else jobs.cancel
    qtbot.waitUntil(button.isVisible)
    button.setFocus()
    handled()
    before = scroll.verticalScrollBar().value()

    button.click()
    if name == "run":
        qtbot.waitUntil((finished / "control.json").is_file)
        append_event(finished, "cancelled")
    looked(qtbot, session)
    qtbot.waitUntil(lambda: not button.isVisible())
    handled()

    assert scroll.verticalScrollBar().value() == before
    assert seen.focusWidget() is not jobs.log
