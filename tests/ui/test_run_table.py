"""All runs in a table: sorted by a click, found by what is typed, written on in place, chosen for every other part."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from tests.run_rows import a_run
from tests.ui.test_run_report import finished_run, looked
from tests.waiting import handled, settled
from viewer.jobs.run_columns import COLUMNS
from viewer.jobs.run_marks import change_marks, read_marks
from viewer.jobs.runs import RunState
from viewer.ui.dialogs.delete_runs import DeleteRunsDialog
from viewer.ui.dialogs.run_columns import RunColumnsDialog
from viewer.ui.dialogs.run_marks import RunMarksDialog
from viewer.ui.flows.desk import Desk
from viewer.ui.run_table.cells import CellDelegate
from viewer.ui.run_table.page import RunTablePage
from viewer.ui.window.main_window import MainWindow

PLACES = {column.name: place for place, column in enumerate(COLUMNS)}


def table_of(qtbot: QtBot, session: Desk, runs: "list[RunState]", monkeypatch: pytest.MonkeyPatch) -> RunTablePage:
    """The page with runs that only the watch knows."""
    settled(session)
    session.jobs._timer.stop()
    monkeypatch.setattr(session.jobs, "look", lambda: None)
    page = RunTablePage(session)
    qtbot.addWidget(page)
    page.resize(1200, 400)
    page.show()
    show(session, runs)
    return page


def show(session: Desk, runs: "list[RunState]") -> None:
    session.jobs.runs = tuple(runs)
    session.jobs._tell_facts()
    session.jobs.runs_changed.emit(session.jobs.runs)


def rows(page: RunTablePage, column: str = "name") -> list[str]:
    model = page.table.model()
    return [model.index(row, PLACES[column]).data() for row in range(model.rowCount())]


def click_head(qtbot: QtBot, page: RunTablePage, column: str) -> None:
    head, place = page.table.horizontalHeader(), PLACES[column]
    page.table.scrollTo(page.table.model().index(0, place))
    middle = head.sectionViewportPosition(place) + head.sectionSize(place) // 2
    qtbot.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(middle, head.height() // 2))


def click_row(
    qtbot: QtBot, page: RunTablePage, row: int, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    middle = page.table.visualRect(page.table.model().index(row, 0)).center()
    qtbot.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, held, middle)


@pytest.fixture
def page(qtbot: QtBot, session: Desk, monkeypatch: pytest.MonkeyPatch) -> RunTablePage:
    """Six runs of four tasks, newest first; two judged."""
    return table_of(qtbot, session, [a_run(place) for place in range(6)][::-1], monkeypatch)


def test_a_click_on_a_title_sorts_and_what_has_no_figure_comes_last(
    qtbot: QtBot, session: Desk, page: RunTablePage
) -> None:
    assert rows(page)[0] == "Task 1 · 0005", "newest first"

    click_head(qtbot, page, "test")
    assert rows(page, "test")[:3] == [f"AUC {auc} (0.400 to 0.960)" for auc in ("0.500", "0.504", "0.520")]
    assert rows(page, "test")[3:] == ["", "", ""]
    click_head(qtbot, page, "test")
    assert [words[:9] for words in rows(page, "test")[:3]] == ["AUC 0.520", "AUC 0.504", "AUC 0.500"]
    click_head(qtbot, page, "test")
    assert rows(page)[0] == "Task 1 · 0005", "a third click is newest first again"
    click_head(qtbot, page, "learning_rate")
    assert rows(page, "learning_rate") == ["0.001", "0.002", "0.003", "0.004", "0.005", "0.006"]


def test_who_holds_a_row_holds_it_when_it_is_sorted(page: RunTablePage) -> None:
    held = QPersistentModelIndex(page.model.index(1, 0))
    words = held.data()

    page.table.sortByColumn(PLACES["learning_rate"], Qt.SortOrder.AscendingOrder)

    assert (held.row(), held.data()) == (4, words)


def test_the_order_and_the_columns_are_there_the_next_time(qtbot: QtBot, session: Desk, page: RunTablePage) -> None:
    click_head(qtbot, page, "learning_rate")
    qtbot.mouseClick(page.columns, Qt.MouseButton.LeftButton)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, RunColumnsDialog)
    assert not dialog.marks["seed"].isChecked() and dialog.marks["epochs"].isChecked()
    for name in ("seed", "epochs"):
        mark = dialog.marks[name]
        qtbot.mouseClick(mark, Qt.MouseButton.LeftButton, pos=QPoint(8, mark.height() // 2))
    qtbot.mouseClick(dialog.keep, Qt.MouseButton.LeftButton)

    seen = page.table.shown_columns
    assert "seed" in seen and "epochs" not in seen and "name" in seen
    again = RunTablePage(session)
    qtbot.addWidget(again)
    assert again.table.shown_columns == seen
    assert rows(again, "learning_rate") == ["0.001", "0.002", "0.003", "0.004", "0.005", "0.006"]


def test_a_remembered_choice_that_is_none_is_passed_over(qtbot: QtBot, session: Desk) -> None:
    session.settings.set_word("run_table/columns", "speed,colour")
    session.settings.set_word("run_table/sort", "speed:sideways")

    page = RunTablePage(session)
    qtbot.addWidget(page)

    assert page.table.shown_columns == [column.name for column in COLUMNS if column.shown]


def test_what_is_typed_narrows_and_a_key_that_there_is_not_is_said(
    qtbot: QtBot, session: Desk, page: RunTablePage
) -> None:
    QTest.keyClicks(page.filter, "state:finished")
    assert rows(page) == ["Task 1 · 0005", "Task 1 · 0001", "Task 0 · 0000"] and page.count.text() == "3 of 6 runs"

    page.filter.insert(" lr:3")  # as it is pasted
    assert "no 'lr' to be found by" in page.problem.text() and page.problem.isVisible()
    assert len(rows(page)) == 3, "what was found stays"
    QTest.keyClick(page.filter, Qt.Key.Key_Escape)
    assert len(rows(page)) == 6 and not page.problem.isVisible() and page.count.text() == "6 runs"

    QTest.keyClicks(page.filter, "nothing-like-it")
    assert page.stack.currentWidget() is page.none


def test_without_runs_it_says_what_to_do(qtbot: QtBot, session: Desk, page: RunTablePage) -> None:
    show(session, [])

    assert page.stack.currentWidget() is page.empty


def test_a_row_is_the_chosen_run_and_several_are_what_commands_are_about(
    qtbot: QtBot, session: Desk, page: RunTablePage
) -> None:
    click_row(qtbot, page, 2)
    assert session.jobs.selected is not None and session.jobs.selected.run_id == page.model.shown[2].run_id

    click_row(qtbot, page, 4, Qt.KeyboardModifier.ControlModifier)
    chosen = [run.run_id for run in session.jobs.chosen]
    assert sorted(chosen) == sorted(page.model.shown[row].run_id for row in (2, 4))
    assert session.jobs.selected.run_id == page.model.shown[4].run_id and session.situation().has("runs_chosen_several")

    click_head(qtbot, page, "learning_rate")
    assert sorted(run.run_id for run in session.jobs.chosen) == sorted(chosen), "sorting chooses nothing else"
    marked = page.table.selectionModel().selectedRows()
    assert sorted(page.model.shown[index.row()].run_id for index in marked) == sorted(chosen)

    session.jobs.select(page.model.shown[0].run_id)  # in the list at the left
    assert [index.row() for index in page.table.selectionModel().selectedRows()] == [0]
    assert not session.situation().has("runs_chosen_several")


def test_a_run_that_learns_changes_its_row_and_nothing_else(qtbot: QtBot, session: Desk, page: RunTablePage) -> None:
    click_row(qtbot, page, 3)
    reset: list[bool] = []
    page.model.modelReset.connect(lambda: reset.append(True))
    told: list[tuple[int, int]] = []
    page.model.dataChanged.connect(lambda first, last, _: told.append((first.row(), last.row())))
    runs = list(session.jobs.runs)
    runs[1] = replace(runs[1], worked_s=7.0)

    show(session, runs)

    assert told == [(1, 1)] and not reset
    show(session, [replace(runs[0], run_id="20261122-000009-task-0009"), *runs])
    assert [index.row() for index in page.table.selectionModel().selectedRows()] == [4], "a new one moves it down"


def test_a_step_of_scrolling_paints_what_came_and_nothing_else(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the program's own style, which leaves the ground of a list to what is behind it."""
    painted: set[int] = set()
    paint = CellDelegate.paint

    def noted(self: CellDelegate, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        painted.add(index.row())
        paint(self, painter, option, index)

    monkeypatch.setattr(CellDelegate, "paint", noted)
    page = table_of(qtbot, window.session, [a_run(place) for place in range(100)], monkeypatch)
    qtbot.waitUntil(lambda: len(painted) >= 8)
    handled()
    painted.clear()

    page.table.verticalScrollBar().setValue(page.table.rowHeight(0))
    qtbot.waitUntil(lambda: bool(painted))
    handled()

    assert len(painted) <= 3


@pytest.fixture
def kept(qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> tuple[RunTablePage, Path, Path]:
    """(the page in the window, the newer run, the older one), on the disk."""
    monkeypatch.setattr("viewer.jobs.queue.start_next", lambda folder: None)
    session = window.session
    assert session.project is not None
    made = sorted((finished_run(session.project.folder) for _ in range(2)), reverse=True)
    window.show_views()
    window.enter("train")
    window.pages.train.show_page("All runs")
    looked(qtbot, session)
    page = window.pages.train.page("All runs")
    assert isinstance(page, RunTablePage) and page.isVisible()
    handled()
    return page, made[0], made[1]


def typed_into(page: RunTablePage, words: str) -> None:
    field = page.table.viewport().findChild(QLineEdit)
    assert field is not None
    field.selectAll()
    QTest.keyClicks(field, words)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_f2_names_a_run_and_a_double_click_tags_it(
    qtbot: QtBot, window: MainWindow, kept: tuple[RunTablePage, Path, Path]
) -> None:
    page, newer, _ = kept
    click_row(qtbot, page, 0)
    QTest.keyClick(page.table, Qt.Key.Key_F2)
    typed_into(page, "The good one")
    qtbot.waitUntil(lambda: rows(page)[0] == f"The good one · {newer.name[-4:]}")

    cell = page.table.visualRect(page.model.index(0, PLACES["tags"])).center()
    qtbot.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=cell)
    qtbot.mouseDClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=cell)
    typed_into(page, "best, shown")
    qtbot.waitUntil(lambda: rows(page, "tags")[0] == "best shown")

    settled(window.session)
    assert read_marks(newer).title == "The good one" and read_marks(newer).tags == ("best", "shown")
    assert window.session.workspace == "train"


