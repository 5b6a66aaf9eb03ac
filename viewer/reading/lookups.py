"""Lookup tables of a header: modality, VOI and palette (PS3.3 C.11.1, C.11.2, C.7.6.3.1.5, C.7.9.2)."""

import numpy as np
from numpy.typing import NDArray

from viewer.core.pixels import LookupTable, Palette
from viewer.reading.header import Header

LUT_DESCRIPTOR, LUT_EXPLANATION, LUT_DATA = 0x00283002, 0x00283003, 0x00283006
PALETTE_DESCRIPTORS = (0x00281101, 0x00281102, 0x00281103)
PALETTE_DATA = (0x00281201, 0x00281202, 0x00281203)
SEGMENTED_DATA = (0x00281221, 0x00281222, 0x00281223)
MAX_ENTRIES = 65536


def lookup_table(item: Header, *, signed: bool) -> LookupTable | None:
    """A Modality or VOI LUT item, None when it is incomplete. signed: how the first mapped value is coded."""
    descriptor = item.words(LUT_DESCRIPTOR, signed=False)
    if len(descriptor) != 3:
        return None
    count = descriptor[0] or MAX_ENTRIES
    values = _entries(item, LUT_DATA, count, bits=descriptor[2])
    if values is None:
        return None
    first = item.words(LUT_DESCRIPTOR, signed=signed)[1]
    return LookupTable(
        values=values, first_mapped=first, bits=_real_bits(values, descriptor[2]), name=item.text(LUT_EXPLANATION)
    )


def _real_bits(values: NDArray[np.uint16], bits: int) -> int:
    """Bits of an entry; some writers say 16 and mean less, or the reverse (pydicom and Weasis found both)."""
    needed = max(1, int(values.max()).bit_length())
    return bits if 1 <= bits <= 16 and bits >= needed else max(needed, 8)


def _entries(item: Header, tag: int, count: int, *, bits: int) -> NDArray[np.uint16] | None:
    raw = item.raw(tag)
    if not raw:
        return None
    if bits <= 8 and count <= len(raw) < 2 * count:
        # 8-bit entries, one to a byte. In big endian words they stand pairwise swapped.
        data = np.frombuffer(raw, np.uint8)
        if item.syntax.big_endian and item.places[tag][0] == b"OW":
            data = data[: len(data) // 2 * 2].reshape(-1, 2)[:, ::-1].reshape(-1)
        return data[:count].astype(np.uint16)
    words = np.frombuffer(raw[: len(raw) // 2 * 2], ">u2" if item.syntax.big_endian else "<u2")
    return words[:count].astype(np.uint16) if len(words) else None


def read_palette(header: Header, *, signed: bool) -> Palette | None:
    """The palette as 8-bit RGB, None when one of its three tables is missing."""
    channels = []
    first = 0
    for descriptor_tag, data_tag, segmented_tag in zip(PALETTE_DESCRIPTORS, PALETTE_DATA, SEGMENTED_DATA):
        descriptor = header.words(descriptor_tag, signed=False)
        if len(descriptor) != 3:
            return None
        count, bits = descriptor[0] or MAX_ENTRIES, descriptor[2]
        first = header.words(descriptor_tag, signed=signed)[1]
        if segmented_tag in header:
            values = _expand_segments(header, segmented_tag, count, bits=bits)
        else:
            plain = _entries(header, data_tag, count, bits=bits)
            if plain is None:
                return None
            values = plain
        channels.append(_to_8_bits(values, bits))
    length = min(len(channel) for channel in channels)
    return Palette(rgb=np.stack([channel[:length] for channel in channels], axis=1), first_mapped=first)


def _to_8_bits(values: NDArray[np.uint16], bits: int) -> NDArray[np.uint8]:
    # Some 16-bit palettes hold 8-bit numbers; taken as they stand they would all be black.
    wide = bits > 8 and len(values) > 0 and int(values.max()) > 255
    return (values >> (bits - 8) if wide else values).astype(np.uint8)


def _expand_segments(header: Header, tag: int, count: int, *, bits: int) -> NDArray[np.uint16]:
    """Discrete, linear and indirect segments to plain entries (PS3.3 C.7.9.2.1)."""
    raw = header.raw(tag)
    if bits <= 8:
        words = list(raw)
    else:
        words = np.frombuffer(raw[: len(raw) // 2 * 2], ">u2" if header.syntax.big_endian else "<u2").tolist()
    out: list[int] = []
    _run_segments(words, 0, len(words), out, count, is_word=bits > 8)
    return np.array(out[:count], np.uint16)


def _run_segments(words: list[int], start: int, end: int, out: list[int], count: int, *, is_word: bool) -> None:
    position = start
    while position + 1 < end and len(out) < count:
        kind, length = words[position], words[position + 1]
        position += 2
        if kind == 0:
            out.extend(words[position : position + length])
            position += length
        elif kind == 1 and out and position < end:
            out.extend(int(v) for v in np.rint(np.linspace(out[-1], words[position], length + 1))[1:])
            position += 1
        elif kind == 2:
            parts = words[position : position + (2 if is_word else 4)]
            position += len(parts)
            offset = sum(part << ((16 if is_word else 8) * n) for n, part in enumerate(parts))
            stop = _segments_end(words, offset, length)
            if offset >= position or stop > len(words):
                return
            # Copied segments may hold no further references (C.7.9.2.1), so this ends.
            _run_segments(words, offset, stop, out, count, is_word=is_word)
        else:
            return


def _segments_end(words: list[int], offset: int, segments: int) -> int:
    position = offset
    for _ in range(segments):
        if position + 1 >= len(words) or words[position] not in (0, 1):
            return len(words) + 1
        position += 2 + (words[position + 1] if words[position] == 0 else 1)
    return position
