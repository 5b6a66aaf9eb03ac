"""Series as the frames of a sample are looked for in them, whether they were scanned or are images of a project."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from viewer.core.errors import AppError
from viewer.core.geometry import ImagePlane
from viewer.project.records import ImageRecord
from viewer.project.samples.file_geometry import said_by_file
from viewer.reading.facts.geometry import is_orientation
from viewer.reading.series import FrameRef, Series


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """One image of a stack. image_id, pixel_sha256: "" where it was scanned and not read yet. view_position: as a
    project keeps it."""

    ref: FrameRef
    image_id: str = ""
    pixel_sha256: str = ""
    view_position: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """One series. slices: those with a place, along their normal; nowhere: those without one.

    study: what its study and patient are known by, "" where no file says it. tags: header facts of one of its images.
    """

    series_id: str
    study: str
    modality: str
    description: str
    slices: tuple[Slice, ...]
    nowhere: tuple[Slice, ...] = ()
    number: str = ""
    series_uid: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What people know it by."""
        number = f"series {self.number}" if self.number else f"series {self.series_id[:8]}"
        return f"{self.description} ({self.modality}, {number})" if self.description else f"{self.modality}, {number}"

    def plane(self) -> ImagePlane | None:
        """Where its first slice lies; None where no file says it. May read a header."""
        return plane_of(self.slices[0].ref, self.tags) if self.slices else None

    def uid(self) -> str:
        """Its Series Instance UID, "" where no file says it. May read a header."""
        first = (*self.slices, *self.nowhere)[0].ref
        return self.series_uid or _said(first)[1]


def plane_of(ref: FrameRef, tags: Mapping[str, str]) -> ImagePlane | None:
    """Where an image lies: as was kept of its header, else as its file says now. tags: {} of one frame of several."""
    if "MOSAIC" in tags.get("ImageType", ""):
        return None  # its position is that of a sheet where nothing lies
    position, cosines = (_numbers(tags.get(name, "")) for name in ("ImagePositionPatient", "ImageOrientationPatient"))
    if len(position) == 3 and len(cosines) == 6 and is_orientation(cosines):
        x, y, z = position
        a, b, c, d, e, f = cosines
        return ImagePlane(
            position_mm=(x, y, z), row_cosines=(a, b, c), col_cosines=(d, e, f),
            frame_of_reference=tags.get("FrameOfReferenceUID", ""),
        )  # fmt: skip
    return _said(ref)[0]


def _said(ref: FrameRef) -> tuple[ImagePlane | None, str]:
    try:
        plane, _, series_uid = said_by_file(ref.path, ref.frame_index, ref.sop_instance_uid)
    except (AppError, OSError):
        return None, ""
    return plane, series_uid


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split("\\")) if text else ()
    except ValueError:
        return ()


def stacks_of_series(series: Iterable[Series]) -> list[Stack]:
    """Of what a scan gave."""
    return [
        _stack(
            [Slice(ref=ref) for ref in one.frames],
            series_id=one.series_id, series_uid=one.series_uid, modality=one.modality, number=one.number,
            study=_study(one.source, one.patient_id, one.study_uid),
            description=" ".join(part for part in (one.description, one.part) if part),
        )
        for one in series
    ]  # fmt: skip


def stacks_of_records(records: Iterable[ImageRecord]) -> list[Stack]:
    """Of images of a project. Reads the header of an image of which no place was kept."""
    by_series: dict[str, list[ImageRecord]] = defaultdict(list)
    frames = Counter[str]()
    for record in records:
        by_series[record.series_id or record.image_id].append(record)
        frames[record.sop_instance_uid] += 1
    return [
        _stack(
            [_slice(record, alone=frames[record.sop_instance_uid] == 1) for record in held],
            series_id=series_id, modality=held[0].modality, number=held[0].tags.get("SeriesNumber", ""),
            study=_study(held[0].source, held[0].patient_id, held[0].study_uid),
            description=held[0].tags.get("SeriesDescription", ""),
            of={one.image_id: one.tags for one in held if frames[one.sop_instance_uid] == 1},
        )
        for series_id, held in by_series.items()
    ]  # fmt: skip


def _slice(record: ImageRecord, *, alone: bool) -> Slice:
    """alone: of its file. The header of a file with several frames says where the first one lies."""
    ref = FrameRef(
        path=record.path, frame_index=record.frame_index, sop_instance_uid=record.sop_instance_uid,
        instance_number=record.tags.get("InstanceNumber", ""),
    )  # fmt: skip
    plane = plane_of(ref, record.tags if alone else {})
    along_mm = None if plane is None else plane.along_normal_mm
    return Slice(
        ref=replace(ref, along_normal_mm=along_mm), image_id=record.image_id, pixel_sha256=record.pixel_sha256,
        view_position=record.tags.get("ViewPosition", ""),
    )  # fmt: skip


def _stack(held: list[Slice], *, of: Mapping[str, Mapping[str, str]] | None = None, **facts: str) -> Stack:
    placed = sorted((one for one in held if one.ref.along_normal_mm is not None), key=along_mm)
    tags = of.get(placed[0].image_id, {}) if of is not None and placed else {}
    nowhere = tuple(one for one in held if one.ref.along_normal_mm is None)
    return Stack(slices=tuple(placed), nowhere=nowhere, tags=tags, **facts)


def along_mm(one: Slice) -> float:
    """Where a slice of `Stack.slices` lies along its normal."""
    return one.ref.along_normal_mm or 0.0


def _study(source: str, patient_id: str, study_uid: str) -> str:
    return f"{source}\n{patient_id}\n{study_uid}" if study_uid else ""