def test_what_cannot_be_a_tag_is_said_and_nothing_is_kept(
    qtbot: QtBot, window: MainWindow, kept: tuple[RunTablePage, Path, Path]
) -> None:
    page, newer, _ = kept
    said: list[str] = []
    window.session.announced.connect(lambda kind, words, *_: said.append(words))
    page.table.setCurrentIndex(page.model.index(0, PLACES["tags"]))
    QTest.keyClick(page.table, Qt.Key.Key_F2)

    typed_into(page, "x" * 41)

    qtbot.waitUntil(lambda: any("cannot be a tag" in words for words in said))
    assert read_marks(newer).tags == () and rows(page, "tags")[0] == ""


def test_a_note_of_several_lines_is_written_where_they_have_room(
    qtbot: QtBot, window: MainWindow, kept: tuple[RunTablePage, Path, Path]
) -> None:
    page, newer, _ = kept
    change_marks(newer, note="one\ntwo")
    looked(qtbot, window.session)
    qtbot.waitUntil(lambda: rows(page, "note")[0] == "one two")
    page.table.setCurrentIndex(page.model.index(0, PLACES["note"]))

    page.table.scrollTo(page.table.currentIndex())
    cell = page.table.visualRect(page.table.currentIndex()).center()
    for ask in ("F2", "double click"):
        if ask == "F2":
            QTest.keyClick(page.table, Qt.Key.Key_F2)
        else:
            qtbot.mouseDClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=cell)
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, RunMarksDialog) and dialog.note.toPlainText() == "one\ntwo", ask
        dialog.reject()


