"""Objects as lists show them: on how many images each lies, what is said of it, which others are one with it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, case, func, select

from viewer.core.errors import NotFound
from viewer.core.shapes.objects import UNSAID, ObjectLink, ObjectNote
from viewer.project.changes.object_rows import links_of, notes_of
from viewer.project.images import tags_of
from viewer.project.membership import chunks, shape_is_of
from viewer.project.store.schema import anchors, annotations, case_images, cases, images

if TYPE_CHECKING:
    from viewer.project.project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedObject:
    """The other end of a link. place: where it lies, by the date of its study where that is another one and is known,
    else by its case."""

    link: ObjectLink
    key: str
    image_id: str
    case_id: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectRow:
    """One object. images, planes: on how many it lies. image_id, film: the first of these images; of what lies on
    planes alone, of the series that they go through. place: the date of its study, where none is known its case."""

    key: str
    label: str
    case_id: str
    case: str
    image_id: str
    film: str
    place: str
    study_uid: str
    images: int
    planes: int = 0
    note: ObjectNote = UNSAID
    linked: tuple[LinkedObject, ...] = ()


def all_objects(project: "Project", *, label: str = "", case_id: str = "") -> list[ObjectRow]:
    """The objects of the project's reading in the order of their cases and images; of one label or case where named."""
    asked = [annotations.c.round_id == project.round_id, ~images.c.taken_out]
    asked += [annotations.c.label == label] if label else []
    asked += [case_images.c.case_id == case_id] if case_id else []
    with project.database.reading() as connection:
        return _told(connection, _rows(connection, *asked))


def object_row(project: "Project", key: str) -> ObjectRow:
    """One object of the project's reading. Raises NotFound."""
    of = annotations.c.object_id == key
    with project.database.reading() as connection:
        found = _told(connection, _rows(connection, of, annotations.c.round_id == project.round_id))
    if not found:
        raise NotFound(f"There is no object {key} in this reading of the project; `project objects` lists all.")
    return found[0]


def may_be_one(project: "Project", row: ObjectRow) -> list[ObjectRow]:
    """The objects that an object can be one with: of its label, in other cases of its patient, in this reading."""
    whose = select(images.c.source, images.c.patient_id).where(images.c.image_id == row.image_id)
    with project.database.reading() as connection:
        patient = connection.execute(whose).one_or_none()
        if patient is None or not patient.patient_id:
            return []
        found = _rows(
            connection, annotations.c.round_id == project.round_id, ~images.c.taken_out,
            annotations.c.label == row.label, case_images.c.case_id != row.case_id,
            images.c.source == patient.source, images.c.patient_id == patient.patient_id,
        )  # fmt: skip
        return _told(connection, found)


def linked_with(connection: Connection, keys: Sequence[str]) -> dict[str, tuple[LinkedObject, ...]]:
    """Of each of these objects that has any, the others that are one with it, in the order of their cases."""
    links = links_of(connection, keys)
    if not links:
        return {}
    asked = set(keys)
    others = list(dict.fromkeys(key for link in links for key in (link.first_id, link.second_id)))
    rows = {row.key: row for some in chunks(others) for row in _rows(connection, annotations.c.object_id.in_(some))}
    order = {key: place for place, key in enumerate(rows)}
    found: dict[str, list[LinkedObject]] = {}
    for link in sorted(links, key=lambda one: (order.get(one.first_id, -1), order.get(one.second_id, -1))):
        for key in asked.intersection((link.first_id, link.second_id)):
            own, other = rows.get(key), rows.get(link.other(key))
            if own is None or other is None:
                continue  # `verify` names it
            of_one_study = bool(own.study_uid) and own.study_uid == other.study_uid
            place = other.case if of_one_study and other.case else other.place
            linked = LinkedObject(link=link, key=other.key, image_id=other.image_id, case_id=other.case_id, place=place)
            found.setdefault(key, []).append(linked)
    return {key: tuple(several) for key, several in found.items()}


def _rows(connection: Connection, *conditions: ColumnElement[bool]) -> list[ObjectRow]:
    """Objects without what is said of them."""
    has_planes = connection.execute(select(anchors.c.anchor_id).limit(1)).first() is not None
    # An image that it lies on comes before one that only its planes go through.
    own = func.min(case((annotations.c.image_id.is_not(None), images.c.position)))
    first = func.coalesce(own, func.min(images.c.position)).label("first")
    count = func.count(annotations.c.image_id.distinct()).label("images")
    planes = func.count(annotations.c.anchor_id.distinct()).label("planes")
    of = select(annotations.c.object_id, annotations.c.label, first, count, planes).select_from(annotations)
    if has_planes:  # as in few projects: this join is dearer
        of = of.outerjoin(anchors, anchors.c.anchor_id == annotations.c.anchor_id).join(images, shape_is_of(images))
    else:
        of = of.join(images, images.c.image_id == annotations.c.image_id)
    of = of.outerjoin(case_images, case_images.c.image_id == images.c.image_id).where(*conditions)
    of_each = of.group_by(annotations.c.object_id, annotations.c.label).subquery()
    columns = images.c.image_id, images.c.path, images.c.tags, images.c.study_uid, cases.c.case_id, cases.c.title
    query = select(of_each, *columns).join(images, images.c.position == of_each.c.first)
    query = query.outerjoin(case_images, case_images.c.image_id == images.c.image_id)
    query = query.outerjoin(cases, cases.c.case_id == case_images.c.case_id)
    found: dict[str, ObjectRow] = {}
    for row in connection.execute(query.order_by(cases.c.position, images.c.position, of_each.c.object_id)):
        found.setdefault(row.object_id, _row_of(row))
    return list(found.values())


def _row_of(row: Any) -> ObjectRow:
    date = tags_of(row).get("StudyDate", "")
    return ObjectRow(
        key=row.object_id, label=row.label, case_id=row.case_id or "", case=row.title or "", image_id=row.image_id,
        film=PurePath(row.path).name, place=_date_words(date) or row.title or PurePath(row.path).name,
        study_uid=row.study_uid, images=row.images, planes=row.planes,
    )  # fmt: skip


def _told(connection: Connection, rows: Sequence[ObjectRow]) -> list[ObjectRow]:
    keys = [row.key for row in rows]
    notes, linked = notes_of(connection, keys), linked_with(connection, keys)
    return [replace(row, note=notes.get(row.key, UNSAID), linked=linked.get(row.key, ())) for row in rows]


def _date_words(date: str) -> str:
    """ "2024-03-01" of a DA value (PS3.5 6.2), or of one that is written so already; "" of what is no date."""
    digits = date.replace("-", "").replace(".", "")
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if len(digits) == 8 and digits.isdigit() else ""
