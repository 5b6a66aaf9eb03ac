"""The arithmetic of a run follows the device, its instructions and the recipe; it is said, kept and repeatable."""

import io
import itertools
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
import torch

from ml.card import weights_path
from ml.events import read_events
from ml.training import device, loop
from ml.training.checkpoint import read_tensors
from ml.training.loop import LAST
from ml.training.run import run_training

BF16 = frozenset({"avx512_bf16"})


def started(folder: Path) -> dict[str, Any]:
    return next(event for event in read_events(folder) if event["event"] == "started")


def same_weights(one: Path, other: Path) -> bool:
    a, b = (read_tensors(weights_path(folder))[0] for folder in (one, other))
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


@pytest.mark.parametrize(
    ("instructions", "chosen"),
    [(frozenset(), "fp32"), (BF16, "bf16"), (frozenset({"amx_bf16"}), "bf16")],
)
def test_what_auto_chose_can_be_asked_for_by_its_name(
    disc_films: Any,
    film_reader: Any,
    tiny_recipe: Any,
    new_run: Any,
    monkeypatch: pytest.MonkeyPatch,
    instructions: frozenset[str],
    chosen: str,
) -> None:
    monkeypatch.setattr(device, "processor_instructions", lambda: instructions)
    first = new_run(tiny_recipe(epochs=1, precision="auto"), "first")
    run_training(first, disc_films(count=12), reader=film_reader)
    again = new_run(tiny_recipe(epochs=1, precision=chosen), "again")
    run_training(again, disc_films(count=12), reader=film_reader)

    assert started(first)["precision"] == chosen
    assert all(name in started(first)["precision_reason"] for name in instructions)
    assert same_weights(first, again)


@pytest.mark.parametrize("slow", [range(4, 5), range(1, 400, 3)])
def test_no_clock_has_a_say(
    disc_films: Any, film_reader: Any, tiny_recipe: Any, new_run: Any, monkeypatch: pytest.MonkeyPatch, slow: range
) -> None:
    """A machine that is busy at some moments and not at others gives the weights of an idle one."""
    films = disc_films(count=12)
    idle = new_run(tiny_recipe(epochs=1, precision="auto"), "idle")
    run_training(idle, films, reader=film_reader)
    looks, now = itertools.count(), [0.0]

    def jumping() -> float:
        now[0] += 50.0 if next(looks) in slow else 0.001
        return now[0]

    monkeypatch.setattr(time, "perf_counter", jumping)
    busy = new_run(tiny_recipe(epochs=1, precision="auto"), "busy")
    run_training(busy, films, reader=film_reader)

    assert started(busy)["precision"] == started(idle)["precision"]
    assert same_weights(idle, busy)


@pytest.mark.parametrize("cores", [1, 2, 64])
def test_no_number_of_cores_has_a_say(cores: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)

    assert device.choose_threads(0) == 2
    assert device.choose_threads(5) == 5


def test_what_runs_is_written_before_the_first_step(
    disc_films: Any, film_reader: Any, tiny_recipe: Any, new_run: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    folder = new_run(tiny_recipe(epochs=1, precision="auto"))
    seen: list[dict[str, Any]] = []

    def killed(*_: object) -> float:
        seen.append(started(folder))
        raise KeyboardInterrupt

    monkeypatch.setattr(loop, "_obey", killed)
    with caplog.at_level("INFO"), pytest.raises(KeyboardInterrupt):
        run_training(folder, disc_films(count=12), reader=film_reader)

    assert seen[0]["precision"] in ("fp32", "bf16")
    assert seen[0]["threads"] == 1
    assert json.loads((folder / LAST).with_suffix(".json").read_text())["facts"]["precision"] == seen[0]["precision"]
    assert seen[0]["precision_reason"] in caplog.text


def test_a_run_killed_before_its_first_checkpoint_goes_on_as_it_was(
    disc_films: Any, film_reader: Any, tiny_recipe: Any, new_run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bit for bit, on a machine with other instructions, and where the weights it began from have changed."""
    films = disc_films(count=24)
    base = new_run(tiny_recipe(epochs=1), "base")
    run_training(base, films, reader=film_reader)
    recipe = tiny_recipe(epochs=2, precision="auto", threads=0, init="base")
    monkeypatch.setattr(device, "processor_instructions", frozenset)
    whole = new_run(recipe, "whole")
    run_training(whole, films, reader=film_reader)
    broken = new_run(recipe, "broken")
    steps = iter(range(2))

    def killed(*_: object) -> float:
        if next(steps, None) is None:
            raise KeyboardInterrupt
        return 0.0

    with monkeypatch.context() as patch:
        patch.setattr(loop, "_obey", killed)
        with pytest.raises(KeyboardInterrupt):
            run_training(broken, films, reader=film_reader)
    monkeypatch.setattr(device, "processor_instructions", lambda: BF16)
    weights_path(base).unlink()
    torch.manual_seed(99)

    run_training(broken, films, resume=True, reader=film_reader)

    assert same_weights(whole, broken)


@pytest.mark.parametrize("cores", [1, 64])
def test_every_one_who_computes_does_so_with_the_same_number_of_threads(
    disc_films: Any,
    film_reader: Any,
    tiny_recipe: Any,
    new_run: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    cores: int,
) -> None:
    """Training, figures, an answer on the command line and the warm child, whatever the machine."""
    from ml.evaluation.report import evaluate_runs
    from ml.inference import serve
    from ml.inference.load import load_model

    found: dict[str, int] = {}
    films, folder = disc_films(count=16), new_run(tiny_recipe(epochs=1, threads=0))
    monkeypatch.setattr(os, "cpu_count", lambda: cores)

    def serve_once() -> None:
        """The warm child's main, in this process: what it would answer with is asked of torch instead."""
        with monkeypatch.context() as patch:
            for name in ("_exit", "dup2", "dup"):
                patch.setattr(serve.os, name, lambda *_: 1)
            patch.setattr(serve.os, "fdopen", lambda *_: io.BytesIO())
            for name in ("listen", "work", "log_without_names", "lower_priority"):
                patch.setattr(serve, name, lambda *_: None)
            serve.main()

    for who, compute in {
        "training": lambda: run_training(folder, films, reader=film_reader),
        "figures": lambda: evaluate_runs([folder], films, folder.parents[1], tmp_path / "e", reader=film_reader),
        "an answer": lambda: load_model(folder),
        "the warm child": serve_once,
    }.items():
        torch.set_num_threads(5)  # as a machine of five cores begins
        compute()
        found[who] = torch.get_num_threads()

    assert found == dict.fromkeys(("training", "figures", "an answer", "the warm child"), device.THREADS)
