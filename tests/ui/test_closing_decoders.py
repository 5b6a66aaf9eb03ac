"""The window closes at once, whatever a codec is doing."""

import os
import signal
import sys
from pathlib import Path

import psutil
import pytest
from pytestqt.qtbot import QtBot

from tests.ui.conftest import write_films
from tests.waiting import until
from viewer.reading.decoding.pool import POOL
from viewer.ui.window.main_window import MainWindow


@pytest.mark.skipif(sys.platform == "win32", reason="the codec is held up by a signal")
def test_closing_the_window_waits_for_no_codec(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    """The children are stopped, as in a loop without end, and nobody lets them go on."""
    write_films(tmp_path / "films")
    POOL.close()
    POOL.warm("pictures")
    stopped = POOL.pids("pictures")
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    window.session.open_paths([tmp_path / "films"])
    qtbot.waitUntil(lambda: len(POOL.busy("pictures")) == len(stopped))

    window.close()

    assert not window.isVisible()
    until(lambda: not any(map(psutil.pid_exists, stopped)), "the end of the codecs")
