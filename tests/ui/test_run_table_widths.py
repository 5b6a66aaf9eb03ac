"""A column of the table of runs that a hand made wider is so at the next start, whatever the size of the text."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.run_rows import a_run
from tests.ui.test_run_table import PLACES, table_of
from viewer.ui.flows.desk import Desk
from viewer.ui.run_table.page import RunTablePage
from viewer.ui.run_table.view import WIDTHS_PX, WIDTHS_WORD


def drag(page: RunTablePage, column: str, by_px: int) -> None:
    """The right edge of a column's head."""
    head = page.table.horizontalHeader()
    edge = QPoint(
        head.sectionViewportPosition(PLACES[column]) + head.sectionSize(PLACES[column]) - 1, head.height() // 2
    )
    QTest.mousePress(head.viewport(), Qt.MouseButton.LeftButton, pos=edge)
    QTest.mouseMove(head.viewport(), edge + QPoint(by_px // 2, 0))
    QTest.mouseMove(head.viewport(), edge + QPoint(by_px, 0))
    QTest.mouseRelease(head.viewport(), Qt.MouseButton.LeftButton, pos=edge + QPoint(by_px, 0))


def test_a_column_that_was_made_wider_is_so_at_the_next_start(
    qtbot: QtBot, session: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = table_of(qtbot, session, [a_run(1)], monkeypatch)
    usual = page.table.columnWidth(PLACES["name"])
    drag(page, "name", 60)
    wide = page.table.columnWidth(PLACES["name"])
    assert wide == usual + 60

    again = table_of(qtbot, session, [a_run(1)], monkeypatch)
    assert again.table.columnWidth(PLACES["name"]) == pytest.approx(wide, abs=1)
    assert again.table.columnWidth(PLACES["tags"]) == session.theme.room(WIDTHS_PX["tags"]), "and no other"
    again.table.show_columns(["name"])
    again.table.show_columns(["name", "tags"])
    assert session.settings.word(WIDTHS_WORD).startswith("name:") and "," not in session.settings.word(WIDTHS_WORD)


def test_what_is_no_width_is_none(qtbot: QtBot, session: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    session.settings.set_word(WIDTHS_WORD, "name:9999999999,tags:x,nothing:80,state:1,model:150,:,")
    page = table_of(qtbot, session, [a_run(1)], monkeypatch)

    for column in ("name", "tags", "state"):
        assert page.table.columnWidth(PLACES[column]) == session.theme.room(WIDTHS_PX[column])
    assert page.table.columnWidth(PLACES["model"]) == session.theme.room(150)
