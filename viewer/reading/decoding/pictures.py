"""One page of a PNG, JPEG or TIFF, decoded in a child that opens the file itself."""

from pathlib import Path
from typing import TYPE_CHECKING

from viewer.core.errors import BadFile, UnsupportedFile
from viewer.core.pixels import FrameIdentity, PixelFacts
from viewer.reading.decoding.child import ChildEnded, Limits
from viewer.reading.decoding.plain_facts import value_of
from viewer.reading.decoding.pool import POOL
from viewer.reading.decoding.streams import ended_on
from viewer.reading.limits import MAX_FRAME_BYTES
from viewer.reading.series import FrameRef

if TYPE_CHECKING:
    from viewer.reading.frames import Frame

# A picture says its size only when it is opened, in the child, which refuses what is too large before it is decoded.
PICTURE = Limits(cpu_s=20.0, memory_bytes=4 * MAX_FRAME_BYTES, most_bytes=MAX_FRAME_BYTES)


def read_picture(ref: FrameRef) -> "Frame":
    """What `viewer.reading.raster.read_raster` makes of a page. Raises BadFile or UnsupportedFile."""
    from viewer.reading.frames import Frame

    path = Path(ref.path).absolute()
    try:
        said, stored = POOL.ask("pictures", {"path": str(path), "page": ref.frame_index}, b"", PICTURE)
    except ChildEnded as ended:
        raise BadFile(ended_on(ref.path, "a picture", ended, PICTURE)) from ended
    if "error" in said or stored is None:
        raise _refusal(ref.path, path, str(said.get("error")), str(said.get("said")))
    facts = value_of(said["facts"])
    if not isinstance(facts, PixelFacts) or (facts.rows, facts.cols) != stored.shape[:2]:
        raise BadFile(f"{ref.path} cannot be read as a picture; ask for a new copy.")
    stored.setflags(write=False)
    return Frame(ref=ref, stored=stored, facts=facts, identity=FrameIdentity(), decoder=str(said["decoder"]))


def _refusal(path: Path, absolute: Path, name: str, said: str) -> BadFile | UnsupportedFile:
    """The child's own sentence about the path as it was asked for, or one for what its libraries raise."""
    if name in ("BadFile", "UnsupportedFile"):
        sentence = said.replace(str(absolute), str(path))
        return UnsupportedFile(sentence) if name == "UnsupportedFile" else BadFile(sentence)
    if name == "MemoryError":
        return BadFile(f"{path} asks for more memory than a picture may have; ask for a new copy.")
    return BadFile(f"{path} cannot be read as a picture ({said}); ask for a new copy.")
