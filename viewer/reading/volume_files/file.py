"""NIfTI, NRRD and MetaImage volumes through SimpleITK: slices of the file's own third axis, in LPS.

SimpleITK gives patient coordinates in LPS for all three (NIfTI's own RAS is turned there, at the edge). Stored values
are what it gives: where a NIfTI file has a scale (scl_slope, scl_inter), that is applied on reading and the values are
floating point; the file keeps no unit for them, so there is none here.
"""

import logging
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.errors import BadFile, UnsupportedFile
from viewer.core.geometry import ImagePlane, PointMm, Spacing
from viewer.core.pixels import FrameIdentity, PixelFacts
from viewer.reading.dicom.opening import is_part_10
from viewer.reading.series import FrameRef
from viewer.reading.sources.file_stamp import file_stamp
from viewer.reading.volume_files.child import GREY
from viewer.reading.volume_files.header import HEAD_BYTES, NIFTI, NRRD, VolumeHeader, read_volume_header, volume_kind
from viewer.reading.volume_files.packed import check_packed
from viewer.reading.volume_files.reader import READER, ReaderFailed

if TYPE_CHECKING:
    from viewer.reading.facts.instance_facts import InstanceFacts
    from viewer.reading.frame import Frame

log = logging.getLogger(__name__)

MAX_PIXELS = 1 << 29
MAX_FRAMES = 200_000
READERS = {"NIfTI": "NiftiImageIO", "NRRD": "NrrdImageIO", "MetaImage": "MetaImageIO"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """An opened volume, without its pixels.

    rows, cols: of a slice (the file's second and first axis). slices: along its third axis. times: along a fourth.
    step_mm, axes: voxel size and direction (LPS) of the three axes. origin_mm: centre of the first voxel. stamp: size
    and time of the file.
    """

    path: Path
    header: VolumeHeader
    rows: int
    cols: int
    slices: int
    times: int
    colour: bool
    step_mm: PointMm
    origin_mm: PointMm
    axes: tuple[PointMm, PointMm, PointMm]
    stamp: tuple[int, int]

    @property
    def spacing(self) -> Spacing | None:
        """Pixel spacing of a slice; None when the file gives none."""
        if not self.header.spacing_source:
            return None
        return Spacing(
            row_mm=self.step_mm[1],
            col_mm=self.step_mm[0],
            source=self.header.spacing_source,
            level=self.header.spacing_level,
        )

    @property
    def slice_spacing_mm(self) -> float | None:
        """Distance of neighbouring slices; None when the file gives none or there is one slice."""
        return self.step_mm[2] if self.header.spacing_source and self.slices > 1 else None

    @property
    def must_be_whole(self) -> bool:
        """Whether no slice can be read alone."""
        return _must_be_whole(self.header, colour=self.colour)

    def plane(self, number: int) -> ImagePlane | None:
        """Where slice `number` lies; None when the file does not say where its voxels lie in the patient."""
        if not self.header.has_plane:
            return None
        x, y, z = (o + a * number * self.step_mm[2] for o, a in zip(self.origin_mm, self.axes[2]))
        return ImagePlane(position_mm=(x, y, z), row_cosines=self.axes[0], col_cosines=self.axes[1])

    def name_of_time(self, time: int) -> str:
        """What a series of one time point is called."""
        return f"{self.path.name} · time {time + 1}" if self.times > 1 else self.path.name


def is_volume_file(path: Path) -> bool:
    """Whether a file begins as NIfTI, NRRD or MetaImage."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            return not is_part_10(head) and bool(volume_kind(head))
    except OSError:
        return False


def open_volume(path: Path) -> Volume:
    """A volume's header; the last few are remembered. Raises BadFile or UnsupportedFile."""
    return _opened(path, *file_stamp(path))


# A direction is a cosine, at most 1; the library inverts the matrix and is busy for minutes with 1e308 in it.
MOST_OF_AN_AXIS = 1e3


@lru_cache(maxsize=8)
def _opened(path: Path, size_bytes: int, mtime_ns: int) -> Volume:
    header = read_volume_header(path)
    said, _ = _ask(path, header, do="open")
    size = tuple(said["size"])
    if not 2 <= len(size) <= 4:
        raise UnsupportedFile(f"{path} has {len(size)} axes; volumes of 2 to 4 axes are read.")
    cols, rows, slices, times = (*size, 1, 1)[:4]
    colour = said["type"] == "VectorUInt8" and said["parts"] == 3 and not header.voxel_kind
    if not colour and (said["type"] not in GREY or said["parts"] != 1):
        kind = f" of the kind {header.voxel_kind}" if header.voxel_kind else ""
        what = f"{said['parts']} value(s) a voxel ({said['type']}){kind}"
        raise UnsupportedFile(f"{path} holds {what}; only grey and RGB volumes are shown.")
    _check_size(path, header, rows * cols, slices * times, whole=_must_be_whole(header, colour=colour))
    axes, flat = len(size), said["direction"]
    columns = [[flat[row * axes + col] for row in range(min(3, axes))] for col in range(min(3, axes))]
    step, origin = (*said["spacing"], 1.0)[:3], (*said["origin"], 0.0)[:3]
    if axes == 2:
        columns = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    if not all(np.isfinite(value) for value in (*step, *origin, *flat)) or not all(value > 0 for value in step):
        raise BadFile(f"{path} says its voxels are {step} mm apart; ask for a new copy.")
    if any(abs(value) > MOST_OF_AN_AXIS for value in flat):
        raise BadFile(f"{path} says its axes point along {tuple(flat)}, which is no direction; ask for a new copy.")
    return Volume(
        path=path,
        header=header,
        rows=rows,
        cols=cols,
        slices=slices,
        times=times,
        colour=colour,
        step_mm=_point(step),
        origin_mm=_point(origin),
        axes=(_point(columns[0]), _point(columns[1]), _point(columns[2])),
        stamp=(size_bytes, mtime_ns),
    )


def _point(values: Any) -> PointMm:
    x, y, z = (float(value) + 0.0 for value in values)  # + 0.0 makes -0.0 a plain 0
    return x, y, z


def _ask(path: Path, header: VolumeHeader, **question: Any) -> tuple[dict[str, Any], bytes]:
    """What SimpleITK answers, in its own process. Raises BadFile."""
    try:
        return READER.ask(path=str(path.absolute()), io=READERS[header.kind], **question)
    except ReaderFailed as error:
        log.debug("SimpleITK", exc_info=True)
        if "orthonormal" in str(error):
            raise BadFile(f"{path} has axes that are not at right angles; such volumes are not read.") from error
        if header.kind == NRRD and header.voxel_kind:
            raise UnsupportedFile(
                f"{path} has an axis that is none in space ({header.voxel_kind}), which is not read; save what lies "
                "along it as files of their own."
            ) from error
        raise BadFile(f"{path} cannot be read as {header.kind}; ask for a new copy.") from error


def _check_size(path: Path, header: VolumeHeader, pixels: int, frames: int, *, whole: bool) -> None:
    """Refuse what would not fit before anything is allocated."""
    if pixels > MAX_PIXELS or frames > MAX_FRAMES:
        raise UnsupportedFile(f"{path} says it has {frames} images of {pixels} pixels; that many are not read.")
    budget = whole_budget_bytes()
    if whole and header.size_bytes > budget:
        raise UnsupportedFile(
            f"{path} inflates to {header.size_bytes >> 20} MiB, more than the {budget >> 20} MiB that fit here; "
            "save it without compression."
        )


def whole_budget_bytes() -> int:
    """How large a volume may be that can only be read as a whole: a sixth of this machine's memory."""
    import psutil

    return int(psutil.virtual_memory().total) // 6


def _must_be_whole(header: VolumeHeader, *, colour: bool) -> bool:
    # NRRD and compressed files are read from their beginning whatever is asked of them; one slice of a colour NIfTI
    # file overruns the memory that SimpleITK 2.5.7 makes for it.
    return header.compressed or header.kind == NRRD or (colour and header.kind == NIFTI)


def volume_facts(path: Path) -> "InstanceFacts":
    """What a scan keeps of a volume. Raises BadFile or UnsupportedFile."""
    from viewer.reading.facts.instance_facts import InstanceFacts

    volume = open_volume(path)
    spacing, first = volume.spacing, volume.plane(0)
    planes = [volume.plane(number) for number in range(volume.slices)]
    return InstanceFacts(
        kind=volume.header.kind.lower(),
        rows=volume.rows,
        cols=volume.cols,
        frames=volume.slices * volume.times,
        series_description=path.name,
        spacing=None if spacing is None else (spacing.row_mm, spacing.col_mm, spacing.source, spacing.level.value),
        position_mm=first.position_mm if first is not None else (),
        orientation=(*first.row_cosines, *first.col_cosines) if first is not None else (),
        along_normal_mm=tuple(round(plane.along_normal_mm, 6) for plane in planes if plane is not None),
        time_points=volume.times,
        slice_spacing_mm=volume.slice_spacing_mm,
        note=volume.header.geometry_note,
    )


def read_volume_frame(ref: FrameRef) -> "Frame":
    """One slice as a frame: (row, col), or (row, col, 3) for RGB. Raises BadFile or UnsupportedFile."""
    from viewer.reading.frame import Frame

    volume = open_volume(ref.path)
    if not 0 <= ref.frame_index < volume.slices * volume.times:
        raise BadFile(f"{ref.path} has {volume.slices * volume.times} images; there is no image {ref.frame_index}.")
    time, number = divmod(ref.frame_index, volume.slices)
    stored = _slice(volume, time, number)
    facts = PixelFacts(
        rows=volume.rows,
        cols=volume.cols,
        samples=3 if volume.colour else 1,
        bits_stored=8 * stored.dtype.itemsize,
        signed=stored.dtype.kind == "i",
        photometric="RGB" if volume.colour else "MONOCHROME2",
        spacing=volume.spacing,
        plane=volume.plane(number),
        banner=volume.header.value_note,
    )
    identity = FrameIdentity(series_description=volume.name_of_time(time), extra={"file": volume.path.name})
    return Frame(ref=ref, stored=stored, facts=facts, identity=identity, decoder="SimpleITK")


def _slice(volume: Volume, time: int, number: int) -> NDArray[Any]:
    """(row, col[, 3]), not writeable."""
    if volume.header.wbits:
        check_packed(volume.path, volume.header, volume.stamp)
    said, data = _ask(
        volume.path,
        volume.header,
        do="slice",
        slice=number,
        time=time,
        whole=volume.must_be_whole,
        frame=time * volume.slices + number,
        frames=volume.slices * volume.times,
        stamp=list(volume.stamp),
    )
    shape = (volume.rows, volume.cols, 3) if volume.colour else (volume.rows, volume.cols)
    dtype = np.dtype(said["dtype"])
    if len(data) != prod(shape) * dtype.itemsize:
        raise BadFile(f"{volume.path} gives an image of another size than it says; ask for a new copy.")
    return np.frombuffer(data, dtype).reshape(shape)
