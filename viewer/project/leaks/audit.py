"""The audit of a snapshot: by the ids of its images, by their pixels, by how they look, by whose they are."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from viewer.core.errors import AppError
from viewer.project.history import now_iso
from viewer.project.leaks.alike import alike
from viewer.project.leaks.document import Audit, Leak, Side, read_audit, write_audit
from viewer.project.leaks.kept_looks import keep_looks, read_looks
from viewer.project.leaks.looks import Look, look_of
from viewer.project.leaks.persons import SamePersons, read_header, same_persons
from viewer.project.project import Project
from viewer.project.records import ImageRecord
from viewer.project.snapshots.items import NAMELESS, SampleFrame, SnapshotItem
from viewer.project.snapshots.snapshot import Snapshot
from viewer.reading.frames import read_frame
from viewer.reading.series import FrameRef

Tell = Callable[[str, int, int], None]
LOOKING, COMPARING = "looking at the films", "comparing the films"
KEPT_EACH = 500  # films after which their looks are kept: an audit that is stopped is not begun anew


def _silent(_what: str, _done: int, _total: int) -> None:
    """Nobody is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """One image of a snapshot, as the audit sees it. record: None where the project has it no more."""

    image_id: str
    path: Path
    frame_index: int
    patient: str
    part: str
    pixel_sha256: str
    record: ImageRecord | None

    @property
    def side(self) -> Side:
        return Side(part=self.part, patient=self.patient, file=self.path.name, image_id=self.image_id)


def audit_of(project: Project, snapshot: Snapshot, *, tell: Tell = _silent) -> Audit:
    """The audit that is kept beside the snapshot, made where there is none.

    Raises BadProject where the one that is there cannot be read, NotWritable where a new one cannot be kept.
    """
    kept = read_audit(snapshot.folder)
    return kept if kept is not None else make_audit(project, snapshot, tell=tell)


def make_audit(project: Project, snapshot: Snapshot, *, tell: Tell = _silent) -> Audit:
    """Look for what stands on both sides of a snapshot's division, and keep what was found beside it.

    An image that cannot be read is counted and costs itself. tell: called with what is done, how much of it and of how
    much; what it raises ends the work. Raises NotWritable.
    """
    images = _images(project, snapshot)
    looks, unread = _looks(project.folder, images, tell)
    persons = _persons(images)
    found = [*_by_ids(images), *_by_pixels(images, looks), *_by_looks(images, looks, tell), *_by_names(images, persons)]
    audit = Audit(
        snapshot_id=snapshot.id, made=now_iso(), images=len(images), unread=tuple(unread),
        found=tuple(sorted(found, key=lambda leak: not leak.crosses)),
        named=persons.compared, placeholders=persons.placeholders,
    )  # fmt: skip
    write_audit(snapshot.folder, audit)
    return audit


def _part(item: SnapshotItem) -> str:
    return item.part if item.fold is None else f"fold {item.fold}"


def _images(project: Project, snapshot: Snapshot) -> list[_Seen]:
    """Every image once, those that samples take beside their own among them."""
    records = {record.image_id: record for record in project.images.all()}
    found: dict[str, _Seen] = {}
    for item in snapshot.items:
        every: tuple[SnapshotItem | SampleFrame, ...] = (item, *item.frames)
        for one in every:
            # An image that a sample has beside its own may be another sample's own, of the same patient.
            found.setdefault(one.image_id, _Seen(
                image_id=one.image_id, path=one.path, frame_index=one.frame_index, patient=item.patient_id,
                part=_part(item), pixel_sha256=one.pixel_sha256, record=records.get(one.image_id),
            ))  # fmt: skip
    return list(found.values())


def _looks(folder: Path, images: Sequence[_Seen], tell: Tell) -> tuple[dict[str, Look], list[tuple[str, str]]]:
    kept, unread = read_looks(folder), []
    fresh = 0
    for done, image in enumerate(images):
        tell(LOOKING, done, len(images))
        if image.image_id in kept:
            continue
        try:
            frame = read_frame(FrameRef(path=image.path, frame_index=image.frame_index))
            kept[image.image_id] = look_of(frame.stored, frame.facts)
        except AppError as error:
            unread.append((image.path.name, str(error)))
            continue
        fresh += 1
        if fresh % KEPT_EACH == 0:
            keep_looks(folder, kept)
    if fresh % KEPT_EACH:
        keep_looks(folder, kept)
    return {image.image_id: kept[image.image_id] for image in images if image.image_id in kept}, unread


