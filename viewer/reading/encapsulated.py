"""Compressed frames: which fragments make one (PS3.5 A.4)."""

import struct

from viewer.core.errors import BadFile
from viewer.reading.dicom_file import DicomFile
from viewer.reading.walker import ITEM, SEQUENCE_END, PixelElement

EXTENDED_OFFSETS, EXTENDED_LENGTHS = 0x7FE00001, 0x7FE00002
# First bytes of a compressed image: JPEG and JPEG-LS, JPEG 2000 code stream and file, JPEG XL.
STARTS = (b"\xff\xd8", b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0cjP  ", b"\xff\x0a", b"\x00\x00\x00\x0cJXL ")
CHUNK_BYTES = 1 << 16

Pieces = tuple[tuple[int, int], ...]  # (offset, length) of each fragment


def frame_bytes(file: DicomFile, pixels: PixelElement, frames: int, index: int) -> tuple[bytes, bool]:
    """The compressed bytes of frame `index`, and whether the file ends inside them.

    Raises BadFile when the file does not hold the frame.
    """
    by_table = _from_extended_table(file, pixels, frames, index)
    if by_table is not None:
        return by_table, False
    offsets, pieces = _fragments(file, pixels)
    mine = _frame_pieces(file, pieces, offsets, frames, index)
    data = b"".join(file.read(offset, length) for offset, length in mine)
    if not data:
        raise BadFile(f"{file.path} does not hold frame {index}; copy it again.")
    return data, mine[-1][0] + mine[-1][1] >= file.end


def _from_extended_table(file: DicomFile, pixels: PixelElement, frames: int, index: int) -> bytes | None:
    offsets, lengths = file.header.raw(EXTENDED_OFFSETS), file.header.raw(EXTENDED_LENGTHS)
    if len(offsets) < 8 * frames or len(lengths) < 8 * frames:
        return None
    offset, length = (struct.unpack_from("<Q", table, 8 * index)[0] for table in (offsets, lengths))
    head = file.read(pixels.offset, 8)
    if len(head) < 8:
        return None
    start = pixels.offset + 8 + struct.unpack_from("<L", head, 4)[0] + offset
    tag = file.read(start, 8)
    if len(tag) < 8 or struct.unpack_from("<HH", tag) != (0xFFFE, 0xE000):
        return None
    data = file.read(start + 8, length)
    return data if len(data) == length else None


def _fragments(file: DicomFile, pixels: PixelElement) -> tuple[tuple[int, ...], Pieces]:
    """The basic offset table and the fragments as (offset, length), walked once and kept with the open file."""
    if file.fragments is None:
        file.fragments = _walk_items(file, pixels.offset)
    return file.fragments


def _walk_items(file: DicomFile, start: int) -> tuple[tuple[int, ...], Pieces]:
    table: tuple[int, ...] | None = None
    pieces: list[tuple[int, int]] = []
    position, chunk, base = start, b"", start
    while position + 8 <= file.end:
        if not base <= position <= base + len(chunk) - 8:
            base, chunk = position, file.read(position, CHUNK_BYTES)
            if len(chunk) < 8:
                break
        group, element, length = struct.unpack_from("<HHL", chunk, position - base)
        tag = group << 16 | element
        if tag == SEQUENCE_END:
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
    return table or (), tuple(pieces)


def _frame_pieces(file: DicomFile, pieces: Pieces, offsets: tuple[int, ...], frames: int, index: int) -> Pieces:
    if not pieces:
        raise BadFile(f"{file.path} holds no compressed frames; copy it again.")
    if frames == 1:
        return _first_image(file, pieces)
    if len(pieces) == frames:
        return pieces[index : index + 1]
    origin = pieces[0][0] - 8
    starts = [offset + origin for offset in offsets]
    positions = {offset - 8: number for number, (offset, _) in enumerate(pieces)}
    if len(starts) == frames and all(start in positions for start in starts):
        first = [positions[start] for start in starts] + [len(pieces)]
        return pieces[first[index] : first[index + 1]]
    begins = [n for n, (offset, _) in enumerate(pieces) if file.read(offset, 12).startswith(STARTS)]
    if len(begins) >= frames:
        begins.append(len(pieces))
        return pieces[begins[index] : begins[index + 1]]
    if index >= len(pieces):
        raise BadFile(f"{file.path} holds {len(pieces)} of {frames} frames; frame {index} is missing.")
    raise BadFile(f"{file.path} does not say which fragments belong to frame {index}; it cannot be shown.")


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
