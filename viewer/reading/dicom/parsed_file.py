"""A DICOM file whose header was read, and the bytes behind it."""

import os
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from viewer.core.errors import BadFile
from viewer.reading.dicom.header import Header

WORTH_SHARING = 0.95  # of the bytes held: what a frame keeps of its header must not count

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"


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
    return read_exactly(file, length)


def read_exactly(file: FileIO, count: int) -> bytes:
    """The next `count` bytes, fewer only where the file ends: one read may give a part."""
    parts = []
    while count > 0:
        part = file.read(count)
        if not part:
            break
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
