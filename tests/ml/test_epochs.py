"""Epochs are counted from 1 everywhere, and each record holds that epoch's own figures."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ml.events import read_events
from ml.tasks.classification_outputs import _class_weights
from ml.training import loop
from ml.training.checkpoint import read_tensors
from ml.training.loop import LAST
from ml.training.objective import Validation
from ml.training.run import run_training
from ml.training.state import update_average, warmed_up
from viewer.jobs.runs import read_run
from viewer.ui.panels.run_plots import metric_points

SCORES = [0.6, 0.9, 0.7, 0.8, 0.5]


@pytest.fixture
def run(disc_films: Any, film_reader: Any, tiny_recipe: Any, new_run: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A run of five epochs whose figures are SCORES: the second is the best, and patience ends it after the fourth."""

    def go(**settings: Any) -> tuple[Path, Any]:
        scores = iter(SCORES)

        def validate(*_: object) -> Validation:
            score = next(scores)
            return Validation(loss=1 - score, metrics={"auc": score}, score=score, threshold=0.5)

        monkeypatch.setattr(loop, "validate", validate)
        folder = new_run(tiny_recipe(epochs=5, keep_every_epoch=True, **settings))
        return folder, run_training(folder, disc_films(count=12), reader=film_reader)

    return go


def test_every_place_counts_from_one(run: Any, caplog: Any) -> None:
    with caplog.at_level("INFO"):
        folder, card = run(patience=2)

    epochs = [event for event in read_events(folder) if event["event"] == "epoch"]
    assert [(event["epoch"], event["metrics"]["auc"], event["best"]) for event in epochs] == [
        (1, 0.6, True), (2, 0.9, True), (3, 0.7, False), (4, 0.8, False),
    ]  # fmt: skip
    assert {event["epoch"] for event in read_events(folder) if event["event"] == "step"} <= {1, 2, 3, 4}
    assert [event["epoch"] for event in read_events(folder) if event["event"] == "checkpoint"] == [1, 2, 3, 4]
    assert card.best_epoch == 2
    assert [event["best_epoch"] for event in read_events(folder) if event["event"] == "finished"] == [2]
    files = sorted(path.name for path in (folder / "checkpoints").glob("epoch-*.safetensors"))
    assert files == [f"epoch-000{number}.safetensors" for number in (1, 2, 3, 4)]
    state = read_run(folder)
    assert (state.epoch, state.best_epoch, [point.epoch for point in state.curves]) == (4, 2, [1, 2, 3, 4])
    assert metric_points(state, "auc") == [(1.0, 0.6), (2.0, 0.9), (3.0, 0.7), (4.0, 0.8)]
    assert "epoch 4: loss" in caplog.text and "epoch 5" not in caplog.text
    assert "stopped after epoch 4" in caplog.text


def test_the_weights_of_an_epoch_carry_its_own_figures(run: Any) -> None:
    folder, _ = run()

    for number, score in enumerate(SCORES, start=1):
        document = read_tensors(folder / "checkpoints" / f"epoch-000{number}.safetensors")[1]
        assert (document["epoch"], document["metrics"]) == (number, {"auc": score})
    best = read_tensors(folder / "checkpoints" / "best.safetensors")[1]
    assert (best["epoch"], best["metrics"]) == (2, {"auc": 0.9})


def test_patience_that_is_at_its_end_stays_so_after_a_kill(
    run: Any, disc_films: Any, film_reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the last epoch and the card, it goes on with no further epoch."""
    folder, card = run(patience=2)
    monkeypatch.setattr(loop, "validate", lambda *_: pytest.fail("one epoch too many"))

    again = run_training(folder, disc_films(count=12), resume=True, reader=film_reader)

    assert again.best_epoch == card.best_epoch == 2
    assert json.loads((folder / LAST).with_suffix(".json").read_text())["counters"]["epoch"] == 4


def test_an_average_over_few_steps_is_no_average_of_the_beginning() -> None:
    """By hand: weights that are 0 before the first step and 1 from then on, at a memory of 1000 steps."""
    network = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(network.weight)
    average = {name: value.clone() for name, value in network.state_dict().items()}
    torch.nn.init.ones_(network.weight)
    left = 1.0
    for step in range(1, 11):
        update_average(average, network, warmed_up(0.999, step))
        left *= (1 + step) / (10 + step)

    assert float(average["weight"]) == pytest.approx(1 - left, rel=1e-6)
    assert float(average["weight"]) > 0.99  # plain, it would be 1 - 0.999 ** 10 = 0.01
    assert warmed_up(0.999, 10**6) == 0.999
    assert warmed_up(0.5, 1) == pytest.approx(2 / 11)


def test_a_class_that_is_absent_has_no_weight() -> None:
    """Three of the first, one of the second, none of the third: by hand 1/3 and 1, with a mean of 1."""
    exclusive = np.array([[1, 0, 0]] * 3 + [[0, 1, 0]], np.float32)
    assert _class_weights(exclusive, exclusive=True).tolist() == pytest.approx([0.5, 1.5, 0.0])

    nan = math.nan
    each = np.array([[1, 0, nan], [0, 0, nan], [0, 0, 0], [0, nan, 0]], np.float32)
    assert _class_weights(each, exclusive=False).tolist() == pytest.approx([3.0, 1.0, 1.0])
