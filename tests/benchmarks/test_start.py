"""From the start of the process to a window on the screen, under an X server, beside other programs where they are.

NEGATOSCOPE_PEERS="labelme=/somewhere/bin/labelme napari=/somewhere/bin/napari" names them; they live in environments of
their own. Rounds alternate, and the shortest of each counts. No test asserts a time.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROUNDS, GIVE_UP_S = 5, 90.0
# Not before the first paint: what reads files, what trains, what is behind a dialog.
LIGHT = (
    "pyqtgraph", "pydicom", "psutil", "imagecodecs", "sqlalchemy", "filelock", "subprocess", "viewer.reading.scan",
    "viewer.jobs", "viewer.project.samples", "viewer.project.snapshots", "viewer.ui.dialogs", "ml.card",
    "ml.evaluation",
)  # fmt: skip

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="X servers with xdotool are of Linux")


@pytest.fixture
def screen() -> Iterator[dict[str, str]]:
    """The environment of a program on an X server of this test's own."""
    if not (shutil.which("Xvfb") and shutil.which("xdotool")):
        pytest.skip("needs Xvfb and xdotool; `python3 packaging/start.py test` installs them")
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1000x24", "-nolisten", "tcp", "-noreset"],
        pass_fds=(write,), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    with os.fdopen(read) as told:
        number = told.readline().strip()
    # Compiled modules are kept, as on the computer of everybody who starts a program twice.
    own = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    yield {**own, "DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
    server.terminate()
    server.wait(10)


def _until_visible(command: list[str], name: str, env: dict[str, str]) -> float:
    """Seconds until a window of this name is on the screen; the program is ended then."""
    began = time.perf_counter()
    program = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while time.perf_counter() - began < GIVE_UP_S:
            words = ["xdotool", "search", "--onlyvisible", "--name", name]
            if subprocess.run(words, env=env, capture_output=True, check=False).stdout.strip():
                return time.perf_counter() - began
            assert program.poll() is None, f"{command[0]} ended by itself"
            time.sleep(0.02)
        raise AssertionError(f"{command[0]} showed no window")
    finally:
        program.kill()
        program.wait()


@pytest.mark.full
def test_the_window_is_on_the_screen(screen: dict[str, str], say: Callable[[str], None]) -> None:
    programs = {"Negatoscope": [sys.executable, "-m", "viewer.cli.main"]}
    for pair in os.environ.get("NEGATOSCOPE_PEERS", "").split():
        name, _, path = pair.partition("=")
        programs[name] = [path]
    times: dict[str, list[float]] = {name: [] for name in programs}

    for _ in range(ROUNDS + 1):
        for name, command in programs.items():
            times[name].append(_until_visible(command, name, screen))

    ours = min(times["Negatoscope"][1:])  # the first round compiles and fills the caches
    for name, found in times.items():
        shortest = min(found[1:])
        say(f"{name}: window on the screen after {shortest:.2f} s ({shortest / ours:.1f} x), {ROUNDS} rounds")


def _printed(code: str) -> str:
    """What this prints, in a process of its own."""
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_nothing_heavy_is_loaded_before_the_first_paint(home: Path) -> None:
    code = (
        "import sys, viewer.app as app\n"
        "application = app.make_application(['x'])\n"
        "loaded = []\n"
        "app._after_first_paint = lambda *_: loaded.extend(sys.modules)\n"
        "window = app.make_window()\n"
        "while not loaded: application.processEvents()\n"
        f"print([name for name in {LIGHT!r} if name in loaded])\n"
        "window.close()\n"
    )
    assert _printed(code) == "[]"


def test_few_sources_are_opened_and_nothing_is_collected_before_the_first_paint(home: Path) -> None:
    """Qt's hook for imports opened the source of each module; the collector went through all that was loaded."""
    code = (
        "import gc, linecache, os\n"
        "from viewer.cli import main\n"
        "collected = []\n"
        "main.ensure_window = lambda: gc.callbacks.append(lambda phase, info: collected.append(phase))\n"
        "def trace(_, event, **facts):\n"
        "    if event == 'window_shown':\n"
        "        opened = [name for name in linecache.cache if '/viewer/' in name]\n"
        "        print(len(opened) < 10, collected, flush=True)\n"  # those before `viewer.ui`
        "        os._exit(0)\n"
        "main.Trace.__call__ = trace\n"
        "main.main([])\n"
    )
    assert _printed(code) == "True []"


def test_a_project_without_runs_and_snapshots_loads_nothing_that_reads_them(home: Path) -> None:
    """It is opened as the first image is on its way, which waited for them."""
    code = (
        "import sys, viewer.app as app\n"
        "from tests.waiting import settled\n"
        "application = app.make_application(['x'])\n"
        "window = app.make_window()\n"
        "while window.session.project is None: application.processEvents()\n"
        "settled(window.session)\n"
        "names = ('viewer.jobs.queue', 'viewer.project.snapshots.snapshot')\n"
        "print([name for name in names if name in sys.modules])\n"
        "window.close()\n"
    )
    assert _printed(code) == "[]"
