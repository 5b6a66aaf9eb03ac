"""Whose readings an import brings: names that are one reader's are joined, odd ones said, and their rounds found."""

import unicodedata
from collections.abc import Iterable

from viewer.core.text.counting import counted
from viewer.exchange.importer import SHARED_READING, Outcome, ReadBy
from viewer.exchange.plan_findings import Findings
from viewer.exchange.plan_store import OPENED, PlanStore
from viewer.project.project import Project
from viewer.project.readings import SHARED, SHARED_WORD
from viewer.project.work import Work

_LONGEST_NAME = 80
_SHOWN = 40
# Tables that say whose a row is.
_OF_READERS = ("recorded", "verdicts", "named", "shapes", "answers", "unfinished", "beyond")


def odd_name(name: str) -> str:
    """Why a reader cannot be called so; "" where they can."""
    if not name.isprintable():
        return "it has characters that nobody sees"
    if len(name) > _LONGEST_NAME:
        return f"it has more than {_LONGEST_NAME} letters"
    return "the reading of all is called so" if name.strip().casefold() == SHARED_WORD else ""


def _plain(name: str) -> str:
    """One name for every way of writing its accents and blanks."""
    return " ".join(unicodedata.normalize("NFC", name).split())


class Readers:
    """The readers of one plan's store, against the project."""

    def __init__(self, project: Project, store: PlanStore) -> None:
        self._project = project
        self._store = store
        self._say = Findings(store).say
        self._rounds: dict[int, str | None] = {}

    def settle(self) -> None:
        """Take out what is said under an odd name, and join the ways of writing one name."""
        named = {number: reader for number, reader in self._store.readers().items() if reader and reader.name}
        for number, reader in named.items():
            if why := odd_name(reader.name):
                self._refuse(number, reader.name, why)
        there = dict.fromkeys(one.reader for one in self._project.rounds.all() if one.reader)
        alike: dict[str, dict[str, None]] = {}
        for name in (*there, *(one.name for one in named.values() if not odd_name(one.name))):
            alike.setdefault(_plain(name), {})[name] = None
        for first, *others in alike.values():
            written = [other for other in others if other not in there]
            for other in written:
                self._join(first, other)
        self._differ_in_capitals(alike)

    def round_id(self, number: int) -> str | None:
        """The round of a reader; None where the project has none yet."""
        if number not in self._rounds:
            self._rounds[number] = round_of(self._project, self._store.readers()[number])
        return self._rounds[number]

    def work(self, number: int) -> Work | None:
        """What the project has of a reader; None where that is nothing."""
        round_id = self.round_id(number)
        return None if round_id is None else Work(self._project.database, round_id)

    def _refuse(self, number: int, name: str, why: str) -> None:
        sql = self._store.sql
        count = self._store.number("SELECT COUNT(*) FROM recorded WHERE reader = ?", number)
        sql.execute(
            "INSERT OR IGNORE INTO open (image_id) SELECT image_id FROM recorded JOIN images ON images.name = "
            "recorded.name WHERE reader = ?", (number,),
        )  # fmt: skip
        for table in _OF_READERS:
            sql.execute(f"DELETE FROM {table} WHERE reader = ?", (number,))
        sql.execute("DELETE FROM readers WHERE id = ?", (number,))
        shown = name[:_SHOWN] + "..." * (len(name) > _SHOWN)
        sentence = (
            f"The import names a reader {shown!r}, and nobody can be called so: {why}. What it says under that name of "
            f"{counted(count, 'image')} was left out; correct the name in the file."
        )
        self._say(Outcome.AMBIGUOUS, sentence, rule="a reader's name that is none", count=count)

    def _join(self, first: str, other: str) -> None:
        sql = self._store.sql
        for number, kind, nth in sql.execute(
            "SELECT id, kind, number FROM readers WHERE name = ?", (other,)
        ).fetchall():
            sql.execute("INSERT OR IGNORE INTO readers (name, kind, number) VALUES (?, ?, ?)", (first, kind, nth))
            query = "SELECT id FROM readers WHERE name = ? AND kind = ? AND number = ?"
            into = sql.execute(query, (first, kind, nth)).fetchone()[0]
            for table in _OF_READERS:
                sql.execute(f"UPDATE OR REPLACE {table} SET reader = ? WHERE reader = ?", (into, number))
            sql.execute("DELETE FROM readers WHERE id = ?", (number,))
        sentence = f"The reader {first} is written in two ways (blanks, or accents apart or not); it is one reader."
        self._say(Outcome.GUESSED, sentence, rule="one reader, written in two ways")

    def _differ_in_capitals(self, names: Iterable[str]) -> None:
        by_letters: dict[str, list[str]] = {}
        for name in names:
            by_letters.setdefault(name.casefold(), []).append(name)
        for several in by_letters.values():
            if len(several) > 1:
                sentence = (
                    f"The readers {' and '.join(several)} differ by capitals alone; they stay several readers. Where "
                    "they are one, write the name alike in the file and import it again."
                )
                self._say(Outcome.NOTE, sentence, rule="readers that differ by capitals alone")


def round_of(project: Project, reader: ReadBy | None) -> str | None:
    """The round in which what a reader says is kept; None where there is none yet."""
    if reader is None:
        return project.round_id
    if reader == SHARED_READING or not reader.name:
        return SHARED
    found = project.rounds.find(reader.name, number=reader.number, kind=reader.kind)
    return None if found is None else found.round_id


def rounds_made(project: Project, store: PlanStore) -> dict[int, str]:
    """The round of every reader of the plan, by id; one that is not there yet is made. Raises NotWritable."""
    made = {OPENED: project.round_id}
    for number, reader in store.readers().items():
        if reader is not None:
            there = round_of(project, reader)
            made[number] = (
                project.rounds.of(reader.name, number=reader.number, kind=reader.kind).round_id
                if there is None
                else there
            )
    return made
