"""What is said below the picture of a case is whole: two answers are told apart by words that are not cut."""

import pytest
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from tests.waiting import handled
from viewer.ui.run_page import tiles
from viewer.ui.run_page.judged import Judged
from viewer.ui.run_page.tiles import Tiles
from viewer.ui.window.main_window import MainWindow

LONG = "PNEUMONIA, bacterial or viral"


def drawn(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, *judged: Judged) -> list[tuple[str, bool]]:
    """(words, whether they have room whole) of each line that a list of 700 px paints."""
    found: list[tuple[str, bool]] = []

    def draw(icons, painter, rect, text, *, px, weight=400, **_):  # type: ignore[no-untyped-def]
        found.append((text, QFontMetrics(icons.theme.font(px, weight)).horizontalAdvance(text) <= rect.width()))

    monkeypatch.setattr(tiles, "draw_text", draw)
    shown = Tiles(window.session, "Cases")
    qtbot.addWidget(shown)
    shown.resize(700, 400)
    shown.show()
    shown.show_judged(judged, "test part", "These.")
    handled()
    shown.grab()
    return found


def one(image: str, answer: str, wrong: bool | None, by: tuple[str, ...] = ()) -> Judged:
    return Judged(image_id=image, file="", label="", truth="NORMAL", answer=answer, score="score 0.769", wrong=wrong,
                  place=0.0, by=by)  # fmt: skip


def test_the_longest_answer_is_whole(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    found = drawn(window, qtbot, monkeypatch, one("a", "NORMAL", False), one("b", LONG, True))

    assert (f"answered {LONG}", True) in found and ("answered NORMAL", True) in found and ("wrong", True) in found


def test_of_two_that_answered_each_has_its_own_line(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = (f"e1be: {LONG}", "4dc7: NORMAL")
    found = drawn(window, qtbot, monkeypatch, one("a", f"{LONG} / NORMAL", None, by))

    assert [(by[0], True), (by[1], True)] == [line for line in found if line[0] in by][:2]
