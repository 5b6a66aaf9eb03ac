"""A further panel that is opened by its command is seen, and leaves of the others what they are there for."""

import pytest
from PySide6.QtCore import Qt

from tests.ui.scenes import Scenes, program_fonts, scenes  # noqa: F401
from tests.ui.test_docks_room import standing
from tests.ui.test_findings_room import is_whole
from tests.waiting import handled, settled
from viewer.ui.look.theme import Theme
from viewer.ui.panels.findings import FindingsPanel
from viewer.ui.panels.labels import LabelsPanel
from viewer.ui.window.main_window import MainWindow

OPENED = ("tags", "labels", "findings")  # one that scrolls, and those with what is pressed at their end


def names(window: MainWindow) -> list[str]:
    return [dock.objectName().removeprefix("dock:") for dock in standing(window)]


def lacking(window: MainWindow) -> list[str]:
    """What is not seen of the panels that stand there, and is what they are there for."""
    found: list[str] = []
    for name in names(window):
        panel = window.docks.panel(name)
        if isinstance(panel, LabelsPanel) and not any(is_whole(chip) for chip in panel.answers.values()):
            found.append("a whole-image label")
        if isinstance(panel, FindingsPanel) and not is_whole(panel.accept_button):
            found.append("Accept")
    return found


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_a_further_panel_is_seen_and_takes_nobodys_last_row(scenes: Scenes, scale: float) -> None:  # noqa: F811
    window = scenes.window
    window.resize(1280, 720)
    window.session.set_theme(Theme(name="dark", font_scale=scale))
    for space in ("annotate", "review", "read"):
        window.enter(space)
        settled(window.session)
        docks = standing(window)
        window.resizeDocks(docks, [60, *[600] * (len(docks) - 1)], Qt.Orientation.Vertical)  # a hand makes one low
        settled(window.session)
        places = len(docks)
        for name in OPENED:
            was_open = window.docks.is_open(name)
            window.docks.bring(name)
            settled(window.session)
            handled()

            assert name in names(window), (space, name, names(window))
            assert lacking(window) == [], (space, name)
            if not was_open:
                window.docks.toggle(name)
                settled(window.session)
                handled()
                assert lacking(window) == [], (space, name)
                assert len(names(window)) == places, (space, name, "they stand above each other as before")
