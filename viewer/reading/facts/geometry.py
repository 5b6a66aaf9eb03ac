"""Where a frame lies and how far its pixels are apart, with the attribute that says so."""

import math

from viewer.core.geometry import ImagePlane, PointMm, Spacing, SpacingLevel
from viewer.reading.dicom.functional_groups import FrameHeader
from viewer.reading.dicom.header import Header
from viewer.reading.facts.position import stacked_place
from viewer.reading.facts.special_images import is_mosaic

PIXEL_MEASURES, PLANE_POSITION, PLANE_ORIENTATION = 0x00289110, 0x00209113, 0x00209116
PIXEL_SPACING, IMAGER_SPACING, NOMINAL_SPACING = 0x00280030, 0x00181164, 0x00182010
POSITION, ORIENTATION, FRAME_OF_REFERENCE = 0x00200032, 0x00200037, 0x00200052
MAGNIFICATION, MODALITY = 0x00181114, 0x00080060
CALIBRATION_TYPE, CALIBRATION_DESCRIPTION = 0x00280A02, 0x00280A04
FRAME_PIXEL_DATA = 0x00289443  # XA/XRF Frame Pixel Data Properties Sequence
ASPECT_RATIO = 0x00280034
GANTRY_TILT, CT_DETAILS = 0x00181120, 0x00189304
LEAST_TILT_DEGREES = 0.1
# From a fraction of an atom to ten metres; beyond that a number is a fault, and its products overflow.
LEAST_MM, MOST_MM = 1e-9, 1e4

Pair = tuple[float, float]

# Modalities whose image is a shadow on a detector: a millimetre there is none in the patient until it was calibrated.
PROJECTION = frozenset(("CR", "DX", "MG", "XA", "RF", "RG", "PX", "IO", "XC"))


def frame_spacing(frame: FrameHeader) -> Spacing | None:
    """Distance between pixel centres, None when the file does not give it (PS3.3 10.7.1).

    In a projection, a Pixel Spacing that repeats that of the detector or of the scanned film is not calibrated; one
    that differs is; one that stands alone does not tell. Pixel Measures of a frame are always the patient's.
    """
    measured = frame.macro(PIXEL_MEASURES)
    in_patient = _pair(measured, PIXEL_SPACING) if measured is not None else None
    if in_patient:
        return Spacing(row_mm=in_patient[0], col_mm=in_patient[1], source="PixelSpacing")
    header = frame.header
    pixel = _pair(header, PIXEL_SPACING)
    plain, plain_source = _uncorrected(frame)
    if pixel is not None:
        level, note = _level(header, pixel, plain)
        if level is not SpacingLevel.DETECTOR:
            return Spacing(row_mm=pixel[0], col_mm=pixel[1], source="PixelSpacing", level=level, note=note)
    if plain is None:
        return None
    magnification = header.number(MAGNIFICATION)
    if magnification is not None and magnification <= 0:
        header.ignore(MAGNIFICATION)
    if magnification and magnification > 0 and plain_source == "ImagerPixelSpacing":
        return Spacing(
            row_mm=plain[0] / magnification,
            col_mm=plain[1] / magnification,
            source="ImagerPixelSpacing / EstimatedRadiographicMagnificationFactor",
            level=SpacingLevel.ESTIMATED,
            note=f"magnified {magnification:g} times",
        )
    source = "PixelSpacing" if pixel is not None else plain_source
    return Spacing(row_mm=plain[0], col_mm=plain[1], source=source, level=SpacingLevel.DETECTOR)


def _uncorrected(frame: FrameHeader) -> tuple[Pair | None, str]:
    """The spacing at the detector's front or on the scanned film, which no correction ever touches, and its name."""
    imager = _pair(frame.where(FRAME_PIXEL_DATA, IMAGER_SPACING), IMAGER_SPACING)
    if imager is not None:
        return imager, "ImagerPixelSpacing"
    nominal = _pair(frame.header, NOMINAL_SPACING)
    return nominal, "NominalScannedPixelSpacing" if nominal is not None else ""


