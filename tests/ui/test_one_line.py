"""What stands beside each other on one line is on one line: words by their first line, fields by their edges."""

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tests.waiting import handled
from viewer.ui.flows.desk import Desk
from viewer.ui.look.theme import Theme
from viewer.ui.views.grid import NoticeBand


def middle_of_first_line(label: QLabel) -> float:
    """Of a label's first line of words, from the top of what holds it; in pixels."""
    lines = max(1, round(label.heightForWidth(label.width()) / label.fontMetrics().lineSpacing()))
    high = lines * label.fontMetrics().lineSpacing()
    top = label.mapTo(label.window(), QPoint(0, 0)).y() + (label.height() - high) / 2
    return top + label.fontMetrics().lineSpacing() / 2


@pytest.mark.parametrize("width_px", [900, 420])
@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_the_notice_of_review_is_on_one_line(qtbot: QtBot, session: Desk, scale: float, width_px: int) -> None:
    session.set_theme(Theme(font_scale=scale))
    band = NoticeBand(session)
    qtbot.addWidget(band)
    band.resize(width_px, 28)
    session.set_workspace("review")
    band.show()
    handled()
    band.resize(width_px, max(28, band.sizeHint().height()))
    handled()

    notice, sentence = (one for one in band.findChildren(QLabel) if one.text())
    assert notice.text() == "Not a diagnosis."
    # Two labels of one height may differ by the rounding of each; the fault was 3 pixels.
    assert abs(middle_of_first_line(notice) - middle_of_first_line(sentence)) <= 2
