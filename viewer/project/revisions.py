"""What each transaction touched, in the order of their commits: how other windows and processes keep up.

Whoever writes raises the project's one counter inside its own transaction (`raise_revision`), so revisions have no
hole and no double, and a reader that sees revision N sees everything up to N.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, Row, select, update

from viewer.core.attributes import Attribute
from viewer.core.edits import (
    AnnotationChange,
    AnswerChange,
    AttributeChange,
    CaseStatusChange,
    Change,
    DecisionChange,
    ImageLabelChange,
    ImagesChange,
    LabelChange,
    MaskStroke,
    MeasurementChange,
    ObjectLinkChange,
    ObjectNoteChange,
    PatientChange,
)
from viewer.core.errors import BadRequest
from viewer.core.values import TargetKind
from viewer.project.attributes.rows import answers_to, attributes_in
from viewer.project.lists.planes import cases_of_series, series_drawn_through
from viewer.project.membership import cases_of, chunks, images_of
from viewer.project.store.database import Database
from viewer.project.store.schema import (
    annotations,
    answers,
    image_labels,
    proposals,
    revision_counter,
    revisions,
    tasks,
)
from viewer.project.store.stored_rows import UnsoundValue, as_stored

_Where = tuple[dict[str, None], dict[str, None]]  # images, and series that planes cut


class RevisionKind(StrEnum):
    """What raised a revision."""

    DO = "do"
    UNDO = "undo"
    REDO = "redo"
    IMAGES = "images"  # noted, registered, or where they lie
    PREDICTION = "prediction"  # a model's answer was added, or what is known of it
    TASK = "task"
    ROUND = "round"  # somebody reads on their own
    REVEALED = "revealed"  # AI was shown of a case in a round


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """What a transaction changed.

    image_ids: whose shapes, answers, measurements, predictions, decisions, membership, patient or files.
    case_ids: whose own facts: status, patient, whether it is there, what lies on planes through it. labels: whether the
    catalogue. tasks: whether what tasks ask, or may ask.
    """

    image_ids: tuple[str, ...] = ()
    case_ids: tuple[str, ...] = ()
    labels: bool = False
    tasks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One transaction. revision: 1 and on. step_id: its row of `steps`, None for what is no gesture."""

    revision: int
    kind: RevisionKind
    step_id: int | None
    touched: Touched


def raise_revision(connection: Connection, kind: RevisionKind, touched: Touched, *, step_id: int | None = None) -> int:
    """Say inside a transaction that it changed something; once in each. Returns the new revision."""
    raised = update(revision_counter).values(revision=revision_counter.c.revision + 1)
    revision = connection.execute(raised.returning(revision_counter.c.revision)).scalar_one_or_none()
    if revision is None:
        raise UnsoundValue("the count of its revisions is gone")
    connection.execute(
        revisions.insert().values(
            revision=revision,
            kind=kind.value,
            step_id=step_id,
            image_ids=json.dumps(touched.image_ids, separators=(",", ":"), allow_nan=False),
            case_ids=json.dumps(touched.case_ids, separators=(",", ":"), allow_nan=False),
            labels=touched.labels,
            tasks=touched.tasks,
        )
    )
    return int(revision)


def current_revision(database: Database) -> int:
    """The newest revision; 0 before the first."""
    with database.reading() as connection:
        return _count(connection)


def read_since(database: Database, revision: int) -> tuple[Revision, ...]:
    """Every revision after this one, in order.

    Raises BadRequest when the project is not that far: a backup was put in its place, so all of it is to be read anew.
    """
    with database.reading() as connection:
        if (now := _count(connection)) < revision:
            raise BadRequest(
                f"The project is at revision {now}, before {revision}: an earlier state of it was put back. "
                "Close it and open it again."
            )
        query = select(revisions).where(revisions.c.revision > revision).order_by(revisions.c.revision)
        return tuple(_revision_of(row) for row in connection.execute(query))


