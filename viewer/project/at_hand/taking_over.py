"""What a reader said becomes what the shared reading says: labels, answers, shapes, and all that is said of objects.

These functions read what the shared reading says now, so they run on the writer's thread.
"""

import hashlib
from collections.abc import Mapping, Sequence

from viewer.core.edits import AnnotationChange, AnswerChange, Change, Edit, ImageLabelChange, ObjectNoteChange
from viewer.core.errors import BadRequest
from viewer.core.shapes.annotations import Annotation
from viewer.core.shapes.objects import UNSAID
from viewer.core.values import Target, TargetKind, Value
from viewer.project.at_hand.adjudicating import ReaderSaid, said_of_image, said_on_planes
from viewer.project.edit_builders import new_id
from viewer.project.lists.planes import drawn_on_planes, on_series
from viewer.project.project import Project
from viewer.project.store.schema import annotations

ID_DIGITS = 32


def taking_over(project: Project, said: ReaderSaid, image_id: str, *, author: str) -> Edit:
    """The image says from then on what a reader said of it, and nothing else. author: who settles it, by whom all of it
    then is. Raises BadRequest where it says so already."""
    there = said_of_image(project, project.rounds.get(project.round_id), image_id, _own_keys(said))
    of_labels: list[Change] = [
        ImageLabelChange(
            image_id=image_id, label=label, before=there.image_labels.get(label), after=said.image_labels.get(label)
        )
        for label in dict.fromkeys([*said.image_labels, *there.image_labels])
        if there.image_labels.get(label) is not said.image_labels.get(label)
    ]  # fmt: skip
    target = Target(kind=TargetKind.IMAGE, target_id=image_id)
    changes = [*of_labels, *_answers(target, there.answers, said.answers), *_instead(there, said, author)]
    return _edit(f"take over what {said.name} says", said, image_id, changes)


def taking_over_planes(project: Project, said: ReaderSaid, image_id: str, *, author: str) -> Edit:
    """Planes through the series of an image bear from then on what a reader drew there. said: of `Heard.on_planes`.
    image_id: where the step is shown. Raises BadRequest where they do already."""
    series_id, shared = project.images.get(image_id).series_id, project.rounds.get(project.round_id)
    with project.database.reading() as connection:
        drawn = drawn_on_planes(connection, *on_series([series_id], [shared.round_id], annotations))
    there = said_on_planes(project, shared, drawn, _own_keys(said))
    return _edit(f"take over what {said.name} drew on planes", said, image_id, _instead(there, said, author))


def _edit(text: str, said: ReaderSaid, image_id: str, changes: Sequence[Change]) -> Edit:
    if not changes:
        raise BadRequest(f"The shared reading says what {said.name} says already.")
    return Edit(text=text, image_id=image_id, changes=tuple(changes))


def _instead(there: ReaderSaid, said: ReaderSaid, author: str) -> list[Change]:
    """A reader's shapes for those that are there, unless they are alike; and what is said of their objects."""
    ours, theirs = ([(one.label, one.shape, one.plane) for one in who.annotations] for who in (there, said))
    changes: list[Change] = []
    becoming: Sequence[Annotation] = there.annotations
    if ours != theirs:
        becoming = [_own(one, said, author) for one in said.annotations]
        changes += [AnnotationChange(before=old, after=None) for old in there.annotations]
        changes += [AnnotationChange(before=None, after=new) for new in becoming]
    keys = {one.object_key: own.object_key for one, own in zip(said.annotations, becoming, strict=True)}
    for key, own in keys.items():
        target = Target(kind=TargetKind.OBJECT, target_id=own)
        changes += _answers(target, there.of_objects.get(own, {}), said.of_objects.get(key, {}))
        before, after = there.notes.get(own, UNSAID), said.notes.get(key, UNSAID)
        if before != after:
            changes.append(ObjectNoteChange(object_id=own, before=before, after=after))
    return changes


def _answers(target: Target, before: Mapping[str, Value], after: Mapping[str, Value]) -> list[Change]:
    return [
        AnswerChange(target=target, name=name, before=before.get(name), after=after.get(name))
        for name in dict.fromkeys([*after, *before])
        if before.get(name) != after.get(name)
    ]


def _own_keys(said: ReaderSaid) -> list[str]:
    return [_own_key(said, key) for key in said.of_several]


def _own_key(said: ReaderSaid, key: str) -> str:
    """Of an object on several images and planes each that is taken over gives the same."""
    return hashlib.sha256(f"{said.name}/{key}".encode()).hexdigest()[:ID_DIGITS]


def _own(theirs: Annotation, said: ReaderSaid, author: str) -> Annotation:
    """A copy with ids of its own."""
    key = theirs.object_key
    return Annotation(
        annotation_id=new_id(), image_id=theirs.image_id, label=theirs.label, shape=theirs.shape, author=author,
        object_id=_own_key(said, key) if key in said.of_several else "", plane=theirs.plane,
    )  # fmt: skip
