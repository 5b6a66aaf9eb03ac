"""Carry out the plan of an import: register its images, then one edit that can be undone."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from viewer.core.edits import (
    AnnotationChange,
    AnswerChange,
    CaseStatusChange,
    Change,
    Edit,
    ImageLabelChange,
    LabelChange,
)
from viewer.core.errors import AppError
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import Annotation, Origin
from viewer.core.text.counting import counted
from viewer.exchange.importer import Outcome, Pieces, Remark
from viewer.exchange.plan import Counts, Plan
from viewer.exchange.plan_findings import Findings
from viewer.exchange.plan_images import new_image_in
from viewer.exchange.plan_store import not_kept, shape_in
from viewer.exchange.settling.answers import ObjectAnswers, answers_of_plan, asked_then, attributes_of_plan
from viewer.exchange.settling.beyond import beyond_of_plan, shapes_of_plan
from viewer.exchange.settling.cases import CasesOfPlan
from viewer.exchange.settling.objects import ObjectName, objects_of_plan
from viewer.exchange.settling.parts import keep_parts_of
from viewer.exchange.settling.patients import said_patients
from viewer.exchange.settling.readers import rounds_made
from viewer.project.cases import new_label
from viewer.project.disk.imported_parts import number_parts, unname_parts
from viewer.project.edit_builders import entering, new_ids
from viewer.project.lawful import open_question
from viewer.project.project import Project
from viewer.project.records import NewImage
from viewer.reading.sources.archive import on_disk

NOT_ANSWERED = "not answered"  # the rule of the remark about cases that stay open
# A table's own words for what DICOM has a keyword for, so that one control reads both.
TAG_KEYWORDS = {"age": "PatientAge", "sex": "PatientSex", "view": "ViewPosition", "modality": "Modality"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did. counts: what the plan had. remarks: all, in the order of coming; problems: the sentences of
    what was left out, notes: of guesses and what is worth knowing. completed_cases, open_cases: of those named,
    in each reading. readers: whose readings they are, where the import says so.
    """

    counts: Counts
    images: int
    new_images: int
    pictures_twice: int
    annotations: int
    image_labels: int
    answers: int
    completed_cases: int
    open_cases: int
    readers: tuple[str, ...]
    remarks: tuple[Remark, ...]
    problems: tuple[tuple[Path, str], ...]
    notes: tuple[str, ...]


def carry_out(project: Project, plan: Plan, *, text: str = "") -> ImportReport:
    """Register the plan's images and put its labels and shapes on them, as one edit.

    text: what the menu says after "Undo". Work that is there already is never overwritten; importing the same file
    twice adds nothing. An undo takes back labels, shapes and completed cases, and the images that it brought in where
    nobody has worked on them since.
    Raises NotWritable, and then nothing of the edit has changed.
    """
    try:
        return _carried_out(project, plan, text)
    except sqlite3.Error as error:  # of the plan's own database; the project's errors have their sentences
        raise not_kept(error) from error


def _carried_out(project: Project, plan: Plan, text: str) -> ImportReport:
    fresh = project.images.outside(_noted(project, plan))
    records = [*project.images.all(), *project.images.noted(fresh)]
    there = {record.image_id: record.case_id for record in records}
    rounds = rounds_made(project, plan.store)
    objects = ObjectAnswers(asked_then(project, plan.store))
    of_series: dict[str, list[str]] = defaultdict(list)
    for record in records:
        of_series[record.series_id].append(record.image_id)
    named = objects_of_plan(plan, there, of_series)
    added = [*_annotations(project, plan, there, rounds, objects, named), *_on_planes(plan, rounds, objects, named)]
    verdicts = [*_verdicts(plan, there, rounds)]
    new_labels = _new_labels(project, plan, added, verdicts)
    answers = [*answers_of_plan(plan.store, there, rounds), *objects.settle(Findings(plan.store))]
    beyond = [*beyond_of_plan(plan.store, rounds)]
    asked = attributes_of_plan(project, plan.store, _labels_then(project, new_labels))
    cases = CasesOfPlan(project, plan, records, rounds)
    completed, left_open = cases.completed()
    again = cases.completed_again(new_labels)
    names_parts = keep_parts_of(project, plan, records)
    everything: list[Change] = [*new_labels, *asked, *added, *verdicts, *answers, *beyond, *completed, *again]
    if fresh:
        everything.insert(0, entering(fresh))
    unanswered = 0
    if everything:
        # Of several readers, each change is of the round that it names.
        edit = Edit(text=text or f"import {plan.path.name}", changes=tuple(everything), of_all=len(rounds) > 1)
        try:
            done = project.history.do(edit, may_stay_open=True)
        except BaseException:
            if names_parts:
                unname_parts(project.folder)
            raise
        unanswered = _say_unanswered(project, plan, completed, done)
    if names_parts:
        # Of an import that finds all there already nothing is in the journal, so nothing takes its parts away.
        number_parts(project.folder, project.history.newest if everything and done.changes else None)
    return _report(
        plan,
        new_images=len(fresh),
        annotations=len(added),
        image_labels=len(verdicts),
        answers=len(answers) + sum(isinstance(one, AnswerChange) for one in beyond),
        completed=len(completed) - unanswered,
        left_open=left_open + unanswered,
    )


