"""How images enter a project: scanned series, or single files that an import names."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from viewer.core.boundary import cannot_be_written
from viewer.core.edits import AnnotationChange, Change, Edit, ImageLabelChange, MeasurementChange, ObjectLinkChange
from viewer.core.errors import AppError, BadFile
from viewer.project.changes.said_of_objects import said_of
from viewer.project.edit_builders import add_images
from viewer.project.lists.on_planes import on_planes_of, shapes_on_planes
from viewer.project.objects.reading import shapes_of
from viewer.project.project import Project
from viewer.project.records import NewImage
from viewer.reading.decoding.errand import current
from viewer.reading.scan import Problem, ScanResult
from viewer.reading.series import FrameRef, Series
from viewer.reading.sources.archive import on_disk
from viewer.reading.sources.private_files import data_folder, narrow_files, private_folder

# The header facts that are kept per image: what a model may learn instead of the disease (device, view, sex, ...),
# what a model's domain is checked against, and what lists show. Names and birth dates stay in the files.
KEPT_KEYWORDS = frozenset(
    (
        "AcquisitionDate", "BitsStored", "BodyPartExamined", "BurnedInAnnotation", "Columns", "ConversionType",
        "ConvolutionKernel", "DeidentificationMethod", "DetectorType", "EchoTime", "Exposure", "FrameOfReferenceUID",
        "ImageLaterality", "ImageOrientationPatient", "ImagePositionPatient", "ImageType", "ImagerPixelSpacing",
        "InstanceNumber", "InstitutionName", "KVP", "Laterality", "LossyImageCompression", "MagneticFieldStrength",
        "Manufacturer", "ManufacturerModelName", "Modality", "NominalScannedPixelSpacing", "PatientAge",
        "PatientIdentityRemoved", "PatientOrientation", "PatientPosition", "PatientSex", "PhotometricInterpretation",
        "PixelSpacing", "PresentationLUTShape", "ProtocolName", "RepetitionTime", "RescaleType", "Rows",
        "SeriesDescription", "SeriesNumber", "SliceThickness", "SoftwareVersions", "StationName", "StudyDate",
        "StudyDescription", "ViewPosition", "XRayTubeCurrent",
    )
)  # fmt: skip

Progress = Callable[[int, int], None]


def _never() -> bool:
    return False


def _silent(done: int, total: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameToAdd:
    """One frame that shall enter a project; what a table says of it goes before what its header says."""

    ref: FrameRef
    source: str
    patient_id: str = ""
    study_uid: str = ""
    series_id: str = ""
    part: str = ""
    of_stack: bool = False
    modality: str = ""
    tags: dict[str, str] = field(default_factory=dict)


def read_new_image(wanted: FrameToAdd) -> NewImage:
    """Read the frame's pixels and header facts. Raises BadFile or UnsupportedFile."""
    from viewer.reading.frames import read_frame
    from viewer.reading.image_id import pixel_sha256

    ref = wanted.ref
    try:
        stat = on_disk(ref.path).stat()
    except OSError as error:
        raise BadFile(f"{ref.path} cannot be read: {error.strerror or error}.") from error
    frame = read_frame(ref)
    return NewImage(
        path=ref.path.resolve(),
        frame_index=ref.frame_index,
        sop_instance_uid=ref.sop_instance_uid,
        source=wanted.source,
        patient_id=wanted.patient_id or frame.identity.patient_id,
        study_uid=wanted.study_uid,
        series_id=wanted.series_id,
        part=wanted.part,
        of_stack=wanted.of_stack,
        rows=int(frame.stored.shape[0]),
        cols=int(frame.stored.shape[1]),
        modality=wanted.modality or frame.identity.modality,
        pixel_sha256=pixel_sha256(frame.stored),
        size_bytes=stat.st_size,
        mtime_ns=stat.st_mtime_ns,
        tags={**_kept_tags(ref, is_dicom=bool(ref.sop_instance_uid)), **wanted.tags},
    )


def _kept_tags(ref: FrameRef, *, is_dicom: bool) -> dict[str, str]:
    if not is_dicom:
        return {}
    from viewer.reading.frames import header_tags

    return {
        row.keyword: str(row.value)
        for row in header_tags(ref.path)
        if row.level == 0 and row.keyword in KEPT_KEYWORDS and str(row.value)
    }


