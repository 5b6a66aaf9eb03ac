"""The window opens volumes and archives like folders, names what it refuses, and stays alive on a slow disk."""

import threading
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK
from PIL import Image
from pytestqt.qtbot import QtBot

from tests.ui.hand import drop
from tests.waiting import LIMIT_S
from viewer.reading.phantom.anatomy import draw_anatomy
from viewer.reading.phantom.volume import Grid, volume_hu
from viewer.ui.window.main_window import MainWindow


def write_phantom(path: Path) -> Path:
    """The phantom's chest as a NIfTI file in LPS, head up: an axial stack that lies as a CT does."""
    hu = volume_hu(draw_anatomy(0, seed=1), Grid.centred(counts=(24, 96, 128), steps_mm=(10.0, 3.5, 3.5)))
    image = SimpleITK.GetImageFromArray(hu.astype(np.int16))
    image.SetSpacing((3.5, 3.5, 10.0))
    SimpleITK.WriteImage(image, str(path))
    return path


def test_a_nifti_file_dropped_on_the_window_is_a_volume_with_letters(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    drop(window, [write_phantom(tmp_path / "chest.nii.gz")])

    qtbot.waitUntil(lambda: window.session.shown is not None)
    cell = window.session.active_cell
    assert cell is not None
    assert cell.series is not None
    assert (len(cell.series.frames), cell.series.is_volume, cell.series.description) == (24, True, "chest.nii.gz")
    shown = window.session.shown
    assert shown is not None
    assert shown.frame.facts.unit == ""
    assert shown.frame.facts.plane is not None
    assert shown.frame.facts.plane.row_cosines == pytest.approx((1.0, 0.0, 0.0))


def test_an_archive_dropped_on_the_window_shows_its_images_and_names_what_it_refuses(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    Image.fromarray(np.zeros((9, 7), np.uint8)).save(tmp_path / "a.png")
    with zipfile.ZipFile(tmp_path / "study.zip", "w") as archive:
        archive.write(tmp_path / "a.png", "films/a.png")
        archive.write(tmp_path / "a.png", "../evil.png")

    drop(window, [tmp_path / "study.zip"])

    qtbot.waitUntil(lambda: window.session.shown is not None)
    assert window.session.shown.ref.path == tmp_path / "study.zip" / "films" / "a.png"
    assert "evil.png" in window.banner.sentence
    window.show_report()
    rows = window.docks.panel("report").list
    assert [rows.topLevelItem(0).text(0)] == ["evil.png"]
    assert "leads out of the archive" in rows.topLevelItem(0).text(1)


def test_opening_can_be_stopped_while_the_disk_does_not_answer(
    window: MainWindow, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        Image.fromarray(np.zeros((9, 7), np.uint8)).save(tmp_path / f"{number}.png")
    asked, answered, plain_open = threading.Event(), threading.Event(), Path.open

    def stuck(path: Path, *args: Any, **kwargs: Any) -> Any:
        if path.suffix == ".png":
            asked.set()
            answered.wait(LIMIT_S)
        return plain_open(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", stuck)
    try:
        window.session.open_paths([tmp_path])
        qtbot.waitUntil(asked.is_set)

        window.session.opening.cancel()

        assert not window.session.opening.scanning
        assert "Opening was stopped" in window.banner.sentence
    finally:
        answered.set()
    monkeypatch.undo()
    window.session.open_paths([tmp_path / "0.png"])
    qtbot.waitUntil(lambda: window.session.shown is not None)
    assert len(window.session.series_list()) == 1
