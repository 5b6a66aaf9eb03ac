"""Several readers in the window: who reads is said, the dialog opens another reading, and one alone sees nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tests.project.test_readings import say
from tests.ui.conftest import write_films
from tests.ui.test_project_members import entered, project_of
from tests.waiting import is_shut, settled
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.shapes.kinds.box import Box
from viewer.project.edit_builders import add_annotation, say_image_label, set_status
from viewer.project.project import Project
from viewer.project.readings import EACH_OWN, SHARED, SHARED_WORD, TOGETHER, how_read
from viewer.project.register import add_frames
from viewer.ui.dialogs.readers import ReadersDialog
from viewer.ui.dialogs.readings_rule import ReadingsRule
from viewer.ui.panels.cases.panel import CasesPanel
from viewer.ui.panels.history import HistoryPanel
from viewer.ui.panels.reading_line import ReadingLine
from viewer.ui.window.main_window import MainWindow

BOX = Box(x0_px=4, y0_px=5, x1_px=20, y1_px=25)


@pytest.fixture
def inside(window: MainWindow, qtbot: QtBot, project_folder: Path) -> MainWindow:
    """The window in Annotate, with the project open at its first case."""
    entered(window, qtbot, project_folder)
    settled(window.session)
    return window


def reading_lines(window: MainWindow) -> list[str]:
    """What the Cases panel and the status bar say of the reading."""
    return [line.text() for line in window.findChildren(ReadingLine) if not line.isHidden()]


def dialog_of(window: MainWindow) -> ReadersDialog:
    dialog = ReadersDialog(window.session, window)
    dialog.show()
    settled(window.session)
    return dialog


def read_as(window: MainWindow, name: str) -> None:
    """In a reading of their own."""
    dialog = dialog_of(window)
    if dialog.ways[EACH_OWN].isEnabled():
        choose_way(window, dialog, EACH_OWN)
    dialog.name.setEditText("")
    QTest.keyClicks(dialog.name.lineEdit(), name)
    QTest.mouseClick(dialog.read, Qt.MouseButton.LeftButton)
    settled(window.session)
    assert is_shut(dialog), dialog.words.text()


def choose_way(window: MainWindow, dialog: ReadersDialog, how: str) -> None:
    button = dialog.ways[how]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=button.rect().center() / 8)
    settled(window.session)
    assert button.isChecked()


def read_shared(window: MainWindow, name: str = "tester") -> None:
    dialog = dialog_of(window)
    dialog.name.setEditText(name)
    QTest.mouseClick(dialog.shared, Qt.MouseButton.LeftButton)
    settled(window.session)
    assert is_shut(dialog), dialog.words.text()


def table(dialog: ReadersDialog) -> list[list[str]]:
    columns = dialog.table.columnCount()
    rows = [dialog.table.topLevelItem(place) for place in range(dialog.table.topLevelItemCount())]
    return [[row.text(column) for column in range(columns)] for row in rows if row is not None]


def shown_image(window: MainWindow) -> str:
    shown = window.session.shown
    assert shown is not None and shown.image_id is not None
    return shown.image_id


def test_a_project_with_one_reading_says_nothing_of_readers(inside: MainWindow) -> None:
    assert inside.windowTitle() == "Project: Films · Negatoscope"
    assert reading_lines(inside) == []
    texts = [label.text() for label in inside.findChildren(QLabel) if label.isVisible()]
    assert not [text for text in texts if "reading" in text.lower() and "reading only" not in text.lower()]


def test_another_reading_is_opened_at_the_same_case_and_shows_nothing_of_the_others(inside: MainWindow) -> None:
    session = inside.session
    image = shown_image(inside)
    assert session.do(add_annotation(image, "Square", BOX, author=session.author))
    settled(session)
    before = session.shown

    read_as(inside, "Ada")

    assert session.shown is not None and before is not None
    assert (session.shown.case_id, session.shown.image_id) == (before.case_id, before.image_id)
    assert session.at_hand.work.annotations(image) == ()
    assert session.at_hand.cases.progress()[CaseStatus.TO_DO] == 8
    assert inside.windowTitle() == "Project: Films · Ada's reading · Negatoscope"
    assert reading_lines(inside) == ["Ada's reading", "Ada's reading"]
    history = inside.docks.panel("history")
    assert isinstance(history, HistoryPanel)
    assert history.list.model().rowCount() == 0
    assert session.steps.undo_text == ""


def test_what_is_drawn_then_is_the_readers_own(inside: MainWindow) -> None:
    session, image = inside.session, shown_image(inside)
    read_as(inside, "Ada")
    assert session.do(add_annotation(image, "Square", BOX, author=session.author))
    settled(session)

    (drawn,) = session.at_hand.work.annotations(image)
    assert (drawn.author, drawn.round_id) == ("Ada", project_of(inside).round_id)
    assert drawn.round_id != SHARED

    read_shared(inside)

    assert session.at_hand.work.annotations(image) == ()
    assert session.author == "tester"
    assert reading_lines(inside) == ["Shared reading, as tester", "Shared reading, as tester"]
    assert inside.windowTitle() == "Project: Films · shared reading, as tester · Negatoscope"
    read_as(inside, "Ada")
    assert session.at_hand.work.annotations(image) == (drawn,)
    session.undo()
    settled(session)
    assert session.at_hand.work.annotations(image) == ()


def test_the_project_opens_again_in_the_reading_that_was_open(
    inside: MainWindow, qtbot: QtBot, project_folder: Path, tmp_path: Path
) -> None:
    read_as(inside, "Ada")
    with Project.create(tmp_path / "other", author="tester") as other:
        add_frames(other, write_films(tmp_path / "others", 2))
    session = inside.session
    session.projects.open_folder(tmp_path / "other")
    qtbot.waitUntil(lambda: project_of(inside).folder == tmp_path / "other")
    settled(session)
    assert reading_lines(inside) == []

    session.projects.open_folder(project_folder)
    qtbot.waitUntil(lambda: project_of(inside).folder == project_folder)
    settled(session)

    assert project_of(inside).reader == "Ada"
    assert session.settings.word("reader_name") == "Ada"


def test_a_gesture_that_is_not_kept_yet_holds_the_reading(inside: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    session = inside.session
    view = session.active_view
    session.set_tool("polygon")
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.rect().center())
    assert view.tool.is_busy
    dialog = dialog_of(inside)
    choose_way(inside, dialog, EACH_OWN)
    dialog.name.setEditText("Ada")

    QTest.mouseClick(dialog.read, Qt.MouseButton.LeftButton)
    settled(session)

    assert dialog.isVisible() and "Finish what you are drawing" in dialog.words.text()
    assert project_of(inside).reader == "" and view.tool.is_busy
    view.cancel()
    session.edits.blocked = True
    QTest.mouseClick(dialog.read, Qt.MouseButton.LeftButton)
    settled(session)
    assert "not saved yet" in dialog.words.text()
    session.edits.blocked = False
    QTest.mouseClick(dialog.read, Qt.MouseButton.LeftButton)
    settled(session)
    assert project_of(inside).reader == "Ada"


def test_a_name_that_is_none_is_refused(inside: MainWindow) -> None:
    for typed, said in (("", "Say who reads"), ("  ", "Say who reads"), ("Shared", "another name")):
        dialog = dialog_of(inside)
        dialog.name.setEditText(typed)
        QTest.keyClick(dialog, Qt.Key.Key_Return)
        settled(inside.session)

        assert dialog.isVisible() and said in dialog.words.text(), typed
        assert dialog.read.isEnabled() and project_of(inside).reader == "", typed
        dialog.reject()
        settled(inside.session)


def test_how_it_is_read_is_kept_and_the_window_stays_where_it_is(
    inside: MainWindow, qtbot: QtBot, project_folder: Path
) -> None:
    dialog = dialog_of(inside)
    assert dialog.ways["together"].isChecked()
    assert dialog.name.currentText() == "tester"

    QTest.mouseClick(dialog.ways[EACH_OWN], Qt.MouseButton.LeftButton, pos=dialog.ways[EACH_OWN].rect().center() / 8)
    settled(inside.session)

    assert how_read(project_of(inside).database) == EACH_OWN
    assert project_of(inside).reader == ""
    assert "What was said stays where it is" in dialog.words.text()
    assert inside.session.readings.each_own
    dialog.reject()


def test_the_table_says_how_far_each_reading_is(inside: MainWindow, complete_one: Callable[[str], None]) -> None:
    complete_one("Ada")
    read_as(inside, "Bob")
    dialog = dialog_of(inside)

    assert [row[:4] for row in table(dialog)] == [
        ["Shared reading", "8", "0", "0"], ["Ada", "7", "0", "1"], ["Bob (open here)", "8", "0", "0"]
    ]  # fmt: skip
    assert dialog.name.currentText() == "Bob", "Return opens nobody else's reading"
    assert dialog.table.headerItem().text(0) == "Reading"
    assert [dialog.table.headerItem().text(place) for place in (1, 2, 3)] == ["To do", "In progress", "Complete"]
    dialog.table.setCurrentItem(dialog.table.topLevelItem(1))
    assert dialog.name.currentText() == "Ada"
    dialog.reject()


@pytest.fixture
def complete_one(inside: MainWindow) -> Callable[[str], None]:
    """Lets a reader say of the shown film that it is bright, and complete it."""

    def run(name: str) -> None:
        read_as(inside, name)
        session, image = inside.session, shown_image(inside)
        assert session.do(say_image_label(image, "Bright", before=None, after=Verdict.YES))
        settled(session)
        assert session.shown is not None and session.shown.case_id is not None
        assert session.do(set_status(session.at_hand.cases.get(session.shown.case_id), CaseStatus.COMPLETE))
        settled(session)

    return run


def test_a_project_that_may_only_be_read_has_the_readings_that_there_are(
    window: MainWindow, qtbot: QtBot, project_folder: Path
) -> None:
    with Project.open(project_folder, writable=True, reader="Ada") as holder:
        say(holder, holder.cases.all()[0].first_image_id, "Bright", Verdict.YES)
        entered(window, qtbot, project_folder)
        assert project_of(window).read_only
        dialog = dialog_of(window)
        assert not any(button.isEnabled() for button in dialog.ways.values())
        dialog.reject()
        read_as(window, "Ada")
        assert project_of(window).round_id == holder.round_id
        read_shared(window)
        assert project_of(window).round_id == SHARED


def test_the_personal_project_has_no_readers(window: MainWindow) -> None:
    row = window.book.row("dataset.readers")
    assert "read by you alone" in row.why_not(window.session.situation())


def test_the_row_opens_the_dialog(inside: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[ReadersDialog] = []
    monkeypatch.setattr(ReadersDialog, "exec", lambda dialog: asked.append(dialog) or 0)

    inside.book.run("dataset.readers")

    assert len(asked) == 1
    assert isinstance(inside.docks.panel("cases"), CasesPanel)
    assert SHARED_WORD not in asked[0].name.currentText()


def test_a_line_that_is_made_late_is_no_window_of_its_own(inside: MainWindow) -> None:
    read_as(inside, "Ada")

    line, rule = ReadingLine(inside.session), ReadingsRule(inside.session)

    assert line.text() == "Ada's reading"
    assert not line.isVisible() and not rule.isVisible()


def test_a_readers_name_stays_as_it_is_written(inside: MainWindow) -> None:
    read_as(inside, "anna")

    assert reading_lines(inside) == ["anna's reading", "anna's reading"]


def test_who_i_am_in_the_shared_reading_is_said_and_so_is_whose_the_last_gesture_is(inside: MainWindow) -> None:
    session, image = inside.session, shown_image(inside)
    assert session.do(add_annotation(image, "Square", BOX, author=session.author))
    settled(session)
    read_as(inside, "Ben")

    read_shared(inside, "Ben")

    assert inside.windowTitle() == "Project: Films · shared reading, as Ben · Negatoscope"
    assert (session.author, project_of(inside).author, session.steps.undo_text) == ("Ben", "Ben", "")
    why = inside.book.row("edit.undo").why_not(session.situation())
    assert why.startswith("What was done here last is by tester, and you are Ben."), why

    read_shared(inside, "tester")

    assert session.author == "tester"
    session.undo()
    settled(session)
    assert session.at_hand.work.annotations(image) == ()


def test_all_work_together_goes_back_to_the_own_name_in_the_shared_reading(inside: MainWindow) -> None:
    session = inside.session
    own = session.author
    read_as(inside, "Ben")
    read_shared(inside, "Ben")
    dialog = dialog_of(inside)

    choose_way(inside, dialog, TOGETHER)

    assert (session.author, project_of(inside).author, dialog.name.currentText()) == (own, own, own)
    assert dialog.isVisible() and dialog.read.isEnabled()
    dialog.reject()


def test_where_all_work_together_no_empty_reading_is_made(inside: MainWindow) -> None:
    session, image = inside.session, shown_image(inside)
    assert session.do(add_annotation(image, "Square", BOX, author=session.author))
    settled(session)
    dialog = dialog_of(inside)
    dialog.name.setEditText("Root")

    QTest.mouseClick(dialog.read, Qt.MouseButton.LeftButton)
    settled(session)

    assert (project_of(inside).reader, project_of(inside).author) == ("", "Root")
    assert len(session.at_hand.work.annotations(image)) == 1
    assert [one.round_id for one in project_of(inside).rounds.all()] == [SHARED]


def test_a_name_opened_by_mistake_does_not_stay_in_the_list(
    inside: MainWindow, complete_one: Callable[[str], None]
) -> None:
    complete_one("Ada")
    read_as(inside, "Bbo")
    read_as(inside, "Bob")
    dialog = dialog_of(inside)

    assert [row[0] for row in table(dialog)] == ["Shared reading", "Ada", "Bob (open here)"]
    names = [dialog.name.itemText(place) for place in range(dialog.name.count())]
    assert "Bbo" not in names and "Ada" in names
    dialog.reject()


def test_nothing_moves_when_a_way_to_read_is_chosen(inside: MainWindow) -> None:
    dialog = dialog_of(inside)

    def places() -> list[int]:
        return [one.mapTo(dialog, QPoint(0, 0)).y() for one in (dialog.table, dialog.name, dialog.which, dialog.read)]

    before = places()
    for way in (EACH_OWN, TOGETHER):
        choose_way(inside, dialog, way)
        assert dialog.words.text() and places() == before, way
    dialog._refuse(OSError("The project cannot be written."))
    assert dialog.words.text() and places() == before
