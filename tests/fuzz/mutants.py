"""Mutants of DICOM files, each made from a seed alone: the same seed and base files give the same bytes.

The structure of a base file is taken from pydicom, never from our own walker: a mistake of ours cannot hide here.
"""

import random
import struct
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path

LARGEST_BASE = 600_000
UNDEFINED = 0xFFFFFFFF
PIXEL_GROUP = 0x7FE0
DEFLATED = "1.2.840.10008.1.2.1.99"
LONG_VRS = (b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV")
SHORT_VRS = tuple(b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())
SYNTAXES = tuple(
    "1.2.840.10008.1.2" + end
    for end in (
        "", ".1", ".1.98", ".1.99", ".2", ".5", ".8.1", ".4.50", ".4.51", ".4.53", ".4.57", ".4.70", ".4.80", ".4.81",
        ".4.90", ".4.91", ".4.100", ".4.110", ".4.112", ".4.201", ".4.203", ".9.9",
    )
)  # fmt: skip

# What decides how pixel bytes are read, with values at its edges.
SHORT_EDGES = {
    0x00280002: (0, 1, 2, 3, 4, 255, 65535),
    0x00280006: (0, 1, 2, 65535),
    0x00280010: (0, 1, 2, 7, 4095, 32768, 65535),
    0x00280011: (0, 1, 2, 7, 4095, 32768, 65535),
    0x00280100: (0, 1, 7, 8, 12, 16, 24, 32, 64, 128, 65535),
    0x00280101: (0, 1, 8, 10, 12, 16, 17, 32, 65535),
    0x00280102: (0, 7, 9, 11, 15, 31, 65535),
    0x00280103: (0, 1, 2, 65535),
}
TEXT_EDGES = {
    0x00280008: ("", "0", "-1", "1", "2", "3", "1A", "1.5", "999", "2000000000", "9" * 12, "1e3", " 2 "),
    0x00280004: ("", "MONOCHROME1", "MONOCHROME2", "RGB", "YBR_FULL", "YBR_FULL_422", "PALETTE COLOR", "YBR_RCT", "X"),
    0x00280030: ("0\\0", "NaN\\NaN", "inf\\1", "-1\\-1", "1e308\\1e-308", "1", "", "0.5\\0.5\\0.5", "1,5\\1,5"),
    0x00281050: ("NaN", "inf", "1e308", "-1e308", "", "40\\NaN"),
    0x00281051: ("NaN", "inf", "0", "-5", "1e-300", "1e308", ""),
    0x00281052: ("NaN", "inf", "-inf", "1e308", ""),
    0x00281053: ("NaN", "inf", "0", "1e308", "1e-308", "-1"),
    0x00200032: ("NaN\\0\\0", "inf\\0\\0", "1e308\\1e308\\1e308", "1\\2"),
    0x00200037: ("0\\0\\0\\0\\0\\0", "NaN\\0\\0\\0\\1\\0", "1\\0\\0\\1\\0\\0", "1e308\\0\\0\\0\\1e308\\0"),
    0x00200013: ("", "NaN", "99999999999999999999", "x"),
    0x00080005: ("ISO_IR 999", "\\ISO 2022 IR 87", "ISO_IR 192", "\x1b$B"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """One top-level element of a base file: [start, value) is its head, [value, end) its value."""

    tag: int
    start: int
    value: int
    end: int


@dataclass(frozen=True, slots=True)
class Base:
    """A file to mutate. data: with the data set inflated where it was deflated; meta_end: where that begins."""

    name: str
    data: bytes
    meta_end: int
    implicit: bool
    big_endian: bool
    deflated: bool
    places: tuple[Place, ...]
    pixels: Place | None


@dataclass(frozen=True, slots=True)
class Mutant:
    """What a seed made. steps: what was done to the base file, in words."""

    seed: int
    base: str
    steps: tuple[str, ...]
    data: bytes


def base_files(corpus: Path | None, stand_ins: Path) -> list[Path]:
    """The files that are mutated, in an order that does not depend on the file system."""
    real = sorted(path for path in corpus.rglob("*") if _fits(path)) if corpus is not None else []
    images = [path for path in real if _may_hold_pixels(path.read_bytes())]
    others = [path for path in real if path not in images]
    # Documents and plans are refused whatever is done to them; some of them are enough.
    return images + others[::5] + sorted(stand_ins.glob("*.dcm"))


def _fits(path: Path) -> bool:
    if not path.is_file() or path.suffix in (".csv", ".md", ".json", ".txt"):
        return False
    return 300 < path.stat().st_size < LARGEST_BASE


def _may_hold_pixels(data: bytes) -> bool:
    return any(tag in data for tag in (b"\xe0\x7f\x10\0", b"\x7f\xe0\0\x10", b"\xe0\x7f\x08\0", DEFLATED.encode()))


@lru_cache(maxsize=64)
def load_base(path: Path) -> Base:
    """A base file and where pydicom finds its elements."""
    import pydicom

    data = path.read_bytes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ds = pydicom.dcmread(path, force=True)
        except Exception:  # noqa: BLE001  # a broken file is a fine base; only its bytes are changed
            return Base(path.name, data, min(132, len(data)), False, False, False, (), None)
        meta_end = _meta_end(ds)
        deflated = str(getattr(ds, "file_meta", {}).get("TransferSyntaxUID", "")) == DEFLATED
        if deflated:
            body = zlib.decompress(data[meta_end:], -15)
            data = data[:meta_end] + body
            ds = pydicom.dcmread(BytesIO(data.replace(DEFLATED.encode() + b"", b"1.2.840.10008.1.2.1\0\0\0", 1)))
        implicit, little = ds.original_encoding
        places = []
        for tag in sorted(ds.keys()):
            raw = ds.get_item(tag)
            value, length = getattr(raw, "value_tell", None), getattr(raw, "length", None)
            if not value or length is None:
                continue
            vr = (raw.VR or "").encode()
            head = 12 if not implicit and vr in LONG_VRS else 8
            held = len(data) - value if length == UNDEFINED else length
            if length == UNDEFINED and int(tag) >> 16 != PIXEL_GROUP:
                continue
            places.append(Place(int(tag), value - head, value, min(len(data), value + held)))
    pixels = next((place for place in places if place.tag in (0x7FE00008, 0x7FE00009, 0x7FE00010)), None)
    return Base(path.name, data, meta_end, bool(implicit), not little, deflated, tuple(places), pixels)


def _meta_end(ds: object) -> int:
    meta = getattr(ds, "file_meta", None)
    length = meta.get("FileMetaInformationGroupLength") if meta else None
    return 132 + 12 + int(length) if isinstance(length, int) else 132


class Draft:
    """The bytes under work. Each step is one method; it returns what it did, or None when it does not apply."""

    def __init__(self, base: Base, chance: random.Random) -> None:
        self.base = base
        self.data = bytearray(base.data)
        self.chance = chance
        self.order = ">" if base.big_endian else "<"

    @property
    def header_end(self) -> int:
        """Where the pixel data begin, or the end."""
        return min(self.base.pixels.value if self.base.pixels else len(self.data), len(self.data))

    def flip_header(self) -> str | None:
        """Some bytes of the header become others."""
        return self._flip(min(128, self.header_end), self.header_end)

    def flip_elements(self) -> str | None:
        """Bytes in the heads of elements: tags, VRs, lengths."""
        if not self.base.places:
            return None
        place = self.chance.choice(self.base.places)
        return self._flip(place.start, place.value)

    def flip_pixels(self) -> str | None:
        """Some bytes of the pixel data become others."""
        return self._flip(self.header_end, len(self.data)) if self.base.pixels else None

    def flip_pixel_heads(self) -> str | None:
        """Bytes at the beginning of the pixel data: fragment heads, the markers of code streams."""
        return self._flip(self.header_end, min(len(self.data), self.header_end + 200)) if self.base.pixels else None

    def _flip(self, start: int, end: int) -> str | None:
        end = min(end, len(self.data))
        if end - start < 1:
            return None
        at = [self.chance.randrange(start, end) for _ in range(self.chance.choice((1, 1, 2, 5, 20)))]
        for position in at:
            how = self.chance.randrange(3)
            if how == 0:
                self.data[position] ^= 1 << self.chance.randrange(8)
            else:
                self.data[position] = self.chance.choice((0, 0xFF, self.chance.randrange(256)))
        return f"bytes {sorted(at)[:5]}"

    def change_length(self) -> str | None:
        """The length field of an element."""
        if not self.base.places:
            return None
        place = self.chance.choice(self.base.places)
        old = place.end - place.value
        new = self.chance.choice(
            (0, 1, old - 1, old + 1, old + 2, old * 2, 65535, 1 << 20, 0x7FFFFFFF, UNDEFINED - 1, UNDEFINED)
        )
        new = max(0, new)
        if place.value - place.start == 12 or self.base.implicit:
            self.data[place.value - 4 : place.value] = struct.pack(self.order + "L", new & UNDEFINED)
        else:
            self.data[place.value - 2 : place.value] = struct.pack(self.order + "H", new & 0xFFFF)
        return f"length of {place.tag:08X} {old} > {new}"

    def swap_vr(self) -> str | None:
        """Another VR, without care for the form of its head."""
        if not self.base.places or self.base.implicit:
            return None
        place = self.chance.choice(self.base.places)
        vr = self.chance.choice((*LONG_VRS, *SHORT_VRS, b"??", b"\0\0"))
        self.data[place.start + 4 : place.start + 6] = vr
        return f"VR of {place.tag:08X} > {vr!r}"

    def truncate(self) -> str | None:
        """The file ends early."""
        start = self.chance.choice((0, 132, self.header_end))
        if start >= len(self.data):
            return None
        del self.data[self.chance.randrange(start, len(self.data)) :]
        return f"cut to {len(self.data)}"

    def grow(self) -> str | None:
        """Something stands after the end."""
        self.data += bytes(self.chance.randrange(256) for _ in range(self.chance.choice((1, 2, 7, 512))))
        return "bytes appended"

    def insert_sequence(self) -> str | None:
        """A nested sequence before some element, with ends or without."""
        if not self.base.places:
            return None
        place = self.chance.choice(self.base.places)
        depth = self.chance.choice((1, 2, 10, 30, 2000))
        closed = self.chance.random() < 0.7
        tag = struct.pack(self.order + "HH", place.tag >> 16, max(0, (place.tag & 0xFFFF) - 1))
        size = struct.pack(self.order + "L", UNDEFINED)
        head = tag + size if self.base.implicit else tag + b"SQ\0\0" + size
        item = struct.pack(self.order + "HHL", 0xFFFE, 0xE000, UNDEFINED)
        ends = struct.pack(self.order + "HHLHHL", 0xFFFE, 0xE00D, 0, 0xFFFE, 0xE0DD, 0)
        self.data[place.start : place.start] = (head + item) * depth + (ends * depth if closed else b"")
        return f"{depth} sequences before {place.tag:08X}{'' if closed else ', without end'}"

    def delete_element(self) -> str | None:
        """One element less."""
        place = self._removable()
        if place is None:
            return None
        del self.data[place.start : place.end]
        return f"without {place.tag:08X}"

    def repeat_element(self) -> str | None:
        """One element twice, the second with another value."""
        place = self._removable()
        if place is None:
            return None
        again = bytearray(self.data[place.start : place.end])
        if place.end > place.value and self.chance.random() < 0.5:
            again[place.value - place.start] ^= 1
        self.data[place.end : place.end] = again
        return f"{place.tag:08X} twice"

    def _removable(self) -> Place | None:
        deciding = [p for p in self.base.places if p.tag in SHORT_EDGES or p.tag in TEXT_EDGES]
        choice = self.chance.choice((deciding, self.base.places))
        return self.chance.choice(choice) if choice else None

    def change_syntax(self) -> str | None:
        """Another transfer syntax in the file meta."""
        at = self.data.find(b"\x02\x00\x10\x00UI", 0, 2000)
        if at < 0:
            return None
        length = struct.unpack_from("<H", self.data, at + 6)[0]
        uid = self.chance.choice(SYNTAXES).encode()
        uid += b"\0" * (len(uid) % 2)
        self.data[at + 6 : at + 8 + length] = struct.pack("<H", len(uid)) + uid
        return f"transfer syntax {uid.decode().rstrip(chr(0))}"

    def change_number(self) -> str | None:
        """Rows, Columns, bits, samples and the like at their edges."""
        place = self._one_of(SHORT_EDGES)
        if place is None or place.end - place.value != 2 or place.end > len(self.data):
            return None
        new = self.chance.choice(SHORT_EDGES[place.tag])
        struct.pack_into(self.order + "H", self.data, place.value, new)
        return f"{place.tag:08X} = {new}"

    def change_text(self) -> str | None:
        """Frames, spacing, windows and the like at their edges; the element is added when the file has none."""
        tag = self.chance.choice(tuple(TEXT_EDGES))
        text = self.chance.choice(TEXT_EDGES[tag])
        value = text.encode() + b" " * (len(text) % 2)
        place = next((p for p in self.base.places if p.tag == tag), None)
        after = next((p for p in self.base.places if p.tag > tag), None)
        if place is None and after is None:
            return None
        start, end = (place.start, place.end) if place else (after.start, after.start)  # type: ignore[union-attr]
        head = struct.pack(self.order + "HH", tag >> 16, tag & 0xFFFF)
        vr = {0x00280008: b"IS", 0x00280004: b"CS", 0x00080005: b"CS", 0x00200013: b"IS"}.get(tag, b"DS")
        head += (
            struct.pack(self.order + "L", len(value))
            if self.base.implicit
            else vr + struct.pack(self.order + "H", len(value))
        )
        self.data[start:end] = head + value
        return f"{tag:08X} = {text!r}"

    def _one_of(self, tags: dict[int, tuple[int, ...]]) -> Place | None:
        there = [place for place in self.base.places if place.tag in tags]
        return self.chance.choice(there) if there else None

    def disturb_fragments(self) -> str | None:
        """Fragments of encapsulated pixels change place, go, are cut, or lie about their length."""
        pixels = self.base.pixels
        if pixels is None or self.data[pixels.value : pixels.value + 4] != b"\xfe\xff\x00\xe0":
            return None
        pieces, position = [], pixels.value
        while self.data[position : position + 4] == b"\xfe\xff\x00\xe0":
            size = struct.unpack_from("<L", self.data, position + 4)[0]
            pieces.append(bytes(self.data[position + 8 : position + 8 + size]))
            position += 8 + size
        table, rest = pieces[0], pieces[1:]
        what = self.chance.choice(("shuffled", "one less", "one cut", "one twice", "split", "table", "length"))
        if not rest:
            return None
        at = self.chance.randrange(len(rest))
        if what == "shuffled":
            self.chance.shuffle(rest)
        elif what == "one less":
            del rest[at]
        elif what == "one cut":
            rest[at] = rest[at][: self.chance.randrange(len(rest[at]) + 1)]
        elif what == "one twice":
            rest.insert(at, rest[at])
        elif what == "split":
            half = self.chance.randrange(len(rest[at]) + 1) // 2 * 2
            rest[at : at + 1] = [rest[at][:half], rest[at][half:]]
        elif what == "table":
            table = struct.pack("<3L", *(self.chance.choice((0, 8, 1 << 20, UNDEFINED)) for _ in range(3)))
        out = b"".join(struct.pack("<HHL", 0xFFFE, 0xE000, len(piece)) + piece for piece in (table, *rest))
        if what == "length" and len(out) >= 8:
            wrong = self.chance.choice((0, 1, len(rest[at]) + 2, UNDEFINED, 0x7FFFFFFF))
            out = out[: len(table) + 12] + struct.pack("<L", wrong) + out[len(table) + 16 :]
        self.data[pixels.value : position] = out
        return f"fragments: {what}"


# Structural steps first, since they count on the places of the base file; one of them a mutant, then bytes.
STRUCTURAL: tuple[Callable[[Draft], str | None], ...] = (
    Draft.change_number, Draft.change_number, Draft.change_text, Draft.change_text, Draft.change_length,
    Draft.swap_vr, Draft.insert_sequence, Draft.delete_element, Draft.repeat_element, Draft.change_syntax,
    Draft.disturb_fragments, Draft.disturb_fragments,
)  # fmt: skip
BYTEWISE: tuple[Callable[[Draft], str | None], ...] = (
    Draft.flip_header, Draft.flip_elements, Draft.flip_pixels, Draft.flip_pixel_heads, Draft.truncate, Draft.grow,
)  # fmt: skip


def make_mutant(seed: int, files: list[Path]) -> Mutant:
    """The mutant of a seed."""
    chance = random.Random(seed)
    base = load_base(chance.choice(files))
    draft = Draft(base, chance)
    kinds = chance.choice(((STRUCTURAL,), (STRUCTURAL,), (BYTEWISE,), (STRUCTURAL, BYTEWISE), (BYTEWISE, BYTEWISE)))
    steps = [done for steps in kinds for done in [chance.choice(steps)(draft)] if done]
    if not steps:
        steps = [done for done in (draft.flip_header(), draft.flip_pixels()) if done]
    data = bytes(draft.data)
    if base.deflated:
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        data = data[: base.meta_end] + packer.compress(data[base.meta_end :]) + packer.flush()
        if chance.random() < 0.3 and len(data) > base.meta_end:
            spoilt = bytearray(data)
            spoilt[chance.randrange(base.meta_end, len(data))] ^= 1 << chance.randrange(8)
            data = bytes(spoilt)
            steps.append("a bit of the deflated bytes")
    return Mutant(seed, base.name, tuple(steps), data)
