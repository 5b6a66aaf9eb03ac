"""The menu of a shape has rows for what can be done with it, each with the key that does the same."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from tests.ui.test_docks_kept import annotating
from tests.waiting import handled
from viewer.core.shapes.shape import Box
from viewer.project.edit_builders import add_annotation
from viewer.ui.commands.context_menu import shape_menu, view_menu
from viewer.ui.commands.relabel_ids import CHANGE_LABEL
from viewer.ui.window.main_window import MainWindow

BOX = Box(x0_px=10, y0_px=10, x1_px=30, y1_px=30)


@pytest.fixture
def selected(qtbot: QtBot, home: Path, project_folder: Path) -> MainWindow:
    """A film with a box, which is selected."""
    window = annotating(qtbot, home, project_folder, (1280, 720))
    session = window.session
    project, shown = session.project, session.shown
    assert project is not None and shown is not None and shown.image_id is not None
    session.set_tool("select")
    edit = add_annotation(shown.image_id, "Square", BOX, author="tester")
    assert session.do(edit)
    session.edits.wait()
    (made,) = session.at_hand.work.annotations(shown.image_id)
    session.select_shape(made.annotation_id)
    handled()
    return window


def rows_of(window: MainWindow) -> dict[str, QAction]:
    menu = window.book.menu(view_menu(window.session), window)
    return {action.text().partition("\t")[0].replace("&", ""): action for action in menu.actions()}


def relabels(window: MainWindow) -> list[str]:
    """What the sub-menu of labels offers, and that each of it can be done."""
    below = rows_of(window).get(CHANGE_LABEL)
    menu = below.menu() if below is not None else None
    if menu is None:
        return []
    assert isinstance(menu, QMenu)
    assert all(action.isEnabled() for action in menu.actions())
    return [action.text() for action in menu.actions()]


def test_a_film_offers_other_labels_with_their_keys_and_no_slices(selected: MainWindow) -> None:
    session = selected.session
    names = [label.name for label in session.labels if label.scope == "region"]
    assert "Square" in names and len(names) > 1

    said = relabels(selected)

    assert [text.partition("\t")[0] for text in said] == [f"Change to {name}" for name in names if name != "Square"]
    keys = [label.key for label in session.labels if label.scope == "region" and label.name != "Square"]
    assert [text.partition("\t")[2] for text in said] == keys
    rows = rows_of(selected)
    assert rows["Remove the shape"].text().endswith("\tDel") and rows["Remove the shape"].isEnabled()
    assert not [row for row in rows if "slice" in row.lower() or "object" in row.lower()]


def test_where_nothing_can_get_another_label_there_is_no_row_of_labels(selected: MainWindow) -> None:
    session = selected.session
    situation = replace(session.situation(), read_only=True)
    assert not situation.may_edit
    session.situation = lambda: situation  # type: ignore[method-assign]
    assert not [row for row in shape_menu(session) if isinstance(row, tuple)]
    assert "annotate.remove_shape" in shape_menu(session), "grey, and its tip says why"


def test_with_one_label_there_is_no_other(selected: MainWindow) -> None:
    session = selected.session
    session.labels = [label for label in session.labels if label.scope != "region" or label.name == "Square"]  # type: ignore[misc]
    assert relabels(selected) == []
