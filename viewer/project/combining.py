"""What several readers say of an image, taken together by a named rule: for snapshots, exports and counts.

A rule is one row of RULES. Without one ("agreed") readers who differ are "unknown", never the last of them. Of a reader
the newest round counts that is complete or approved; such a consensus settles what readers differ in.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

from sqlalchemy import select

from viewer.core.attributes import NUMBER_SCOPE
from viewer.core.errors import UnknownName
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import Annotation, CaseStatus
from viewer.core.shapes.region_overlap import SAME_PLACE, shared_part
from viewer.core.values import Quantity, TargetKind, Value
from viewer.project.answers import answers_in, answers_of_shapes
from viewer.project.in_batches import pieces
from viewer.project.membership import chunks
from viewer.project.project import Project
from viewer.project.readings import SHARED, Round, RoundKind
from viewer.project.records import ImageRecord
from viewer.project.state import annotation_of, shapes_drawn, verdict_of
from viewer.project.store.schema import annotations, image_labels

AGREED = "agreed"
SHARED_ALONE = "shared"
READER = "reader:"  # how the rule that takes one reader begins
_ORDER = {RoundKind.FIRST: 0, RoundKind.OWN: 1, RoundKind.REPEAT: 2, RoundKind.CONSENSUS: 3, RoundKind.SECOND: 4}

Verdicts = Mapping[str, Verdict]
NUMBER = NUMBER_SCOPE  # the scope of what the catalogue asks of an image beside its labels: numbers, choices, texts
Stands = TypeVar("Stands")


class Settles(Protocol):
    """What of several answers to one question stands; None where nothing does, and where a reader said none."""

    def __call__(self, said: Sequence[Stands | None], /) -> Stands | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What stands of an image. answers: to what the catalogue asks of it, by the question. of_objects: the same
    of the objects that its shapes are of, by key. differ: the labels and
    questions of which readers say different things, so nothing stands."""

    annotations: tuple[Annotation, ...] = ()
    image_labels: Verdicts = field(default_factory=dict)
    answers: Mapping[str, Value] = field(default_factory=dict)
    of_objects: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    differ: frozenset[str] = frozenset()

    @property
    def numbers(self) -> dict[str, float]:
        """The answers that are numbers, each in the unit that its attribute declares."""
        return {name: said.number for name, said in self.answers.items() if isinstance(said, Quantity)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """words: for a list and a card. settled: a complete consensus stands for all readers. answer: one label's verdicts,
    None where a reader said none, to what stands. value: the same of what is answered to a question. there: whether an
    object is that so many of so many readers have found; None where that is not known."""

    words: str
    settled: bool
    answer: Callable[[Sequence[Verdict | None]], Verdict | None]
    value: Settles
    there: Callable[[int, int], bool | None]


def _alike(said: Sequence[Stands | None]) -> Stands | None:
    return said[0] if len(set(said)) == 1 else None


def _most(said: Sequence[Stands | None]) -> Stands | None:
    settled, count = Counter(said).most_common(1)[0]
    return settled if 2 * count > len(said) else None


def _same(said: Sequence[Stands | None]) -> Stands | None:
    """What those say who say something, if they say the same: no number is more of a yes than another."""
    return _alike([one for one in said if one is not None])


def _any(said: Sequence[Verdict | None]) -> Verdict | None:
    order = (Verdict.YES, Verdict.UNCERTAIN, Verdict.NO, Verdict.NOT_ASSESSED)
    return next((verdict for verdict in order if verdict in said), None)


def _all(found: int, readers: int) -> bool | None:
    return True if found == readers else None


def _more_than_half(found: int, readers: int) -> bool | None:
    return None if 2 * found == readers else 2 * found > readers


def _one(found: int, readers: int) -> bool | None:
    return found > 0


RULES: dict[str, Rule] = {
    AGREED: Rule(words="what all readers say alike", settled=True, answer=_alike, value=_alike, there=_all),
    "majority": Rule(
        words="what more than half of the readers say", settled=True, answer=_most, value=_most, there=_more_than_half
    ),
    "union": Rule(words="what any of the readers says", settled=False, answer=_any, value=_same, there=_one),
    SHARED_ALONE: Rule(words="the shared reading alone", settled=True, answer=_alike, value=_alike, there=_all),
}  # fmt: skip


def rule_words(name: str) -> str:
    """What a rule takes, in words. Raises UnknownName with the rules there are."""
    if name.startswith(READER) and name != READER:
        return f"what {name.removeprefix(READER)} says"
    if name not in RULES:
        names = ", ".join([*RULES, f"{READER}NAME"])
        raise UnknownName(f"There is no rule {name} for what to take of several readers; there are {names}.")
    return RULES[name].words


def settled_words(name: str) -> str:
    """That the shared reading stands for all readers, as a sentence; "" where a rule does not take it so."""
    rule = RULES.get(name)
    if rule is None or not rule.settled or name == SHARED_ALONE:
        return ""
    return "Where the shared reading of a case is complete, it stands for all readers, whatever one of them says."


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfOne:
    """What one reader said of an image."""

    drawn: list[Annotation] = field(default_factory=list)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    answers: dict[str, Value] = field(default_factory=dict)
    of_objects: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)


