"""SIGKILL of the window at random moments of scripted annotation loses no finished gesture."""

import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.waiting import LIMIT_S
from viewer.core.edits import Edit, LabelChange
from viewer.core.labels import Label
from viewer.project.project import Project
from viewer.project.register import add_to_project
from viewer.project.verify import verify
from viewer.reading.phantom.sample import write_radiographs
from viewer.reading.scan import scan

CHILD = Path(__file__).with_name("scripted_annotator.py")
IN_THE_SUITE, IN_FULL = 5, 200

pytestmark = pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX; Windows' TerminateProcess has its own test")


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    write_radiographs(folder, 1, size_px=96)
    return folder / "films"


def _project(folder: Path, films: Path) -> Path:
    with Project.create(folder, author="reader") as project:
        project.history.do(
            Edit(
                text="add label",
                changes=(LabelChange(before=None, after=Label(name="lung", scope="region", position=0)),),
            )
        )
        add_to_project(project, scan([films]))
    return folder


def _kill_once(project: Path, rng: random.Random) -> int:
    """Start the window, let it draw, kill it; returns how many gestures it had told as kept.

    It is killed at any moment behind its first, second or third gesture, or before any: counted in gestures, since on a
    busy machine a window may draw none in a second.
    """
    begins = f"kept {behind}" if (behind := rng.randrange(4)) else "ready"
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    child = subprocess.Popen(
        [sys.executable, str(CHILD), str(project), str(rng.randrange(2**31))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=env,
    )
    assert child.stdout
    assert child.stderr
    lines: list[str] = []
    timer = threading.Timer(rng.uniform(0.0, 0.5), lambda: child.send_signal(signal.SIGKILL))
    try:
        for line in child.stdout:
            lines.append(line.strip())
            if line.strip().startswith(begins):
                begins = "never again"
                timer.start()
        child.wait(LIMIT_S)
    finally:
        timer.cancel()
        child.kill()
        child.wait()
    assert child.returncode == -signal.SIGKILL, child.stderr.read()
    child.stdout.close()
    child.stderr.close()
    return max((int(line.split()[1]) for line in lines if line.startswith("kept")), default=0)


def _campaign(tmp_path: Path, films: Path, kills: int) -> tuple[int, int]:
    rng = random.Random(8)
    project = _project(tmp_path / "project", films)
    told, steps_before = 0, verify(project).steps
    for number in range(kills):
        kept = _kill_once(project, rng)
        report = verify(project)
        assert report.ok, f"kill {number + 1}: {report.problems}"
        written = report.steps - steps_before
        # The one gesture whose commit returned, but of which the child could not speak any more, may be there too.
        assert kept <= written <= kept + 1, f"kill {number + 1}: told {kept} kept, found {written}"
        steps_before = report.steps
        told += kept
    return told, verify(project).annotations


def test_five_kills_lose_no_finished_gesture(tmp_path: Path, films: Path) -> None:
    told, _ = _campaign(tmp_path, films, IN_THE_SUITE)

    assert told > IN_THE_SUITE  # the children did draw


@pytest.mark.full
def test_two_hundred_kills_lose_no_finished_gesture(
    tmp_path: Path, films: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told, annotations = _campaign(tmp_path, films, IN_FULL)

    with capsys.disabled():
        sys.stdout.write(
            f"\n{IN_FULL} kills: {told} gestures told as kept, all found; {annotations} annotations left\n"
        )
    assert told > IN_FULL
