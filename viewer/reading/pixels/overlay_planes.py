"""Overlay planes, groups 6000 to 601E: in Overlay Data, or (retired) in bits of the pixels that hold no value.

PS3.3 C.9.2, C.9.3; embedded planes as of PS3.5-2004 8.1.2.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.pixels import OverlayPlane
from viewer.reading.dicom.header import Header
from viewer.reading.dicom.parsed_file import DicomFile
from viewer.reading.pixels.coding import Coding
from viewer.reading.pixels.decoder import Decoded
from viewer.reading.pixels.native import read_native

GROUPS = tuple(range(0x6000, 0x6020, 2))
ROWS, COLS, FRAMES, FRAME_ORIGIN, NAME = 0x0010, 0x0011, 0x0015, 0x0051, 0x0022
KIND, ORIGIN, BIT, LAYER, LABEL, DATA = 0x0040, 0x0050, 0x0102, 0x1001, 0x1500, 0x3000


def header_planes(header: Header, frame_index: int) -> tuple[tuple[OverlayPlane, ...], str]:
    """(planes of one frame from their Overlay Data, what is wrong with others or "")."""
    found, notes = [], []
    for group in _groups(header):
        base = group << 16
        rows, cols = _word(header, base | ROWS), _word(header, base | COLS)
        if not header.raw(base | DATA) or rows <= 0 or cols <= 0:
            header.ignore(base | DATA)  # said where there is one
            continue
        number = _frame_number(header, base, frame_index)
        if number is None:
            continue
        bits = _unpacked(header, base | DATA, number, rows * cols)
        if bits is None:
            notes.append(f"Overlay {group:04X} is shorter than its {rows} x {cols} points and is not drawn.")
            continue
        found.append(_plane(header, base, bits.reshape(rows, cols)))
    return tuple(found), " ".join(notes)


def embedded_planes(
    file: DicomFile, coding: Coding, frame_index: int, coded: Decoded | None
) -> tuple[OverlayPlane, ...]:
    """Planes in the unused bits of the pixels. coded: the decoded frame, None for uncompressed pixels."""
    header = file.header
    groups = [g for g in _groups(header) if _is_embedded(header, g << 16, coding)]
    if not groups or coding.samples != 1 or coding.is_float or header.pixels is None:
        return ()
    words: NDArray[Any] = read_native(file, header.pixels, coding, frame_index)[0] if coded is None else coded.array
    if words.ndim != 2 or not words.size:
        return ()
    found = []
    for group in groups:
        bit = _word(header, group << 16 | BIT)
        if bit < 8 * words.dtype.itemsize:
            found.append(_plane(header, group << 16, (words >> np.array(bit, words.dtype) & 1).astype(np.bool_)))
    return tuple(found)


def has_embedded_planes(header: Header, coding: Coding) -> bool:
    """Whether bits of the pixels above their values are overlays."""
    return any(_is_embedded(header, group << 16, coding) for group in _groups(header))


def _groups(header: Header) -> Iterable[int]:
    if max(header.places, default=0) < GROUPS[0] << 16:
        return ()  # as in nearly every image
    return (g for g in GROUPS if any((g << 16 | tag) in header for tag in (ROWS, BIT, DATA)))


def _is_embedded(header: Header, base: int, coding: Coding) -> bool:
    if header.raw(base | DATA) or (base | BIT) not in header:
        return False
    bit = _word(header, base | BIT)
    # A bit of the values themselves is none to draw: some writers leave Bit Position 0 without any overlay.
    return bit < coding.bits_allocated and not coding.high_bit - coding.bits_stored < bit <= coding.high_bit


def _frame_number(header: Header, base: int, frame_index: int) -> int | None:
    """Which frame of the overlay lies on a frame of the image; None when none does (C.9.3.1.1)."""
    count = header.integer(base | FRAMES)
    if count is None:
        return 0  # no Multi-frame Overlay Module: one plane for every frame
    number = frame_index - (_word(header, base | FRAME_ORIGIN, default=1) - 1)
    return number if 0 <= number < max(count, 1) else None


def _unpacked(header: Header, tag: int, number: int, points: int) -> NDArray[np.bool_] | None:
    """One frame's bits, lowest bit of each byte first; frames follow each other without padding."""
    raw = header.raw(tag)
    first, end = number * points, (number + 1) * points
    if end > 8 * len(raw):
        return None
    if header.syntax.big_endian and header.places[tag][0] == b"OW":
        words = np.frombuffer(raw[: len(raw) // 2 * 2], ">u2").astype("<u2")
        raw = words.tobytes()
    part = np.frombuffer(raw, np.uint8)[first // 8 : (end + 7) // 8]
    return np.unpackbits(part, bitorder="little")[first % 8 : first % 8 + points].astype(np.bool_)


def _plane(header: Header, base: int, bits: NDArray[np.bool_]) -> OverlayPlane:
    origin = header.words(base | ORIGIN, signed=True)
    row, col = origin[:2] if len(origin) >= 2 else (1, 1)
    bits.setflags(write=False)
    return OverlayPlane(
        bits=bits,
        row0=row - 1,
        col0=col - 1,
        is_region=header.text(base | KIND).upper() == "R",
        name=header.text(base | LABEL) or header.text(base | NAME),
        group=base >> 16,
        layer=header.text(base | LAYER),
    )


def _word(header: Header, tag: int, *, default: int = 0) -> int:
    words = header.words(tag, signed=False)
    return words[0] if words else default
