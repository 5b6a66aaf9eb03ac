"""What is said of images, series, studies, patients and objects beside whole-image labels, to be read."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from viewer.core.attributes import Attribute
from viewer.core.edits import Edit
from viewer.core.shapes.annotations import Annotation
from viewer.core.values import Target, TargetKind, Value
from viewer.project.edit_builders import answer_target
from viewer.project.membership import chunks
from viewer.project.project import Project
from viewer.project.store.schema import annotations, answers
from viewer.project.store.stored_values import value_of


def answers_in(
    connection: Connection, kind: TargetKind, target_ids: Sequence[str], round_ids: Sequence[str]
) -> dict[str, dict[Target, dict[str, Value]]]:
    """By round what is said in it of each target of a kind, by the question's name, whole-image labels left out; a
    target of which nothing is said is not there."""
    found: dict[str, dict[Target, dict[str, Value]]] = {round_id: {} for round_id in round_ids}
    for some in chunks(list(dict.fromkeys(target_ids))):
        here = (answers.c.target == kind.value) & answers.c.target_id.in_(some) & answers.c.round_id.in_(round_ids)
        if kind is TargetKind.IMAGE:
            here &= answers.c.kind != "verdict"
        for row in connection.execute(select(answers).where(here).order_by(answers.c.label)):
            of = found[row.round_id].setdefault(Target(kind=kind, target_id=row.target_id), {})
            of[row.label] = value_of(row)
    return found


def answers_of_shapes(
    connection: Connection, shapes: Sequence[Annotation], round_ids: Sequence[str]
) -> dict[str, dict[str, dict[str, Value]]]:
    """By round what is said in it of the objects that shapes are of, by the object's key."""
    # Most projects say nothing of any, and a million keys need not be asked for one by one.
    there = connection.execute(select(answers.c.label).where(answers.c.target == TargetKind.OBJECT.value).limit(1))
    keys = [one.object_key for one in shapes] if there.first() is not None else []
    found = answers_in(connection, TargetKind.OBJECT, keys, round_ids)
    return {
        round_id: {target.target_id: said for target, said in of.items()} for round_id, of in found.items()
    }  # fmt: skip


def answers_of(
    project: Project, targets: Sequence[Target], round_id: str | None = None
) -> dict[Target, dict[str, Value]]:
    """What is said of each target in a round, by the question's name; nothing said is not there. round_id: None for
    that of the project's reading."""
    by = project.round_id if round_id is None else round_id
    found: dict[Target, dict[str, Value]] = {target: {} for target in targets}
    with project.database.reading() as connection:
        for some in chunks([target.target_id for target in targets]):
            here = answers.c.target_id.in_(some) & (answers.c.round_id == by)
            for row in connection.execute(select(answers).where(here).order_by(answers.c.label)):
                for target in targets:
                    if (target.kind.value, target.target_id) == (row.target, row.target_id):
                        found[target][row.label] = value_of(row)
    return found


def asked_of(project: Project, target: Target) -> list[Attribute]:
    """What the catalogue asks of a target, in its order: of an image, or of an object by the label that it bears."""
    asked = [one for one in project.attributes if one.target is target.kind]
    if target.kind is not TargetKind.OBJECT:
        return asked
    with project.database.reading() as connection:
        bears = select(annotations.c.label).where(annotations.c.object_id == target.target_id)
        label = connection.scalar(bears.limit(1))
    return [one for one in asked if one.label == label]


def say(project: Project, target: Target, name: str, value: Value | None) -> Edit:
    """The edit that says something of a target, or nothing any more (None)."""
    before = answers_of(project, [target])[target].get(name)
    where = target.target_id if target.kind is TargetKind.IMAGE else None
    return answer_target(target, name, before=before, after=value, image_id=where)
