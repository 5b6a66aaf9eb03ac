"""Reads what one model has said of every case of a project, on a thread that may wait."""

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, func, select

from viewer.core.deciding import DecisionRule, decision_rule
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import Prediction
from viewer.core.task_kinds.kind import task_kind
from viewer.project.deciding_proposals import name_now
from viewer.project.label_history import later_labels
from viewer.project.lists.answered import NO_LABELS
from viewer.project.lists.planes import cases_of_series
from viewer.project.membership import cases_of
from viewer.project.project import Project
from viewer.project.said.short import Short, labelled_by, short_of, short_of_prediction, together
from viewer.project.store.prediction_rows import kind_of, labels_of, scores_of
from viewer.project.store.schema import anchors, annotations, case_images, image_labels, images, predictions, proposals

ROWS_A_TURN = 16  # about a millisecond
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidOfCases:
    """images: in short what the model has said of each image, by case. cases: the same of each case. later: by case,
    region labels that were not asked for when it was completed."""

    images: dict[str, dict[str, Short]] = field(default_factory=dict)
    cases: dict[str, Short] = field(default_factory=dict)
    later: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Labelled:
    """What people say, as the database has it. verdicts, drawn: by image. looked_at: cases that are done, with nothing
    on planes. later: by case."""

    verdicts: Mapping[str, Mapping[str, Verdict]]
    drawn: Mapping[str, Collection[str]]
    looked_at: Collection[str]
    later: Mapping[str, tuple[str, ...]]

    def of(self, rule: DecisionRule, labels: Iterable[str], case_id: str, image_id: str) -> dict[str, bool]:
        return labelled_by(
            rule, labels, self.verdicts.get(image_id, {}), self.drawn.get(image_id, ()),
            looked_at=case_id in self.looked_at, later=self.later.get(case_id, ()),
        )  # fmt: skip


def said_of_cases(project: Project, model_hash: str) -> SaidOfCases:
    """What this model's newest answer about each image says, in short. Raises BadProject."""
    query = (
        select(case_images.c.case_id, predictions)
        .join(images, images.c.image_id == case_images.c.image_id)
        .join(predictions, predictions.c.image_id == case_images.c.image_id)
        .where(~images.c.taken_out, predictions.c.model_hash == model_hash, predictions.c.labels != NO_LABELS)
        .order_by(predictions.c.position)
    )
    names = _Names(project)
    with project.database.reading() as connection:
        newest = {(row.case_id, row.image_id): row for row in _letting_in(connection.execute(query))}
        held = {
            (case_id, image_id): _newest(project, image_id, model_hash)
            for image_id in project.predictions.held_by(model_hash)  # of a project that may only be read
            for case_id in cases_of(connection, [image_id])
        }
        rules = {row.prediction_id: names.rule(row) for row in newest.values()}
        labels = {name for rule in rules.values() for name in rule.labels}
        labels |= {name for one in held.values() for name in one.rule.labels}
        regions = any(not one.is_of_image for one in (*rules.values(), *(one.rule for one in held.values())))
        best = _best(connection, model_hash, names) if regions else {}
        people = _labelled(project, connection, model_hash, held, labels, regions=regions)
    found: dict[str, dict[str, Short]] = defaultdict(dict)
    for (case_id, image_id), row in _letting_in(newest.items()):
        rule = rules[row.prediction_id]
        scores, nearest = best.get(row.prediction_id, ({}, None))
        if rule.is_of_image:
            scores = names.scores(row)
        labelled = people.of(rule, rule.labels, case_id, image_id)
        found[case_id][image_id] = short_of(
            rule, scores, row.threshold, labelled, nearest=nearest if rule.has_cut else None, seen=row.seen
        )
    for (case_id, image_id), answer in held.items():
        labelled = people.of(answer.rule, answer.rule.labels, case_id, image_id)
        found[case_id][image_id] = short_of_prediction(answer, labelled)
    several = {case_id: together(of.values()) for case_id, of in _letting_in(found.items())}
    cases = {case_id: short for case_id, short in several.items() if short is not None}
    return SaidOfCases(images=dict(found), cases=cases, later=people.later)


def _letting_in(rows: Iterable[T]) -> Iterator[T]:
    """The rows; between them other threads come to their turn, of which one may be about to paint: else it waits for
    the interpreter up to 5 ms each time it needs it, for as long as 50,000 cases are read."""
    for number, row in enumerate(rows):
        if number % ROWS_A_TURN == 0:
            time.sleep(0)
        yield row


def present_labels(project: Project, kind: str, labels: tuple[str, ...]) -> tuple[str, ...]:
    """A model's labels as the catalogue calls them now, in their order. kind: of its task."""
    now = _present(project, kind, labels)
    return tuple(now.get(name, name) for name in labels)


