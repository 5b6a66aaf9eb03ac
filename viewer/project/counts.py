"""How often each label is used, counted by the database: what the label list and the dataset dialog show."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from viewer.core.annotations import CaseStatus
from viewer.core.labels import Verdict
from viewer.project.schema import annotations, cases, image_labels, images

if TYPE_CHECKING:
    from viewer.project.project import Project

# (source, patient id); without a patient ("", study, series or image id): slices of one series are of one person.
PatientKey = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelUse:
    """One label in one image. objects: instances of a region label; 1 for a "yes" to a whole-image label."""

    label: str
    image_id: str
    patient: PatientKey
    objects: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageUse:
    """One image of a complete case."""

    image_id: str
    patient: PatientKey


def label_counts(project: "Project", scope: str) -> dict[str, int]:
    """Instances of each region label, or "yes" answers of each whole-image label, over the whole project."""
    if scope == "region":
        query = select(annotations.c.label, func.count()).group_by(annotations.c.label)
    else:
        query = (
            select(image_labels.c.label, func.count())
            .where(image_labels.c.verdict == Verdict.YES.value)
            .group_by(image_labels.c.label)
        )
    with project.database.reading() as connection:
        return {row[0]: int(row[1]) for row in connection.execute(query)}


def label_uses(project: "Project", label: str, scope: str) -> int:
    """Rows that carry a label: instances, or answers of any kind; a label in use cannot be removed."""
    table = annotations if scope == "region" else image_labels
    query = select(func.count()).select_from(table).where(table.c.label == label)
    with project.database.reading() as connection:
        return int(connection.execute(query).scalar_one())


WHO = (images.c.image_id, images.c.source, images.c.patient_id, images.c.study_uid, images.c.series_id)


def _patient(row: Any) -> PatientKey:
    """row: holds `WHO`."""
    if row.patient_id:
        return row.source, row.patient_id
    return "", row.study_uid or row.series_id or row.image_id


def complete_images(project: "Project") -> list[ImageUse]:
    """Every image of a complete case: what a snapshot can hold."""
    query = (
        select(*WHO).join(cases, cases.c.case_id == images.c.case_id).where(cases.c.status == CaseStatus.COMPLETE.value)
    )
    with project.database.reading() as connection:
        return [ImageUse(image_id=row.image_id, patient=_patient(row)) for row in connection.execute(query)]


def complete_uses(project: "Project", scope: str) -> list[LabelUse]:
    """Every label on every image of a complete case; for whole-image labels the "yes" answers."""
    table = annotations if scope == "region" else image_labels
    query = (
        select(table.c.label, *WHO, func.count().label("objects"))
        .join(images, images.c.image_id == table.c.image_id)
        .join(cases, cases.c.case_id == images.c.case_id)
        .where(cases.c.status == CaseStatus.COMPLETE.value)
        .group_by(table.c.label, *WHO)
    )
    if scope == "image":
        query = query.where(image_labels.c.verdict == Verdict.YES.value)
    with project.database.reading() as connection:
        return [
            LabelUse(
                label=row.label,
                image_id=row.image_id,
                patient=_patient(row),
                objects=int(row.objects),
            )
            for row in connection.execute(query)
        ]
