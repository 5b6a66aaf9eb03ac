"""The loop: epochs of steps, validation, checkpoints, and an ear for cancel and pause."""

import copy
import logging
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ml.data.batches import ImageData
from ml.data.sampler import epoch_batches
from ml.events import BEST_WEIGHTS, CHECKPOINTS, Cancelled, append_event, wish
from ml.metric_words import metric_line
from ml.recipe import Recipe
from ml.training.checkpoint import not_finite, write_tensors
from ml.training.device import Precision
from ml.training.objective import Objective, OutputsAreNoNumbers, Validation
from ml.training.state import State, best_tensors, rate_at, save_state, update_average, warmed_up
from viewer.core.deciding import cut_words
from viewer.core.errors import JobFailed
from viewer.core.text.nameless import Word

log = logging.getLogger(__name__)

LAST = f"{CHECKPOINTS}/last.safetensors"
STEP_EVENT_S = 1.0
PAUSE_POLL_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Work:
    """What the loop works on. head: names of the parameters that train while the rest is frozen. obeys: the folder of
    the job whose wishes are heard, where that is not the folder it writes to."""

    folder: Path
    recipe: Recipe
    data: ImageData
    train_rows: NDArray[np.int64]
    val_rows: NDArray[np.int64]
    objective: Objective
    precision: Precision
    device: torch.device
    head: frozenset[str]
    obeys: Path | None = None

    @property
    def steps_per_epoch(self) -> int:
        """Steps of every epoch."""
        return len(self.batches(0))

    def batches(self, epoch: int) -> list[NDArray[np.int64]]:
        """Rows of each step of an epoch."""
        order = epoch_batches(len(self.train_rows), self.recipe.batch_size, seed=self.recipe.seed, epoch=epoch)
        return [self.train_rows[batch] for batch in order]


def fit(work: Work, state: State) -> None:
    """Train from where the state is until the last epoch. Raises Cancelled, JobFailed."""
    pace, noted = _Pace(work, state), False
    while not is_over(work.recipe, state):
        epoch, pace.paused_s, started = state.counters.epoch + 1, 0.0, time.perf_counter()
        _train_epoch(work, state, pace)
        validation = _validated(work, state)
        train_loss = state.counters.loss_sum / max(1, state.counters.loss_count)
        best = _is_better(work.recipe, validation, state)
        if best:
            c = state.counters
            c.best_epoch, c.best_score, c.best_loss = epoch, validation.score, validation.loss
            c.best_threshold, c.best_metrics = validation.threshold, validation.metrics
            c.best_point = validation.operating_point
            c.best_chosen = {} if validation.chosen is None else validation.chosen.to_json()
            _write_weights(work.folder / BEST_WEIGHTS, state, epoch, validation)
        if work.recipe.keep_every_epoch:
            _write_weights(work.folder / CHECKPOINTS / f"epoch-{epoch:04d}.safetensors", state, epoch, validation)
        state.counters.epoch, state.counters.step = epoch, 0
        state.counters.loss_sum, state.counters.loss_count = 0.0, 0
        save_state(work.folder / LAST, state)
        # Said after the checkpoint is on the disk: an epoch that was announced is never lost.
        append_event(
            work.folder,
            "epoch",
            epoch=epoch,
            train_loss=train_loss,
            val_loss=validation.loss,
            metrics=validation.metrics,
            best=best,
            seconds=time.perf_counter() - started - pace.paused_s,
            note=" ".join(part for part in (validation.note, validation.cut_note) if part),
            threshold=validation.threshold,
        )
        append_event(work.folder, "checkpoint", epoch=epoch, path=LAST)
        log.info("%s", Word(epoch_line(epoch, train_loss, validation, noted=noted)))
        noted = noted or bool(validation.cut_note)
    if state.counters.epoch < work.recipe.epochs:
        log.info("no better epoch in the last %d: stopped after epoch %d", work.recipe.patience, state.counters.epoch)


