"""What timm knows of its models, as JSON: `python -m ml.nets.timm_facts names`, or a model's name instead of `names`.

A model is built without memory for its weights (torch's meta device), and run so at several sizes: what it takes, what
it answers and where its last map of the image stands are seen on the network itself.
"""

import json
import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import timm
import torch
from torch import Tensor, nn

NAMES = "names"
CLASSES = 2
BATCH = 2
CHANNELS = 3
# Sides that are tried for the smallest one, and steps between sides.
SIDES_PX = (8, 16, 32, 48, 64, 96, 128, 160, 192, 224, 256)
STEPS_PX = (1, 2, 4, 8, 16, 32, 64)


def names() -> dict[str, Any]:
    """Every architecture, and every set of published weights of one (NAME.TAG), with input side and licence."""
    rows = []
    for name in sorted({*timm.list_models(), *timm.list_pretrained()}):
        found = published(name)
        rows.append({"name": name, "input_px": int(found.input_size[-1]), "licence": str(found.license or "")})
    return {"rows": rows}


def facts(name: str) -> dict[str, Any]:
    """One model, of two classes and three channels; {"refused": why} of one that does not fit here."""
    found = published(name)
    channels, rows, cols = found.input_size
    if channels != CHANNELS:
        return {"refused": f"it takes {channels} channels, and images have one or three"}
    if rows != cols:
        return {"refused": f"it takes images of {rows} x {cols} px, and only square ones can be made here"}
    try:
        network = on_paper(name)
    except (RuntimeError, TypeError, ValueError, NotImplementedError) as error:
        return {"refused": f"it cannot be built for {CLASSES} classes ({_short(error)})"}
    why = _refused(network, rows)
    if why:
        return {"refused": why}
    fixed, step = _sizes(network, rows, fixed=bool(found.fixed_input_size))
    return {
        "refused": "",
        "input_px": rows,
        "fixed_px": fixed,
        "multiple_px": step,
        "least_px": rows if fixed else _least(network, step, rows),
        "parameters": sum(p.numel() for p in network.parameters()),
        "cam_layer": map_layer(network, rows),
        "mean": [float(value) for value in found.mean],
        "std": [float(value) for value in found.std],
        "licence": str(found.license or ""),
    }


def published(name: str) -> Any:
    """What the library knows of a set of weights: their input, mean, spread and licence."""
    found = timm.get_pretrained_cfg(name)
    if found is None:
        raise ValueError(f"timm lists {name} and says nothing of it")
    return found


def on_paper(name: str) -> nn.Module:
    """The network without weights, in evaluation mode."""
    with torch.device("meta"):
        network: nn.Module = timm.create_model(name, pretrained=False, num_classes=CLASSES, in_chans=CHANNELS)
    return network.eval().requires_grad_(False)


def _refused(network: nn.Module, side_px: int) -> str:
    """Why a network does not fit: its answer is not one number for each class, in training or afterwards."""
    for training in (True, False):
        network.train(training)
        try:
            answer = network(_images(side_px))
        except Exception as error:  # noqa: BLE001 - whatever a library's network raises, it cannot be used
            network.eval()
            return f"it cannot be run on images of {side_px} px ({_short(error)})"
        if not isinstance(answer, Tensor) or tuple(answer.shape) != (BATCH, CLASSES):
            network.eval()
            return "it has no classifier: its answer is not one number for each class"
    return ""


def _sizes(network: nn.Module, side_px: int, *, fixed: bool) -> tuple[bool, int]:
    """(whether it takes no other side than its own, the step between the sides that it takes)."""
    if not fixed:
        for step in STEPS_PX:
            more = side_px - side_px % step + step
            more += step if more % (2 * step) == 0 else 0  # no multiple of a larger step
            if _runs(network, more):
                return False, step
    return True, 1


def _least(network: nn.Module, step: int, side_px: int) -> int:
    """The smallest side that it can be trained at and asked at."""
    for side in dict.fromkeys(-(-side // step) * step for side in SIDES_PX):
        if side < side_px and _runs(network, side):
            return side
    return side_px


def _runs(network: nn.Module, side_px: int) -> bool:
    try:
        for training in (True, False):
            answer = network.train(training)(_images(side_px))
            if not isinstance(answer, Tensor) or tuple(answer.shape) != (BATCH, CLASSES):
                return False
    except Exception:  # noqa: BLE001 - a size that does not fit is refused in as many ways as there are networks
        return False
    finally:
        network.eval()
    return True


def map_layer(network: nn.Module, side_px: int) -> str:
    """The dotted name of the module whose output the classifier pools: the last map of the image; "" where none is.

    What goes from `forward_features` to `forward_head` is that map. Where no module gives just it, the last stage that
    the library names does. A map is (batch, channel, row, col) of more than one place, and the score depends on it.
    """
    outputs: dict[str, object] = {}
    with _watched(network, lambda name, output: outputs.update({name: output})):
        features: Any = network.forward_features(_images(side_px))  # type: ignore[operator]  # no submodule
    channels = getattr(network, "num_features", 0)
    given = [name for name, output in outputs.items() if output is features] if _is_map(features, channels) else []
    # The one nearest to the root: stages.3 rather than its last block's last activation.
    candidates = sorted(given, key=lambda name: (name.count("."), -list(outputs).index(name)))
    stages = getattr(network, "feature_info", None) or ()
    last = list(stages)[-1] if isinstance(stages, list) else (stages.info[-1] if hasattr(stages, "info") else {})
    if _is_map(outputs.get(last.get("module", "")), last.get("num_chs", 0)):
        candidates.append(last["module"])
    return next((name for name in candidates if _decides(network, name, side_px)), "")


def _is_map(output: object, channels: int) -> bool:
    """Whether it is (batch, channel, row, col) with these channels and more than one place."""
    if not isinstance(output, Tensor) or output.ndim != 4 or not channels:
        return False
    return output.shape[1] == channels != output.shape[3] and output.shape[2] * output.shape[3] > 1


def _decides(network: nn.Module, name: str, side_px: int) -> bool:
    """Whether the answer depends on the input through this module's output alone, which stands once in the network."""
    handed: list[Tensor] = []

    def hand_out(_module: nn.Module, _given: object, output: Tensor) -> Tensor:
        handed.append(output.detach().requires_grad_())
        return handed[-1]

    hook = network.get_submodule(name).register_forward_hook(hand_out)
    images = _images(side_px).requires_grad_()
    try:
        score = network(images)[0, 0]
        if len(handed) != 1 or not score.requires_grad:
            return False
        past, through = torch.autograd.grad(score, (images, handed[0]), allow_unused=True)
    except RuntimeError:  # the network overwrites what it was handed
        return False
    finally:
        hook.remove()
    return past is None and through is not None


@contextmanager
def _watched(network: nn.Module, told: Callable[[str, object], None]) -> Iterator[None]:
    """Call `told` with the name and the output of every module that runs."""
    hooks = [
        module.register_forward_hook(lambda _module, _given, output, name=name: told(name, output))
        for name, module in network.named_modules()
        if name
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _images(side_px: int) -> Tensor:
    return torch.empty((BATCH, CHANNELS, side_px, side_px), device="meta")


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:120].rstrip(".")


def main(question: str) -> int:
    """Say the answer as one line."""
    # Nothing but the answer may reach standard output, also not what a library prints.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    answer = names() if question == NAMES else facts(question)
    out.write(json.dumps(answer, allow_nan=False).encode() + b"\n")
    out.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
