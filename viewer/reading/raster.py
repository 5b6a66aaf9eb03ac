"""PNG, JPEG and TIFF pictures as images: values as stored, EXIF orientation applied, no unit and no millimetres."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.errors import BadFile, UnsupportedFile
from viewer.core.pixels import FrameIdentity, PixelFacts
from viewer.reading.series import FrameRef

if TYPE_CHECKING:
    from PIL.Image import Image

    from viewer.reading.frames import Frame

SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
    b"II+\x00": "TIFF",
    b"MM\x00+": "TIFF",
}
MAX_PIXELS = 1 << 29
EXIF_ORIENTATION = 0x0112


@dataclass(frozen=True, slots=True, kw_only=True)
class RasterInfo:
    """What a picture's header says. rows, cols: after EXIF orientation. pages: images in the file."""

    kind: str
    rows: int
    cols: int
    pages: int


def raster_kind(head: bytes) -> str:
    """PNG, JPEG, TIFF or "" from a file's first bytes."""
    return next((kind for start, kind in SIGNATURES.items() if head.startswith(start)), "")


def is_raster(path: Path) -> bool:
    """Whether the file begins as one of the pictures that are read."""
    try:
        with path.open("rb") as file:
            return bool(raster_kind(file.read(8)))
    except OSError:
        return False


@contextmanager
def _opened(path: Path) -> Iterator["Image"]:
    """The picture, sizes checked before pixels are touched."""
    from PIL import Image, UnidentifiedImageError

    try:
        # Pillow's own limit warns at a size mammograms have; ours refuses before anything is allocated.
        Image.MAX_IMAGE_PIXELS = None
        with Image.open(path) as image:
            if image.width * image.height > MAX_PIXELS:
                raise UnsupportedFile(
                    f"{path} says it has {image.height} x {image.width} pixels; that many are not read."
                )
            yield image
    except UnidentifiedImageError as error:
        raise BadFile(f"{path} is no picture that can be read; ask for a new copy.") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        # Pillow raises SyntaxError for broken PNG chunks and ValueError for broken TIFF tags.
        raise BadFile(f"{path} cannot be read as a picture ({error}); ask for a new copy.") from error


def read_raster_info(path: Path) -> RasterInfo:
    """The header of a picture. Raises BadFile or UnsupportedFile."""
    with _opened(path) as image:
        turned = _orientation(image) >= 5
        rows, cols = (image.width, image.height) if turned else (image.height, image.width)
        return RasterInfo(kind=str(image.format), rows=rows, cols=cols, pages=int(getattr(image, "n_frames", 1)))


def read_raster(ref: FrameRef) -> "Frame":
    """One page of a picture as a frame: (row, col) or (row, col, 3) in the file's own depth."""
    from viewer.reading.frames import Frame

    with _opened(ref.path) as image:
        pages = int(getattr(image, "n_frames", 1))
        if not 0 <= ref.frame_index < pages:
            raise BadFile(f"{ref.path} has {pages} page(s); there is no page {ref.frame_index}.")
        if ref.frame_index:
            image.seek(ref.frame_index)
        kind, orientation = str(image.format), _orientation(image)
        stored, inverted = _pixels(ref.path, image, kind, ref.frame_index)
    stored = np.ascontiguousarray(_turned(stored, orientation))
    stored.setflags(write=False)
    facts = PixelFacts(
        rows=stored.shape[0],
        cols=stored.shape[1],
        samples=3 if stored.ndim == 3 else 1,
        bits_stored=8 * stored.dtype.itemsize,
        signed=stored.dtype.kind == "i",
        photometric="RGB" if stored.ndim == 3 else "MONOCHROME1" if inverted else "MONOCHROME2",
        lossy=kind == "JPEG",
    )
    return Frame(ref=ref, stored=stored, facts=facts, identity=FrameIdentity(), decoder=kind.lower())


def _orientation(image: "Image") -> int:
    return int(image.getexif().get(EXIF_ORIENTATION, 1) or 1)


def _turned(array: NDArray[Any], orientation: int) -> NDArray[Any]:
    """EXIF orientation 1..8 applied to (row, col[, sample])."""
    turned: NDArray[Any] = {
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.swapaxes(0, 1),
        6: lambda a: a[::-1].swapaxes(0, 1),
        7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
        8: lambda a: a[:, ::-1].swapaxes(0, 1),
    }.get(orientation, lambda a: a)(array)
    return turned


def _pixels(path: Path, image: "Image", kind: str, page: int) -> tuple[NDArray[Any], bool]:
    """(stored values, whether 0 is white), never through 8 bits when the file has more."""
    if kind == "PNG" and image.mode not in ("P", "1"):
        import imagecodecs

        try:
            array = imagecodecs.png_decode(path.read_bytes())
        except Exception as error:
            # libpng's errors have a class of their own that only exists once the codec is loaded.
            raise BadFile(f"{path} cannot be decoded ({error}); ask for a new copy.") from error
        return _without_alpha(path, array), False
    inverted = False
    if kind == "TIFF":
        inverted = int(getattr(image, "tag_v2", {}).get(262, 1)) == 0 and image.mode in ("L", "I;16", "I", "F")
        if image.mode not in ("1", "L", "I;16", "I;16B", "I;16L", "I", "F", "RGB", "RGBA", "LA", "P"):
            raise UnsupportedFile(f"{path} is a TIFF of kind {image.mode}, which is not read.")
    if image.mode in ("P", "RGBA", "LA", "PA", "CMYK", "YCbCr", "RGBX"):
        # Indexed pictures are pictures of their palette; CMYK and YCbCr are shown as the RGB they stand for.
        grey = image.mode == "LA"
        image = image.convert("L" if grey else "RGB")
    if image.mode == "1":
        image = image.convert("L")
    try:
        array = np.asarray(image)
    except (OSError, ValueError) as error:
        raise BadFile(f"{path} cannot be decoded ({error}); ask for a new copy.") from error
    if inverted and image.mode == "L":
        # Pillow turns white-is-zero 8-bit TIFFs round on reading.
        inverted = False
    return array.astype(array.dtype.newbyteorder("=")), inverted


def _without_alpha(path: Path, array: NDArray[Any]) -> NDArray[Any]:
    if array.ndim == 2:
        return array
    if array.shape[2] in (2, 4):
        array = array[:, :, :-1]
    return array[:, :, 0] if array.shape[2] == 1 else array
