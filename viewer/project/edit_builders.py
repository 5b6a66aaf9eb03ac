"""One function per gesture: what a person did, as an edit for `history.do`."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from viewer.core.answers import Groups, Said, rejecting, saying
from viewer.core.case_acts import CaseAct
from viewer.core.codes import Code
from viewer.core.edits import (
    AnnotationChange,
    AnswerChange,
    CaseStatusChange,
    Change,
    DecisionChange,
    Edit,
    ImageLabelChange,
    ImagesChange,
    LabelChange,
    MaskStroke,
    MeasurementChange,
)
from viewer.core.errors import BadRequest
from viewer.core.labels import Label, Verdict
from viewer.core.shapes.anchors import PlaneAnchor
from viewer.core.shapes.annotations import Annotation, CaseStatus, Decision, Measurement, Origin, Proposal
from viewer.core.shapes.shape import Shape
from viewer.core.shapes.strokes import stroke_runs
from viewer.core.text.counting import counted
from viewer.core.values import Target, Value, value_words
from viewer.project.records import CaseRow


def new_id() -> str:
    """32 hex digits for a new annotation, measurement, prediction or proposal."""
    return secrets.token_hex(16)


def new_ids(count: int) -> list[str]:
    """As many new ids, in order, for what one edit adds.

    An index lies in the order of ids. Those of a long import, if they came as they are drawn, would each be put at
    another place of it, and the further apart the more there are; in order, each lies beside the one before.
    """
    return sorted(new_id() for _ in range(count))


def origin_after_change(annotation: Annotation) -> Origin:
    """An accepted proposal that a person changes is a corrected one; every other origin stays."""
    return Origin.CORRECTED if annotation.origin is Origin.ACCEPTED else annotation.origin


def add_annotation(
    image_id: str,
    label: str,
    shape: Shape,
    *,
    author: str,
    origin: Origin = Origin.PERSON,
    proposal_seen: bool = False,
    annotation_id: str = "",
    object_id: str = "",
    plane: PlaneAnchor | None = None,
) -> Edit:
    """Draw a shape, or the first stroke of a mask. object_id: of the object that it continues, if any. plane: where
    no image lies (image_id "")."""
    annotation = Annotation(
        annotation_id=annotation_id or new_id(),
        image_id=image_id,
        label=label,
        shape=shape,
        author=author,
        origin=origin,
        proposal_seen=proposal_seen,
        object_id=object_id,
        plane=plane,
    )
    change = AnnotationChange(before=None, after=annotation)
    return Edit(text=shape.drawn_as(label), image_id=image_id or None, changes=(change,))


def change_annotation(
    before: Annotation, *, author: str, shape: Shape | None = None, label: str | None = None, verb: str = "change"
) -> Edit:
    """Move, resize or relabel an annotation. verb: what the menu says, "move", "resize", "nudge", ..."""
    after = replace(
        before,
        shape=before.shape if shape is None else shape,
        label=before.label if label is None else label,
        author=author,
        revision=before.revision + 1,
        origin=origin_after_change(before),
    )
    change = AnnotationChange(before=before, after=after)
    return Edit(text=f"{verb} {before.label} {after.shape.kind}", image_id=before.image_id or None, changes=(change,))


def remove_annotation(annotation: Annotation) -> Edit:
    """Delete an annotation."""
    change = AnnotationChange(before=annotation, after=None)
    text = f"remove {annotation.label} {annotation.shape.kind}"
    return Edit(text=text, image_id=annotation.image_id or None, changes=(change,))


def paint(annotation: Annotation, *, row0: int, col0: int, before: NDArray[np.bool_], after: NDArray[np.bool_]) -> Edit:
    """One stroke of brush or eraser on a mask. before, after: (row, col), the touched rectangle from (row0, col0)."""
    if annotation.shape.painted() is None:
        raise BadRequest(f"This {annotation.label} is no mask; it cannot be painted.")
    added, removed = stroke_runs(before, after, row0=row0, col0=col0)
    stroke = MaskStroke(
        annotation_id=annotation.annotation_id, image_id=annotation.image_id, added=added, removed=removed
    )
    verb = "paint" if after.sum() >= before.sum() else "erase"
    return Edit(text=f"{verb} {annotation.label}", image_id=annotation.image_id, changes=(stroke,))


def say_image_label(image_id: str, label: str, *, before: Verdict | None, after: Verdict | None) -> Edit:
    """Say a whole-image label: yes, no, not assessed, or take it back to unknown (None)."""
    change = ImageLabelChange(image_id=image_id, label=label, before=before, after=after)
    said = "unknown" if after is None else after.value
    return Edit(text=f"{label}: {said}", image_id=image_id, changes=(change,))


def answer_target(
    target: Target, name: str, *, before: Value | None, after: Value | None, image_id: str | None = None
) -> Edit:
    """Say something of a target, or nothing any more (None). image_id: where it is said, if anywhere."""
    words = f"say {value_words(after)} to {name}" if after is not None else f"say nothing of {name}"
    change = AnswerChange(target=target, name=name, before=before, after=after)
    return Edit(text=words, changes=(change,), image_id=image_id)


def set_status(case: CaseRow, status: CaseStatus, comment: str = "") -> Edit:
    """Give a case another status. comment: why it is returned."""
    return set_statuses([case], status, comment)


def set_statuses(cases: Sequence[CaseRow], status: CaseStatus, comment: str = "") -> Edit:
    """The same for several, one at least, in one gesture."""
    changes = tuple(
        CaseStatusChange(
            case_id=case.case_id, before=case.status, after=status, comment_before=case.comment, comment_after=comment
        )
        for case in cases
    )
    return Edit(text=f"set case {status.value}", image_id=cases[0].first_image_id, changes=changes)


def move_cases(cases: Sequence[CaseRow], act: CaseAct, comment: str = "") -> Edit:
    """One gesture that does it with all of them, one at least.

    Raises BadRequest, naming the first one that it cannot be done with, or where a comment is missing or too much.
    """
    comment = act.checked_comment(comment)
    for case in cases:
        why_not = act.why_not(case.status)
        if why_not:
            raise BadRequest(f"{case.title} stays as it is. {why_not}")
    return set_statuses(cases, act.ends, comment)


def add_images(image_ids: Sequence[str], text: str = "") -> Edit:
    """Let images that are known (`images.note`) into the project. text: what the menu says after "Undo"."""
    words = text or f"add {counted(len(image_ids), 'image')}"
    return Edit(text=words, changes=(entering(image_ids),))


def entering(image_ids: Sequence[str]) -> ImagesChange:
    """Images enter as part of a gesture; its undo takes them away again where nobody has worked on them."""
    return ImagesChange(image_ids=tuple(image_ids), before=False, after=True, untouched_only=True)


def with_case_started(edit: Edit, case: CaseRow) -> Edit:
    """The edit, which also moves its case from to do to in progress; unchanged when work has begun already."""
    return with_status_begun(edit, case.case_id, case.status)


def with_status_begun(edit: Edit, case_id: str, status: CaseStatus) -> Edit:
    """The same for a case that may not be in the list yet."""
    if status is not CaseStatus.TO_DO:
        return edit
    start = CaseStatusChange(case_id=case_id, before=CaseStatus.TO_DO, after=CaseStatus.IN_PROGRESS, by_work=True)
    return replace(edit, changes=(*edit.changes, start))


def add_label(name: str, scope: str, catalogue: Sequence[Label]) -> Edit:
    """Add a row to the catalogue: see `new_label`. scope: "region" or "image"."""
    from viewer.project.cases import new_label

    change = LabelChange(before=None, after=new_label(name, scope, catalogue))
    return Edit(text=f"add label {name}", changes=(change,))


def colour_label(label: Label, tint: int | None) -> Edit:
    """Give a label a colour of LABEL_COLORS, or that of its place (None)."""
    change = LabelChange(before=label, after=replace(label, tint=tint))
    return Edit(text=f"colour label {label.name}", changes=(change,))


def code_label(label: Label, code: Code | None) -> Edit:
    """Say what a label is in a terminology; None says nothing."""
    text = f"code {label.name} as {code.meaning}" if code is not None else f"take the code of {label.name}"
    return Edit(text=text, changes=(LabelChange(before=label, after=replace(label, code=code)),))


def move_label(label: Label, other: Label) -> Edit:
    """Two labels of a scope change places, and with them their keys; each keeps its colour."""
    return Edit(
        text=f"move label {label.name}",
        changes=(
            LabelChange(before=label, after=replace(label, position=other.position, tint=label.shade)),
            LabelChange(before=other, after=replace(other, position=label.position, tint=other.shade)),
        ),
    )


def rename_label(label: Label, name: str) -> Edit:
    """Rename a label; everything that carries it carries the new name."""
    after = replace(label, name=name)
    return Edit(text=f"rename {label.name} to {name}", changes=(LabelChange(before=label, after=after),))


def remove_label(label: Label) -> Edit:
    """Remove a label that nothing carries."""
    return Edit(text=f"remove label {label.name}", changes=(LabelChange(before=label, after=None),))


def add_measurement(measurement: Measurement) -> Edit:
    """Keep a measurement where it lies."""
    change = MeasurementChange(before=None, after=measurement)
    return Edit(text=f"measure {measurement.kind}", image_id=measurement.image_id or None, changes=(change,))


def change_measurement(before: Measurement, points_px: tuple[tuple[float, float], ...], *, verb: str = "move") -> Edit:
    """Move a measurement's points. verb: as for `change_annotation`."""
    change = MeasurementChange(before=before, after=replace(before, points_px=points_px))
    return Edit(text=f"{verb} {before.kind}", image_id=before.image_id or None, changes=(change,))


