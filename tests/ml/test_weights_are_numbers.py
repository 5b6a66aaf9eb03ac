"""Weights that hold NaN, infinity or whole numbers enter nowhere, and none are made: the run ends and says why."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from ml.card import weights_path
from ml.catalogue import load_spec
from ml.events import read_events
from ml.inference.predict import predict
from ml.tasks.classification_outputs import ClassObjective
from ml.training import loop
from ml.training.checkpoint import load_network, read_tensors, write_tensors
from ml.training.initial import start_from
from ml.training.loop import LAST
from ml.training.run import run_training
from tests.ml.test_inference_predict import a_card, a_frame, a_model
from viewer.core.errors import AppError, BadModel, JobFailed


def sound() -> dict[str, Tensor]:
    torch.manual_seed(0)
    return {name: value.clone() for name, value in load_spec("simple_cnn").build(2, 1).state_dict().items()}


def first(weights: dict[str, Tensor], end: str) -> str:
    return next(name for name in weights if name.endswith(end))


def put(end: str, value: float) -> Callable[[dict[str, Tensor]], None]:
    def spoil(weights: dict[str, Tensor]) -> None:
        weights[first(weights, end)].view(-1)[0] = value

    return spoil


def as_type(end: str, dtype: torch.dtype, value: float = 1.0) -> Callable[[dict[str, Tensor]], None]:
    def spoil(weights: dict[str, Tensor]) -> None:
        name = first(weights, end)
        weights[name] = torch.full_like(weights[name], value, dtype=dtype)

    return spoil


SPOILT = {
    "a weight is NaN": put("head.weight", math.nan),
    "a weight is infinite": put("head.weight", math.inf),
    "the mean of batch norm is infinite": put("running_mean", -math.inf),
    "the variance of batch norm is infinite": put("running_var", math.inf),
    "the variance of batch norm is NaN": put("running_var", math.nan),
    "the variance of batch norm is below zero": put("running_var", -1.0),
    "weights are whole numbers of 8 bits": as_type(".weight", torch.int8),
    "weights are whole numbers of 64 bits": as_type(".weight", torch.int64),
    "weights are true or false": as_type(".weight", torch.bool),
    "weights are beyond 32 bits": as_type(".weight", torch.float64, 1e300),
    "half a weight is NaN": as_type(".weight", torch.float16, math.nan),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT.keys())
def test_no_network_starts_from_them(spoil: Any, tmp_path: Path) -> None:
    weights, file, spec = sound(), tmp_path / "w.safetensors", load_spec("simple_cnn")
    spoil(weights)
    save_file(weights, file)

    for labels in (("no", "yes"), ("a", "b", "c")):
        with pytest.raises(BadModel):
            start_from(spec.build(len(labels), 1), spec, labels, file, tmp_path, kind=spec.kind)


@pytest.mark.parametrize("suffix", [".safetensors", ".pt"])
def test_a_run_does_not_start_from_them(
    suffix: str, disc_films: Any, film_reader: Any, tiny_recipe: Any, new_run: Any, tmp_path: Path
) -> None:
    weights, file = sound(), tmp_path / f"w{suffix}"
    SPOILT["the variance of batch norm is infinite"](weights)
    if suffix == ".pt":
        torch.save(weights, file)
    else:
        save_file(weights, file)
    folder = new_run(tiny_recipe(epochs=1, init=str(file)))

    with pytest.raises(BadModel):
        run_training(folder, disc_films(count=12), reader=film_reader)

    assert not any(event["event"] in ("started", "epoch") for event in read_events(folder))


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT.keys())
def test_no_network_takes_them(spoil: Any, tmp_path: Path) -> None:
    """What a model's folder, an evaluation and a checkpoint are read by."""
    weights, file = sound(), tmp_path / "w.safetensors"
    spoil(weights)
    save_file(weights, file)

    with pytest.raises(BadModel):
        load_network(load_spec("simple_cnn").build(2, 1), read_tensors(file)[0])


def test_a_counter_that_was_saved_as_a_fraction_is_passed_over(
    disc_films: Any, film_reader: Any, tiny_recipe: Any, new_run: Any, tmp_path: Path
) -> None:
    weights = sound()
    as_type("num_batches_tracked", torch.float32, 7.0)(weights)
    save_file(weights, tmp_path / "w.safetensors")
    folder = new_run(tiny_recipe(epochs=1, init=str(tmp_path / "w.safetensors")))

    assert run_training(folder, disc_films(count=12), reader=film_reader).best_epoch == 1