def _level(header: Header, pixel: Pair, plain: Pair | None) -> tuple[SpacingLevel, str]:
    """What a millimetre of Pixel Spacing is, and what the file says of its calibration (10.7.1.1, 10.7.1.2)."""
    kind = header.text(CALIBRATION_TYPE).upper()
    note = " ".join(part for part in (kind, header.text(CALIBRATION_DESCRIPTION)) if part)
    if kind == "FIDUCIAL":
        return SpacingLevel.CALIBRATED, note
    if kind == "GEOMETRY":
        return SpacingLevel.ESTIMATED, note
    if plain is not None:
        return (SpacingLevel.DETECTOR if _same(pixel, plain) else SpacingLevel.CALIBRATED), note
    if header.text(MODALITY) in PROJECTION:
        return SpacingLevel.UNSAID, note
    return SpacingLevel.PATIENT, note


def pixel_aspect(frame: FrameHeader) -> float:
    """Height of a pixel over its width from Pixel Aspect Ratio, 1.0 when not given (C.7.6.3.1.7)."""
    ratio = frame.header.numbers(ASPECT_RATIO)
    if len(ratio) == 2 and ratio[0] > 0 and ratio[1] > 0:
        return ratio[0] / ratio[1]
    if ratio:
        frame.header.ignore(ASPECT_RATIO)
    return 1.0


def tilt_words(degrees: float) -> str:
    """Such as "gantry tilt 18.5°"; "" where it is too little to matter."""
    return f"gantry tilt {degrees:.1f}°" if abs(degrees) >= LEAST_TILT_DEGREES else ""


def frame_tilt(frame: FrameHeader) -> str:
    """Gantry/Detector Tilt (0018,1120) of one frame in words, "" without any (PS3.3 C.8.2.1, C.8.15.3.2)."""
    return tilt_words(frame.where(CT_DETAILS, GANTRY_TILT).number(GANTRY_TILT) or 0.0)


def frame_plane(frame: FrameHeader) -> ImagePlane | None:
    """The frame's place in the patient; None when position or orientation is absent or impossible.

    A mosaic has none: its Image Position is that of a sheet as large as its slices are together, where nothing lies.
    """
    if is_mosaic(frame.header):
        return None
    top_position, top_cosines = stacked_place(frame)
    holder = frame.where(PLANE_POSITION, POSITION)
    position = top_position if holder is frame.header else holder.numbers(POSITION)
    if len(position) not in (0, 3):
        holder.ignore(POSITION)
    holder = frame.where(PLANE_ORIENTATION, ORIENTATION)
    cosines = top_cosines if holder is frame.header else holder.numbers(ORIENTATION)
    if cosines and (len(cosines) != 6 or not is_orientation(cosines)):
        holder.ignore(ORIENTATION)
    if len(position) != 3 or len(cosines) != 6 or not is_orientation(cosines):
        return None
    return ImagePlane(
        position_mm=(position[0], position[1], position[2]),
        row_cosines=_unit(cosines[:3]),
        col_cosines=_unit(cosines[3:]),
        frame_of_reference=frame.header.text(FRAME_OF_REFERENCE),
    )


def is_orientation(cosines: tuple[float, ...]) -> bool:
    """Whether six cosines are two directions, about as long as 1 and about perpendicular."""
    row, col = cosines[:3], cosines[3:]
    lengths = math.hypot(*row), math.hypot(*col)
    if not all(0.9 < length < 1.1 for length in lengths):
        return False
    return abs(sum(a * b for a, b in zip(row, col))) < 0.1


def _unit(vector: tuple[float, ...]) -> PointMm:
    length = math.hypot(*vector)
    # Values that are unit to the precision of a DS stay as the file has them.
    if abs(length - 1) < 1e-5:
        return (vector[0], vector[1], vector[2])
    return (vector[0] / length, vector[1] / length, vector[2] / length)


def _pair(header: Header, tag: int) -> Pair | None:
    """(row, col) distance; None for what is no distance between pixels of anything."""
    numbers = header.numbers(tag)
    if not numbers:
        return None
    if not all(LEAST_MM <= number <= MOST_MM for number in numbers[:2]):
        header.ignore(tag)
        return None
    return numbers[0], numbers[min(1, len(numbers) - 1)]


def _same(a: Pair, b: Pair) -> bool:
    return all(math.isclose(x, y, rel_tol=1e-4) for x, y in zip(a, b))
