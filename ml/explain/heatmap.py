"""A heatmap of one class on one frame: which score is explained, and what the map covers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ml.card import Card
from ml.explain.cams import CAMS
from ml.explain.layers import map_layers
from ml.explain.meaning import same_maps, silent_score, unit_of
from ml.explain.scale import HeatScale, read_scale
from ml.explain.score import Score
from ml.explain.tap import Evidence, tap
from ml.inference.domain import ImageFacts, check_domain
from ml.inference.folds_as_one import NO_MAP
from ml.tasks.outputs import outputs_of
from viewer.core.errors import BadRequest
from viewer.core.heat import ARBITRARY, HeatMap
from viewer.core.registry import load

if TYPE_CHECKING:
    from ml.inference.load import LoadedModel
    from viewer.reading.frame import Frame

NOT_CHECKED = "Map not checked"


def explain(
    loaded: "LoadedModel",
    frame: "Frame",
    image_id: str,
    label: str,
    method: str,
    *,
    layer: str = "",
    run_anyway: bool = False,
    sample: "Sequence[Frame]" = (),
) -> HeatMap:
    """Evidence for one label. The grid is unscaled and at the layer's resolution; its corners are image points.

    What is explained is the kind's to say (`TaskOutputs.score`). sample: as in `predict`; the map lies on the frame
    itself, whatever frame beside it raised the score. layer: another than the model's own, "" for that; a map of it has
    a scale of its own, since the model's was measured at its own. Raises BadRequest where there is nothing to explain,
    OutsideDomain as `predict` does.
    """
    card = loaded.card
    if label not in card.labels:
        raise BadRequest(f"{loaded.title} knows no {label!r}; its labels are {', '.join(card.labels)}.")
    if card.networks > 1:
        raise BadRequest(f"{loaded.title} has no heatmap: {NO_MAP}.")
    cam = load(CAMS, method)
    outside = check_domain(
        card.domain, ImageFacts.of(frame.facts, frame.identity, frame.stored), model=loaded.title, run_anyway=run_anyway
    )
    values, inverse = loaded.input_of(frame, sample)
    images = torch.from_numpy(values)[None]
    score = score_of(card, loaded.network, label)
    read = layer or card.cam_layer
    evidence = _tapped(loaded, read, images, score)
    grid = cam.weigh(evidence)
    scale = (read_scale(loaded.folder) if read == card.cam_layer else HeatScale()).of(label, method)
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
        checks=" · ".join(filter(None, (NOT_CHECKED, _of_sample(card), outside and f"outside its domain: {outside}"))),
        outside_domain=outside,
        unit=map_unit(loaded, label, images, score, evidence, grid, layer=read),
        scale_top=scale.top,
        scale_from=scale.source,
        scale_image=scale.image_id,
        same_as=same_maps(method, grid, evidence),
        layers=map_layers(loaded.network, card.cam_layer, images, score),
    )


def _tapped(loaded: "LoadedModel", layer: str, images: Tensor, score: Score) -> Evidence:
    """Raises BadRequest, which names the layers that can be read where that one cannot."""
    try:
        return tap(loaded.network, layer, images, score)
    except BadRequest as error:
        own = loaded.card.cam_layer
        if not own or layer == own:
            raise
        there = ", ".join(one.name for one in map_layers(loaded.network, own, images, score))
        raise BadRequest(f"No map can be read from {layer!r}: {error} There are {there}.") from error


def _of_sample(card: Card) -> str:
    """What a map of several frames says of itself: it is one map, and lies on one of them."""
    rule = card.preprocess.rule
    if rule.is_plain:
        return ""
    elsewhere = ", also what raised the score at this place of another view" if rule.views else ""
    return f"of {rule.words(card.domain.modality)}; drawn on the image itself{elsewhere}"


def map_unit(
    loaded: "LoadedModel", label: str, images: Tensor, score: Score, evidence: Evidence, grid: NDArray[np.float32],
    *, layer: str = "",
) -> str:  # fmt: skip
    """What the map counts: what its score does where that is seen of it (`unit_of`), else nothing that has a name."""
    unit = outputs_of(loaded.card.kind).score_unit(loaded.card, label)
    if unit == ARBITRARY:
        return unit
    read = layer or loaded.card.cam_layer
    silent = silent_score(loaded.network, read, images, score, evidence.features.shape)
    return unit_of(grid, evidence, silent, unit)


def score_of(card: Card, network: nn.Module, label: str) -> Score:
    """What "why this label" asks of this kind of model. Raises BadRequest where the question makes no sense."""
    return outputs_of(card.kind).score(card, network, label)
