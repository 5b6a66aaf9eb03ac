"""What an export format is: it writes a `Dataset`, and says before the write what it cannot hold."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from viewer.core.annotations import Annotation, CaseStatus, Measurement
from viewer.core.labels import Label, Verdict
from viewer.project.project import Project
from viewer.project.records import ImageRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedImage:
    """One image with what is on it."""

    record: ImageRecord
    status: CaseStatus
    annotations: tuple[Annotation, ...]
    verdicts: dict[str, Verdict]
    measurements: tuple[Measurement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A project's images in the order of entering, and its label catalogue."""

    name: str
    images: tuple[ExportedImage, ...]
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    """A row's object. suffix: "" when a folder is written. losses: sentences on what the format cannot hold."""

    title: str
    suffix: str
    write: Callable[[Path, Dataset], None]
    losses: Callable[[Dataset], list[str]]


def own_tags(record: ImageRecord) -> dict[str, str]:
    """What a table once said of a picture. Of a DICOM image the header says it, and the next import reads it there."""
    return {} if record.sop_instance_uid else record.tags


def dataset_of(project: Project) -> Dataset:
    """Everything of a project that a format may hold."""
    statuses = {case.case_id: case.status for case in project.cases.all()}
    return Dataset(
        name=project.name,
        images=tuple(
            ExportedImage(
                record=record,
                status=statuses[record.case_id],
                annotations=project.work.annotations(record.image_id),
                verdicts=project.work.image_labels(record.image_id),
                measurements=project.work.measurements(record.image_id),
            )
            for record in project.images.all()
        ),
        labels=tuple(project.labels),
    )
