"""From a network's outputs to proposals in image points, one function per kind."""

import hashlib
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ml.card import Card
from ml.data.preprocess import Inverse
from ml.nets.activation import class_probabilities, pixel_probabilities
from ml.nets.most_boxes import MOST_BOXES
from viewer.core.shapes.annotations import Proposal
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns

# Boxes under this score are not kept: the threshold slider goes down to it.
SCORE_FLOOR = 0.05
NMS_IOU = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """scores: probability per label for whole-image labels, else empty."""

    scores: dict[str, float]
    proposals: tuple[Proposal, ...]


def proposal_id(prediction_id: str, label: str, number: int) -> str:
    """32 hex digits; the same model on the same image gives the same ids."""
    return hashlib.sha256(f"{prediction_id}\n{label}\n{number}".encode()).hexdigest()[:32]


def whole_image(logits: Tensor, card: Card, image_id: str, prediction_id: str) -> Found:
    """Classification. logits: (1, label). One proposal per label, best first; the threshold is for the reader."""
    values = class_probabilities(logits, exclusive=card.exclusive)[0].tolist()
    scores = dict(zip(card.labels, values, strict=True))
    proposals = [
        Proposal(
            proposal_id=proposal_id(prediction_id, label, 0),
            prediction_id=prediction_id,
            image_id=image_id,
            label=label,
            score=score,
        )
        for label, score in sorted(scores.items(), key=lambda item: -item[1])
    ]
    return Found(scores=scores, proposals=tuple(proposals))


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


def boxes(found: dict[str, Tensor], inverse: Inverse, card: Card, image_id: str, prediction_id: str) -> Found:
    """Detection; see `placed_boxes`. All of them are kept: the threshold is for the reader."""
    proposals = [
        _region(prediction_id, image_id, card.labels[one.label], number, one.score, one.box)
        for number, one in enumerate(placed_boxes(found, inverse, len(card.labels)))
    ]
    return Found(scores={}, proposals=tuple(proposals))


def masks(logits: Tensor, inverse: Inverse, card: Card, image_id: str, prediction_id: str) -> Found:
    """Segmentation. logits: (1, label, row, col) of the input. One mask per label, at the card's threshold.

    A mask's score is the mean probability inside it.
    """
    probability = pixel_probabilities(logits, exclusive=card.exclusive)[0].cpu().numpy()
    whole = np.stack([inverse.mask(each) for each in probability])
    inside = card.rule.inside(whole, card.threshold)
    proposals = [
        _region(prediction_id, image_id, label, 0, float(whole[i][inside[i]].mean()), MaskRuns.from_array(inside[i]))
        for i, label in enumerate(card.labels)
        if inside[i].any()
    ]
    return Found(scores={}, proposals=tuple(proposals))


def _region(
    prediction_id: str, image_id: str, label: str, number: int, score: float, shape: Box | MaskRuns
) -> Proposal:
    return Proposal(
        proposal_id=proposal_id(prediction_id, label, number),
        prediction_id=prediction_id,
        image_id=image_id,
        label=label,
        score=min(max(score, 0.0), 1.0),
        shape=shape,
    )
