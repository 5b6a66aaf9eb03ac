"""Readings: who looked at which case in which round, and how far they are.

A round is one reader's pass over the project: their own, a repeat of it, the first before AI is shown, the consensus
of several, or a second read of some cases. The round with the id "" is shared: everybody works in it, as long as a
project knows no other.
"""

import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select

from viewer.core.case_acts import shown_counts
from viewer.core.errors import BadRequest, NotFound
from viewer.core.shapes.annotations import CaseStatus
from viewer.project.membership import chunks
from viewer.project.revisions import RevisionKind, Touched, raise_revision
from viewer.project.store.database import Database
from viewer.project.store.schema import case_images, images, journal, meta, metadata, readings, rounds
from viewer.project.store.stored_rows import as_stored

SHARED = ""  # the round that all readers share
SHARED_WORD = "shared"  # what a person calls it
COUNTED = tuple(state.value for state in CaseStatus if state.counts)  # as the column `state` has them
DONE = tuple(state.value for state in CaseStatus if state.is_done)
UNREAD = "none"  # the round of a reader who has read nothing yet
EACH_OWN, TOGETHER = "each", "together"  # how a project is read
_RULE_KEY = "readers"
_NOT_OWN = re.compile(
    r"(?P<name>.+), (?P<kind>repeat|first|second)(?: (?P<number>[0-9]{1,4}))?"
)  # as `Round.words` has it
_OF_A_ROUND = [one for one in metadata.sorted_tables if any(key.references(rounds) for key in one.foreign_keys)]
_IN_ORDER = rounds.c.reader, rounds.c.kind, rounds.c.number  # the shared one first


class RoundKind(StrEnum):
    """What a round is for."""

    OWN = "own"
    REPEAT = "repeat"  # the same reader again, to see how steady they are
    FIRST = "first"  # before AI is shown
    CONSENSUS = "consensus"
    SECOND = "second"  # drawn cases once more, to see how far two readings agree; no rule takes it unless it names it


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Who reads in which pass. reader: "" where all do. number: 1 and on."""

    round_id: str
    reader: str
    number: int
    kind: RoundKind

    @property
    def words(self) -> str:
        """What a list calls it, and whoever asks for it: "Ada", "Ada, repeat 2", "shared"; see `asked_round`."""
        if self.round_id == SHARED:
            return "shared"
        said = [self.reader]
        if self.kind is not RoundKind.OWN:
            said.append(self.kind.value)
        words = ", ".join(said)
        return words if self.number == 1 else f"{words} {self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One case in one round. comment: why it was returned. revealed: when AI was shown of it there, "" never, or not
    kept."""

    case_id: str
    round_id: str
    state: CaseStatus
    comment: str
    revealed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRound:
    """A reader's pass, whether there is one already or not. name: "" where nobody is named."""

    name: str
    kind: RoundKind = RoundKind.OWN
    number: int = 1


def asked_round(words: str) -> AskedRound:
    """The pass that words name: a reader's own by their name, "Ada, first" and "Ada, repeat 2" by what it is for."""
    found = _NOT_OWN.fullmatch(words)
    if found is None:
        return AskedRound(name=words)
    return AskedRound(name=found["name"], kind=RoundKind(found["kind"]), number=int(found["number"] or 1))


def read_states(connection: Connection, case_ids: Sequence[str], round_id: str) -> dict[str, CaseStatus]:
    """How far each of these cases is in a round; one that is not there is still to do."""
    found: dict[str, CaseStatus] = {}
    for some in chunks(list(dict.fromkeys(case_ids))):
        query = select(readings).where(readings.c.case_id.in_(some), readings.c.round_id == round_id)
        found |= {row.case_id: reading_of(row).state for row in connection.execute(query)}
    return found


def reading_of(row: Row[Any]) -> Reading:
    """A row of `readings`."""
    with as_stored(f"The reading of the case {row.case_id}"):
        return Reading(
            case_id=row.case_id, round_id=row.round_id, state=CaseStatus(row.state), comment=row.comment,
            revealed=row.revealed,
        )  # fmt: skip


def readings_of_round(database: Database, round_id: str) -> dict[str, Reading]:
    """Every case that has begun in a round, by case."""
    with database.reading() as connection:
        rows = connection.execute(select(readings).where(readings.c.round_id == round_id))
        return {row.case_id: reading_of(row) for row in rows}


