"""Between formats that still read a whole batch and the records of `importer`; gone with the last of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from viewer.core.labels import Verdict
from viewer.exchange.importer import Declared, ImageName, ImportedShape, Item, Pieces, Record, Remark, left_out, note


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedImage:
    """What a file says of one image."""

    path: Path
    frame_index: int = 0
    patient_id: str | None = None
    size: tuple[int, int] | None = None
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    named: dict[str, tuple[str, ...]] = field(default_factory=dict)
    shapes: tuple[ImportedShape, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportBatch:
    """Everything one import read."""

    images: tuple[ImportedImage, ...]
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    region_labels: tuple[str, ...] = ()
    problems: tuple[tuple[Path, str], ...] = ()
    notes: tuple[str, ...] = ()


def items_of(batch: ImportBatch) -> Iterator[Item]:
    """The records of a batch."""
    for name in batch.region_labels:
        yield Declared(scope="region", name=name)
    for group, names in batch.groups.items():
        for name in names:
            yield Declared(scope="image", name=name, group=group)
    for image in batch.images:
        yield Record(
            image=ImageName(path=str(image.path), frame_index=image.frame_index),
            patient_id=image.patient_id,
            size=image.size,
            verdicts=image.verdicts,
            named=image.named,
            shapes=image.shapes,
            tags=image.tags,
        )
    for where, sentence in batch.problems:
        yield left_out(ImageName(path=str(where)), sentence, rule="cannot be read")
    for sentence in batch.notes:
        yield note(sentence, rule="worth knowing")


def batch_of(items: Iterable[Item]) -> ImportBatch:
    """A batch of records, for the import that still takes one."""
    images: list[ImportedImage] = []
    groups: dict[str, dict[str, None]] = {}
    regions: dict[str, None] = {}
    problems: list[tuple[Path, str]] = []
    notes: list[str] = []
    for item in items:
        if isinstance(item, Declared):
            place = regions if item.scope == "region" else groups.setdefault(item.group, {})
            place[item.name] = None
        elif isinstance(item, Remark):
            if item.outcome.is_left_out:
                problems.append((Path(item.image.path if item.image else ""), item.sentence))
            else:
                notes.append(item.sentence)
        else:
            assert not any(isinstance(shape.shape, Pieces) for shape in item.shapes)
            for group, names in item.named.items():
                groups.setdefault(group, {}).update(dict.fromkeys(names))
            regions.update(dict.fromkeys(shape.label for shape in item.shapes))
            images.append(
                ImportedImage(
                    path=Path(item.image.path),
                    frame_index=item.image.frame_index or 0,
                    patient_id=item.patient_id,
                    size=item.size,
                    verdicts=dict(item.verdicts),
                    named=dict(item.named),
                    shapes=item.shapes,
                    tags=dict(item.tags),
                )
            )
    return ImportBatch(
        images=tuple(images),
        groups={group: tuple(names) for group, names in groups.items()},
        region_labels=tuple(regions),
        problems=tuple(problems),
        notes=tuple(notes),
    )
