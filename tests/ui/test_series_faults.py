"""Faults of a series stand on its images and in the title over them."""

from pathlib import Path

import numpy as np
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from tests.ui.conftest import write_slice
from viewer.ui.canvas.words import FAULT_COLOR
from viewer.ui.window import MainWindow


def amber(image: QImage) -> np.ndarray:
    """(row, col) bool: where a picture has the colour of faults, in its upper right quarter."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    bytes_ = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    wanted = [int(FAULT_COLOR[place : place + 2], 16) for place in (5, 3, 1)]  # blue, green, red
    found = (np.abs(bytes_[:, : image.width(), :3].astype(int) - wanted) < 12).all(axis=2)
    return np.asarray(found[: image.height() // 2, image.width() // 2 :])


def test_a_gap_is_said_on_the_images_beside_it_and_follows_scrolling(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    for place, z in enumerate((0, 4, 12, 16)):
        write_slice(
            tmp_path / "gap" / f"{place}.dcm", patient="GAP", study=1, series=1, place=place, frame="1.2.7",
            ImagePositionPatient=[0, 0, z],
        )  # fmt: skip
    session = window.session
    session.open_paths([tmp_path / "gap"])
    qtbot.waitUntil(lambda: session.shown is not None, timeout=10000)
    (cell,) = session.cells
    assert cell.series is not None
    frames = cell.series.frames

    def lines_at(index: int) -> int:
        cell.go(index)
        qtbot.waitUntil(lambda: cell.shown is not None and cell.shown.ref == frames[index], timeout=10000)
        rows = np.flatnonzero(amber(cell.view.grab_view()).any(axis=1))
        return round((rows[-1] - rows[0]) / 16 + 0.5)  # lines are 16 pixels apart

    assert cell.title.fault == "1 slice missing"
    assert "gaps of 4.000 to 8.000 mm" in cell.title.toolTip()
    assert [lines_at(index) for index in range(4)] == [1, 2, 2, 1]


def test_a_sound_series_has_nothing_amber_on_it(reading: MainWindow) -> None:
    (cell,) = reading.session.cells

    assert cell.title.fault == ""
    assert not amber(cell.view.grab_view()).any()
