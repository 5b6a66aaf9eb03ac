"""The list of cases, and the project's tasks and labels."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Row, func, select

from viewer.core.case_acts import shown_counts
from viewer.core.edits import CaseStatusChange, Edit, ImagesChange, PatientChange
from viewer.core.errors import BadRequest, NotFound, UnknownName
from viewer.core.labels import Label, free_tint
from viewer.core.shapes.annotations import CaseStatus
from viewer.project.case_filter import cases_found
from viewer.project.membership import chunks
from viewer.project.readings import read_states
from viewer.project.records import CaseRow, Task
from viewer.project.revisions import RevisionKind, Touched, raise_revision
from viewer.project.state import label_of, labels_of_task
from viewer.project.store.database import Database
from viewer.project.store.schema import case_images, cases, images, labels, readings, tasks
from viewer.project.store.stored_rows import as_stored

NO_PATIENT = "no patient id"  # how the title of a case without one begins


class Cases:
    """The unit of an annotator's work. The list is kept in memory while this program is the one that writes."""

    def __init__(self, database: Database, round_id: str = "") -> None:
        self._database = database
        self._round_id = round_id
        self._kept: dict[str, CaseRow] | None = None
        self._version = 0

    def all(self, status: CaseStatus | None = None, text: str = "") -> list[CaseRow]:
        """Cases in the order of entering.

        text: only those with it, in any case, in title, patient id, status, a label that is drawn or answered yes, an
        answer, the name of a reader or of a file.
        """
        wanted = text.strip().casefold()
        found = cases_found(self._database, text.strip(), self._round_id) if wanted else set()
        return [
            row
            for row in self._rows().values()
            if (status is None or row.status is status)
            and (
                not wanted
                or row.case_id in found
                or any(wanted in word.casefold() for word in (row.title, row.patient_id, row.status.value))
            )
        ]

    def some(self, case_ids: Sequence[str]) -> dict[str, CaseRow]:
        """These cases as the database has them now; one that is not in the project is not there."""
        found: dict[str, CaseRow] = {}
        for some in chunks(case_ids):
            found |= {row.case_id: row for row in self._read(some)}
        return found

    def get(self, case_id: str) -> CaseRow:
        """One case. Raises NotFound."""
        found = self._rows().get(case_id)
        if found is None:
            raise NotFound(f"The case {case_id} is not part of this project.")
        return found

    def has(self, case_id: str) -> bool:
        """Whether a case is in the project: one that was taken out is not."""
        return case_id in self._rows()

    def status(self, case_id: str) -> CaseStatus:
        """How far a case is, also one whose images are only about to enter. Raises NotFound."""
        query = select(cases.c.case_id).where(cases.c.case_id == case_id)
        with self._database.reading() as connection:
            if connection.execute(query).one_or_none() is None:
                raise NotFound(f"The case {case_id} is not part of this project.")
            return read_states(connection, [case_id], self._round_id).get(case_id, CaseStatus.TO_DO)

    def progress(self) -> dict[CaseStatus, int]:
        """How many cases have each status; see `shown_counts`."""
        return shown_counts(Counter(row.status for row in self._rows().values()))

    def forget(self) -> None:
        """Read the list anew next time: images were registered."""
        self._version += 1
        self._kept = None

    def after(self, edit: Edit) -> None:
        """Take over what an edit that was just committed says of cases."""
        self._version += 1
        if any(isinstance(change, ImagesChange | PatientChange) for change in edit.changes):
            self._kept = None
            return
        for change in edit.of(CaseStatusChange):
            if change.round_id == self._round_id and self._kept is not None and change.case_id in self._kept:
                row = self._kept[change.case_id]
                self._kept[change.case_id] = replace(row, status=change.after, comment=change.comment_after)

    def _rows(self) -> dict[str, CaseRow]:
        """Every case in the order of entering. 5,000 of them take the database 70 ms, too long for each step."""
        kept = self._kept
        if kept is not None:
            return kept
        version = self._version
        rows = {row.case_id: row for row in self._read()}
        # Another thread may have committed while this one read: then what was read is not kept.
        if self._database.writable and version == self._version:
            self._kept = rows
        return rows

    def _read(self, case_ids: Sequence[str] | None = None) -> list[CaseRow]:
        held = case_images.c.case_id
        first = select(held, func.count().label("images"), func.min(images.c.position).label("first"))
        first = first.join(images, images.c.image_id == case_images.c.image_id)
        inside = first.where(~images.c.taken_out)
        if case_ids is not None:
            inside = inside.where(held.in_(case_ids))
        counted = inside.group_by(held).subquery()
        patient = images.c.patient_id.label("patient")  # as it is said now; a case's own is of the day it entered
        state = func.coalesce(readings.c.state, CaseStatus.TO_DO.value).label("status")
        comment = func.coalesce(readings.c.comment, "").label("comment")
        revealed = func.coalesce(readings.c.revealed, "").label("revealed")
        query = (
            select(
                cases, counted.c.images, images.c.image_id.label("first_image_id"), patient, state, comment, revealed
            )
            .join(counted, counted.c.case_id == cases.c.case_id)
            .join(images, images.c.position == counted.c.first)
            .outerjoin(readings, (readings.c.case_id == cases.c.case_id) & (readings.c.round_id == self._round_id))
            .order_by(cases.c.position)
        )
        if case_ids is not None:
            query = query.where(cases.c.case_id.in_(case_ids))
        with self._database.reading() as connection:
            return [
                CaseRow(
                    case_id=row.case_id,
                    title=_title(row),
                    source=row.source,
                    patient_id=row.patient,
                    status=_status(row),
                    images=row.images,
                    first_image_id=row.first_image_id,
                    comment=row.comment,
                    revealed=row.revealed,
                )
                for row in connection.execute(query)
            ]


