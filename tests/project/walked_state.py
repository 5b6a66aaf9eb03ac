"""What a project's tables say, as a plain dict, and what each class of change may do to it.

Keys begin with the kind of thing; what is said in a round (`OF_A_ROUND`) has the round's id second.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from viewer.core.attributes import Attribute
from viewer.core.edits import (
    AnnotationChange,
    AnswerChange,
    AttributeChange,
    CaseStatusChange,
    Change,
    DecisionChange,
    Edit,
    ImageLabelChange,
    ImagesChange,
    LabelChange,
    MaskStroke,
    MeasurementChange,
    ObjectLinkChange,
    ObjectNoteChange,
    PatientChange,
)
from viewer.core.labels import Label, Verdict
from viewer.core.shapes.annotations import Annotation, CaseStatus, Decision, Measurement
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.objects import UNSAID, ObjectLink
from viewer.core.values import Target, TargetKind
from viewer.project.answers import answers_of
from viewer.project.attributes.rows import attribute_of
from viewer.project.changes.object_rows import link_of, note_of
from viewer.project.lists.on_planes import on_planes_of, shapes_on_planes
from viewer.project.project import Project
from viewer.project.state import annotation_of, measured, measurement_of, shapes_placed
from viewer.project.store.schema import (
    answers,
    attributes,
    decisions,
    images,
    labels,
    object_links,
    objects,
    readings,
)
from viewer.project.store.stored_values import value_of

OF_A_ROUND = ("shape", "answer", "said", "measurement", "decision", "case")

Key = tuple[str, ...]
State = dict[Key, Any]


def read_state(connection: Connection) -> State:
    """What the database holds; the number of a shape's revision left out, and what says the same as no row."""
    found: State = {}
    for row in connection.execute(shapes_placed()):
        found |= [_of(annotation_of(row))]
    for row in connection.execute(select(answers)):
        if (row.target, row.kind) == ("image", "verdict"):
            found["answer", row.round_id, row.target_id, row.label] = row.verdict
        else:
            found["said", row.round_id, row.target, row.target_id, row.label] = value_of(row)
    for row in connection.execute(select(attributes)):
        found |= [_asked(attribute_of(row))]
    for row in connection.execute(measured()):
        found |= [_of(measurement_of(row))]
    for row in connection.execute(select(decisions)):
        found["decision", row.round_id, row.proposal_id] = (row.decision, row.annotation_id)
    for row in connection.execute(select(readings).where(readings.c.state != CaseStatus.TO_DO.value)):
        found["case", row.round_id, row.case_id] = (row.state, row.comment)
    for row in connection.execute(select(objects)):
        found["note", row.object_id] = note_of(row)
    for row in connection.execute(select(object_links)):
        found |= [_pair(link_of(row))]
    for row in connection.execute(select(labels)):
        found["label", row.scope, row.name] = (row.position, row.tint)
    for row in connection.execute(select(images)):
        found["inside", row.image_id] = not row.taken_out
        found["patient", row.image_id] = row.patient_id
    return found


def seen_by(project: Project) -> State:
    """What a reader sees of their round, in a project read anew; of images that are in it."""
    project.work.forget_all()
    project.cases.forget()
    found: State = {}
    by = project.round_id
    for record in project.images.all():
        one, work = record.image_id, project.work
        found |= [_of(thing) for thing in (*work.annotations(one), *work.measurements(one))]
        found |= {("answer", by, one, label): said.value for label, said in work.image_labels(one).items()}
        found |= _seen_said(project, one)
        for proposal in work.proposals(one):
            if proposal.decision is not Decision.UNDECIDED:
                found["decision", by, proposal.proposal_id] = (proposal.decision.value, proposal.annotation_id)
    drawn = shapes_on_planes(project)
    found |= [_of(thing) for thing in (*drawn, *on_planes_of(project))]
    found |= _seen_of(project, [Target(kind=TargetKind.OBJECT, target_id=one.object_key) for one in drawn])
    for case in project.cases.all():
        if case.status is not CaseStatus.TO_DO:
            found["case", by, case.case_id] = (case.status.value, case.comment)
    return found


