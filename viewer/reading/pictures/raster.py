"""PNG, JPEG and TIFF pictures as images: values as stored, EXIF orientation applied, no unit and no millimetres."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.errors import BadFile
from viewer.core.pixels import FrameIdentity, PixelFacts
from viewer.reading.codestreams.png_check import png_fault
from viewer.reading.codestreams.png_exif import exif_of
from viewer.reading.codestreams.tiff_sizes import page_sizes
from viewer.reading.codestreams.tiff_stacks import stacked_values, tiff_stack
from viewer.reading.dicom.opening import is_part_10
from viewer.reading.dicom.other_kinds import odd_jpeg
from viewer.reading.pictures.colours import picture_colours, transparency_note
from viewer.reading.pictures.tiff_pages import (
    is_lossy,
    opened_tiff,
    page_of,
    page_orientation,
    page_pixels,
    pixel_bytes,
    value_bits,
)
from viewer.reading.pixels.cut_files import DAMAGED
from viewer.reading.pixels.decoder import CODEC_ERRORS
from viewer.reading.series import FrameRef
from viewer.reading.sources.limits import check_picture_size

if TYPE_CHECKING:
    from PIL.Image import Image
    from tifffile import TiffPage

    from viewer.reading.frame import Frame


SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
    b"II+\x00": "TIFF",
    b"MM\x00+": "TIFF",
}
HEAD_BYTES = 132  # with the four letters behind the preamble of a DICOM file
MAX_PIXELS = 1 << 29
EXIF_ORIENTATION = 0x0112


@dataclass(frozen=True, slots=True, kw_only=True)
class RasterInfo:
    """What a picture's header says. pages: images in the file.

    rows, cols: of the first page, after EXIF orientation. other_sizes: those of the other pages where they differ.
    note: which images the file speaks of and does not hold, as a sentence.
    """

    kind: str
    rows: int
    cols: int
    pages: int
    other_sizes: tuple[tuple[int, int], ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Page:
    """values: (row, col[, 3]) as the file has them, not turned. said_bits: of a value, where the file says so, else 0.

    note: what to say of it. damage: what it lost.
    """

    values: NDArray[Any]
    photometric: str
    orientation: int
    lossy: bool
    said_bits: int = 0
    note: str = ""
    damage: str = ""


def raster_kind(head: bytes) -> str:
    """PNG, JPEG, TIFF or "" from a file's first bytes (HEAD_BYTES are enough).

    A DICOM file may begin as a TIFF, and be one for programs that know no DICOM (PS3.10 section 7.1): here it is DICOM.
    """
    if is_part_10(head):
        return ""
    return next((kind for start, kind in SIGNATURES.items() if head.startswith(start)), "")


def is_raster(path: Path) -> bool:
    """Whether the file begins as one of the pictures that are read."""
    try:
        with path.open("rb") as file:
            return bool(raster_kind(file.read(HEAD_BYTES)))
    except OSError:
        return False


@contextmanager
def opened_picture(path: Path) -> Iterator["Image"]:
    """A PNG or JPEG, sizes checked before pixels are touched. Whatever is wrong in it becomes BadFile."""
    from PIL import Image, UnidentifiedImageError

    try:
        # Pillow's own limit warns at a size mammograms have; ours refuses before anything is allocated.
        Image.MAX_IMAGE_PIXELS = None
        with Image.open(path) as image:
            check_picture_size(path, image.height, image.width, _pixel_bytes(image))
            yield image
    except UnidentifiedImageError as error:
        sentence = odd_jpeg(path) or f"{path} is no picture that can be read; ask for a new copy."
        raise BadFile(sentence) from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        # Pillow raises SyntaxError for broken PNG chunks.
        raise BadFile(f"{path} cannot be read as a picture ({error}); ask for a new copy.") from error


def read_raster_info(path: Path) -> RasterInfo:
    """The header of a picture. Raises BadFile or UnsupportedFile."""
    if picture_kind(path) == "TIFF":
        with opened_tiff(path) as tiff:
            first = _size_of(page_of(tiff, path, 0), path)
            others = dict.fromkeys(size for size in page_sizes(path, len(tiff.pages)) if size != first)
            stack = tiff_stack(tiff)
            return RasterInfo(
                kind="TIFF",
                rows=first[0],
                cols=first[1],
                pages=stack.images,
                other_sizes=tuple(others),
                note=stack.note,
            )
    with opened_picture(path) as image:
        turned = _orientation(image) >= 5
        rows, cols = (image.width, image.height) if turned else (image.height, image.width)
        kind = "JPEG" if image.format == "MPO" else str(image.format)
        return RasterInfo(kind=kind, rows=rows, cols=cols, pages=1, note=_others_note(image))


def _others_note(image: "Image") -> str:
    """What is said of a PNG that moves (APNG) or a JPEG of several pictures (MPO): the first one is shown."""
    count = int(getattr(image, "n_frames", 1))
    return f"The file holds {count} pictures; the first one is shown." if count > 1 else ""


def _size_of(page: "TiffPage", path: Path) -> tuple[int, int]:
    """(rows, cols) as a page is shown."""
    check_picture_size(path, page.imagelength, page.imagewidth, pixel_bytes(page))
    turned = page_orientation(page) >= 5
    return (page.imagewidth, page.imagelength) if turned else (page.imagelength, page.imagewidth)


def read_raster(ref: FrameRef) -> "Frame":
    """One page of a picture as a frame: (row, col) in the file's own depth, or colours, (row, col, 3)."""
    from viewer.reading.frame import Frame

    kind = picture_kind(ref.path)
    if ref.frame_index and kind != "TIFF":
        raise BadFile(f"{ref.path} is one picture; there is no page {ref.frame_index}.")
    page = _tiff_page(ref) if kind == "TIFF" else _picture(ref.path, kind)
    stored, bits, guessed = page.values, 8 * page.values.dtype.itemsize, ""
    if stored.ndim == 3:
        colours = picture_colours(stored, ref.path, page.said_bits)
        stored, bits, guessed = colours.rgb, colours.bits, colours.note
    stored = np.ascontiguousarray(_turned(stored, page.orientation), stored.dtype.newbyteorder("="))
    stored.setflags(write=False)
    facts = PixelFacts(
        rows=stored.shape[0],
        cols=stored.shape[1],
        samples=3 if stored.ndim == 3 else 1,
        bits_stored=bits,
        signed=stored.dtype.kind == "i",
        photometric=page.photometric,
        lossy=page.lossy,
        banner=" ".join(part for part in (page.damage, page.note, guessed) if part),
        doubts=(DAMAGED,) if page.damage else (),
    )
    return Frame(ref=ref, stored=stored, facts=facts, identity=FrameIdentity(), decoder=kind.lower())


