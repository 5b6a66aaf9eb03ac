"""Which device and arithmetic a run uses, and why; said and recorded before its first step.

Everything here is a function of the recipe and of what the machine is, never of how busy it is.
"""

from dataclasses import dataclass

import torch

from ml.recipe import Recipe
from ml.tasks.task import learnt
from viewer.core.errors import BadRequest

THREADS = 2
# Processors without them compute in bf16 too, slower than in fp32.
BF16_INSTRUCTIONS = ("amx_bf16", "avx512_bf16")


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
    """CPU threads: as asked, else two; more would slow the window.

    A constant, also on one core: sums are split among the threads, so their number decides the last digits.
    """
    return wanted or THREADS


def use_threads(wanted: int = 0) -> int:
    """Compute with so many threads (0: the constant) from now on: in training, figures, answers and heatmaps alike.

    Returns how many. The number of cores has no say, else a score's last digits would differ from machine to machine.
    """
    threads = choose_threads(wanted)
    torch.set_num_threads(threads)
    return threads


def repeat_exactly() -> None:
    """From now on the same steps give the same bits, as far as the device has such operations."""
    torch.use_deterministic_algorithms(mode=True, warn_only=True)
    torch.backends.cudnn.benchmark = False


def choose_precision(recipe: Recipe, device: torch.device) -> Precision:
    """What the recipe asks for; on "auto" what suits the device and its instructions.

    No clock has a say: a measurement gave bf16 or fp32 by how busy the machine was, and so other weights.
    """
    if recipe.precision == "fp32":
        return Precision(name="fp32", channels_last=False, reason="as asked")
    if recipe.precision == "fp32_channels_last":
        return Precision(name="fp32_channels_last", channels_last=True, reason="as asked")
    if recipe.precision == "bf16":
        return Precision(name="bf16", channels_last=True, reason="as asked")
    why_fp32 = learnt(recipe.kind).fp32_on_cpu
    if why_fp32 and device.type == "cpu":
        return Precision(name="fp32", channels_last=False, reason=why_fp32)
    if device.type == "cuda":
        if torch.cuda.is_bf16_supported(including_emulation=False):
            return Precision(name="bf16", channels_last=True, reason="the GPU computes in bf16")
        return Precision(name="fp32", channels_last=False, reason="the GPU does not compute in bf16")
    if device.type != "cpu":
        return Precision(name="fp32", channels_last=False, reason="bf16 is used on CUDA and CPUs alone")
    found = [name for name in BF16_INSTRUCTIONS if name in processor_instructions()]
    if found:
        return Precision(name="bf16", channels_last=True, reason=f"the processor has {found[0]}")
    missing = " and no ".join(BF16_INSTRUCTIONS)
    return Precision(name="fp32", channels_last=False, reason=f"the processor has no {missing}")


def processor_instructions() -> frozenset[str]:
    """Which of `BF16_INSTRUCTIONS` this processor has, as torch reads them from it."""
    said = torch.cpu.get_capabilities()
    return frozenset(name for name in BF16_INSTRUCTIONS if said.get(name, False))
