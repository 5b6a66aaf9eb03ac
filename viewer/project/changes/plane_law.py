"""What a plane may be on which something is drawn: it cuts a series of the project, in that series' own space."""

import json
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from sqlalchemy import Connection, select

from viewer.core.errors import BadRequest, NotFound
from viewer.core.shapes.anchors import PlaneAnchor
from viewer.project.state import plane_in_row
from viewer.project.store.schema import anchors, images
from viewer.project.store.stored_rows import as_stored

SPACE = "FrameOfReferenceUID"


def refuse_planes_elsewhere(connection: Connection, planes: Sequence[PlaneAnchor]) -> None:
    """Raise NotFound where no image of a plane's series is in the project, BadRequest where the series lies in another
    frame of reference (PS3.3 C.7.4.1.1.1)."""
    for plane in dict.fromkeys(planes):
        row = connection.execute(
            select(images.c.path, images.c.tags)
            .where(images.c.series_id == plane.series_id, ~images.c.taken_out)
            .order_by(images.c.position)
            .limit(1)
        ).one_or_none()
        if row is None:
            raise NotFound("The series of this plane is not part of this project (any more); add its images first.")
        with as_stored(f"What is known of {row.path}"):
            own = json.loads(row.tags).get(SPACE, "")
        if own and own != plane.frame_of_reference_uid:
            raise BadRequest(
                f"{PurePath(row.path).name} lies in the frame of reference {own}, and this plane in "
                f"{plane.frame_of_reference_uid}; draw on a plane through its own series."
            )


def unsound_planes(connection: Connection) -> Iterator[str]:
    """A sentence on each stored plane that does not give its id, or is none."""
    for row in connection.execute(select(anchors)):
        with as_stored(f"The plane {row.anchor_id}"):
            plane = plane_in_row(row)
        if plane.anchor_id != row.anchor_id:
            yield f"The plane {row.anchor_id} has an id that what it says does not give."
