"""A project folder from anybody starts nothing: commands are made of paths, and only this person's own runs start."""

import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ml.events import append_event, read_events
from ml.job import run_job
from ml.recipe import default_recipe
from viewer.cli.main import main
from viewer.jobs import queue
from viewer.jobs.queue import cancel, enqueue, resume, start_next
from viewer.jobs.runs import list_runs, read_run

RECIPE = default_recipe(task="Mass", kind="classification", labels=("no", "yes"), model="simple_cnn", epochs=1)


def planted_run(project: Path, **config: Any) -> Path:
    """A run folder as a stranger writes it: it says that it waits, and names a command."""
    folder = project / "runs" / "20260101-0000-mass-ffff"
    (folder / "checkpoints").mkdir(parents=True)
    document = {"recipe": RECIPE.to_json(), "command": ["negatoscope", "train"], **config}
    (folder / "config.json").write_text(json.dumps(document))
    append_event(folder, "queued", resume=False)
    return folder


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The command lines that anything here would have started."""
    words: list[list[str]] = []

    class Child:
        pid = 2**22 + 1  # beyond any process id

        def __init__(self, command: list[str], **_: Any) -> None:
            if Path(command[0]).stem == "git":
                raise FileNotFoundError("no git here: a queued run's commit is not the point")
            self.args = command
            words.append([str(word) for word in command])

        returncode = 0

        def wait(self, timeout: float | None = None) -> int:
            return 0

        poll = wait

        def communicate(self, *_: Any, **__: Any) -> tuple[None, None]:
            return None, None

        def __enter__(self) -> "Child":
            return self

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(subprocess, "Popen", Child)
    return words


def without_lock(words: list[str]) -> list[str]:
    """The words of a command but the open descriptors of the run's lock, which are numbers of this process."""
    if "--lock" not in words:
        return words
    at = words.index("--lock")
    assert all(number.isdecimal() for number in words[at + 1].split(","))
    return words[:at] + words[at + 2 :]


def test_a_run_that_only_says_it_waits_is_not_started(tmp_path: Path, started: list[list[str]]) -> None:
    folder = planted_run(tmp_path, next_command=["touch", str(tmp_path / "ran")])

    assert start_next(tmp_path) is None

    assert started == []
    assert [event["event"] for event in read_events(folder)] == ["queued"]


def test_the_windows_watch_starts_nothing_of_a_strangers_project(tmp_path: Path, started: list[list[str]]) -> None:
    from viewer.ui.flows.job_watch import read

    planted_run(tmp_path)

    _, runs = read(tmp_path)

    assert started == []
    assert [run.state for run in runs] == ["elsewhere"]
    assert "queued elsewhere" in runs[0].error


@pytest.mark.parametrize(
    "command",
    [["touch", "ran"], "touch ran", [sys.executable, "-c", "open('ran', 'w')"], [["touch"], "ran"], {"a": "touch"}],
)
def test_what_a_config_names_is_not_run_when_the_job_ends(
    tmp_path: Path, started: list[list[str]], command: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = planted_run(tmp_path, next_command=command, command=command)
    monkeypatch.setattr("ml.job._train", lambda folder, resume: None)

    run_job(folder, resume=False)

    own = [sys.executable, "-P", "-s", "-m", "viewer.jobs.queue", str(tmp_path.resolve())]
    assert started == [own]


def test_only_what_this_person_queued_here_starts(tmp_path: Path, started: list[list[str]]) -> None:
    stranger = planted_run(tmp_path)
    mine = enqueue(tmp_path, RECIPE)

    assert start_next(tmp_path) == mine

    assert [without_lock(words)[4:] for words in started] == [["ml.job", str(mine.resolve())]]
    assert read_run(stranger).state == "elsewhere"


def test_the_command_that_starts_a_run_has_no_word_from_its_files(tmp_path: Path, started: list[list[str]]) -> None:
    mine = enqueue(tmp_path, RECIPE, command=["rm", "-rf", "/"])

    start_next(tmp_path)

    assert [without_lock(words) for words in started] == [
        [sys.executable, "-P", "-s", "-m", "ml.job", str(mine.resolve())]
    ]


def test_settings_changed_after_the_order_are_asked_for_again(tmp_path: Path) -> None:
    mine = enqueue(tmp_path, RECIPE)
    document = json.loads((mine / "config.json").read_text())
    document["recipe"]["init"] = "/somewhere/else.pt"

    (mine / "config.json").write_text(json.dumps(document))

    assert read_run(mine).state == "elsewhere"
    assert start_next(tmp_path) is None


def test_an_order_is_good_for_one_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = enqueue(tmp_path, RECIPE)
    monkeypatch.setattr(queue, "start_child", lambda folder, resume: append_event(folder, "starting"))
    assert start_next(tmp_path) == mine

    append_event(mine, "queued", resume=False)  # a stranger's line, afterwards

    assert read_run(mine).state == "elsewhere"
    assert start_next(tmp_path) is None


def test_a_copied_or_moved_project_starts_nothing_by_itself(tmp_path: Path) -> None:
    here = tmp_path / "here"
    enqueue(here, RECIPE)

    there = shutil.copytree(here, tmp_path / "there")

    assert [run.state for run in list_runs(here)] == ["queued"]
    assert [run.state for run in list_runs(there)] == ["elsewhere"]


def test_a_home_shared_by_two_computers_starts_a_run_on_the_one_that_queued_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = enqueue(tmp_path, RECIPE)

    monkeypatch.setattr(platform, "node", lambda: "another-computer")

    assert read_run(mine).state == "elsewhere"


def test_a_run_from_elsewhere_starts_when_the_person_says_so(tmp_path: Path, started: list[list[str]]) -> None:
    folder = planted_run(tmp_path)

    assert resume(folder).state == "queued"
    assert start_next(tmp_path) == folder

    assert [without_lock(words)[4:] for words in started] == [["ml.job", str(folder.resolve())]]


def test_a_cancelled_run_leaves_no_order_behind(tmp_path: Path) -> None:
    mine = enqueue(tmp_path, RECIPE)
    cancel(mine)

    append_event(mine, "queued", resume=False)

    assert read_run(mine).state == "elsewhere"


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_an_order_is_private_and_lies_outside_of_the_project(tmp_path: Path, home: Path) -> None:
    project = tmp_path / "project"
    enqueue(project, RECIPE)

    orders = [path for path in home.rglob("*.json") if path.parent.name == "queued"]
    assert len(orders) == 1
    assert orders[0].stat().st_mode & 0o777 == 0o600
    assert orders[0].parent.stat().st_mode & 0o777 == 0o700


def test_the_list_of_runs_says_which_wait_for_the_persons_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "project"
    assert main(["project", "create", str(project)]) == 0
    planted_run(project)
    capsys.readouterr()

    assert main(["runs", str(project)]) == 0

    said = capsys.readouterr().out
    assert "elsewhere" in said
    assert "resume it to start it here" in said
