"""A model's answer for one frame."""

import hashlib
from dataclasses import replace

import torch

from ml.evaluation.sound import only_numbers
from ml.events import now
from ml.inference.domain import ImageFacts, check_domain
from ml.inference.load import LoadedModel
from ml.inference.outputs import Found
from ml.seen import image_digests
from ml.tasks.outputs import outputs_of
from viewer.core.picture_values import content_sha256
from viewer.core.shapes.annotations import Prediction
from viewer.reading.frame import Frame
from viewer.reading.image_id import pixel_sha256


def predict(loaded: LoadedModel, frame: Frame, image_id: str, *, run_anyway: bool = False) -> Prediction:
    """Run the model on one frame. Shapes are in the frame's own image points, whatever the input's size was.

    Raises OutsideDomain when the frame does not fit the model's card and `run_anyway` was not said; else a mismatch
    is kept in the prediction's `outside_domain`.
    """
    card = loaded.card
    seen = "" if loaded.seen is None else loaded.seen.image(digests_of_frame(frame))
    outside = check_domain(
        card.domain, ImageFacts.of(frame.facts, frame.identity, frame.stored), model=card.name, run_anyway=run_anyway
    )
    prediction_id = hashlib.sha256(f"{card.model_hash}\n{image_id}\n{outside}".encode()).hexdigest()[:32]
    found = _run(loaded, frame, image_id, prediction_id)
    return Prediction(
        prediction_id=prediction_id,
        image_id=image_id,
        model_hash=card.model_hash,
        model_name=card.name,
        kind=card.kind,
        created=now(),
        threshold=card.threshold,
        scores=found.scores,
        proposals=tuple(replace(proposal, outside_domain=bool(outside)) for proposal in found.proposals),
        outside_domain=outside,
        labels=card.labels,
        exclusive=card.exclusive,
        seen=seen,
        numbers=found.numbers,
    )


def digests_of_frame(frame: Frame) -> tuple[str, ...]:
    """By what the image of a frame is known among those that a model has seen."""
    return image_digests(content_sha256(frame.stored, frame.facts), pixel_sha256(frame.stored))


def _run(loaded: LoadedModel, frame: Frame, image_id: str, prediction_id: str) -> Found:
    card = loaded.card
    values, inverse = loaded.preprocess.forward(frame.stored, frame.facts)
    images = torch.from_numpy(values)[None]
    # Of outputs that are NaN a detector would make no boxes and a cut an empty mask: an image without a finding.
    with torch.inference_mode(), only_numbers(loaded.network, f"The model {card.name}"):
        return outputs_of(card.kind).found(loaded.network, images, inverse, card, image_id, prediction_id)