def is_over(recipe: Recipe, state: State) -> bool:
    """Whether every epoch is done, or patience is at its end: also asked of a state that was read back."""
    c = state.counters
    return c.epoch >= recipe.epochs or bool(recipe.patience and c.epoch and c.epoch - c.best_epoch >= recipe.patience)


def epoch_line(epoch: int, train_loss: float, validation: Validation, *, noted: bool = False) -> str:
    """What the log says of an epoch (counted from 1): the losses, then the figures on validation, and their cut. noted:
    whether it was said before how that is chosen; then the cut alone is."""
    loss = "none" if math.isnan(validation.loss) else f"{validation.loss:.4f}"
    words = f"epoch {epoch}: loss {train_loss:.4f}, validation {loss}"
    note = f"cut {cut_words(validation.threshold)}" if noted and validation.cut_note else validation.cut_note
    return " · ".join(part for part in (words, metric_line(validation.metrics), note) if part)


def _validated(work: Work, state: State) -> Validation:
    """`validate`, of weights that are numbers. Raises JobFailed before anything of them is kept."""
    odd = not_finite(best_tensors(state))
    if odd:
        raise JobFailed(_lost("The weights are", f"after epoch {state.counters.epoch + 1} ({odd})", state))
    try:
        return validate(work, state)
    except OutputsAreNoNumbers as error:
        raise JobFailed(
            _lost("What the network answers is", f"in the validation of epoch {state.counters.epoch + 1}", state)
        ) from error


def _lost(what: str, where: str, state: State) -> str:
    """The sentence of a run that came to values which are no numbers."""
    c = state.counters
    kept = f"The last good checkpoint is the one after epoch {c.epoch}" if c.epoch else "No epoch was finished"
    return f"{what} no number {where}; try a lower learning rate or precision=fp32. {kept}."


def validate(work: Work, state: State) -> Validation:
    """Validation of the weights that would be kept. Deterministic."""
    with _evaluating(state) as network, torch.no_grad(), _autocast(work):
        return work.objective.validate(network, work.data, work.val_rows, work.recipe.batch_size)


def _train_epoch(work: Work, state: State, pace: "_Pace") -> None:
    counters, recipe = state.counters, work.recipe
    batches = work.batches(counters.epoch)
    total = len(batches) * recipe.epochs
    frozen = counters.epoch < recipe.freeze_epochs
    saved = time.monotonic()
    for rows in batches[counters.step :]:
        pace.pause(_obey(work, state))
        _set_mode(state.network, work.head, frozen=frozen, alone=len(rows) == 1)
        for group in state.optimizer.param_groups:
            group["lr"] = rate_at(counters.epoch * len(batches) + counters.step, total, recipe)
        batch = work.data.train_batch(rows, recipe, epoch=counters.epoch)
        if work.precision.channels_last:
            batch = replace(batch, images=batch.images.contiguous(memory_format=torch.channels_last))
        state.optimizer.zero_grad(set_to_none=True)
        with _autocast(work):
            loss = work.objective.loss(state.network, batch)
        value = float(loss.detach())
        where = f"in epoch {counters.epoch + 1}, step {counters.step + 1}"
        if not math.isfinite(value):
            raise JobFailed(_lost("The loss is", where, state))
        loss.backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(state.network.parameters(), 10.0)
        if not math.isfinite(float(norm)):  # a step along it would make every weight NaN, and the checkpoint too
            raise JobFailed(_lost("The gradient is", where, state))
        state.optimizer.step()
        counters.step += 1
        if state.average is not None:
            done = counters.epoch * len(batches) + counters.step
            update_average(state.average, state.network, warmed_up(recipe.ema_decay, done))
        counters.loss_sum += value * len(rows)
        counters.loss_count += len(rows)
        pace.tell(state, value, len(rows))
        if time.monotonic() - saved > recipe.checkpoint_every_s and counters.step < len(batches):
            save_state(work.folder / LAST, state)
            append_event(work.folder, "checkpoint", epoch=counters.epoch + 1, path=LAST)
            saved = time.monotonic()


