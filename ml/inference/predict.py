"""A model's answer for one frame."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ml.data.preprocess import Inverse
from ml.evaluation.sound import only_numbers
from ml.events import now
from ml.inference.domain import ImageFacts, check_domain
from ml.inference.load import LoadedModel
from ml.inference.outputs import Found
from ml.seen import image_digests, other_images_seen
from ml.tasks.outputs import outputs_of
from viewer.core.picture_values import content_sha256
from viewer.core.shapes.annotations import Prediction
from viewer.reading.frame import Frame
from viewer.reading.image_id import pixel_sha256

# The project's folder, the patient's id there, and the source that the id is of.
PatientOf = tuple[Path, str, str]


def predict(
    loaded: LoadedModel, frame: Frame, image_id: str, *, run_anyway: bool = False, sample: Sequence[Frame] = (),
    patient: PatientOf | None = None,
) -> Prediction:  # fmt: skip
    """Run the model on one frame. Shapes are in the frame's own image points, whatever the input's size was.

    patient: whose image it is, where a project knows it; of a patient whose other images the model has seen that is
    said.

    sample: as in `LoadedModel.input_of`. Raises LacksFrames as that does, OutsideDomain when the frame does not fit
    the model's card and `run_anyway` was not said; else a mismatch is kept in the prediction's `outside_domain`.
    """
    card = loaded.card
    digests = [digest for one in sample or (frame,) for digest in digests_of_frame(one)]
    seen = "" if loaded.seen is None else loaded.seen.image(digests)
    if not seen and patient is not None:
        seen = other_images_seen(loaded.seen, *patient)
    outside = check_domain(
        card.domain, ImageFacts.of(frame.facts, frame.identity, frame.stored), model=loaded.title, run_anyway=run_anyway
    )
    values, inverse = loaded.input_of(frame, sample)
    # What stands beside an image is part of the question.
    beside = "".join(f"\n{pixel_sha256(one.stored)}" for one in sample)
    prediction_id = hashlib.sha256(f"{card.model_hash}\n{image_id}\n{outside}{beside}".encode()).hexdigest()[:32]
    found = _run(loaded, values, inverse, image_id, prediction_id)
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


def _run(
    loaded: LoadedModel, values: NDArray[np.float32], inverse: Inverse, image_id: str, prediction_id: str
) -> Found:
    card = loaded.card
    images = torch.from_numpy(values)[None]
    # Of outputs that are NaN a detector would make no boxes and a cut an empty mask: an image without a finding.
    with torch.inference_mode(), only_numbers(loaded.network, f"The model {loaded.title}"):
        return outputs_of(card.kind).found(loaded.network, images, inverse, card, image_id, prediction_id)
