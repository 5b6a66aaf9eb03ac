"""Watching a training from the command line, without a child: the bar, the failure, Ctrl+C."""

import io
from pathlib import Path

import pytest

from ml.events import append_event
from ml.recipe import default_recipe
from viewer.cli import following
from viewer.cli.output import Output
from viewer.core.errors import JobFailed
from viewer.jobs.queue import enqueue
from viewer.jobs.runs import RunStatus, read_run

RECIPE = default_recipe(task="t", kind="classification", labels=("a", "b"), model="simple_cnn", epochs=4)


def begin(folder: Path) -> None:
    append_event(folder, "started", steps_per_epoch=4, epochs=4, epoch=0, metric="auc", device="cpu", device_reason="x")


def test_the_bar_says_how_far_how_good_and_how_long(tmp_path: Path) -> None:
    folder = enqueue(tmp_path, RECIPE.with_settings(["fold=2"]))
    begin(folder)
    append_event(folder, "epoch", epoch=0, train_loss=0.5, val_loss=0.5, metrics={"auc": 0.75}, best=True)
    append_event(folder, "step", epoch=1, step=4, loss=0.25, left_s=33.0)

    text = following.bar(read_run(folder))

    assert "[##########----------]  fold 2  epoch 2/4  loss 0.250  auc 0.750" in text
    assert "on cpu (x)" in text


def test_a_failed_run_fails_the_command_with_its_sentence(tmp_path: Path, monkeypatch) -> None:
    folder = enqueue(tmp_path, RECIPE)

    def fail(project: Path) -> None:
        begin(folder)
        append_event(folder, "failed", error="The disk is full; free some space.")

    monkeypatch.setattr(following, "start_next", fail)

    with pytest.raises(JobFailed, match="The disk is full"):
        following.follow([folder], Output(stdout=io.StringIO(), stderr=io.StringIO()))


def test_ctrl_c_cancels_every_run_of_the_command_and_says_how_to_go_on(tmp_path: Path, monkeypatch) -> None:
    folders = [enqueue(tmp_path, RECIPE.with_settings([f"fold={k}"])) for k in range(3)]
    stderr = io.StringIO()
    monkeypatch.setattr(following, "start_next", lambda project: None)

    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(following.time, "sleep", interrupt)

    with pytest.raises(KeyboardInterrupt):
        following.follow(folders, Output(stdout=io.StringIO(), stderr=stderr))

    assert [read_run(folder).state for folder in folders] == [RunStatus.CANCELLED] * 3
    assert stderr.getvalue().count("--resume") == 3


def test_events_are_passed_on_as_they_come(tmp_path: Path, monkeypatch) -> None:
    folder = enqueue(tmp_path, RECIPE)
    stderr = io.StringIO()

    def finish(project: Path) -> None:
        begin(folder)
        append_event(folder, "finished", best_epoch=0, metrics={}, model_hash="ab")

    monkeypatch.setattr(following, "start_next", finish)

    document = following.follow([folder], Output(with_events=True, stdout=io.StringIO(), stderr=stderr))

    assert [line.split('"event": "')[1].split('"')[0] for line in stderr.getvalue().splitlines()] == [
        "queued",
        "started",
        "finished",
    ]
    assert document["runs"][0]["model_hash"] == "ab"
