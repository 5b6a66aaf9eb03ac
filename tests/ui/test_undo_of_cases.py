"""Completed one after the other, taken back one press each; undo, redo and the journal say of which film they are."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.hand import CTRL, press
from tests.ui.test_on_image_and_history import words
from tests.waiting import settled
from viewer.app import make_window
from viewer.core.edits import Edit
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.shapes.kinds.box import Box
from viewer.project.edit_builders import add_annotation, set_status
from viewer.project.project import Project
from viewer.ui.panels.history import HistoryPanel
from viewer.ui.state.settings import Settings
from viewer.ui.window.main_window import MainWindow

Key = Qt.Key


def made_window(qtbot: QtBot, home: Path, folder: Path) -> MainWindow:
    made = make_window([folder], settings=Settings(home / "window.ini"), author="tester")
    made.activateWindow()
    qtbot.waitUntil(lambda: made.session.shown is not None and made.session.shown.case_id is not None)
    qtbot.waitUntil(made.isActiveWindow)
    return made


@pytest.fixture
def annotating(qtbot: QtBot, home: Path, project_folder: Path) -> Iterator[MainWindow]:
    """The window on the project of eight films, at its first."""
    made = made_window(qtbot, home, project_folder)
    yield made
    made.close()
    made.deleteLater()


def strike(window: MainWindow, key: Qt.Key) -> None:
    window.focus_image()
    press(window, key, CTRL)
    settled(window.session)


def complete(window: MainWindow) -> list[int]:
    """The places of the cases that are complete."""
    assert window.session.project is not None
    rows = window.session.project.cases.all()
    return [place for place, row in enumerate(rows) if row.status is CaseStatus.COMPLETE]


def shown_place(window: MainWindow) -> int:
    session = window.session
    assert session.shown is not None and session.project is not None
    return [row.case_id for row in session.project.cases.all()].index(session.shown.case_id or "")


def says(window: MainWindow, command_id: str) -> str:
    return window.book.actions[command_id].text().partition("\t")[0].replace("&", "")


def status(window: MainWindow) -> str:
    return str(window.statusBar()._mouse.text())  # type: ignore[attr-defined]


def test_a_case_that_was_completed_by_mistake_comes_back_with_one_press_and_is_named(annotating: MainWindow) -> None:
    for _ in range(4):
        strike(annotating, Key.Key_Return)
    assert complete(annotating) == [0, 1, 2, 3] and shown_place(annotating) == 4
    assert says(annotating, "edit.undo") == "Undo set case complete: P3 · film_3.png"

    for place in (3, 2):
        strike(annotating, Key.Key_Z)
        assert complete(annotating) == list(range(place)) and shown_place(annotating) == place
        assert status(annotating) == f"Taken back: set case complete: P{place} · film_{place}.png."
    assert says(annotating, "edit.undo") == "Undo set case complete: P1 · film_1.png"
    assert says(annotating, "edit.redo") == "Redo set case complete"  # it is on the screen

    strike(annotating, Key.Key_Y)
    strike(annotating, Key.Key_Y)
    assert complete(annotating) == [0, 1, 2, 3] and shown_place(annotating) == 3
    assert status(annotating) == "Done again: set case complete: P3 · film_3.png."


def test_a_gesture_on_several_cases_is_one_step_and_says_how_many(annotating: MainWindow) -> None:
    session = annotating.session
    assert session.project is not None
    rows = session.project.cases.all()[2:5]
    changes = [change for row in rows for change in set_status(row, CaseStatus.COMPLETE).changes]
    assert session.do(Edit(text="set case complete", changes=tuple(changes), image_id=rows[0].first_image_id))
    settled(session)

    assert complete(annotating) == [2, 3, 4]
    assert says(annotating, "edit.undo") == "Undo set case complete: 3 cases"
    strike(annotating, Key.Key_Z)
    assert complete(annotating) == [] and shown_place(annotating) == 0


def test_a_shape_on_another_film_is_shown_first_by_its_name(annotating: MainWindow) -> None:
    session = annotating.session
    assert session.project is not None and session.shown is not None and session.shown.image_id is not None
    image_id = session.shown.image_id
    box = Box(x0_px=5, y0_px=5, x1_px=25, y1_px=15)
    assert session.do(add_annotation(image_id, "Square", box, author="tester"))
    session.edits.wait()
    before = len(session.project.work.annotations(image_id))
    session.case_step(3)
    settled(session)

    strike(annotating, Key.Key_Z)

    assert len(session.project.work.annotations(image_id)) == before and shown_place(annotating) == 0
    said = "“draw Square box” is on film_0.png, which is shown first. Ctrl+Z again takes it back."
    assert annotating.banner.sentence == said
    strike(annotating, Key.Key_Z)
    assert len(session.project.work.annotations(image_id)) == before - 1


def test_the_names_are_those_of_films_that_nobody_has_looked_at_since_the_start(
    qtbot: QtBot, home: Path, project_folder: Path
) -> None:
    box = Box(x0_px=5, y0_px=5, x1_px=25, y1_px=15)
    with Project.open(project_folder, writable=True, author="tester") as project:
        last = project.cases.all()[-1]
        project.history.do(set_status(last, CaseStatus.COMPLETE))
        project.history.do(add_annotation(last.first_image_id, "Square", box, author="tester"))
    window = made_window(qtbot, home, project_folder)
    panel = HistoryPanel(window.session)
    qtbot.addWidget(panel)
    settled(window.session)

    assert shown_place(window) == 0
    assert says(window, "edit.undo") == "Undo draw Square box on film_7.png"
    assert words(panel)[:2] == ["Draw Square box, film_7.png", "Set case complete, P0 · film_7.png"]
    window.session.set_names_hidden(hidden=True)
    assert words(panel)[:2] == ["Draw Square box, another film", "Set case complete, another case"]
    window.session.open_case(last.case_id)
    settled(window.session)
    assert words(panel)[:2] == ["Draw Square box", "Set case complete"]
    window.close()
    window.deleteLater()
