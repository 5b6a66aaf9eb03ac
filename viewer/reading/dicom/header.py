"""A DICOM header: values of tags, read when asked."""

import struct
from dataclasses import dataclass, field
from functools import lru_cache

from viewer.reading.dicom.text import decode_text, person_name
from viewer.reading.dicom.walker import NeedMore, PixelElement, Places, Syntax, Walker, WalkFailed

# Tags whose values are binary numbers, for implicit VR, where the file does not say so.
UNSIGNED_SHORTS = (
    0x00280002, 0x00280005, 0x00280006, 0x00280010, 0x00280011, 0x00280014, 0x00280100, 0x00280101, 0x00280102,
    0x00280103, 0x00280106, 0x00280107, 0x00280120, 0x00280121, 0x00281101, 0x00281102, 0x00281103, 0x00283002,
    0x00186012, 0x00186014, 0x00186024, 0x00186026, 0x00189004, 0x00181622, 0x00181623, 0x00181624,
    0x00700020, 0x00700021, 0x00700042, 0x00700066, 0x00700067, 0x00700401, 0x00209162, 0x00209163,
)  # fmt: skip
UNSIGNED_LONGS = (
    0x00020000, 0x00186016, 0x00186018, 0x0018601A, 0x0018601C, 0x0018601E, 0x00209128, 0x00209157, 0x00209057,
    0x00209228,
)  # fmt: skip
DOUBLES = (
    0x00186028, 0x0018602A, 0x0018602C, 0x0018602E, 0x00189073, 0x00189082, 0x00189087, 0x00189089, 0x00209153,
    0x0020930D, 0x00209241, 0x00280123, 0x00280125, 0x00409213, 0x00409214, 0x00409224, 0x00409225,
)  # fmt: skip
FLOATS = (0x00280122, 0x00280124, 0x00700010, 0x00700011, 0x00700014, 0x00700022, 0x00700103)
SIGNED_LONGS = (0x00186020, 0x00186022, 0x00700052, 0x00700053)
BINARY_VRS: dict[int, bytes] = {
    **dict.fromkeys(UNSIGNED_SHORTS, b"US"),
    **dict.fromkeys(UNSIGNED_LONGS, b"UL"),
    **dict.fromkeys(DOUBLES, b"FD"),
    0x20011003: b"FL",  # Philips' b-value
    **dict.fromkeys(FLOATS, b"FL"),
    **dict.fromkeys(SIGNED_LONGS, b"SL"),
}

SHORT_BYTES = 128
SPECIFIC_CHARACTER_SET = 0x00080005
NUMBER_CODES = {
    b"US": "H",
    b"SS": "h",
    b"UL": "L",
    b"SL": "l",
    b"FD": "d",
    b"FL": "f",
    b"UV": "Q",
    b"SV": "q",
    b"OW": "H",
}
# VRs under which a value of VR "US or SS" is found as it is: 16-bit words.
WORD_VRS = frozenset((b"", b"US", b"SS", b"OW", b"OB", b"UN"))