def touched_by(connection: Connection, changes: Sequence[Change], *, beside: bool = True) -> Touched:
    """What changes that were just applied have touched. beside: with the cases from which a plane is seen too."""
    image_ids: dict[str, None] = {}
    case_ids: dict[str, None] = {}
    moved: dict[str, None] = {}
    decided: dict[str, None] = {}
    objects: dict[str, None] = {}
    cut: dict[str, None] = {}  # series, by planes
    catalogue: list[LabelChange] = []
    asked: list[AttributeChange] = []
    for change in changes:
        match change:
            case AnnotationChange() | MeasurementChange():
                for one in (change.before, change.after):
                    if one is not None and one.plane is not None:
                        cut[one.plane.series_id] = None
                    elif one is not None:
                        image_ids[one.image_id] = None
            case MaskStroke() | ImageLabelChange():
                image_ids[change.image_id] = None
            case AnswerChange():
                image_ids |= dict.fromkeys(images_of(connection, change.target))
            case ObjectNoteChange():
                objects[change.object_id] = None
            case ObjectLinkChange():
                for link in (change.before, change.after):
                    if link is not None:
                        objects |= {link.first_id: None, link.second_id: None}
            case CaseStatusChange():
                case_ids[change.case_id] = None
            case DecisionChange():
                decided[change.proposal_id] = None
            case ImagesChange():
                moved |= dict.fromkeys(change.image_ids)
            case PatientChange():
                moved[change.image_id] = None
            case LabelChange():
                catalogue.append(change)
            case AttributeChange():
                asked.append(change)
    for some in chunks(list(objects)):
        touched = _drawn_on(connection, annotations.c.object_id.in_(some))
        image_ids, cut = image_ids | touched[0], cut | touched[1]
    for some in chunks(list(decided)):
        image_ids |= dict.fromkeys(_ids(connection, proposals.c.image_id, proposals.c.proposal_id.in_(some)))
    case_ids |= dict.fromkeys(sorted(cases_of(connection, list(moved))))
    for told in (*(_renamed(connection, one) for one in catalogue), *(_answered(connection, one) for one in asked)):
        image_ids, cut = image_ids | told[0], cut | told[1]
    case_ids |= dict.fromkeys(sorted(cases_of_series(connection, cut, beside=beside)))
    return Touched(
        image_ids=tuple(image_ids | moved),
        case_ids=tuple(case_ids),
        labels=bool(catalogue or asked),
        tasks=bool(catalogue) and _tasks_name(connection, catalogue),
    )


def _ids(connection: Connection, column, condition) -> Iterable[str]:  # type: ignore[no-untyped-def]
    return connection.scalars(select(column).where(condition).distinct())


def _drawn_on(connection: Connection, condition: ColumnElement[bool]) -> _Where:
    on_image = _ids(connection, annotations.c.image_id, condition & annotations.c.image_id.is_not(None))
    return dict.fromkeys(on_image), dict.fromkeys(sorted(series_drawn_through(connection, condition)))


def _renamed(connection: Connection, change: LabelChange) -> _Where:
    """Where what carries a label lies that has another name now."""
    before, after = change.before, change.after
    if before is None or after is None or before.name == after.name:
        return {}, {}
    if after.scope == "region":
        return _drawn_on(connection, annotations.c.label == after.name)
    found = dict.fromkeys(_ids(connection, image_labels.c.image_id, image_labels.c.label == after.name))
    for one in attributes_in(connection):
        if one.label == after.name and one.scope == "image":
            found |= _with_answers_to(connection, one)[0]
    return found, {}


def _answered(connection: Connection, change: AttributeChange) -> _Where:
    """Where answers to an attribute that has another name now; what is taken back is told by itself."""
    before, after = change.before, change.after
    if before is None or after is None or before.name == after.name:
        return {}, {}
    return _with_answers_to(connection, after)


def _with_answers_to(connection: Connection, attribute: Attribute) -> _Where:
    answered = select(answers.c.target_id).where(answers_to(attribute))
    if attribute.target is TargetKind.IMAGE:
        return dict.fromkeys(connection.scalars(answered.distinct())), {}
    return _drawn_on(connection, annotations.c.object_id.in_(answered))


def _tasks_name(connection: Connection, catalogue: Sequence[LabelChange]) -> bool:
    """Whether a task asks about one of the labels, or did before it was removed."""
    named = {label.name for change in catalogue for label in (change.before, change.after) if label is not None}
    for row in connection.execute(select(tasks.c.name, tasks.c.labels)):
        with as_stored(f"The task {row.name}"):
            asked = {one["removed"] if isinstance(one, dict) else one for one in json.loads(row.labels)}
        if asked & named:
            return True
    return False


def _count(connection: Connection) -> int:
    found = connection.execute(select(revision_counter.c.revision)).scalar_one_or_none()
    if found is None:
        raise UnsoundValue("the count of its revisions is gone")
    return int(found)


def _words(text: str) -> tuple[str, ...]:
    ids = json.loads(text)
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise ValueError("ids that are no words")
    return tuple(ids)


def _revision_of(row: Row) -> Revision:  # type: ignore[type-arg]  # a row of `revisions`
    with as_stored(f"The revision {row.revision}"):
        touched = Touched(
            image_ids=_words(row.image_ids), case_ids=_words(row.case_ids), labels=row.labels, tasks=row.tasks
        )
        return Revision(revision=row.revision, kind=RevisionKind(row.kind), step_id=row.step_id, touched=touched)


def unsound_revisions(connection: Connection) -> list[str]:
    """What is wrong with the revisions, one sentence each: they go from 1 to the count without a hole."""
    kept = list(connection.scalars(select(revisions.c.revision).order_by(revisions.c.revision)))
    now = _count(connection)
    if kept == list(range(1, now + 1)):
        return []
    return [f"The revisions of the project do not lead to {now}, where it is said to be."]
