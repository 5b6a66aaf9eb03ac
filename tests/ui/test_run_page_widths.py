"""Every card of a run's page is as wide as the page, however one came to it, and explanations have room."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.judged_run import FIGURE, judge, trained
from tests.ui.test_run_page import card, opened, page_of, train  # noqa: F401
from tests.waiting import handled, settled
from viewer.ui.run_page.page import RunPage
from viewer.ui.run_page.report import ReportCard
from viewer.ui.run_page.rows import Rows
from viewer.ui.window.main_window import MainWindow


def widths(page: RunPage) -> set[int]:
    return {one.width() for one in page.cards.values() if one.isVisibleTo(page)}


@pytest.mark.parametrize("width_px", [1280, 1600, 2200])
def test_cards_are_equally_wide_before_and_after_another_activity(
    train: MainWindow, qtbot: QtBot, width_px: int  # noqa: F811
) -> None:  # fmt: skip
    judge(trained(opened(train)), opened(train))
    train.resize(width_px, 950)
    page = page_of(train, qtbot)
    handled()
    before = widths(page)

    QTest.keyClick(train, Qt.Key.Key_F8)
    settled(train.session)
    QTest.keyClick(train, Qt.Key.Key_F7)
    settled(train.session)
    handled()

    assert page.isVisible() and page.area.isVisible()
    assert len(before) == 1 and widths(page) == before


def test_a_page_that_grows_and_shrinks_has_cards_of_one_width(train: MainWindow, qtbot: QtBot) -> None:  # noqa: F811
    judge(trained(opened(train)), opened(train))
    page = page_of(train, qtbot)
    for width_px in (2200, 1280):
        train.resize(width_px, 950)
        handled()
        assert len(widths(page)) == 1, width_px


def test_a_long_reason_leaves_the_explanation_of_a_control_its_room(
    train: MainWindow, qtbot: QtBot  # noqa: F811
) -> None:  # fmt: skip
    why = "every case has the same score, so nothing is ranked at all"
    figures = {"value": 0.5, "low": None, "high": None, "method": "", "why": why}
    judge(
        trained(opened(train)), opened(train),
        answers={"model": {"auc": FIGURE}, "view alone": {"auc": figures}},
        controls=[{"name": "view alone", "tells": "what the header alone reaches without the picture", "why": ""}],
    )  # fmt: skip
    page = page_of(train, qtbot)
    controls = card(page, ReportCard).controls
    handled()

    assert why in controls.said[0][1]
    assert_room(controls)


def assert_room(rows: Rows) -> None:
    """The last column has more than the one between, and no cell is cut."""
    grid = rows.layout()
    items = [grid.itemAt(at) for at in range(grid.count())]
    first, between, last = [item.widget() for item in items if item is not None][:3]
    assert first is not None and between is not None and last is not None
    assert last.width() > between.width()
    assert all(one.height() >= one.heightForWidth(one.width()) for one in (between, last))