def _report(
    plan: Plan, *, new_images: int, annotations: int, image_labels: int, answers: int, completed: int, left_open: int
) -> ImportReport:
    counts = plan.counts()
    notes = [remark.sentence for remark in plan.remarks(Outcome.GUESSED, Outcome.NOTE)]
    if counts.kept:
        notes.append(f"{counted(counts.kept, 'label')} that the project says otherwise: kept as the project has it.")
    if counts.twice:
        notes.append(
            f"{counted(counts.twice, 'shape stands', 'shapes stand')} in the import twice; each was taken once."
        )
    outs = [outcome for outcome in Outcome if outcome.is_left_out]
    return ImportReport(
        counts=counts,
        images=counts.images,
        new_images=new_images,
        pictures_twice=counts.pictures_twice,
        annotations=annotations,
        image_labels=image_labels,
        answers=answers,
        completed_cases=completed,
        open_cases=left_open,
        readers=tuple(plan.readers()),
        remarks=tuple(plan.remarks()),
        problems=tuple(
            (Path(remark.image.path if remark.image is not None else plan.path), remark.sentence)
            for remark in plan.remarks(*outs)
        ),
        notes=tuple(notes),
    )


def _noted(project: Project, plan: Plan) -> list[str]:
    """Note the images that the project does not have, as they were read for the plan. Returns their ids."""
    sql = plan.store.sql
    patients = said_patients(sql, plan.settled.on_conflict)
    tags = _tags(plan)
    sources = dict(sql.execute("SELECT image_id, source FROM sources JOIN images ON images.name = sources.name"))
    images: list[NewImage] = []
    query = "SELECT image_id, facts FROM fresh WHERE image_id NOT IN (SELECT image_id FROM held_back) ORDER BY seq"
    for image_id, facts in sql.execute(query).fetchall():
        image = new_image_in(facts)
        if not _is_as_read(image):
            sentence = f"{image.path} has changed since it was looked at; import it again."
            plan.store.remark(Remark(outcome=Outcome.LEFT_OUT, sentence=sentence, rule="changed meanwhile"))
            sql.execute("INSERT OR IGNORE INTO held_back VALUES (?)", (image_id,))
            continue
        images.append(
            replace(
                image,
                patient_id=patients.get(image_id) or image.patient_id,
                source=sources.get(image_id, image.source),
                tags={**image.tags, **tags.get(image_id, {})},
            )
        )
    return project.images.note(_in_series_order(plan, images))


def _in_series_order(plan: Plan, images: list[NewImage]) -> list[NewImage]:
    """Images of one series by the place in it that the import says, whatever the order of its lines; each other image
    keeps its place."""
    index_of: dict[str, int] = {}
    for image_id, facts in plan.store.sql.execute(
        "SELECT image_id, facts FROM geometry JOIN images ON images.name = geometry.name"
    ):
        index = json.loads(facts).get("series_index")
        if isinstance(index, int):
            index_of[image_id] = index
    ordered = list(images)
    of_series: dict[str, list[int]] = {}
    for place, image in enumerate(images):
        if image.series_id and image.image_id in index_of:
            of_series.setdefault(image.series_id, []).append(place)
    for places in of_series.values():
        by_index = sorted((images[place] for place in places), key=lambda image: index_of[image.image_id])
        for place, image in zip(places, by_index, strict=True):
            ordered[place] = image
    return ordered


def _is_as_read(image: NewImage) -> bool:
    try:
        stat = on_disk(image.path).stat()
    except (OSError, AppError):
        return False
    return (stat.st_size, stat.st_mtime_ns) == (image.size_bytes, image.mtime_ns)


