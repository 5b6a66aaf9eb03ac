"""A bounded tag walker: where the elements of a DICOM data set lie in a buffer.

It knows explicit and implicit VR in either byte order, reads nothing twice and interprets nothing. Whatever it does not
know it names with `WalkFailed`; `viewer.reading.dicom.parsed_file` then asks pydicom. PS3.5 7.1 to 7.5.
"""

import struct
from dataclasses import dataclass, field

from viewer.reading.sources.limits import MAX_DEPTH, MAX_ELEMENTS, MAX_TOP_ELEMENTS

UNDEFINED = 0xFFFFFFFF
ITEM = 0xFFFEE000
ITEM_END = 0xFFFEE00D
SEQUENCE_END = 0xFFFEE0DD
PIXEL_TAGS = frozenset((0x7FE00008, 0x7FE00009, 0x7FE00010))

# VRs with a 2-byte reserved field and a 4-byte length (PS3.5 table 7.1-1).
LONG_VRS = frozenset((b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"))
SHORT_VRS = frozenset(
    b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split()  # the 2-byte lengths
)

# tag -> (VR as in the file or b"", first byte of the value, one past its last byte)
Places = dict[int, tuple[bytes, int, int]]


class WalkFailed(ValueError):
    """The bytes are not what this walker knows."""


class NeedMore(Exception):
    """The buffer ends before the element does; `size` bytes from the start of the file are wanted."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


@dataclass(frozen=True, slots=True, kw_only=True)
class Syntax:
    """How a data set is coded."""

    explicit: bool
    big_endian: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelElement:
    """Where the pixel data lie. length: -1 when undefined (encapsulated)."""

    tag: int
    vr: bytes
    offset: int
    length: int


@dataclass(slots=True, kw_only=True)
class Walk:
    """What one data set holds.

    cut: the file ends inside an element before the pixel data. doubled: tags that stand there twice with different
    values; `places` has the last.
    """

    places: Places
    end: int
    pixels: PixelElement | None = None
    cut: bool = False
    doubled: set[int] = field(default_factory=set)


class Walker:
    """Walks one buffer that holds the first bytes of a file of `total` bytes."""

    def __init__(self, buffer: bytes, total: int, syntax: Syntax) -> None:
        self._buffer = buffer
        self._total = total
        self._syntax = syntax
        order = ">" if syntax.big_endian else "<"
        self._tag = struct.Struct(order + "HH").unpack_from
        self._short = struct.Struct(order + "H").unpack_from
        self._long = struct.Struct(order + "L").unpack_from
        self._explicit = struct.Struct(order + "HH2sH").unpack_from
        self._implicit = struct.Struct(order + "HHL").unpack_from
        self._seen = 0
        self.is_damaged = False  # an item without its end was stepped over

    def data_set(self, position: int, *, end: int | None = None, stop_before_group: int = 0x10000) -> Walk:
        """Walk a top-level data set from `position` up to its pixel data, to a group, or to the end of the file."""
        limit = self._total if end is None else end
        walk = Walk(places={}, end=position)
        places, buffer, size = walk.places, self._buffer, len(self._buffer)
        explicit = self._syntax.explicit
        while walk.end + 8 <= limit:
            start = walk.end
            if start + 12 > size and size < self._total:
                if len(places) > MAX_TOP_ELEMENTS:
                    raise WalkFailed("more elements than any header has")
                raise NeedMore(min(start + 12, self._total))
            # Inlined for speed: this loop runs a hundred times for each file of a scan.
            if explicit:
                group, element, vr, length = self._explicit(buffer, start)
                value = start + 8
                if vr not in SHORT_VRS:
                    if vr in LONG_VRS:
                        vr, value, length = self._head(start, explicit=True)
                    elif group >= stop_before_group:
                        break  # the data set behind the file meta may be implicit, or deflated
                    elif group != 0xFFFE:
                        raise WalkFailed(f"{vr!r} is no value representation")
            else:
                group, element, length = self._implicit(buffer, start)
                vr, value = b"", start + 8
            if group >= stop_before_group:
                break
            tag = group << 16 | element
            if group == 0xFFFE:
                # Stray delimiters stand in some real files; nothing is lost by stepping over them.
                if tag not in (ITEM_END, SEQUENCE_END):
                    raise WalkFailed("an item stands outside a sequence")
                walk.end = value
                continue
            if tag in PIXEL_TAGS:
                walk.pixels = PixelElement(tag=tag, vr=vr, offset=value, length=-1 if length == UNDEFINED else length)
                walk.end = value
                return walk
            if length == UNDEFINED:
                stop, after = self._past_sequence(value, limit, explicit=explicit and vr != b"UN", depth=0)
            else:
                stop = after = value + length
                if stop > limit:
                    if places and group >= 8:
                        walk.cut = True
                        return walk
                    raise WalkFailed(f"element {tag:08X} is longer than the file")
            if tag in places:
                self._want(stop, limit)  # before anything is compared
                if self._differ(places[tag], (vr, value, stop)):
                    walk.doubled.add(tag)
            places[tag] = (vr, value, stop)
            walk.end = after
        return walk

    def _differ(self, one: tuple[bytes, int, int], other: tuple[bytes, int, int]) -> bool:
        pad = b" \0"  # to an even length
        return self._buffer[one[1] : one[2]].rstrip(pad) != self._buffer[other[1] : other[2]].rstrip(pad)

    def items(self, position: int, end: int, *, explicit: bool) -> list[tuple[int, int]]:
        """The items of a sequence's value as (start, end) of their content."""
        found: list[tuple[int, int]] = []
        while position + 8 <= end:
            group, element = self._tag(self._buffer, position)
            tag = group << 16 | element
            length = self._long(self._buffer, position + 4)[0]
            if tag == SEQUENCE_END:
                break
            if tag != ITEM:
                raise WalkFailed(f"{tag:08X} stands where an item should")
            start = position + 8
            if length == UNDEFINED:
                stop, position = self._past_item(start, end, explicit=explicit, depth=0)
            else:
                stop = position = min(start + length, end)
            found.append((start, stop))
        return found

    def item(self, position: int, end: int, *, explicit: bool, doubled: set[int] | None = None) -> Places:
        """The elements of one item's content; values of undefined length end at their delimiter.

        doubled: gets the tags that stand there twice with different values; the last one counts.
        """
        places: Places = {}
        while position + 8 <= end:
            group, element = self._tag(self._buffer, position)
            tag = group << 16 | element
            if tag in (ITEM_END, SEQUENCE_END):
                break
            vr, value, length = self._head(position, explicit=explicit)
            if length == UNDEFINED:
                stop, position = self._past_sequence(value, end, explicit=explicit and vr != b"UN", depth=0)
            else:
                stop = position = value + length
                if stop > end:
                    raise WalkFailed(f"element {tag:08X} is longer than its item")
            place = (vr, value, stop)
            if doubled is not None and tag in places and self._differ(places[tag], place):
                doubled.add(tag)
            places[tag] = place
        return places

    def _want(self, size: int, limit: int) -> None:
        if size > len(self._buffer) and len(self._buffer) < self._total:
            raise NeedMore(min(size, limit))

    def _head(self, start: int, *, explicit: bool) -> tuple[bytes, int, int]:
        """(VR, first byte of the value, length) of the element at `start`."""
        self._seen += 1
        if self._seen > MAX_ELEMENTS:
            raise WalkFailed("more elements than any header has")
        buffer = self._buffer
        try:
            if not explicit:
                return b"", start + 8, self._long(buffer, start + 4)[0]
            vr = buffer[start + 4 : start + 6]
            if vr in SHORT_VRS:
                return vr, start + 8, self._short(buffer, start + 6)[0]
            if vr in LONG_VRS:
                return vr, start + 12, self._long(buffer, start + 8)[0]
        except struct.error as error:
            if len(buffer) < self._total:
                raise NeedMore(start + 12) from error
            raise WalkFailed("the file ends inside an element") from error
        raise WalkFailed(f"{vr!r} is no value representation")

    def _past_sequence(self, position: int, limit: int, *, explicit: bool, depth: int) -> tuple[int, int]:
        """(end of the value, position after the delimiter) of a value of undefined length."""
        if depth > MAX_DEPTH:
            raise WalkFailed("sequences nested deeper than any header has")
        while True:
            if position + 8 > limit:
                raise WalkFailed("a sequence has no end")
            self._want(position + 8, limit)
            group, element = self._tag(self._buffer, position)
            tag = group << 16 | element
            length = self._long(self._buffer, position + 4)[0]
            if tag == SEQUENCE_END:
                return position, position + 8
            if tag != ITEM:
                raise WalkFailed(f"{tag:08X} stands where an item should")
            position += 8
            if length == UNDEFINED:
                _, position = self._past_item(position, limit, explicit=explicit, depth=depth + 1)
            else:
                position += length

    def _past_item(self, position: int, limit: int, *, explicit: bool, depth: int) -> tuple[int, int]:
        """(end of the content, position after the delimiter) of an item of undefined length."""
        while True:
            if position + 8 > limit:
                raise WalkFailed("an item has no end")
            self._want(position + 12, limit)
            group, element = self._tag(self._buffer, position)
            tag = group << 16 | element
            if tag == ITEM_END:
                return position, position + 8
            if tag == SEQUENCE_END:
                self.is_damaged = True
                return position, position
            vr, value, length = self._head(position, explicit=explicit)
            if length == UNDEFINED:
                _, position = self._past_sequence(value, limit, explicit=explicit and vr != b"UN", depth=depth + 1)
            else:
                position = value + length
