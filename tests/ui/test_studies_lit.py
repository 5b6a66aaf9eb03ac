"""In the list of studies one row is lit, the one on the screen; a ring is about the row that keys act on, and goes."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTreeWidgetItem
from pytestqt.qtbot import QtBot

from tests.ui.hand import LEFT, NONE, press
from tests.waiting import handled, settled
from viewer.ui.panels.studies import ROLE, StudiesPanel
from viewer.ui.window.main_window import MainWindow


@pytest.fixture
def panel(reading: MainWindow) -> StudiesPanel:
    made = reading.docks.panel("studies")
    assert isinstance(made, StudiesPanel)
    return made


def rows(panel: StudiesPanel, token: str, at_px: QPoint) -> list[str]:
    """What is called in each visible row that has a token's colour this far from its upper left corner."""
    handled()
    tree, color = panel.tree, panel._session.theme.color(token)
    picture = tree.viewport().grab().toImage()
    found, item = [], tree.topLevelItem(0)
    while item is not None:
        rect = tree.visualItemRect(item)
        place = (rect.topLeft() + at_px) * picture.devicePixelRatio()
        if picture.rect().contains(place) and picture.pixelColor(place).rgb() == color.rgb():
            found.append(named(item))
        item = tree.itemBelow(item)
    return found


def lit(panel: StudiesPanel) -> list[str]:
    return rows(panel, "accbg", QPoint(6, 4))


def ringed(panel: StudiesPanel) -> list[str]:
    return rows(panel, "acc", QPoint(6, 1))


def named(item: QTreeWidgetItem) -> str:
    thing = item.data(0, ROLE)
    return str(getattr(thing, "description", "") or getattr(thing, "patient_id", ""))


def click(panel: StudiesPanel, words: str, *, twice: bool = False) -> None:
    item = panel.tree.topLevelItem(0)
    while item is not None and named(item) != words:
        item = panel.tree.itemBelow(item)
    assert item is not None
    panel.tree.scrollToItem(item)
    at = panel.tree.visualItemRect(item).center()
    QTest.mouseClick(panel.tree.viewport(), LEFT, NONE, at)
    if twice:
        QTest.mouseDClick(panel.tree.viewport(), LEFT, NONE, at)
    QTest.mouseMove(panel.tree.viewport(), QPoint(1, panel.tree.viewport().height() - 1))


def test_one_row_is_lit_and_the_ring_goes_with_the_keys(panel: StudiesPanel, reading: MainWindow, qtbot: QtBot) -> None:
    assert lit(panel) == ["Series 1"] and ringed(panel) == []

    click(panel, "Series 2")
    assert lit(panel) == ["Series 1"] and ringed(panel) == ["Series 2"]

    press(panel.tree, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not panel.tree.hasFocus())
    assert lit(panel) == ["Series 1"] and ringed(panel) == []

    click(panel, "Series 2", twice=True)
    settled(reading.session)
    assert lit(panel) == ["Series 2"]
    click(panel, "Series 2")
    press(panel.tree, Qt.Key.Key_Up)
    assert lit(panel) == ["Series 2"] and ringed(panel) == ["Series 1"]
    press(panel.tree, Qt.Key.Key_Return)
    settled(reading.session)
    assert lit(panel) == ["Series 1"] and ringed(panel) == []  # opened, the keys go to the image
