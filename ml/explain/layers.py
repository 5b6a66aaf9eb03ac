"""The layers of a network that a heatmap may be read from: they give a map of the image, one cell or more of it."""

import copy
from collections import Counter
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from ml.explain.score import Score
from viewer.core.heat import MapLayer

LEAST_CELLS = 4  # fewer say nothing of where
_known: "WeakKeyDictionary[nn.Module, tuple[MapLayer, ...]]" = WeakKeyDictionary()


def map_layers(network: nn.Module, own: str, images: Tensor, score: Score) -> tuple[MapLayer, ...]:
    """The layer `own`, those beside it and beside what holds it, as they are gone through; of each the map's size. Of
    what gives no map itself, and of `own` where nothing stands before it, the parts are offered.

    network: in evaluation mode, not changed. images: (1, channel, row, col). Looked at once for a network, by a copy:
    the network itself is shared with whatever else runs.
    """
    if network not in _known:
        _known[network] = _look(network, own, images, score)
    return _known[network]


def _look(network: nn.Module, own: str, images: Tensor, score: Score) -> tuple[MapLayer, ...]:
    made_by: dict[str, Tensor] = {}  # in the order in which they end
    calls: Counter[str] = Counter()
    looked_at = copy.deepcopy(network)

    def hear(name: str) -> Any:
        def heard(_module: nn.Module, _given: object, made: object) -> None:
            calls[name] += 1
            if isinstance(made, Tensor) and made.ndim == 4 and made.shape[2] * made.shape[3] >= LEAST_CELLS:
                made_by[name] = made

        return heard

    beside = _beside(looked_at, own)
    parts = {name: _learning(looked_at, name, own) for name in beside}
    for name in {*beside, *(part for several in parts.values() for part in several)}:
        looked_at.get_submodule(name).register_forward_hook(hear(name))
    with torch.enable_grad():
        value = score(looked_at, images.clone().requires_grad_())
        leads = torch.autograd.grad(value, list(made_by.values()), allow_unused=True) if made_by else ()
    counts = {name for name, lead in zip(made_by, leads, strict=True) if lead is not None}  # for this score
    seen = {
        name: MapLayer(name=name, rows=made.shape[2], cols=made.shape[3])
        for name, made in made_by.items()
        if name in counts
    }
    once = [name for name in seen if calls[name] == 1]
    offered = {name for name in beside if name in once}
    offered |= {part for name in beside if name not in made_by for part in parts[name]}
    if own in once and not any(name in offered for name in once[: once.index(own)]):
        offered |= set(parts[own])
    return tuple(seen[name] for name in once if name in offered)


def _beside(network: nn.Module, own: str) -> list[str]:
    """Names of the modules that learn, at each depth down to the layer and what it stands in left out."""
    parts = own.split(".")
    names = [name for depth in range(len(parts)) for name in _learning(network, ".".join(parts[:depth]), own)]
    return [name for name in names if not own.startswith(f"{name}.")]


def _learning(network: nn.Module, parent: str, own: str) -> list[str]:
    """Its parts that learn something, by their dotted names: what only changes the scale or the sign of a map before
    it shows nothing of its own."""
    children = (
        (f"{parent}.{child}" if parent else child, m) for child, m in network.get_submodule(parent).named_children()
    )
    return [
        name
        for name, module in children
        if name == own or (any(True for _ in module.parameters()) and not isinstance(module, _NORMS))
    ]


_NORMS = (nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm, nn.LocalResponseNorm)
