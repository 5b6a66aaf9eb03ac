"""PNG, JPEG and TIFF by a child that opens the file itself: one page, or what the file holds."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from viewer.core.boundary import at_boundary
from viewer.core.errors import BadFile, UnsupportedFile
from viewer.core.pixels import FrameIdentity, PixelFacts
from viewer.reading.decoding.child import ChildEnded, Limits
from viewer.reading.decoding.pool import POOL
from viewer.reading.pictures.plain_facts import value_of
from viewer.reading.pictures.raster import RasterInfo, picture_kind, read_raster_info
from viewer.reading.pixels.in_children import ended_on
from viewer.reading.series import FrameRef
from viewer.reading.sources.file_stamp import file_stamp
from viewer.reading.sources.limits import MAX_FRAME_BYTES

if TYPE_CHECKING:
    from viewer.reading.frame import Frame

# A picture says its size only when it is opened, in the child, which refuses what is too large before it is decoded.
# 512 MiB of a PNG take four seconds; a bomb is small.
PICTURE = Limits(cpu_s=6.0, memory_bytes=4 * MAX_FRAME_BYTES, most_bytes=MAX_FRAME_BYTES)
BYTES_A_SECOND = 2 << 20


def read_picture(ref: FrameRef) -> "Frame":
    """What `viewer.reading.pictures.raster.read_raster` makes of a page. Raises BadFile or UnsupportedFile."""
    from viewer.reading.frame import Frame

    said, stored = _ask(ref.path, page=ref.frame_index)
    with at_boundary(ref.path, what="a picture"):
        facts = value_of(said.get("facts"))
    if stored is None or not isinstance(facts, PixelFacts) or (facts.rows, facts.cols) != stored.shape[:2]:
        raise BadFile(f"{ref.path} cannot be read as a picture; ask for a new copy.")
    stored.setflags(write=False)
    return Frame(ref=ref, stored=stored, facts=facts, identity=FrameIdentity(), decoder=str(said.get("decoder")))


def picture_info(path: Path) -> RasterInfo:
    """What a picture's header says. Raises BadFile or UnsupportedFile.

    Of a PNG or JPEG that is a few bytes; a TIFF can be a chain of any number of directories.
    """
    return _info_of_tiff(path, *file_stamp(path)) if picture_kind(path) == "TIFF" else read_raster_info(path)


@lru_cache(maxsize=16)
def _info_of_tiff(path: Path, size_bytes: int, mtime_ns: int) -> RasterInfo:
    """Kept: a scan and whoever lists the frames ask one after the other."""
    said, _ = _ask(path)
    with at_boundary(path, what="a picture"):
        info = value_of(said.get("info"))
    if not isinstance(info, RasterInfo):
        raise BadFile(f"{path} cannot be read as a picture; ask for a new copy.")
    return info


def _ask(path: Path, **asked: Any) -> tuple[dict[str, Any], NDArray[Any] | None]:
    absolute = path.absolute()
    limits = replace(PICTURE, cpu_s=PICTURE.cpu_s + file_stamp(path)[0] / BYTES_A_SECOND)
    try:
        said, array = POOL.ask("pictures", {"path": str(absolute), **asked}, b"", limits)
    except ChildEnded as ended:
        raise BadFile(ended_on(path, "a picture", ended, limits)) from ended
    if "error" in said:
        raise _refusal(path, absolute, str(said["error"]), str(said.get("said")))
    return said, array


def _refusal(path: Path, absolute: Path, name: str, said: str) -> BadFile | UnsupportedFile:
    """The child's own sentence about the path as it was asked for, or one for what its libraries raise."""
    if name in ("BadFile", "UnsupportedFile"):
        sentence = said.replace(str(absolute), str(path))
        return UnsupportedFile(sentence) if name == "UnsupportedFile" else BadFile(sentence)
    if name == "MemoryError":
        return BadFile(f"{path} asks for more memory than a picture may have; ask for a new copy.")
    return BadFile(f"{path} cannot be read as a picture ({said}); ask for a new copy.")
