"""What an export format is: it writes a `Dataset`, and says before the write what it cannot hold."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from viewer.core.labels import Label, Verdict
from viewer.core.shapes.annotations import Annotation, CaseStatus, Measurement
from viewer.project.project import Project
from viewer.project.records import ImageRecord
from viewer.project.register import KEPT_KEYWORDS


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
    """What a table once said of an image. What a DICOM header says the next import reads there."""
    if not record.sop_instance_uid:
        return record.tags
    return {key: value for key, value in record.tags.items() if key not in KEPT_KEYWORDS}


def always_lost(dataset: Dataset) -> list[str]:
    """What no import takes back, whatever the format."""
    carried = {("region", one.label) for image in dataset.images for one in image.annotations}
    carried |= {("image", label) for image in dataset.images for label in image.verdicts}
    idle = [label.name for label in dataset.labels if (label.scope, label.name) not in carried]
    twice = sum(len(image.annotations) - len(_different(image.annotations)) for image in dataset.images)
    sentences = {
        f"{len(idle)} labels that no image carries do not come back with an import ({', '.join(idle[:3])}).": len(idle),
        f"{twice} shapes stand twice under one label; an import takes each once.": twice,
    }
    return [sentence for sentence, count in sentences.items() if count]


def _different(annotations: Sequence[Annotation]) -> list[Annotation]:
    kept: list[Annotation] = []
    by_label: dict[str, list[Annotation]] = {}
    for one in annotations:
        alike = by_label.setdefault(one.label, [])
        if all(one.shape != other.shape for other in alike):
            alike.append(one)
            kept.append(one)
    return kept


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
