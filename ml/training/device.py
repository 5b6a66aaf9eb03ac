"""Which device and arithmetic a run uses, and why; measured, said, and recorded."""

import copy
import os
import time
from dataclasses import dataclass

import torch
from torch import nn

from ml.data.batches import Batch
from ml.recipe import Recipe
from ml.training.objective import Objective
from viewer.core.errors import BadRequest

MEASURE_S = 1.0
# A faster way has to be worth its rounding.
WORTH_IT = 1.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """name: what a recipe asks for to get the very same again: "fp32", "fp32_channels_last" or "bf16" (autocast).

    channels_last: the memory format. reason: in words.
    """

    name: str
    channels_last: bool
    reason: str


def choose_device(wanted: str) -> tuple[torch.device, str]:
    """The device and the reason. Raises BadRequest when the one asked for is not there."""
    cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    if wanted in ("", "auto"):
        if cuda:
            return torch.device("cuda"), f"a GPU was found: {torch.cuda.get_device_name()}"
        if mps:
            return torch.device("mps"), "Apple's GPU was found"
        return torch.device("cpu"), "no GPU was found"
    try:
        device = torch.device(wanted)
    except RuntimeError as error:
        raise BadRequest(f"There is no device {wanted!r}; use auto, cpu, cuda, cuda:N or mps.") from error
    there = {"cpu": True, "cuda": cuda and (device.index or 0) < torch.cuda.device_count(), "mps": mps}
    if not there.get(device.type, False):
        raise BadRequest(f"The device {wanted!r} is not on this machine; use --device auto or cpu.")
    return device, "as asked"


def choose_threads(wanted: int) -> int:
    """CPU threads: as asked, else two, or one on a single core; more would slow the window."""
    return wanted or min(2, os.cpu_count() or 1)


def choose_precision(
    recipe: Recipe, network: nn.Module, objective: Objective, batch: Batch, device: torch.device
) -> Precision:
    """What the recipe asks for; on "auto" the fastest of three in a measurement of about a second."""
    if recipe.precision == "fp32":
        return Precision(name="fp32", channels_last=False, reason="as asked")
    if recipe.precision == "fp32_channels_last":
        return Precision(name="fp32_channels_last", channels_last=True, reason="as asked")
    if recipe.precision == "bf16":
        return Precision(name="bf16", channels_last=True, reason="as asked")
    if recipe.kind == "detection" and device.type == "cpu":
        # Measured: no gain for detectors on the CPU.
        return Precision(name="fp32", channels_last=False, reason="detectors gain nothing from bf16 on the CPU")
    ways = [("fp32", False), ("fp32", True), ("bf16", True)]
    if device.type == "cuda" and not torch.cuda.is_bf16_supported():
        ways.pop()
    with torch.random.fork_rng(devices=[]):
        seconds = [_seconds_a_step(network, objective, batch, device, way) for way in ways]
    best = min(range(len(ways)), key=seconds.__getitem__)
    if seconds[0] < seconds[best] * WORTH_IT:
        best = 0
    name, channels_last = ways[best]
    told = ", ".join(f"{way[0]}{' channels_last' if way[1] else ''} {s * 1000:.0f} ms" for way, s in zip(ways, seconds))
    exact = "fp32_channels_last" if (name, channels_last) == ("fp32", True) else name
    return Precision(name=exact, channels_last=channels_last, reason=f"measured per step: {told}")


def _seconds_a_step(
    network: nn.Module, objective: Objective, batch: Batch, device: torch.device, way: tuple[str, bool]
) -> float:
    """The fastest forward and backward pass of a copy, after one to warm up."""
    trial = copy.deepcopy(network).train()
    if way[1]:
        trial = trial.to(memory_format=torch.channels_last)
    quickest, deadline, first = float("inf"), time.perf_counter() + MEASURE_S / 3, True
    while first or time.perf_counter() < deadline or quickest == float("inf"):
        start = time.perf_counter()
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=way[0] == "bf16"):
            loss = objective.loss(trial, batch)
        loss.backward()  # type: ignore[no-untyped-call]
        if device.type == "cuda":
            torch.cuda.synchronize()
        trial.zero_grad(set_to_none=True)
        if not first:
            quickest = min(quickest, time.perf_counter() - start)
        first = False
    return quickest
