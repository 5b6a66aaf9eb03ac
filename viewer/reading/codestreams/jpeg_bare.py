"""A JPEG stream down to what its pixels are made of: frame header, tables and scans (ISO 10918-1 annex B).

What stands outside of them (comments, application data, stray bytes, whatever follows the end marker) changes no pixel,
so it is left out before anybody asks whether the stream is damaged.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from viewer.reading.codestreams.jpeg import FRAME_MARKERS, JPEG_LS, LOSSLESS

SOI, EOI, SOS, DNL = b"\xff\xd8", 0xD9, 0xDA, 0xDC
PROGRESSIVE, LOSSLESS_FRAMES = frozenset((0xC2, 0xC6, 0xCA, 0xCE)), frozenset((LOSSLESS, 0xC7, 0xCB, 0xCF))
# A sequential scan always has all coefficients with all their bits (table B.3); some writers leave that empty.
_SEQUENTIAL, _ALL_ZERO = bytes((0, 63, 0)), bytes(3)
# Huffman, arithmetic and quantisation tables, restart interval, frame headers (and those of hierarchical streams).
KEPT = frozenset((0xC4, 0xCC, 0xDB, 0xDD, 0xDE, 0xDF)) | FRAME_MARKERS
# Inside a scan FF00 stands for the byte FF, and restart markers belong to it (B.1.1.5, B.2.1).
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
# Adobe's marker with transform 0 (ITU-T T.872 6.5.3): a codec is to give three components as they are.
_AS_CODED = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"
COEFFICIENTS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One scan header (B.2.3). first, last: coefficients (lossless: predictor and 0). low: the last bit it codes."""

    components: tuple[int, ...]
    first: int
    last: int
    low: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BareJpeg:
    """The stream without what its pixels do not need, with an end marker in every case.

    rows: from the frame header, or where that says 0 from the DNL segment (B.2.5). has_end: it had an end marker.
    in_eight_bits: the same stream calling its samples 8-bit: what is entropy-coded does not change by that, so a codec
    for 8 bits can tell whether all of it is there.
    """

    data: bytes
    in_eight_bits: bytes
    frame_marker: int
    precision: int
    rows: int
    component_ids: tuple[int, ...]
    scans: tuple[Scan, ...]
    has_end: bool

    @property
    def lost_components(self) -> bool:
        """Whether a component has no scan at all."""
        return not set(self.component_ids) <= {one for scan in self.scans for one in scan.components}

    @property
    def lost_scans(self) -> bool:
        """Whether a progressive stream does not come down to the last bit of every coefficient (annex G)."""
        if self.frame_marker not in PROGRESSIVE:
            return False
        open_bits = {one: [1] * COEFFICIENTS for one in self.component_ids}
        for scan in self.scans:
            for one in scan.components:
                for k in range(scan.first, min(scan.last + 1, COEFFICIENTS)):
                    open_bits.get(one, [0] * COEFFICIENTS)[k] = scan.low
        return any(any(bits) for bits in open_bits.values())


def bare_jpeg(data: bytes) -> BareJpeg | None:
    """What counts of a stream; None when it is no JPEG with a frame and a scan."""
    kept: list[bytes] = []
    eight: list[bytes] = []
    scans: list[Scan] = []
    frame, frame_marker, rows, has_end = b"", 0, 0, False
    for marker, segment, coded in _segments(data):
        if marker == EOI:
            has_end = True
        elif marker == DNL and frame and not rows and len(segment) >= 6:
            rows = int.from_bytes(segment[4:6], "big")
        elif marker == SOS and frame:
            scan = _scan(segment)
            if scan is None:
                continue
            scans.append(scan)
            if frame_marker not in PROGRESSIVE | LOSSLESS_FRAMES and segment[-3:] == _ALL_ZERO:
                segment = segment[:-3] + _SEQUENTIAL
            kept += (segment, coded)
            # Without the point transform, which may be larger than 8 bits allow.
            eight += (segment[:-1] + b"\0" if frame_marker in LOSSLESS_FRAMES else segment, coded)
        elif marker in FRAME_MARKERS and marker != JPEG_LS and len(segment) >= 10:
            if not frame:
                frame, frame_marker = segment, marker
                rows = int.from_bytes(segment[5:7], "big")
            kept.append(segment)
            eight.append(segment[:4] + b"\x08" + segment[5:])
        elif marker in KEPT:
            kept.append(segment)
            eight.append(segment)
    if not frame or not scans:
        return None
    ids = tuple(frame[at] for at in range(10, min(10 + 3 * frame[9], len(frame)), 3))
    head = SOI + (_AS_CODED if len(ids) >= 3 else b"")
    whole, in_eight = (head + b"".join(parts) + b"\xff\xd9" for parts in (kept, eight))
    if not int.from_bytes(frame[5:7], "big"):
        counted = frame[:5] + struct.pack(">H", rows) + frame[7:]
        whole = whole.replace(frame, counted, 1)
        in_eight = in_eight.replace(frame[:4] + b"\x08" + frame[5:], counted[:4] + b"\x08" + counted[5:], 1)
    return BareJpeg(
        data=whole,
        in_eight_bits=in_eight,
        frame_marker=frame_marker,
        precision=frame[4],
        rows=rows,
        component_ids=ids,
        scans=tuple(scans),
        has_end=has_end,
    )


def _segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """(marker, its segment from the FF on, the entropy-coded bytes behind it) up to the end marker or the end."""
    position = data.find(SOI) + 2 if data.startswith(SOI) else len(data)
    while (position := data.find(b"\xff", position)) >= 0 and position + 2 <= len(data):
        marker = data[position + 1]
        if marker == EOI:
            yield marker, b"", b""
            return
        if marker == 0xFF:
            position += 1
            continue
        if marker <= 0x01 or 0xD0 <= marker <= 0xD8:
            position += 2  # stands alone, or is no marker at all
            continue
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        end = position + 2 + length
        if length < 2 or end > len(data):
            return
        after = end
        if marker == SOS:
            found = _AFTER_SCAN.search(data, end)
            after = found.start() if found else len(data)
        yield marker, data[position:end], data[end:after]
        position = after


def _scan(segment: bytes) -> Scan | None:
    count = segment[4] if len(segment) > 4 else 0
    if len(segment) < 8 + 2 * count or not count:
        return None
    first, last, bits = segment[5 + 2 * count : 8 + 2 * count]
    return Scan(components=tuple(segment[5 : 5 + 2 * count : 2]), first=first, last=last, low=bits & 0x0F)