@dataclass(slots=True, kw_only=True)
class Header:
    """One data set or item.

    buffer: the first bytes of the file (of the data set, when it was deflated); places: where values lie in it.
    pixels: where the pixel data begin; `buffer` need not reach that far. charset: what text values are coded in.
    cut: the file ends inside the header. media_class: Media Storage SOP Class UID of the file meta.
    ignored: tags that were asked for, are there, and could not be used. doubled: tags that stand here twice with
    different values; the last one counts.
    """

    buffer: bytes
    places: Places
    syntax: Syntax
    charset: tuple[str, ...] = ()
    pixels: PixelElement | None = None
    transfer_syntax: str = ""
    cut: bool = False
    media_class: str = ""
    ignored: set[int] = field(default_factory=set)
    doubled: set[int] = field(default_factory=set)
    _items: "dict[int, list[Header]]" = field(default_factory=dict)

    def __contains__(self, tag: int) -> bool:
        return tag in self.places

    def raw(self, tag: int) -> bytes:
        """The value's bytes; empty when the tag is not there."""
        place = self.places.get(tag)
        return self.buffer[place[1] : place[2]] if place else b""

    def text(self, tag: int) -> str:
        """The value as text without padding; several values stay joined by a backslash."""
        value = self.raw(tag)
        if not value:
            return ""
        return (_short_text if len(value) <= SHORT_BYTES else _text)(value, self.charset)

    def texts(self, tag: int) -> tuple[str, ...]:
        """The value's parts."""
        text = self.text(tag)
        return tuple(part.strip() for part in text.split("\\")) if text else ()

    def name(self, tag: int) -> str:
        """A person name as it is shown."""
        return person_name(self.text(tag))

    def numbers(self, tag: int) -> tuple[float, ...]:
        """The value's numbers, binary or text; () when it is no list of finite numbers, which is then `ignored`."""
        found = self.numbers_or_none(tag)
        if found is None:
            self.ignore(tag)
            return ()
        return found

    def numbers_or_none(self, tag: int) -> tuple[float, ...] | None:
        """The value's numbers; () when there is no value, None when it is no list of finite numbers."""
        place = self.places.get(tag)
        if place is None or place[1] == place[2]:
            return ()
        vr = place[0]
        if vr in (b"", b"UN", b"OB"):
            vr = BINARY_VRS.get(tag, b"")
        code = NUMBER_CODES.get(vr)
        value = self.buffer[place[1] : place[2]]
        if code:
            size = struct.calcsize("<" + code)
            order = ">" if self.syntax.big_endian else "<"
            count = len(value) // size
            binary = tuple(map(float, struct.unpack(f"{order}{count}{code}", value[: count * size])))
            return binary if count and (vr not in (b"FD", b"FL") or all(map(_is_sane, binary))) else None
        return (_short_numbers if len(value) <= SHORT_BYTES else _numbers)(value)

    def each_number(self, tag: int) -> tuple[float | None, ...]:
        """The value's numbers one by one: None for a part that is none, so that one bad part loses no other."""
        found = self.numbers_or_none(tag)
        if found is not None:
            return found
        self.ignore(tag)
        parts = self.raw(tag).decode("latin-1").strip(" \x00").split("\\")
        return tuple(one[0] if one else None for one in (_numbers(part.encode("latin-1")) for part in parts))

    def ignore(self, tag: int) -> None:
        """Remember that the value of a tag is there and was not used. What makers keep for themselves is left out."""
        if tag in self.places and not tag >> 16 & 1:
            self.ignored.add(tag)

    def number(self, tag: int) -> float | None:
        """The first number, None when there is none."""
        found = self.numbers(tag)
        return found[0] if found else None

    def integer(self, tag: int) -> int | None:
        """The first number when it is a whole one."""
        found = self.number(tag)
        if found is None or found == int(found):
            return None if found is None else int(found)
        self.ignore(tag)
        return None

    def words(self, tag: int, *, signed: bool) -> tuple[int, ...]:
        """A value of VR "US or SS": 16-bit words read as the caller knows them.

        Written under a VR of other numbers, it is those numbers, where they are words.
        """
        place = self.places.get(tag)
        if place is not None and place[0] not in WORD_VRS:
            numbers = self.numbers(tag)
            if not all(number == int(number) and -32_768 <= number <= 65_535 for number in numbers):
                self.ignore(tag)
                return ()
            words = (int(number) & 0xFFFF for number in numbers)
            return tuple(word - 0x10000 if signed and word > 0x7FFF else word for word in words)
        value = self.raw(tag)
        count = len(value) // 2
        if value and not count:
            self.ignore(tag)
        code = ("h" if signed else "H") if count else "H"
        return struct.unpack(f"{'>' if self.syntax.big_endian else '<'}{count}{code}", value[: count * 2])

    def items(self, tag: int) -> list["Header"]:
        """The items of a sequence, kept once read; none when it is absent, empty or no sequence."""
        if tag not in self._items:
            self._items[tag] = self._read_items(tag)
        return self._items[tag]

    def _read_items(self, tag: int) -> "list[Header]":
        place = self.places.get(tag)
        if place is None or place[2] - place[1] < 8:
            return []
        # VR UN holds implicit VR little endian whatever the data set (PS3.5 6.2.2 note).
        syntax = Syntax(explicit=False) if place[0] == b"UN" else self.syntax
        walker = Walker(self.buffer, len(self.buffer), syntax)
        explicit = syntax.explicit
        found = []
        try:
            for start, end in walker.items(place[1], place[2], explicit=explicit):
                doubled: set[int] = set()
                places = walker.item(start, end, explicit=explicit, doubled=doubled)
                found.append(self._item(places, syntax, doubled))
        except (WalkFailed, struct.error, NeedMore):
            self.ignore(tag)
            return []
        return found

    def _item(self, places: Places, syntax: Syntax, doubled: set[int]) -> "Header":
        item = Header(
            buffer=self.buffer,
            places=places,
            syntax=syntax,
            charset=self.charset,
            transfer_syntax=self.transfer_syntax,
            doubled=doubled,
        )
        if SPECIFIC_CHARACTER_SET in places:
            item.charset = item.texts(SPECIFIC_CHARACTER_SET)
        return item

    def read_items(self) -> "tuple[tuple[int, list[Header]], ...]":
        """(tag, items) of the sequences that were asked for so far."""
        return tuple(self._items.items())

    def first_item(self, tag: int) -> "Header | None":
        """The first item of a sequence."""
        items = self.items(tag)
        return items[0] if items else None


def _text(value: bytes, charset: tuple[str, ...]) -> str:
    return decode_text(value, charset).strip(" \x00\t\r\n")


def _numbers(value: bytes) -> tuple[float, ...] | None:
    try:
        text = value.decode("ascii").strip(" \x00\t\r\n")
        found = tuple(_number(part) for part in text.split("\\")) if text else ()
    except (UnicodeDecodeError, ValueError):
        return None
    return found if all(map(_is_sane, found)) else None


# The slices of a series say mostly the same in a hundred values each.
_short_text = lru_cache(maxsize=4096)(_text)
_short_numbers = lru_cache(maxsize=4096)(_numbers)


def _is_sane(number: float) -> bool:
    """Whether a number can be reckoned with: NaN, infinity and what overflows at the next product are none."""
    return -1e300 < number < 1e300


def _number(text: str) -> float:
    # A decimal comma is not DICOM, but stands in real files; nothing else it could mean fits a DS.
    text = text.strip(" \x00\t\r\n").replace(",", ".")
    if "_" in text:
        raise ValueError(text)  # Python's own way to group digits, and nobody else's
    return float(text)