def _picture(path: Path, kind: str) -> _Page:
    """A PNG or JPEG."""
    damage = _jpeg_damage(path) if kind == "JPEG" else ""
    with opened_picture(path) as image:
        values, unseen = _without_alpha(_pixels(path, image, kind))
        return _Page(
            values=values,
            photometric="RGB" if values.ndim == 3 else "MONOCHROME2",
            orientation=_orientation(image),
            lossy=kind == "JPEG",
            note=" ".join(part for part in (_others_note(image), unseen) if part),
            damage=damage,
        )


def _jpeg_damage(path: Path) -> str:
    """What a JPEG file lost. Raises BadFile for one that would take minutes; Pillow says what else is wrong."""
    from viewer.reading.codestreams.jpeg_bare import bare_jpeg
    from viewer.reading.codestreams.jpeg_damage import bare_damage
    from viewer.reading.pixels.decoder import StreamTooLarge
    from viewer.reading.pixels.jpeg_frame import check_scans

    with opened_picture(path) as image:
        pixels = image.height * image.width
    bare = bare_jpeg(path.read_bytes())
    if bare is None:
        return ""
    try:
        check_scans(bare, pixels)
    except StreamTooLarge as error:
        raise BadFile(f"{path} cannot be trusted: {error}; ask for a new copy.") from error
    return bare_damage(bare)


def picture_kind(path: Path) -> str:
    """PNG, JPEG, TIFF or "" by a file's content. Raises BadFile."""
    try:
        with path.open("rb") as file:
            return raster_kind(file.read(HEAD_BYTES))
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror or error}.") from error


def _pixel_bytes(image: "Image") -> int:
    """Bytes of all samples of one pixel, as they are decoded; of 16-bit colour Pillow says it only in its raw mode."""
    wide = 4 if image.mode in ("I", "F") else 2 if "16" in f"{image.mode} {getattr(image, 'tile', '')}" else 1
    return wide * max(3 if image.mode == "P" else 1, len(image.getbands()))


def _tiff_page(ref: FrameRef) -> _Page:
    from viewer.reading.codestreams.tiff_damage import page_damage

    with opened_tiff(ref.path) as tiff:
        stack = tiff_stack(tiff)
        behind = ref.frame_index if 0 < ref.frame_index < stack.images and len(tiff.pages) == 1 else 0
        page = page_of(tiff, ref.path, 0 if behind else ref.frame_index)
        check_picture_size(ref.path, page.imagelength, page.imagewidth, pixel_bytes(page))
        values = stacked_values(tiff, page, behind, ref.path) if behind else None
        stored, photometric, unseen = page_pixels(page, ref.path, values)
        return _Page(
            values=stored,
            photometric=photometric,
            orientation=page_orientation(page),
            lossy=is_lossy(page),
            said_bits=value_bits(page),
            note=" ".join(part for part in (stack.note, unseen) if part),
            damage="" if behind else page_damage(page),
        )


def _orientation(image: "Image") -> int:
    return int(exif_of(image).get(EXIF_ORIENTATION, 1) or 1)


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


def _pixels(path: Path, image: "Image", kind: str) -> NDArray[Any]:
    """Stored values of a PNG or JPEG with their alpha, never through 8 bits when the file has more."""
    if kind == "PNG":
        values = _png_values(path)
        if image.mode not in ("P", "1"):
            return values
    if image.mode in ("P", "PA", "CMYK", "YCbCr"):
        # An indexed picture is the picture of its palette; CMYK and YCbCr are shown as the RGB they stand for.
        image = image.convert("RGBA" if image.mode == "PA" or "transparency" in image.info else "RGB")
    if image.mode == "1":
        image = image.convert("LA" if "transparency" in image.info else "L")
    return np.asarray(image)


def _png_values(path: Path) -> NDArray[Any]:
    """What libpng makes of a PNG. It refuses one with too few values; Pillow leaves the rest of a palette's black."""
    import imagecodecs

    data = path.read_bytes()
    fault = png_fault(data)
    if fault:
        raise BadFile(f"{path} cannot be read as a picture ({fault}); ask for a new copy.")
    try:
        values: NDArray[Any] = imagecodecs.png_decode(data)
    except CODEC_ERRORS as error:
        raise BadFile(f"{path} cannot be decoded ({error}); ask for a new copy.") from error
    return values


def _without_alpha(array: NDArray[Any]) -> tuple[NDArray[Any], str]:
    """(the values without their alpha, what is said of it)."""
    if array.ndim == 2:
        return array, ""
    note = ""
    if array.shape[2] in (2, 4):
        array, note = array[:, :, :-1], transparency_note(array[:, :, -1])
    return array[:, :, 0] if array.shape[2] == 1 else array, note
