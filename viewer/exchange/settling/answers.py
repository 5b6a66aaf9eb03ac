"""What an import answers to what the catalogue asks, against itself and the project: what is taken, what stays out."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from viewer.core.attributes import Attribute
from viewer.core.edits import AnnotationChange, AnswerChange, AttributeChange
from viewer.core.values import Target, TargetKind, Value, value_words
from viewer.exchange.importer import Outcome
from viewer.exchange.plan_findings import HELD, JOINS, Findings
from viewer.exchange.plan_store import PlanStore, value_text
from viewer.exchange.settling.readers import Readers
from viewer.project.answers import answers_of
from viewer.project.project import Project
from viewer.project.store.stored_values import attribute_in, value_in

TWO_ANSWERS = "two answers to one question"  # the rules of the remarks
NOT_ASKED_SO = "answers that are none to what is asked"
ASKED_OTHERWISE = "questions that the project asks otherwise"

Key = tuple[str, str, str]


class AnswerChecks:
    """Fills `taken_answers` of a store. on_conflict: "first", "last" or what settles nothing of numbers. there_already,
    kept: what the project says already, alike or otherwise."""

    def __init__(self, project: Project, store: PlanStore, readers: Readers, on_conflict: str) -> None:
        self._project, self._store, self._readers, self._on_conflict = project, store, readers, on_conflict
        self._findings = Findings(store)
        self._say = self._findings.say
        self._in_project = {record.image_id for record in project.images.all()}
        self._asked = asked_then(project, store)
        self.there_already = 0
        self.kept = 0

    def run(self) -> None:
        """What is asked otherwise, then every image."""
        for key, ours in asked_in(self._store).items():
            theirs = self._asked[key]
            if theirs.words != ours.words:
                self._say(
                    Outcome.NOTE,
                    f"{ours.name} of {ours.of_what} is {theirs.words} in the project, and {ours.words} in the import; "
                    "the project's was kept.", rule=ASKED_OTHERWISE,
                )  # fmt: skip
        for rows in self._findings.by_image(_ANSWERS):
            for reader in dict.fromkeys(row[6] for row in rows):
                self._of_reader([row for row in rows if row[6] == reader], reader)

    def _of_reader(self, rows: list[tuple[Any, ...]], reader: int) -> None:
        """rows: (image id, path, name id, question, value, place, reader)."""
        image_id, path, name_id = rows[0][:3]
        now = self._now(image_id, reader)
        for question in dict.fromkeys(row[3] for row in rows):
            value = self._agreed(question, [row for row in rows if row[3] == question])
            if value is None:
                continue
            attribute = self._asked.get(("image", *_of_question(self._asked, question)))
            if attribute is not None and (why := attribute.why_not(value)):
                sentence = f"{path}: {why} It was left out."
                self._say(Outcome.LEFT_OUT, sentence, rule=NOT_ASKED_SO, name_id=name_id)
            elif question not in now:
                self._store.sql.execute(
                    "INSERT INTO taken_answers (image_id, reader, question, value) VALUES (?, ?, ?, ?)",
                    (image_id, reader, question, value_text(value)),
                )
            elif now[question] == value:
                self.there_already += 1
            else:
                self.kept += 1

    def _now(self, image_id: str, reader: int) -> Mapping[str, Value]:
        round_id = self._readers.round_id(reader)
        if image_id not in self._in_project or round_id is None:
            return {}
        target = Target(kind=TargetKind.IMAGE, target_id=image_id)
        return answers_of(self._project, [target], round_id)[target]

    def _agreed(self, question: str, rows: list[tuple[Any, ...]]) -> Value | None:
        values = list(dict.fromkeys(row[4] for row in rows))
        if len(values) == 1:
            return value_in(json.loads(values[0]))
        path, name_id = rows[0][1], rows[0][2]
        said = [value_in(json.loads(row[4])) for row in rows]
        words = [
            f"{value_words(one)}{f' ({row[5]})' if row[5] else ''}"
            for one, row in zip(said, rows, strict=True)
            if one is not None
        ]
        sentence = f"{path}: the import says of {question}: {', '.join(words[:6])}"
        if self._on_conflict not in ("first", "last"):
            self._say(
                Outcome.CONTRADICTORY, f"{sentence}; it was left unknown.", rule=TWO_ANSWERS,
                settle="--on-conflict first", name_id=name_id,
            )  # fmt: skip
            return None
        taken = said[0] if self._on_conflict == "first" else said[-1]
        sentence = f"{sentence}; the {self._on_conflict} was taken (--on-conflict {self._on_conflict})."
        self._say(Outcome.GUESSED, sentence, rule="two answers to one question, settled by --on-conflict")
        return taken


def _of_question(asked: Mapping[Key, Attribute], question: str) -> tuple[str, str]:
    """(label, name) of a question about images; ("", question) where nothing is asked so."""
    found = (key for key, one in asked.items() if one.scope == "image" and one.question == question)
    return next(((label, name) for _, label, name in found), ("", question))


def asked_in(store: PlanStore) -> dict[Key, Attribute]:
    """What the import asks, by scope, label and name."""
    found = (attribute_in(json.loads(row[0])) for row in store.sql.execute("SELECT facts FROM asked ORDER BY seq"))
    return {(one.scope, one.label, one.name): one for one in found if one is not None}


def asked_then(project: Project, store: PlanStore) -> dict[Key, Attribute]:
    """What is asked once the import is done: by the project, and by the import where the project does not."""
    there = {(one.scope, one.label, one.name): one for one in project.attributes}
    return {**asked_in(store), **there}


def attributes_of_plan(project: Project, store: PlanStore, labels: Sequence[tuple[str, str]]) -> list[AttributeChange]:
    """What the import asks that the project does not. labels: (scope, name) of those that are there then."""
    there = {(one.scope, one.label, one.name) for one in project.attributes}
    of = {("image", ""), *labels}
    new = [one for key, one in asked_in(store).items() if key not in there and (one.scope, one.label) in of]
    return [AttributeChange(before=None, after=one) for one in new]


def answers_of_plan(store: PlanStore, there: Mapping[str, str], rounds: Mapping[int, str]) -> Iterator[AnswerChange]:
    """What the import says of images. there: the case of each image. rounds: of each reader of the plan."""
    query = "SELECT image_id, reader, question, value FROM taken_answers ORDER BY seq"
    for image_id, reader, question, value in store.sql.execute(query):
        if image_id in there:
            target = Target(kind=TargetKind.IMAGE, target_id=image_id)
            after = value_in(json.loads(value))
            yield AnswerChange(target=target, name=question, before=None, after=after, round_id=rounds[reader])


class ObjectAnswers:
    """What the import says of the objects that it brings. Two shapes of one object that differ say nothing."""

    def __init__(self, asked: Mapping[Key, Attribute]) -> None:
        self._asked = asked
        self._said: dict[tuple[str, str, str], dict[str, list[Value]]] = {}

    def see(self, change: AnnotationChange, answers: str) -> None:
        """A shape that comes, with what stands beside it."""
        one = change.after
        if one is None or not answers:
            return
        of = self._said.setdefault((one.object_key, one.round_id, one.label), {})
        for name, facts in json.loads(answers).items():
            value = value_in(facts)
            if value is not None:
                of.setdefault(name, []).append(value)

    def settle(self, findings: Findings) -> list[AnswerChange]:
        """What is said of each, as changes; what cannot be is said."""
        found: list[AnswerChange] = []
        for (key, round_id, label), said in self._said.items():
            for name, values in said.items():
                attribute = self._asked.get(("region", label, name))
                why = "" if attribute is None else attribute.why_not(values[0])
                if len(set(values)) > 1:
                    why = f"An object of {label} has {' and '.join(map(value_words, dict.fromkeys(values)))} as {name}."
                if why:
                    findings.say(Outcome.CONTRADICTORY, f"{why} It was left unknown.", rule=NOT_ASKED_SO)
                    continue
                target = Target(kind=TargetKind.OBJECT, target_id=key)
                found.append(AnswerChange(target=target, name=name, before=None, after=values[0], round_id=round_id))
        return found


_ANSWERS = (
    "SELECT images.image_id, path, names.id, question, value, place, reader FROM answers "
    f"{JOINS.format('answers')} WHERE {HELD} ORDER BY rank, seq"
)
