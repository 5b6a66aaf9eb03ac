"""Whose work an export or a list takes where several have read: one reading, what a rule takes, or each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

from sqlalchemy import select

from viewer.core.errors import BadRequest
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import Annotation, CaseStatus, Measurement
from viewer.core.text.counting import counted_are
from viewer.core.values import Target, TargetKind, Value
from viewer.project.combining import AGREED, READER, RULES, Combined, rule_words
from viewer.project.in_batches import (
    WorkCounts,
    count_work,
    measured_on,
    readings_in_batches,
    records_in_batches,
)
from viewer.project.lists.beyond import NOTHING, Beyond, targets_of
from viewer.project.lists.combined_planes import CombinedPlanes, OnPlanes
from viewer.project.lists.wider_cases import WiderCases
from viewer.project.membership import chunks
from viewer.project.project import Project
from viewer.project.readings import SHARED, Round
from viewer.project.records import CaseRow, ImageRecord
from viewer.project.store.schema import annotations, answers, measurements, readings

EACH = "each"  # no rule: every reading, with the name of its reader
_NAMES = (*RULES, f"{READER}NAME", EACH)
LIST_RULES = ", ".join(_NAMES[:-1])
RULE_NAMES = ", ".join(_NAMES)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenReading:
    """What one reading says of an image, or what a rule takes of all of them.

    reader: whose it is; None where none is named. status: how far the case is there. differ: the labels of
    which readers say different things, so that nothing of them stands. answers: what is said of the image beside its
    labels, by the question; of_objects: of each object on it, by key. beyond: what is written with this image though it
    is of its series, its study or its patient.
    """

    status: CaseStatus
    annotations: tuple[Annotation, ...] = ()
    verdicts: Mapping[str, Verdict]
    measurements: tuple[Measurement, ...] = ()
    answers: Mapping[str, Value] = field(default_factory=dict)
    of_objects: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    reader: Round | None = None
    differ: frozenset[str] = frozenset()
    beyond: Beyond = NOTHING

    @property
    def answered(self) -> int:
        """How many answers it has."""
        return len(self.answers) + sum(map(len, self.of_objects.values())) + self.beyond.answered


Read = tuple[ImageRecord, tuple[TakenReading, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnThrough:
    """The labels of what is drawn on planes through an image's series. labels: what stands. differ: what is unknown."""

    labels: frozenset[str] = frozenset()
    differ: frozenset[str] = frozenset()


class ReadingsTaken(Protocol):
    """What is taken. rule: as it is typed, "" where one reading is written as it stands. words: for a person."""

    rule: str
    words: str

    @property
    def round_ids(self) -> Sequence[str]:
        """Every round of which something is taken."""

    def complete(self) -> frozenset[str]:
        """The cases that count, in one of the readings at least."""

    def of(self, image_ids: Sequence[str]) -> Iterator[Read]:
        """These images in this order with what is taken of them, in bounded memory."""

    def with_beyond(
        self, record: ImageRecord, found: tuple[TakenReading, ...], said: Mapping[str, Beyond]
    ) -> tuple[TakenReading, ...]:
        """An image's readings with what each says beyond it. said: by round."""

    def drawn_through(self, record: ImageRecord, labels: frozenset[str]) -> "DrawnThrough":
        """What is taken of what is drawn on planes through an image's series. labels: all that is drawn there."""

    def counts(self, image_ids: Sequence[str]) -> WorkCounts:
        """How much that is."""


class OneReading:
    """The project's own round as it stands, unfinished cases too."""

    rule = ""  # none is needed

    def __init__(self, project: Project) -> None:
        self._project = project
        whose = f"of {project.reader}" if project.reader else "of all"
        self.words = f"the reading {whose} as it stands" if others_have_read(project) else ""

    @property
    def round_ids(self) -> Sequence[str]:
        """That of the project as it is open."""
        return [self._project.round_id]

    def rows(self, rows: Sequence[CaseRow]) -> list[CaseRow]:
        """Cases as far as they are in it, which is how a project lists them."""
        return list(rows)

    def complete(self) -> frozenset[str]:
        """Those that are complete or approved in it."""
        return frozenset(row.case_id for row in self._project.cases.all() if row.status.counts)

    def of(self, image_ids: Sequence[str]) -> Iterator[Read]:
        """See `ReadingsTaken`."""
        for record, found in readings_in_batches(self._project, image_ids, self.round_ids):
            work = found[self._project.round_id]
            yield record, (
                TakenReading(
                    status=work.status, annotations=work.annotations, verdicts=work.image_labels,
                    measurements=work.measurements, answers=work.answers, of_objects=work.of_objects,
                ),
            )  # fmt: skip

    def with_beyond(
        self, record: ImageRecord, found: tuple[TakenReading, ...], said: Mapping[str, Beyond]
    ) -> tuple[TakenReading, ...]:
        """See `ReadingsTaken`."""
        return tuple(replace(one, beyond=said.get(self._project.round_id, NOTHING)) for one in found)

    def drawn_through(self, record: ImageRecord, labels: frozenset[str]) -> DrawnThrough:
        """See `ReadingsTaken`."""
        return DrawnThrough(labels=labels)

    def counts(self, image_ids: Sequence[str]) -> WorkCounts:
        """See `ReadingsTaken`."""
        return count_work(self._project, image_ids, self.round_ids)