def remove_measurement(measurement: Measurement) -> Edit:
    """Delete a measurement."""
    change = MeasurementChange(before=measurement, after=None)
    return Edit(text=f"remove {measurement.kind}", image_id=measurement.image_id or None, changes=(change,))


def _verdicts(proposal: Proposal, new: Mapping[str, Verdict | None], said: Said) -> tuple[ImageLabelChange, ...]:
    return tuple(
        ImageLabelChange(image_id=proposal.image_id, label=label, before=said.get(label), after=after)
        for label, after in new.items()
    )


def _decide(
    proposal: Proposal, decision: Decision, annotation_id: str | None = None, *, threshold: float | None
) -> DecisionChange:
    return DecisionChange(
        proposal_id=proposal.proposal_id,
        before=proposal.decision,
        after=decision,
        annotation_before=proposal.annotation_id,
        annotation_after=annotation_id,
        threshold=threshold,
    )


def _taken(
    proposal: Proposal, shape: Shape, *, author: str, label: str, decision: Decision,
    instead_of: Sequence[Annotation], threshold: float | None, object_id: str,
) -> Edit:  # fmt: skip
    accepted = decision is Decision.ACCEPTED
    annotation = Annotation(
        annotation_id=new_id(),
        image_id=proposal.image_id,
        label=label,
        shape=shape,
        author=author,
        origin=Origin.ACCEPTED if accepted else Origin.CORRECTED,
        proposal_id=proposal.proposal_id,
        proposal_seen=True,
        object_id=object_id,
    )
    return Edit(
        text=f"{'accept' if accepted else 'correct'} {proposal.label}",
        image_id=proposal.image_id,
        changes=(
            *(AnnotationChange(before=old, after=None) for old in instead_of),
            AnnotationChange(before=None, after=annotation),
            _decide(proposal, decision, annotation.annotation_id, threshold=threshold),
        ),
    )


