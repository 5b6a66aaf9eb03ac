"""What accepting, correcting and rejecting does to a proposal that spans several images: one edit for all of them."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from viewer.core.edits import Edit
from viewer.core.errors import BadRequest, NotFound
from viewer.core.shapes.annotations import Annotation, Decision, Prediction, Proposal
from viewer.core.text.counting import counted
from viewer.project.changes.object_law import on_slices
from viewer.project.deciding_proposals import Decided, InTheWay, Over, in_the_way, to_accept, to_correct, to_reject
from viewer.project.edit_builders import new_id
from viewer.project.facts import ProjectFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedPart:
    """One of the proposals that are one thing, with the answer that it is of."""

    proposal: Proposal
    prediction: Prediction | None


Decide = Callable[[ProposedPart, str], Decided]  # given the object that it becomes part of


def decision_on(parts: Sequence[Proposal]) -> Decision:
    """What was said of the whole: undecided as long as a part is, corrected where one was, accepted where one was."""
    said = {one.decision for one in parts}
    order = (Decision.UNDECIDED, Decision.CORRECTED, Decision.ACCEPTED)
    return next((decision for decision in order if decision in said), Decision.REJECTED)


def in_the_way_of(project: ProjectFacts, parts: Sequence[ProposedPart]) -> tuple[Annotation, ...]:
    """Annotations of its label that mark the same places."""
    return tuple(shape for part in _open(parts) for shape in in_the_way(project, part.proposal))


def accept_whole(
    project: ProjectFacts, parts: Sequence[ProposedPart], *, author: str = "", over: Over | None = None,
    threshold: float | None = None,
) -> Decided:  # fmt: skip
    """Take every part as it is; what they become is one object. Otherwise as `to_accept`."""
    _refuse_what_lies_there(project, parts, over)

    def decide(part: ProposedPart, object_id: str) -> Decided:
        return to_accept(
            project, part.proposal, part.prediction, author=author, over=over, threshold=threshold, object_id=object_id
        )

    return _together(project, parts, decide, "accept")


def correct_whole(
    project: ProjectFacts, parts: Sequence[ProposedPart], changed: str, *, label: str | None = None, author: str = "",
    over: Over | None = None, threshold: float | None = None,
) -> Decided:  # fmt: skip
    """Take it with another label, or with the shape of one part to be changed: the others are taken as they are.

    changed: the proposal whose shape a person is going to change.
    """
    _refuse_what_lies_there(project, parts, over)

    def decide(part: ProposedPart, object_id: str) -> Decided:
        if label is None and part.proposal.proposal_id != changed:
            return to_accept(
                project, part.proposal, part.prediction, author=author, over=over, threshold=threshold,
                object_id=object_id,
            )  # fmt: skip
        return to_correct(
            project, part.proposal, part.prediction, label=label, author=author, over=over, threshold=threshold,
            object_id=object_id,
        )  # fmt: skip

    return _together(project, parts, decide, "correct")


def reject_whole(project: ProjectFacts, parts: Sequence[ProposedPart], *, threshold: float | None = None) -> Decided:
    """Refuse every part."""

    def decide(part: ProposedPart, _object_id: str) -> Decided:
        return to_reject(project, part.proposal, part.prediction, threshold=threshold)

    return _together(project, parts, decide, "reject")


def _open(parts: Sequence[ProposedPart]) -> list[ProposedPart]:
    return [part for part in parts if part.proposal.decision is Decision.UNDECIDED]


def _refuse_what_lies_there(project: ProjectFacts, parts: Sequence[ProposedPart], over: Over | None) -> None:
    there = in_the_way_of(project, parts) if over is None else ()
    if there:
        label, slices = parts[0].proposal.label, len({one.image_id for one in there})
        raise InTheWay(
            f"“{label}” is marked there already ({counted(len(there), 'shape')}{on_slices(slices)}); say whether the "
            "proposal takes its place or both stay"
        )


def _together(project: ProjectFacts, parts: Sequence[ProposedPart], decide: Decide, verb: str) -> Decided:
    """One edit of what is decided on each part that is open. Raises BadRequest where none is."""
    left = _open(parts)
    if not left:
        said = decision_on([part.proposal for part in parts])
        raise BadRequest(f"This proposal is {said.value} already; undo that first.")
    object_id = _object_of(project, parts)
    decided = [decide(part, object_id) for part in left]
    first = left[0].proposal
    text = f"{verb} {first.label}{on_slices(len({part.proposal.image_id for part in left}))}"
    changes = tuple(change for one in decided for change in one.edit.changes)
    words = " ".join(dict.fromkeys(one.words for one in decided if one.words))
    return Decided(edit=Edit(text=text, image_id=first.image_id, changes=changes), words=words)


def _object_of(project: ProjectFacts, parts: Sequence[ProposedPart]) -> str:
    """The object that its shapes are of: that of those which were taken before, else a new one.

    "" where its images are several cases, as slices are that are cut from their series: an object lies in one case.
    """
    ids = {part.proposal.proposal_id for part in parts}
    images = list(dict.fromkeys(part.proposal.image_id for part in parts))
    cases = set()
    for image_id in images:
        with suppress(NotFound):  # it enters the project with the decision, as a slice of the others' series
            cases.add(project.images.get(image_id).case_id)
    if len(cases) > 1:
        return ""
    drawn = (shape for image_id in images for shape in project.work.annotations(image_id))
    taken = next((shape.object_key for shape in drawn if shape.proposal_id in ids), "")
    return taken or (new_id() if len(parts) > 1 else "")
