"""Where a training starts: from scratch, a run, a model, or a weights file (in this order of names)."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from ml.card import read_card, weights_path
from ml.catalogue import MOST_CHANNELS, ModelSpec
from ml.inference.resolve import resolve_model
from ml.training.checkpoint import read_tensors, what_is_odd
from ml.training.foreign import convert_foreign
from viewer.core.boundary import at_boundary
from viewer.core.errors import BadModel
from viewer.reading.sources.servers import refuse_foreign

FOREIGN = (".pt", ".pth", ".bin", ".ckpt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """How many tensors were taken over, and which were not (their names). spread: those of the first layer that were
    made for another number of channels."""

    source: str
    loaded: int
    skipped: tuple[str, ...]
    spread: tuple[str, ...] = ()


def resolve_init(project_folder: Path, name: str) -> Path:
    """A run's or model's folder, or a weights file, in that order. Raises NotFound, Ambiguous, BadModel."""
    refuse_foreign(name)
    path = Path(name)
    if path.suffix.lower() in FOREIGN and path.is_file():
        return path  # resolve_model would refuse it: it reads weights directly, here they are converted first
    return resolve_model(project_folder, name)


def start_from(
    network: nn.Module, spec: ModelSpec, labels: tuple[str, ...], source: Path, scratch: Path, *, kind: str
) -> Loaded:
    """Take over every tensor that fits by name and shape; the head only when kind of task and labels are the same.

    Where the network sees another number of channels, each of them starts with the mean of the first layer's weights,
    scaled so that as much comes out of it (timm does the same for more than three).

    scratch: a folder for what is converted. Raises BadModel when nothing fits, or the file is refused.
    """
    same_labels = False
    if source.is_dir():
        card = read_card(source)
        if card.networks > 1:
            raise BadModel(f"{source} is {card.networks} folds as one model; begin with the weights of one of them.")
        same_labels = card.labels == labels and card.kind == kind
        tensors, _ = read_tensors(weights_path(source))
    elif source.suffix.lower() == ".safetensors":
        tensors, _ = read_tensors(source)
    elif source.suffix.lower() in FOREIGN:
        tensors, _ = read_tensors(convert_foreign(source, scratch))
    else:
        raise BadModel(f"{source} is no weights file; give a .safetensors, .pt or .pth file, a run or a model.")
    head = set() if same_labels else head_names(spec)
    with at_boundary(source, error=BadModel, what="weights of this network", advice="choose others"):
        return _copy(network, _stripped(tensors), head, _first_names(spec), str(source))


def _copy(network: nn.Module, tensors: dict[str, Tensor], head: set[str], first: set[str], source: str) -> Loaded:
    loaded, skipped, spread = 0, [], []
    with torch.no_grad():
        for name, value in network.state_dict().items():
            found = tensors.get(name)
            if name in first and found is not None and _other_channels(found, value):
                found = found.mean(dim=1, keepdim=True).expand_as(value) * (found.shape[1] / value.shape[1])
                spread.append(name)
            if name in head or found is None or found.shape != value.shape:
                skipped.append(name)
                continue
            if not value.is_floating_point() and found.is_floating_point():
                skipped.append(name)  # a counter, such as batch norm's; no answer depends on it
                continue
            problem = what_is_odd(name, found, value)
            if problem:
                raise BadModel(f"{source} does not fit this network: {name} {problem}; choose other weights.")
            value.copy_(found)
            loaded += 1
    if not loaded:
        raise BadModel(f"Nothing in {source} fits this network; choose weights of the same architecture.")
    return Loaded(source=source, loaded=loaded, skipped=tuple(skipped), spread=tuple(spread))


def _other_channels(found: Tensor, value: Tensor) -> bool:
    """Whether two weights of a convolution differ in nothing but the channels that they see."""
    same = found.ndim == value.ndim == 4 and found.is_floating_point()
    return same and found.shape[1] != value.shape[1] and found[:, :1].shape == value[:, :1].shape


def _stripped(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Names without a wrapper's common prefix ("module.", "model.")."""
    for prefix in ("module.", "model."):
        mine = {name: value for name, value in tensors.items() if name.startswith(prefix)}
        if mine and all(name.startswith((prefix, "optimizer.", "ema.", "rng.")) for name in tensors):
            return {name.removeprefix(prefix): value for name, value in mine.items()}
    return tensors


def head_names(spec: ModelSpec) -> set[str]:
    """The tensors whose shape depends on the number of labels: what is replaced when the labels differ."""
    with torch.device("meta"):
        few = _shapes(spec.build, 2, spec.preprocess.channels)
        many = _shapes(spec.build, 3, spec.preprocess.channels)
    return {name for name, shape in few.items() if many[name] != shape}


def _first_names(spec: ModelSpec) -> set[str]:
    """The tensors whose shape depends on the number of channels."""
    with torch.device("meta"):
        few, many = (_shapes(spec.build, 2, channels) for channels in (spec.preprocess.channels, MOST_CHANNELS))
    return {name for name, shape in few.items() if many[name] != shape}


def _shapes(build: Callable[[int, int], nn.Module], classes: int, channels: int) -> dict[str, torch.Size]:
    return {name: value.shape for name, value in build(classes, channels).state_dict().items()}
