"""What every test has: a home, settings and caches of its own, and a check that nothing was left running."""

import gc
import os
import shutil
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.waiting import LIMIT_S, patient_bot, until

ROOT = Path(__file__).resolve().parent.parent

# Before any Qt is loaded: no window of a test may reach a real screen. tests/window starts children of their own.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session", autouse=True)
def _library_caches(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Libraries keep their caches for the whole session, outside the home of the person who runs the tests."""
    folder = tmp_path_factory.mktemp("library-caches")
    os.environ["MPLCONFIGDIR"] = str(folder / "matplotlib")
    os.environ["TORCH_HOME"] = str(folder / "torch")
    os.environ["HF_HOME"] = str(folder / "huggingface")
    os.environ["HF_HUB_OFFLINE"] = "1"


@pytest.fixture(scope="session", autouse=True)
def _statements_are_compiled_once() -> Iterator[None]:
    from tests.compiled_once import compiled_once

    with compiled_once():
        yield


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home folder of this test, empty at its start; children of the test inherit it."""
    folder = tmp_path_factory.mktemp("home")
    for name in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(folder))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(folder / name.removeprefix("XDG_").removesuffix("_HOME").lower()))
    monkeypatch.delenv("NEGATOSCOPE_AI_STATUS", raising=False)
    return folder


@pytest.fixture
def qtbot(qapp: Any, request: pytest.FixtureRequest) -> Any:
    """pytest-qt's robot with the one limit for every wait; a test names none."""
    return patient_bot(request)


@pytest.fixture(autouse=True)
def _nothing_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail when a test leaves a thread, a window or a running timer."""
    before = set(threading.enumerate())
    if {"qtbot", "qapp"} & set(request.fixturenames):
        _watch_timers()
    yield
    left = [*_windows_left(), *_timers_left(), *_threads_left(before)]
    if left:
        pytest.fail(f"Left behind: {', '.join(left)}.", pytrace=False)


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of real images; the test is skipped where there is none, and has a generated stand-in beside it."""
    from viewer.reading.sources.data_folder import find_data

    folder = find_data()
    if folder is None:
        pytest.skip("needs the real images: set NEGATOSCOPE_DATA or put them into ../shared/data")
    return folder


@pytest.fixture(scope="session")
def sample_made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample study (three phantom patients, CT and film). Read only: all processes of the tests share it."""
    from viewer.reading.phantom.sample import write_sample

    base = tmp_path_factory.getbasetemp()
    within = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, ended = within / "sample-study", within / "sample-study-ended"
    try:
        folder.mkdir()
    except FileExistsError:  # another process makes it, which takes ten seconds
        until(ended.exists, "the sample study")
        assert ended.read_text() == "whole", "the process that made the sample study failed"
        return folder / "sample"
    word = "failed"
    try:
        (folder / "sample").mkdir()
        write_sample(folder / "sample", patients=3)
        word = "whole"
    finally:
        partial = ended.with_name("sample-study-ending")
        partial.write_text(word)
        partial.replace(ended)
    return folder / "sample"


@pytest.fixture
def sample(sample_made_once: Path, tmp_path: Path) -> Path:
    """A copy of the sample study that this test may change."""
    return Path(shutil.copytree(sample_made_once, tmp_path / "sample"))


def _threads_left(before: set[threading.Thread]) -> list[str]:
    """Names of threads that the test started and that do not end by themselves within the grace time."""
    until = time.monotonic() + LIMIT_S
    while True:
        # tqdm's monitor and torch's pools live as long as the process; they are daemons without work of ours.
        left = [t for t in threading.enumerate() if t not in before and t.is_alive() and not _is_library_thread(t)]
        if not left or time.monotonic() > until:
            return [f"thread {thread.name}" for thread in left]
        time.sleep(0.02)


def _is_library_thread(thread: threading.Thread) -> bool:
    return type(thread).__name__ in {"TMonitor", "_DummyThread"} or thread.name.startswith("pin_memory")


def _windows_left() -> list[str]:
    widgets = sys.modules.get("PySide6.QtWidgets")
    if widgets is None or widgets.QApplication.instance() is None:
        return []
    from PySide6.QtCore import QCoreApplication, QEvent

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    shown = [widget for widget in widgets.QApplication.topLevelWidgets() if widget.isVisible()]
    names = [f"window {type(widget).__name__}" for widget in shown]
    for widget in shown:
        widget.close()
        widget.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    return names


_started: "weakref.WeakSet[Any]" = weakref.WeakSet()


def _watch_timers() -> None:
    """Remember every QTimer that is started. Asking gc for them would cost a second a test once torch is loaded."""
    from PySide6.QtCore import QTimer

    if hasattr(QTimer, "start_unwatched"):
        return
    QTimer.start_unwatched = QTimer.start

    def start(timer: Any, *args: Any) -> None:
        _started.add(timer)
        timer.start_unwatched(*args)

    QTimer.start = start


def _timers_left() -> list[str]:
    if not _started:
        return []
    from shiboken6 import isValid

    running = [timer for timer in _started if isValid(timer) and timer.isActive()]
    if running:
        gc.collect()  # what only a cycle keeps alive is not left behind
        running = [timer for timer in _started if isValid(timer) and timer.isActive()]
    names = [f"timer of {type(timer.parent()).__name__}, every {timer.interval()} ms" for timer in running]
    for timer in running:
        timer.stop()
    _started.clear()
    return names