def _tags(plan: Plan) -> dict[str, dict[str, str]]:
    """The further columns of each fresh image, those on which its rows agree."""
    query = (
        "SELECT image_id, key, MIN(value) FROM tags JOIN images ON images.name = tags.name "
        "WHERE image_id IN (SELECT image_id FROM fresh) GROUP BY image_id, key HAVING COUNT(DISTINCT value) = 1"
    )
    found: dict[str, dict[str, str]] = {}
    for image_id, key, value in plan.store.sql.execute(query):
        found.setdefault(image_id, {})[TAG_KEYWORDS.get(key, key)] = value
    return found


def _annotations(
    project: Project, plan: Plan, there: Mapping[str, str], rounds: Mapping[int, str], answers: ObjectAnswers,
    objects: Mapping[ObjectName, str],
) -> Iterator[AnnotationChange]:  # fmt: skip
    """there: the case of each image. rounds: of each reader of the plan. answers: sees what is said of objects."""
    readers = plan.store.readers()
    authors = {number: reader.name if reader else "" for number, reader in readers.items()}
    (count,) = plan.store.sql.execute("SELECT COUNT(*) FROM taken_shapes").fetchone()
    ids = iter(new_ids(count))
    query = "SELECT image_id, reader, label, facts, block, object, answers FROM taken_shapes ORDER BY seq"
    for image_id, reader, label, facts, block, named, said in plan.store.sql.execute(query):
        shape = shape_in(facts, block)
        if image_id not in there or isinstance(shape, Pieces):
            continue
        after = Annotation(
            annotation_id=next(ids),
            image_id=image_id,
            label=label,
            shape=shape,
            author=authors[reader] or project.author,
            origin=Origin.IMPORTED,
            object_id=objects.get((reader, named), ""),
            round_id=rounds[reader],
        )
        change = AnnotationChange(before=None, after=after)
        answers.see(change, said)
        yield change


def _on_planes(
    plan: Plan, rounds: Mapping[int, str], answers: ObjectAnswers, objects: Mapping[ObjectName, str]
) -> Iterator[AnnotationChange]:
    for change, said in shapes_of_plan(plan.store, rounds, objects):
        answers.see(change, said)
        yield change


def _verdicts(plan: Plan, there: Mapping[str, str], rounds: Mapping[int, str]) -> Iterator[ImageLabelChange]:
    query = "SELECT image_id, reader, label, verdict FROM taken_verdicts ORDER BY seq"
    for image_id, reader, label, verdict in plan.store.sql.execute(query):
        if image_id in there:
            yield ImageLabelChange(
                image_id=image_id, label=label, before=None, after=Verdict(verdict), round_id=rounds[reader]
            )


def _say_unanswered(project: Project, plan: Plan, completed: Sequence[CaseStatusChange], done: Edit) -> int:
    """Cases that the journal left open, since an exclusive task of theirs is not answered. Returns how many."""
    kept = {(change.case_id, change.round_id) for change in done.of(CaseStatusChange)}
    left = [change for change in completed if (change.case_id, change.round_id) not in kept]
    if left:
        words = open_question(project.database, left[0].case_id, left[0].round_id)
        stay = "1 case stays" if len(left) == 1 else f"{len(left)} cases stay"
        sentence = f"{stay} open, since an exclusive task is not answered; of the first, {words}."
        plan.store.remark(Remark(outcome=Outcome.NOTE, sentence=sentence, rule=NOT_ANSWERED))
    return len(left)


def _labels_then(project: Project, new_labels: Sequence[LabelChange]) -> list[tuple[str, str]]:
    """(scope, name) of the catalogue once the import is done."""
    came = [change.after for change in new_labels if change.after is not None]
    return [(one.scope, one.name) for one in (*project.labels, *came)]


def _new_labels(
    project: Project, plan: Plan, added: list[AnnotationChange], verdicts: list[ImageLabelChange]
) -> list[LabelChange]:
    """Rows for the catalogue: first those that the file lists, in its order, then the others as they come."""
    catalogue = project.labels
    known = {(label.scope, label.name) for label in catalogue}
    used = {("region", change.after.label): None for change in added if change.after is not None}
    used |= {("image", change.label): None for change in verdicts}
    declared = list(plan.store.sql.execute("SELECT scope, name FROM declared ORDER BY seq"))
    found: list[LabelChange] = []
    for scope, name in dict.fromkeys([*((s, n) for s, n in declared if (s, n) in used), *used]):
        if (scope, name) not in known:
            label = new_label(name, scope, catalogue)
            catalogue.append(label)
            found.append(LabelChange(before=None, after=label, by_work=True))
    return found