def returned_by(database: Database, case_id: str, round_id: str) -> tuple[str, str]:
    """(who returned a case last, when in ISO 8601), from the journal; empty where it knows none."""
    query = select(journal.c.author, journal.c.time, journal.c.changes).where(
        journal.c.state == "done", journal.c.round_id == round_id,
        journal.c.changes.contains(f'"after":"{CaseStatus.RETURNED.value}"', autoescape=True),
        journal.c.changes.contains(case_id, autoescape=True),
    )  # fmt: skip
    with database.reading() as connection, as_stored("The journal"):
        for author, time, changes in connection.execute(query.order_by(journal.c.edit_id.desc())):
            for change in json.loads(changes):
                if change.get("case_id") == case_id and change["after"] == CaseStatus.RETURNED.value:
                    return author, time
    return "", ""


def how_read(database: Database) -> str:
    """Whether readers work together in one reading of each case, or each in their own."""
    return EACH_OWN if database.facts().get(_RULE_KEY) == EACH_OWN else TOGETHER


def is_said_together(database: Database) -> bool:
    """Whether somebody has said that all work together: then nobody's own reading is waited for, nor kept from others.

    Of a project where nobody has said how it is read, readers may still be at theirs.
    """
    return database.facts().get(_RULE_KEY) == TOGETHER