def _title(row: Row) -> str:  # type: ignore[type-arg]  # a row of `cases` with the patient of its first image
    """A case's title begins with its patient: the one that is said now."""
    began: str = row.patient_id or NO_PATIENT
    title: str = row.title
    if row.patient == row.patient_id or not title.startswith(began):
        return title
    return (row.patient or NO_PATIENT) + title[len(began) :]


def _status(row: Row) -> CaseStatus:  # type: ignore[type-arg]  # a row of `cases`
    with as_stored(f"The status of the case {row.title}"):
        return CaseStatus(row.status)


class Tasks:
    """The named questions of a project."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Task]:
        """Every task, by name."""
        with self._database.reading() as connection:
            return [
                Task(
                    name=row.name,
                    kind=row.kind,
                    labels=labels_of_task(row),
                    exclusive=bool(row.exclusive),
                    readings=row.readings,
                )
                for row in connection.execute(select(tasks).order_by(tasks.c.name))
            ]

    def get(self, name: str) -> Task:
        """One task. Raises UnknownName with the names there are."""
        everything = self.all()
        for task in everything:
            if task.name == name:
                return task
        names = ", ".join(task.name for task in everything)
        hint = f"there are {names}" if names else "there is none yet; give its kind and labels"
        raise UnknownName(f"This project has no task {name}; {hint}.")

    def put(self, task: Task) -> None:
        """Add a task, or replace the one of that name. Raises BadRequest where that is of another kind."""
        with self._database.writing() as connection:
            known = connection.execute(select(tasks.c.kind).where(tasks.c.name == task.name)).scalar()
            assure_kind(task, known)
            connection.execute(tasks.delete().where(tasks.c.name == task.name))
            connection.execute(
                tasks.insert().values(
                    name=task.name,
                    kind=task.kind,
                    labels=json.dumps(list(task.labels), allow_nan=False),
                    exclusive=task.exclusive,
                    readings=task.readings,
                )
            )
            raise_revision(connection, RevisionKind.TASK, Touched(tasks=True))


def assure_kind(task: Task, known: str | None) -> None:
    """Refuse a task whose name is that of one of another kind: its runs and what is asked of a reader are of that one.

    known: the kind of the task that is there, None for none. Raises BadRequest.
    """
    if known is not None and known != task.kind:
        raise BadRequest(f"The project has a task {task.name} already, for {known}: give this one another name.")


def read_labels(database: Database) -> list[Label]:
    """The label catalogue: region labels first, then image labels, each by position."""
    with database.reading() as connection:
        rows = connection.execute(select(labels).order_by(labels.c.scope.desc(), labels.c.position, labels.c.name))
        return [label_of(row) for row in rows]


def new_label(name: str, scope: str, catalogue: Sequence[Label]) -> Label:
    """A row that comes into the catalogue: at the first free position of its scope, in the next free colour."""
    position = next_position(catalogue, scope)
    return Label(name=name, scope=scope, position=position, tint=free_tint(position, scope, catalogue))


def next_position(catalogue: Sequence[Label], scope: str) -> int:
    """The position a new label of this scope gets: the first free one."""
    taken = {label.position for label in catalogue if label.scope == scope}
    return next(position for position in range(len(taken) + 1) if position not in taken)
