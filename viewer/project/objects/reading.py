"""The objects of a project: a lesion on 12 slices is one, with 12 shapes. They are changed by `edits`."""

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlalchemy import select

from viewer.core.errors import NotFound
from viewer.core.shapes.annotations import Annotation
from viewer.project.in_batches import shared_objects
from viewer.project.membership import chunks
from viewer.project.state import annotation_of, shapes_drawn
from viewer.project.store.schema import annotation_order, annotations, images

if TYPE_CHECKING:
    from viewer.project.project import Project


def shapes_of(project: "Project", object_key: str) -> tuple[Annotation, ...]:
    """The shapes of an object in the project's round, in the order of their images, then those on planes; () where
    there is none."""
    own = shapes_drawn(annotations.c.object_id == object_key, annotations.c.round_id == project.round_id)
    query = own.outerjoin(images, images.c.image_id == annotations.c.image_id).order_by(None)
    # What lies on planes follows, on either database.
    on_plane = annotations.c.image_id.is_(None)
    query = query.order_by(on_plane, images.c.position, annotation_order.c.position)
    with project.database.reading() as connection:
        return tuple(annotation_of(row) for row in connection.execute(query))


def object_of(project: "Project", annotation_id: str) -> tuple[Annotation, ...]:
    """The shapes of the object that a shape is of. Raises NotFound where the shape is not there any more."""
    query = select(annotations.c.object_id).where(annotations.c.annotation_id == annotation_id)
    with project.database.reading() as connection:
        key = connection.scalar(query)
    found = () if key is None else shapes_of(project, key)
    if not found:
        raise NotFound("This shape has been removed since; look at the image again.")
    return found


def further_shapes(project: "Project", image_ids: Iterable[str]) -> Counter[str]:
    """By label, how many shapes on these images are of an object that has one on another of them already."""
    wanted, counts = set(image_ids), Counter[str]()
    columns = annotations.c.object_id, annotations.c.label, annotations.c.image_id
    shared = sorted(shared_objects(project)) if wanted else []
    with project.database.reading() as connection:
        for some in chunks(shared):
            query = select(*columns).where(annotations.c.object_id.in_(some))
            here = [row for row in connection.execute(query) if row.image_id in wanted]
            counts.update(row.label for row in here)
            counts.subtract({row.object_id: row.label for row in here}.values())
    return +counts
