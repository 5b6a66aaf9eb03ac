"""Where a frame lies and how far its pixels are apart, with the attribute that says so."""

import math

from viewer.core.geometry import ImagePlane, PointMm, Spacing, SpacingLevel
from viewer.reading.frame_position import stacked_place
from viewer.reading.functional_groups import FrameHeader

PIXEL_MEASURES, PLANE_POSITION, PLANE_ORIENTATION = 0x00289110, 0x00209113, 0x00209116
PIXEL_SPACING, IMAGER_SPACING, NOMINAL_SPACING = 0x00280030, 0x00181164, 0x00182010
POSITION, ORIENTATION, FRAME_OF_REFERENCE = 0x00200032, 0x00200037, 0x00200052
MAGNIFICATION = 0x00181114
ASPECT_RATIO = 0x00280034
# From a fraction of an atom to ten metres; beyond that a number is a fault, and its products overflow.
LEAST_MM, MOST_MM = 1e-9, 1e4

# Modalities whose image is a shadow on a detector: their Pixel Spacing is the detector's unless it was calibrated.
PROJECTION = frozenset(("CR", "DX", "MG", "XA", "RF", "RG", "PX", "IO", "XC"))


def frame_spacing(frame: FrameHeader) -> Spacing | None:
    """Distance between pixel centres, None when the file does not give it.

    PixelSpacing of a projection that only repeats the detector's spacing is mm at the detector; one that differs is
    calibrated (PS3.3 10.7.1.3). With an estimated magnification the detector's spacing is divided by it.
    """
    header = frame.header
    pixel = _pair(frame.where(PIXEL_MEASURES, PIXEL_SPACING).numbers(PIXEL_SPACING))
    imager = _pair(header.numbers(IMAGER_SPACING))
    magnification = header.number(MAGNIFICATION)
    if pixel and not (imager and _same(pixel, imager)):
        kind = header.text(0x00280A02).upper()
        projected = header.text(0x00080060) in PROJECTION and not kind and not imager
        level = SpacingLevel.DETECTOR if projected else SpacingLevel.PATIENT
        return Spacing(row_mm=pixel[0], col_mm=pixel[1], source="PixelSpacing", level=level)
    if imager and magnification and magnification > 0:
        return Spacing(
            row_mm=imager[0] / magnification,
            col_mm=imager[1] / magnification,
            source="ImagerPixelSpacing / EstimatedRadiographicMagnificationFactor",
            level=SpacingLevel.ESTIMATED,
        )
    if imager:
        source = "PixelSpacing" if pixel else "ImagerPixelSpacing"
        return Spacing(row_mm=imager[0], col_mm=imager[1], source=source, level=SpacingLevel.DETECTOR)
    nominal = _pair(header.numbers(NOMINAL_SPACING))
    if nominal:
        source = "NominalScannedPixelSpacing"
        return Spacing(row_mm=nominal[0], col_mm=nominal[1], source=source, level=SpacingLevel.DETECTOR)
    return None


def pixel_aspect(frame: FrameHeader) -> float:
    """Height of a pixel over its width from Pixel Aspect Ratio, 1.0 when not given (C.7.6.3.1.7)."""
    ratio = frame.header.numbers(ASPECT_RATIO)
    return ratio[0] / ratio[1] if len(ratio) == 2 and ratio[0] > 0 and ratio[1] > 0 else 1.0


def frame_plane(frame: FrameHeader) -> ImagePlane | None:
    """The frame's place in the patient; None when position or orientation is absent or impossible."""
    top_position, top_cosines = stacked_place(frame)
    holder = frame.where(PLANE_POSITION, POSITION)
    position = top_position if holder is frame.header else holder.numbers(POSITION)
    holder = frame.where(PLANE_ORIENTATION, ORIENTATION)
    cosines = top_cosines if holder is frame.header else holder.numbers(ORIENTATION)
    if len(position) != 3 or len(cosines) != 6 or not _is_orientation(cosines):
        return None
    return ImagePlane(
        position_mm=(position[0], position[1], position[2]),
        row_cosines=_unit(cosines[:3]),
        col_cosines=_unit(cosines[3:]),
        frame_of_reference=frame.header.text(FRAME_OF_REFERENCE),
    )


def _is_orientation(cosines: tuple[float, ...]) -> bool:
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


def _pair(numbers: tuple[float, ...]) -> tuple[float, float] | None:
    """(row, col) distance; None for what is no distance between pixels of anything."""
    if not numbers or not all(LEAST_MM <= number <= MOST_MM for number in numbers[:2]):
        return None
    return numbers[0], numbers[min(1, len(numbers) - 1)]


def _same(a: tuple[float, float], b: tuple[float, float]) -> bool:
    return all(math.isclose(x, y, rel_tol=1e-4) for x, y in zip(a, b))
