"""The list of cases, and the project's tasks and labels."""

import json
from collections.abc import Sequence

from sqlalchemy import Select, func, select

from viewer.core.annotations import CaseStatus
from viewer.core.errors import NotFound
from viewer.core.labels import Label
from viewer.project.database import Database
from viewer.project.records import CaseRow, Task
from viewer.project.schema import cases, images, labels, tasks


class Cases:
    """The unit of an annotator's work."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, status: CaseStatus | None = None, text: str = "") -> list[CaseRow]:
        """Cases in the order of entering. text: only those whose title or patient id holds it, in any case."""
        rows = self._select(select(cases).order_by(cases.c.position))
        wanted = text.casefold()
        return [
            row
            for row in rows
            if (status is None or row.status is status)
            and (wanted in row.title.casefold() or wanted in row.patient_id.casefold())
        ]

    def get(self, case_id: str) -> CaseRow:
        """One case. Raises NotFound."""
        found = self._select(select(cases).where(cases.c.case_id == case_id))
        if not found:
            raise NotFound(f"The case {case_id} is not part of this project.")
        return found[0]

    def progress(self) -> dict[CaseStatus, int]:
        """How many cases have each status."""
        with self._database.reading() as connection:
            rows = connection.execute(select(cases.c.status, func.count().label("n")).group_by(cases.c.status)).all()
        counts = {str(row.status): int(row.n) for row in rows}
        return {status: counts.get(status.value, 0) for status in CaseStatus}

    def _select(self, query: Select[tuple[object, ...]]) -> list[CaseRow]:
        first = select(images.c.case_id, func.count().label("images"), func.min(images.c.position).label("first"))
        counted = first.group_by(images.c.case_id).subquery()
        full = (
            query.add_columns(counted.c.images, images.c.image_id.label("first_image_id"))
            .join(counted, counted.c.case_id == cases.c.case_id)
            .join(images, (images.c.case_id == cases.c.case_id) & (images.c.position == counted.c.first))
        )
        with self._database.reading() as connection:
            return [
                CaseRow(
                    case_id=row.case_id,
                    title=row.title,
                    source=row.source,
                    patient_id=row.patient_id,
                    status=CaseStatus(row.status),
                    images=row.images,
                    first_image_id=row.first_image_id,
                )
                for row in connection.execute(full)
            ]


class Tasks:
    """The named questions of a project."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Task]:
        """Every task, by name."""
        with self._database.reading() as connection:
            return [
                Task(name=row.name, kind=row.kind, labels=tuple(json.loads(row.labels)), exclusive=bool(row.exclusive))
                for row in connection.execute(select(tasks).order_by(tasks.c.name))
            ]

    def get(self, name: str) -> Task:
        """One task. Raises NotFound with the names there are."""
        everything = self.all()
        for task in everything:
            if task.name == name:
                return task
        names = ", ".join(task.name for task in everything)
        hint = f"there are {names}" if names else "there is none yet; give its kind and labels"
        raise NotFound(f"This project has no task {name}; {hint}.")

    def put(self, task: Task) -> None:
        """Add a task, or replace the one of that name."""
        with self._database.writing() as connection:
            connection.execute(tasks.delete().where(tasks.c.name == task.name))
            connection.execute(
                tasks.insert().values(
                    name=task.name, kind=task.kind, labels=json.dumps(list(task.labels)), exclusive=task.exclusive
                )
            )


def read_labels(database: Database) -> list[Label]:
    """The label catalogue: region labels first, then image labels, each by position."""
    with database.reading() as connection:
        rows = connection.execute(select(labels).order_by(labels.c.scope.desc(), labels.c.position, labels.c.name))
        return [Label(name=row.name, scope=row.scope, position=row.position) for row in rows]


def next_position(catalogue: Sequence[Label], scope: str) -> int:
    """The position a new label of this scope gets: the first free one."""
    taken = {label.position for label in catalogue if label.scope == scope}
    return next(position for position in range(len(taken) + 1) if position not in taken)
