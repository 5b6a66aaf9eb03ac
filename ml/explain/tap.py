"""Reading one layer of a shared network without hooks and without touching it.

The modules on the way to the layer are copied shallowly (they share every parameter), and the copy has a `Tap` in the
layer's place. What comes before runs without gradients; the layer's output is detached; what comes after runs with
gradients of that output alone. So threads may read one network at the same time.
"""

import copy
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ml.explain.score import Score
from viewer.core.errors import BadRequest


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """What one layer gave and how the score depends on it.

    features, gradients: (1, channel, row, col). score: in logits. layer: as it was read, "relu(NAME)" where the
    network goes on from it with a ReLU in place.
    """

    features: Tensor
    gradients: Tensor
    score: float
    layer: str


class Tap(nn.Module):
    """Stands for a layer: hands out a detached copy of its output and keeps both."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer
        self.given: Tensor | None = None
        self.handed: Tensor | None = None

    def forward(self, *inputs: Any, **named: Any) -> Tensor:
        """The layer's output, from which on gradients are kept (the caller runs inside `torch.no_grad`)."""
        given = self.layer(*inputs, **named)
        if not isinstance(given, Tensor) or given.ndim != 4:
            raise BadRequest("This layer gives no map to explain; choose another layer.")
        self.given = given.detach()
        torch.set_grad_enabled(True)  # until the caller's no_grad ends
        self.handed = self.given.clone().requires_grad_().clone()
        return self.handed


def with_layer(network: nn.Module, name: str, layer: nn.Module) -> nn.Module:
    """A network that shares everything with `network` but has `layer` at the dotted `name`."""
    root = copy.copy(network)
    node = root
    parts = name.split(".")
    for depth, part in enumerate(parts):
        children = dict(node._modules)
        node.__dict__["_modules"] = children
        if children.get(part) is None:
            raise BadRequest(f"The network has no layer {name!r} to explain.")
        child = layer if depth == len(parts) - 1 else copy.copy(children[part])
        children[part] = child
        assert child is not None
        node = child
    return root


def find_layer(network: nn.Module, name: str) -> nn.Module:
    """The module at a dotted name. Raises BadRequest when there is none."""
    try:
        return network.get_submodule(name)
    except AttributeError as error:
        raise BadRequest(f"The network has no layer {name!r} to explain.") from error


def tap(network: nn.Module, layer: str, images: Tensor, score: Score) -> Evidence:
    """Run the network once and say how the score depends on the layer. images: (1, channel, row, col).

    When the network goes on from the layer with a ReLU in place, features and gradients are those after it: before
    it, negative features that the head never sees would count (DenseNet). What was handed out is a copy that autograd
    follows through the change, so reading it afterwards gives just that.
    """
    if not layer:
        raise BadRequest(
            "This network has no map of the image in front of its answer, so no heatmap can be made of it; explain a "
            "model that has one, such as resnet18."
        )
    own = Tap(find_layer(network, layer))
    with torch.no_grad():
        value = score(with_layer(network, layer, own), images)
    given, handed = own.given, own.handed
    if given is None or handed is None or not value.requires_grad:
        raise BadRequest(f"The score does not depend on the layer {layer!r}, so there is nothing to explain.")
    (gradients,) = torch.autograd.grad(value, handed)
    features = handed.detach()
    name = layer
    if handed._version:
        if not torch.equal(features, F.relu(given)):
            raise BadRequest(f"The network overwrites the output of {layer!r}; choose another layer.")
        name = f"relu({layer})"
    return Evidence(features=features, gradients=gradients, score=float(value.detach()), layer=name)
