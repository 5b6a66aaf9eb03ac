"""Panels say what is on the screen now, and nothing of the image before."""

from pathlib import Path

import numpy as np
from PIL import Image
from pytestqt.qtbot import QtBot

from viewer.ui.panels.studies import StudiesPanel
from viewer.ui.panels.window_level import WindowLevelPanel
from viewer.ui.window.main_window import MainWindow


def test_a_colour_picture_shows_no_histogram_of_the_slice_before(
    reading: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    panel = reading.docks.panel("window_level")
    assert isinstance(panel, WindowLevelPanel)
    qtbot.waitUntil(lambda: panel.histogram._plot is not None)
    curve = panel.histogram._curve
    qtbot.waitUntil(lambda: float(np.max(curve.getData()[1])) > 0)

    Image.fromarray(np.full((20, 30, 3), (200, 40, 90), np.uint8)).save(tmp_path / "colour.png")
    reading.session.open_paths([tmp_path / "colour.png"])
    qtbot.waitUntil(lambda: reading.session.shown.ref.path.name == "colour.png")

    qtbot.waitUntil(lambda: float(np.max(curve.getData()[1])) == 0)


def test_the_patient_on_the_screen_is_unfolded_in_the_list(reading: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    panel = reading.docks.panel("studies")
    assert isinstance(panel, StudiesPanel)
    for number in range(4):  # more patients than are unfolded by themselves
        Image.fromarray(np.full((20, 30), 40 * number, np.uint8)).save(tmp_path / f"film{number}.png")
        reading.session.open_paths([tmp_path / f"film{number}.png"])
        name = f"film{number}.png"
        qtbot.waitUntil(lambda name=name: reading.session.shown.ref.path.name == name)
        qtbot.waitUntil(lambda: not reading.session.opening.scanning)

    tops = [panel.tree.topLevelItem(place) for place in range(panel.tree.topLevelItemCount())]
    holding = [top for top in tops if panel._holds_shown(top.data(0, 256))]
    assert len(holding) == 1 and holding[0].isExpanded()
