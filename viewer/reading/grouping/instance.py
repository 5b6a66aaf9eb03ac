"""What a scan keeps of one file: enough to group, sort and warn, small enough for an index."""

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from viewer.core.errors import AppError, BadFile, UnsupportedFile
from viewer.core.geometry import ImagePlane, Spacing, SpacingLevel
from viewer.reading.dicom.dicom_file import DicomFile
from viewer.reading.dicom.functional_groups import FrameHeader
from viewer.reading.dicom.header import Header
from viewer.reading.dicom.object_kinds import DIRECTORY_CLASS, is_presentation_class, object_kind
from viewer.reading.dicom.second_sets import second_set_words
from viewer.reading.facts.concatenation import Part, read_part
from viewer.reading.facts.diffusion import b_value, direction_text
from viewer.reading.facts.frame_geometry import frame_plane, frame_spacing
from viewer.reading.facts.frame_places import FramePlace, frame_places
from viewer.reading.facts.odd_values import odd_words
from viewer.reading.facts.special_images import Special, special_images
from viewer.reading.pixels.coding import COLUMNS, MOST_ROWS, ROWS, frame_count
from viewer.reading.pixels.cut_files import missing_pixels
from viewer.reading.pixels.decoders import DECODERS, NATIVE, NOT_READ
from viewer.reading.sources.limits import check_promise

# Grows when a field changes its meaning: index rows of another version are read anew.
FACTS_VERSION = 11

Vector = tuple[float, ...]


class PresentationStateFile(UnsupportedFile):
    """The file holds no image but says how to show some."""


