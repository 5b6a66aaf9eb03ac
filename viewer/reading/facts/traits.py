"""Attributes of frames that vary from frame to frame, whichever they are: what may tell apart frames at one place.

A multi-frame image may be a series of flip angles, inversion times, coils or of something nobody thought of. Where the
attributes that are asked first do not part its frames, these do; else images of two kinds would lie in one volume.
"""

from collections.abc import Iterator
from typing import NamedTuple

from viewer.reading.dicom.functional_groups import PER_FRAME
from viewer.reading.dicom.header import NUMBER_CODES, Header

MOST_COLUMNS, MOST_VALUES, MOST_DEPTH = 60, 600_000, 2
ITEM_BYTES = (b"\xfe\xff\x00\xe0", b"\xff\xfe\xe0\x00")
# Macros that say where a frame lies, how it is shown, where it comes from, or what it is called.
NOT_ASKED = frozenset((
    0x00209111, 0x00209113, 0x00209116, 0x0020930E, 0x0020930F, 0x00289110, 0x00289132, 0x00289145, 0x00409096,
    0x00081140, 0x00089124, 0x00082112, 0x00083010, 0x0048021A, 0x0062000A, 0x00189477, 0x00186011,
))  # fmt: skip
NAMES = {
    0x00080070: "manufacturer", 0x00089208: "image type", 0x00089209: "contrast", 0x00180060: "kV",
    0x00180080: "repetition time", 0x00180082: "inversion time", 0x00181152: "exposure", 0x00181210: "kernel",
    0x00181250: "coil", 0x00181314: "flip angle", 0x00189020: "magnetization transfer", 0x00189079: "inversion time",
    0x00189090: "velocity direction", 0x00189217: "velocity", 0x00189241: "cardiac phase", 0x00209241: "cardiac phase",
    0x00209245: "respiratory phase", 0x00189257: "ASL", 0x00189075: "diffusion", 0x00189087: "b-value",
    0x00189081: "partial Fourier", 0x00189337: "contrast agent", 0x00189344: "contrast agent",
}  # fmt: skip

Path = tuple[int, ...]


class Trait(NamedTuple):
    """One attribute. name: of `parts`, or its tag in brackets; values: one for each frame."""

    name: str
    values: tuple[str, ...]


def varying_traits(header: Header, frames: int) -> tuple[Trait, ...]:
    """What differs between frames and is shared by some; in the order of the tags.

    An attribute that is another in every frame, such as a time, parts nothing.
    """
    items = header.items(PER_FRAME)[:frames]
    if len(items) < frames or frames < 2:
        return ()
    paths = list(_paths(items[0], MOST_DEPTH))[:MOST_COLUMNS]
    if len(paths) * frames > MOST_VALUES:
        paths = paths[: MOST_VALUES // frames]
    found = []
    for path in paths:
        values = tuple(_value(item, path) for item in items)
        if 1 < len(set(values)) <= frames // 2:
            found.append(Trait(NAMES.get(path[-1], f"({path[-1] >> 16:04X},{path[-1] & 0xFFFF:04X})"), values))
    return tuple(found)


def _paths(item: Header, depth: int, above: Path = ()) -> Iterator[Path]:
    """The attributes of an item and of the items in it, each by the tags that lead to it."""
    for tag, (vr, start, _) in sorted(item.places.items()):
        if tag >> 16 & 1 or vr == b"UI" or (not above and tag in NOT_ASKED):
            continue
        if vr == b"SQ" or item.buffer[start : start + 4] in ITEM_BYTES:
            inner = item.first_item(tag) if depth else None
            if inner is not None:
                yield from _paths(inner, depth - 1, (*above, tag))
        elif above:
            yield (*above, tag)


def _value(item: Header, path: Path) -> str:
    holder: Header | None = item
    for tag in path[:-1]:
        holder = holder.first_item(tag) if holder is not None else None
    if holder is None or path[-1] not in holder:
        return ""
    tag = path[-1]
    if holder.places[tag][0] in NUMBER_CODES:
        return "\\".join(f"{number:g}" for number in holder.numbers_or_none(tag) or ())
    text = holder.text(tag)
    return text if text.isprintable() else holder.raw(tag)[:8].hex()
