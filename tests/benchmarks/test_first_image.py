"""From the moment the scan knows a folder's first image to its paint, whatever the number of files.

The figures are printed; no test asserts a time.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

import viewer.reading.scan as scanning
from viewer.app import make_window
from viewer.ui.state.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
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


START = """
import os, sys, time
from pathlib import Path
import viewer.app as app
from viewer.reading.pixels import in_children as streams
from viewer.reading.decoding.pool import POOL
in_threads, folder, began = sys.argv[1] == "threads", Path(sys.argv[2]), float(sys.argv[3])
if in_threads:
    streams.stays_in_thread = lambda *_: True
    app.start_decoder = lambda: None

def trace(event, **_):
    if event == "first_image":
        print(time.time() - began, flush=True)
        POOL.close()
        os._exit(0)

app.open_window([folder], trace=trace)
"""


@pytest.mark.parametrize("rounds", [1, pytest.param(5, marks=pytest.mark.full)])
def test_the_first_compressed_image_of_a_start(
    tmp_path: Path, anatomy: Anatomy, write_study: WriteStudy, say: Say, rounds: int
) -> None:
    """A program that is started with a folder of JPEG 2000: its decoder is started beside its window."""
    base = anatomy(512, 512)
    data = imagecodecs.jpeg2k_encode(base, level=0, reversible=True, codecformat="j2k")
    write_study(tmp_path / "study", (base for _ in range(40)), syntax="1.2.840.10008.1.2.4.90", encode=lambda _: data)

    def start(how: str) -> float:
        words = [sys.executable, "-P", "-c", START, how, str(tmp_path / "study"), str(time.time())]
        done = subprocess.run(words, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True)
        assert done.returncode == 0, done.stderr
        return float(done.stdout)

    seconds: dict[str, list[float]] = {"threads": [], "children": []}
    for _ in range(rounds):
        for how, found in seconds.items():
            found.append(start(how))

    best = {how: min(found) for how, found in seconds.items()}
    say(
        f"start to first image of 40 JPEG 2000 files: {best['children']:.2f} s with children, {best['threads']:.2f} s "
        f"with threads; the shortest of {rounds}"
    )
