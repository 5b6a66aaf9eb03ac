"""Where the frames of a multi-frame image lie when only the first one's place is given."""

from viewer.reading.dicom.functional_groups import FrameHeader
from viewer.reading.dicom.header import Header

Vector = tuple[float, ...]

FRAMES, POSITION, ORIENTATION = 0x00280008, 0x00200032, 0x00200037
GRID_OFFSETS, SLICE_SPACING = 0x3004000C, 0x00180088
DETECTORS, DETECTOR_VECTOR, SLICE_VECTOR = 0x00540022, 0x00540020, 0x00540080
RECONSTRUCTED = ("RECON TOMO", "RECON GATED TOMO")


def stacked_place(frame: FrameHeader) -> tuple[Vector, Vector]:
    """(position, orientation) of one frame from the top of the header and what stacks the frames; () where unknown.

    A dose grid says how far each frame lies from the first (Grid Frame Offset Vector, PS3.3 C.8.8.3.2), reconstructed
    nuclear medicine numbers its slices and gives their signed spacing (C.8.4.15: the sign decides the side).
    """
    header = frame.header
    offsets = header.numbers(GRID_OFFSETS)
    if offsets:
        return _dose_place(header, offsets, frame.index)
    if SLICE_VECTOR in header and header.texts(0x00080008)[2:3] and header.texts(0x00080008)[2] in RECONSTRUCTED:
        return _nuclear_place(header, frame.index)
    if (header.integer(FRAMES) or 1) > 1:
        # One place for many frames (cone beam CT without functional groups): it is the first one's, or nobody's.
        return (), header.numbers(ORIENTATION)
    return header.numbers(POSITION), header.numbers(ORIENTATION)


def _dose_place(header: Header, offsets: Vector, index: int) -> tuple[Vector, Vector]:
    position, cosines = header.numbers(POSITION), header.numbers(ORIENTATION)
    if index >= len(offsets):
        header.ignore(GRID_OFFSETS)
    if len(position) != 3 or len(cosines) != 6 or index >= len(offsets):
        return (), cosines
    if offsets[0] == 0:
        return _along_normal(position, cosines, offsets[index]), cosines
    axial = abs(cosines[2]) + abs(cosines[5]) + abs(cosines[1]) + abs(cosines[3]) < 1e-6
    if axial and abs(offsets[0] - position[2]) < 1e-3:
        return (position[0], position[1], offsets[index]), cosines  # absolute coordinates, the standard's case b
    header.ignore(GRID_OFFSETS)
    return (), cosines


def _nuclear_place(header: Header, index: int) -> tuple[Vector, Vector]:
    detectors = header.items(DETECTORS)
    numbers, slices = header.words(DETECTOR_VECTOR, signed=False), header.words(SLICE_VECTOR, signed=False)
    number = numbers[index] if index < len(numbers) else 1
    detector = detectors[number - 1] if 1 <= number <= len(detectors) else header
    cosines = detector.numbers(ORIENTATION) or header.numbers(ORIENTATION)
    position = detector.numbers(POSITION) or header.numbers(POSITION)
    step = header.number(SLICE_SPACING)
    if index >= len(slices):
        header.ignore(SLICE_VECTOR)
    if len(position) != 3 or len(cosines) != 6 or step is None or index >= len(slices):
        return (), cosines
    return _along_normal(position, cosines, (slices[index] - 1) * step), cosines


def _along_normal(position: Vector, cosines: Vector, distance_mm: float) -> Vector:
    (a, b, c), (d, e, f) = cosines[:3], cosines[3:]
    normal = (b * f - c * e, c * d - a * f, a * e - b * d)
    return tuple(p + n * distance_mm for p, n in zip(position, normal))
