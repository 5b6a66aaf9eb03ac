"""Everything a training has at one moment, and how it is saved and put back, bit for bit."""

import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ml.chosen import Chosen, read_chosen
from ml.events import FIRST_EPOCH
from ml.recipe import PRECISIONS, Recipe
from ml.training.checkpoint import (
    load_network,
    optimizer_state,
    random_states,
    read_tensors,
    restore_optimizer,
    restore_random_states,
    write_tensors,
)
from viewer.core.boundary import at_boundary
from viewer.core.checked import Fields, is_number
from viewer.core.errors import BadModel


@dataclass(slots=True, kw_only=True)
class Counters:
    """Where the run is. epoch: how many are done; step: the next to do, from 0. loss_sum, loss_count: of the open one.

    best_epoch: counted from 1, 0 before there is one. best_score: its metric (NaN where the metric is not defined),
    best_loss its validation loss. best_point: the rule that chose its threshold. best_chosen: as `Chosen.to_json`.
    """

    epoch: int = 0
    step: int = 0
    loss_sum: float = 0.0
    loss_count: int = 0
    best_epoch: int = 0
    best_score: float = math.nan
    best_loss: float = math.nan
    best_threshold: float = 0.5
    best_metrics: dict[str, float] = field(default_factory=dict)
    best_point: str = ""
    best_chosen: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True, eq=False)
class State:
    """network, optimizer, average (the EMA by name, or None), counters.

    facts: what must be the same on resume (snapshot, threads, precision, labels), kept beside the tensors.
    """

    network: nn.Module
    optimizer: torch.optim.Optimizer
    average: dict[str, Tensor] | None
    counters: Counters
    facts: dict[str, Any]