def test_a_checkpoint_with_nan_is_not_gone_on_from(
    disc_films: Any, film_reader: Any, tiny_recipe: Any, new_run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    films, folder = disc_films(count=12), new_run(tiny_recipe(epochs=2))
    monkeypatch.setattr(loop, "wish", lambda _: "cancel")
    with pytest.raises(loop.Cancelled):
        run_training(folder, films, reader=film_reader)
    monkeypatch.undo()
    tensors, document = read_tensors(folder / LAST)
    tensors["model.head.weight"][0, 0] = math.nan
    write_tensors(folder / LAST, tensors, document)

    with pytest.raises(AppError, match="no numbers"):
        run_training(folder, films, resume=True, reader=film_reader)


class Broken:
    """The loss of a classification, times NaN or infinity from some call on."""

    def __init__(self, after: int, times: float) -> None:
        self.left, self.times = after, times
        self.loss = ClassObjective.loss

    def __call__(self, own: Any, network: Any, batch: Any) -> Tensor:
        self.left -= 1
        loss = self.loss(own, network, batch)
        return loss * self.times if self.left < 0 else loss


@pytest.mark.parametrize("times", [math.nan, math.inf])
def test_a_loss_that_is_none_ends_the_run_with_its_reason_and_the_last_good_checkpoint(
    times: float, disc_films: Any, film_reader: Any, tiny_recipe: Any, new_run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = new_run(tiny_recipe(epochs=5, batch_size=4))
    broken = Broken(7, times)  # three steps an epoch: the second of the third
    monkeypatch.setattr(ClassObjective, "loss", lambda own, network, batch: broken(own, network, batch))

    with pytest.raises(JobFailed, match=r"loss is no number in epoch 3, step 2.*checkpoint is the one after epoch 2"):
        run_training(folder, disc_films(count=24), reader=film_reader)

    tensors, document = read_tensors(folder / LAST)  # refuses what is no number
    assert document["counters"]["epoch"] == 2
    assert tensors


def test_a_gradient_that_is_none_moves_no_weight(
    disc_films: Any, film_reader: Any, tiny_recipe: Any, new_run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loss itself is a number: the square root of 0 is 0, and its slope there infinite."""
    folder = new_run(tiny_recipe(epochs=2))
    loss = ClassObjective.loss
    monkeypatch.setattr(
        ClassObjective, "loss", lambda own, network, batch: torch.sqrt(loss(own, network, batch) * 0) + 1
    )

    steps: list[object] = []
    monkeypatch.setattr(torch.optim.AdamW, "step", lambda own, *_: steps.append(own))

    with pytest.raises(JobFailed, match="gradient is no number in epoch 1, step 1"):
        run_training(folder, disc_films(count=12), reader=film_reader)

    assert steps == []


@pytest.mark.parametrize("kind", ["classification", "detection", "segmentation"])
def test_answers_that_are_no_numbers_are_no_figures(
    kind: str, disc_films: Any, film_reader: Any, tiny_recipe: Any, new_run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Finite weights whose answers are none: a normalisation that is learnt in training and not used there."""
    folder = new_run(tiny_recipe(kind, epochs=2))
    train_epoch = loop._train_epoch

    def then_spoil(work: Any, state: Any, pace: Any) -> None:
        train_epoch(work, state, pace)
        for name, value in state.network.state_dict().items():
            if value.is_floating_point() and "running" not in name:
                value.fill_(3e38)

    monkeypatch.setattr(loop, "_train_epoch", then_spoil)

    with pytest.raises(JobFailed, match="no number in the validation of epoch 1"):
        run_training(folder, disc_films(kind, count=24), reader=film_reader)

    assert not weights_of(folder).is_file()
    assert not any(event["event"] == "epoch" for event in read_events(folder))


def weights_of(folder: Path) -> Path:
    try:
        return weights_path(folder)
    except AppError:
        return folder / "none"


def test_statistics_that_became_infinite_are_not_kept(
    disc_films: Any, film_reader: Any, tiny_recipe: Any, new_run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = new_run(tiny_recipe(epochs=2))
    train_epoch = loop._train_epoch

    def then_spoil(work: Any, state: Any, pace: Any) -> None:
        train_epoch(work, state, pace)
        state.network.state_dict()[first(dict(state.network.state_dict()), "running_var")].fill_(math.inf)

    monkeypatch.setattr(loop, "_train_epoch", then_spoil)

    with pytest.raises(JobFailed, match=r"weights are no number after epoch 1 .*running_var"):
        run_training(folder, disc_films(count=24), reader=film_reader)

    assert read_tensors(folder / LAST)[1]["counters"]["epoch"] == 0


@pytest.mark.parametrize("kind", ["classification", "detection", "segmentation"])
def test_no_prediction_is_made_of_answers_that_are_no_numbers(kind: str, tmp_path: Path) -> None:
    """A detector would find nothing, and a mask be empty: the image would look like one without a finding."""
    loaded = a_model(tmp_path / "m", a_card(kind, exclusive=kind != "detection"))
    for value in loaded.network.state_dict().values():
        if value.is_floating_point():
            value.fill_(3e38)

    with pytest.raises(BadModel, match="no numbers"):
        predict(loaded, a_frame(), "a" * 32)