def _set_mode(network: nn.Module, head: frozenset[str], *, frozen: bool, alone: bool) -> None:
    """Training mode; frozen layers keep their weights and their batch statistics.

    alone: a batch of one image, from which batch norm cannot learn a spread, so it uses what it has.
    """
    network.train()
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(not frozen or name in head)
    if frozen or alone:
        for module in network.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm):
                module.eval()


def _obey(work: Work, state: State) -> float:
    """Read control.json: cancel saves the state and stops; pause waits. Returns the seconds it waited."""
    paused, began, job = False, time.perf_counter(), work.obeys or work.folder
    while True:
        wished = wish(job)
        if wished == "cancel":
            save_state(work.folder / LAST, state)
            raise Cancelled
        if wished != "pause":
            break
        if not paused:
            append_event(job, "paused")
            paused = True
        time.sleep(PAUSE_POLL_S)
    if not paused:
        return 0.0
    append_event(job, "unpaused")
    return time.perf_counter() - began


def _is_better(recipe: Recipe, validation: Validation, state: State) -> bool:
    """By the metric, equal ones by the loss; by the loss where the metric is not defined; else the newest."""
    c = state.counters
    if not c.best_epoch:
        return True
    if recipe.select == "metric" and not math.isnan(validation.score):
        if math.isnan(c.best_score) or validation.score != c.best_score:
            return math.isnan(c.best_score) or validation.score > c.best_score
    elif recipe.select == "metric" and not math.isnan(c.best_score):
        return False
    if math.isnan(validation.loss) or math.isnan(c.best_loss):
        return True
    return validation.loss < c.best_loss


def _write_weights(path: Path, state: State, epoch: int, validation: Validation) -> None:
    document = {"epoch": epoch, "metrics": validation.metrics, "labels": state.facts["labels"]}
    write_tensors(path, best_tensors(state), document)


def _autocast(work: Work) -> torch.autocast:
    return torch.autocast(work.device.type, dtype=torch.bfloat16, enabled=work.precision.name == "bf16")


@contextmanager
def _evaluating(state: State) -> Iterator[nn.Module]:
    """The network to validate, in evaluation mode: a copy with the averaged weights, or the network itself."""
    if state.average is None:
        state.network.eval()
        yield state.network
        return
    averaged = copy.deepcopy(state.network).eval()
    averaged.load_state_dict(state.average)
    yield averaged


class _Pace:
    """Says at most once a second how the run goes."""

    def __init__(self, work: Work, state: State, clock: Callable[[], float] = time.perf_counter) -> None:
        self._work = work
        self._clock = clock
        self._started = self._told = clock()
        self._steps_per_epoch = work.steps_per_epoch
        self._first = state.counters.epoch * self._steps_per_epoch + state.counters.step
        self._images = 0
        self.paused_s = 0.0  # since whoever reads it put it to 0

    def pause(self, seconds: float) -> None:
        """Time that nothing was done in counts for no speed."""
        self.paused_s += seconds
        self._started += seconds

    def tell(self, state: State, loss: float, images: int) -> None:
        """After every step."""
        self._images += images
        now = self._clock()
        done = state.counters.epoch * self._steps_per_epoch + state.counters.step
        if now - self._told < STEP_EVENT_S and done > self._first + 1:
            return
        spent, self._told = now - self._started, now
        left = self._steps_per_epoch * self._work.recipe.epochs - done
        append_event(
            self._work.folder,
            "step",
            epoch=state.counters.epoch + 1,
            step=state.counters.step,
            loss=loss,
            images_per_s=self._images / spent if spent > 0 else None,
            left_s=spent / (done - self._first) * left,
            memory_bytes=_memory_bytes(self._work.device),
        )


def _memory_bytes(device: torch.device) -> int:
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    import psutil

    return int(psutil.Process().memory_info().rss)
