"""In the list of studies the row of the series on the screen is in view, wherever it was opened from."""

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QTreeWidgetItem
from pytestqt.qtbot import QtBot

from tests.ui.conftest import series_named
from tests.waiting import handled, settled
from viewer.reading.series import FrameRef
from viewer.ui.panels.studies import ROLE, StudiesPanel
from viewer.ui.window.main_window import MainWindow


@pytest.fixture
def panel(reading: MainWindow, qtbot: QtBot) -> StudiesPanel:
    """A list that is lower than its rows."""
    made = StudiesPanel(reading.session)
    qtbot.addWidget(made)
    made.resize(260, 600)
    made.show()
    handled()
    made.resize(260, made.height() - made.tree.height() + 3 * reading.session.theme.room(74))
    handled()
    return made


def row_of(panel: StudiesPanel, words: str) -> QTreeWidgetItem:
    item = panel.tree.topLevelItem(0)
    while item is not None and getattr(item.data(0, ROLE), "description", "") != words:
        item = panel.tree.itemBelow(item)
    assert item is not None
    return item


def is_seen(panel: StudiesPanel, words: str) -> bool:
    rect = panel.tree.visualItemRect(row_of(panel, words))
    return panel.tree.viewport().rect().contains(rect.adjusted(0, 1, 0, -1))  # Qt scrolls to it but for one pixel


def ends(panel: StudiesPanel) -> tuple[str, str]:
    """The first and the last series of the list."""
    found, item = [], panel.tree.topLevelItem(0)
    while item is not None:
        if not item.childCount():
            found.append(item.data(0, ROLE).description)
        item = panel.tree.itemBelow(item)
    return found[0], found[-1]


def test_the_row_of_a_series_that_is_opened_elsewhere_comes_into_view(panel: StudiesPanel, reading: MainWindow) -> None:
    first, last = ends(panel)
    for words in (last, first, last):
        reading.session.open_series(series_named(reading, words))
        settled(reading.session)
        assert is_seen(panel, words)


def test_it_stays_in_view_when_the_list_grows_lower_and_rows_grow_higher(
    panel: StudiesPanel, reading: MainWindow
) -> None:
    _, last = ends(panel)
    panel.resize(260, panel.height() + 600)
    reading.session.open_series(series_named(reading, last))
    settled(reading.session)
    panel.tree.verticalScrollBar().setValue(0)

    panel.resize(260, panel.height() - 600)
    handled()
    assert is_seen(panel, last)

    reading.session.set_theme(replace(reading.session.theme, font_scale=1.5))
    handled()
    assert panel.tree.visualItemRect(row_of(panel, last)).height() > 74 and is_seen(panel, last)


def test_where_a_person_looks_in_the_list_is_left_to_them(panel: StudiesPanel, reading: MainWindow) -> None:
    first, last = ends(panel)
    reading.session.open_series(series_named(reading, last))
    settled(reading.session)
    panel.tree.scrollToItem(row_of(panel, first))

    reading.book.run("image.down")
    settled(reading.session)
    assert is_seen(panel, first)


def test_a_case_that_is_a_series_of_its_own_has_its_row_in_view_and_lit(
    panel: StudiesPanel, reading: MainWindow
) -> None:
    _, last = ends(panel)
    listed = series_named(reading, last)
    cell = reading.session.active_cell
    assert cell is not None

    # As a project makes it, which knows some of the images, and their places alone.
    first = listed.frames[0]
    frames = (FrameRef(path=first.path, frame_index=first.frame_index),)
    cell.show_series(replace(listed, series_id="", frames=frames))
    settled(reading.session)

    assert is_seen(panel, last)
    assert [panel.tree.is_on_screen(series) for series in reading.session.series_list()].count(True) == 1
    assert panel.tree.is_on_screen(listed)
    panel.tree.verticalScrollBar().setValue(0)
    panel.resize(260, panel.height() - 20)
    handled()
    assert is_seen(panel, last), "as after a restart, when the list is shown late"
