"""A run is named, tagged and noted in the window, deleted after what hangs on it was said, and cloned with changes."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ml.card import write_json
from tests.ui.test_run_report import finished_run, looked
from tests.waiting import is_shut, settled
from viewer.jobs.run_marks import MARKS_FILE, change_marks, read_marks
from viewer.jobs.runs import list_runs
from viewer.ui.dialogs.delete_runs import DeleteRunsDialog
from viewer.ui.dialogs.run_marks import RunMarksDialog, TagsOfRunsDialog
from viewer.ui.flows.desk import Desk
from viewer.ui.panels.runs import RunsPanel
from viewer.ui.window.main_window import MainWindow


@pytest.fixture
def runs(qtbot: QtBot, session: Desk, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, ...]:
    """Two finished runs, which the watch has seen; the newer one first."""
    monkeypatch.setattr("viewer.jobs.queue.start_next", lambda folder: None)
    assert session.project is not None
    made = [finished_run(session.project.folder) for _ in range(2)]
    looked(qtbot, session)
    return tuple(sorted(made, reverse=True))


def of_runs(session: Desk) -> RunMarksDialog:
    run = session.jobs.selected
    assert run is not None
    return RunMarksDialog(session, run)


def test_what_is_typed_is_kept_and_the_lists_call_it_so(qtbot: QtBot, session: Desk, runs: tuple[Path, ...]) -> None:
    rows = RunsPanel(session)
    qtbot.addWidget(rows)
    dialog = of_runs(session)
    qtbot.addWidget(dialog)
    dialog.show()

    QTest.keyClicks(dialog.title, "The good one")
    QTest.keyClick(dialog.title, Qt.Key.Key_Tab)
    QTest.keyClicks(dialog.tags, "best, shown")
    QTest.keyClick(dialog.tags, Qt.Key.Key_Tab)
    QTest.keyClicks(dialog.note, "lower rate")
    QTest.keyClick(dialog.note, Qt.Key.Key_Return)  # a line of the note, not the end
    QTest.keyClicks(dialog.note, "and more")
    QTest.keyClick(dialog.tags, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: is_shut(dialog))

    marks = read_marks(runs[0])
    assert (marks.title, marks.note, marks.tags) == ("The good one", "lower rate\nand more", ("best", "shown"))
    assert rows.list.model().index(0, 0).data().startswith(f"The good one · {runs[0].name[-4:]}")
    settled(session)
    assert rows.list.model().index(0, 0).data().startswith("The good one"), "and after the folders were read again"


def test_an_older_reading_takes_no_name_away(
    qtbot: QtBot, session: Desk, runs: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = session.jobs
    settled(session)
    asked: list[tuple[object, object]] = []

    def ask(function: object, done: object, failed: object, owner: object = None) -> None:
        if done == watch._on_read:  # others ask too
            asked.append((function, done))

    monkeypatch.setattr(session, "run_in_background", ask)
    watch.look()
    ((read, told),) = asked
    answer = read()  # type: ignore[operator]
    change_marks(runs[0], title="The good one")
    watch.put([replace(watch.runs[0], title="The good one")])
    shown: list[str] = []
    watch.runs_changed.connect(lambda found: shown.append(found[0].title))

    told(answer)  # type: ignore[operator]

    assert shown == [] and watch.runs[0].title == "The good one" and len(asked) == 2
    asked[1][1](asked[1][0]())  # type: ignore[operator]
    assert watch.runs[0].title == "The good one"


def test_what_cannot_be_kept_stays_in_the_dialog(qtbot: QtBot, session: Desk, runs: tuple[Path, ...]) -> None:
    dialog = of_runs(session)
    qtbot.addWidget(dialog)
    dialog.show()

    QTest.keyClicks(dialog.title, "x" * 101)
    QTest.keyClick(dialog.title, Qt.Key.Key_Return)
    assert dialog.isVisible() and "at most 100 characters" in dialog.problem.text()

    (runs[0] / MARKS_FILE).write_text("{")
    dialog.title.selectAll()
    QTest.keyClicks(dialog.title, "short")
    QTest.keyClick(dialog.title, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: MARKS_FILE in dialog.problem.text())
    assert dialog.isVisible() and dialog.keep.isEnabled() and (runs[0] / MARKS_FILE).read_text() == "{"


def test_several_runs_get_tags_and_lose_others(qtbot: QtBot, session: Desk, runs: tuple[Path, ...]) -> None:
    change_marks(runs[0], tags=["old", "kept"], title="one")
    looked(qtbot, session)
    session.jobs.select_several([folder.name for folder in runs])
    assert session.situation().has("runs_chosen_several")
    dialog = TagsOfRunsDialog(session, session.jobs.chosen)
    qtbot.addWidget(dialog)
    dialog.show()
    assert "kept" in dialog.known.text()

    QTest.keyClicks(dialog.more, "best")
    QTest.keyClicks(dialog.fewer, "OLD")
    QTest.keyClick(dialog.fewer, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: is_shut(dialog))

    assert [read_marks(folder).tags for folder in runs] == [("kept", "best"), ("best",)]
    assert read_marks(runs[0]).title == "one"


def test_what_hangs_on_a_run_is_said_before_it_goes(qtbot: QtBot, session: Desk, runs: tuple[Path, ...]) -> None:
    assert session.project is not None
    kept = session.project.folder / "models" / ("a" * 16)
    kept.mkdir(parents=True)
    write_json(kept / "card.json", {})
    session.jobs.select(runs[0].name)
    dialog = DeleteRunsDialog(session, session.jobs.chosen)
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.delete.isEnabled()
    qtbot.waitUntil(lambda: bool(dialog.found))

    assert "goes for good" in dialog.words.text() and "Its model is kept" in dialog.words.text()
    tick(qtbot, dialog)
    assert f"{runs[1].name[-4:]} has the very same model" in dialog.problem.text()
    assert not dialog.delete.isEnabled()
    tick(qtbot, dialog)
    qtbot.mouseClick(dialog.delete, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: [run.run_id for run in session.jobs.runs] == [runs[1].name])

    settled(session)
    assert [run.folder for run in list_runs(session.project.folder)] == [runs[1]] and kept.is_dir()


def tick(qtbot: QtBot, dialog: DeleteRunsDialog) -> None:
    middle = dialog.with_model.height() // 2
    qtbot.mouseClick(dialog.with_model, Qt.MouseButton.LeftButton, pos=QPoint(middle, middle))


def test_return_deletes_nothing(qtbot: QtBot, session: Desk, runs: tuple[Path, ...]) -> None:
    dialog = DeleteRunsDialog(session, session.jobs.runs)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: bool(dialog.found))

    QTest.keyClick(dialog, Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: is_shut(dialog))
    settled(session)
    assert len(session.jobs.runs) == 2


def test_the_commands_are_off_without_a_run_and_say_why(window: MainWindow) -> None:
    for name in ("train.rename", "train.note", "train.tags", "train.clone", "train.delete"):
        assert not window.book.may_run(name)
        assert "There is no run yet" in window.book.actions[name].toolTip() or "No project" in (
            window.book.actions[name].toolTip()
        )


def test_the_menu_names_the_chosen_run(qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    session = window.session
    monkeypatch.setattr("viewer.jobs.queue.start_next", lambda folder: None)
    assert session.project is not None
    folder = finished_run(session.project.folder)
    looked(qtbot, session)

    window.book.run("train.note")
    dialog = QApplication.activeModalWidget() or window.findChild(RunMarksDialog)
    assert isinstance(dialog, RunMarksDialog)
    assert dialog.focusWidget() is dialog.note
    QTest.keyClicks(dialog.note, "as the paper has it")
    qtbot.mouseClick(dialog.keep, Qt.MouseButton.LeftButton)

    qtbot.waitUntil(lambda: read_marks(folder).note == "as the paper has it")