class _Names:
    """What a model's labels are called now; looked up once for each model."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[tuple[str, str], dict[str, str]] = {}
        self._rules: dict[tuple[str, str, bool], DecisionRule] = {}

    def rule(self, row: Any) -> DecisionRule:
        """How a row of the predictions decides."""
        key = (row.kind, row.labels, bool(row.exclusive))
        if key not in self._rules:
            kind, labels = kind_of(row), labels_of(row)
            now = _present(self._project, kind, labels)
            named = tuple(now.get(name, name) for name in labels)
            self._rules[key] = decision_rule(kind, named, exclusive=bool(row.exclusive))
            self._known[row.kind, row.labels] = now
        return self._rules[key]

    def scores(self, row: Any) -> dict[str, float]:
        """Its probabilities, once `rule` was asked for."""
        now = self._known[row.kind, row.labels]
        return {now.get(name, name): score for name, score in scores_of(row).items()}

    def label(self, kind: str, stored_labels: str, name: str) -> str:
        """What one of its labels is called now."""
        return self._known.get((kind, stored_labels), {}).get(name, name)


def _present(project: Project, kind: str, labels: tuple[str, ...]) -> dict[str, str]:
    """Labels that are called otherwise now. Two that would come to one name keep theirs: they are told apart."""
    scope = task_kind(kind).scope
    called = {name: name_now(project, scope, name) for name in labels}
    now = list(called.values())
    return {
        name: present
        for name, present in called.items()
        if present != name and present not in labels and now.count(present) == 1
    }


def _newest(project: Project, image_id: str, model_hash: str) -> Prediction:
    return [one for one in project.predictions.of_image(image_id) if one.model_hash == model_hash][-1]


def _best(
    connection: Connection, model_hash: str, names: _Names
) -> dict[str, tuple[dict[str, float], float | None]]:  # fmt: skip
    """Of each answer of shapes: the highest score of each label, and how far the nearest score is from the cut."""
    query = (
        select(
            proposals.c.prediction_id, proposals.c.label, predictions.c.kind, predictions.c.labels,
            func.max(proposals.c.score).label("best"),
            func.min(func.abs(proposals.c.score - predictions.c.threshold)).label("nearest"),
        )
        .join(predictions, predictions.c.prediction_id == proposals.c.prediction_id)
        .where(predictions.c.model_hash == model_hash)
        .group_by(proposals.c.prediction_id, proposals.c.label, predictions.c.kind, predictions.c.labels)
    )  # fmt: skip
    found: dict[str, tuple[dict[str, float], float | None]] = {}
    for row in connection.execute(query):
        scores, nearest = found.get(row.prediction_id, ({}, None))
        scores[names.label(row.kind, row.labels, row.label)] = row.best
        found[row.prediction_id] = scores, row.nearest if nearest is None else min(nearest, row.nearest)
    return found


def _labelled(
    project: Project, connection: Connection, model_hash: str, held: Mapping[tuple[str, str], Prediction],
    labels: Collection[str], *, regions: bool,
) -> _Labelled:  # fmt: skip
    """What people say of the images that were answered."""
    round_id, names = project.round_id, sorted(labels)

    def about(query: Select[Any], image_id: Any) -> Iterable[Any]:
        answered = select(predictions.c.image_id).where(predictions.c.model_hash == model_hash)
        there = image_id.in_(answered)
        return connection.execute(query.where(there | image_id.in_([key for _, key in held]) if held else there))

    verdicts: dict[str, dict[str, Verdict]] = defaultdict(dict)
    said = image_labels.c
    query = select(said.image_id, said.label, said.verdict).where(said.round_id == round_id, said.label.in_(names))
    for row in about(query, said.image_id):
        verdicts[row.image_id][row.label] = Verdict(row.verdict)
    if not regions:
        return _Labelled(verdicts=verdicts, drawn={}, looked_at=(), later={})
    drawn: dict[str, set[str]] = defaultdict(set)
    on = annotations.c
    of_shapes = select(on.image_id, on.label).distinct().where(on.round_id == round_id, on.label.in_(names))
    for row in about(of_shapes, on.image_id):
        drawn[row.image_id].add(row.label)
    series = select(anchors.c.series_id).distinct().join(annotations, on.anchor_id == anchors.c.anchor_id)
    crossed = [one for one in connection.scalars(series.where(on.round_id == round_id)) if one]
    on_planes = cases_of_series(connection, crossed, beside=True) if crossed else set()
    done = {row.case_id for row in project.cases.all() if row.status.is_done}
    later = later_labels(project.database, "region", names, round_id)
    return _Labelled(verdicts=verdicts, drawn=drawn, looked_at=done - on_planes, later=later)
