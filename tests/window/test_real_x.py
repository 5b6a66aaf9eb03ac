"""The window under a real X server, driven by the server's own mouse and keys: scroll, window, measure."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.waiting import LIMIT_S, until
from viewer.project.project import DATABASE_NAME, Project
from viewer.project.verify import verify

WIDTH, HEIGHT = 1600, 1000
MIDDLE_SLICE, STEPS = 25, 3  # Instance Number of the slice that a series of 48 opens at
PULL_PX = 120

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="X servers with xdotool are of Linux")


def _need(program: str) -> str:
    found = shutil.which(program)
    assert found, f"{program} is not installed; `python3 packaging/start.py test` installs it."
    return found


@pytest.fixture
def display() -> Iterator[str]:
    """An X server of this test's own."""
    read, write = os.pipe()
    server = subprocess.Popen(
        [
            _need("Xvfb"), "-displayfd", str(write), "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp",
            "-noreset",
        ],
        pass_fds=(write,), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    try:
        with os.fdopen(read) as told:
            number = told.readline().strip()
        assert number, "Xvfb did not start"
        yield f":{number}"
    finally:
        server.terminate()
        server.wait(LIMIT_S)


class Person:
    """Mouse and keys of one display."""

    def __init__(self, display: str, trace: Path) -> None:
        self._env = {**os.environ, "DISPLAY": display}
        self._program, self._trace = _need("xdotool"), trace

    def x(self, *words: object) -> str:
        """One call of xdotool; what it prints, "" when it found nothing."""
        done = subprocess.run(
            [self._program, *map(str, words)], env=self._env, capture_output=True, text=True, timeout=LIMIT_S
        )
        return done.stdout.strip()

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Pull with the left button, in ten steps."""
        self.x("mousemove", *start)
        self.x("mousedown", 1)
        for step in range(1, 11):
            self.x("mousemove", *(round(a + (b - a) * step / 10) for a, b in zip(start, end, strict=True)))
        self.x("mouseup", 1)

    def events(self, event: str, **facts: str) -> list[dict[str, Any]]:
        """What the trace tells of an event."""
        text = self._trace.read_text() if self._trace.exists() else ""
        lines = [json.loads(line) for line in text.splitlines() if line.endswith("}")]
        return [one for one in lines if one["event"] == event and facts.items() <= one.items()]


def test_a_person_scrolls_windows_and_measures_under_a_real_x_server(
    display: str, home: Path, sample_made_once: Path
) -> None:
    trace, ct = home / "trace.jsonl", next(sample_made_once.glob("*/ct"))
    person = Person(display, trace)
    env = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    app = subprocess.Popen(
        [sys.executable, "-m", "viewer.cli.main", str(ct), "--trace", str(trace)], env=env, stderr=subprocess.PIPE
    )
    try:
        until(lambda: person.events("series_loaded") or app.poll() is not None, "the series")
        assert app.poll() is None, app.communicate()[1]
        window = until(lambda: person.x("search", "--onlyvisible", "--name", "Negatoscope").split(), "the window")[0]
        person.x("windowfocus", window)
        middle = (WIDTH // 2, HEIGHT // 2)
        person.x("mousemove", *middle)
        until(lambda: any(home.rglob(DATABASE_NAME)), "the personal project")
        for _ in range(STEPS):
            painted = len(person.events("paint", cause="frame"))
            person.x("click", 5)  # the wheel, towards the person
            until(lambda seen=painted: len(person.events("paint", cause="frame")) > seen, "the next slice")

        windowed = len(person.events("paint", cause="window"))
        person.drag(middle, (middle[0] + 60, middle[1] - 40))
        until(lambda: len(person.events("paint", cause="window")) > windowed, "a paint by the window's drag")

        person.x("key", "l")
        person.drag((middle[0] - PULL_PX, middle[1]), (middle[0] + PULL_PX, middle[1]))
        (project,) = {path.parent for path in home.rglob(DATABASE_NAME)}
        until(lambda: verify(project).steps, "the measurement in the project")
        person.x("key", "ctrl+q")
        assert app.wait(LIMIT_S) == 0
    finally:
        app.kill()
        app.communicate()

    assert verify(project).ok
    with Project.open(project, writable=False) as opened:
        known = opened.images.noted(list(set(opened.images.files().values())))
        measured = {image.image_id: opened.work.measurements(image.image_id) for image in known}
        ((image_id, (length,)),) = ((key, value) for key, value in measured.items() if value)
        tags = {image.image_id: image.tags for image in known}[image_id]
        assert opened.images.count() == 0, "to measure makes no case to do"
    assert length.kind == "length"
    assert int(tags["InstanceNumber"]) == MIDDLE_SLICE + STEPS
    (x0, y0), (x1, y1) = length.points_px
    assert y0 == pytest.approx(y1)
    assert 256 / HEIGHT * PULL_PX < x1 - x0 < 256  # a slice of 256 fits into the view's height
    assert [one["event"] for one in map(json.loads, trace.read_text().splitlines())].count("window_shown") == 1
