"""What of a header was left because it is odd: said once, so that nothing is dropped in silence."""

from collections.abc import Iterator

from viewer.reading.dicom.functional_groups import PER_FRAME, FrameHeader
from viewer.reading.dicom.header import NUMBER_CODES, Header
from viewer.reading.facts.value_units import beside_a_table

MOST_NAMED, MOST_SAID = 3, 24

# Attributes that are asked for; another is named by its tag. pydicom's dictionary takes a quarter of a second to load.
NAMES = {
    0x00020010: "Transfer Syntax UID", 0x00080008: "Image Type", 0x00080018: "SOP Instance UID",
    0x00080060: "Modality", 0x00100010: "Patient's Name", 0x00100020: "Patient ID",
    0x00100030: "Patient's Birth Date", 0x00100040: "Patient's Sex", 0x00101030: "Patient's Weight",
    0x00180050: "Slice Thickness", 0x00180060: "KVP", 0x00180080: "Repetition Time", 0x00180081: "Echo Time",
    0x00180088: "Spacing Between Slices", 0x00181114: "Estimated Radiographic Magnification Factor",
    0x00181120: "Gantry/Detector Tilt", 0x00181151: "X-Ray Tube Current", 0x00181152: "Exposure",
    0x00181164: "Imager Pixel Spacing", 0x00181600: "Shutter Shape", 0x00181610: "Center of Circular Shutter",
    0x00181620: "Vertices of Polygonal Shutter", 0x00182010: "Nominal Scanned Pixel Spacing",
    0x00186011: "Sequence of Ultrasound Regions", 0x00189087: "Diffusion b-value", 0x0020000D: "Study Instance UID",
    0x0020000E: "Series Instance UID", 0x00200013: "Instance Number", 0x00200032: "Image Position (Patient)",
    0x00200037: "Image Orientation (Patient)", 0x00200100: "Temporal Position Identifier",
    0x00280002: "Samples per Pixel", 0x00280006: "Planar Configuration", 0x00280008: "Number of Frames",
    0x00280010: "Rows", 0x00280011: "Columns", 0x00280030: "Pixel Spacing", 0x00280034: "Pixel Aspect Ratio",
    0x00280100: "Bits Allocated", 0x00280101: "Bits Stored", 0x00280102: "High Bit",
    0x00280103: "Pixel Representation", 0x00280120: "Pixel Padding Value", 0x00280121: "Pixel Padding Range Limit",
    0x00281050: "Window Center", 0x00281051: "Window Width", 0x00281052: "Rescale Intercept",
    0x00281053: "Rescale Slope", 0x00283000: "Modality LUT Sequence", 0x00283010: "VOI LUT Sequence",
    0x00289110: "Pixel Measures Sequence", 0x00289132: "Frame VOI LUT Sequence",
    0x00289145: "Pixel Value Transformation Sequence", 0x00409096: "Real World Value Mapping Sequence",
    0x00409212: "Real World Value LUT Data", 0x00409224: "Real World Value Intercept",
    0x00409225: "Real World Value Slope", 0x00540020: "Detector Vector", 0x00540080: "Slice Vector",
    0x20500010: "Presentation LUT Sequence", 0x20500020: "Presentation LUT Shape",
    0x3004000C: "Grid Frame Offset Vector", 0x3004000E: "Dose Grid Scaling",
    0x52009229: "Shared Functional Groups Sequence", 0x52009230: "Per-frame Functional Groups Sequence",
}  # fmt: skip


def odd_words(frame: FrameHeader) -> str:
    """Sentences on the values of a frame that were asked for and not used, and on what stands there twice."""
    ignored, doubled = set[str](), set[str]()
    for holder in _holders(frame):
        ignored |= {f"{_name(tag)} {_said(holder, tag)}".rstrip() for tag in tuple(holder.ignored)}
        doubled |= {_name(tag) for tag in tuple(holder.doubled) if not tag >> 16 & 1}
    found = []
    if ignored:
        it_was = "it was" if len(ignored) == 1 else "they were"
        found.append(f"The header's {_listed(ignored)} cannot be used; the image is shown as if {it_was} not there.")
    if doubled:
        found.append(f"In the header twice with different values, the last one counts: {_listed(doubled)}.")
    return " ".join(part for part in (*found, beside_a_table(frame)) if part)


def _holders(frame: FrameHeader) -> Iterator[Header]:
    """The header and the items that were read of it, but of other frames."""
    waiting = [frame.header]
    while waiting:
        holder = waiting.pop()
        yield holder
        for tag, items in holder.read_items():
            waiting += items[frame.index : frame.index + 1] if tag == PER_FRAME else items


def _name(tag: int) -> str:
    return NAMES.get(tag, f"({tag >> 16:04X},{tag & 0xFFFF:04X})")


def _said(holder: Header, tag: int) -> str:
    """The value in brackets, shortened; nothing of what is no text, or empty."""
    if holder.places[tag][0] in NUMBER_CODES:
        text = "\\".join(f"{number:g}" for number in holder.numbers_or_none(tag) or ())
    else:
        text = holder.text(tag)
    if not text or not text.isprintable() or "\N{REPLACEMENT CHARACTER}" in text:
        return ""
    return f"({text[:MOST_SAID]}{'…' if len(text) > MOST_SAID else ''})"


def _listed(names: set[str]) -> str:
    listed = sorted(names)
    more = f" and {len(listed) - MOST_NAMED} more" if len(listed) > MOST_NAMED else ""
    return ", ".join(listed[:MOST_NAMED]) + more
