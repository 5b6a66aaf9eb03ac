"""From the header of a DICOM file to what a scan keeps of it."""

from viewer.core.errors import AppError, BadFile, UnsupportedFile
from viewer.reading.dicom.functional_groups import FrameHeader
from viewer.reading.dicom.header import Header
from viewer.reading.dicom.object_kinds import DIRECTORY_CLASS, is_presentation_class, object_kind
from viewer.reading.dicom.parsed_file import DicomFile
from viewer.reading.dicom.second_sets import second_set_words
from viewer.reading.facts.concatenation import read_part
from viewer.reading.facts.diffusion import b_value, direction_text
from viewer.reading.facts.geometry import frame_plane, frame_spacing
from viewer.reading.facts.instance_facts import InstanceFacts, Vector
from viewer.reading.facts.odd_values import odd_words
from viewer.reading.facts.places import frame_places
from viewer.reading.facts.special_images import special_images
from viewer.reading.pixels.coding import COLUMNS, MOST_ROWS, ROWS, frame_count
from viewer.reading.pixels.cut_files import missing_pixels
from viewer.reading.pixels.decoders import DECODERS, NATIVE, NOT_READ
from viewer.reading.pixels.promise import check_promise


class PresentationStateFile(UnsupportedFile):
    """The file holds no image but says how to show some."""


class Directory(AppError):
    """The file is a DICOMDIR: it lists images and holds none."""


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
