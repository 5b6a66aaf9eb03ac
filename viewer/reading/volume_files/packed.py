"""Compressed values of a volume, inflated once before a library reads them: whether all are there, and unchanged.

SimpleITK fills up what a NIfTI file lacks, gives memory that nobody wrote to for what it cannot inflate of a MetaImage,
and looks at no checksum of an NRRD file, each without a word.
"""

import zlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from viewer.core.errors import BadFile
from viewer.reading.volume_files.header import GZIP, VolumeHeader

AT_ONCE_BYTES = 1 << 20
# More than this behind the values is another matter, which nobody inflates; their checksum stands behind it.
SPARE_BYTES = 16 << 20
GZIP_MAGIC = b"\x1f\x8b"


@lru_cache(maxsize=8)
def check_packed(path: Path, header: VolumeHeader, stamp: tuple[int, int]) -> None:
    """Raise BadFile where the compressed values are damaged or fewer than promised. stamp: asked once for each."""
    promised, there = header.offset_bytes + header.size_bytes, 0
    try:
        for number, file in enumerate(header.data_files):
            there += sum(_inflated(file, header, 0 if number else header.packed_at, promised - there))
    except (zlib.error, OSError) as error:
        raise BadFile(f"{path} is compressed and damaged ({error}); copy it again.") from error
    if there < promised:
        raise BadFile(f"{path} is cut short: it should inflate to {promised} bytes and gives {there}; copy it again.")


def _inflated(file: Path, header: VolumeHeader, start: int, wanted: int) -> Iterator[int]:
    """The lengths of what comes out, up to the end of the stream with its checksum, or to far more than `wanted`."""
    inflater, there = zlib.decompressobj(header.wbits), 0
    with file.open("rb") as stream:
        stream.seek(start)
        left = header.packed_bytes or file.stat().st_size
        while there <= wanted + SPARE_BYTES:
            data = inflater.unconsumed_tail
            if not data:
                data = stream.read(min(AT_ONCE_BYTES, left))
                left -= len(data)
            if not data:
                return
            length = len(inflater.decompress(data, 4 * AT_ONCE_BYTES))
            there += length
            yield length
            if inflater.eof:
                rest = inflater.unused_data
                if not rest.startswith(GZIP_MAGIC) or there >= wanted:
                    return
                inflater = zlib.decompressobj(GZIP)  # gzip files may be joined end to end
                length = len(inflater.decompress(rest, 4 * AT_ONCE_BYTES))
                there += length
                yield length