def _seen_said(project: Project, image_id: str) -> State:
    """What a reader sees said of an image and of what is drawn on it."""
    keys = {one.object_key for one in project.work.annotations(image_id)}
    targets = [Target(kind=TargetKind.IMAGE, target_id=image_id)]
    return _seen_of(project, targets + [Target(kind=TargetKind.OBJECT, target_id=key) for key in keys])


def _seen_of(project: Project, targets: list[Target]) -> State:
    return {
        ("said", project.round_id, target.kind.value, target.target_id, name): value
        for target, said in answers_of(project, targets).items()
        for name, value in said.items()
        if (target.kind, isinstance(value, Verdict)) != (TargetKind.IMAGE, True)
    }


def of_round(state: State, round_id: str) -> State:
    """What of a state is said in a round."""
    return {key: value for key, value in state.items() if key[0] in OF_A_ROUND and key[1] == round_id}


def said_for_all(edit: Edit) -> bool:
    """Whether a gesture is about all rounds: a label leaves or is renamed, a case leaves, or the way back."""
    return edit.has(ImagesChange, AttributeChange) or any(
        not change.by_work and (change.before and change.before.name) != (change.after and change.after.name)
        for change in edit.of(LabelChange)
    )


def ids_in(changes: Iterable[Change]) -> set[str]:
    """Of the shapes, measurements and proposals that changes are about."""
    found: set[str] = set()
    for change in changes:
        match change:
            case AnnotationChange() | MeasurementChange():
                found |= {_of(one)[0][2] for one in (change.before, change.after) if one is not None}
            case MaskStroke():
                found.add(change.annotation_id)
            case DecisionChange():
                found.add(change.proposal_id)
    return found


def keys_by_value(change: Change) -> list[Key]:
    """What a change is about where its value does not tell who has said it; not what only comes along with work."""
    match change:
        case ImageLabelChange():
            return [("answer", change.round_id, change.image_id, change.label)]
        case MeasurementChange():
            return [_of(one)[0] for one in (change.before, change.after) if one is not None]
        case DecisionChange():
            return [("decision", change.round_id, change.proposal_id)]
        case ObjectNoteChange():
            return [("note", change.object_id)]
        case PatientChange():
            return [("patient", change.image_id)]
        case CaseStatusChange() if not change.by_work:
            return [("case", change.round_id, change.case_id)]
        case AnswerChange():
            return [_said(change)]
        case AttributeChange():
            return [_asked(one)[0] for one in (change.before, change.after) if one is not None]
        case LabelChange() if not change.by_work:
            return [_row(label)[0] for label in (change.before, change.after) if label is not None]
        case ImagesChange():
            return [("inside", image_id) for image_id in change.image_ids]
    return []


def apply(state: State, change: Change) -> None:
    """What a change does to the state; it fails where something else is there than the change says was."""
    match change:
        case AnnotationChange() | MeasurementChange():
            _put(state, *((None, None) if change.before is None else _of(change.before)), None)
            if change.after is not None:
                assert _of(change.after)[0] not in state
                state |= [_of(change.after)]
        case MaskStroke():
            _paint(state, change)
        case ImageLabelChange():
            _put(state, ("answer", change.round_id, change.image_id, change.label), change.before, change.after)
        case AnswerChange():
            _put(state, _said(change), change.before, change.after)
        case AttributeChange():
            _change_attribute(state, change)
        case DecisionChange():
            before, after = (
                None if decision is Decision.UNDECIDED else (decision.value, annotation_id)
                for decision, annotation_id in (
                    (change.before, change.annotation_before), (change.after, change.annotation_after)
                )
            )  # fmt: skip
            _put(state, ("decision", change.round_id, change.proposal_id), before, after)
        case CaseStatusChange():
            before, after = (
                None if status is CaseStatus.TO_DO else (status.value, comment)
                for status, comment in ((change.before, change.comment_before), (change.after, change.comment_after))
            )
            _put(state, ("case", change.round_id, change.case_id), before, after)
        case ObjectNoteChange():
            before, after = (None if one == UNSAID else one for one in (change.before, change.after))
            _put(state, ("note", change.object_id), before, after)
        case ObjectLinkChange():
            _put(state, *((None, None) if change.before is None else _pair(change.before)), None)
            if change.after is not None:
                state |= [_pair(change.after)]
        case PatientChange():
            _put(state, ("patient", change.image_id), change.before, change.after)
        case ImagesChange():
            for image_id in change.image_ids:
                _put(state, ("inside", image_id), change.before, change.after)
        case LabelChange():
            _change_label(state, change)