def accept(
    proposal: Proposal, *, author: str, image_labels: Said | None = None, groups: Groups = (),
    shape: Shape | None = None, instead_of: Sequence[Annotation] = (), threshold: float | None = None,
    object_id: str = "",
) -> Edit:  # fmt: skip
    """Take a proposal as it is: an annotation, or "yes" for a whole-image class, and the decision.

    image_labels: what the image's labels are now (`work.image_labels`); needed for a whole-image class. groups: the
    exclusive sets of labels it stands in; the others of a set become "no". shape: the part of its own that it may
    take. instead_of: annotations that it replaces. threshold: where it stood. object_id: of the object that it becomes
    part of, "" where it is one alone.
    """
    _refuse_decided(proposal)
    if proposal.shape is None:
        said = image_labels or {}
        new = saying(proposal.label, Verdict.YES, said, groups)
        decided = _decide(proposal, Decision.ACCEPTED, threshold=threshold)
        changes: tuple[Change, ...] = (*_verdicts(proposal, new, said), decided)
        return Edit(text=f"accept {proposal.label}", image_id=proposal.image_id, changes=changes)
    return _taken(
        proposal, proposal.shape if shape is None else shape, author=author, label=proposal.label,
        decision=Decision.ACCEPTED, instead_of=instead_of, threshold=threshold, object_id=object_id,
    )  # fmt: skip


