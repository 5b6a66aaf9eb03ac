"""The colour bar of the heatmap panel: from 0 to the top of a map's scale, and nothing where there is no map."""

from pytestqt.qtbot import QtBot

from tests.ui.painted import words_of
from viewer.ui.flows.desk import Desk
from viewer.ui.panels.heatmap import ColorBar


def test_a_bar_without_a_map_is_not_drawn(qtbot: QtBot, session: Desk) -> None:
    bar = ColorBar(session)
    qtbot.addWidget(bar)
    bar.resize(300, bar.height())
    bar.show()

    assert words_of(bar) == []
