"""What each frame of a multi-frame image says of its place and its part, so that frames are grouped like files."""

import struct
from typing import NamedTuple

from viewer.reading.dicom.functional_groups import PER_FRAME, FrameHeader
from viewer.reading.dicom.header import Header
from viewer.reading.facts.concatenation import UID as CONCATENATION
from viewer.reading.facts.diffusion import b_value, direction_text
from viewer.reading.facts.geometry import frame_plane, frame_spacing
from viewer.reading.facts.traits import varying_traits

Vector = tuple[float, ...]

FRAME_CONTENT, TEMPORAL, ECHO, CARDIAC = 0x00209111, 0x00209310, 0x00189114, 0x00189118
FRAME_TYPES = (0x00189226, 0x00189329, 0x00189751)  # MR, CT and PET frame type macros
GRID_OFFSETS, SLICE_VECTOR = 0x3004000C, 0x00540080
DIMENSIONS, DIMENSION_POINTER = 0x00209222, 0x00209165
# Dimensions that only say where a frame lies: stack, place in the stack, position, orientation.
PLACE_DIMENSIONS = frozenset((0x00209056, 0x00209057, 0x00200032, 0x00200037, 0x00209113, 0x00209116))
SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66."
# What tells the frames of gated nuclear medicine apart: energy window, R-R interval, time slot.
GATES = ((0x00540010, "energy window"), (0x00540060, "R-R interval"), (0x00540070, "time slot"))
# Dimensions that have a name for people; another is called by its number.
DIMENSION_NAMES = {
    0x00209128: "time point", 0x00189082: "echo", 0x00189087: "b-value index", 0x00189076: "direction index",
    0x00189080: "component", 0x00209153: "trigger delay index", 0x00189344: "contrast index",
}  # fmt: skip
COMPLEX_COMPONENT = 0x00089208


class FramePlace(NamedTuple):
    """One frame. The fields are those of InstanceFacts; stack: Stack ID; () and "" where the file says nothing."""

    position_mm: Vector
    orientation: Vector
    spacing: tuple[float, float, str, str] | None
    stack: str
    echo: str
    b_value: str
    time_point: str
    phase: tuple[str, ...]


def frame_places(header: Header, frames: int) -> tuple[tuple[FramePlace, ...], tuple[str, ...]]:
    """(one per frame, what each value of their `phase` is).

    Both () when the frames have no places of their own, and are shown in the file's order.

    Segmentations keep their file's order: their frames are parts of other images' slices, often with gaps.
    """
    # A single frame that is a part of several is grouped like the others, which have their places here.
    if (frames < 2 and CONCATENATION not in header) or header.text(0x00080016).startswith(SEGMENTATION):
        return (), ()
    if len(header.items(PER_FRAME)) < frames and GRID_OFFSETS not in header and SLICE_VECTOR not in header:
        if header.items(PER_FRAME):
            header.ignore(PER_FRAME)
        return (), ()
    dimensions = _other_dimensions(header)
    places = tuple(_place(FrameHeader(header=header, index=index), dimensions) for index in range(frames))
    if not any(place.position_mm for place in places):
        return (), ()
    names = _phase_names(header)
    # Looked for only where it is needed: several frames of one kind lie at one place.
    kinds = {(place.position_mm, place.orientation, place.stack, place.echo, place.b_value) for place in places}
    traits = varying_traits(header, frames) if len(kinds) < len(places) else ()
    if not traits:
        return places, names
    rows = zip(places, zip(*(trait.values for trait in traits)))
    places = tuple(place._replace(phase=(*place.phase[:-2], *row, *place.phase[-2:])) for place, row in rows)
    return places, (*names[:-2], *(trait.name for trait in traits), *names[-2:])


def _place(frame: FrameHeader, dimensions: tuple[int, ...]) -> FramePlace:
    plane, spacing = frame_plane(frame), frame_spacing(frame)
    content = frame.macro(FRAME_CONTENT)
    moment = content.number(0x00209128) if content is not None else None  # Temporal Position Index
    return FramePlace(
        position_mm=plane.position_mm if plane is not None else (),
        orientation=(*plane.row_cosines, *plane.col_cosines) if plane is not None else (),
        spacing=None if spacing is None else (spacing.row_mm, spacing.col_mm, spacing.source, spacing.level.value),
        stack=content.text(0x00209056) if content is not None else "",
        b_value=b_value(frame),
        echo=_number(frame, ECHO, 0x00189082),  # Effective Echo Time
        time_point="" if moment is None else f"{moment:g}",
        phase=_phase(frame, content, dimensions),
    )


def _phase(frame: FrameHeader, content: Header | None, dimensions: tuple[int, ...]) -> tuple[str, ...]:
    """Whatever else may tell apart frames at one place, in the order it is asked."""
    values = content.numbers(0x00209157) if content is not None else ()
    parts = [found.text(COMPLEX_COMPONENT) for tag in FRAME_TYPES if (found := frame.macro(tag)) is not None]
    kinds = [found.text(0x00089007) for tag in FRAME_TYPES if (found := frame.macro(tag)) is not None]
    gates = []
    for tag, _name in GATES:
        words = frame.header.words(tag, signed=False)
        gates.append(str(words[frame.index]) if frame.index < len(words) else "")
    return (
        "",  # where single images have their echo time
        _number(frame, CARDIAC, 0x00209153),  # Nominal Cardiac Trigger Delay Time
        _number(frame, TEMPORAL, 0x0020930D),  # Temporal Position Time Offset
        kinds[0] if kinds else "",
        *gates,
        *(f"{values[n]:g}" if n < len(values) else "" for n in dimensions),
        parts[0] if parts else "",
        direction_text(frame),
        _number(frame, FRAME_CONTENT, 0x00209156),  # Frame Acquisition Number
        content.text(0x00189151) if content is not None else "",  # Frame Reference DateTime
        content.text(0x00189074) if content is not None else "",  # Frame Acquisition DateTime
    )


def _number(frame: FrameHeader, macro: int, tag: int) -> str:
    found = frame.macro(macro)
    value = found.number(tag) if found is not None else None
    return "" if value is None else f"{value:g}"


def _phase_names(header: Header) -> tuple[str, ...]:
    """What each of a placed frame's own `phase` values is, in their order; the times are the last two."""
    gates = (name for _, name in GATES)
    dimensions = (DIMENSION_NAMES.get(tag, f"index {number + 1}:") for number, tag in _dimension_tags(header))
    return (
        "", "trigger delay", "time offset", "image type", *gates, *dimensions, "image type", "direction", "acquisition",
        "acquired", "acquired",
    )  # fmt: skip


def _other_dimensions(header: Header) -> tuple[int, ...]:
    """Which Dimension Index Values (PS3.3 C.7.6.17) say something else than where a frame lies."""
    return tuple(number for number, _ in _dimension_tags(header))


def _dimension_tags(header: Header) -> list[tuple[int, int]]:
    found = []
    for number, item in enumerate(header.items(DIMENSIONS)):
        raw = item.raw(DIMENSION_POINTER)
        if len(raw) >= 4:
            group, element = struct.unpack(">HH" if header.syntax.big_endian else "<HH", raw[:4])
            if group << 16 | element not in PLACE_DIMENSIONS:
                found.append((number, group << 16 | element))
    return found
