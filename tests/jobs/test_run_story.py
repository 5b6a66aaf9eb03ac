"""What a run's lines add up to: time that was worked, what is loaded, why there is no figure, epochs of both ways."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ml.events import EVENTS_FILE
from ml.recipe import default_recipe
from viewer.cli.run_lines import describe, line_of
from viewer.jobs.queue import enqueue
from viewer.jobs.runs import RunStatus, list_runs, read_run
from viewer.ui.flows.run_words import elapsed_s, epoch_words, row_detail

RECIPE = default_recipe(task="t", kind="classification", labels=("no", "yes"), model="simple_cnn", epochs=5)
STARTED = {"steps_per_epoch": 4, "epochs": 5, "metric": "auc", "device": "cpu"}


def at(second: int) -> str:
    return (datetime(2026, 3, 9, 12, tzinfo=UTC) + timedelta(seconds=second)).isoformat()


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A run whose lines were written at these seconds."""

    def tell(*lines: tuple[int, str, dict[str, Any]], alive: bool = False) -> Any:
        folder = enqueue(tmp_path, RECIPE)
        text = [json.dumps({"event": event, "t": at(second), **facts}) for second, event, facts in lines]
        (folder / EVENTS_FILE).write_text("\n".join(text) + "\n")
        monkeypatch.setattr("viewer.jobs.runs.is_alive", lambda _: alive)
        return read_run(folder)

    return tell


def moment(second: int) -> datetime:
    return datetime.fromisoformat(at(second)).astimezone(UTC)


def test_a_pause_is_no_work(told: Any) -> None:
    lines = [(0, "starting", {}), (10, "started", STARTED), (100, "paused", {})]

    paused = told(*lines, alive=True)
    assert paused.state is RunStatus.PAUSED
    assert elapsed_s(paused, moment(3000)) == 100

    going = told(*lines, (1100, "unpaused", {}), alive=True)
    assert elapsed_s(going, moment(1150)) == 150
    over = told(*lines, (1100, "unpaused", {}), (1200, "finished", {"best_epoch": None}))
    assert elapsed_s(over, moment(9000)) == 200


def test_the_time_between_two_starts_is_no_work(told: Any) -> None:
    first = [(0, "starting", {}), (10, "started", STARTED), (60, "cancelled", {})]
    second = [(2000, "queued", {"resume": True}), (2010, "starting", {}), (2020, "started", STARTED)]

    assert elapsed_s(told(*first, *second, (2110, "finished", {})), moment(9000)) == 160


def test_a_killed_run_worked_to_its_last_line(told: Any) -> None:
    step = {"epoch": 0, "step": 1, "loss": 0.5}

    run = told((0, "starting", {}), (10, "started", STARTED), (70, "step", step))

    assert run.state is RunStatus.FAILED
    assert elapsed_s(run, moment(9000)) == 70


def test_a_killed_run_that_goes_on_worked_to_its_last_line_and_from_its_new_start(told: Any) -> None:
    first = [(0, "starting", {}), (10, "started", STARTED), (70, "step", {"epoch": 0, "step": 1, "loss": 0.5})]
    second = [(2000, "queued", {"resume": True}), (2010, "starting", {}), (2020, "started", STARTED)]

    assert elapsed_s(told(*first, *second, (2110, "finished", {})), moment(9000)) == 170


def test_before_the_first_step_it_says_what_it_loads(told: Any) -> None:
    lines = [(0, "starting", {}), (1, "loading", {"what": "the images", "done": 12, "total": 300})]

    assert row_detail(told(*lines, alive=True)) == "loading the images, 12 of 300"
    assert row_detail(told(*lines, (9, "started", STARTED), alive=True)) == "epoch 1 of 5"
    assert told(*lines, (9, "failed", {"error": "why"})).loading == ""
    assert told(*lines).loading == ""


def test_a_run_without_a_figure_says_why(told: Any) -> None:
    epoch = {"epoch": 1, "train_loss": 0.5, "val_loss": None, "metrics": {}, "best": True}
    started = (0, "started", {**STARTED, "first_epoch": 1})
    run = told(started, (5, "epoch", {**epoch, "note": "No validation images."}), (6, "finished", {"best_epoch": 1}))

    assert row_detail(run) == "no figure: No validation images"
    assert line_of(run).endswith("no figure: No validation images")
    assert describe(run)["why_no_figure"] == "No validation images"
    measured = told(started, (5, "epoch", {**epoch, "metrics": {"auc": 0.5}}), (6, "finished", {"best_epoch": 1}))
    assert describe(measured)["why_no_figure"] is None


@pytest.mark.parametrize(("first", "facts"), [(0, {}), (1, {"first_epoch": 1})])
def test_epochs_of_this_version_and_of_those_before_are_told_alike(told: Any, first: int, facts: dict) -> None:
    run = told(
        (0, "started", {**STARTED, **facts, "epoch": 0}),
        (1, "step", {"epoch": first, "step": 2, "loss": 0.9}),
        (2, "epoch", {"epoch": first, "train_loss": 0.5, "val_loss": 0.5, "metrics": {"auc": 0.7}, "best": True}),
        (3, "step", {"epoch": first + 1, "step": 4, "loss": 0.8}),
        (4, "epoch", {"epoch": first + 1, "train_loss": 0.4, "val_loss": 0.6, "metrics": {"auc": 0.6}, "best": False}),
        (5, "finished", {"best_epoch": first, "metrics": {}, "model_hash": "ab"}),
    )

    assert ([point.epoch for point in run.curves], run.epoch, run.best_epoch) == ([1, 2], 2, 1)
    assert run.steps_loss == ((0.5, 0.9), (2.0, 0.8))
    assert epoch_words(run) == "2 of 5 epochs"
    assert describe(run)["metrics"] == {"auc": 0.7}


def test_a_run_of_before_that_goes_on_keeps_its_epochs(told: Any) -> None:
    epoch = {"train_loss": 0.5, "val_loss": 0.5, "metrics": {"auc": 0.7}, "best": True}
    run = told(
        (0, "started", {**STARTED, "epoch": 0}),
        (1, "epoch", {**epoch, "epoch": 0}),
        (2, "epoch", {**epoch, "epoch": 1}),
        (3, "cancelled", {}),
        (4, "queued", {"resume": True}),
        (5, "started", {**STARTED, "epoch": 1, "first_epoch": 1}),
        (6, "epoch", {**epoch, "epoch": 2}),
    )

    assert [point.epoch for point in run.curves] == [1, 2]
    assert (run.epoch, run.best_epoch) == (2, 2)


def test_a_run_is_listed_once(tmp_path: Path) -> None:
    folder = enqueue(tmp_path, RECIPE)
    (folder.parent / "again").symlink_to(folder)

    assert [run.folder for run in list_runs(tmp_path)] == [folder]


def test_a_reported_run_says_its_figure_on_the_test_part_before_that_on_validation(told: Any) -> None:
    epoch = {"epoch": 1, "train_loss": 0.5, "val_loss": 0.4, "metrics": {"auc": 1.0}, "best": True}
    started = (0, "started", {**STARTED, "first_epoch": 1, "metric": "auc"})
    run = told(started, (5, "epoch", epoch), (6, "finished", {"best_epoch": 1}))
    alone = row_detail(run)
    report = replace(run, said="AUC 0.750 (0.400 to 0.960) on the test part: 8 cases of 4 patients")

    assert row_detail(replace(run, report=report)) == f"AUC 0.750 (0.400 to 0.960) test · {alone}"
