"""Attributes of manufacturers: a creator reserves a block of a group, wherever in it (PS3.5 7.8.1)."""

import struct

from viewer.reading.dicom.header import NUMBER_CODES, Header


def private_tag(header: Header, group: int, creator: str, element: int) -> int | None:
    """The tag of an element (its last two digits) in the creator's block; None when the file reserves none."""
    first = group << 16
    for block in range(0x10, 0x100):
        # Asked for every frame: text is decoded only of the few creators that are there.
        if first | block in header.places and header.text(first | block) == creator:
            return first | block << 8 | element
    return None


def private_number(header: Header, group: int, creator: str, element: int) -> float | None:
    """A private number, binary or text.

    A value whose VR the file does not say (implicit, or UN) is read as text, else as a 4-byte or 8-byte float.
    """
    tag = private_tag(header, group, creator, element)
    if tag is None or tag not in header:
        return None
    found = header.number(tag)
    if found is not None or header.places[tag][0] in NUMBER_CODES:
        return found
    raw = header.raw(tag)
    code = {4: "f", 8: "d"}.get(len(raw))
    if code is None:
        return None
    value: float = struct.unpack((">" if header.syntax.big_endian else "<") + code, raw)[0]
    return value if -1e300 < value < 1e300 else None


def private_text(header: Header, group: int, creator: str, element: int) -> str:
    """A private text, "" when it is not there."""
    tag = private_tag(header, group, creator, element)
    return header.text(tag) if tag is not None else ""
