"""What rows and commands work out again and again is worked out once, and comes out the same."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPen
from pytestqt.qtbot import QtBot

from tests.waiting import settled
from viewer.project.records import JournalEntry
from viewer.ui.commands.command import Command
from viewer.ui.commands.needs import Need
from viewer.ui.flows.desk import Desk
from viewer.ui.look import row_painting
from viewer.ui.look.icons import Icons
from viewer.ui.look.row_painting import draw_swatch, draw_text, line_px
from viewer.ui.look.theme import Theme
from viewer.ui.panels.history import HistoryModel
from viewer.ui.state.situation import Situation


def drawn(draw: Callable[[QPainter], object], ratio: float = 1.0) -> QImage:
    image = QImage(round(60 * ratio), round(40 * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor("#20262C"))
    painter = QPainter(image)
    draw(painter)
    painter.end()
    return image


@pytest.mark.parametrize("ratio", [1.0, 2.0])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_a_swatch_that_is_kept_looks_as_one_that_is_drawn(qapp: object, theme: str, ratio: float) -> None:
    icons, rect = Icons(Theme(name=theme)), QRect(7, 9, 12, 12)

    def plain(painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(icons.theme.color("swatchline"), 1))
        painter.setBrush(QColor("#F0B849"))
        painter.drawRoundedRect(QRectF(rect), 2, 2)

    def dashed(painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor("#F0B849"), 2, Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([2.2, 1.6])
        painter.setPen(pen)
        painter.drawRect(QRectF(rect).adjusted(1, 1, -1, -1))

    for _ in range(2):
        same = drawn(lambda painter: draw_swatch(icons, painter, rect, "#F0B849"), ratio)
        assert close(same, drawn(plain, ratio))
        same = drawn(lambda painter: draw_swatch(icons, painter, rect, "#F0B849", dashed=True), ratio)
        assert close(same, drawn(dashed, ratio))


def close(one: QImage, other: QImage) -> bool:
    """The same but for the last bits, which a half-clear line that is mixed twice may differ in."""

    def channels(image: QImage) -> list[int]:
        return list(bytes(image.constBits()))

    return max(abs(a - b) for a, b in zip(channels(one), channels(other), strict=True)) <= 2


def test_a_line_is_fitted_once_for_each_size_weight_and_room(qapp: object, monkeypatch: pytest.MonkeyPatch) -> None:
    fitted: list[str] = []
    elide = row_painting.elide

    def count(metrics: QFontMetrics, text: str, cut: Qt.TextElideMode, width_px: float) -> str:
        fitted.append(text)
        return elide(metrics, text, cut, width_px)

    monkeypatch.setattr(row_painting, "elide", count)
    name = f"{'a film of a long name ' * 3}{id(fitted)}"  # of no other test

    def width(scale: float, weight: int, room_px: int) -> int:
        icons, found = Icons(Theme(font_scale=scale)), []
        drawn(lambda p: found.append(draw_text(icons, p, QRect(0, 0, room_px, 20), name, weight=weight)))
        metrics = QFontMetrics(icons.theme.font(12, weight))
        whole = Qt.TextElideMode.ElideRight
        assert found == [metrics.horizontalAdvance(elide(metrics, name, whole, room_px))]
        assert line_px(icons, name, weight=weight) == metrics.horizontalAdvance(name)
        return len(fitted)

    assert width(1.0, 400, 60) == 1
    assert width(1.0, 400, 60) == 1
    assert width(1.0, 600, 60) == 2
    assert width(1.5, 400, 60) == 3
    assert width(1.0, 400, 50) == 4


def test_what_many_commands_need_is_asked_once(shown_case: Desk) -> None:
    asked: list[Situation] = []

    def holds(situation: Situation) -> bool:
        asked.append(situation)
        return False

    need = Need(holds=holds, words="Not now.")
    other = Need(holds=lambda _: True, words="Never said.")
    rows = [Command(id=f"a.{k}", text="A", menu="&Edit", group="a", run=lambda: None, help="", needs=(other, need))
            for k in range(3)]  # fmt: skip
    situation, known = shown_case.situation(), {}  # type: ignore[var-annotated]

    assert [row.why_not(situation, known) for row in rows] == ["Not now."] * 3
    assert len(asked) == 1
    assert rows[0].why_not(situation) == "Not now.", "asked anew of another moment"
    assert len(asked) == 2


def test_only_the_rows_of_history_that_name_another_film_are_painted_again(shown_case: Desk, qtbot: QtBot) -> None:
    session, model = shown_case, HistoryModel(shown_case)
    shown = session.shown
    assert shown is not None and shown.image_id is not None

    def entry(number: int, image_id: str | None, film: str) -> JournalEntry:
        return JournalEntry(
            edit_id=number, text="draw box", author="A", time=datetime.now(UTC).isoformat(), state="done",
            image_id=image_id, film=film,
        )  # fmt: skip

    here, nowhere = entry(1, shown.image_id, "here.png"), entry(2, None, "")
    model.set_entries([here, nowhere])
    told: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last, _=None: told.append((first.row(), last.row())))
    model.tell_places()
    assert told == []

    session.case_step(1)
    settled(session)
    model.tell_places()
    assert told == [(0, 0)]
    assert "another film" in model.index(0).data() or "here.png" in model.index(0).data()