class ByRule:
    """What a rule takes of the readings that count; of a case without one nothing, and so it stays open."""

    def __init__(self, project: Project, rule: str) -> None:
        self.rule = rule
        self.words = rule_words(rule)
        self._project = project
        self._combined = Combined(project, rule)
        self._wider = WiderCases(project)

    @cached_property
    def planes(self) -> CombinedPlanes:
        """What stands of what is drawn on planes."""
        return CombinedPlanes(self._project, self._combined)

    def rounds_through(self, target: Target) -> tuple[Round, ...]:
        """The rounds that count for what is said of a series, a study or a patient."""
        return self._combined.rounds_of(*self._wider.of(target))

    @property
    def round_ids(self) -> Sequence[str]:
        """See `ReadingsTaken`."""
        return self._combined.round_ids

    def rows(self, rows: Sequence[CaseRow]) -> list[CaseRow]:
        """Cases as far as they are by the rule."""
        found = [(row, self._combined.state(row.case_id)) for row in rows]
        return [row if status is row.status else replace(row, status=status, comment="") for row, status in found]

    def complete(self) -> frozenset[str]:
        """Those of which a reading counts."""
        return frozenset(self._combined.complete)

    def of(self, image_ids: Sequence[str]) -> Iterator[Read]:
        """See `ReadingsTaken`."""
        for some in chunks(image_ids):
            measured = measured_on(self._project.database, some, self.round_ids)
            for record in self._combined.ahead(records_in_batches(self._project, some)):
                said = self._combined.said(record)
                rounds = {one.round_id for one in self._combined.rounds_of(record.case_id)}
                yield record, (
                    TakenReading(
                        status=self._combined.state(record.case_id), annotations=said.annotations,
                        verdicts=said.image_labels, differ=said.differ, answers=said.answers,
                        of_objects=said.of_objects,
                        measurements=tuple(one for one in measured[record.image_id] if one.round_id in rounds),
                    ),
                )  # fmt: skip

    def with_beyond(
        self, record: ImageRecord, found: tuple[TakenReading, ...], said: Mapping[str, Beyond]
    ) -> tuple[TakenReading, ...]:
        """See `ReadingsTaken`. Of several readers what is said or drawn stands where the rule lets it, as on an image.
        Asked are those who count for any case of the series, the study or the patient; it is written with an image of a
        case that counts."""
        if not self._combined.rounds_of(record.case_id):
            return found
        stands: dict[TargetKind, Mapping[str, Value]] = {}
        measured: tuple[Measurement, ...] = ()
        differ: frozenset[str] = frozenset()
        for kind, target in targets_of(record).items():
            taken = [said.get(one.round_id, NOTHING) for one in self.rounds_through(target)]
            if any(kind in one.answers for one in taken):
                stands[kind], unlike = self._combined.answers_settled([one.answers.get(kind, {}) for one in taken])
                differ |= unlike
            if kind is TargetKind.SERIES:
                measured = tuple(line for one in taken for line in one.measured)
        planes = self.planes.through(record.series_id) if any(one.drawn for one in said.values()) else OnPlanes()
        beyond = Beyond(answers=stands, measured=measured, drawn=planes.drawn, of_objects=planes.of_objects)
        return tuple(replace(one, beyond=beyond, differ=one.differ | differ | planes.differ) for one in found)

    def drawn_through(self, record: ImageRecord, labels: frozenset[str]) -> DrawnThrough:
        """See `ReadingsTaken`."""
        planes = self.planes.through(record.series_id) if labels else OnPlanes()
        return DrawnThrough(labels=planes.labels, differ=planes.unknown)

    def counts(self, image_ids: Sequence[str]) -> WorkCounts:
        """See `ReadingsTaken`."""
        found = [one for _, several in self.of(image_ids) for one in several]
        return WorkCounts(
            annotations=sum(len(one.annotations) for one in found),
            image_labels=sum(len(one.verdicts) for one in found),
            measurements=sum(len(one.measurements) for one in found),
        )


