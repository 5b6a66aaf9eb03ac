"""Opening a DICOM file: preamble, file meta, transfer syntax, and the header that follows."""

import os
import struct
import zlib
from pathlib import Path

from viewer.core.errors import BadFile, UnsupportedFile
from viewer.reading.dicom.foreign_header import read_foreign
from viewer.reading.dicom.header import SPECIFIC_CHARACTER_SET, Header
from viewer.reading.dicom.other_kinds import why_not_read
from viewer.reading.dicom.parsed_file import (
    DEFLATED,
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    DicomFile,
    NotDicom,
    read_exactly,
)
from viewer.reading.dicom.walker import LONG_VRS, SHORT_VRS, NeedMore, Syntax, Walk, Walker, WalkFailed
from viewer.reading.sources.limits import MAX_HEADER_BYTES, MAX_INFLATED_BYTES

FIRST_READ_BYTES = 16 * 1024
TRANSFER_SYNTAX = 0x00020010


def open_dicom(path: Path, *, first_read_bytes: int = FIRST_READ_BYTES) -> DicomFile:
    """Read a file's header. Raises NotDicom when it is none, BadFile when it cannot be read."""
    try:
        with path.open("rb", buffering=0) as file:
            stat = os.fstat(file.fileno())
            size = stat.st_size
            buffer = file.read(min(first_read_bytes, size)) if size else b""
            while True:
                try:
                    found = parse(path, buffer, size)
                    found.mtime_ns = stat.st_mtime_ns
                    return found
                except NeedMore as more:
                    if more.size > MAX_HEADER_BYTES:
                        raise BadFile(f"{path} has a header of over {MAX_HEADER_BYTES >> 20} MiB; not read.") from None
                    wanted = min(size, max(more.size, 4 * len(buffer)))
                    rest = read_exactly(file, wanted - len(buffer))
                    if not rest:
                        raise BadFile(f"{path} ended while it was read; copy it again.") from None
                    buffer += rest
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror or error}.") from error


def parse(path: Path, buffer: bytes, size: int) -> DicomFile:
    """The header in the first bytes of a file. Raises NeedMore when `buffer` is too short."""
    start = _start_of_data(path, buffer, size)
    try:
        return _parse_at(path, buffer, size, start)
    except (WalkFailed, struct.error) as error:
        if start == 0:
            raise NotDicom(why_not_read(path, buffer[:16])) from error
        return read_foreign(path, size, reason=str(error))


def is_part_10(head: bytes) -> bool:
    """Whether a file begins as a DICOM file: four letters behind 128 bytes that may hold anything (PS3.10 7.1)."""
    return head[128:132] == b"DICM"


def _start_of_data(path: Path, buffer: bytes, size: int) -> int:
    if size == 0:
        raise NotDicom(f"{path} is empty; copy it again.")
    if is_part_10(buffer):
        if size == 132:
            raise BadFile(f"{path} ends after its DICOM prefix; copy it again.")
        return 132
    if buffer[:4] == b"DICM":
        return 4
    # ACR-NEMA and files cut before their preamble begin with the first element itself.
    if len(buffer) >= 8 and _is_first_element(buffer):
        return 0
    raise NotDicom(why_not_read(path, buffer[:16]))


def _is_first_element(buffer: bytes) -> bool:
    group, element = struct.unpack_from("<HH", buffer)
    if group not in (0x0002, 0x0004, 0x0008) or element > 0x1500:
        return False
    if buffer[4:6] in SHORT_VRS or buffer[4:6] in LONG_VRS:
        return True
    return bool(struct.unpack_from("<L", buffer, 4)[0] < 1024)


