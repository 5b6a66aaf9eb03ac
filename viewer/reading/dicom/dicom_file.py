"""Opening a DICOM file: preamble, file meta, transfer syntax, and the header behind them."""

import os
import struct
import zlib
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from viewer.core.errors import BadFile, UnsupportedFile
from viewer.reading.dicom.header import SPECIFIC_CHARACTER_SET, Header
from viewer.reading.dicom.other_kinds import why_not_read
from viewer.reading.dicom.walker import LONG_VRS, SHORT_VRS, NeedMore, Syntax, Walk, Walker, WalkFailed
from viewer.reading.sources.limits import MAX_HEADER_BYTES, MAX_INFLATED_BYTES

FIRST_READ_BYTES = 16 * 1024
WORTH_SHARING = 0.95  # of the bytes held: what a frame keeps of its header must not count

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"

TRANSFER_SYNTAX = 0x00020010


class NotDicom(BadFile):
    """The bytes are no DICOM file; another reader may know them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragments:
    """The items of compressed pixel data (PS3.5 A.4).

    table: the Basic Offset Table. pieces: (offset, length) of each fragment. is_ended: the end mark stands after them.
    """

    table: tuple[int, ...]
    pieces: tuple[tuple[int, int], ...]
    is_ended: bool


@dataclass(slots=True, kw_only=True)
class DicomFile:
    """A file's header and where its pixel bytes are.

    body: the whole inflated data set when it was deflated (offsets in `header.pixels` count in it), else None and they
    count in the file. size_bytes, mtime_ns: of the file when its header was read. fragments: compressed ones, filled by
    `pixels.encapsulated` when first asked for. is_recoded: `header.buffer` was written by pydicom and is no part of the
    file. doubt: what of the header could not be read, one sentence that stands on the image.
    """

    path: Path
    size_bytes: int
    header: Header
    mtime_ns: int = 0
    body: bytes | None = None
    fragments: "Fragments | None" = None
    is_recoded: bool = False
    doubt: str = ""

    def read(self, offset: int, length: int) -> bytes:
        """Bytes of the pixel data; fewer when the file ends before. Raises BadFile when the file changed or went."""
        if offset >= self.end or length <= 0:
            return b""
        source = self.body if self.body is not None else self.header.buffer
        if self.body is not None or (not self.is_recoded and offset + length <= len(source)):
            return source[offset : offset + length]
        try:
            with self.path.open("rb", buffering=0) as file:
                self._check_unchanged(os.fstat(file.fileno()))
                return _read_at(file, offset, min(length, max(0, self.size_bytes - offset)))
        except OSError as error:
            raise BadFile(f"{self.path} cannot be read any more: {error.strerror or error}.") from error

    def view(self, offset: int, length: int) -> bytes | memoryview:
        """The same without a copy where the bytes are nearly all that is held of the file: an image of one frame."""
        source = self.body if self.body is not None else self.header.buffer
        is_held = self.body is not None or not self.is_recoded
        if is_held and offset + length <= len(source) and WORTH_SHARING * len(source) <= length:
            return memoryview(source)[offset : offset + length]
        return self.read(offset, length)

    def _check_unchanged(self, stat: os.stat_result) -> None:
        """Offsets of one version of a file mean nothing in another. Raises BadFile."""
        if stat.st_size != self.size_bytes or (self.mtime_ns and stat.st_mtime_ns != self.mtime_ns):
            raise BadFile(f"{self.path} changed while it was read; open it again.")

    @property
    def end(self) -> int:
        """One past the last byte `read` can give."""
        return len(self.body) if self.body is not None else self.size_bytes


def _read_at(file: FileIO, offset: int, length: int) -> bytes:
    file.seek(offset)
    return _read_exactly(file, length)


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
                    rest = _read_exactly(file, wanted - len(buffer))
                    if not rest:
                        raise BadFile(f"{path} ended while it was read; copy it again.") from None
                    buffer += rest
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror or error}.") from error


def _read_exactly(file: FileIO, count: int) -> bytes:
    parts = []
    while count > 0:
        part = file.read(count)
        if not part:
            break
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def parse(path: Path, buffer: bytes, size: int) -> DicomFile:
    """The header in the first bytes of a file. Raises NeedMore when `buffer` is too short."""
    start = _start_of_data(path, buffer, size)
    try:
        return _parse_at(path, buffer, size, start)
    except (WalkFailed, struct.error) as error:
        if start == 0:
            raise NotDicom(why_not_read(path, buffer[:16])) from error
        from viewer.reading.dicom.foreign_header import read_foreign

        return read_foreign(path, size, reason=str(error))


def _start_of_data(path: Path, buffer: bytes, size: int) -> int:
    if size == 0:
        raise NotDicom(f"{path} is empty; copy it again.")
    if buffer[128:132] == b"DICM":
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
