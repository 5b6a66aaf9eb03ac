"""What each reader said of an image, for whoever settles it in the shared reading; nothing before all are through.

`hear` reads the database, so it runs on a thread that may wait.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from sqlalchemy import func, select

from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import Annotation, CaseStatus
from viewer.core.shapes.objects import UNSAID, ObjectNote
from viewer.core.values import Target, TargetKind, Value, value_words
from viewer.project.answers import answers_in
from viewer.project.changes.object_rows import notes_of
from viewer.project.combining import newest_of_each
from viewer.project.lists.planes import cases_of_series, drawn_on_planes, series_drawn_through
from viewer.project.membership import begun_cases
from viewer.project.project import Project
from viewer.project.readings import Round, RoundKind, is_said_together
from viewer.project.store.schema import anchors, annotations
from viewer.project.work import Work

SAID_NOTHING = "nothing marked, nothing answered"
DREW_NOTHING = "nothing drawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderSaid:
    """What one reader said of an image. name: of the reader. nothing: the words for nothing.

    answers: of the image beside its labels, by the question. of_objects, notes: the same of each object, and the note
    on it, by its key. of_several: keys of objects that lie on further images.
    """

    name: str
    annotations: tuple[Annotation, ...]
    image_labels: Mapping[str, Verdict]
    answers: Mapping[str, Value] = field(default_factory=dict)
    of_objects: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    notes: Mapping[str, ObjectNote] = field(default_factory=dict)
    of_several: frozenset[str] = frozenset()
    nothing: str = SAID_NOTHING

    @property
    def words(self) -> str:
        """In one line: "Bright: yes · age: 63 a · 2 Square (in question: calcified?)"."""
        shapes: dict[str, list[Annotation]] = {}
        for annotation in self.annotations:
            shapes.setdefault(annotation.label, []).append(annotation)
        said = [f"{label}: {verdict.value}" for label, verdict in self.image_labels.items()]
        said += [f"{name}: {value_words(value)}" for name, value in self.answers.items()]
        for label, several in shapes.items():
            more = [one for key in dict.fromkeys(shape.object_key for shape in several) for one in self._said_of(key)]
            said.append(f"{len(several)} {label}" + (f" ({', '.join(more)})" if more else ""))
        return " · ".join(said) or self.nothing

    def _said_of(self, key: str) -> list[str]:
        said = [f"{name}: {value_words(value)}" for name, value in self.of_objects.get(key, {}).items()]
        return [*said, *filter(None, [self.notes.get(key, UNSAID).words])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What is known of the readers of an image. waits_for: who is not through with its case; then nothing is said.

    on_planes: what each drew on planes through its series, where anybody did and all are through with all its cases.
    """

    image_id: str
    said: tuple[ReaderSaid, ...] = ()
    waits_for: tuple[str, ...] = ()
    series_id: str = ""
    on_planes: tuple[ReaderSaid, ...] = ()