def _pair(link: ObjectLink) -> tuple[Key, Any]:
    return ("link", link.first_id, link.second_id), link


def _of(one: Annotation | Measurement) -> tuple[Key, Any]:
    if isinstance(one, Measurement):
        return ("measurement", one.round_id, one.measurement_id), (one.image_id, one.kind, one.points_px, one.plane)
    held = one.shape.runs.tobytes() if isinstance(one.shape, MaskRuns) else one.shape
    value = (one.image_id, one.label, held, one.author, one.origin, one.object_key, one.plane)
    return ("shape", one.round_id, one.annotation_id), value


def _said(change: AnswerChange) -> Key:
    return ("said", change.round_id, change.target.kind.value, change.target.target_id, change.name)


def _asked(attribute: Attribute) -> tuple[Key, Any]:
    return ("attribute", attribute.scope, attribute.label, attribute.name), attribute


def _row(label: Label) -> tuple[Key, Any]:
    return ("label", label.scope, label.name), (label.position, label.tint)


def _put(state: State, key: Key | None, before: Any, after: Any) -> None:
    if key is None:
        return
    assert state.get(key) == before, f"{key} was {state.get(key)}, not {before}: a silent overwrite"
    state.pop(key, None)
    if after is not None:
        state[key] = after


def _paint(state: State, change: MaskStroke) -> None:
    (key,) = [key for key in state if key[0] == "shape" and key[2] == change.annotation_id]
    image_id, label, held, *rest = state[key]
    mask = MaskRuns(rows=60, cols=40, runs=np.frombuffer(held, np.int32).reshape(-1, 3))
    there = mask.to_array()
    for runs, inside in ((change.added, False), (change.removed, True)):
        for row, start, end in runs.tolist():
            assert (there[row, start:end] == inside).all(), "a stroke over another's: a silent overwrite"
    state[key] = (image_id, label, change.apply(mask).runs.tobytes(), *rest)


def _change_attribute(state: State, change: AttributeChange) -> None:
    before, after = change.before, change.after
    if before is not None:
        _put(state, *_asked(before), None)
    if after is not None:
        _put(state, _asked(after)[0], None, after)
    if before is None or after is None or before.name == after.name:
        return
    for key in [key for key in state if key[0] == "said" and key[4] == before.question]:
        if key[2] == after.target and (after.scope == "image" or key[3] in _objects_of(state, after.label)):
            state[*key[:4], after.question] = state.pop(key)


def _objects_of(state: State, label: str) -> set[str]:
    return {value[5] for key, value in state.items() if key[0] == "shape" and value[1] == label}


def _change_label(state: State, change: LabelChange) -> None:
    if change.before is not None:
        _put(state, *_row(change.before), None)
    if change.after is not None:
        key, value = _row(change.after)
        assert key not in state, f"{key} was there: a silent overwrite"
        state[key] = value
    if change.before is None or change.after is None or change.before.name == change.after.name:
        return
    for key, value in list(state.items()):
        if key[0] == "shape" and change.after.scope == "region" and value[1] == change.before.name:
            state[key] = (value[0], change.after.name, *value[2:])
        elif key[0] == "answer" and change.after.scope == "image" and key[3] == change.before.name:
            state[*key[:3], change.after.name] = state.pop(key)
        elif key[:3] == ("attribute", change.after.scope, change.before.name):
            state |= [_asked(replace(state.pop(key), label=change.after.name))]
        elif key[0] == "said" and key[4].startswith(f"{change.before.name}: ") and change.after.scope == "image":
            state[*key[:4], change.after.name + key[4].removeprefix(change.before.name)] = state.pop(key)
