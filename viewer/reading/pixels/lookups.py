"""Lookup tables of a header: modality, VOI and palette (PS3.3 C.11.1, C.11.2, C.7.6.3.1.5, C.7.9.2).

Each function also says in a sentence what of a table was not taken as its descriptor has it, or why there is none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from viewer.core.pixels import LookupTable, Palette
from viewer.reading.dicom.header import Header

LUT_DESCRIPTOR, LUT_EXPLANATION, LUT_DATA = 0x00283002, 0x00283003, 0x00283006
COLORS = ("red", "green", "blue")
PALETTE_DESCRIPTORS = (0x00281101, 0x00281102, 0x00281103)
PALETTE_DATA = (0x00281201, 0x00281202, 0x00281203)
SEGMENTED_DATA = (0x00281221, 0x00281222, 0x00281223)
MAX_ENTRIES = 65536
# What leaves this many of its stated bits unused was written with the size of a word in place of that of an entry (Agfa
# CR and others). A VOI LUT would be a quarter as bright at best; a palette of dark colours may well be meant.
UNUSED_LUT_BITS, UNUSED_PALETTE_BITS = 2, 4

Words = NDArray[np.uint16]
Span = tuple[float, float]


def lookup_table(
    item: Header, *, signed: bool, inputs: Span | None = None, name: str = "lookup table"
) -> tuple[LookupTable | None, str]:
    """(a Modality, VOI or Presentation LUT item or None, what is odd about it or "").

    signed: how the first mapped value is coded. inputs: the least and the largest value that comes in; where the table
    lies outside them with that sign and inside with the other, the other is taken. name: what the sentence calls it.
    """
    descriptor = item.words(LUT_DESCRIPTOR, signed=False)
    if len(descriptor) != 3:
        return None, f"A {name} of the file has no usable descriptor and is not applied."
    count = descriptor[0] or MAX_ENTRIES
    values = _entries(item, LUT_DATA, count, bits=descriptor[2])
    if not len(values):
        return None, f"A {name} of the file has no entries and is not applied."
    note = ""
    if len(values) < count:
        note = f"A {name} of the file holds {len(values)} of its {count} entries; the last one stands for the others."
    elif (held := _held(item, LUT_DATA, count, bits=descriptor[2])) > count:
        note = f"A {name} of the file says {count} entries and holds {held}; the first {count} are used."
    bits = _real_bits([values], descriptor[2], unused=16)
    if not 8 <= descriptor[2] <= 16:
        note = f"{note} A {name} of the file says {descriptor[2]} bits an entry; read as {bits}.".strip()
    table = LookupTable(
        values=values,
        first_mapped=_first(descriptor[1], count, signed=signed, inputs=inputs),
        bits=bits,
        name=item.text(LUT_EXPLANATION),
    )
    return table, note


def display_lookup(
    item: Header, *, signed: bool, inputs: Span | None = None, name: str = "VOI LUT"
) -> tuple[LookupTable | None, str]:
    """The same for a table whose entries are grey levels: the range they fill counts where it is far below the stated.

    Horos and Cornerstone take the depth from the table too; by the letter of C.11.2.1.1 it would be nearly black.
    """
    table, note = lookup_table(item, signed=signed, inputs=inputs, name=name)
    if table is None:
        return None, note
    bits = _real_bits([table.values], table.bits, unused=UNUSED_LUT_BITS)
    if bits == table.bits:
        return table, note
    said = f"A {name} of the file says {table.bits} bits an entry and fills {bits}; shown so that they are all of it."
    return replace(table, bits=bits), f"{note} {said}".strip()


def _first(word: int, count: int, *, signed: bool, inputs: Span | None) -> int:
    """The first mapped value: coded as what comes in is (C.11.1.1, C.11.2.1.1), unless all of that lies elsewhere."""
    readings = (word - 0x10000 if word > 0x7FFF else word, word)
    chosen, other = readings if signed else readings[::-1]
    if inputs is None or _meets(chosen, count, inputs) or not _meets(other, count, inputs):
        return chosen
    return other


def _meets(first: int, count: int, inputs: Span) -> bool:
    return first <= inputs[1] and first + count - 1 >= inputs[0]


def _real_bits(tables: Sequence[Words], bits: int, *, unused: int) -> int:
    """Bits of an entry, of all tables together; some writers say 16 and mean less, or the reverse.

    unused: so many of the stated bits may be empty and still count.
    """
    needed = max(8, *(int(values.max()).bit_length() for values in tables))
    if not 1 <= bits <= 16 or bits < max(int(values.max()).bit_length() for values in tables):
        return needed
    return bits if needed > bits - unused else needed


def _in_bytes(raw: bytes, count: int, bits: int) -> bool:
    """Whether a table has one byte an entry: by its length, whatever its descriptor says (C.7.6.3.1.5)."""
    return count <= len(raw) <= count + 1 if bits > 8 else len(raw) < 2 * count


def _held(item: Header, tag: int, count: int, *, bits: int) -> int:
    """How many entries a table has, whatever its descriptor says; the byte that makes its length even is none."""
    raw = item.raw(tag)
    return count if _in_bytes(raw, count, bits) else len(raw) // 2


def _entries(item: Header, tag: int, count: int, *, bits: int) -> Words:
    """The entries that are there, at most `count`."""
    raw = item.raw(tag)
    if _in_bytes(raw, count, bits):
        data = np.frombuffer(raw, np.uint8)
        # In big endian words they stand pairwise swapped.
        if item.syntax.big_endian and item.places.get(tag, (b"",))[0] == b"OW":
            data = data[: len(data) // 2 * 2].reshape(-1, 2)[:, ::-1].reshape(-1)
        return data[:count].astype(np.uint16)
    words = np.frombuffer(raw[: len(raw) // 2 * 2], ">u2" if item.syntax.big_endian else "<u2")
    return words[:count].astype(np.uint16)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Channel:
    """One colour of a palette. depth: stated bits of an entry, 0 for entries that are bytes whatever is stated."""

    values: Words
    first: int
    depth: int


def read_palette(header: Header, *, signed: bool, inputs: Span | None = None) -> tuple[Palette | None, str]:
    """(the palette as 8-bit RGB, what is odd about it or ""); None when one of its three tables is missing.

    Tables of different lengths or beginnings are joined over all values that one of them maps; each keeps its first
    and its last entry beyond its ends.
    """
    channels, notes = [], []
    for number, color in enumerate(COLORS):
        channel, note = _channel(header, number, signed=signed, inputs=inputs)
        if channel is None:
            return None, f"The {color} palette of the file is not there or empty; shown without its colours."
        channels.append(channel)
        notes += [f"The {color} palette of the file {note}"] if note else []
    if len({(channel.first, len(channel.values)) for channel in channels}) > 1 and not notes:
        notes.append("The red, green and blue palettes of the file map different values.")
    first = min(channel.first for channel in channels)
    last = max(channel.first + len(channel.values) - 1 for channel in channels)
    index = np.arange(first, last + 1)
    colors = []
    for channel in channels:
        # Channels of one kind are scaled alike: a dark red would turn bright beside a green that uses its whole range.
        alike = [other.values for other in channels if other.depth == channel.depth]
        bits = _real_bits(alike, channel.depth or 8, unused=UNUSED_PALETTE_BITS)
        if 8 < bits < channel.depth:
            notes.append(f"The palette of the file says {channel.depth} bits an entry and fills {bits}.")
        place = np.clip(index - channel.first, 0, len(channel.values) - 1)
        colors.append((channel.values >> (bits - 8)).astype(np.uint8)[place])
    return Palette(rgb=np.stack(colors, axis=1), first_mapped=first), " ".join(dict.fromkeys(notes))


def _channel(header: Header, number: int, *, signed: bool, inputs: Span | None) -> tuple[_Channel | None, str]:
    descriptor = header.words(PALETTE_DESCRIPTORS[number], signed=False)
    if len(descriptor) != 3:
        return None, ""
    count, bits = descriptor[0] or MAX_ENTRIES, descriptor[2]
    if SEGMENTED_DATA[number] in header:
        values, packed = _expand_segments(header, SEGMENTED_DATA[number], count, bits=bits), bits <= 8
    else:
        values = _entries(header, PALETTE_DATA[number], count, bits=bits)
        packed = _in_bytes(header.raw(PALETTE_DATA[number]), count, bits)
    if not len(values):
        return None, ""
    note = ""
    if len(values) < count:
        note = f"holds {len(values)} of its {count} entries; the last one stands for the others."
    elif (
        SEGMENTED_DATA[number] not in header and (held := _held(header, PALETTE_DATA[number], count, bits=bits)) > count
    ):
        note = f"holds {held} entries and says {count}; the first {count} are used."
    first = _first(descriptor[1], count, signed=signed, inputs=inputs)
    return _Channel(values=values, first=first, depth=0 if packed else bits), note


def _expand_segments(header: Header, tag: int, count: int, *, bits: int) -> Words:
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
