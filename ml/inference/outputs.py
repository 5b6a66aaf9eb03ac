"""What a network says of one image, and the proposals that are made of it, in image points."""

import hashlib
from dataclasses import dataclass, field

import torch
from torch import Tensor

from ml.data.preprocess import Inverse
from ml.nets.most_boxes import MOST_BOXES
from viewer.core.shapes.annotations import Proposal
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.values import Quantity

# Boxes under this score are not kept: the threshold slider goes down to it.
SCORE_FLOOR = 0.05
NMS_IOU = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """scores: probability per label for whole-image labels, else empty. numbers: by label, for numbers of the image."""

    scores: dict[str, float]
    proposals: tuple[Proposal, ...]
    numbers: dict[str, Quantity] = field(default_factory=dict)


def proposal_id(prediction_id: str, label: str, number: int) -> str:
    """32 hex digits; the same model on the same image gives the same ids."""
    return hashlib.sha256(f"{prediction_id}\n{label}\n{number}".encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """One box of a detector in image points. label: from 0."""

    box: Box
    label: int
    score: float


def placed_boxes(found: dict[str, Tensor], inverse: Inverse, labels: int) -> list[Placed]:
    """What a detector says of one image, best first: the same boxes for proposals and for figures.

    found: boxes (n, 4) in input pixels, labels (n,) from 1 (0 is background), scores (n,). Left out are boxes under
    the floor, of no label, of no number, those that lie over a better one of their label, and those outside the image.
    """
    from torchvision.ops import batched_nms

    places, numbers, scores = found["boxes"].float(), found["labels"] - 1, found["scores"].float()
    sound = (scores >= SCORE_FLOOR) & (numbers >= 0) & (numbers < labels) & torch.isfinite(places).all(dim=1)
    places, numbers, scores = places[sound], numbers[sound], scores[sound]
    placed: list[Placed] = []
    for index in batched_nms(places, scores, numbers, NMS_IOU)[:MOST_BOXES].tolist():
        box = inverse.box(*places[index].tolist())
        if box is not None:  # else it lies in the bars of a letterboxed input
            placed.append(Placed(box=box, label=int(numbers[index]), score=float(scores[index])))
    return placed


def region(prediction_id: str, image_id: str, label: str, number: int, score: float, shape: Box | MaskRuns) -> Proposal:
    """A proposal with a shape. number: of those of its label on this image."""
    return Proposal(
        proposal_id=proposal_id(prediction_id, label, number),
        prediction_id=prediction_id,
        image_id=image_id,
        label=label,
        score=min(max(score, 0.0), 1.0),
        shape=shape,
    )
