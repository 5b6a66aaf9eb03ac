"""The stored form of shapes and edits: JSON text plus one compressed block for all mask runs.

A mask in the JSON is {"rows", "cols", "at", "count"}: its runs are rows at..at+count of the block, an int32 little
endian array of (row, col_start, col_end). A stroke is kept as the runs that it adds and removes.
"""

import json
from typing import Any

from viewer.core.codes import Code
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
from viewer.core.errors import BadProject
from viewer.core.labels import Label, Verdict
from viewer.core.shapes.annotations import Annotation, CaseStatus, Decision, Measurement, Origin
from viewer.core.shapes.outlined import stored_number, stored_points
from viewer.core.shapes.shape import Shape, shape_kind
from viewer.core.values import Target, TargetKind
from viewer.project.store.stored_rows import as_stored
from viewer.project.store.stored_runs import RunsOfBlock, RunsOfEdit, patch_in, stroke_in, stroke_out, word_in
from viewer.project.store.stored_values import (
    attribute_in,
    attribute_out,
    link_in,
    link_out,
    note_in,
    note_out,
    plane_in,
    plane_out,
    value_in,
    value_out,
)

EDIT_VERSION = 1
# Of an import of 100,000 boxes, as values of JSON all at once, Python's collector walks each again and again.
_ENCODED_AT_ONCE = 100

Facts = dict[str, Any]

_json = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


def _unless_empty(**words: str) -> Facts:
    """What most edits do not say is not written: those of before were read without it too."""
    return {name: word for name, word in words.items() if word}


def _shape_out(shape: Shape, out: RunsOfEdit) -> Facts:
    return {shape.kind: shape.to_stored(out)}


def _shape_in(facts: Facts, runs: RunsOfBlock) -> Shape:
    ((kind, value),) = facts.items()
    return shape_kind(kind).from_stored(value, runs)


def encode_shape(shape: Shape) -> tuple[str, bytes]:
    """One shape as (JSON, block)."""
    out = RunsOfEdit()
    facts = _shape_out(shape, out)
    return _json(facts), out.block()


def decode_shape(text: str, block: bytes) -> Shape:
    """The shape of `encode_shape`."""
    return _shape_in(json.loads(text), RunsOfBlock(block))


def _annotation_out(annotation: Annotation | None, out: RunsOfEdit) -> Facts | None:
    if annotation is None:
        return None
    return {
        "annotation_id": annotation.annotation_id,
        "image_id": annotation.image_id,
        "label": annotation.label,
        "shape": _shape_out(annotation.shape, out),
        "author": annotation.author,
        "revision": annotation.revision,
        "origin": annotation.origin.value,
        "proposal_id": annotation.proposal_id,
        "proposal_seen": annotation.proposal_seen,
        **_unless_empty(object_id=annotation.object_id, round_id=annotation.round_id),
        **plane_out(annotation.plane),
    }


def _annotation_in(facts: Facts | None, runs: RunsOfBlock) -> Annotation | None:
    if facts is None:
        return None
    values = {**facts, "shape": _shape_in(facts["shape"], runs), "origin": Origin(facts["origin"])}
    values |= {name: word_in(facts, name) for name in ("object_id", "round_id")}
    return Annotation(**{**values, "plane": plane_in(facts)})


def _measurement_out(measurement: Measurement | None) -> Facts | None:
    if measurement is None:
        return None
    return {
        "measurement_id": measurement.measurement_id,
        "image_id": measurement.image_id,
        "kind": measurement.kind,
        "points_px": [list(point) for point in measurement.points_px],
        "author": measurement.author,
        **_unless_empty(round_id=measurement.round_id),
        **plane_out(measurement.plane),
    }


def _measurement_in(facts: Facts | None) -> Measurement | None:
    if facts is None:
        return None
    points_px, round_id = stored_points(facts["points_px"]), word_in(facts, "round_id")
    return Measurement(**{**facts, "points_px": points_px, "round_id": round_id, "plane": plane_in(facts)})