class Rounds:
    """Which rounds a project knows, and how far each is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Round]:
        """Every round, the shared one first, then by reader."""
        with self._database.reading() as connection:
            return [_round_of(row) for row in connection.execute(select(rounds).order_by(*_IN_ORDER))]

    def get(self, round_id: str) -> Round:
        """One round. Raises NotFound."""
        with self._database.reading() as connection:
            row = connection.execute(select(rounds).where(rounds.c.round_id == round_id)).one_or_none()
        if row is None:
            raise NotFound(f"There is no round {round_id} in this project.")
        return _round_of(row)

    def find(self, reader: str, *, number: int = 1, kind: RoundKind = RoundKind.OWN) -> Round | None:
        """The round of a reader; None where there is none yet."""
        with self._database.reading() as connection:
            return _find(connection, reader, number, kind)

    def of(self, reader: str, *, number: int = 1, kind: RoundKind = RoundKind.OWN) -> Round:
        """The round of a reader, made where there is none yet. Raises BadRequest without a name, NotWritable."""
        if not reader.strip():
            raise BadRequest("A round of one's own needs the name of its reader.")
        if number < 1:
            raise BadRequest(f"Rounds are counted from 1, so there is no round {number}.")
        found = self.find(reader, number=number, kind=kind)
        if found is not None:
            return found
        with self._database.writing() as connection:
            found = _find(connection, reader, number, kind)  # another process may have made it meanwhile
            if found is None:
                found = Round(round_id=secrets.token_hex(8), reader=reader, number=number, kind=kind)
                connection.execute(
                    rounds.insert().values(
                        round_id=found.round_id, reader=reader, number=number, kind=kind.value
                    )
                )  # fmt: skip
                raise_revision(connection, RevisionKind.ROUND, Touched())
        return found

    def begun(self) -> list[Round]:
        """The shared round and every other in which anything stands or was done: not that of a name opened by mistake.

        What was imported into a round stands there, though its reader did nothing here.
        """
        stands = [select(table.c.round_id).where(table.c.round_id == rounds.c.round_id) for table in _OF_A_ROUND]
        done = select(journal.c.edit_id).where(
            journal.c.author == rounds.c.reader, journal.c.round_id == rounds.c.round_id
        )
        kept = or_(*(one.exists() for one in (*stands, done)))
        query = select(rounds).where((rounds.c.round_id == SHARED) | kept)
        with self._database.reading() as connection:
            return [_round_of(row) for row in connection.execute(query.order_by(*_IN_ORDER))]

    def authors(self) -> list[str]:
        """Everybody by whose name anything was done, in any reading."""
        with self._database.reading() as connection:
            return list(connection.scalars(select(journal.c.author).distinct().order_by(journal.c.author)))

    def read_by(self, how: str) -> None:
        """Say how the project is read from now on: EACH_OWN or TOGETHER. What was said stays where it is.

        Raises BadRequest, NotWritable.
        """
        if how not in (EACH_OWN, TOGETHER):
            raise BadRequest(f"A project is read {EACH_OWN} or {TOGETHER}, not {how}.")
        with self._database.writing() as connection:
            connection.execute(meta.delete().where(meta.c.key == _RULE_KEY))
            connection.execute(meta.insert().values(key=_RULE_KEY, value=how))
            raise_revision(connection, RevisionKind.ROUND, Touched())

    def chosen(self, reader: str, author: str) -> str:
        """The round to work in. reader: who reads on their own (see `asked_round`), SHARED_WORD for all together, "" as
        the project says.

        author: who works, where the project says that each reads on their own. A round that there is not yet is made,
        where the project can be written to; else it is UNREAD, in which nothing is said.
        """
        if reader == SHARED_WORD or (not reader and how_read(self._database) == TOGETHER):
            return SHARED
        asked = asked_round(reader) if reader else AskedRound(name=author)
        look = self.of if self._database.writable else self.find
        found = look(asked.name, number=asked.number, kind=asked.kind)
        return UNREAD if found is None else found.round_id

    def reveal(self, case_id: str, round_id: str, time: str) -> bool:
        """Keep when AI was shown of a case in a round, the first time only; whether this was it. Raises NotWritable.

        No gesture, and nothing takes it back: it has been seen.
        """
        here = (readings.c.case_id == case_id) & (readings.c.round_id == round_id)
        with self._database.writing() as connection:
            if not connection.execute(
                readings.update().where(here, readings.c.revealed == "").values(revealed=time)
            ).rowcount:
                if connection.execute(select(readings.c.case_id).where(here)).first() is not None:
                    return False
                row = {"case_id": case_id, "round_id": round_id, "state": CaseStatus.TO_DO.value, "revealed": time}
                connection.execute(readings.insert().values(**row))
            raise_revision(connection, RevisionKind.REVEALED, Touched(case_ids=(case_id,)))
        return True

    def revealed(self) -> dict[str, int]:
        """Of how many cases AI was shown, by round; of none it is not there."""
        query = select(readings.c.round_id, func.count().label("cases")).where(readings.c.revealed != "")
        query = query.group_by(readings.c.round_id)
        with self._database.reading() as connection:
            return {row.round_id: row.cases for row in connection.execute(query)}

    def states(self, case_ids: Sequence[str]) -> dict[str, dict[str, CaseStatus]]:
        """How far each of these cases is, by case and round; what is still to do is not there."""
        found: dict[str, dict[str, CaseStatus]] = {}
        with self._database.reading() as connection:
            for some in chunks(case_ids):
                for row in connection.execute(select(readings).where(readings.c.case_id.in_(some))):
                    reading = reading_of(row)
                    found.setdefault(reading.case_id, {})[reading.round_id] = reading.state
        return found

    def progress(self) -> dict[str, dict[CaseStatus, int]]:
        """How many cases of the project have each state, by round; see `shown_counts`."""
        inside = (
            select(case_images.c.case_id)
            .join(images, images.c.image_id == case_images.c.image_id)
            .where(~images.c.taken_out)
            .distinct()
        )
        with self._database.reading() as connection:
            there = set(connection.scalars(inside))
            begun = [reading_of(row) for row in connection.execute(select(readings))]
        counts = {one.round_id: dict.fromkeys(CaseStatus, 0) for one in self.all()}
        for reading in begun:
            if reading.case_id in there:
                counts[reading.round_id][reading.state] += 1
        for states in counts.values():
            states[CaseStatus.TO_DO] = len(there) - sum(
                count for state, count in states.items() if state is not CaseStatus.TO_DO
            )
        return {round_id: shown_counts(states) for round_id, states in counts.items()}


def _find(connection: Connection, reader: str, number: int, kind: RoundKind) -> Round | None:
    query = select(rounds).where(rounds.c.reader == reader, rounds.c.number == number, rounds.c.kind == kind.value)
    row = connection.execute(query).one_or_none()
    return None if row is None else _round_of(row)


def _round_of(row: Row[Any]) -> Round:
    with as_stored(f"The round {row.round_id}"):
        return Round(round_id=row.round_id, reader=row.reader, number=row.number, kind=RoundKind(row.kind))
