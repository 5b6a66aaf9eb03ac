"""What is said of targets beside whole-image labels: what is there, what is written, whom it concerns."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from viewer.core.edits import AnswerChange, Change
from viewer.core.errors import BadRequest
from viewer.core.values import Target, TargetKind, Value
from viewer.project.changes.work_rows import insert_rows
from viewer.project.membership import chunks, images_of
from viewer.project.store.schema import answers, images
from viewer.project.store.stored_values import value_columns, value_of


def answer_key(change: AnswerChange) -> tuple[str, ...]:
    """What a change is about."""
    return ("answer", change.target.target_id, change.name, change.round_id, change.target.kind.value)


def answered_image(change: AnswerChange) -> str | None:
    """The image that something is said of; None where it is taken back, or of anything else."""
    said = change.after is not None and change.target.kind is TargetKind.IMAGE
    return change.target.target_id if said else None


def answers_there(connection: Connection, changes: Sequence[AnswerChange]) -> list[Value | None]:
    """What is said of each target by each name; None is nothing. Raises BadRequest for a target that is not known."""
    found: dict[tuple[str, ...], Value] = {}
    ids = list(dict.fromkeys(change.target.target_id for change in changes))
    for some in chunks(ids):
        for row in connection.execute(select(answers).where(answers.c.target_id.in_(some)).with_for_update()):
            found["answer", row.target_id, row.label, row.round_id, row.target] = value_of(row)
    for change in changes:
        if change.after is not None and not images_of(connection, change.target):
            raise BadRequest(
                f"{change.name} is said of a {change.target.kind.value} that is not in this project; add it first."
            )
    return [found.get(answer_key(change)) for change in changes]


def write_answers(
    connection: Connection, changes: Sequence[AnswerChange], there: Sequence[Any], step: int
) -> Sequence[Change]:
    """Say, change and take back."""
    for change in changes:
        if change.before is not None:
            connection.execute(answers.delete().where(_here(change)))
    rows = [
        {
            "round_id": one.round_id,
            "target": one.target.kind.value,
            "target_id": one.target.target_id,
            "label": one.name,
            **value_columns(one.after),
        }
        for one in changes
        if one.after is not None
    ]
    insert_rows(connection, answers, rows)
    return ()


def answers_about(connection: Connection, kind: TargetKind, ids: Sequence[str]) -> list[AnswerChange]:
    """The changes that take back what is said of targets in any round, whole-image labels left out."""
    found = []
    for some in chunks(list(dict.fromkeys(ids))):
        said = select(answers).where(answers.c.target == kind.value, answers.c.target_id.in_(some))
        if kind is TargetKind.IMAGE:
            said = said.where(answers.c.kind != "verdict")
        found += [
            AnswerChange(
                target=Target(kind=kind, target_id=row.target_id), name=row.label, before=value_of(row), after=None,
                round_id=row.round_id,
            )
            for row in connection.execute(said.order_by(answers.c.target_id, answers.c.label))
        ]  # fmt: skip
    return found


def name_answer(connection: Connection, change: AnswerChange) -> str:
    """Words for the thing, with the first file that it concerns."""
    image_ids = images_of(connection, change.target)
    path = connection.scalar(select(images.c.path).where(images.c.image_id == image_ids[0])) if image_ids else None
    where = f" with {PurePath(path).name}" if path and change.target.kind is not TargetKind.IMAGE else ""
    whose = PurePath(path).name if path and not where else f"the {change.target.kind.value}{where}"
    return f"The answer {change.name} of {whose}"


def _here(change: AnswerChange) -> ColumnElement[bool]:
    return (
        (answers.c.round_id == change.round_id)
        & (answers.c.target == change.target.kind.value)
        & (answers.c.target_id == change.target.target_id)
        & (answers.c.label == change.name)
    )
