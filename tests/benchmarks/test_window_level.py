"""Window/level repaints through a real view: the view-sized look-up against one over the whole image."""

import sys
import time
from dataclasses import dataclass

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from pytestqt.qtbot import QtBot

from viewer.core.pixels import FrameIdentity, PixelFacts, Window
from viewer.core.windowing import display_table
from viewer.ui.canvas.view import ImageView

SAMPLES = 200
LIMIT_MS = 33.0  # two frames of a 60 Hz screen; held at the 99th percentile
# Held to are the milliseconds this thread worked: on the clock stands also what other processes took of the cores.


@dataclass
class Shown:
    stored: np.ndarray
    facts: PixelFacts
    identity: FrameIdentity


def film(rows: int, cols: int) -> Shown:
    """A 12-bit film with structure and noise."""
    y, x = np.mgrid[:rows, :cols].astype(np.float32)
    values = 2000 + 1200 * np.sin(x / 90) * np.cos(y / 70) + np.random.default_rng(1).normal(0, 60, (rows, cols))
    return Shown(
        np.clip(values, 0, 4095).astype(np.uint16),
        PixelFacts(rows=rows, cols=cols, bits_stored=12, windows=(Window(center=2048, width=4096),)),
        FrameIdentity(patient_name="Bench", patient_id="1", instance_number="1"),
    )


@pytest.mark.parametrize(("rows", "cols"), [(2048, 2048), (4096, 3328)])
def test_a_window_drag_repaints_within_two_frames_and_costs_a_fraction_of_the_whole_image(
    qtbot: QtBot, benchmark: BenchmarkFixture, rows: int, cols: int
) -> None:
    view = ImageView()
    qtbot.addWidget(view)
    view.resize(1000, 900)
    with qtbot.waitExposed(view):
        view.show()
    shown = film(rows, cols)
    painted: list[float] = []
    view.painted.connect(lambda cause, ms: painted.append(ms))
    view.show_frame(shown)
    view.repaint()
    times_ms: list[float] = []
    worked_ms: list[float] = []

    def step() -> None:
        started, worked = time.perf_counter(), time.thread_time()
        view.drag_window(1.0, -0.5)
        view.repaint()
        worked_ms.append((time.thread_time() - worked) * 1000)
        times_ms.append((time.perf_counter() - started) * 1000)

    benchmark.pedantic(step, rounds=SAMPLES, iterations=1, warmup_rounds=5)
    whole_ms = []
    for _ in range(15):
        worked = time.thread_time()
        display_table(shown.facts, view.window, invert=False).apply(shown.stored)
        whole_ms.append((time.thread_time() - worked) * 1000)

    p50, p99 = np.percentile(times_ms, (50, 99))
    worked_p50, worked_p99 = (float(one) for one in np.percentile(worked_ms, (50, 99)))
    whole = float(np.median(whole_ms))
    benchmark.extra_info.update(p50_ms=p50, p99_ms=p99, p99_worked_ms=worked_p99, samples=len(times_ms))
    sys.stdout.write(
        f"\nwindow/level {rows}x{cols} in 1000x900: p50 {p50:.2f} ms, p99 {p99:.2f} ms over {len(times_ms)} repaints "
        f"(p99 {worked_p99:.2f} ms of work); "
        f"a look-up over the whole image alone {whole:.2f} ms of work, {whole / worked_p50:.1f} times as much\n"
    )
    assert len(painted) >= len(times_ms), "every repaint must really paint"
    assert worked_p99 < LIMIT_MS
    if rows * cols > 10 * view.width() * view.height():  # of a smaller one the difference is less than a busy core's
        assert min(worked_ms) < min(whole_ms), "a repaint must not depend on the size of the image"