def _of_drawn(one: _OfOne, of_shapes: Mapping[str, Mapping[str, Value]]) -> dict[str, Mapping[str, Value]]:
    return {shape.object_key: of_shapes[shape.object_key] for shape in one.drawn if shape.object_key in of_shapes}


_NONE: frozenset[str] = frozenset()


class Combined:
    """A project as a rule takes it. Cases of which no reading counts are not complete."""

    def __init__(self, project: Project, name: str = AGREED) -> None:
        rule_words(name)
        self._name = name
        self._rule = RULES.get(name, RULES[AGREED])
        self._rounds = {one.round_id: one for one in project.rounds.all()}
        self._database = project.database
        self._held: dict[tuple[str, str], _OfOne] = {}  # by round and image
        # Of what nobody declared, the unit may differ from image to image.
        self._asked = {one.question for one in project.attributes if one.target is TargetKind.IMAGE}
        self._states = project.rounds.states([case.case_id for case in project.cases.all()])
        self._taken = {case_id: self._taken_of(by_round) for case_id, by_round in self._states.items()}

    @property
    def complete(self) -> set[str]:
        """The cases that are complete: in a reading that counts."""
        return {case_id for case_id, taken in self._taken.items() if taken}

    @property
    def round_ids(self) -> list[str]:
        """Every round that counts somewhere."""
        return sorted({one.round_id for taken in self._taken.values() for one in taken})

    def held_up(self, case_id: str) -> CaseStatus | None:
        """Needs review or returned, where that is why no reading of a case counts."""
        if self._taken.get(case_id):
            return None
        states = [state for one, state in self._states.get(case_id, {}).items() if self._asks(self._rounds[one])]
        return next((state for state in (CaseStatus.NEEDS_REVIEW, CaseStatus.RETURNED) if state in states), None)

    def state(self, case_id: str) -> CaseStatus:
        """How far a case is by the rule: complete where a reading counts, approved where all that count are."""
        states = {
            one: state for one, state in self._states.get(case_id, {}).items() if self._asks(self._rounds[one])
        }  # fmt: skip
        counting = {states[one.round_id] for one in self.rounds_of(case_id)}
        if counting:
            return CaseStatus.APPROVED if counting == {CaseStatus.APPROVED} else CaseStatus.COMPLETE
        begun = any(state is not CaseStatus.TO_DO for state in states.values())
        return self.held_up(case_id) or (CaseStatus.IN_PROGRESS if begun else CaseStatus.TO_DO)

    def _asks(self, one: Round) -> bool:
        """Whether the rule asks what is said in a round. A second read is asked by its own name alone."""
        if one.kind is RoundKind.SECOND:
            return self._name == READER + one.words
        if self._name.startswith(READER):
            return one.reader == self._name.removeprefix(READER)
        return self._name != SHARED_ALONE or one.round_id == SHARED

    def rounds_of(self, *case_ids: str) -> tuple[Round, ...]:
        """The rounds that count for a case; for what is of several, those that count for any of them."""
        if len(case_ids) == 1:
            return self._taken.get(case_ids[0], ())
        found = {one.round_id: one for case_id in case_ids for one in self._taken.get(case_id, ())}
        return tuple(sorted(found.values(), key=lambda one: (one.reader, _ORDER[one.kind], one.number)))

    def is_there(self, found: int, readers: int) -> bool | None:
        """Whether an object is that so many of so many readers have found; None where that is not known."""
        return self._rule.there(found, readers)

    def ahead(self, records: Iterable[ImageRecord], scope: str = "") -> Iterator[ImageRecord]:
        """These images in this order; what `said` needs of them is read for many at a time, in bounded memory.

        scope: of what alone `said` is asked then; see there.
        """
        of = {record.image_id: record for record in records}
        round_ids = self.round_ids
        heavy = scope in ("", "region")
        several = pieces(self._database, list(of), round_ids) if heavy else chunks(list(of))
        for some in several:
            self._held = self._read(some, round_ids, scope)
            yield from (of[image_id] for image_id in some)
        self._held = {}

    def said(self, record: ImageRecord, scope: str = "") -> Said:
        """What stands of an image of a complete case. scope: "region", "image" or NUMBER, of which labels or questions;
        "" of all."""
        round_ids = [one.round_id for one in self.rounds_of(record.case_id)]
        keys = [(round_id, record.image_id) for round_id in round_ids]
        held = self._held if all(key in self._held for key in keys) else self._read([record.image_id], round_ids, scope)
        taken = [held[key] for key in keys]
        if len(taken) < 2:
            one = taken[0] if taken else _OfOne()
            return Said(
                annotations=tuple(one.drawn), image_labels=one.verdicts, answers=one.answers, of_objects=one.of_objects
            )
        labels, differ = self._settled([one.verdicts for one in taken], self._rule.answer)
        answers, unlike = self._settled([one.answers for one in taken], self._rule.value)  # type: ignore[arg-type]  # a union is one type
        shapes, of_objects, apart = self._shapes(taken, record) if scope in ("", "region") else ((), {}, _NONE)
        return Said(
            annotations=shapes, image_labels=labels, answers=answers, of_objects=of_objects,
            differ=differ | apart | unlike,
        )  # fmt: skip

    def _read(self, image_ids: Sequence[str], round_ids: Sequence[str], scope: str) -> dict[tuple[str, str], "_OfOne"]:
        """By round and image, what of it is asked for; the rest stays empty."""
        found = {(round_id, image_id): _OfOne() for round_id in round_ids for image_id in image_ids}
        shapes = shapes_drawn(annotations.c.image_id.in_(image_ids), annotations.c.round_id.in_(round_ids))
        verdicts = select(image_labels).where(
            image_labels.c.image_id.in_(image_ids), image_labels.c.round_id.in_(round_ids)
        )
        with self._database.reading() as connection:
            for row in connection.execute(shapes) if scope in ("", "region") else ():
                found[row.round_id, row.image_id].drawn.append(annotation_of(row))
            for row in connection.execute(verdicts) if scope in ("", "image") else ():
                found[row.round_id, row.image_id].verdicts[row.label] = verdict_of(row)
            if scope in ("", NUMBER):
                for round_id, of in answers_in(connection, TargetKind.IMAGE, image_ids, round_ids).items():
                    for target, said in of.items():
                        asked = {name: value for name, value in said.items() if name in self._asked}
                        found[round_id, target.target_id].answers.update(asked)
            if not scope:
                drawn = [shape for one in found.values() for shape in one.drawn]
                of_shapes = answers_of_shapes(connection, drawn, round_ids)
                found = {
                    key: replace(one, of_objects=_of_drawn(one, of_shapes[key[0]])) for key, one in found.items()
                }  # fmt: skip
        return found

    def answers_settled(self, said: Sequence[Mapping[str, Value]]) -> tuple[dict[str, Value], frozenset[str]]:
        """(What stands of what the readers who count answered, the questions in which they differ)."""
        if len(said) < 2:
            return dict(said[0]) if said else {}, _NONE
        return self._settled(said, self._rule.value)  # type: ignore[arg-type]  # a union is one type

    @staticmethod
    def _settled(
        said: Sequence[Mapping[str, Stands]], rule: Callable[[Sequence[Stands | None]], Stands | None]
    ) -> tuple[dict[str, Stands], frozenset[str]]:
        stands: dict[str, Stands] = {}
        differ: set[str] = set()
        for name in dict.fromkeys(name for one in said for name in one):
            settled = rule([one.get(name) for one in said])
            if settled is None:
                differ.add(name)
            else:
                stands[name] = settled
        return stands, frozenset(differ)

    def _shapes(
        self, taken: Sequence[_OfOne], record: ImageRecord
    ) -> tuple[tuple[Annotation, ...], dict[str, Mapping[str, Value]], frozenset[str]]:
        """(the shapes that stand, what is said of their objects, the labels and questions that readers differ in)."""

        def shared(one: Annotation, other: Annotation) -> float:
            return shared_part(one.shape, other.shape, record.rows, record.cols)

        several = same_objects([one.drawn for one in taken], shared)
        objects = [(found[0], self._rule.there(len(found), len(taken))) for found in several]
        # What is not known of one object is not known of its label: the rest would say that nothing else is there.
        unknown = frozenset(shape.label for shape, there in objects if there is None)
        stand = tuple(shape for shape, there in objects if there and shape.label not in unknown)
        said: dict[str, Mapping[str, Value]] = {}
        apart: frozenset[str] = _NONE
        for found in several:
            of = [one.of_objects.get(shape.object_key, {}) for one in taken for shape in found if shape in one.drawn]
            if found[0] in stand and any(of):
                said[found[0].object_key], unlike = self._settled(of, self._rule.value)  # type: ignore[arg-type]  # as above
                apart |= unlike
        return stand, said, unknown | apart

    def _taken_of(self, states: Mapping[str, CaseStatus]) -> tuple[Round, ...]:
        counted = [self._rounds[one] for one, state in states.items() if state.counts]
        asked = [one for one in counted if self._asks(one)]
        shared = tuple(one for one in asked if one.round_id == SHARED)
        if shared and self._rule.settled:
            return shared
        return tuple(newest_of_each(asked))


