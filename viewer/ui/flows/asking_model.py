"""A question to the child that answers, with whose image it is: a model may have learnt from others of the patient."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from viewer.reading.series import FrameRef
    from viewer.ui.state.session import Session


def ask_model(
    session: "Session", ref: "FrameRef", image_id: str, folder: Path, *, run_anyway: bool, sample: Sequence[Any],
    done: Callable[[Any], None],
) -> None:  # fmt: skip
    """As `InferenceClient.predict`, of an image of the session's project or of one that it does not know."""
    project, image = session.project, session.at_hand.images.find(image_id)
    patient = None if project is None or image is None else (project.folder, image.patient_id, image.source)
    session.inference.predict(
        ref, image_id, folder, run_anyway=run_anyway, sample=sample, patient=patient, done=done
    )  # fmt: skip
