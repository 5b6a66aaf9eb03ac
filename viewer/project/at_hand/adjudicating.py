"""What each reader said of an image, for whoever settles it in the shared reading; nothing before all are through.

`hear` reads the database, so it runs on a thread that may wait.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from viewer.core.edits import AnnotationChange, Change, Edit, ImageLabelChange
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import Annotation, CaseStatus
from viewer.project.combining import newest_of_each
from viewer.project.edit_builders import new_id
from viewer.project.lists.planes import cases_of_series, drawn_on_planes, series_drawn_through
from viewer.project.membership import begun_cases
from viewer.project.project import Project
from viewer.project.readings import Round, is_said_together
from viewer.project.store.schema import anchors, annotations
from viewer.project.work import Work

ID_DIGITS = 32
SAID_NOTHING = "nothing marked, nothing answered"
DREW_NOTHING = "nothing drawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderSaid:
    """What one reader said of an image. name: of the reader. of_several: keys of objects that lie on further images.
    nothing: the words for nothing."""

    name: str
    annotations: tuple[Annotation, ...]
    image_labels: Mapping[str, Verdict]
    of_several: frozenset[str] = frozenset()
    nothing: str = SAID_NOTHING

    @property
    def words(self) -> str:
        """In one line: "Bright: yes · 2 Square"."""
        drawn = Counter(annotation.label for annotation in self.annotations)
        said = [f"{label}: {verdict.value}" for label, verdict in self.image_labels.items()]
        return " · ".join([*said, *(f"{count} {label}" for label, count in drawn.items())]) or self.nothing


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
        image_id=image_id, said=tuple(_said(project, one, image_id) for one in through.rounds),
        series_id=record.series_id, on_planes=_said_on_planes(project, record.series_id),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Through:
    """Whose word on a case may be told. begun: whether anybody has begun it."""

    rounds: tuple[Round, ...]
    waits_for: tuple[str, ...]
    begun: bool


def _through(project: Project, case_id: str) -> _Through:
    every = [one for one in project.rounds.all() if one.reader]
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
    return tuple(
        ReaderSaid(
            name=one.reader, annotations=tuple(shapes), image_labels={}, of_several=_of_several(project, shapes),
            nothing=DREW_NOTHING,
        )
        for one, shapes in zip(rounds, said, strict=True)
    )  # fmt: skip


def _said(project: Project, one: Round, image_id: str) -> ReaderSaid:
    work = Work(project.database, one.round_id)
    drawn = work.annotations(image_id)
    return ReaderSaid(
        name=one.reader, annotations=tuple(drawn), image_labels=work.image_labels(image_id),
        of_several=_of_several(project, drawn),
    )  # fmt: skip


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


def taking_over(
    said: ReaderSaid, image_id: str, *, drawn: Sequence[Annotation], answers: Mapping[str, Verdict], author: str
) -> Edit | None:
    """The image says from then on what a reader said of it, and nothing else; None where it does already.

    drawn, answers: what the shared reading says of it now. author: who settles it, by whom all of it then is.
    """
    changes: list[Change] = [
        ImageLabelChange(
            image_id=image_id, label=label, before=answers.get(label), after=said.image_labels.get(label)
        )
        for label in dict.fromkeys([*said.image_labels, *answers])
        if answers.get(label) is not said.image_labels.get(label)
    ]  # fmt: skip
    changes += _instead(drawn, said, author)
    if not changes:
        return None
    return Edit(text=f"take over what {said.name} says", image_id=image_id, changes=tuple(changes))


def taking_over_planes(said: ReaderSaid, image_id: str, *, drawn: Sequence[Annotation], author: str) -> Edit | None:
    """Planes through the series of an image bear from then on what a reader drew there; None where they do already.

    said: of `Heard.on_planes`. drawn: what the shared reading has there now. image_id: where the step is shown.
    """
    changes = _instead(drawn, said, author)
    if not changes:
        return None
    return Edit(text=f"take over what {said.name} drew on planes", image_id=image_id, changes=changes)


def _instead(drawn: Sequence[Annotation], said: ReaderSaid, author: str) -> tuple[AnnotationChange, ...]:
    """A reader's shapes for those that are there; () where they are alike."""
    there, theirs = ([(one.label, one.shape, one.plane) for one in shapes] for shapes in (drawn, said.annotations))
    if there == theirs:
        return ()
    taken_away = tuple(AnnotationChange(before=old, after=None) for old in drawn)
    return *taken_away, *(AnnotationChange(before=None, after=_own(one, said, author)) for one in said.annotations)


def _own(theirs: Annotation, said: ReaderSaid, author: str) -> Annotation:
    """A copy with ids of its own. Of an object on several images and planes each that is taken over gives the same."""
    object_id = ""
    if theirs.object_key in said.of_several:
        object_id = hashlib.sha256(f"{said.name}/{theirs.object_key}".encode()).hexdigest()[:ID_DIGITS]
    return Annotation(
        annotation_id=new_id(), image_id=theirs.image_id, label=theirs.label, shape=theirs.shape, author=author,
        object_id=object_id, plane=theirs.plane,
    )  # fmt: skip