class EachReading:
    """Every reading that has begun an image's case, with its reader; the shared one where none has."""

    rule = EACH
    words = "each reading, with the name of its reader"

    def __init__(self, project: Project) -> None:
        self._project = project
        self._rounds = {one.round_id: one for one in project.rounds.all()}

    @property
    def round_ids(self) -> Sequence[str]:
        """All there are."""
        return list(self._rounds)

    def complete(self) -> frozenset[str]:
        """See `ReadingsTaken`."""
        states = self._project.rounds.states([row.case_id for row in self._project.cases.all()])
        return frozenset(case_id for case_id, of in states.items() if any(state.counts for state in of.values()))

    def of(self, image_ids: Sequence[str]) -> Iterator[Read]:
        """See `ReadingsTaken`."""
        for record, found in readings_in_batches(self._project, image_ids, self.round_ids):
            begun = [round_id for round_id, work in found.items() if work.is_begun] or [SHARED]
            yield record, tuple(
                TakenReading(
                    status=found[one].status, annotations=found[one].annotations, verdicts=found[one].image_labels,
                    measurements=found[one].measurements, reader=self._rounds[one], answers=found[one].answers,
                    of_objects=found[one].of_objects,
                )
                for one in begun
            )  # fmt: skip

    def with_beyond(
        self, record: ImageRecord, found: tuple[TakenReading, ...], said: Mapping[str, Beyond]
    ) -> tuple[TakenReading, ...]:
        """See `ReadingsTaken`. Of a reader who has not begun the image's case there is a reading all the same."""
        there = {one.reader.round_id: one for one in found if one.reader is not None}
        for round_id in said:
            if round_id not in there:
                there[round_id] = TakenReading(
                    status=CaseStatus.TO_DO, verdicts={}, reader=self._rounds[round_id]
                )  # fmt: skip
        return tuple(replace(one, beyond=said.get(round_id, NOTHING)) for round_id, one in there.items())

    def drawn_through(self, record: ImageRecord, labels: frozenset[str]) -> DrawnThrough:
        """See `ReadingsTaken`."""
        return DrawnThrough(labels=labels)

    def counts(self, image_ids: Sequence[str]) -> WorkCounts:
        """See `ReadingsTaken`."""
        return count_work(self._project, image_ids, self.round_ids)


def readings_taken(project: Project, rule: str, *, as_opened: bool = False) -> ReadingsTaken:
    """What an export takes by a rule that was typed; without one ("") the reading that a reader has open.

    as_opened: a person named the reading that is open, so that is it, also the shared one beside others.

    Where all work in one reading that is it, and where others have read beside it, what they say alike: readers who
    differ are unknown, never the last one. Raises UnknownName for a rule that is none, BadRequest for a reader who
    has read nothing.
    """
    if rule == EACH:
        return EachReading(project)
    if not rule:
        if as_opened or project.reader or not others_have_read(project):
            return OneReading(project)
        rule = AGREED
    taken = ByRule(project, rule)
    if rule.startswith(READER):
        names = sorted({one.reader for one in project.rounds.all() if one.reader})
        if rule.removeprefix(READER) not in names:
            have = f"there are {', '.join(names)}" if names else "there is none"
            raise BadRequest(f"Nobody reads this project as {rule.removeprefix(READER)}; {have}.")
    return taken


def listed(project: Project, rule: str, *, as_opened: bool = False) -> OneReading | ByRule:
    """What a list or a count takes, by a rule that was typed or without one, as `readings_taken`."""
    taken = readings_taken(project, rule, as_opened=as_opened)
    if isinstance(taken, OneReading | ByRule):
        return taken
    raise BadRequest(f"A list says one thing of each case, so it takes {LIST_RULES}, not {rule}.")


def others_have_read(project: Project) -> bool:
    """Whether somebody has said something, or how far a case is, in a reading of their own."""
    with project.database.reading() as connection:
        for table in (readings, annotations, answers, measurements):
            if connection.execute(select(table.c.round_id).where(table.c.round_id != SHARED).limit(1)).first():
                return True
    return False


class ReadingsSaid:
    """Counts, image by image, what a rule leaves unknown."""

    def __init__(self, taken: ReadingsTaken) -> None:
        self._taken = taken
        self._differ: dict[str, None] = {}
        self._images = self._unfinished = 0

    def see(self, readings_of_image: Sequence[TakenReading]) -> None:
        """Count one image's."""
        if self._taken.rule in ("", EACH):
            return
        differ = [label for one in readings_of_image for label in sorted(one.differ)]
        self._differ |= dict.fromkeys(differ)
        self._images += bool(differ)
        self._unfinished += not any(one.status.counts for one in readings_of_image)

    def sentences(self) -> list[str]:
        """What there was of it."""
        said = []
        if self._images:
            labels, others = ", ".join(self._differ), ", ".join(one for one in _NAMES if one != self._taken.rule)
            said.append(
                f"{counted_are(self._images, 'image')} without what readers differ in ({labels}), which is unknown by "
                f"the rule {self._taken.rule}; the other rules are {others}."
            )
        if self._unfinished:
            said.append(
                f"{counted_are(self._unfinished, 'image')} without labels and shapes: no reading of the case that the "
                f"rule {self._taken.rule} takes is complete."
            )
        return said