def add_frames(
    project: Project,
    wanted: Sequence[FrameToAdd],
    *,
    progress: Progress = _silent,
    cancelled: Callable[[], bool] = _never,
) -> tuple[list[str], list[Problem]]:
    """Put frames into the project, as one edit that can be undone.

    Returns (the ids of the frames that are in the project now, problems by file). A cancelled call adds nothing.
    """
    ids, problems = note_frames(project, wanted, progress=progress, cancelled=cancelled)
    fresh = project.images.outside(ids)
    if fresh:
        project.history.do(add_images(fresh))
        project.predictions.store_held(fresh)
    return ids, problems


def note_frames(
    project: Project,
    wanted: Sequence[FrameToAdd],
    *,
    progress: Progress = _silent,
    cancelled: Callable[[], bool] = _never,
) -> tuple[list[str], list[Problem]]:
    """Write down frames without letting them in; those whose file has not changed since are not read again.

    Returns (the ids of the frames, problems by file). One transaction at the end, so a cancelled call notes nothing.
    """
    done: dict[int, str] = {}
    to_read: list[int] = []
    for place, frame in enumerate(wanted):
        known = _known(project, frame.ref)
        if known is None:
            to_read.append(place)
        else:
            done[place] = known
    fresh: list[tuple[int, NewImage]] = []
    problems: list[Problem] = []
    for count, (place, result) in enumerate(_read_all(wanted, to_read), start=1):
        if cancelled():
            return [], []
        progress(count, len(to_read))
        if isinstance(result, NewImage):
            fresh.append((place, result))
        else:
            problems.append(Problem(path=wanted[place].ref.path, reason=str(result)))
    ids = project.images.note([image for _, image in fresh]) if fresh else []
    done.update({place: image_id for (place, _), image_id in zip(fresh, ids, strict=True)})
    return [done[place] for place in sorted(done)], problems


def ids_of(project: Project | None, wanted: Sequence[FrameToAdd]) -> list[str]:
    """What frames are called by their content. Nothing is written. Raises what reading the first bad one raises."""
    known = [None if project is None else _known(project, frame.ref) for frame in wanted]
    ids = [image_id or "" for image_id in known]
    for place, result in _read_all(wanted, [place for place, one in enumerate(known) if one is None]):
        if not isinstance(result, NewImage):
            raise result
        ids[place] = result.image_id
    return ids


def _known(project: Project, ref: FrameRef) -> str | None:
    try:
        stat = on_disk(ref.path).stat()
    except (OSError, AppError):
        return None
    return project.images.unchanged(ref.path.resolve(), ref.frame_index, stat.st_size, stat.st_mtime_ns)


def read_frames(wanted: Sequence[FrameToAdd]) -> Iterator[NewImage | AppError]:
    """Each frame as it would enter a project, or why it cannot be read, in order; nothing is written."""
    return (read for _, read in _read_all(wanted, range(len(wanted))))


def _read_all(wanted: Sequence[FrameToAdd], places: Sequence[int]) -> Iterator[tuple[int, NewImage | AppError]]:
    """Read in a few threads (decoding and hashing free the interpreter's lock), in order, problems as values."""
    errand = current()

    def read(place: int) -> tuple[int, NewImage | AppError]:
        try:
            with errand:
                return place, read_new_image(wanted[place])
        except AppError as error:
            return place, error

    pool = ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1), thread_name_prefix="register")
    try:
        yield from pool.map(read, places)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def is_stack(series: Series) -> bool:
    """Whether a series is looked at as a whole: slices along a normal, or the frames of one file."""
    return series.is_volume or len(series.frames) > max(1, series.files)


def frames_of(series: Iterable[Series], *, cut_stacks: bool = False) -> list[FrameToAdd]:
    """Every frame of the series, in their sorted order. cut_stacks: each slice is a film like any other."""
    return [
        FrameToAdd(
            ref=ref,
            source=one.source,
            patient_id=one.patient_id,
            study_uid=one.study_uid,
            series_id=one.series_id,
            part=one.part_shown(names_hidden=True),  # names stay in the files
            of_stack=not cut_stacks and is_stack(one),
            modality=one.modality,
        )
        for one in series
        for ref in one.frames
    ]