def hear(project: Project, image_id: str) -> Heard:
    """What each reader said of an image, in their newest round, once all of them are through with its case.

    Who has begun the case is asked: one who reads a part of the cases holds up no other. Whoever settles it is asked
    too where they read in this project themselves, and nobody's word is told before anybody has begun. In a reading of
    one's own nothing of the others is told. Where all are said to work together nobody is waited for: those who are
    through with the case are heard. Raises NotFound for an image that is not in the project.
    """
    record = project.images.get(image_id)
    if project.reader or not record.case_id:
        return Heard(image_id=image_id)
    through = _through(project, record.case_id)
    if through.waits_for:
        return Heard(image_id=image_id, waits_for=through.waits_for)
    return Heard(
        image_id=image_id, said=tuple(said_of_image(project, one, image_id) for one in through.rounds),
        series_id=record.series_id, on_planes=_said_on_planes(project, record.series_id),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Through:
    """Whose word on a case may be told. begun: whether anybody has begun it."""

    rounds: tuple[Round, ...]
    waits_for: tuple[str, ...]
    begun: bool


def _through(project: Project, case_id: str) -> _Through:
    every = [one for one in project.rounds.all() if one.reader and one.kind is not RoundKind.SECOND]
    states = project.rounds.states([case_id]).get(case_id, {})
    with project.database.reading() as connection:
        begun = {
            one.reader for one in every
            if one.round_id in states or begun_cases(connection, [case_id], one.round_id)
        }  # fmt: skip
    asked = begun | ({project.author} if begun else {one.reader for one in every})
    rounds = newest_of_each(one for one in every if one.reader in asked)
    through = tuple(one for one in rounds if states.get(one.round_id, CaseStatus.TO_DO).is_done)
    waits_for = tuple(one.reader for one in rounds if one not in through)
    if is_said_together(project.database):
        return _Through(rounds=through, waits_for=(), begun=bool(begun))
    return _Through(rounds=tuple(rounds), waits_for=waits_for, begun=bool(begun))


def _said_on_planes(project: Project, series_id: str) -> tuple[ReaderSaid, ...]:
    """What each drew on planes through a series, once all are through with every case that holds images of it."""
    with project.database.reading() as connection:
        if not series_id or not series_drawn_through(connection, anchors.c.series_id == series_id):
            return ()
        drawn = drawn_on_planes(connection, anchors.c.series_id == series_id)
        cases = sorted(cases_of_series(connection, [series_id]))
    through = [one for one in (_through(project, case_id) for case_id in cases) if one.begun]
    if any(one.waits_for for one in through):
        return ()
    rounds = newest_of_each(dict.fromkeys(of for one in through for of in one.rounds))
    said = [[shape for shape in drawn if shape.round_id == one.round_id] for one in rounds]
    settled = any(shape.round_id == project.round_id for shape in drawn)
    if not settled and not any(said):
        return ()
    return tuple(said_on_planes(project, one, shapes) for one, shapes in zip(rounds, said, strict=True))


def said_on_planes(project: Project, one: Round, shapes: Sequence[Annotation], keys: Sequence[str] = ()) -> ReaderSaid:
    """These shapes of a reading with what is said in it of their objects. keys: of further objects."""
    return ReaderSaid(
        name=one.reader, annotations=tuple(shapes), image_labels={}, nothing=DREW_NOTHING,
        **_of_objects(project, one, shapes, keys),
    )  # fmt: skip


def said_of_image(project: Project, one: Round, image_id: str, keys: Sequence[str] = ()) -> ReaderSaid:
    """What a reading says of an image. keys: of further objects that are asked for."""
    work = Work(project.database, one.round_id)
    drawn, target = work.annotations(image_id), Target(kind=TargetKind.IMAGE, target_id=image_id)
    with project.database.reading() as connection:
        answers = answers_in(connection, TargetKind.IMAGE, [image_id], [one.round_id])[one.round_id].get(target, {})
    return ReaderSaid(
        name=one.reader, annotations=tuple(drawn), image_labels=work.image_labels(image_id), answers=answers,
        **_of_objects(project, one, drawn, keys),
    )  # fmt: skip


class _OfObjects(TypedDict):
    of_objects: Mapping[str, Mapping[str, Value]]
    notes: Mapping[str, ObjectNote]
    of_several: frozenset[str]


def _of_objects(project: Project, one: Round, shapes: Sequence[Annotation], more: Sequence[str]) -> _OfObjects:
    keys = list(dict.fromkeys([*(shape.object_key for shape in shapes), *more]))
    with project.database.reading() as connection:
        answered = answers_in(connection, TargetKind.OBJECT, keys, [one.round_id])[one.round_id]
        notes = notes_of(connection, keys)
    said = {target.target_id: answers for target, answers in answered.items()}
    return _OfObjects(of_objects=said, notes=notes, of_several=_of_several(project, shapes))


def _of_several(project: Project, drawn: Sequence[Annotation]) -> frozenset[str]:
    """The keys of those of their objects that have further shapes."""
    shapes = (
        select(annotations.c.object_id)
        .where(annotations.c.object_id.in_([shape.object_key for shape in drawn]))
        .group_by(annotations.c.object_id)
        .having(func.count() > 1)
    )
    with project.database.reading() as connection:
        return frozenset(connection.scalars(shapes))
