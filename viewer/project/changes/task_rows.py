"""The tasks of a project: how they follow a label or a number of the catalogue that is renamed, removed or back."""

import json

from sqlalchemy import Connection, select, update

from viewer.core.task_kinds.kind import task_kind
from viewer.project.state import labels_of_task, stored_labels
from viewer.project.store.schema import tasks


def change_tasks(
    connection: Connection, scope: str, old: str | dict[str, str], new: str | dict[str, str], *, least: bool = False
) -> None:
    """Put one entry in the place of another in the labels of every task of a scope.

    least: only where what is left still is a task; one of two exclusive labels stays named, though nobody can say it.
    """
    for row in connection.execute(select(tasks)).all():
        names = stored_labels(row)
        kind = task_kind(row.kind)
        if old not in names or kind.scope != scope:
            continue
        if least and len(labels_of_task(row)) <= kind.least_labels(exclusive=bool(row.exclusive)):
            continue
        changed = json.dumps([new if name == old else name for name in names], allow_nan=False)
        connection.execute(update(tasks).where(tasks.c.name == row.name).values(labels=changed))
