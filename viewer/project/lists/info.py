"""What is in a project, as plain facts."""

from collections import Counter
from typing import Any

from sqlalchemy import func, select

from viewer.core.case_acts import shown_counts
from viewer.core.labels import Verdict
from viewer.project.counts import answer_counts
from viewer.project.in_batches import images_inside
from viewer.project.lists.beyond import BeyondImages
from viewer.project.lists.on_planes import on_planes_of, shapes_on_planes
from viewer.project.lists.taken_readings import ByRule, OneReading, listed
from viewer.project.project import Project
from viewer.project.snapshots.snapshot import all_snapshots
from viewer.project.store.schema import annotations, image_labels


def project_info(project: Project, rule: str = "", *, as_opened: bool = False) -> dict[str, Any]:
    """Counts of images, patients, cases, labels, tasks and snapshots.

    rule, as_opened: what of several readings the counts of cases and labels take, as `listed` has it.
    """
    records = project.images.all()
    taken = listed(project, rule, as_opened=as_opened)
    uses, verdicts, on_planes = _of_one(project) if isinstance(taken, OneReading) else _of_several(project, taken)
    progress = shown_counts(Counter(row.status for row in taken.rows(project.cases.all())))
    # No rule takes answers to attributes together, and those of one reading would stand there as those of all.
    asked = answer_counts(project) if isinstance(taken, OneReading) else {}
    patients = {(record.source, record.patient_id) for record in records if record.patient_id}
    without = sum(not record.patient_id for record in records)
    return {
        "folder": project.folder.resolve(),
        "name": project.name,
        "author": project.author,
        "case_unit": project.case_unit,
        "images": len(records),
        "patients": len(patients) + without,
        "images_without_patient": without,
        "sources": sorted({record.source for record in records}),
        "cases": sum(progress.values()),
        "progress": {status.value: count for status, count in progress.items()},
        "readings": {"rule": taken.rule, "words": taken.words},
        "labels": [
            {
                "name": label.name,
                "scope": label.scope,
                "color": label.color,
                "key": label.key,
                "code": None if label.code is None else label.code.words,
                "count": uses[label.scope, label.name],
                **(_answers(verdicts.get(label.name, {})) if label.scope == "image" else {}),
            }
            for label in project.labels
        ],
        "attributes": [
            {
                "name": one.name,
                "scope": one.scope,
                "label": one.label,
                "kind": one.kind.value,
                "words": one.words,
                "unit": one.unit,
                "choices": list(one.choices),
                "count": asked.get((one.scope, one.label, one.name)),
            }
            for one in project.attributes
        ],
        "measurements_on_planes": on_planes[1],
        "shapes_on_planes": on_planes[0],
        "tasks": [
            {"name": task.name, "kind": task.kind, "labels": task.labels, "exclusive": task.exclusive}
            for task in project.tasks.all()
        ],
        "snapshots": [
            {"id": card["id"], "task": card["task"]["name"], "images": card["images"], "created": card["created"]}
            for card in all_snapshots(project.folder)
        ],
        "undo": project.history.undo_text,
    }


Uses = Counter[tuple[str, str]]  # by scope and label
Verdicts = dict[str, dict[str, int]]  # by label and verdict


OnPlanes = tuple[int, int]  # shapes, measurements


def _of_one(project: Project) -> tuple[Uses, Verdicts, OnPlanes]:
    """What there is in the project's own round, counted by the database."""
    uses: Uses = Counter()
    verdicts: Verdicts = {}
    with project.database.reading() as connection:
        used = select(annotations.c.label, func.count(annotations.c.object_id.distinct()).label("n"))
        used = used.where(annotations.c.round_id == project.round_id).group_by(annotations.c.label)
        for row in connection.execute(used):
            uses["region", row.label] = row.n
        said = select(image_labels.c.label, image_labels.c.verdict, func.count().label("n"))
        said = said.where(image_labels.c.round_id == project.round_id)
        for row in connection.execute(said.group_by(image_labels.c.label, image_labels.c.verdict)):
            verdicts.setdefault(row.label, {})[row.verdict] = row.n
            uses["image", row.label] += row.n
    return uses, verdicts, (len(shapes_on_planes(project)), len(on_planes_of(project)))


def _of_several(project: Project, taken: ByRule) -> tuple[Uses, Verdicts, OnPlanes]:
    """What a rule takes; an object on several images counts once."""
    uses: Uses = Counter()
    verdicts: Verdicts = {}
    objects: set[tuple[str, str]] = set()
    shapes = lines = 0
    beyond = BeyondImages(project, taken.round_ids)
    for record, readings in taken.of(list(images_inside(project))):
        if said := beyond.of(record):
            readings = taken.with_beyond(record, readings, said)
            if not all(one.beyond.is_empty for one in readings):
                beyond.given(record)
        for one in readings:
            objects |= {(shape.label, shape.object_key) for shape in (*one.annotations, *one.beyond.drawn)}
            shapes, lines = shapes + len(one.beyond.drawn), lines + len(one.beyond.measured)
            for label, verdict in one.verdicts.items():
                of = verdicts.setdefault(label, {})
                of[verdict.value] = of.get(verdict.value, 0) + 1
                uses["image", label] += 1
    for label, _ in objects:
        uses["region", label] += 1
    return uses, verdicts, (shapes, lines)


def _answers(verdicts: dict[str, int]) -> dict[str, Any]:
    """What people said of a whole-image label; an image of which nobody said anything is in none of the counts."""
    counts = {verdict.name.lower(): verdicts.get(verdict.value, 0) for verdict in Verdict}
    return {"verdicts": verdicts, **counts}
