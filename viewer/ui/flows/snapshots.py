"""The snapshots of the open project: what each is in a list, which one is chosen, and which part of it each case is in.

The newest one is chosen until a person chooses another. Everything is read beside the window's thread; what the window
asks here is kept in memory.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from viewer.core.errors import AppError, BadRequest
from viewer.core.task_kinds.kind import task_kind
from viewer.core.text.counting import counted
from viewer.core.text.titles import short_id
from viewer.ui.state.announcing import announce_until

if TYPE_CHECKING:
    from viewer.project.case_query import CaseQuery
    from viewer.project.leaks.document import Audit
    from viewer.project.project import Project
    from viewer.project.records import CaseRow, Task
    from viewer.project.snapshots.parts import CaseParts
    from viewer.project.snapshots.snapshot import Snapshot
    from viewer.ui.state.session import Session

CHOSEN_FACT = "snapshot_chosen"  # there is a snapshot, so one is chosen
NO_SNAPSHOT = "There is no snapshot yet, so no case is in a part. Choose Dataset, New snapshot."
SEE_LEAKS = "Choose Dataset, Leak audit to see them."
READS = "The parts of the snapshot are being read."


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotRow:
    """One snapshot as its card tells it. folds: 0 for a plain split. train_images: of an epoch, about where it has
    folds."""

    id: str
    task: str
    kind: str
    labels: tuple[str, ...]
    exclusive: bool
    images: int
    patients: int
    folds: int
    created: str
    test_images: int
    train_images: int

    @property
    def name(self) -> str:
        """The snapshot in a menu or sentence: its task, and the beginning of its id."""
        return f"{self.task} {short_id(self.id)}"

    @property
    def task_words(self) -> str:
        """The task as it was when the snapshot was made: a task that is changed later changes no snapshot."""
        how = task_kind(self.kind).how_words(exclusive=self.exclusive)
        return f"{self.task} ({self.kind}): {how} {', '.join(self.labels)}"

    @property
    def detail(self) -> str:
        """Counts and split, in words."""
        return self.details[0]

    @property
    def details(self) -> tuple[str, ...]:
        """The same, then shorter ones for where there is less room: how it is divided stays longest."""
        split = counted(self.folds, "fold") if self.folds else f"{self.test_images} in test"
        images, patients = counted(self.images, "image"), counted(self.patients, "patient")
        return f"{images} · {split} · {patients}", f"{images} · {split}", f"{self.images} · {split}", split

    @property
    def day(self) -> str:
        """When it was made: "9 Mar"."""
        try:
            return f"{datetime.fromisoformat(self.created).astimezone():%d %b}".lstrip("0")
        except ValueError:
            return ""

    @property
    def time(self) -> str:
        """When on that day: "14:07"."""
        try:
            return f"{datetime.fromisoformat(self.created).astimezone():%H:%M}"
        except ValueError:
            return ""


def when_made(row: SnapshotRow, rows: Sequence[SnapshotRow]) -> str:
    """The day of a snapshot; with the time where another one of these is of the same day."""
    alike = sum(other.day == row.day for other in rows)
    return f"{row.day} {row.time}".strip() if alike > 1 else row.day


def made_words(snapshot: "Snapshot", before: "Sequence[Task]") -> str:
    """That a snapshot is made; where its task makes labels exclude each other that did not, what their keys do now.

    before: the project's tasks as they were.
    """
    task = snapshot.task
    words = f"Snapshot {task.name} {short_id(snapshot.id)} of {counted(len(snapshot.items), 'image')} is made."
    groups = [set(one.labels) for one in before if one.exclusive and one.scope == "image"]
    known = all(any({*two} <= group for group in groups) for two in combinations(task.labels, 2))
    if not task.exclusive or task.scope != "image" or known:
        return words
    labels = " and ".join((", ".join(task.labels[:-1]), task.labels[-1]))
    return f"{words} {labels} exclude each other from now on: yes to one says no to the others, also by its key."


def snapshot_row(card: dict[str, Any]) -> SnapshotRow:
    """A card as a row."""
    from viewer.project.snapshots.split import VAL_SHARE

    task, folds = card["task"], int(card["split"].get("folds", 0))
    images, tested = int(card["images"]), int(card["parts"].get("test", {}).get("images", 0))
    return SnapshotRow(
        id=card["id"],
        task=task["name"],
        kind=task["kind"],
        labels=tuple(task["labels"]),
        exclusive=bool(task["exclusive"]),
        images=images,
        patients=int(card["patients"]),
        folds=folds,
        created=str(card.get("created", "")),
        test_images=tested,
        train_images=(
            round((images - tested) * (1 - 1 / folds) * (1 - VAL_SHARE))
            if folds
            else int(card["parts"].get("train", {}).get("images", 0))
        ),
    )


def snapshot_rows(project_folder: Path) -> list[SnapshotRow]:
    """Every snapshot of a project, newest first. Reads the disk."""
    from viewer.project.project import SNAPSHOTS

    if next((project_folder / SNAPSHOTS).glob("*"), None) is None:
        return []  # what reads them is loaded where there are some: the first image may be on its way
    from viewer.project.snapshots.snapshot import all_snapshots

    return [snapshot_row(card) for card in reversed(all_snapshots(project_folder))]


class Snapshots(QObject):
    """rows: newest first. parts: of the chosen snapshot, None while they are read and where there are none."""

    rows_changed = Signal(object)  # list[SnapshotRow]
    parts_changed = Signal()  # another snapshot is chosen, or its cases are others
    cases_asked = Signal(str)  # a filter for the list of cases

    def __init__(self, session: "Session") -> None:
        super().__init__(session)
        self._session = session
        self.rows: list[SnapshotRow] = []
        self.parts: CaseParts | None = None
        self._folder: Path | None = None
        self._wanted = ""  # the one that a person chose; "" for the newest
        self._why_not, self._reads = "", False
        self._then: Callable[[], None] | None = None
        self._question = 0
        self._anew = False  # the parts that are there may be of other cases
        session.project_opened.connect(lambda _: self._on_project())
        session.workspace_changed.connect(lambda _: self.read())
        self._on_project()

    @property
    def chosen(self) -> SnapshotRow | None:
        """The one whose parts are shown."""
        return next((row for row in self.rows if row.id == self._wanted), self.rows[0] if self.rows else None)

    def choose(self, snapshot_id: str) -> None:
        """Show the parts of this one."""
        if self.chosen is not None and snapshot_id == self.chosen.id:
            self._wanted = snapshot_id
            return
        self.made(snapshot_id)

    def made(self, snapshot_id: str) -> None:
        """One was just made here: it is the newest, and so chosen."""
        self._wanted = snapshot_id
        self._forget_parts()
        self.parts_changed.emit()
        self.read()

    def audit(self, snapshot: "Snapshot", made: str) -> None:
        """Look beside the window's thread for what stands in two parts of a new snapshot, and say what was found behind
        what was said of it before. made: that."""
        project = self._session.project
        if project is None:
            return

        def look() -> "Audit":
            from viewer.project.leaks.audit import audit_of
            from viewer.reading.decoding.errand import current

            errand = current()
            return audit_of(project, snapshot, tell=lambda *_: errand.check())

        def done(audit: "Audit") -> None:
            if self._session.project is project:
                level, see = ("warn", (SEE_LEAKS,)) if audit.doubts else ("done", ())
                words = " ".join((made, *audit.sentences, *see))
                announce_until(self._session, level, words, self._session.project_opened)

        self._session.run_in_background(look, done, self._session.announce_failure)

    def word(self, case_id: str) -> str:
        """The part of a case in a word: "test"; "" where it is in none, or none is known."""
        return "" if self.parts is None else self.parts.words(case_id)

    def tip(self, case_id: str) -> str:
        """What the word means: "In the test part of the snapshot Findings 3f2a91bc"."""
        word = self.word(case_id)
        if self.parts is None or not word:
            return ""
        which = word if word.startswith("fold") else f"the {word} part"
        return f"In {which} of the snapshot {self.parts.snapshot_words}"

    def judged_by(self, case_id: str, labels: Collection[str]) -> str:
        """In which part that models are tested on a case is, where one of these labels is of the snapshot's task: "in
        the test part of the snapshot Findings 3f2a91bc"; "" else, and while the parts are not known."""
        row, parts = self.chosen, self.parts
        if row is None or parts is None or row.id != parts.snapshot_id:
            return ""
        is_tested = any(name == "test" or name.startswith("fold ") for name in parts.of_case(case_id))
        if not is_tested or self._called(row).isdisjoint(labels):
            return ""
        tip = self.tip(case_id)
        return tip[0].lower() + tip[1:]

    def _called(self, row: SnapshotRow) -> set[str]:
        """The labels of a snapshot as they are called now."""
        from viewer.project.deciding_proposals import name_now

        scope = task_kind(row.kind).scope
        return {name_now(self._session.at_hand, scope, label) for label in row.labels}

    def of_parts(self, query: "CaseQuery", rows: "list[CaseRow]") -> "list[CaseRow]":
        """Those of the cases that are in the parts asked for; none while these are not known, or are no parts."""
        if not query.parts:
            return rows
        parts = self.parts
        if parts is None or parts.why_not(query):
            return []
        return [row for row in rows if parts.fits(query, row.case_id)]

    def why_none(self, query: "CaseQuery") -> str:
        """Why no case fits the parts that are asked for, where that is why; "" else."""
        if not query.parts:
            return ""
        if self.parts is not None:
            return self.parts.why_not(query)
        return READS if self._reads else self._why_not or NO_SNAPSHOT

    def show_test_cases(self) -> None:
        """Ask the list of cases for those that the chosen snapshot holds out; of folds, for the first of them.

        Raises BadRequest where there are none.
        """
        parts = self.parts
        if parts is None:
            raise BadRequest(self._why_not or NO_SNAPSHOT)
        if "test" in parts.names:
            self.cases_asked.emit("part:test")
            return
        self.cases_asked.emit("part:fold0")
        self._session.announced.emit(
            "info",
            f"These are the cases of fold 0 of {parts.snapshot_words}: each fold is the test part of one run.",
        )

    def when_read(self, then: Callable[[], None], *, anew: bool = False) -> None:
        """Do something once the parts of the chosen snapshot are known: now, or when they were read. anew: those that
        are there may be of before something that was just done, so they are waited for while they are read."""
        if self._reads and (anew or self.parts is None):
            self._then = then
        else:
            then()

    def read(self, *, anew: bool = False) -> None:
        """Read the cards again, and the parts where another snapshot is chosen than they are of. anew: those too."""
        self._anew = self._anew or anew
        project, kept = self._session.project, None if self._anew else self.parts
        self._question += 1
        if project is None:
            self._show([], None, "")
            return
        question, wanted = self._question, self._wanted
        self._reads = True

        def done(answer: "tuple[list[SnapshotRow], CaseParts | None, str]") -> None:
            if question == self._question:
                self._show(*answer)

        def failed(error: Exception) -> None:
            if question == self._question:
                self._reads = False
                self._session.announce_failure(error)

        self._session.run_in_background(lambda: _read(project, wanted, kept), done, failed)

    def _on_project(self) -> None:
        project = self._session.project
        folder = None if project is None else project.folder
        if folder != self._folder:
            self._folder, self._wanted, self.rows, self._then = folder, "", [], None
            self._forget_parts()
        self.read(anew=True)  # the same project may have other cases; until they are known those before stand

    def _forget_parts(self) -> None:
        self.parts, self._why_not = None, ""

    def _show(self, rows: list[SnapshotRow], parts: "CaseParts | None", why_not: str) -> None:
        self._reads = self._anew = False
        others, self.rows = rows != self.rows, rows
        self._why_not = why_not
        moved, self.parts = parts != self.parts, parts
        self._session.set_fact(CHOSEN_FACT, holds=bool(rows))
        if others or not rows:
            self.rows_changed.emit(rows)
        if moved or why_not or not rows:
            self.parts_changed.emit()
        then, self._then = self._then, None
        if then is not None:
            then()


def _read(
    project: "Project", wanted: str, kept: "CaseParts | None"
) -> "tuple[list[SnapshotRow], CaseParts | None, str]":
    rows = snapshot_rows(project.folder)
    ids = [row.id for row in rows]
    shown = wanted if wanted in ids else ids[0] if ids else ""
    if not shown or (kept is not None and kept.snapshot_id == shown):
        return rows, kept if shown else None, ""
    from viewer.project.snapshots.parts import case_parts

    try:
        return rows, case_parts(project, shown), ""
    except AppError as error:  # it costs the parts, not the list
        return rows, None, str(error)
