"""What the rows of snapshots do: train, show their test cases and their card, by mouse, key and palette."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from tests.ui.test_cases import panel_of
from tests.ui.test_parts_of_cases import (
    FIRST,
    LIGHT,
    completed,
    ids_at,
    snapshot_of,
)
from tests.ui.test_project_members import project_of
from tests.waiting import is_shut, settled
from viewer.project.project import Project
from viewer.project.records import Task
from viewer.project.snapshots.parts import case_parts, label_tallies
from viewer.project.snapshots.snapshot import Snapshot, make_snapshot
from viewer.project.snapshots.split import SplitFile
from viewer.ui.dialogs.snapshot_card import SnapshotCardDialog, card_page
from viewer.ui.dialogs.train import TrainDialog
from viewer.ui.flows.desk import Desk
from viewer.ui.panels.cases.panel import CasesPanel
from viewer.ui.panels.runs import RunsPanel
from viewer.ui.panels.snapshots import SnapshotsPanel
from viewer.ui.window.main_window import MainWindow
from viewer.ui.window.palette import Palette

pytestmark = pytest.mark.qt_log_ignore("plugin does not support", extend=True)  # offscreen, of a menu


@pytest.fixture
def training(window: MainWindow, qtbot: QtBot, project_folder: Path) -> tuple[MainWindow, Snapshot, Snapshot]:
    """The window in Train on a project of two snapshots, the older one first."""
    with Project.open(project_folder, writable=True) as project:
        completed(project)
        # The older one tested on 4 and 5 under a task of another name: nothing of it is kept in test later.
        older = snapshot_of(project, FIRST)
        newer = make_snapshot(
            project, Task(name="Other", kind="classification", labels=("Bright", "Dark")),
            split_file=SplitFile(path=project.folder / "parts.csv", column="part"), seed=2,
        )  # fmt: skip
    session = window.session
    session.projects.open_folder(project_folder)
    qtbot.waitUntil(lambda: session.project is not None and session.project.folder == project_folder)
    window.enter("train")
    settled(session)
    return window, older, newer


def rows_of(window: MainWindow) -> SnapshotsPanel:
    panel = window.docks.panel("snapshots")
    assert isinstance(panel, SnapshotsPanel)
    return panel


def point_of(panel: SnapshotsPanel | RunsPanel, row: int) -> QPoint:
    return panel.list.visualRect(panel.list.model().index(row, 0)).center()


def menu_of(panel: SnapshotsPanel | RunsPanel, row: int) -> QMenu:
    """As a mouse does it: the press, then the menu."""
    viewport, point = panel.list.viewport(), point_of(panel, row)
    QTest.mousePress(viewport, Qt.MouseButton.RightButton, pos=point)
    QApplication.sendEvent(
        viewport, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, viewport.mapToGlobal(point))
    )
    QTest.mouseRelease(viewport, Qt.MouseButton.RightButton, pos=point)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def open_dialogs(window: MainWindow, kind: type[TrainDialog] | type[SnapshotCardDialog]) -> list[object]:
    return [one for one in window.findChildren(kind) if one.isVisible()]


def test_a_double_click_trains_on_the_row_it_was_on(
    training: tuple[MainWindow, Snapshot, Snapshot], qtbot: QtBot
) -> None:
    window, older, newer = training
    panel = rows_of(window)
    assert [row.id for row in window.session.snapshots.rows] == [newer.id, older.id]

    for row, made in ((1, older), (0, newer)):
        viewport, point = panel.list.viewport(), point_of(panel, row)
        qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=point)
        qtbot.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=point)
        (dialog,) = open_dialogs(window, TrainDialog)
        assert isinstance(dialog, TrainDialog)
        qtbot.waitUntil(lambda dialog=dialog: bool(dialog.command.command))
        assert dialog.recipe().snapshot_id == made.id
        dialog.close()


def test_the_menu_of_a_row_is_about_that_row(training: tuple[MainWindow, Snapshot, Snapshot], qtbot: QtBot) -> None:
    window, older, _ = training

    menu = menu_of(rows_of(window), 1)

    assert menu.actions()[0].text() == f"Light {older.id[:8]}" and not menu.actions()[0].isEnabled()
    named = [action.text() for action in menu.actions() if action.objectName()]
    assert named == ["&Train on this snapshot…", "&Show its test cases", "Show its &card…", "&Leak audit…"]
    (card,) = [action for action in menu.actions() if action.objectName() == "dataset.card"]
    menu.close()
    card.trigger()
    (dialog,) = open_dialogs(window, SnapshotCardDialog)
    assert isinstance(dialog, SnapshotCardDialog)
    settled(window.session)
    page = dialog.page.toPlainText()
    assert (
        "Test" in page
        and older.id in page
        and "Light, classification" in page
        and "exactly one label per image" in page
    )
    assert "as a file says: parts.csv" in page and "1 image: not in the split file" in page
    lines = page[page.index("How it is divided") :].split("\n")
    for name, cells in {
        "Cases in the project now": ["4", "1", "2"], "Patients": ["3", "1", "2"], "Images": ["4", "1", "2"],
        # Films 1 and 3 are Bright in train, 0 and 6 Dark and of one patient; 2 Dark; 4 Dark and 5 Bright in test.
        "Bright": ["2 / 2 / 2", "0 / 0 / 0", "1 / 1 / 1"], "Dark": ["2 / 1 / 2", "1 / 1 / 1", "1 / 1 / 1"],
    }.items():  # fmt: skip
        place = lines.index(name)
        assert lines[place + 1 : place + 4] == cells, name
    assert "images / patients / cases" in page
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert is_shut(dialog)


def test_its_test_cases_are_shown_to_be_reviewed(training: tuple[MainWindow, Snapshot, Snapshot], qtbot: QtBot) -> None:
    window, _, _ = training
    session = window.session

    menu = menu_of(rows_of(window), 1)
    (test_cases,) = [action for action in menu.actions() if action.objectName() == "dataset.test_cases"]
    menu.close()
    test_cases.trigger()  # the row that the menu was opened on is the chosen one: its parts are on their way
    settled(session)

    assert session.workspace == "review"
    cases = window.docks.panel("cases")
    assert isinstance(cases, CasesPanel) and cases.search.text() == "part:test"
    assert cases.case_ids == ids_at(session, 4, 5)
    qtbot.waitUntil(lambda: session.shown is not None and session.shown.case_id == ids_at(session, 4)[0])


def test_the_keys_choose_a_snapshot_whose_parts_are_then_shown(
    training: tuple[MainWindow, Snapshot, Snapshot], qtbot: QtBot
) -> None:
    window, older, newer = training
    panel, session = rows_of(window), window.session
    assert session.snapshots.chosen is not None and session.snapshots.chosen.id == newer.id

    panel.list.setFocus()
    qtbot.keyClick(panel.list, Qt.Key.Key_Down)
    settled(session)

    assert session.snapshots.chosen.id == older.id
    assert session.snapshots.parts is not None and session.snapshots.parts.snapshot_id == older.id
    qtbot.keyClick(panel.list, Qt.Key.Key_Return)
    (dialog,) = open_dialogs(window, TrainDialog)
    assert isinstance(dialog, TrainDialog)
    qtbot.waitUntil(lambda: bool(dialog.command.command))
    assert dialog.recipe().snapshot_id == older.id
    dialog.close()


def test_the_palette_reaches_what_the_menu_of_a_row_does(
    training: tuple[MainWindow, Snapshot, Snapshot], qtbot: QtBot
) -> None:
    window, _, newer = training
    window.enter("read")
    window.open_palette()
    (palette,) = [one for one in window.findChildren(Palette) if one.isVisible()]
    for words in ("Train on the chosen snapshot", "Show the card of the chosen snapshot", "Choose a snapshot"):
        palette.field.setText(words)
        assert palette.lines()[0] == words

    palette.field.clear()
    QTest.keyClicks(palette.field, "show the test cases")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)

    cases = window.docks.panel("cases")
    assert isinstance(cases, CasesPanel)
    assert window.session.workspace == "review" and cases.case_ids == ids_at(window.session, 4, 5)
    assert newer.id.startswith(window.session.snapshots.chosen.id[:8])  # type: ignore[union-attr]


def test_of_folds_the_first_is_shown_and_the_others_are_named(
    qtbot: QtBot, session: Desk, complete_all: Callable[[], None]
) -> None:
    complete_all()
    assert session.project is not None
    made = make_snapshot(session.project, LIGHT, folds=3)
    session.snapshots.read()
    panel = panel_of(qtbot, session)
    settled(session)
    said: list[str] = []
    session.announced.connect(lambda _, sentence: said.append(sentence))

    session.snapshots.show_test_cases()

    held = {item.image_id for item in made.items if item.fold == 0}
    assert held and {session.project.cases.get(one).first_image_id for one in panel.case_ids} == held
    assert said[-1] == f"These are the cases of fold 0 of Light {made.id[:8]}: each fold is the test part of one run."
    assert session.snapshots.parts is not None
    page = card_page(made.card, session.snapshots.parts, {})
    assert "by patient, into 3 folds<" in page and "Bright · Dark" in page
    assert "Fold 2" in page and "Test" not in page, "nothing is kept apart from the folds"
    assert panel.search.text() == "part:fold0"


def test_another_project_has_its_own_snapshots(
    training: tuple[MainWindow, Snapshot, Snapshot], qtbot: QtBot, tmp_path: Path
) -> None:
    window, older, _ = training
    session = window.session
    session.snapshots.choose(older.id)
    settled(session)
    assert project_of(window).name == "Films"

    at_once: list[int] = []
    session.project_opened.connect(lambda _: at_once.append(len(session.snapshots.rows)))
    session.projects.open_folder(tmp_path / "empty", create=True)
    qtbot.waitUntil(lambda: session.project is not None and session.project.name == "empty")
    settled(session)

    assert at_once[0] == 0, "no command may be about a snapshot of the project before"
    assert session.snapshots.rows == [] and session.snapshots.parts is None
    assert not session.situation().has("snapshot_chosen")


def test_the_card_of_a_task_that_is_drawn_counts_objects_and_images_with_none(
    session: Desk, complete_all: Callable[[], None]
) -> None:
    complete_all()
    assert session.project is not None
    made = make_snapshot(
        session.project, Task(name="Boxes", kind="detection", labels=("Square", "Lung")), split=(1, 0, 0)
    )
    settled(session)

    rows = _rows_of(card_page(made.card, case_parts(session.project), label_tallies(session.project, made.id)))

    assert rows["Square"] == ["8 / 6 / 8", "0 / 0 / 0", "0 / 0 / 0"]
    assert rows["Square: objects"] == ["8", "0", "0"] and rows["Images with none of them"] == ["0", "0", "0"]
    assert rows["Lung"] == ["0 / 0 / 0"] * 3 and "Lung: objects" not in rows


def _rows_of(page: str) -> dict[str, list[str]]:
    """The rows of the table of parts: what is counted, and the words of each part."""
    rows = re.findall(r"<tr>(.*?)</tr>", page[page.index("How it is divided") :])
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in rows]
    return {row[0]: row[1:] for row in cells if row}
