"""Taking cases out of a project: what goes with them, and the one edit that does it and can be undone."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, select

from viewer.core.edits import (
    AnnotationChange,
    AnswerChange,
    CaseStatusChange,
    Change,
    DecisionChange,
    Edit,
    ImageLabelChange,
    ImagesChange,
    MeasurementChange,
    ObjectLinkChange,
    ObjectNoteChange,
)
from viewer.core.errors import BadRequest
from viewer.core.registry import load
from viewer.core.shapes.annotations import CaseStatus, Decision
from viewer.core.shapes.kinds import KINDS
from viewer.core.text.counting import counted
from viewer.core.values import TargetKind
from viewer.project.changes.answer_rows import answers_about
from viewer.project.changes.said_of_objects import said_of
from viewer.project.lists.planes import drawn_on_planes, measured_on_planes
from viewer.project.membership import chunks, series_left
from viewer.project.project import Project
from viewer.project.records import CaseRow
from viewer.project.state import annotation_of, measurement_of, shapes_drawn, verdict_of
from viewer.project.store.schema import (
    anchors,
    annotations,
    case_images,
    decisions,
    image_labels,
    images,
    measurements,
    proposals,
    readings,
)
from viewer.project.store.stored_rows import as_stored

_WORDS = {
    "answer": ("answer about a whole image", "answers about whole images"),
    "measurement": ("measurement", "measurements"),
    "decision": ("decision on a proposal", "decisions on proposals"),
    "complete": ("complete case", "complete cases"),
}
_SAID = (AnswerChange, ObjectNoteChange, ObjectLinkChange)


def _words() -> dict[str, tuple[str, str]]:
    """What is counted, shapes first: one, and several."""
    return {**{kind: (kind, load(KINDS, kind).plural) for kind in KINDS}, **_WORDS}


@dataclass(frozen=True, slots=True, kw_only=True)
class TakingOut:
    """What taking cases out would do. work: how much of each kind goes with them, by the keys of `_words`."""

    cases: int
    images: int
    work: Counter[str]
    edit: Edit

    @property
    def work_words(self) -> str:
        """Such as "3 boxes, 1 mask and 2 measurements"; "" when nobody has worked on them."""
        parts = [counted(self.work[kind], *words) for kind, words in _words().items() if self.work[kind]]
        return " and ".join(part for part in (", ".join(parts[:-1]), parts[-1] if parts else "") if part)

    @property
    def sentence(self) -> str:
        """What a person is told before it is done."""
        what = f"{counted(self.cases, 'case')} with {counted(self.images, 'image')}"
        verb = "goes" if self.work.total() == 1 else "go"
        went = f"{self.work_words} {verb} with {'it' if self.cases == 1 else 'them'}"
        return f"{what}: {went}." if self.work_words else f"{what}, on which nobody has worked."


def taking_out(project: Project, cases: Sequence[CaseRow]) -> TakingOut:
    """How cases leave the project with everything on them, in one edit. Raises BadRequest without a case.

    What lies on a plane through a series goes with the last image of that series.

    Files, snapshots and runs stay as they are.
    """
    if not cases:
        raise BadRequest("There is no case to take out; name one.")
    with project.database.reading() as connection:
        ids: list[str] = []
        for some in chunks([case.case_id for case in cases]):
            query = select(images.c.image_id).join(case_images, case_images.c.image_id == images.c.image_id)
            query = query.where(case_images.c.case_id.in_(some), ~images.c.taken_out)
            ids += connection.scalars(query.order_by(images.c.position))
        ids = list(dict.fromkeys(ids))
        changes: list[Change] = []
        left = series_left(connection, ids)
        for some in chunks(ids):
            changes += _work_on(connection, some, left)
        for some in chunks(left):
            drawn = drawn_on_planes(connection, anchors.c.series_id.in_(some))[::-1]
            changes += said_of(connection, [one.object_key for one in drawn])
            changes += [AnnotationChange(before=one, after=None) for one in drawn]
            gone = measured_on_planes(connection, anchors.c.series_id.in_(some))
            changes += [MeasurementChange(before=one, after=None) for one in gone]
        # An object may lie on images of two pieces, and is spoken of once; a link may join two that go.
        said = dict.fromkeys(change for change in changes if isinstance(change, _SAID))
        changes = [*said, *(change for change in changes if not isinstance(change, _SAID))]
        states = [one for some in chunks([case.case_id for case in cases]) for one in _states(connection, some)]
    work = _counted(changes)
    work["complete"] = len({one.case_id for one in states if one.before.is_done})
    changes += states
    changes.append(ImagesChange(image_ids=tuple(ids), before=True, after=False))
    name = f"the case {cases[0].title}" if len(cases) == 1 else counted(len(cases), "case")
    edit = Edit(text=f"take out {name}", changes=tuple(changes), of_all=True)
    return TakingOut(cases=len(cases), images=len(ids), work=work, edit=edit)


def _work_on(connection: Connection, image_ids: Sequence[str], series_ids: Sequence[str]) -> list[Change]:
    """The changes that take everything off some images, in an order whose inverse puts it back as it was. series_ids:
    that go with their last image."""
    changes: list[Change] = [
        _undecided(row)
        for row in connection.execute(
            select(decisions, proposals.c.image_id, proposals.c.label)
            .join(proposals, proposals.c.proposal_id == decisions.c.proposal_id)
            .where(proposals.c.image_id.in_(image_ids))
        )
    ]
    rows = connection.execute(shapes_drawn(annotations.c.image_id.in_(image_ids))).all()[::-1]  # the last drawn first
    changes += answers_about(connection, TargetKind.IMAGE, image_ids)
    # An object lies on images of one case, so it goes whole, unless it lies on a plane that stays; before its shapes,
    # so that undo puts it back after them.
    kept = _kept_on_planes(connection, [row.object_id for row in rows], series_ids)
    changes += said_of(connection, [row.object_id for row in rows if row.object_id not in kept])
    changes += [AnnotationChange(before=annotation_of(row), after=None) for row in rows]
    for row in connection.execute(select(image_labels).where(image_labels.c.image_id.in_(image_ids))):
        said = verdict_of(row)
        gone = ImageLabelChange(image_id=row.image_id, label=row.label, before=said, after=None, round_id=row.round_id)
        changes.append(gone)
    for row in connection.execute(select(measurements).where(measurements.c.image_id.in_(image_ids))):
        changes.append(MeasurementChange(before=measurement_of(row), after=None))
    return changes


def _kept_on_planes(connection: Connection, keys: Sequence[str], series_ids: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for some in chunks(list(dict.fromkeys(keys))):
        query = select(annotations.c.object_id, anchors.c.series_id)
        query = query.join(anchors, anchors.c.anchor_id == annotations.c.anchor_id)
        rows = connection.execute(query.where(annotations.c.object_id.in_(some)))
        found |= {row.object_id for row in rows if row.series_id not in series_ids}
    return found


def _states(connection: Connection, case_ids: Sequence[str]) -> list[CaseStatusChange]:
    """How far each reader is with the cases, taken back."""
    begun = select(readings).where(readings.c.case_id.in_(case_ids), readings.c.state != CaseStatus.TO_DO.value)
    changes = []
    for row in connection.execute(begun.order_by(readings.c.case_id, readings.c.round_id)):
        with as_stored(f"The state of the case {row.case_id}"):
            state = CaseStatus(row.state)
        changes.append(
            CaseStatusChange(
                case_id=row.case_id,
                before=state,
                after=CaseStatus.TO_DO,
                round_id=row.round_id,
                comment_before=row.comment,
            )
        )
    return changes


def _undecided(row: Row) -> DecisionChange:  # type: ignore[type-arg]  # a row of `decisions`
    with as_stored(f"The proposal {row.proposal_id} ({row.label}) on the image {row.image_id}"):
        decision = Decision(row.decision)
    return DecisionChange(
        proposal_id=row.proposal_id, before=decision, after=Decision.UNDECIDED,
        annotation_before=row.annotation_id, annotation_after=None, round_id=row.round_id,
    )  # fmt: skip


def _counted(changes: Sequence[Change]) -> Counter[str]:
    found: Counter[str] = Counter()
    for change in changes:
        match change:
            case AnnotationChange() if change.before is not None:
                found[change.before.shape.kind] += 1
            case ImageLabelChange() | AnswerChange():
                found["answer"] += 1
            case MeasurementChange():
                found["measurement"] += 1
            case DecisionChange():
                found["decision"] += 1
    return found
