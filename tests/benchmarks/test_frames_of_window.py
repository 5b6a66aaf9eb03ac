"""Scroll, window drag, zoom and pan in the real window: every frame at three sizes, and in 2 x 2 linked views.

The figures are printed, and kept in the benchmark's extra_info; no test asserts a time. Held to is what the window's
thread worked: on the clock stands also what other processes took of the cores.
"""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytest_benchmark.fixture import BenchmarkFixture
from pytestqt.qtbot import QtBot

from viewer.app import make_window
from viewer.ui.canvas.view import ImageView
from viewer.ui.state.settings import Settings
from viewer.ui.window.main_window import MainWindow

Anatomy = Callable[..., np.ndarray]
WriteStudy = Callable[..., int]
Say = Callable[[str], None]

ONE_VIEW_MS, LINKED_MS = 1000 / 60, 33.0
SIZES = ((512, 512, 60), (2048, 2048, 12), (4096, 3328, 8))


def _window(qtbot: QtBot, study: Path, home: Path) -> MainWindow:
    window = make_window([study], settings=Settings(home / "window.ini"))
    window.resize(1600, 1000)
    qtbot.addWidget(window)
    loaded: list[str] = []
    before = window.session.trace
    window.session.trace = lambda event, **facts: (loaded.append(event), before(event, **facts))  # type: ignore[func-returns-value]
    qtbot.waitUntil(lambda: "series_loaded" in loaded)
    window.session.trace = before
    qtbot.wait(300)
    return window


def _times(window: MainWindow, views: list[ImageView], step: Callable[[int], None], samples: int) -> np.ndarray:
    """(sample, 2) milliseconds from a step to the end of the paints it causes: on the clock, and of work."""
    app, found = QApplication.instance(), []
    assert app is not None
    painted: list[str] = []
    for view in views:
        view.painted.connect(lambda cause, _ms: painted.append(cause))
    for number in range(samples):
        painted.clear()
        began, worked = time.perf_counter(), time.thread_time()
        step(number)
        while len(painted) < len(views) and time.perf_counter() - began < 5:
            app.processEvents()
        found.append(((time.perf_counter() - began) * 1000, (time.thread_time() - worked) * 1000))
        assert len(painted) >= len(views), "a step must be painted"
        if number % 10 == 0:
            QTest.qWait(4)  # panels and timers get their turn, as in use
    return np.asarray(found)


def _wheel(view: ImageView, notches: int, *, zoom: bool = False) -> None:
    keys = Qt.KeyboardModifier.ControlModifier if zoom else Qt.KeyboardModifier.NoModifier
    at = QPointF(view.width() / 2 + 40, view.height() / 2 - 30)
    QApplication.sendEvent(
        view,
        QWheelEvent(
            at, view.mapToGlobal(at), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton, keys,
            Qt.ScrollPhase.NoScrollPhase, False,
        ),
    )  # fmt: skip


def _scroll(view: ImageView) -> Callable[[int], None]:
    return lambda number: _wheel(view, 1 if number % 6 < 3 else -1)


def _zoom(view: ImageView) -> Callable[[int], None]:
    return lambda number: _wheel(view, 1 if number % 16 < 8 else -1, zoom=True)


def _drag(view: ImageView, number: int) -> None:
    middle = view.rect().center()
    QTest.mouseMove(view, middle + QPoint(int(120 * np.sin(number / 9)), int(90 * np.cos(number / 7))))


def _measure(window: MainWindow, views: list[ImageView], samples: int) -> dict[str, np.ndarray]:
    view, middle = window.session.active_view, window.session.active_view.rect().center()
    found = {"scroll": _times(window, views, _scroll(view), samples)}
    found["zoom"] = _times(window, [view], _zoom(view), samples)
    window.session.set_tool("window")
    for name, button in (("window drag", Qt.MouseButton.LeftButton), ("pan", Qt.MouseButton.MiddleButton)):
        QTest.mousePress(view, button, pos=middle)
        found[name] = _times(window, [view], lambda number: _drag(view, number), samples)
        QTest.mouseRelease(view, button, pos=middle)
    return found


def _say(say: Callable[[str], None], size: str, found: dict[str, np.ndarray], limit_ms: float) -> dict[str, float]:
    figures = {}
    for name, times in found.items():
        (p50, worked_p50), (p99, worked_p99) = np.percentile(times, (50, 99), axis=0)
        figures |= {f"{name} p99_ms": p99, f"{name} p99_worked_ms": worked_p99}
        verdict = "within" if worked_p99 <= limit_ms else "NOT within"
        say(
            f"{name}, {size}: median {p50:.1f} ms, 99th percentile {p99:.1f} ms on the clock, {worked_p50:.1f} and "
            f"{worked_p99:.1f} ms of work ({verdict} {limit_ms:.1f} ms), {len(times)} frames"
        )
    return figures


@pytest.mark.parametrize(("rows", "cols", "slices"), SIZES)
@pytest.mark.full
def test_one_view(
    qtbot: QtBot,
    benchmark: BenchmarkFixture,
    tmp_path: Path,
    anatomy: Anatomy,
    write_study: WriteStudy,
    say: Say,
    rows: int,
    cols: int,
    slices: int,
) -> None:
    write_study(tmp_path / "study", (anatomy(rows, cols, number, bits=16) for number in range(slices)))
    window = _window(qtbot, tmp_path / "study", tmp_path)

    found = _measure(window, [window.session.active_view], 300)

    benchmark.extra_info.update(_say(say, f"{rows} x {cols}", found, ONE_VIEW_MS))
    benchmark.pedantic(lambda: None, rounds=1)
    window.close()


@pytest.mark.full
def test_four_linked_views(
    qtbot: QtBot, benchmark: BenchmarkFixture, tmp_path: Path, anatomy: Anatomy, write_study: WriteStudy, say: Say
) -> None:
    _write_four(tmp_path / "study", anatomy, write_study, slices=60)
    window = _linked(qtbot, tmp_path)

    found = _measure(window, window.session.views, 300)

    benchmark.extra_info.update(_say(say, "2 x 2 linked views of 512 x 512", found, LINKED_MS))
    benchmark.pedantic(lambda: None, rounds=1)
    window.close()


def test_a_step_paints_each_linked_view_once(
    qtbot: QtBot, tmp_path: Path, anatomy: Anatomy, write_study: WriteStudy
) -> None:
    _write_four(tmp_path / "study", anatomy, write_study, slices=8)
    window = _linked(qtbot, tmp_path)

    found = _measure(window, window.session.views, 6)

    assert {name: len(times) for name, times in found.items()} == dict.fromkeys(
        ("scroll", "zoom", "window drag", "pan"), 6
    )
    window.close()


def _write_four(folder: Path, anatomy: Anatomy, write_study: WriteStudy, *, slices: int) -> None:
    for series in range(1, 5):
        write_study(folder / str(series), (anatomy(512, 512, n) for n in range(slices)), series=series)


def _linked(qtbot: QtBot, tmp_path: Path) -> MainWindow:
    window = _window(qtbot, tmp_path / "study", tmp_path)
    session = window.session
    window.grid.set_layout("2x2")
    for cell, series in zip(session.cells, session.series_list()):
        cell.show_series(series)
    qtbot.waitUntil(lambda: all(cell.shown is not None for cell in session.cells))
    refs = [ref for series in session.series_list() for ref in series.frames]
    qtbot.waitUntil(lambda: all(session.frames.get(ref) is not None for ref in refs))
    window.grid.set_linked(linked=True)
    return window
