"""What a run chose for its arithmetic can be asked for again, and gives the very same weights."""

from pathlib import Path
from typing import Any

import pytest
import torch

from ml.card import weights_path
from ml.recipe import PRECISIONS
from ml.training import device
from ml.training.checkpoint import read_tensors
from ml.training.run import run_training


@pytest.mark.parametrize("fastest", [0, 1, 2])
def test_every_way_of_computing_can_be_repeated_by_its_name(
    disc_films: Any, film_reader: Any, tiny_recipe: Any, new_run: Any, monkeypatch: pytest.MonkeyPatch, fastest: int
) -> None:
    ways = iter(range(3))
    # The measurement favours one of the three ways: fp32, fp32 with channels last, bf16.
    monkeypatch.setattr(device, "_seconds_a_step", lambda *_: 0.1 if next(ways) == fastest else 1.0)
    first = new_run(tiny_recipe(epochs=1, precision="auto"), "first")
    run_training(first, disc_films(count=12), reader=film_reader)
    chosen = precision_of(first)

    again = new_run(tiny_recipe(epochs=1, precision=chosen), "again")
    run_training(again, disc_films(count=12), reader=film_reader)

    assert chosen == PRECISIONS[1 + fastest]
    a, b = (read_tensors(weights_path(folder))[0] for folder in (first, again))
    assert a.keys() == b.keys()
    assert all(torch.equal(a[name], b[name]) for name in a)


def precision_of(folder: Path) -> str:
    import json

    lines = (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()
    return str(next(json.loads(line)["precision"] for line in lines if json.loads(line).get("event") == "started"))
