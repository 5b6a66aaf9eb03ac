"""Compressed frames: which fragments make one (PS3.5 A.4)."""

import struct
from dataclasses import dataclass
from itertools import pairwise

from viewer.core.errors import BadFile
from viewer.reading.dicom.parsed_file import DicomFile, Fragments
from viewer.reading.dicom.walker import ITEM, SEQUENCE_END, PixelElement

RLE = "1.2.840.10008.1.2.5"
EXTENDED_OFFSETS, EXTENDED_LENGTHS = 0x7FE00001, 0x7FE00002
# First bytes of a compressed image: JPEG and JPEG-LS, JPEG 2000 code stream and file, JPEG XL.
STARTS = (b"\xff\xd8", b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0cjP  ", b"\xff\x0a", b"\x00\x00\x00\x0cJXL ")
CHUNK_BYTES = 1 << 16

Pieces = tuple[tuple[int, int], ...]  # (offset, length) of each fragment


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameBytes:
    """The compressed bytes of one frame.

    is_cut: the file ends inside them. note: what does not fit the header, for the banner.
    """

    data: bytes
    is_cut: bool = False
    note: str = ""


def frame_bytes(file: DicomFile, pixels: PixelElement, frames: int, index: int) -> FrameBytes:
    """Frame `index` of `frames`. Raises BadFile when the file does not hold it."""
    by_table = _from_extended_table(file, pixels, frames, index)
    if by_table is not None:
        return FrameBytes(data=by_table, note=_lost_by_extended_table(file, pixels, frames))
    found = _fragments(file, pixels)
    mine, held = _frame_pieces(file, found, frames, index)
    data = b"".join(file.read(offset, length) for offset, length in mine)
    if not data:
        raise BadFile(f"{file.path} does not hold frame {index}; copy it again.")
    notes = []
    if held > frames:
        notes.append(f"The file holds {held} compressed images, its header says {frames}; the others are not shown.")
    if held < frames and found.is_ended:
        notes.append(f"The file holds {held} of its {frames} compressed images; which ones is not known.")
    elif held < frames:
        notes.append(f"The file is cut short: {held} of its {frames} compressed images are there.")
    elif not found.is_ended:
        notes.append("The compressed pixels have no end mark; the file may be cut short.")
    if found.table and not _from_basic_table(found.pieces, found.table, 1):
        notes.append("The table that says where compressed images begin is wrong and was not used.")
    return FrameBytes(data=data, is_cut=mine[-1][0] + mine[-1][1] >= file.end, note=" ".join(notes))


def _from_extended_table(file: DicomFile, pixels: PixelElement, frames: int, index: int) -> bytes | None:
    """The frame by the Extended Offset Table, None when there is none or it does not fit the items."""
    offsets, lengths = file.header.raw(EXTENDED_OFFSETS), file.header.raw(EXTENDED_LENGTHS)
    if len(offsets) < 8 * frames or len(lengths) < 8 * frames:
        return None
    order = ">" if file.header.syntax.big_endian else "<"
    offset, length = (struct.unpack_from(f"{order}Q", table, 8 * index)[0] for table in (offsets, lengths))
    head = file.read(pixels.offset, 8)
    if len(head) < 8:
        return None
    start = pixels.offset + 8 + struct.unpack_from("<L", head, 4)[0] + offset
    if start + 8 + length > file.end:
        return None
    tag = file.read(start, 8)
    # A frame is one item then (PS3.3 C.7.6.3.1.8), padded to an even length.
    if len(tag) < 8 or struct.unpack("<HHL", tag) not in ((0xFFFE, 0xE000, length), (0xFFFE, 0xE000, length + 1)):
        return None
    return file.read(start + 8, length)


def _lost_by_extended_table(file: DicomFile, pixels: PixelElement, frames: int) -> str:
    order = ">" if file.header.syntax.big_endian else "<"
    offset, length = (
        struct.unpack_from(f"{order}Q", file.header.raw(tag), 8 * (frames - 1))[0]
        for tag in (EXTENDED_OFFSETS, EXTENDED_LENGTHS)
    )
    ends = pixels.offset + 16 + offset + length
    return "The file is cut short; other compressed images are missing." if ends > file.end else ""


def _fragments(file: DicomFile, pixels: PixelElement) -> Fragments:
    """The items, walked once and kept with the open file."""
    if file.fragments is None:
        file.fragments = _walk_items(file, pixels.offset)
    return file.fragments


def _walk_items(file: DicomFile, start: int) -> Fragments:
    table: tuple[int, ...] | None = None
    pieces: list[tuple[int, int]] = []
    position, chunk, base = start, b"", start
    is_ended = False
    while position + 8 <= file.end:
        if not base <= position <= base + len(chunk) - 8:
            base, chunk = position, file.read(position, CHUNK_BYTES)
            if len(chunk) < 8:
                break
        group, element, length = struct.unpack_from("<HHL", chunk, position - base)
        tag = group << 16 | element
        if tag == SEQUENCE_END:
            is_ended = True
            break
        if tag != ITEM:
            # Damaged: what was found so far may still hold the frame.
            break
        position += 8
        length = min(length, file.end - position)
        if table is None:
            data = file.read(position, length)
            table = struct.unpack(f"<{len(data) // 4}L", data[: len(data) // 4 * 4])
        else:
            pieces.append((position, length))
        position += length
    return Fragments(table=table or (), pieces=tuple(pieces), is_ended=is_ended)


def _frame_pieces(file: DicomFile, found: Fragments, frames: int, index: int) -> tuple[Pieces, int]:
    """(the fragments of frame `index`, how many frames the file holds). Raises BadFile when nothing tells."""
    pieces = found.pieces
    if not pieces:
        raise BadFile(f"{file.path} holds no compressed frames; copy it again.")
    if len(pieces) == frames:
        return pieces[index : index + 1], frames
    by_table = _from_basic_table(pieces, found.table, frames)
    if by_table and (frames > 1 or len(by_table) > 2):
        chosen = pieces[by_table[index] : by_table[index + 1]]
        if not _is_inside_a_stream(file, pieces, chosen[0]):
            return chosen, len(by_table) - 1
    if frames == 1:
        chosen = _first_image(file, pieces)
        return chosen, 1 + (len(chosen) < len(pieces))
    begins = [n for n, (offset, _) in enumerate(pieces) if file.read(offset, 12).startswith(STARTS)]
    if not begins and len(pieces) < frames:
        # A file that was cut: of RLE each frame is one fragment (PS3.5 A.4.2).
        begins = list(range(len(pieces))) if file.header.transfer_syntax == RLE else []
    if index < len(begins) and begins[0] == 0:
        begins.append(len(pieces))
        return pieces[begins[index] : begins[index + 1]], len(begins) - 1
    if begins or index >= len(pieces):
        held = len(begins) or len(pieces)
        raise BadFile(f"{file.path} holds {held} of {frames} frames; frame {index} is missing.")
    raise BadFile(f"{file.path} does not say which fragments belong to frame {index}; it cannot be shown.")


def _from_basic_table(pieces: Pieces, offsets: tuple[int, ...], frames: int) -> list[int]:
    """The first fragment of each frame and one past the last, [] when the Basic Offset Table does not fit."""
    origin = pieces[0][0] - 8
    positions = {offset - 8 - origin: number for number, (offset, _) in enumerate(pieces)}
    first = [positions.get(offset, -1) for offset in offsets]
    rising = all(a < b for a, b in pairwise(first))
    return [*first, len(pieces)] if len(first) >= frames and first[0] == 0 and rising else []


def _is_inside_a_stream(file: DicomFile, pieces: Pieces, chosen: tuple[int, int]) -> bool:
    """Whether a table leads into the middle of a frame: the first fragment tells itself, the chosen one does not."""
    return file.read(pieces[0][0], 12).startswith(STARTS) and not file.read(chosen[0], 12).startswith(STARTS)


def _first_image(file: DicomFile, pieces: Pieces) -> Pieces:
    """All fragments of a single frame; a second image in the same element is left out."""
    if len(pieces) == 1:
        return pieces
    for number, (offset, length) in enumerate(pieces[1:], start=1):
        before = pieces[number - 1]
        ended = file.read(before[0] + max(0, before[1] - 3), min(3, before[1])).rstrip(b"\0").endswith(b"\xff\xd9")
        if ended and length > 12 and file.read(offset, 12).startswith(STARTS):
            return pieces[:number]
    return pieces
