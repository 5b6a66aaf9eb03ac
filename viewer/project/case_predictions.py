"""Every prediction of a case in two queries: a case may be a series of hundreds of images."""

from collections import defaultdict

from sqlalchemy import select

from viewer.core.shapes.annotations import Prediction
from viewer.project.project import Project
from viewer.project.store.schema import images, predictions


def predictions_of_case(project: Project, case_id: str) -> dict[str, tuple[Prediction, ...]]:
    """Predictions by image id, oldest first; images without one are not named."""
    of_case = select(images.c.image_id).where(images.c.case_id == case_id, ~images.c.taken_out)
    found: dict[str, list[Prediction]] = defaultdict(list)
    for prediction in project.predictions._select(predictions.c.image_id.in_(of_case)):
        found[prediction.image_id].append(prediction)
    return {image_id: tuple(several) for image_id, several in found.items()}