def make_optimizer(network: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """AdamW; biases and normalisation weights do not decay."""
    matrices = [p for p in network.parameters() if p.ndim > 1]
    vectors = [p for p in network.parameters() if p.ndim <= 1]
    return torch.optim.AdamW(
        [{"params": matrices, "weight_decay": recipe.weight_decay}, {"params": vectors, "weight_decay": 0.0}],
        lr=recipe.learning_rate,
    )


def rate_at(step: int, total: int, recipe: Recipe) -> float:
    """The learning rate of one step (0-based): a linear rise, then a cosine down to 1 %."""
    warmup = max(1, round(total * recipe.warmup_share)) if recipe.warmup_share else 0
    if step < warmup:
        return recipe.learning_rate * (step + 1) / warmup
    done = (step - warmup) / max(1, total - warmup)
    return recipe.learning_rate * (0.01 + 0.99 * (1 + math.cos(math.pi * min(1.0, done))) / 2)


def start_average(network: nn.Module, recipe: Recipe) -> dict[str, Tensor] | None:
    """A copy of the weights to average into, when the recipe asks for it."""
    if not recipe.ema_decay:
        return None
    return {name: value.detach().clone() for name, value in network.state_dict().items()}


def warmed_up(decay: float, updates: int) -> float:
    """The decay of an average that has seen so many updates (from 1): at first it forgets its random beginning.

    Without, an average over fewer steps than its memory, 1 / (1 - decay), is mostly the weights before the first one.
    Source: tf.train.ExponentialMovingAverage, num_updates.
    """
    return min(decay, (1 + updates) / (10 + updates))


@torch.no_grad()
def update_average(average: dict[str, Tensor], network: nn.Module, decay: float) -> None:
    """One step of the exponential average; counters (integers) are taken over."""
    for name, value in network.state_dict().items():
        if value.is_floating_point():
            average[name].lerp_(value, 1 - decay)
        else:
            average[name].copy_(value)


def save_state(path: Path, state: State) -> None:
    """Weights, optimizer, average, random states, counters and facts, as one file."""
    tensors = {f"model.{name}": value for name, value in state.network.state_dict().items()}
    moments, groups = optimizer_state(state.optimizer)
    tensors.update(moments)
    for name, value in (state.average or {}).items():
        tensors[f"ema.{name}"] = value
    random_tensors, random_document = random_states()
    tensors.update(random_tensors)
    document = {
        "counters": {**asdict(state.counters), "first_epoch": FIRST_EPOCH},
        "optimizer": groups,
        "random": random_document,
        "facts": state.facts,
        # The schedule is a pure function of the step and bf16 needs no loss scaling, so neither has a state.
        "scheduler": {"epoch": state.counters.epoch, "step": state.counters.step},
        "scaler": None,
    }
    write_tensors(path, tensors, document)


def read_facts(path: Path) -> dict[str, Any]:
    """The facts of a saved state. Raises BadModel when they are none."""
    return _facts(read_tensors(path)[1], path)


def _facts(document: dict[str, Any], path: Path) -> dict[str, Any]:
    values = Fields(document, f"The state in {path}", error=BadModel, advice="start the run anew").inner("facts")
    values.integer("threads", 1, 1024)
    values.word("precision", PRECISIONS[1:])
    values.flag("channels_last")
    return {name: values.plain_value(name) for name in values.names()}


def load_state(path: Path, state: State) -> None:
    """Put a saved state back into `state`. Raises BadModel when it belongs to another training."""
    tensors, document = read_tensors(path)
    facts, counters = _facts(document, path), _counters(document, path)
    different = [name for name in state.facts if state.facts[name] != facts.get(name)]
    if different:
        raise BadModel(f"{path} belongs to another training ({', '.join(different)} differ); start the run anew.")
    with at_boundary(path, error=BadModel, what="a state of this training", advice="start the run anew"):
        load_network(state.network, tensors, prefix="model.")
        restore_optimizer(state.optimizer, tensors, document["optimizer"])
        if state.average is not None:
            with torch.no_grad():
                for name, value in state.average.items():
                    value.copy_(tensors[f"ema.{name}"])
        restore_random_states(tensors, document["random"])
    state.counters = counters


def _counters(document: dict[str, Any], path: Path) -> Counters:
    """JSON holds null, or NaN where an earlier version wrote it, for a number that is not defined."""
    whole = Fields(document, f"The state in {path}", error=BadModel, advice="start the run anew")
    values = whole.inner("counters")
    metrics = values.plain("best_metrics", {})
    # Earlier versions counted from 0, with -1 before there was a best one.
    earlier = FIRST_EPOCH - values.integer("first_epoch", 0, FIRST_EPOCH, 0)
    return Counters(
        epoch=values.integer("epoch", 0, 10**7),
        step=values.integer("step", 0, 2**40),
        loss_sum=values.number("loss_sum", -1e30, 1e30),
        loss_count=values.integer("loss_count", 0, 2**40),
        best_epoch=values.integer("best_epoch", -earlier, 10**7) + earlier,
        best_score=_defined(values.plain_value("best_score")),
        best_loss=_defined(values.plain_value("best_loss")),
        best_threshold=values.number("best_threshold", 0, 1),
        best_metrics={str(name): _defined(value) for name, value in metrics.items()},
        best_point=values.text("best_point", "", most=100),
        best_chosen=values.plain("best_chosen", {}),
    )


def _defined(value: object) -> float:
    return float(value) if isinstance(value, int | float) and is_number(value) else math.nan


def best_tensors(state: State) -> dict[str, Tensor]:
    """The weights that are validated and kept: the average when there is one."""
    return state.average if state.average is not None else dict(state.network.state_dict())


def chosen_of(counters: Counters, labels: int, path: Path) -> Chosen | None:
    """What validation gave the best epoch beside its cut; None where it gave nothing, or before it was kept. path: of
    the state, for a refusal. Raises BadModel."""
    if not counters.best_chosen:
        return None
    where = f"The state in {path}"
    return read_chosen(Fields(counters.best_chosen, where, error=BadModel, advice="start the run anew"), labels)