def _parse_at(path: Path, buffer: bytes, size: int, start: int) -> DicomFile:
    meta = Walk(places={}, end=start)
    if buffer[start : start + 2] == b"\x02\x00":
        explicit = buffer[start + 4 : start + 6] in SHORT_VRS or buffer[start + 4 : start + 6] in LONG_VRS
        meta = _walk_meta(buffer, size, start, explicit=explicit)
    meta_header = Header(buffer=buffer, places=meta.places, syntax=Syntax(explicit=True))
    uid = meta_header.text(TRANSFER_SYNTAX)
    position = meta.end
    body: bytes | None = None
    total = size
    if uid == DEFLATED:
        if len(buffer) < size:
            raise NeedMore(size)
        body = _inflate(path, buffer[position:])
        buffer, position, total = body, 0, len(body)
    position = _past_stray_meta(buffer, position)
    syntax = _data_syntax(buffer, position, uid)
    walker = Walker(buffer, total, syntax)
    walk = walker.data_set(position)
    header = Header(
        buffer=buffer,
        places=walk.places,
        syntax=syntax,
        pixels=walk.pixels,
        transfer_syntax=uid or (EXPLICIT_LITTLE if syntax.explicit else IMPLICIT_LITTLE),
        cut=walk.cut,
        media_class=meta_header.text(0x00020002),
        doubled=meta.doubled | walk.doubled,
    )
    header.charset = header.texts(SPECIFIC_CHARACTER_SET)
    return DicomFile(
        path=path,
        size_bytes=size,
        header=header,
        body=body,
        doubt="The header is damaged inside a sequence."
        if walker.is_damaged
        else _coding_doubt(uid, syntax, has_meta=start > 0),
    )


def _walk_meta(buffer: bytes, size: int, start: int, *, explicit: bool) -> Walk:
    """The elements of the file meta.

    Where something of its group follows in another coding, it ends where its group length says (PS3.10 7.1).
    """
    walker = Walker(buffer, size, Syntax(explicit=explicit))
    try:
        return walker.data_set(start, stop_before_group=0x0003)
    except WalkFailed:
        if buffer[start : start + 8] != b"\x02\0\0\0UL\x04\0":
            raise
        end = start + 12 + struct.unpack_from("<L", buffer, start + 8)[0]
        return walker.data_set(start, end=min(end, size), stop_before_group=0x0003)


def _past_stray_meta(buffer: bytes, position: int) -> int:
    """Where the data set begins behind elements of the file meta's group that are not in it, however they are coded."""
    while buffer[position : position + 2] == b"\x02\0" and position + 12 <= len(buffer):
        vr = buffer[position + 4 : position + 6]
        if vr in SHORT_VRS:
            position += 8 + int(struct.unpack_from("<H", buffer, position + 6)[0])
        elif vr in LONG_VRS:
            position += 12 + int(struct.unpack_from("<L", buffer, position + 8)[0])
        else:
            position += 8 + int(struct.unpack_from("<L", buffer, position + 4)[0])
    return position


def _coding_doubt(uid: str, syntax: Syntax, *, has_meta: bool) -> str:
    """What to say when the file meta does not say how the data set is coded, or says it wrongly."""
    # A file without any file meta (ACR-NEMA) is coded as it looks; there is nothing to contradict it.
    if has_meta and not uid:
        return "The file does not say how it is coded (Transfer Syntax UID); read as it looks."
    if uid == EXPLICIT_BIG and not syntax.big_endian:
        return "The file says it is coded big endian, but it is not; read as it looks."
    return ""


def _data_syntax(buffer: bytes, position: int, uid: str) -> Syntax:
    """The coding of the data set: what its first element looks like counts more than what the meta says."""
    vr = buffer[position + 4 : position + 6]
    looks_explicit = vr in SHORT_VRS or vr in LONG_VRS
    if uid == EXPLICIT_BIG:
        # Some writers say big endian and write little; the group of the first element tells.
        big = buffer[position : position + 1] == b"\x00"
        return Syntax(explicit=looks_explicit, big_endian=big)
    return Syntax(explicit=looks_explicit)


def _inflate(path: Path, data: bytes) -> bytes:
    inflater = zlib.decompressobj(-15)
    try:
        body = inflater.decompress(data, MAX_INFLATED_BYTES)
    except zlib.error as error:
        raise BadFile(f"{path} holds deflated data that cannot be inflated ({error}); copy it again.") from error
    if inflater.unconsumed_tail:
        raise UnsupportedFile(f"{path} inflates to over {MAX_INFLATED_BYTES >> 30} GiB; not read.")
    return body
