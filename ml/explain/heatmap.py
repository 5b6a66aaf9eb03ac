"""A heatmap of one class on one frame: which score is explained, and what the map covers."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ml.card import Card
from ml.explain.cams import CAMS
from ml.explain.meaning import same_maps, silent_score, unit_of
from ml.explain.scale import read_scale
from ml.explain.score import Score
from ml.explain.tap import Evidence, tap
from ml.inference.domain import ImageFacts, check_domain
from ml.nets.activation import pixel_probabilities
from viewer.core.errors import BadRequest
from viewer.core.heat import ARBITRARY, HeatMap
from viewer.core.registry import load

if TYPE_CHECKING:
    from ml.inference.load import LoadedModel
    from viewer.reading.frame import Frame

NOT_CHECKED = "Map not checked"


def explain(
    loaded: "LoadedModel", frame: "Frame", image_id: str, label: str, method: str, *, run_anyway: bool = False
) -> HeatMap:
    """Evidence for one label. The grid is unscaled and at the layer's resolution; its corners are image points.

    Explained is: the class's logit (classification); the sum of the class's logits over the region that is proposed
    (segmentation); the class's logit at its strongest centre, for detectors that have a map of centres.
    Raises BadRequest where there is nothing to explain, OutsideDomain as `predict` does.
    """
    card = loaded.card
    if label not in card.labels:
        raise BadRequest(f"{card.name} knows no {label!r}; its labels are {', '.join(card.labels)}.")
    cam = load(CAMS, method)
    outside = check_domain(
        card.domain, ImageFacts.of(frame.facts, frame.identity, frame.stored), model=card.name, run_anyway=run_anyway
    )
    values, inverse = loaded.preprocess.forward(frame.stored, frame.facts)
    images = torch.from_numpy(values)[None]
    score = score_of(card, loaded.network, label)
    evidence = tap(loaded.network, card.cam_layer, images, score)
    grid = cam.weigh(evidence)
    scale = read_scale(loaded.folder).of(label, method)
    x0, y0, x1, y1 = inverse.grid()
    return HeatMap(
        image_id=image_id,
        model_hash=card.model_hash,
        label=label,
        method=method,
        layer=evidence.layer,
        grid=grid,
        x0_px=x0,
        y0_px=y0,
        x1_px=x1,
        y1_px=y1,
        checks=NOT_CHECKED + (f" · outside its domain: {outside}" if outside else ""),
        outside_domain=outside,
        unit=map_unit(loaded, images, score, evidence, grid),
        scale_top=scale.top,
        scale_from=scale.source,
        same_as=same_maps(method, grid, evidence),
    )


def map_unit(loaded: "LoadedModel", images: Tensor, score: Score, evidence: Evidence, grid: NDArray[np.float32]) -> str:
    """What the map counts. A region's sum of logits is no logit of an answer, so a segmentation's map has no unit."""
    if loaded.card.kind == "segmentation":
        return ARBITRARY
    silent = silent_score(loaded.network, loaded.card.cam_layer, images, score, evidence.features.shape)
    return unit_of(grid, evidence, silent)


def score_of(card: Card, network: nn.Module, label: str) -> Score:
    """What "why this label" asks of this kind of model. Raises BadRequest where the question makes no sense."""
    index = card.labels.index(label)
    if card.kind == "classification":
        return lambda net, images: _tensor(net(images))[0, index]
    if card.kind == "segmentation":
        return lambda net, images: _region_logits(_tensor(net(images)), index, card)
    if hasattr(network, "maps"):
        return lambda net, images: _centers(net, images)[0, index].max()
    raise BadRequest(
        f"{card.name} finds boxes in two stages, and a heatmap of one layer would not say why; the boxes do. "
        "Explain a classification, a segmentation or a centre-point model."
    )


def _tensor(value: object) -> Tensor:
    assert isinstance(value, Tensor)
    return value


def _centers(network: nn.Module, images: Tensor) -> Tensor:
    """Centre logits (batch, label, row, col)."""
    maps: Callable[[Tensor], tuple[Tensor, Tensor]] = network.maps  # type: ignore[assignment]  # no submodule
    return maps(images)[0]


def _region_logits(logits: Tensor, index: int, card: Card) -> Tensor:
    """Sum of one label's logits over the pixels where it is proposed. logits: (1, label, row, col)."""
    probability = pixel_probabilities(logits.detach(), exclusive=card.exclusive)[0]
    region = torch.from_numpy(card.rule.inside(probability.cpu().numpy(), card.threshold)[index]).to(logits.device)
    if not bool(region.any()):
        raise BadRequest(f"{card.name} proposes no {card.labels[index]} on this image, so there is nothing to explain.")
    return (logits[0, index] * region).sum()
