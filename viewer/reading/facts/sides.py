"""Which way the rows and columns of an image run in the patient, where its place is not known."""

from viewer.core.geometry import direction_letters
from viewer.reading.dicom.functional_groups import FrameHeader
from viewer.reading.facts.geometry import ORIENTATION, PLANE_ORIENTATION, is_orientation

PATIENT_ORIENTATION, ANATOMICAL_TYPE = 0x00200020, 0x00102210
# Head and foot are written as in the letters of a plane.
LETTERS = {"L": "L", "R": "R", "A": "A", "P": "P", "H": "S", "F": "I"}

Sides = tuple[str, str]


def frame_sides(frame: FrameHeader) -> Sides:
    """The letters of increasing column and of increasing row, ("", "") where the file does not say.

    From the orientation without a position, else from Patient Orientation (PS3.3 C.7.6.1.1.1), which films have. Its
    letters for animals are others and are not shown.
    """
    cosines = frame.where(PLANE_ORIENTATION, ORIENTATION).numbers(ORIENTATION)
    if len(cosines) == 6 and is_orientation(cosines):
        (a, b, c), (d, e, f) = cosines[:3], cosines[3:]
        return direction_letters((a, b, c)), direction_letters((d, e, f))
    header = frame.header
    names = header.texts(PATIENT_ORIENTATION)
    if len(names) != 2 or header.text(ANATOMICAL_TYPE).upper() == "QUADRUPED":
        return "", ""
    if any(letter not in LETTERS for name in names for letter in name):
        return "", ""
    across, down = ("".join(LETTERS[letter] for letter in name[:2]) for name in names)
    return across, down