def correct(
    proposal: Proposal, *, author: str, shape: Shape | None = None, label: str | None = None,
    verdict: Verdict = Verdict.NO, image_labels: Said | None = None, groups: Groups = (),
    instead_of: Sequence[Annotation] = (), threshold: float | None = None, object_id: str = "",
) -> Edit:  # fmt: skip
    """Take a proposal with another shape or label; of a whole-image class, say "yes" to `label`, or `verdict` to it.

    Where another label holds instead, the proposal's own becomes "no". The rest as for `accept`.
    """
    _refuse_decided(proposal)
    if proposal.shape is None:
        said = image_labels or {}
        if label is None or label == proposal.label:
            # "It cannot be told" is an answer to the whole question, whatever was said before.
            known = {} if verdict is Verdict.NOT_ASSESSED else said
            new = saying(proposal.label, verdict, known, groups)
            new = {name: after for name, after in new.items() if said.get(name) is not after}
        else:
            denied = {} if said.get(proposal.label) is Verdict.NO else {proposal.label: Verdict.NO}
            new = {**denied, **saying(label, Verdict.YES, said, groups)}
        decided = _decide(proposal, Decision.CORRECTED, threshold=threshold)
        changes: tuple[Change, ...] = (*_verdicts(proposal, new, said), decided)
        return Edit(text=f"correct {proposal.label}", image_id=proposal.image_id, changes=changes)
    return _taken(
        proposal, proposal.shape if shape is None else shape, author=author,
        label=proposal.label if label is None else label, decision=Decision.CORRECTED, instead_of=instead_of,
        threshold=threshold, object_id=object_id,
    )  # fmt: skip


def reject(
    proposal: Proposal, *, image_labels: Said | None = None, groups: Groups = (), threshold: float | None = None
) -> Edit:
    """Refuse a proposal: a shape leaves nothing on the image; a whole-image class becomes "no" (`answers.rejecting`).

    image_labels: as for `accept`; without them a class is left as it is.
    """
    _refuse_decided(proposal)
    new = {} if image_labels is None or proposal.shape is not None else rejecting(proposal.label, image_labels, groups)
    decided = _decide(proposal, Decision.REJECTED, threshold=threshold)
    changes: tuple[Change, ...] = (*_verdicts(proposal, new, image_labels or {}), decided)
    return Edit(text=f"reject {proposal.label}", image_id=proposal.image_id, changes=changes)


def _refuse_decided(proposal: Proposal) -> None:
    if proposal.decision is not Decision.UNDECIDED:
        raise BadRequest(f"This proposal is {proposal.decision.value} already; undo that first.")
