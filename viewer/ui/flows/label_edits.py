"""Gestures on labels as edits: say a whole-image label, answer what is asked, add and rename a label."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from viewer.core.answers import pressed, rivals, saying
from viewer.core.attributes import Attribute
from viewer.core.edits import Change, Edit, ImageLabelChange
from viewer.core.errors import BadRequest
from viewer.core.labels import Label, Verdict, keys_that_say
from viewer.core.values import Target, TargetKind, Value
from viewer.project import edit_builders

if TYPE_CHECKING:
    from viewer.project.at_hand.values import AtHand
    from viewer.project.facts import ProjectFacts


def turn_image_label(project: "ProjectFacts", image_id: str, label: str, *, uncertain: bool = False) -> Edit:
    """What the key of a whole-image label says next; what it excludes or leaves open follows (`core.answers`).

    uncertain: not that, but that it may be either; where that is said already, nothing is said of it any more.
    """
    from viewer.project.deciding_proposals import exclusive_groups  # the database library: not before the first paint

    said, groups = project.work.image_labels(image_id), exclusive_groups(project, label, None)
    verdict: Verdict | None = pressed(label, said, groups)
    if uncertain:
        verdict = None if said.get(label) is Verdict.UNCERTAIN else Verdict.UNCERTAIN
    changes: tuple[Change, ...] = tuple(
        ImageLabelChange(image_id=image_id, label=name, before=said.get(name), after=after)
        for name, after in saying(label, verdict, said, groups).items()
    )
    text = f"say {verdict.value} to {label}" if verdict is not None else f"say nothing of {label}"
    return Edit(text=text, image_id=image_id, changes=changes)


def excluding_words(project: "ProjectFacts", label: str) -> str:
    """What yes to a label says of those that it excludes, for its tip; "" where it excludes none."""
    from viewer.project.deciding_proposals import exclusive_groups

    others = rivals(label, exclusive_groups(project, label, None))
    return f"Yes says no to {', '.join(others)}: they exclude each other. " if others else ""


def answer_keys(project: "ProjectFacts", names: Sequence[str]) -> str:
    """What to press of the whole-image labels among these that have a key; "" for none. A key goes from yes over no to
    not assessed, so its first press does not always say the label."""
    there = {label.name: label for label in labels_of(project, "image") if label.key}
    words = keys_that_say(there[name] for name in names if name in there)
    return f"Press {words} until yes stands there." if words else ""


def answer_words(edit: Edit) -> str:
    """What an edit says of whole-image labels, such as "“disc” is yes, “none” is no."."""
    from viewer.project.deciding_proposals import said_words

    return said_words(edit)


def labels_of(project: "ProjectFacts", scope: str) -> list[Label]:
    """The labels of a scope, in the order of their keys."""
    return sorted((label for label in project.labels if label.scope == scope), key=lambda label: label.position)


def add_label(project: "ProjectFacts", name: str, scope: str) -> Edit:
    """A new label at the first free place of its scope. Raises BadRequest when the name is taken."""
    name = name.strip()
    same_scope = labels_of(project, scope)
    if name.casefold() in {label.name.casefold() for label in same_scope}:
        raise BadRequest(f"There is already a label {name}. Choose another name.")
    return edit_builders.add_label(name, scope, project.labels)


def rename_label(project: "ProjectFacts", label: Label, name: str) -> Edit:
    """Everything that carries the label carries its new name. Raises BadRequest when the name is taken."""
    name = name.strip()
    others = {other.name.casefold() for other in labels_of(project, label.scope) if other.name != label.name}
    if name.casefold() in others:
        raise BadRequest(f"There is already a label {name}. Choose another name.")
    return edit_builders.rename_label(label, name)


def said_here(at_hand: "AtHand", target: Target, image_id: str) -> dict[str, Value]:
    """What is said of an image, or of an object that lies on it, by the question."""
    work = at_hand.work
    if target.kind is TargetKind.IMAGE:
        return dict(work.answers(image_id))
    return dict(work.of_object(image_id, target.target_id))


def asked_here(at_hand: "AtHand", image_id: str) -> list[Attribute]:
    """What is asked of an image: of itself, and of each whole-image label that holds on it or of which it is said."""
    said, labels = at_hand.work.answers(image_id), at_hand.work.image_labels(image_id)
    asked = [one for one in at_hand.attributes if one.scope == "image"]
    return [
        one
        for one in sorted(asked, key=lambda one: (one.label, one.position))
        if not one.label or labels.get(one.label) is Verdict.YES or one.question in said
    ]


def answering(at_hand: "AtHand", target: Target, image_id: str, question: str, value: Value | None) -> Edit | None:
    """Say something, or nothing any more (None); None where that is what is said already."""
    before = said_here(at_hand, target, image_id).get(question)
    if before == value:
        return None
    return edit_builders.answer_target(target, question, before=before, after=value, image_id=image_id)
