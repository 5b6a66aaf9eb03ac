"""Which images are in the project, and whose they are: how those changes alter the tables.

The row of an image stays for ever, with its place and what models said of it; `taken_out` says whether it counts. So
an image that comes back (undo, or added again) is the same image in the same place of the list.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select, update

from viewer.core.edits import ImagesChange, PatientChange
from viewer.core.errors import BadRequest
from viewer.core.shapes.annotations import CaseStatus
from viewer.project.store.schema import annotations, cases, image_labels, images, measurements

_IDS_PER_QUERY = 500


def chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Ids in as many pieces as a query takes."""
    for start in range(0, len(ids), _IDS_PER_QUERY):
        yield ids[start : start + _IDS_PER_QUERY]


def apply_images(connection: Connection, change: ImagesChange) -> None:
    """Let images in, or take them out. Raises BadRequest for one that is not known, or to be taken out and not in."""
    outside: dict[str, bool] = {}
    for some in chunks(change.image_ids):
        rows = connection.execute(select(images.c.image_id, images.c.taken_out).where(images.c.image_id.in_(some)))
        outside |= {row.image_id: row.taken_out for row in rows}
    if len(outside) != len(set(change.image_ids)):
        raise BadRequest("An image that this project does not know cannot enter it; add its file again.")
    ids = list(change.image_ids)
    if not change.after:
        if change.untouched_only:
            touched = touched_images(connection)
            ids = [image_id for image_id in ids if image_id not in touched]
        elif any(outside.values()):
            raise BadRequest("These images have been taken out of the project already; look at the list again.")
    for some in chunks(ids):
        connection.execute(update(images).where(images.c.image_id.in_(some)).values(taken_out=not change.after))


def touched_images(connection: Connection) -> set[str]:
    """Every image of a case on which somebody has worked, or of which somebody said how far it is."""
    worked = select(annotations.c.image_id).union(select(image_labels.c.image_id), select(measurements.c.image_id))
    of_case = select(images.c.case_id).where(images.c.image_id.in_(worked))
    begun = select(cases.c.case_id).where(cases.c.status != CaseStatus.TO_DO.value)
    both = images.c.case_id.in_(of_case) | images.c.case_id.in_(begun)
    return set(connection.scalars(select(images.c.image_id).where(both)))


def apply_patient(connection: Connection, change: PatientChange) -> None:
    """Say whose an image is. Raises BadRequest when something else has been said since."""
    here = (images.c.image_id == change.image_id) & (images.c.patient_id == change.before)
    done = connection.execute(update(images).where(here).values(patient_id=change.after))
    if done.rowcount != 1:
        raise BadRequest("The patient of an image has been changed since; look at it again.")
