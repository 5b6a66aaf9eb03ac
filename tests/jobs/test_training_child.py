"""A real project, a real child: killed after an epoch, found out, resumed; equal to the uninterrupted run."""

import json
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from ml.events import LOCK_FILE, LOG_FILE, read_events
from ml.recipe import default_recipe
from ml.training.checkpoint import read_tensors
from ml.training.run import run_training
from tests.waiting import until
from viewer.cli.main import command_parser, main
from viewer.cli.train import recipes_of
from viewer.jobs.queue import enqueue, resume, start_next
from viewer.jobs.runs import OVER, RunStatus, read_run
from viewer.project.disk.held_lock import holder_of
from viewer.project.snapshots.snapshot import Snapshot


def made_project(folder: Path) -> Path:
    """24 films of 12 patients, half with a bright square, imported and frozen from the command line."""
    films = folder / "films"
    films.mkdir()
    rows = ["path,patient_id,label"]
    rng = np.random.default_rng(0)
    for number in range(24):
        pixels = rng.integers(60, 120, (40, 48)).astype(np.uint8)
        sick = number % 2 == 1
        if sick:
            pixels[10:24, 12:30] += 120
        Image.fromarray(pixels).save(films / f"{number}.png")
        rows.append(f"{number}.png,P{number // 2},{'sick' if sick else 'well'}")
    (films / "labels.csv").write_text("\n".join(rows) + "\n")
    project = folder / "project"
    assert main(["project", "create", str(project)]) == 0
    table = str(films / "labels.csv")
    assert main(["annotate", "import", str(project), table, "--format", "csv", "--complete"]) == 0
    words = ["--task", "square", "--kind", "classification", "--labels", "well,sick", "--split", "0.5", "0.25", "0.25"]
    assert main(["snapshot", str(project), *words]) == 0
    return project


def epochs(folder: Path) -> int:
    return sum(event["event"] == "epoch" for event in read_events(folder))


@pytest.fixture
def project(tmp_path: Path, monkeypatch) -> Iterator[Path]:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    yield made_project(tmp_path)
    until(lambda: not any(thread.name == "reap" for thread in threading.enumerate()), "the child's end")


def test_a_killed_job_loses_no_finished_epoch_and_its_resume_equals_the_uninterrupted_run(project: Path) -> None:
    snapshot = Snapshot.load(project, task="square")
    recipe = default_recipe(
        task="square",
        kind="classification",
        labels=snapshot.task.labels,
        model="simple_cnn",
        snapshot_id=snapshot.id,
        epochs=12,
        input_px=32,
        batch_size=4,
        threads=1,
        precision="fp32",
    )
    folder = enqueue(project, recipe)
    assert start_next(project) == folder
    pid = json.loads((folder / LOCK_FILE).read_text())["pid"]
    until(lambda: epochs(folder) >= 2, "two epochs")
    child = psutil.Process(pid)
    group, niceness = os.getpgid(pid), child.nice()
    os.kill(pid, signal.SIGKILL)
    until(lambda: read_run(folder).state in OVER, "dying")

    killed = read_run(folder)
    announced = epochs(folder)
    assert killed.state is RunStatus.FAILED
    assert "killed" in killed.error
    assert group == pid  # a group of its own outlives the terminal's Ctrl+C
    assert niceness >= 10
    _, document = read_tensors(folder / "checkpoints" / "last.safetensors")
    assert document["counters"]["epoch"] >= announced

    resume(folder)
    assert start_next(project) == folder
    until(lambda: read_run(folder).state in OVER, "the resumed run")
    assert read_run(folder).state is RunStatus.FINISHED, (folder / LOG_FILE).read_text()[-2000:]
    until(lambda: holder_of(folder / LOCK_FILE) is None, "the end of its lock")  # let go of after the last event

    whole = enqueue(project, recipe)
    run_training(whole, snapshot)
    a, b = (read_tensors(f / "checkpoints" / "last.safetensors")[0] for f in (folder, whole))
    assert a.keys() == b.keys()
    assert [name for name in a if not bool((a[name] == b[name]).all())] == []


def test_the_whole_way_from_the_command_line(project: Path, tmp_path: Path, capsys) -> None:
    sets = [word for pair in ("input_px=32", "batch_size=4", "threads=1", "precision=fp32") for word in ("--set", pair)]
    line = ["train", str(project), "--task", "square", "--model", "simple_cnn", "--epochs", "2", *sets]
    capsys.readouterr()

    assert main([*line, "--json"]) == 0
    run = json.loads(capsys.readouterr().out)["runs"][0]
    assert run["state"] == "finished"
    assert main(["runs", str(project), "--json"]) == 0
    assert [one["run_id"] for one in json.loads(capsys.readouterr().out)["runs"]] == [run["run_id"]]
    assert main(["models", str(project), "--json"]) == 0
    models = json.loads(capsys.readouterr().out)["models"]
    assert [model["model_hash"] for model in models] == [run["model_hash"]]
    assert main(["evaluate", str(project), run["run_id"], "--out", str(tmp_path / "report"), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["part"] == "test"
    assert (tmp_path / "report" / "cases.csv").is_file()
    assert main(["cancel", run["run_id"], "--project", str(project)]) == 2
    assert "finished already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--task", "square", "--model", "small_unet"], "does segmentation"),
        (["--task", "square", "--fold", "all"], "no folds"),
        (["--task", "square", "--set", "epoch=2"], "KEY=VALUE"),
        (["--task", "circle"], "no snapshot"),
        ([], "Say what to train"),
    ],
)
def test_what_cannot_be_trained_is_one_sentence(words: list[str], sentence: str, project: Path, capsys) -> None:
    assert main(["train", str(project), *words]) in (1, 2)

    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert sentence in error
    assert not any((project / "runs").iterdir())


def test_a_task_of_one_independent_label_makes_a_recipe(project: Path) -> None:
    words = ["--task", "ill", "--kind", "classification", "--labels", "sick", "--multi-label", "--folds", "3"]
    assert main(["snapshot", str(project), *words]) == 0

    recipes, _ = recipes_of(command_parser("train").parse_args([str(project), "--task", "ill", "--fold", "all"]))

    assert [recipe.fold for recipe in recipes] == [0, 1, 2]
    assert len({recipe.run_name for recipe in recipes}) == 1
    assert not recipes[0].exclusive


def test_a_run_whose_snapshot_is_gone_fails_with_a_sentence(project: Path) -> None:
    from ml.job import run_job

    snapshot = Snapshot.load(project, task="square")
    recipe = default_recipe(
        task="square", kind="classification", labels=("well", "sick"), model="simple_cnn", snapshot_id=snapshot.id
    )
    folder = enqueue(project, recipe)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "next_command": []}))
    shutil.rmtree(snapshot.folder)

    assert run_job(folder, resume=False) == 1

    run = read_run(folder)
    assert run.state is RunStatus.FAILED
    assert "snapshot" in run.error