class Directory(AppError):
    """The file is a DICOMDIR: it lists images and holds none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceFacts:
    """One image file.

    position_mm, orientation, along_normal_mm (one value): of a single-frame file; () when absent. places: of a
    multi-frame file whose frames have places of their own, one per frame. shape of a series depends on: rows, cols,
    orientation, spacing, stack, echo, b_value, time_point.
    part: which part of an image that was cut into several files; None of a whole one. lacking: what a cut file still
    holds, where its header tells.
    time_points, slice_spacing_mm: of a volume file. note: what is doubtful about its geometry; of a TIFF the sizes of
    its pages where they differ.
    special: what its images are beside what is shown of them. odd: what of its header was left as it is odd, in
    sentences.
    acquired: time of day (HHMMSS.fraction). phase: values that may tell apart images at one place, in the order they
    are asked; phase_names: what each is (see `parts`).
    """

    kind: str
    rows: int
    cols: int
    frames: int
    sop_class: str = ""
    sop_instance_uid: str = ""
    transfer_syntax: str = ""
    patient_id: str = ""
    patient_name: str = ""
    study_uid: str = ""
    study_date: str = ""
    study_description: str = ""
    series_uid: str = ""
    series_number: str = ""
    series_description: str = ""
    modality: str = ""
    instance_number: str = ""
    frame_of_reference: str = ""
    spacing: tuple[float, float, str, str] | None = None
    position_mm: Vector = ()
    orientation: Vector = ()
    along_normal_mm: Vector = ()
    stack: str = ""
    echo: str = ""
    b_value: str = ""
    time_point: str = ""
    acquired: str = ""
    phase: tuple[str, ...] = ()
    phase_names: tuple[str, ...] = ()
    places: tuple[FramePlace, ...] = ()
    gantry_tilt_degrees: float = 0.0
    table_spacing_mm: float = 0.0
    time_points: int = 1
    slice_spacing_mm: float | None = None
    note: str = ""
    part: Part | None = None
    lacking: str = ""
    special: tuple[Special, ...] = ()
    odd: str = ""

    @property
    def echo_is_time(self) -> bool:
        """Whether `echo` is the Effective Echo Time of a placed frame, not a number of echoes."""
        return self.phase_names[:1] == ("",)

    def spacing_value(self) -> Spacing | None:
        """The spacing as the value the rest of the program uses."""
        if self.spacing is None:
            return None
        row, col, source, level = self.spacing
        return Spacing(row_mm=row, col_mm=col, source=source, level=SpacingLevel(level))

    @classmethod
    def from_row(cls, row: list[Any]) -> "InstanceFacts":
        """The facts that an index row holds: every field in the order of this class, tuples as lists.

        Raises TypeError for a value of another type: an index is a file, and a flipped bit makes any value of any kind.
        """
        if len(row) != len(_ROW_KINDS) or not all(map(isinstance, row, _ROW_KINDS)):
            raise TypeError("a row of the header index is not of its types")
        values: dict[str, Any] = {
            name: tuple(value) if type(value) is list else value for name, value in zip(cls.__slots__, row)
        }
        if values["places"]:
            values["places"] = tuple(map(_place_of, values["places"]))
        if values["special"]:
            values["special"] = tuple(Special(*one) for one in values["special"])
        if values["part"] is not None:
            values["part"] = Part(*values["part"])
        return cls(**values)

    def of_frame(self, index: int) -> "InstanceFacts":
        """The facts of one placed frame, as if it were a file of its own."""
        place = self.places[index]
        along = _along(place.position_mm, place.orientation)
        return replace(self, frames=1, places=(), along_normal_mm=along, **place._asdict())


_PLAIN_KINDS: dict[Any, Any] = {str: str, int: int, float: (float, int)}
# 2 µs a row beside the 27 it takes to read one.
_ROW_KINDS: list[Any] = [
    _PLAIN_KINDS.get(field.type, (list, type(None), float, int)) for field in fields(InstanceFacts)
]


def _place_of(row: list[Any]) -> FramePlace:
    named = dict(zip(FramePlace._fields, row))
    for name in ("position_mm", "orientation", "phase"):
        named[name] = tuple(named[name])
    if named["spacing"] is not None:
        named["spacing"] = tuple(named["spacing"])
    return FramePlace(**named)


def instance_facts(file: DicomFile) -> InstanceFacts:
    """The facts of a DICOM file. Raises UnsupportedFile for what is no image, BadFile for a broken one."""
    header = file.header
    _check_image(file)
    frame = FrameHeader(header=header)
    frames = frame_count(header, file.path)
    check_promise(file, frames)
    plane = frame_plane(frame)
    spacing = frame_spacing(frame)
    orientation = header.numbers(0x00200037)
    places, place_names = frame_places(header, frames)
    return InstanceFacts(
        kind="dicom",
        rows=header.integer(ROWS) or 0,
        cols=header.integer(COLUMNS) or 0,
        frames=frames,
        sop_class=header.text(0x00080016) or header.media_class,
        sop_instance_uid=header.text(0x00080018),
        transfer_syntax=header.transfer_syntax,
        patient_id=header.text(0x00100020),
        patient_name=header.name(0x00100010),
        study_uid=header.text(0x0020000D),
        study_date=header.text(0x00080020),
        study_description=header.text(0x00081030),
        series_uid=header.text(0x0020000E),
        series_number=header.text(0x00200011),
        series_description=header.text(0x0008103E),
        modality=header.text(0x00080060),
        instance_number=header.text(0x00200013),
        frame_of_reference=header.text(0x00200052),
        spacing=None if spacing is None else (spacing.row_mm, spacing.col_mm, spacing.source, spacing.level.value),
        position_mm=plane.position_mm if plane is not None and frames == 1 else (),
        orientation=(*plane.row_cosines, *plane.col_cosines) if plane is not None else _degenerate(orientation),
        along_normal_mm=(round(plane.along_normal_mm, 6),) if plane is not None and frames == 1 else (),
        echo=header.text(0x00180086),
        b_value=b_value(frame) if frames == 1 else "",
        time_point=header.text(0x00200100),
        acquired=header.text(0x00080032) or header.text(0x0008002A)[8:] or header.text(0x00080033),
        phase=_phase(header) if not places else (),
        phase_names=place_names if places else PHASE_NAMES,
        places=places,
        gantry_tilt_degrees=header.number(0x00181120) or 0.0,
        table_spacing_mm=header.number(0x00180088) or 0.0,
        part=read_part(header),
        lacking=missing_pixels(file, frames),
        special=special_images(header),
        odd=_odd(file, frame),  # last, when everything has been asked for
    )


def _odd(file: DicomFile, frame: FrameHeader) -> str:
    return " ".join(part for part in (odd_words(frame), second_set_words(file)) if part)


def _check_image(file: DicomFile) -> None:
    header = file.header
    sop_class = header.text(0x00080016) or header.media_class
    if sop_class == DIRECTORY_CLASS or 0x00041220 in header:
        raise Directory
    kind = object_kind(sop_class, header.text(0x00080060))
    if header.pixels is None:
        if is_presentation_class(sop_class):
            raise PresentationStateFile(f"{file.path} is {kind}; the images it is about are not here.")
        if kind:
            raise UnsupportedFile(f"{file.path} is {kind}, not an image.")
        if header.cut:
            raise BadFile(f"{file.path} is cut short inside its header; copy it again.")
        if not header.places or not (header.integer(ROWS) or sop_class):
            raise BadFile(f"{file.path} holds too little to be an image; ask for a new copy.")
        raise BadFile(f"{file.path} holds no pixels; it is cut short or never had any.")
    rows, cols = header.integer(ROWS) or 0, header.integer(COLUMNS) or 0
    if not (0 < rows <= MOST_ROWS and 0 < cols <= MOST_ROWS):
        raise BadFile(f"{file.path} says its image has {rows} rows and {cols} columns; ask for a new copy.")
    if header.pixels.offset >= file.end:
        raise BadFile(f"{file.path} ends before its pixels; copy it again.")
    uid = header.transfer_syntax
    if uid not in NATIVE and uid not in DECODERS and header.pixels.length < 0:
        what = NOT_READ.get(uid, f"the transfer syntax {uid}")
        raise UnsupportedFile(f"{file.path} holds {what}, which this program does not read.")


def _degenerate(orientation: Vector) -> Vector:
    """An orientation that is there but impossible still keeps its file apart from the others."""
    return orientation if len(orientation) == 6 else ()


def _along(position: Vector, orientation: Vector) -> Vector:
    """Where a frame lies along its normal, as one value; () without a place."""
    if len(position) != 3 or len(orientation) != 6:
        return ()
    (x, y, z), (a, b, c, d, e, f) = position, orientation
    plane = ImagePlane(position_mm=(x, y, z), row_cosines=(a, b, c), col_cosines=(d, e, f))
    return (round(plane.along_normal_mm, 6),)


PHASE_NAMES = (
    "echo time", "trigger time", "acquisition", "image type", "time slice", "direction", "inversion time", "flip angle",
    "cardiac phase", "repetition time", "kV", "kernel", "slice thickness", "coil", "sequence", "comment",
    "contrast", "origin", "description", "acquired", "made",
)  # fmt: skip


def _phase(header: Header) -> tuple[str, ...]:
    image_type = header.texts(0x00080008)
    return (
        header.text(0x00180081),  # Echo Time
        header.text(0x00181060),  # Trigger Time
        header.text(0x00200012),  # Acquisition Number
        "\\".join(image_type[2:]),  # magnitude, phase, water, fat ...
        header.text(0x00541330) if header.text(0x00541000).startswith("DYNAMIC") else "",
        direction_text(FrameHeader(header=header)),
        header.text(0x00180082),  # Inversion Time
        header.text(0x00181314),  # Flip Angle
        _number_text(header, 0x00209241),  # Nominal Percentage of Cardiac Phase
        header.text(0x00180080),  # Repetition Time
        header.text(0x00180060),  # KVP
        header.text(0x00181210),  # Convolution Kernel
        header.text(0x00180050),  # Slice Thickness
        header.text(0x00181250),  # Receive Coil Name
        header.text(0x00180024),  # Sequence Name
        header.text(0x00204000),  # Image Comments
        header.text(0x00180010),  # Contrast/Bolus Agent
        "\\".join(image_type[:2]),  # original or derived, primary or secondary
        header.text(0x0008103E),  # Series Description: of a series in which it differs
        header.text(0x00080032),  # Acquisition Time
        header.text(0x00080033),  # Content Time
    )


def _number_text(header: Header, tag: int) -> str:
    value = header.number(tag)
    return "" if value is None else f"{value:g}"


def raster_facts(path: Path) -> InstanceFacts:
    """The facts of a PNG, JPEG or TIFF picture."""
    from viewer.reading.pictures.in_children import picture_info

    info = picture_info(path)
    sizes = ((info.rows, info.cols), *info.other_sizes)
    return InstanceFacts(
        kind=info.kind.lower(),
        rows=info.rows,
        cols=info.cols,
        frames=info.pages,
        series_description=path.name,
        note=_listed([f"{rows} x {cols}" for rows, cols in sizes]) if info.other_sizes else "",
        special=(Special("missing-images", info.note, "images missing"),) if info.note else (),
    )


def _listed(names: list[str], most: int = 4) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
