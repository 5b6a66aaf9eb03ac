"""From a network's outputs to proposals in image points, one function per kind."""

import hashlib
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ml.card import Card
from ml.data.preprocess import Inverse
from ml.nets.activation import class_probabilities, pixel_probabilities
from viewer.core.annotations import Proposal
from viewer.core.masks import MaskRuns
from viewer.core.shapes import Box

# Boxes under this score are not kept: the threshold slider goes down to it.
SCORE_FLOOR = 0.05
MOST_BOXES = 100
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


def boxes(found: dict[str, Tensor], inverse: Inverse, card: Card, image_id: str, prediction_id: str) -> Found:
    """Detection. found: boxes (n, 4) in input pixels, labels (n,) from 1 (0 is background), scores (n,)."""
    from torchvision.ops import batched_nms

    places, numbers, scores = found["boxes"].float(), found["labels"] - 1, found["scores"].float()
    sound = (scores >= SCORE_FLOOR) & (numbers >= 0) & (numbers < len(card.labels)) & torch.isfinite(places).all(dim=1)
    places, numbers, scores = places[sound], numbers[sound], scores[sound]
    proposals: list[Proposal] = []
    for index in batched_nms(places, scores, numbers, NMS_IOU)[:MOST_BOXES].tolist():
        box = inverse.box(*places[index].tolist())
        if box is None:
            continue  # it lies in the bars of a letterboxed input
        label = card.labels[int(numbers[index])]
        proposals.append(_region(prediction_id, image_id, label, len(proposals), float(scores[index]), box))
    return Found(scores={}, proposals=tuple(proposals))


def masks(logits: Tensor, inverse: Inverse, card: Card, image_id: str, prediction_id: str) -> Found:
    """Segmentation. logits: (1, label, row, col) of the input. One mask per label, at the card's threshold.

    A mask's score is the mean probability inside it. Exclusive labels do not overlap: the most probable one wins.
    """
    probability = pixel_probabilities(logits, exclusive=card.exclusive)[0].cpu().numpy()
    whole = np.stack([inverse.mask(each) for each in probability])
    inside = whole >= card.threshold
    if card.exclusive and len(card.labels) > 1:
        inside &= whole.argmax(axis=0)[None] == np.arange(len(card.labels))[:, None, None]
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