def add_to_project(
    project: Project,
    scan_result: ScanResult,
    *,
    cut_stacks: bool = False,
    progress: Progress = _silent,
    cancelled: Callable[[], bool] = _never,
) -> tuple[list[str], list[Problem]]:
    """Put everything a scan found into the project, as one edit.

    Returns (image ids, problems); the scan's own problems are not repeated. cut_stacks: see `frames_of`.
    """
    from viewer.reading.scan import all_series

    wanted = frames_of(all_series(scan_result), cut_stacks=cut_stacks)
    return add_frames(project, wanted, progress=progress, cancelled=cancelled)


def personal_folder() -> Path:
    """Where work goes when no project is open."""
    return data_folder() / "personal"


def personal_project(*, writable: bool = True) -> Project:
    """The personal project in the user's data folder; made when it is not there yet. Its case is a series."""
    from viewer.project.project import DATABASE_NAME

    folder = personal_folder()
    try:
        # Unlike a project in a folder that somebody chose, it is this person's alone.
        private_folder(folder)
        if not (folder / DATABASE_NAME).is_file():
            Project.create(folder, name="Personal", case_unit="series").close()
        narrow_files(folder)  # the database with its -wal and -shm, and the lock
    except OSError as error:
        if writable:
            raise cannot_be_written(folder, error) from error
    return Project.open(folder, writable=writable)


def copy_work(source: Project, target: Project, image_ids: Sequence[str]) -> int:
    """Copy annotations, labels and measurements of images from one project to another, as one edit of the target, with
    what is said of the objects.

    Only onto images that carry nothing there yet. Returns how many things were copied. Links to proposals stay
    behind with the proposals.
    """
    changes: list[Change] = []
    known = {image.image_id for image in source.images.noted(image_ids)}  # also one that was only measured, in no case
    for image_id in dict.fromkeys(image_ids):
        here = target.work
        if image_id not in known or here.annotations(image_id) or here.image_labels(image_id):
            continue
        if here.measurements(image_id):
            continue
        changes += [
            AnnotationChange(before=None, after=replace(annotation, proposal_id=None))
            for annotation in source.work.annotations(image_id)
        ]
        changes += [
            ImageLabelChange(image_id=image_id, label=label, before=None, after=verdict)
            for label, verdict in source.work.image_labels(image_id).items()
        ]
        changes += [MeasurementChange(before=None, after=one) for one in source.work.measurements(image_id)]
    changes += _on_planes(source, target, image_ids)
    changes += _said_of_objects(source, target, changes)
    if changes:
        target.history.do(Edit(text=f"copy work from {source.name}", changes=tuple(changes)))
    return len(changes)


def _on_planes(source: Project, target: Project, image_ids: Sequence[str]) -> list[Change]:
    """What is drawn and measured on planes through the series of these images, which the target does not have."""
    asked = set(image_ids)
    of = {image.series_id for image in target.images.all() if image.image_id in asked}
    there = {one.measurement_id for one in on_planes_of(target)}
    lines: list[Change] = [
        MeasurementChange(before=None, after=one)
        for one in on_planes_of(source)
        if one.plane is not None and one.plane.series_id in of and one.measurement_id not in there
    ]
    drawn = {one.annotation_id for one in shapes_on_planes(target)}
    return [
        AnnotationChange(before=None, after=replace(one, proposal_id=None))
        for one in shapes_on_planes(source)
        if one.plane is not None and one.plane.series_id in of and one.annotation_id not in drawn
    ] + lines


def _said_of_objects(source: Project, target: Project, changes: Sequence[Change]) -> list[Change]:
    """What is said of the objects that changes draw, which the target does not have; a link only where both of its
    objects come."""
    drawn = (change.after for change in changes if isinstance(change, AnnotationChange))
    keys = list(dict.fromkeys(one.object_key for one in drawn if one is not None))
    keys = [key for key in keys if not shapes_of(target, key)]
    with source.database.reading() as connection:
        said = [change.inverse() for change in said_of(connection, keys)]
    ends = [
        {change.after.first_id, change.after.second_id}
        if isinstance(change, ObjectLinkChange) and change.after is not None
        else set()
        for change in said
    ]
    return [change for change, both in zip(said, ends, strict=True) if both <= set(keys)]


def copy_personal_work(target: Project, image_ids: Sequence[str]) -> int:
    """Copy what was done on these images while no project was open. Returns how many things were copied."""
    from viewer.project.project import DATABASE_NAME

    folder = personal_folder()
    if not image_ids or not (folder / DATABASE_NAME).is_file() or folder.resolve() == target.folder.resolve():
        return 0
    with Project.open(folder, writable=False) as personal:
        return copy_work(personal, target, image_ids)
