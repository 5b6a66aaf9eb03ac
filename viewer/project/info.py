"""What is in a project, as plain facts."""

from collections import Counter
from typing import Any

from sqlalchemy import func, select

from viewer.core.labels import Verdict
from viewer.project.counts import answer_counts
from viewer.project.project import Project
from viewer.project.snapshots.snapshot import all_snapshots
from viewer.project.store.schema import annotations, image_labels


def project_info(project: Project) -> dict[str, Any]:
    """Counts of images, patients, cases, labels, tasks and snapshots."""
    records = project.images.all()
    uses: Counter[tuple[str, str]] = Counter()
    verdicts: dict[str, dict[str, int]] = {}
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
    asked = answer_counts(project)
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
        "cases": sum(project.cases.progress().values()),
        "progress": {status.value: count for status, count in project.cases.progress().items()},
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
                "count": asked[one.scope, one.label, one.name],
            }
            for one in project.attributes
        ],
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


def _answers(verdicts: dict[str, int]) -> dict[str, Any]:
    """What people said of a whole-image label; an image of which nobody said anything is in none of the counts."""
    counts = {verdict.name.lower(): verdicts.get(verdict.value, 0) for verdict in Verdict}
    return {"verdicts": verdicts, **counts}