def same_objects(
    drawn: Sequence[Iterable[Annotation]], shared: Callable[[Annotation, Annotation], float]
) -> list[list[Annotation]]:
    """Objects as several readers drew them: of each the shapes, at most one of each reader, in the readers' order.

    Two shapes of one label are the same object from SAME_PLACE on, as where a proposal meets a shape that is there.
    shared: the part of the smaller one that lies in both, in 0..1.
    """
    found: list[list[Annotation]] = []
    for shapes in map(tuple, drawn):
        pairs = sorted(
            (
                (-shared(known[0], shape), place, number)
                for place, known in enumerate(found)
                for number, shape in enumerate(shapes)
                if known[0].label == shape.label
            ),
        )
        of: dict[int, int] = {}  # the best pairs first: each object is one shape of a reader at most
        for share, place, number in pairs:
            if -share >= SAME_PLACE and number not in of and place not in of.values():
                of[number] = place
        for number, shape in enumerate(shapes):
            if number in of:
                found[of[number]].append(shape)
            else:
                found.append([shape])
    return found


def newest_of_each(rounds: Iterable[Round]) -> list[Round]:
    """Of each reader the round that counts: the newest, a repeat before the first, by reader."""
    of: dict[str, list[Round]] = defaultdict(list)
    for one in rounds:
        of[one.reader].append(one)
    return [max(several, key=lambda one: (_ORDER[one.kind], one.number)) for _, several in sorted(of.items())]
