"""What is measured on planes through volumes, as a project lists it."""

from sqlalchemy import exists

from viewer.core.shapes.annotations import Measurement
from viewer.project.lists.planes import measured_on_planes
from viewer.project.project import Project
from viewer.project.store.schema import anchors, images, measurements


def on_planes_of(project: Project) -> list[Measurement]:
    """The measurements on planes in the project's own reading, through series of which an image is in it."""
    inside = exists().where(images.c.series_id == anchors.c.series_id, ~images.c.taken_out)
    with project.database.reading() as connection:
        return measured_on_planes(connection, measurements.c.round_id == project.round_id, inside)