def test_delete_asks_about_all_that_are_chosen(
    qtbot: QtBot, window: MainWindow, kept: tuple[RunTablePage, Path, Path]
) -> None:
    page, newer, older = kept
    click_row(qtbot, page, 0)
    click_row(qtbot, page, 1, Qt.KeyboardModifier.ControlModifier)

    QTest.keyClick(page.table, Qt.Key.Key_Delete)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, DeleteRunsDialog)
    qtbot.waitUntil(dialog.delete.isEnabled)
    qtbot.mouseClick(dialog.delete, Qt.MouseButton.LeftButton)

    qtbot.waitUntil(lambda: page.stack.currentWidget() is page.empty)
    assert not newer.exists() and not older.exists()


def test_the_menu_is_about_what_is_chosen(
    qtbot: QtBot, kept: tuple[RunTablePage, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    page, _, older = kept
    shown: list[str] = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, _: shown.extend(one.text() for one in menu.actions()))
    click_row(qtbot, page, 1)

    middle = page.table.visualRect(page.model.index(1, 0)).center()
    place = page.table.viewport().mapToGlobal(middle)
    asks = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, middle, place)
    QApplication.sendEvent(page.table.viewport(), asks)

    assert shown[0].endswith(older.name[-4:]) and any(words.startswith("C&lone with changes") for words in shown)
