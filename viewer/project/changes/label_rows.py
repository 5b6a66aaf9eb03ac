"""The label catalogue: how a change of it alters the tables, and whatever carries a label with it."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, Table, func, select, tuple_, update

from viewer.core.edits import LabelChange
from viewer.core.errors import BadRequest
from viewer.core.labels import Label
from viewer.project.changes.attribute_rows import (
    refuse_an_attributes_name,
    refuse_while_asked,
    rename_label_of,
)
from viewer.project.changes.task_rows import change_tasks
from viewer.project.state import label_of, label_values
from viewer.project.store.schema import annotations, answers, attributes, labels


def labels_there(connection: Connection, names: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Label]:
    """The rows of the catalogue of these (scope, name)."""
    query = select(labels).where(tuple_(labels.c.scope, labels.c.name).in_(list(names))).with_for_update()
    return {(row.scope, row.name): label_of(row) for row in connection.execute(query)}


def uses_of(connection: Connection, label: Label) -> int:
    """How many shapes or answers carry it."""
    table, carries = _carriers(label)
    return int(connection.execute(select(func.count()).select_from(table).where(carries)).scalar_one())


def is_anybodys(connection: Connection, label: Label) -> bool:
    """Whether anybody works with it: something carries it, or an attribute is one of it."""
    asked = select(attributes.c.name).where(attributes.c.scope == label.scope, attributes.c.label == label.name)
    return uses_of(connection, label) > 0 or connection.execute(asked.limit(1)).first() is not None


def _carriers(label: Label) -> tuple[Table, ColumnElement[bool]]:
    """Where what carries it stands. What is said of an object is an attribute, and no label."""
    if label.scope == "region":
        return annotations, annotations.c.label == label.name
    return answers, (answers.c.label == label.name) & (answers.c.target != "object") & (answers.c.kind == "verdict")


def _rename(connection: Connection, before: Label, after: Label) -> None:
    """Everything that carries the label carries its new name; attributes and tasks too."""
    table, carries = _carriers(before)
    connection.execute(update(table).where(carries).values(label=after.name))
    rename_label_of(connection, before.scope, before.name, after.name)
    change_tasks(connection, before.scope, before.name, after.name)


def write_label(connection: Connection, change: LabelChange) -> None:
    """Add, change or remove a row. Raises BadRequest for one that is used, and for a name that is taken."""
    before, after = change.before, change.after
    if before is not None and after is None:
        uses = uses_of(connection, before)
        if uses:
            raise BadRequest(f"The label {before.name} is used {uses} times; change those first.")
        refuse_while_asked(connection, before.scope, before.name)
    if before is not None:
        connection.execute(labels.delete().where(labels.c.scope == before.scope, labels.c.name == before.name))
    if before is not None and after is None:
        change_tasks(connection, before.scope, before.name, {"removed": before.name}, least=True)
    if after is None:
        return
    if before is None:
        change_tasks(connection, after.scope, {"removed": after.name}, after.name)
    taken = connection.execute(
        select(labels.c.name).where(labels.c.scope == after.scope, labels.c.name == after.name)
    ).first()
    if taken is not None or (before is not None and before.scope != after.scope):
        raise BadRequest(f"There is a label {after.name} already; choose another name.")
    refuse_an_attributes_name(connection, after.scope, after.name)
    connection.execute(labels.insert().values(**label_values(after)))
    if before is not None and before.name != after.name:
        _rename(connection, before, after)