def _label_out(label: Label | None) -> Facts | None:
    if label is None:
        return None
    facts: Facts = {"name": label.name, "scope": label.scope, "position": label.position}
    if label.tint is not None:
        facts["tint"] = label.tint
    if label.code is not None:
        facts["code"] = [label.code.scheme, label.code.value, label.code.meaning]
    return facts


def _label_in(facts: Facts | None) -> Label | None:
    if not facts:
        return None
    code = facts.get("code")
    if code is None:
        return Label(**facts)
    scheme, value, meaning = code
    return Label(**{**facts, "code": Code(scheme=scheme, value=value, meaning=meaning)})


def _by_work_out(change: CaseStatusChange | LabelChange) -> Facts:
    return {"by_work": True} if change.by_work else {}


def _change_out(change: Change, out: RunsOfEdit) -> Facts:
    """One change as {"kind": ..., ...}."""
    match change:
        case AnnotationChange():
            return {
                "kind": "annotation",
                "before": _annotation_out(change.before, out),
                "after": _annotation_out(change.after, out),
            }
        case MaskStroke():
            return {"kind": "stroke", **stroke_out(change, out)}
        case ImageLabelChange():
            return {
                "kind": "image label",
                "image_id": change.image_id,
                "label": change.label,
                "before": change.before,
                "after": change.after,
                **_unless_empty(round_id=change.round_id),
            }
        case AnswerChange():
            return {
                "kind": "answer",
                "target": change.target.kind.value,
                "target_id": change.target.target_id,
                "name": change.name,
                "before": value_out(change.before),
                "after": value_out(change.after),
                **_unless_empty(round_id=change.round_id),
            }
        case ObjectNoteChange():
            said = {"before": note_out(change.before), "after": note_out(change.after)}
            return {"kind": "object note", "object_id": change.object_id, **said}
        case ObjectLinkChange():
            return {"kind": "object link", "before": link_out(change.before), "after": link_out(change.after)}
        case CaseStatusChange():
            return {
                "kind": "status",
                "case_id": change.case_id,
                "before": change.before,
                "after": change.after,
                **_by_work_out(change),
                **_unless_empty(
                    round_id=change.round_id,
                    comment_before=change.comment_before,
                    comment_after=change.comment_after,
                ),
            }
        case LabelChange():
            return {
                "kind": "label",
                "before": _label_out(change.before),
                "after": _label_out(change.after),
                **_by_work_out(change),
            }
        case AttributeChange():
            before, after = attribute_out(change.before), attribute_out(change.after)
            return {"kind": "attribute", "before": before, "after": after}
        case MeasurementChange():
            return {
                "kind": "measurement",
                "before": _measurement_out(change.before),
                "after": _measurement_out(change.after),
            }
        case DecisionChange():
            return {
                "kind": "decision",
                "proposal_id": change.proposal_id,
                "before": change.before,
                "after": change.after,
                "annotation_before": change.annotation_before,
                "annotation_after": change.annotation_after,
                **({} if change.threshold is None else {"threshold": change.threshold}),
                **_unless_empty(round_id=change.round_id),
            }
        case ImagesChange():
            return {
                "kind": "images",
                "image_ids": list(change.image_ids),
                "before": change.before,
                "after": change.after,
                "untouched_only": change.untouched_only,
            }
        case PatientChange():
            return {"kind": "patient", "image_id": change.image_id, "before": change.before, "after": change.after}


def _images_in(values: Facts) -> ImagesChange:
    ids = values.pop("image_ids")
    if not isinstance(ids, list) or not all(isinstance(image_id, str) for image_id in ids):
        raise ValueError("images without ids")
    if not all(isinstance(fact, bool) for fact in values.values()):
        raise ValueError("images that are neither in the project nor out of it")
    return ImagesChange(image_ids=tuple(ids), **values)


def _by_work(values: Facts) -> bool:
    by_work = values.get("by_work", False)
    if not isinstance(by_work, bool):
        raise ValueError("a change that comes by neither work nor word")
    return by_work


