"""Docks above each other: what is cut gets a neighbour's spare room, and a window that nothing happens in rests."""

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QDockWidget
from pytestqt.qtbot import QtBot

from tests.ui.scenes import Scenes, program_fonts, scenes  # noqa: F401
from tests.waiting import handled, settled
from viewer.app import make_window
from viewer.ui.look.theme import Theme
from viewer.ui.panels.labels import LabelsPanel
from viewer.ui.state.settings import Settings
from viewer.ui.window.docks.dividing import divided, is_cut
from viewer.ui.window.main_window import MainWindow


class LaidOut(QObject):
    """Counts how often docks are moved or made higher or lower."""

    times = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kinds = (QEvent.Type.Move, QEvent.Type.Resize)
        self.times += isinstance(watched, QDockWidget) and event.type() in kinds
        return False


def standing(window: MainWindow) -> list[QDockWidget]:
    """The docks at the right, from the top."""
    docks = [one for one in window.findChildren(QDockWidget) if one.isVisible() and one.x() > window.width() // 2]
    return sorted(docks, key=lambda dock: dock.y())


def test_the_upper_ones_get_what_they_want_while_those_below_keep_their_least() -> None:
    assert divided([100, 200, 50], [40, 50, 60], 600) == [100, 200, 300]  # the last takes what is left
    assert divided([300, 200, 50], [40, 50, 60], 400) == [290, 50, 60]
    assert divided([10, 20], [40, 50], 200) == [40, 160]
    assert divided([90], [40], 60) == [60]


@pytest.mark.usefixtures("program_fonts")
def test_no_panel_is_cut_while_its_neighbour_has_room(qtbot: QtBot, home: Path, project_folder: Path) -> None:
    window = make_window([project_folder], settings=Settings(home / "window.ini"), author="tester")
    qtbot.addWidget(window)
    window.resize(1600, 1000)
    qtbot.waitUntil(lambda: window.session.shown is not None and window.session.shown.case_id is not None)
    window.session.set_theme(Theme(name="dark", font_scale=1.5))
    for space in ("read", "annotate", "train", "annotate", "read", "annotate"):
        window.enter(space)
        for size in ((1600, 1000), (1280, 720)):
            window.resize(*size)
            settled(window.session)
            docks = standing(window)
            spare = [dock.widget().height() - dock.widget().sizeHint().height() for dock in docks]
            cut = [dock.objectName() for dock in docks if is_cut(dock)]
            assert not cut or max(spare) <= 0, (space, size, cut, spare)


def test_a_low_labels_panel_scrolls_its_list_and_shows_every_answer(scenes: Scenes) -> None:  # noqa: F811
    window = scenes.window
    window.resize(1280, 720)
    window.session.set_theme(Theme(name="dark", font_scale=1.5))
    for space in ("annotate", "review", "annotate"):
        window.enter(space)
        settled(window.session)
    panel = window.docks.panel("labels")
    assert isinstance(panel, LabelsPanel)

    hidden = [name for name, chip in panel.answers.items() if chip.visibleRegion().boundingRect() != chip.rect()]

    assert len(panel.answers) == 5 and hidden == []
    assert panel.list.verticalScrollBar().maximum() > 0


def test_three_docks_in_a_low_window_are_laid_out_once_and_then_rest(scenes: Scenes) -> None:  # noqa: F811
    """Measured before Qt had laid them out, they went apart and behind each other with every turn of the event loop."""
    window = scenes.window
    window.resize(1280, 680)
    window.session.set_theme(Theme(name="dark", font_scale=1.0))
    window.enter("review")
    window.docks.bring("history")
    settled(window.session)
    window.enter("train")
    window.session.set_theme(Theme(name="dark", font_scale=1.5))
    settled(window.session)
    window.enter("review")
    settled(window.session)
    laid_out, app = LaidOut(), QApplication.instance()
    assert app is not None
    app.installEventFilter(laid_out)

    handled()
    app.removeEventFilter(laid_out)

    assert laid_out.times == 0
