"""The untouched window: the file's own, or one made from the values and called so."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tests.ui.conftest import series_named
from tests.ui.hand import drag, press
from viewer.core.pixels import Window
from viewer.ui.panels.window_level import WindowLevelPanel
from viewer.ui.views.cell import ViewCell
from viewer.ui.window.main_window import MainWindow


@pytest.fixture
def without(reading: MainWindow, slice_writer: Callable[..., None], tmp_path: Path, qtbot: QtBot) -> MainWindow:
    """The window with a series "Series 9" besides, whose files have no Window Center and Width."""
    for place in range(6):
        slice_writer(
            tmp_path / "more" / f"{place}.dcm", patient="M", study=3, series=9, place=place, frame="1.2.77",
            ImagePositionPatient=[0, 0, 4 * place], WindowCenter=None, WindowWidth=None,
        )  # fmt: skip
    reading.session.open_paths([tmp_path / "more"])
    qtbot.waitUntil(lambda: any(one.description == "Series 9" for one in reading.session.series_list()))
    return reading


def show(window: MainWindow, name: str, index: int, qtbot: QtBot) -> ViewCell:
    cell, wanted = window.grid.cells[0], series_named(window, name)
    window.session.arrange_views(1)
    cell.show_series(wanted, index)
    qtbot.waitUntil(lambda: cell.shown is not None and cell.shown.ref == wanted.frames[index])
    return cell


def panel_rows(window: MainWindow) -> list[Any]:
    panel = window.findChild(WindowLevelPanel)
    assert panel is not None
    return panel.rows


def lit(window: MainWindow) -> list[str]:
    return [row.name for row in panel_rows(window) if row.isChecked()]


def test_the_row_that_is_lit_says_whether_the_file_has_a_window(without: MainWindow, qtbot: QtBot) -> None:
    show(without, "Series 1", 2, qtbot)
    assert lit(without) == ["From the file"]

    show(without, "Series 9", 2, qtbot)
    assert lit(without) == ["Automatic"]
    assert [row.accessibleName() for row in panel_rows(without)][-1] == "Automatic"
    assert "names no window" in panel_rows(without)[-1].toolTip()

    press(without, Qt.Key.Key_2)
    assert lit(without) == ["Lung"]
    press(without, Qt.Key.Key_0)
    assert lit(without) == ["Automatic"]

    show(without, "Series 1", 2, qtbot)
    assert lit(without) == ["From the file"] and panel_rows(without)[-1].toolTip() == ""


def pair_of(window: MainWindow, qtbot: QtBot) -> tuple[ViewCell, ViewCell]:
    window.enter("review")
    window.session.set_fact("heatmap", holds=True)
    qtbot.waitUntil(lambda: window.grid.pair.stands)
    plain, warm = window.grid.cells
    qtbot.waitUntil(lambda: plain.shown is not None and warm.shown is not None)
    return plain, warm


def test_both_views_of_an_image_and_its_heatmap_have_one_window(without: MainWindow, qtbot: QtBot) -> None:
    cell = show(without, "Series 9", 1, qtbot)
    kept = cell.view.window
    cell.scroll_to(5)  # its values are others, and the window of the series' first image stays
    qtbot.waitUntil(lambda: cell.shown is not None and cell.shown.ref == cell.series.frames[5])

    plain, warm = pair_of(without, qtbot)

    assert plain.view.window == warm.view.window == kept


def test_a_window_given_back_to_the_file_is_given_back_in_both_views(without: MainWindow, qtbot: QtBot) -> None:
    show(without, "Series 1", 2, qtbot)
    plain, warm = pair_of(without, qtbot)
    without.session.set_tool("window")
    drag(plain.view, (100, 100), (160, 100))
    assert plain.view.window == warm.view.window and warm.view.contrast.touched

    press(without, Qt.Key.Key_0, Qt.KeyboardModifier.AltModifier)

    assert (plain.view.contrast.touched, warm.view.contrast.touched) == (False, False)
    for view in (plain.view, warm.view):  # Window Center and Width of write_slice
        assert isinstance(view.window, Window) and (view.window.center, view.window.width) == (-600, 900)


@pytest.mark.parametrize(
    ("units", "written"), [("BQML", "Bq/ml"), ("GML", "g/ml"), ("CM2ML", "cm²/ml")]
)  # what the codes mean: PS3.3 C.8.9.1.1.3
def test_the_unit_of_a_window_is_written_as_that_of_the_value(
    reading: MainWindow, slice_writer: Callable[..., None], tmp_path: Path, qtbot: QtBot, units: str, written: str
) -> None:
    slice_writer(
        tmp_path / "more" / "pet.dcm", patient="M", study=3, series=9, place=1, frame="1.2.77", Modality="PT",
        SOPClassUID="1.2.840.10008.5.1.4.1.1.128", Units=units, RescaleType=None,
    )  # fmt: skip
    reading.session.open_paths([tmp_path / "more"])
    qtbot.waitUntil(lambda: any(one.description == "Series 9" for one in reading.session.series_list()))
    cell = show(reading, "Series 9", 0, qtbot)

    panel = reading.findChild(WindowLevelPanel)
    said = [label.text() for label in panel.findChildren(QLabel)]
    under = cell.view.readout_at(QPointF(cell.view.rect().center()))

    assert written in said and units not in said
    assert under is not None and f" {written}" in under.value_text