def _status_in(values: Facts) -> CaseStatusChange:
    before, after = CaseStatus(str(values["before"])), CaseStatus(str(values["after"]))
    return CaseStatusChange(
        case_id=values["case_id"], before=before, after=after, by_work=_by_work(values),
        round_id=word_in(values, "round_id"), comment_before=word_in(values, "comment_before"),
        comment_after=word_in(values, "comment_after"),
    )  # fmt: skip


def _change_in(facts: Facts, runs: RunsOfBlock) -> Change:
    values = dict(facts)
    kind = values.pop("kind")
    before, after = values.get("before"), values.get("after")
    if kind == "annotation":
        return AnnotationChange(before=_annotation_in(before, runs), after=_annotation_in(after, runs))
    if kind == "stroke":
        return stroke_in(values, runs.get_runs(values["added"]), runs.get_runs(values["removed"]))
    if kind == "patch":
        return patch_in(values, runs)
    if kind == "image label":
        values["round_id"] = word_in(values, "round_id")
        values["before"] = None if before is None else Verdict(before)
        values["after"] = None if after is None else Verdict(after)
        return ImageLabelChange(**values)
    if kind == "answer":
        return AnswerChange(
            target=Target(kind=TargetKind(values["target"]), target_id=word_in(values, "target_id")),
            name=word_in(values, "name"), before=value_in(before), after=value_in(after),
            round_id=word_in(values, "round_id"),
        )  # fmt: skip
    if kind == "object note":
        object_id = word_in(values, "object_id")
        return ObjectNoteChange(object_id=object_id, before=note_in(values["before"]), after=note_in(values["after"]))
    if kind == "object link":
        return ObjectLinkChange(before=link_in(before), after=link_in(after))
    if kind == "status":
        return _status_in(values)
    if kind == "label":
        return LabelChange(
            before=_label_in(before),
            after=_label_in(after),
            by_work=_by_work(values),
        )
    if kind == "attribute":
        return AttributeChange(before=attribute_in(before), after=attribute_in(after))
    if kind == "measurement":
        return MeasurementChange(before=_measurement_in(before), after=_measurement_in(after))
    if kind == "decision":
        values["before"], values["after"] = Decision(values["before"]), Decision(values["after"])
        values["round_id"] = word_in(values, "round_id")
        if values.get("threshold") is not None:
            values["threshold"] = stored_number(values["threshold"])
        return DecisionChange(**values)
    if kind == "images":
        return _images_in(values)
    if kind == "patient":
        if not all(isinstance(values[name], str) for name in ("image_id", "before", "after")):
            raise ValueError("a patient id that is no text")
        return PatientChange(**values)
    raise BadProject(f"The journal holds a change of an unknown kind, {kind}; a newer version wrote it.")


def encode_edit(edit: Edit) -> tuple[str, int, str, bytes]:
    """An edit as (kind, version, JSON, block). kind: its first change's, for people who read the table."""
    out = RunsOfEdit()
    kind, pieces = "nothing", []
    for start in range(0, len(edit.changes), _ENCODED_AT_ONCE):
        changes = [_change_out(change, out) for change in edit.changes[start : start + _ENCODED_AT_ONCE]]
        kind = kind if start else str(changes[0]["kind"])
        pieces.append(_json(changes).removeprefix("[").removesuffix("]"))
    return kind, EDIT_VERSION, f"[{','.join(pieces)}]", out.block()


def decode_edit(version: int, text: str, image_id: str | None, changes: str, block: bytes) -> Edit:
    """The edit of `encode_edit`. Raises BadProject when a newer version wrote it."""
    if version > EDIT_VERSION:
        raise BadProject(f"The journal holds an edit of version {version}; this program knows {EDIT_VERSION}.")
    where = f" on the image {image_id}" if image_id else ""
    with as_stored(f"The edit “{text}”{where}"):
        runs = RunsOfBlock(block)
        return Edit(
            text=text, image_id=image_id, changes=tuple(_change_in(facts, runs) for facts in json.loads(changes))
        )