def _sides(images: Iterable[_Seen]) -> tuple[Side, ...]:
    """One for each part and patient."""
    groups: dict[tuple[str, str], list[_Seen]] = defaultdict(list)
    for image in images:
        groups[image.part, image.patient].append(image)
    return tuple(
        Side(part=part, patient=patient, file=these[0].path.name, image_id=these[0].image_id, images=len(these))
        for (part, patient), these in sorted(groups.items())
    )


def _grouped(images: Iterable[_Seen], key: Callable[[_Seen], object]) -> Iterator[list[_Seen]]:
    """The images that share a key, where there are several; an empty key is nobody's."""
    groups: dict[object, list[_Seen]] = defaultdict(list)
    for image in images:
        if value := key(image):
            groups[value].append(image)
    yield from (these for these in groups.values() if len(these) > 1)


def _by_ids(images: Sequence[_Seen]) -> Iterator[Leak]:
    """Patients, studies and series in more than one part; SOP instances that are two images."""
    known = [image for image in images if image.record is not None]
    keys: Mapping[str, Callable[[ImageRecord], str]] = {
        "study": lambda record: record.study_uid, "series": lambda record: record.series_id,
    }  # fmt: skip
    yield from (
        Leak(kind="patient", sides=_sides(these))
        for these in _grouped(images, lambda image: image.patient)
        if len({image.part for image in these}) > 1
    )
    for kind, key in keys.items():
        for these in _grouped(known, lambda image, of=key: of(image.record)):  # type: ignore[misc]  # called at once
            if len({image.part for image in these}) > 1:
                yield Leak(kind=kind, sides=_sides(these))
    for these in _grouped(known, _instance):
        yield Leak(kind="sop", sides=tuple(image.side for image in these))


def _instance(image: _Seen) -> object:
    record = image.record
    return (record.sop_instance_uid, record.frame_index) if record is not None and record.sop_instance_uid else None


def _by_pixels(images: Sequence[_Seen], looks: Mapping[str, Look]) -> Iterator[Leak]:
    """Images with the very same stored pixels. Empty slices are alike and nobody's own."""
    shows = [one for one in images if one.image_id not in looks or len(looks[one.image_id].copies)]
    for these in _grouped(shows, lambda image: image.pixel_sha256):
        yield Leak(kind="pixels", sides=tuple(image.side for image in these))


def _by_looks(images: Sequence[_Seen], looks: Mapping[str, Look], tell: Tell) -> Iterator[Leak]:
    """Pairs that are one film; what has the very same pixels is told already."""
    seen = [image for image in images if image.image_id in looks]
    patients = {name: place for place, name in enumerate(dict.fromkeys(image.patient for image in seen))}
    series = [image.record.series_id if image.record is not None else "" for image in seen]
    sizes: dict[str, int] = defaultdict(int)
    for one in series:
        sizes[one] += 1
    numbers = {name: place for place, name in enumerate(sizes)}
    stacks = [numbers[one] if one and sizes[one] > 1 else -1 for one in series]
    found = alike(
        [looks[image.image_id] for image in seen],
        np.array([patients[image.patient] for image in seen], np.intp),
        np.array(stacks, np.intp),
        np.array([not image.patient.startswith(NAMELESS) for image in seen], np.bool_),
        lambda done, total: tell(COMPARING, done, total),
    )
    for pair in found:
        first, second = seen[pair.first], seen[pair.second]
        if not first.pixel_sha256 or first.pixel_sha256 != second.pixel_sha256:
            sides = (first.side, second.side)
            yield Leak(kind="near", sides=sides, score=round(min(1.0, pair.score), 3), turned=pair.turned)


def _persons(images: Sequence[_Seen]) -> SamePersons:
    """One header of each patient's study is read: who it is of stands in each alike."""
    headers: dict[str, list[Path]] = defaultdict(list)
    studies = set()
    for image in images:
        study = (image.patient, image.record.study_uid if image.record is not None else "", image.path.parent)
        if study not in studies:
            studies.add(study)
            headers[image.patient].append(image.path)
    read = {patient: [read_header(path) for path in paths] for patient, paths in headers.items()}
    return same_persons({patient: [one for one in these if one is not None] for patient, these in read.items()})


def _by_names(images: Sequence[_Seen], persons: SamePersons) -> Iterator[Leak]:
    of_patient: dict[str, list[_Seen]] = defaultdict(list)
    for image in images:
        of_patient[image.patient].append(image)
    for one, other in persons.pairs:
        yield Leak(kind="person", sides=(*_sides(of_patient[one]), *_sides(of_patient[other])))
