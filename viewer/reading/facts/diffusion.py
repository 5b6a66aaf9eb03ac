"""The diffusion weighting of an MR image, where the standard or the scanner's maker keeps it."""

from viewer.reading.dicom.functional_groups import FrameHeader
from viewer.reading.dicom.header import Header

DIFFUSION_MACRO, B_VALUE = 0x00189117, 0x00189087
DIRECTION_SEQUENCE, DIRECTION = 0x00189076, 0x00189089
# (tag, the private creator that must own its block, the creator's tag), as the makers' conformance statements say.
PRIVATE = (
    (0x0019100C, "SIEMENS MR HEADER", 0x00190010),
    (0x20011003, "Philips Imaging DD 001", 0x20010010),
    (0x00431039, "GEMS_PARM_01", 0x00430010),
)
GE_MARK = 1e9  # GE adds this to the b-value of some images


def b_value(frame: FrameHeader) -> str:
    """The b-value in s/mm², "" when the file does not say."""
    value = frame.where(DIFFUSION_MACRO, B_VALUE).number(B_VALUE)
    if value is None:
        value = _private(frame.header)
    return "" if value is None else f"{value:g}"


def direction_text(frame: FrameHeader) -> str:
    """The direction of the diffusion weighting in the patient (LPS) as "0.707, 0.707, 0", "" when it is not said.

    Diffusion Gradient Orientation (0018,9089), which single images have at the top (PS3.3 C.8.13.5.9).
    """
    macro = frame.macro(DIFFUSION_MACRO)
    inner = macro.first_item(DIRECTION_SEQUENCE) if macro is not None else None
    values = (inner if inner is not None else frame.header).numbers(DIRECTION)
    return ", ".join(f"{value + 0.0:.3g}" for value in values) if len(values) == 3 else ""


def _private(header: Header) -> float | None:
    for tag, creator, creator_tag in PRIVATE:
        if tag in header and header.text(creator_tag) == creator:
            value = header.number(tag)
            if value is not None and 0 <= value < 2 * GE_MARK:
                return value - GE_MARK if value >= GE_MARK else value
    return None
