"""What a person asks a table of runs for, and how its rows are sorted."""

from dataclasses import replace
from pathlib import Path

import pytest

from ml.recipe import default_recipe
from viewer.core.errors import BadRequest
from viewer.jobs.run_columns import BY_NAME, column_named, sorted_runs
from viewer.jobs.run_query import read_run_query
from viewer.jobs.run_story import EpochPoint
from viewer.jobs.runs import RunState, RunStatus

SNAPSHOT = "ef66e366" * 8


def a_run(run_id: str, **facts: object) -> RunState:
    recipe = default_recipe(task="Lung mass", kind="classification", labels=("no", "yes"), model="simple_cnn")
    values = {**recipe.to_json(), "snapshot_id": SNAPSHOT, **facts.pop("recipe", {})}  # type: ignore[dict-item]
    made = RunState(
        run_id=run_id, folder=Path("runs") / run_id, task="Lung mass", model="simple_cnn", state=RunStatus.FINISHED,
        recipe=values, metric_name="auc",
    )  # fmt: skip
    return replace(made, **facts)  # type: ignore[arg-type]


def judged(run: RunState, said: str) -> RunState:
    return replace(run, report=replace(run, said=said, report=None))


def with_figure(run_id: str, auc: float | None) -> RunState:
    point = EpochPoint(epoch=1, train_loss=1.0, val_loss=1.0, metrics={"auc": auc}, best=True, note="", threshold=None)
    return a_run(run_id, curves=(point,), best_epoch=1)


A = a_run("20261121-1415-lung-mass-aaaa", title="The good one", note="lower rate", tags=("Best", "shown"))
B = a_run("20261121-1416-lung-mass-bbbb", state=RunStatus.FAILED, recipe={"init": A.run_id})
C = a_run("20261121-1417-tube-cccc", state=RunStatus.QUEUED, model="resnet18", task="Tube")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [A, B, C]),
        ("good", [A]),
        ("tag:best", [A]),
        ("tag:bes", []),
        ("state:finished", [A]),
        ("state:fin", [A]),
        ("state:finished,failed", [A, B]),
        ("state:waiting", [C]),
        ('task:"lung mass"', [A, B]),
        ("model:resnet", [C]),
        ("start:aaaa", [B]),
        ("snapshot:ef66", [A, B, C]),
        ("snapshot:66e", []),
        ("note:rate TAG:SHOWN", [A]),
        ("lung good", [A]),
        ("lung tube", []),
        ("bbbb", [B]),
        ("tag:", [A, B, C]),
    ],
)
def test_words_and_keys_find_runs(text: str, found: list[RunState]) -> None:
    query = read_run_query(text)

    assert [run for run in (A, B, C) if query.fits(run)] == found


def test_a_key_and_a_state_that_there_are_not_are_named() -> None:
    with pytest.raises(BadRequest, match=r"no 'lr' to be found by; write one of tag:, state:"):
        read_run_query("lr:3")
    with pytest.raises(BadRequest, match="No run can be 'done'"):
        read_run_query("state:done")


def test_figures_are_sorted_as_numbers_and_what_has_none_comes_last() -> None:
    runs = [with_figure("r-0001", 0.9), with_figure("r-0002", None), with_figure("r-0003", 0.75), a_run("r-0004")]
    column = column_named("validation")

    up = [run.run_id for run in sorted_runs(runs, column, descending=False)]
    down = [run.run_id for run in sorted_runs(runs, column, descending=True)]

    assert up == ["r-0003", "r-0001", "r-0002", "r-0004"] and down == ["r-0001", "r-0003", "r-0002", "r-0004"]


@pytest.mark.parametrize(
    ("said", "value", "words"),
    [
        ("AUC 0.750 (0.400 to 0.960) on the test part: 40 cases of 20 patients", 0.75, "AUC 0.750 (0.400 to 0.960)"),
        ("mAP@0.5 0.312 on the test part. No interval: too few", 0.312, "mAP@0.5 0.312, no interval"),
        ("R2 -0.200 (-0.9 to 0.1) on the test part: 4 cases", -0.2, "R2 -0.200 (-0.9 to 0.1)"),
        ("AUC not defined on the test part: 4 cases", None, "AUC not defined"),
        ("AUC 0.9 on the validation part: 3 cases", None, ""),
    ],
)
def test_the_figure_of_a_report_is_read_from_its_words(said: str, value: float | None, words: str) -> None:
    run = judged(A, said)

    assert BY_NAME["test"].key(run) == value
    assert BY_NAME["test"].words(run) == words


def test_settings_are_sorted_by_their_value() -> None:
    runs = [a_run(f"r-000{i}", recipe={"batch_size": size}) for i, size in enumerate((16, 128, 8))]

    sizes = [run.recipe["batch_size"] for run in sorted_runs(runs, column_named("batch_size"), descending=False)]

    assert sizes == [8, 16, 128]


def test_a_column_that_there_is_not_is_named() -> None:
    with pytest.raises(BadRequest, match="sorted by 'speed'; choose one of name, tags, state"):
        column_named("speed")
