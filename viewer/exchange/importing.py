"""Carry out the plan of an import: register its images, then one edit that can be undone."""

import secrets
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from viewer.core.edits import AnnotationChange, CaseStatusChange, Change, Edit, ImageLabelChange, LabelChange
from viewer.core.errors import AppError
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import Annotation, CaseStatus, Origin
from viewer.core.text.counting import counted
from viewer.exchange.imported_objects import objects_of_plan
from viewer.exchange.importer import Outcome, Pieces, Remark
from viewer.exchange.plan import Counts, Plan
from viewer.exchange.plan_checks import STAYS_OPEN
from viewer.exchange.plan_images import new_image_in
from viewer.exchange.plan_store import not_kept, shape_in
from viewer.project.cases import new_label
from viewer.project.edit_builders import entering
from viewer.project.label_history import later_labels
from viewer.project.lawful import open_question
from viewer.project.project import Project
from viewer.project.records import ImageRecord, NewImage
from viewer.reading.sources.archive import on_disk

COMPLETE_AGAIN = "complete again"  # the rule of the remark about cases that were complete before a label was one
NOT_ANSWERED = "not answered"  # the rule of the remark about cases that stay open
# A table's own words for what DICOM has a keyword for, so that one control reads both.
TAG_KEYWORDS = {"age": "PatientAge", "sex": "PatientSex", "view": "ViewPosition", "modality": "Modality"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did. counts: what the plan had. remarks: all, in the order of coming; problems: the sentences of
    what was left out, notes: of guesses and what is worth knowing. completed_cases, open_cases: of those named.
    """

    counts: Counts
    images: int
    new_images: int
    pictures_twice: int
    annotations: int
    image_labels: int
    completed_cases: int
    open_cases: int
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
    added = [*_annotations(project, plan, there)]
    verdicts = [*_verdicts(plan, there)]
    new_labels = _new_labels(project, plan, added, verdicts)
    completed, left_open = _completed(project, plan, records)
    again = _completed_again(project, plan, records, new_labels)
    everything: list[Change] = [*new_labels, *added, *verdicts, *completed, *again]
    if fresh:
        everything.insert(0, entering(fresh))
    unanswered = 0
    if everything:
        edit = Edit(text=text or f"import {plan.path.name}", changes=tuple(everything))
        unanswered = _say_unanswered(project, plan, completed, project.history.do(edit, may_stay_open=True))
    return _report(
        plan,
        new_images=len(fresh),
        annotations=len(added),
        image_labels=len(verdicts),
        completed=len(completed) - unanswered,
        left_open=left_open + unanswered,
    )


def _report(
    plan: Plan, *, new_images: int, annotations: int, image_labels: int, completed: int, left_open: int
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
        completed_cases=completed,
        open_cases=left_open,
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
    patients = _patients(plan)
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
    return project.images.note(images)


def _is_as_read(image: NewImage) -> bool:
    try:
        stat = on_disk(image.path).stat()
    except (OSError, AppError):
        return False
    return (stat.st_size, stat.st_mtime_ns) == (image.size_bytes, image.mtime_ns)


def _patients(plan: Plan) -> dict[str, str]:
    """The patient of each image whose file says one; of several, the one that --on-conflict took."""
    query = (
        "SELECT image_id, patients.patient FROM patients JOIN images ON images.name = patients.name "
        "WHERE patients.patient <> '' ORDER BY seq"
    )
    found: dict[str, str] = {}
    for image_id, patient in plan.store.sql.execute(query):
        if plan.settled.on_conflict == "last":
            found[image_id] = patient
        else:
            found.setdefault(image_id, patient)
    return found


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


def _annotations(project: Project, plan: Plan, there: Mapping[str, str]) -> Iterator[AnnotationChange]:
    """there: the case of each image."""
    objects = objects_of_plan(plan, there)
    query = "SELECT image_id, label, facts, block, object FROM taken_shapes ORDER BY seq"
    for image_id, label, facts, block, named in plan.store.sql.execute(query):
        shape = shape_in(facts, block)
        if image_id not in there or isinstance(shape, Pieces):
            continue
        after = Annotation(
            annotation_id=secrets.token_hex(16),
            image_id=image_id,
            label=label,
            shape=shape,
            author=project.author,
            origin=Origin.IMPORTED,
            object_id=objects.get(named, ""),
        )
        yield AnnotationChange(before=None, after=after)


def _verdicts(plan: Plan, there: Mapping[str, str]) -> Iterator[ImageLabelChange]:
    query = "SELECT image_id, label, verdict FROM taken_verdicts ORDER BY seq"
    for image_id, label, verdict in plan.store.sql.execute(query):
        if image_id in there:
            yield ImageLabelChange(image_id=image_id, label=label, before=None, after=Verdict(verdict))


def _completed(project: Project, plan: Plan, records: Sequence[ImageRecord]) -> tuple[list[CaseStatusChange], int]:
    """The cases that become complete, and how many stay open because something of them was left out."""
    if not plan.complete:
        return [], 0
    cases, in_part = _cases_named(plan, records)
    if in_part:
        first = next(iter(in_part.values()))
        stay = f"{len(in_part)} cases stay" if len(in_part) > 1 else "1 case stays"
        sentence = f"{stay} open, since the import does not name all their images; of the first, not {first.path}."
        plan.store.remark(Remark(outcome=Outcome.NOTE, sentence=sentence, rule=STAYS_OPEN, count=len(in_part)))
    statuses = {case_id: project.cases.status(case_id) for case_id in cases}
    returned = {row.case_id: row.comment for row in project.cases.all(CaseStatus.RETURNED)}
    changes = [
        CaseStatusChange(
            case_id=case_id,
            before=statuses[case_id],
            after=CaseStatus.COMPLETE,
            comment_before=returned.get(case_id, ""),
        )
        for case_id, is_open in cases.items()
        if not is_open and not statuses[case_id].is_done
    ]
    return changes, sum(cases.values())


def _cases_named(plan: Plan, records: Sequence[ImageRecord]) -> tuple[dict[str, bool], dict[str, ImageRecord]]:
    """(whether each case that the import names stays open, an image of each that it names in part only)."""
    sql = plan.store.sql
    named = {row[0] for row in sql.execute("SELECT image_id FROM images JOIN names ON id = name WHERE recorded = 1")}
    opened = {row[0] for row in sql.execute("SELECT image_id FROM open UNION SELECT image_id FROM held_back")}
    cases: dict[str, bool] = {}
    for record in records:
        if record.image_id in named:
            cases[record.case_id] = cases.get(record.case_id, False) or record.image_id in opened
    in_part = {record.case_id: record for record in records if record.image_id not in named and record.case_id in cases}
    return cases | dict.fromkeys(in_part, True), in_part


def _completed_again(
    project: Project, plan: Plan, records: Sequence[ImageRecord], new_labels: Sequence[LabelChange]
) -> list[CaseStatusChange]:
    """Cases that were complete before a label was one: said to be complete now, they are so with that label too.

    A set that was imported as complete before another one brought its labels was not asked for those, so a snapshot of
    an exclusive task over both leaves it out, and names this way in.
    """
    if not plan.complete:
        return []
    asked = [case_id for case_id, is_open in _cases_named(plan, records)[0].items() if not is_open]
    later: dict[str, list[str]] = {case_id: [] for case_id in asked}
    for scope in ("region", "image"):
        labels = [label.name for label in project.labels if label.scope == scope]
        for case_id, names in later_labels(project.database, scope, labels).items():
            later.get(case_id, []).extend(names)
    brought = [change.after.name for change in new_labels if change.after is not None]
    missing = [case_id for case_id in asked if later[case_id] or brought]
    found = {case_id: status for case_id in missing if (status := project.cases.status(case_id)).is_done}
    if found:
        missed = ", ".join(dict.fromkeys(name for case_id in found for name in (*later[case_id], *brought)))
        were = "1 case was" if len(found) == 1 else f"{len(found)} cases were"
        sentence = f"{were} complete before {missed}; this import says that nothing of it is missing there either."
        plan.store.remark(Remark(outcome=Outcome.NOTE, sentence=sentence, rule=COMPLETE_AGAIN, count=len(found)))
    return [CaseStatusChange(case_id=case_id, before=status, after=status) for case_id, status in found.items()]


def _say_unanswered(project: Project, plan: Plan, completed: Sequence[CaseStatusChange], done: Edit) -> int:
    """Cases that the journal left open, since an exclusive task of theirs is not answered. Returns how many."""
    kept = {change.case_id for change in done.changes if isinstance(change, CaseStatusChange)}
    left = [change.case_id for change in completed if change.case_id not in kept]
    if left:
        words = open_question(project.database, left[0])
        stay = "1 case stays" if len(left) == 1 else f"{len(left)} cases stay"
        sentence = f"{stay} open, since an exclusive task is not answered; of the first, {words}."
        plan.store.remark(Remark(outcome=Outcome.NOTE, sentence=sentence, rule=NOT_ANSWERED))
    return len(left)


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
