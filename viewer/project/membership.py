"""Which images are in the project, and whose they are: how those changes alter the tables.

The row of an image stays for ever, with its place and what models said of it; `taken_out` says whether it counts. So
an image that comes back (undo, or added again) is the same image in the same place of the list.
"""

from collections.abc import Iterator, Sequence
from pathlib import PurePath

from sqlalchemy import ColumnElement, Connection, Table, bindparam, exists, or_, select, update

from viewer.core.edits import CaseStatusChange, Change, DecisionChange, ImagesChange, PatientChange
from viewer.core.errors import BadRequest
from viewer.core.shapes.annotations import CaseStatus, Decision
from viewer.core.values import Target, TargetKind
from viewer.project.store.schema import (
    anchors,
    annotations,
    case_images,
    decisions,
    image_answers,
    images,
    measurements,
    proposals,
    readings,
)

_IDS_PER_QUERY = 500


def chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Ids in as many pieces as a query takes."""
    for start in range(0, len(ids), _IDS_PER_QUERY):
        yield ids[start : start + _IDS_PER_QUERY]


def images_inside(connection: Connection, changes: Sequence[ImagesChange]) -> list[bool | None]:
    """Of changes of one image each: whether it is in the project; None for one that is not known.

    An image on which somebody has worked stays where only untouched ones go, so it may be in before they come (again).
    """
    ids = [one.image_ids[0] for one in changes]
    query = select(images.c.image_id, images.c.taken_out).where(images.c.image_id.in_(ids)).with_for_update()
    inside = {row.image_id: not row.taken_out for row in connection.execute(query)}
    if None in (found := [inside.get(image_id) for image_id in ids]):
        raise BadRequest("An image that this project does not know cannot enter it; add its file again.")
    coming = [one.image_ids[0] for one in changes if one.after and one.untouched_only and inside[one.image_ids[0]]]
    stayed = touched_images(connection, coming) if coming else set()
    return [
        False if one.image_ids[0] in stayed and one.after else is_in for one, is_in in zip(changes, found, strict=True)
    ]


def write_images(connection: Connection, changes: Sequence[ImagesChange]) -> None:
    """Let images in, or take them out."""
    going = [one.image_ids[0] for one in changes if one.untouched_only and not one.after]
    touched = touched_images(connection, going) if going else set()
    for after in (True, False):
        ids = [image_id for one in changes if one.after is after for image_id in one.image_ids]
        ids = [image_id for image_id in ids if after or image_id not in touched]
        for some in chunks(ids):
            connection.execute(update(images).where(images.c.image_id.in_(some)).values(taken_out=not after))


def left_behind(connection: Connection, changes: Sequence[ImagesChange]) -> str | None:
    """An image that would leave with work of anybody still on it, or with its case begun; None where none would."""
    ids = [image_id for one in changes if not one.after and not one.untouched_only for image_id in one.image_ids]
    for some in chunks(ids):
        on_images = [
            select(table.c.image_id).where(table.c.image_id.in_(some))
            for table in (annotations, image_answers, measurements)
        ]
        decided = select(proposals.c.image_id).join(decisions, decisions.c.proposal_id == proposals.c.proposal_id)
        begun = select(case_images.c.image_id).join(readings, readings.c.case_id == case_images.c.case_id)
        begun = begun.where(case_images.c.image_id.in_(some), readings.c.state != CaseStatus.TO_DO.value)
        for query in (*on_images, decided.where(proposals.c.image_id.in_(some)), begun):
            image_id = connection.scalars(query.limit(1)).first()
            if image_id is not None:
                return str(image_id)
    return _left_with_planes(connection, ids)


def _left_with_planes(connection: Connection, leaving: Sequence[str]) -> str | None:
    """An image that would leave as the last one of a series through which something lies on a plane."""
    for series_id in sorted(series_worked(connection, series_left(connection, leaving))):
        inside = select(images.c.image_id).where(images.c.series_id == series_id, ~images.c.taken_out)
        return connection.scalars(inside.limit(1)).first()
    return None


def series_worked(
    connection: Connection, series_ids: Sequence[str], tables: Sequence[Table] = (annotations, measurements),
    round_id: str | None = None,
) -> set[str]:  # fmt: skip
    """Those of the series on planes through which something of these tables lies, in a round or in any."""
    found: set[str] = set()
    for some in chunks(series_ids):
        for table in tables:
            lies = select(anchors.c.series_id).join(table, table.c.anchor_id == anchors.c.anchor_id).distinct()
            lies = lies.where(anchors.c.series_id.in_(some))
            found |= set(connection.scalars(lies if round_id is None else lies.where(table.c.round_id == round_id)))
    return found


def shape_is_of(table: Table) -> ColumnElement[bool]:
    """Whether a shape, read with its plane where it lies on one, is of an image: lies on it, or on a plane through its
    series."""
    through = annotations.c.image_id.is_(None) & (table.c.series_id == anchors.c.series_id)
    return (table.c.image_id == annotations.c.image_id) | through


def film_of_series(connection: Connection, series_id: str) -> str:
    """The name of the first file of a series, by which a plane through it is called."""
    first = select(images.c.path).where(images.c.series_id == series_id).order_by(images.c.position).limit(1)
    path = connection.scalar(first)
    return PurePath(path).name if path else "a series"


def series_left(connection: Connection, leaving: Sequence[str]) -> list[str]:
    """The series cut by a plane of which no image is in the project any more once these leave."""
    if connection.execute(select(anchors.c.anchor_id).limit(1)).first() is None:
        return []  # as in most projects
    of: set[str] = set()
    for some in chunks(leaving):
        query = select(images.c.series_id).where(images.c.image_id.in_(some)).distinct()
        of |= set(connection.scalars(query.where(images.c.series_id.in_(select(anchors.c.series_id)))))
    found, gone = [], set(leaving)
    for series_id in sorted(of):
        inside = select(images.c.image_id).where(images.c.series_id == series_id, ~images.c.taken_out)
        if gone.issuperset(connection.scalars(inside)):
            found.append(series_id)
    return found


def spoken_of(connection: Connection, changes: Sequence[Change]) -> list[str]:
    """Images that must be in the project for decisions on their proposals, and for what is said of their cases."""
    decided = [c.proposal_id for c in changes if isinstance(c, DecisionChange) and c.after is not Decision.UNDECIDED]
    # Also what work begins: a plane through a series may be drawn on where the film that it was drawn from is gone.
    said = [c for c in changes if isinstance(c, CaseStatusChange) and c.after is not CaseStatus.TO_DO]
    found: list[str] = []
    for some in chunks(decided):
        found += connection.scalars(select(proposals.c.image_id).where(proposals.c.proposal_id.in_(some)))
    for some in chunks([change.case_id for change in said]):
        query = select(case_images.c.case_id, images.c.image_id, images.c.taken_out)
        query = query.join(images, images.c.image_id == case_images.c.image_id).where(case_images.c.case_id.in_(some))
        rows = connection.execute(query.order_by(images.c.taken_out, images.c.position)).all()
        # One that is inside is enough, and comes first.
        found += {row.case_id: row.image_id for row in reversed(rows)}.values()
    return found


def touched_images(connection: Connection, image_ids: Sequence[str]) -> set[str]:
    """Those of the images whose case somebody has worked on, or of whose case somebody said how far it is."""
    of: list[tuple[str, str]] = []
    for some in chunks(image_ids):
        query = select(case_images.c.image_id, case_images.c.case_id).where(case_images.c.image_id.in_(some))
        of += [(row.image_id, row.case_id) for row in connection.execute(query)]
    asked = list(dict.fromkeys(case_id for _, case_id in of))
    touched = worked_cases(connection, asked)
    for some in chunks(asked):
        begun = readings.c.case_id.in_(some) & (readings.c.state != CaseStatus.TO_DO.value)
        touched |= set(connection.scalars(select(readings.c.case_id).where(begun)))
    return {image_id for image_id, case_id in of if case_id in touched}


def worked_cases(connection: Connection, case_ids: Sequence[str]) -> set[str]:
    """Those of the cases with work of anybody on them: a shape, an answer, a measurement, a decision on a proposal."""
    decided = (proposals.c.image_id == case_images.c.image_id) & (proposals.c.proposal_id == decisions.c.proposal_id)
    on_image = [table.c.image_id == case_images.c.image_id for table in (annotations, image_answers, measurements)]
    return _cases_with(connection, case_ids, *on_image, decided) | _cases_through(connection, case_ids)


def begun_cases(connection: Connection, case_ids: Sequence[str], round_id: str = "") -> set[str]:
    """Those of the cases with what begins one in a round: a shape or an answer of anybody. Neither a measurement nor
    the refusal of a proposal begins a case, so neither keeps it begun."""
    on_image = [
        (table.c.image_id == case_images.c.image_id) & (table.c.round_id == round_id)
        for table in (annotations, image_answers)
    ]
    on_planes = _cases_through(connection, case_ids, (annotations,), round_id)
    return _cases_with(connection, case_ids, *on_image) | on_planes


def _cases_through(
    connection: Connection, case_ids: Sequence[str], tables: Sequence[Table] = (annotations, measurements),
    round_id: str | None = None,
) -> set[str]:  # fmt: skip
    """Those of the cases on planes through the series of which something lies."""
    if connection.execute(select(anchors.c.anchor_id).limit(1)).first() is None:
        return set()  # as in most projects
    of: list[tuple[str, str]] = []
    for some in chunks(case_ids):
        query = select(case_images.c.case_id, images.c.series_id).distinct()
        query = query.join(images, images.c.image_id == case_images.c.image_id)
        query = query.where(case_images.c.case_id.in_(some), images.c.series_id.in_(select(anchors.c.series_id)))
        of += [(row.case_id, row.series_id) for row in connection.execute(query)]
    worked = series_worked(connection, list({series_id for _, series_id in of}), tables, round_id)
    return {case_id for case_id, series_id in of if series_id in worked}


def _cases_with(connection: Connection, case_ids: Sequence[str], *conditions: ColumnElement[bool]) -> set[str]:
    there = or_(*(exists().where(condition) for condition in conditions))
    found: set[str] = set()
    for some in chunks(case_ids):
        found |= set(connection.scalars(select(case_images.c.case_id).where(case_images.c.case_id.in_(some), there)))
    return found


def cases_of(connection: Connection, image_ids: Sequence[str]) -> set[str]:
    """The cases that hold any of the images."""
    found: set[str] = set()
    for some in chunks(image_ids):
        query = select(case_images.c.case_id).where(case_images.c.image_id.in_(some)).distinct()
        found |= set(connection.scalars(query))
    return found


def patients_there(connection: Connection, changes: Sequence[PatientChange]) -> list[str | None]:
    """Whose each image is; None where it is not known."""
    ids = [change.image_id for change in changes]
    query = select(images.c.image_id, images.c.patient_id).where(images.c.image_id.in_(ids)).with_for_update()
    found = {row.image_id: row.patient_id for row in connection.execute(query)}
    return [found.get(image_id) for image_id in ids]


def write_patients(connection: Connection, changes: Sequence[PatientChange]) -> None:
    """Say whose each image is."""
    rows = [{"of": change.image_id, "whose": change.after} for change in changes]
    new = update(images).where(images.c.image_id == bindparam("of")).values(patient_id=bindparam("whose"))
    connection.execute(new, rows)


def images_of(connection: Connection, target: Target) -> list[str]:
    """The images that a target is about, in the order of entering."""
    query = select(images.c.image_id).where(_of_target(target)).order_by(images.c.position)
    return list(connection.scalars(query))


def _of_target(target: Target) -> ColumnElement[bool]:
    match target.kind:
        case TargetKind.IMAGE:
            return images.c.image_id == target.target_id
        case TargetKind.SERIES:
            return images.c.series_id == target.target_id
        case TargetKind.STUDY:
            return images.c.study_uid == target.target_id
        case TargetKind.PATIENT:
            source, _, patient_id = target.target_id.partition("\n")
            return (images.c.source == source) & (images.c.patient_id == patient_id)
        case TargetKind.OBJECT:
            shapes = annotations.c.object_id == target.target_id
            through = select(anchors.c.series_id).join(annotations, annotations.c.anchor_id == anchors.c.anchor_id)
            # Of what lies on a plane alone, the images that the plane goes through.
            drawn = select(annotations.c.image_id).where(shapes, annotations.c.image_id.is_not(None))
            return images.c.image_id.in_(drawn) | images.c.series_id.in_(through.where(shapes))
