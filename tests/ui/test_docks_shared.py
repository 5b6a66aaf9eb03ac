"""On this image and History share their height by what they list, until a hand divides them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView
from pytestqt.qtbot import QtBot

from tests.waiting import handled
from viewer.app import make_window
from viewer.core.shapes.kinds.box import Box
from viewer.project.edit_builders import add_annotation
from viewer.ui.state.settings import Settings
from viewer.ui.window.docks import shared_height
from viewer.ui.window.docks.shared_height import shared_heights
from viewer.ui.window.main_window import MainWindow


@pytest.mark.parametrize(
    ("wanted", "least", "total", "heights"),
    [
        ((100, 900), (80, 200), 600, (100, 500)),  # few objects: the journal has the rest
        ((450, 900), (80, 200), 600, (400, 200)),  # many: the journal keeps its least
        ((20, 900), (80, 200), 600, (80, 520)),
        ((450, 100), (80, 200), 1000, (450, 550)),
        ((450, 900), (80, 200), 100, (80, 20)),  # less than both need
    ],
)
def test_the_upper_one_gets_what_it_wants_while_the_lower_one_keeps_its_least(
    wanted: tuple[int, int], least: tuple[int, int], total: int, heights: tuple[int, int]
) -> None:
    assert shared_heights(wanted, least, total) == heights


def draw(window: MainWindow, count: int) -> None:
    session = window.session
    assert session.shown is not None and session.shown.image_id is not None
    for number in range(count):
        box = Box(x0_px=number, y0_px=2, x1_px=number + 9, y1_px=12)
        assert session.do(add_annotation(session.shown.image_id, "Square", box, author="tester"))
    session.edits.wait()
    handled()


@pytest.fixture
def annotating(qtbot: QtBot, home: Path, project_folder: Path) -> MainWindow:
    made = make_window([project_folder], settings=Settings(home / "window.ini"), author="tester")
    qtbot.addWidget(made)
    made.resize(1600, 1000)
    qtbot.waitUntil(lambda: made.session.shown is not None and made.session.shown.case_id is not None)
    made.enter("annotate")
    handled()
    return made


def last_row_is_in_sight(listed: QAbstractItemView, rows: int) -> bool:
    model = listed.model()
    last = listed.visualRect(model.index(model.rowCount() - 1, 0))
    return model.rowCount() == rows and last.bottom() <= listed.viewport().height()


def test_many_objects_take_room_from_the_journal_and_few_give_it_back(annotating: MainWindow, qtbot: QtBot) -> None:
    docks = annotating.docks
    panel, history = docks.panel("on_image"), docks.panel("history")
    before = panel.list.height()

    draw(annotating, 12)
    qtbot.waitUntil(lambda: last_row_is_in_sight(panel.list, 12))
    assert history.height() >= history.least_px

    for _ in range(12):
        annotating.session.undo()
    annotating.session.edits.wait()
    qtbot.waitUntil(lambda: panel.list.height() <= max(before, panel.least_px))


def test_docks_that_are_laid_out_anew_meanwhile_were_divided_by_no_hand(
    annotating: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read a moment too late, heights of before stood for what had been put, and what came after for a hand's: the list
    got no more room from then on, also in later sessions."""
    docks, shared = annotating.docks, annotating.docks._shared
    assert shared is not None
    handled()
    pair = list(shared._docks)
    by_need = [dock.height() for dock in pair]
    late: list[Callable[[], None]] = []
    shared._put = None
    with monkeypatch.context() as patch:
        patch.setattr(shared_height.QTimer, "singleShot", lambda _ms, _of, call: late.append(call))
        annotating.resizeDocks(pair, [by_need[0] + 90, by_need[1] - 90], Qt.Orientation.Vertical)
        handled()
        shared.share()  # by need again, which is read later
        handled()
    annotating.resizeDocks(pair, [by_need[0] + 60, by_need[1] - 60], Qt.Orientation.Vertical)
    shared.again()
    for read in late:
        read()
    handled()

    assert annotating.session.settings.word(shared_height.BY_HAND) == ""
    assert abs(pair[0].height() - by_need[0]) <= shared_height.MOVED_PX
    draw(annotating, 12)
    assert last_row_is_in_sight(docks.panel("on_image").list, 12)


def test_a_divider_that_a_hand_moved_stays_where_it_is(annotating: MainWindow) -> None:
    docks = annotating.docks
    draw(annotating, 2)
    upper, lower = (annotating.findChild(type(docks._docks["history"]), f"dock:{n}") for n in ("on_image", "history"))
    total = upper.height() + lower.height()
    annotating.resizeDocks([upper, lower], [total - 260, 260], Qt.Orientation.Vertical)
    handled()
    by_hand = upper.height()

    draw(annotating, 1)
    assert upper.height() == by_hand

    docks.reset()
    handled()
    draw(annotating, 1)
    by_need = upper.height()
    assert by_need < by_hand
    draw(annotating, 8)
    assert upper.height() > by_need, "it is divided by need again"
