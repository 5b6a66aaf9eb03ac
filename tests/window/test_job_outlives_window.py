"""A training goes on when its window is closed or killed, and the next window finds it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from pytestqt.qtbot import QtBot

from ml.events import LOCK_FILE
from tests.waiting import LIMIT_S, until
from viewer.app import make_window
from viewer.cli.main import main
from viewer.jobs.runs import OVER, RunStatus, read_run
from viewer.project.snapshots.snapshot import Snapshot
from viewer.reading.phantom.sample import write_radiographs
from viewer.ui.state.settings import Settings

CHILD = Path(__file__).with_name("job_starter.py")

pytestmark = pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX; Windows' TerminateProcess has its own test")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve small phantom films and a snapshot of them."""
    folder = tmp_path_factory.mktemp("outlived")
    films, project = write_radiographs(folder / "films", 12, size_px=48), folder / "project"
    columns = "image=path,patient=patient_id,label=label"
    for words in (
        ["project", "create", str(project)],
        ["annotate", "import", str(project), "--format", "csv", str(films.films_csv), "--map", columns, "--complete"],
        ["snapshot", str(project), "--task", "nodule", "--kind", "classification", "--labels", "nodule,clear"],
    ):
        assert main(words) == 0
    return project


@pytest.fixture
def starter(project: Path) -> Iterator["subprocess.Popen[str]"]:
    """The window that starts the run, and whatever it leaves behind when the test fails."""
    child = subprocess.Popen(
        [sys.executable, str(CHILD), str(project), Snapshot.load(project).id],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    yield child
    child.kill()
    child.communicate()
    for lock in project.glob(f"runs/*/{LOCK_FILE}"):
        if read_run(lock.parent).state not in OVER:
            psutil.Process(json.loads(lock.read_text())["pid"]).kill()


@pytest.mark.parametrize("how", ["closed", "killed"])
def test_the_job_goes_on_and_the_next_window_finds_it(
    qtbot: QtBot,
    how: str,
    project: Path,
    starter: "subprocess.Popen[str]",
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert starter.stdout
    line = starter.stdout.readline().split()
    assert line[:1] == ["started"], starter.communicate()[1]
    run = Path(line[1])
    job = psutil.Process(json.loads((run / LOCK_FILE).read_text())["pid"])
    if how == "closed":
        assert starter.stdin
        starter.stdin.write("close\n")
        starter.stdin.flush()
        assert starter.wait(LIMIT_S) == 0
    else:
        starter.send_signal(signal.SIGKILL)
        assert starter.wait(LIMIT_S) == -signal.SIGKILL

    then = read_run(run).epoch
    until(lambda: read_run(run).epoch > then + 1, "the next epoch without its window")
    assert job.is_running()
    capsys.readouterr()
    assert main(["runs", str(project), "--json"]) == 0
    told = {one["run_id"]: one["state"] for one in json.loads(capsys.readouterr().out)["runs"]}
    assert told[run.name] == "running"

    window = make_window([project], settings=Settings(tmp_path / "window.ini"))
    qtbot.addWidget(window)
    try:
        watch = window.session.jobs
        qtbot.waitUntil(lambda: watch.running is not None)
        assert watch.running is not None
        assert watch.running.run_id == run.name
        watch.cancel(watch.running)
        qtbot.waitUntil(lambda: read_run(run).state is RunStatus.CANCELLED)
    finally:
        window.close()
    until(lambda: not job.is_running() or job.status() == psutil.STATUS_ZOMBIE, "the cancelled job's end")
