"""What accepting, correcting and rejecting a proposal does in a project: the edit, and what is said of it.

The window and the command line decide here. What a label excludes is the project's to say, by its tasks; a model whose
label stands in none of them is taken by its own word, over the labels that the project knows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from viewer.core.answers import Groups, held, rivals
from viewer.core.edits import Edit, ImageLabelChange
from viewer.core.errors import BadRequest
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import Annotation, Prediction, Proposal
from viewer.core.shapes.region_overlap import SAME_PLACE, shared_part, without
from viewer.core.shapes.shape import Shape
from viewer.core.text.counting import counted
from viewer.project import edit_builders
from viewer.project.facts import ProjectFacts
from viewer.project.records import Task

NOT_ASSESSED = "not assessed"


class Over(StrEnum):
    """What happens to shapes of the same label that lie where an accepted one comes."""

    REPLACE = "replace"
    KEEP_BOTH = "keep-both"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decided:
    """One gesture, and what it does to labels and shapes, in words; "" where that goes without saying.

    open_labels: those of which one must be said next, because the one that was said holds no longer.
    """

    edit: Edit
    words: str = ""
    open_labels: tuple[str, ...] = ()


class InTheWay(BadRequest):
    """Shapes of the label lie there already; whoever decides says what becomes of them."""


def as_called_now(
    project: ProjectFacts, proposal: Proposal, prediction: Prediction | None
) -> tuple[Proposal, Prediction | None, str]:
    """(The proposal, its model's labels) under the names that the catalogue has for them now, and words where it has.

    A model keeps the names that it was trained with; taken as they are, a label that was renamed since would come back
    beside its new name. What cannot be told by the journal keeps the model's name.
    """
    scope = "image" if proposal.shape is None else "region"
    label = name_now(project, scope, proposal.label)
    if prediction is not None and scope == "image":
        labels = tuple(name_now(project, scope, name) for name in prediction.labels)
        prediction = replace(prediction, labels=labels) if labels != prediction.labels else prediction
    if label == proposal.label:
        return proposal, prediction, ""
    return replace(proposal, label=label), prediction, f"The model's “{proposal.label}” is called “{label}” here. "


def name_now(project: ProjectFacts, scope: str, label: str) -> str:
    """What the catalogue calls a model's label; the model's own name where it has it, or never had it."""
    there = {one.name for one in project.labels if one.scope == scope}
    if label in there:
        return label
    name = project.called_now(scope, label)
    return name if name in there else label


def exclusive_groups(project: ProjectFacts, label: str, prediction: Prediction | None) -> tuple[tuple[str, ...], ...]:
    """The exclusive sets of whole-image labels that a label stands in."""
    tasks = [task for task in project.tasks.all() if task.scope == "image" and label in task.labels]
    if tasks or prediction is None:
        return tuple(task.labels for task in tasks if task.exclusive)
    if not prediction.rule.is_one_of or label not in prediction.labels:
        return ()
    known = {one.name for one in project.labels if one.scope == "image"} | {label}
    return (tuple(name for name in prediction.labels if name in known),)


def other_labels(project: ProjectFacts, proposal: Proposal, prediction: Prediction | None) -> tuple[str, ...]:
    """What a whole-image answer may be corrected to: the other labels of its tasks, else of the model."""
    proposal, prediction, _ = as_called_now(project, proposal, prediction)
    label = proposal.label
    found = [name for task in project.tasks.all() if _asks(task, label) for name in task.labels]
    if not found and prediction is not None:
        found = list(prediction.labels)
    return tuple(dict.fromkeys(name for name in found if name != label))


def _asks(task: Task, label: str) -> bool:
    return task.scope == "image" and label in task.labels


def in_the_way(project: ProjectFacts, proposal: Proposal) -> tuple[Annotation, ...]:
    """Annotations of a proposal's label that mark the same place."""
    shape = proposal.shape
    if shape is None:
        return ()
    proposal, _, _ = as_called_now(project, proposal, None)
    same = [one for one in project.work.annotations(proposal.image_id) if one.label == proposal.label]
    if not same:  # so too on an image that only enters the project with the decision
        return ()
    record = project.images.get(proposal.image_id)
    return tuple(one for one in same if shared_part(one.shape, shape, record.rows, record.cols) >= SAME_PLACE)


def to_accept(
    project: ProjectFacts, proposal: Proposal, prediction: Prediction | None = None, *,
    author: str = "", over: Over | None = None, threshold: float | None = None, object_id: str = "",
) -> Decided:  # fmt: skip
    """Take a proposal as it is. over: None raises InTheWay where a shape of the label lies there already.

    Of an exclusive task's masks, pixels that another label of it holds stay that label's.
    """
    proposal, prediction, renamed = as_called_now(project, proposal, prediction)
    if proposal.shape is None:
        said = project.work.image_labels(proposal.image_id)
        groups = exclusive_groups(project, proposal.label, prediction)
        edit = edit_builders.accept(
            proposal, author=author or project.author, image_labels=said, groups=groups, threshold=threshold
        )
        return Decided(edit=edit, words=(renamed + said_words(edit) + _was_said(edit)).strip())
    there = _settled(project, proposal, over)
    shape, words = _free_part(project, proposal)
    edit = edit_builders.accept(
        proposal, author=author or project.author, shape=shape, instead_of=there, threshold=threshold,
        object_id=object_id,
    )  # fmt: skip
    return Decided(edit=edit, words=(renamed + words).strip())


def to_correct(
    project: ProjectFacts, proposal: Proposal, prediction: Prediction | None = None, *,
    label: str | None = None, verdict: Verdict = Verdict.NO, author: str = "", over: Over | None = None,
    threshold: float | None = None, object_id: str = "",
) -> Decided:  # fmt: skip
    """Take a proposal otherwise: a shape to be changed, of a whole-image class the label that holds, or a verdict.

    Raises BadRequest where "no" alone would leave an exclusive task without an answer.
    """
    proposal, prediction, renamed = as_called_now(project, proposal, prediction)
    if proposal.shape is None:
        said = project.work.image_labels(proposal.image_id)
        right = proposal.label if label is None else label
        groups = exclusive_groups(project, right, prediction)
        if label is None and verdict is Verdict.NO and groups and not held(groups[0], {**said, right: Verdict.NO}):
            raise BadRequest(
                f"“{right}” excludes the other labels of its task: say which one holds, {_others(right, groups)}."
            )
        own = exclusive_groups(project, proposal.label, prediction)
        if label is not None and any(label not in group for group in own):
            raise BadRequest(
                f"“{label}” is no label of the task of “{proposal.label}”; there are {_others(proposal.label, own)}."
            )
        edit = edit_builders.correct(
            proposal, author=author or project.author, label=label, verdict=verdict, image_labels=said, groups=groups,
            threshold=threshold,
        )  # fmt: skip
        return Decided(edit=edit, words=(renamed + said_words(edit)).strip())
    there = _settled(project, proposal, over)
    shape, words = _free_part(project, proposal, label)
    edit = edit_builders.correct(
        proposal, author=author or project.author, shape=shape, label=label, instead_of=there, threshold=threshold,
        object_id=object_id,
    )  # fmt: skip
    return Decided(edit=edit, words=(renamed + words).strip())


def to_reject(
    project: ProjectFacts, proposal: Proposal, prediction: Prediction | None = None, *, threshold: float | None = None
) -> Decided:
    """Refuse a proposal. Of a whole-image class it is said what becomes of its label."""
    proposal, prediction, renamed = as_called_now(project, proposal, prediction)
    if proposal.shape is not None:
        return Decided(edit=edit_builders.reject(proposal, threshold=threshold), words=renamed.strip())
    said = project.work.image_labels(proposal.image_id)
    groups = exclusive_groups(project, proposal.label, prediction)
    edit = edit_builders.reject(proposal, image_labels=said, groups=groups, threshold=threshold)
    words = said_words(edit)
    if not words:
        yes = [name for group in groups for name in held(group, said)]
        kept = f"“{yes[0]}”" if yes else f"“{proposal.label}” {said[proposal.label].value}"
        return Decided(edit=edit, words=f"{renamed}Rejected: the label stays {kept}.")
    more = f" Say which one holds: {_others(proposal.label, groups)}." if groups else ""
    open_labels = tuple(rivals(proposal.label, groups)) if groups else ()
    return Decided(edit=edit, words=f"{renamed}Rejected: {words}{more}", open_labels=open_labels)


def _others(label: str, groups: Groups) -> str:
    """ "“NORMAL” or “BACTERIA”": what a label excludes, in words; one may be called "none"."""
    return " or ".join(f"“{name}”" for name in rivals(label, groups))


def _settled(project: ProjectFacts, proposal: Proposal, over: Over | None) -> tuple[Annotation, ...]:
    """The annotations that go. Raises InTheWay where nobody has said what becomes of them."""
    there = in_the_way(project, proposal)
    if there and over is None:
        raise InTheWay(
            f"“{proposal.label}” is marked there already ({counted(len(there), 'shape')}); say whether the proposal "
            "takes its place or both stay"
        )
    return there if over is Over.REPLACE else ()


def _free_part(project: ProjectFacts, proposal: Proposal, label: str | None = None) -> tuple[Shape | None, str]:
    """The shape that may be taken, and words about pixels that stay with another label of an exclusive task."""
    shape, name = proposal.shape, proposal.label if label is None else label
    excluded = {
        other
        for task in project.tasks.all()
        if task.scope == "region" and task.tells_apart and name in task.labels
        for other in task.labels
        if other != name
    }
    drawn = [one for one in project.work.annotations(proposal.image_id) if one.label in excluded]
    mask = shape.painted() if shape is not None else None
    if mask is None or not drawn:
        return shape, ""
    free = without(mask, [one.shape for one in drawn])
    if free is mask:
        return shape, ""
    holders = " and ".join(dict.fromkeys(f"“{one.label}”" for one in drawn if without(mask, [one.shape]) is not mask))
    if not free.area_px:
        raise BadRequest(
            f"Every pixel of this “{name}” is {holders} already. Reject it, or remove {holders} there first."
        )
    return free, f"{counted(mask.area_px - free.area_px, 'pixel')} of it stay {holders}, as they were."


def replaced_words(project: ProjectFacts, proposal: Proposal, prediction: Prediction | None) -> str:
    """What of a whole image accepting a proposal would overwrite: "none", "disc: no"; "" where nothing is lost by it.

    Of a shape it is asked (`in_the_way`).
    """
    if proposal.shape is not None:
        return ""
    proposal, prediction, _ = as_called_now(project, proposal, prediction)
    said = project.work.image_labels(proposal.image_id)
    now = said.get(proposal.label)
    yes = [name for group in exclusive_groups(project, proposal.label, prediction) for name in held(group, said)]
    others = tuple(dict.fromkeys(name for name in yes if name != proposal.label))
    if others:
        return " and ".join(others)
    return f"{proposal.label}: {now.value}" if now is not None and now is not Verdict.YES else ""


def corrected_to(project: ProjectFacts, proposal: Proposal, prediction: Prediction | None) -> str:
    """The label that a corrected proposal has become, as long as it is there; "" where none is."""
    if proposal.shape is not None:
        drawn = project.work.annotations(proposal.image_id)
        return next((one.label for one in drawn if one.proposal_id == proposal.proposal_id), "")
    others = other_labels(project, proposal, prediction)
    proposal, prediction, _ = as_called_now(project, proposal, prediction)
    said = project.work.image_labels(proposal.image_id)
    return "" if said.get(proposal.label) is Verdict.YES else next(iter(held(others, said)), "")


def _was_said(edit: Edit) -> str:
    """ " “none” was yes before." of the labels that a decision has taken from yes; "" where it took none."""
    lost = [
        one.label for one in edit.of(ImageLabelChange) if one.before is Verdict.YES and one.after is not Verdict.YES
    ]
    return "".join(f" “{name}” was yes before." for name in lost)


def said_words(edit: Edit) -> str:
    """ "“PNEUMONIA” is yes, “NORMAL” is no." of the labels that an edit changes; "" where it changes none.

    What is open again is named only where nothing else is said: it is asked for otherwise.
    """
    said: Mapping[str, Verdict | None] = {
        change.label: change.after for change in edit.changes if isinstance(change, ImageLabelChange)
    }
    said = {name: verdict for name, verdict in said.items() if verdict is not None} or said
    first = sorted(said.items(), key=lambda one: one[1] is not Verdict.YES)
    words = ", ".join(f"“{name}” is {verdict.value if verdict is not None else 'not said'}" for name, verdict in first)
    return f"{words}." if words else ""
