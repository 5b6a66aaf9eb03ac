"""What is drawn and measured on planes through volumes, as a project lists it."""

from sqlalchemy import exists

from viewer.core.shapes.annotations import Annotation, Measurement
from viewer.project.lists.planes import drawn_on_planes, measured_on_planes
from viewer.project.project import Project
from viewer.project.store.schema import anchors, annotations, images, measurements

_INSIDE = exists().where(images.c.series_id == anchors.c.series_id, ~images.c.taken_out)


def on_planes_of(project: Project) -> list[Measurement]:
    """The measurements on planes in the project's own reading, through series of which an image is in it."""
    with project.database.reading() as connection:
        return measured_on_planes(connection, measurements.c.round_id == project.round_id, _INSIDE)


def shapes_on_planes(project: Project) -> list[Annotation]:
    """The shapes on planes in the project's own reading, through series of which an image is in it."""
    with project.database.reading() as connection:
        return drawn_on_planes(connection, annotations.c.round_id == project.round_id, _INSIDE)
