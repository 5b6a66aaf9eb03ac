"""From the moment the scan knows a folder's first image to its paint, whatever the number of files.

The figures are printed; no test asserts a time.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

import viewer.reading.scan as scanning
from viewer.app import make_window
from viewer.ui.settings import Settings

Anatomy = Callable[..., np.ndarray]
WriteStudy = Callable[..., int]
Say = Callable[[str], None]


@pytest.mark.parametrize(
    ("files", "rounds"), [(12, 1), (100, 1), *(pytest.param(n, 5, marks=pytest.mark.full) for n in (12, 300, 10_000))]
)
def test_the_first_image_of_a_folder(
    qtbot: QtBot,
    tmp_path: Path,
    anatomy: Anatomy,
    write_study: WriteStudy,
    say: Say,
    monkeypatch: pytest.MonkeyPatch,
    files: int,
    rounds: int,
) -> None:
    for part in range(-(-files // 250)):
        pictures = (anatomy(256, 256, 0) for _ in range(min(250, files - 250 * part)))
        write_study(tmp_path / "study" / f"{part:03}", pictures, series=part + 1)
    found: list[float] = []
    real = scanning.scan

    def scan(*args: Any, partly: Callable[[object], None], **more: Any) -> scanning.ScanResult:
        def heard(result: object) -> None:
            found.append(time.perf_counter())
            partly(result)

        result = real(*args, partly=heard, **more)
        found.append(time.perf_counter())
        return result

    monkeypatch.setattr(scanning, "scan", scan)
    times, waits = [], []
    for number in range(rounds):
        monkeypatch.setenv("NEGATOSCOPE_INDEX", str(tmp_path / f"index{number}.sqlite"))
        window = make_window(settings=Settings(tmp_path / f"window{number}.ini"))
        qtbot.addWidget(window)
        qtbot.waitUntil(lambda window=window: window.session.project is not None)
        painted: list[float] = []
        view = window.session.active_view

        def on_painted(_cause: str, _ms: float, view: Any = view, painted: list[float] = painted) -> None:
            if view.has_frame:
                painted.append(time.perf_counter())

        view.painted.connect(on_painted)
        found.clear()
        began = time.perf_counter()
        window.session.open_paths([tmp_path / "study"])
        qtbot.waitUntil(lambda painted=painted: bool(painted))
        times.append((painted[0] - found[0]) * 1000)
        waits.append((painted[0] - began) * 1000)
        assert painted[0] >= found[0], "nothing is painted before it is found"
        qtbot.waitUntil(lambda window=window: not window.session.opening.scanning)
        window.close()
    say(
        f"folder of {files} files, not in the index: first image {min(times):.0f} to {max(times):.0f} ms after the "
        f"scan knows it, {min(waits):.0f} to {max(waits):.0f} ms after it was asked for; {rounds} rounds"
    )
