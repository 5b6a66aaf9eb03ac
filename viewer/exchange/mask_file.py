"""Mask pictures as numbers: a value for each pixel as the file has it, from grey, indexed, coloured and clear ones.

What a value means is decided in `mask_picture`. Alpha: where the colour is the same everywhere, the mask is how opaque
a pixel is; else what is wholly transparent is outside.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.boundary import at_boundary
from viewer.core.errors import BadFile, UnsupportedFile
from viewer.reading.codestreams.png_check import png_fault
from viewer.reading.codestreams.png_exif import exif_of

if TYPE_CHECKING:
    from PIL.Image import Image

EXIF_ORIENTATION = 0x0112
# Several copies of a mask are in memory while it is decided on; the largest radiographs have a quarter of this.
MOST_PIXELS = 1 << 27
_WHITE_IS_ZERO, _PALETTE = 0, 3
_GREY, _GREY_ALPHA, _COLOUR, _COLOUR_ALPHA = 1, 2, 3, 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MaskValues:
    """One page of a mask picture. values: (row, col), integers or floats as stored; colours as 0xRRGGBB.

    strength: (row, col) how strong the only hue of a coloured picture is, None where it has several or is grey.
    orientation: EXIF 1..8, not applied. lossy: values may be off by some. full: the value of white. notes: what of the
    file was read in a way worth knowing. doubt: why nobody can tell what it means, "" when one can.
    """

    values: NDArray[Any]
    strength: NDArray[Any] | None = None
    orientation: int = 1
    lossy: bool = False
    is_colour: bool = False
    full: float = 255.0
    notes: tuple[str, ...] = ()
    doubt: str = ""


def page_count(path: Path) -> int:
    """How many pages a mask picture has. Raises BadFile."""
    from viewer.reading.codestreams.tiff_stacks import tiff_stack
    from viewer.reading.pictures.raster import opened_picture, picture_kind
    from viewer.reading.pictures.tiff_pages import opened_tiff

    with at_boundary(path, what="a mask picture"):
        if picture_kind(path) == "TIFF":
            with opened_tiff(path) as tiff:
                return tiff_stack(tiff).images
        with opened_picture(path) as picture:
            return int(getattr(picture, "n_frames", 1))


def read_values(path: Path, page: int = 0) -> MaskValues:
    """One page as stored. Raises BadFile, or UnsupportedFile when it is too large or of a kind that no mask has."""
    try:
        return _values(path, page)
    except UnsupportedFile as error:
        if str(path) in str(error):
            raise
        raise UnsupportedFile(f"{path}: {str(error).rstrip('.')}; save it as one page of whole numbers.") from error


def _values(path: Path, page: int) -> MaskValues:
    from viewer.reading.pictures.raster import opened_picture, picture_kind

    with at_boundary(path, what="a mask picture"):
        kind = picture_kind(path)
        if kind == "TIFF":
            return _of_tiff(path, page)
        with opened_picture(path) as picture:
            _check_size(path, picture.height, picture.width)
            if kind == "JPEG":
                _check_jpeg(path, picture.height * picture.width)
            if kind == "PNG":
                _refuse_damage(path, png_fault(path.read_bytes()))
            if page:
                if page >= int(getattr(picture, "n_frames", 1)):
                    raise BadFile(f"{path} has no page {page}, counted from 0.")
                picture.seek(page)
            return _of_picture(path, picture, kind)


def _check_size(path: Path, rows: int, cols: int) -> None:
    if rows * cols > MOST_PIXELS:
        raise UnsupportedFile(f"{path} says it has {rows} x {cols} pixels; a mask of that many is not read.")


def _check_jpeg(path: Path, pixels: int) -> None:
    from viewer.reading.codestreams.jpeg_bare import bare_jpeg
    from viewer.reading.codestreams.jpeg_damage import NO_END, bare_damage
    from viewer.reading.pixels.jpeg_frame import check_scans

    bare = bare_jpeg(path.read_bytes())
    if bare is not None:
        check_scans(bare, pixels)
    _refuse_damage(path, NO_END if bare is None else bare_damage(bare))


def _refuse_damage(path: Path, damage: str) -> None:
    """A picture that lost data is shown with a doubt; a region that lost data is another region."""
    if damage:
        raise BadFile(f"{path}: {damage.rstrip('.')}; ask for a new copy.")


def _of_picture(path: Path, picture: "Image", kind: str) -> MaskValues:
    orientation = int(exif_of(picture).get(EXIF_ORIENTATION, 1) or 1)
    lossy = kind == "JPEG" or picture.format in ("WEBP", "JPEG2000", "AVIF")
    facts: dict[str, Any] = {"orientation": orientation, "lossy": lossy}
    if picture.mode == "1":
        return MaskValues(values=np.asarray(picture).astype(np.uint8), full=1.0, **facts)
    if picture.mode == "P":
        return _indexed(np.asarray(picture), np.asarray(picture.getpalette("RGB"), np.int64).reshape(-1, 3), facts)
    if kind == "PNG":
        import imagecodecs

        # Pillow brings 16-bit colour and grey with alpha to 8 bits, where a class 1 of 65,535 is 0.
        depth = path.read_bytes()[24]
        array = np.asarray(imagecodecs.png_decode(path.read_bytes()))
        if depth < 8 and array.ndim == 2:
            array = array // (255 // ((1 << depth) - 1))  # 1, 2 and 4 bits come stretched to 8
            return MaskValues(values=array, full=float((1 << depth) - 1), **facts)
        return _of_samples(array, facts)
    if picture.mode in ("CMYK", "YCbCr", "LAB", "HSV", "PA", "RGBX", "RGBa", "La"):
        alpha = {"PA": "RGBA", "RGBa": "RGBA", "La": "LA"}
        picture = picture.convert(alpha.get(picture.mode, "RGB"))
    return _of_samples(np.asarray(picture), facts)


def _of_tiff(path: Path, number: int) -> MaskValues:
    from viewer.reading.codestreams.tiff_damage import page_damage
    from viewer.reading.codestreams.tiff_stacks import stacked_values, tiff_stack
    from viewer.reading.pictures.tiff_pages import is_lossy, opened_tiff, page_of, page_orientation, pixel_bytes
    from viewer.reading.sources.limits import check_picture_size

    with opened_tiff(path) as tiff:
        behind = number if 0 < number < tiff_stack(tiff).images and len(tiff.pages) == 1 else 0
        page = page_of(tiff, path, 0 if behind else number)
        _check_size(path, page.imagelength, page.imagewidth)
        check_picture_size(path, page.imagelength, page.imagewidth, pixel_bytes(page))
        _refuse_damage(path, "" if behind else page_damage(page))
        array = stacked_values(tiff, page, behind, path) if behind else np.asarray(page.asarray())
        if array.ndim == 3 and page.planarconfig == 2:
            array = array.transpose(1, 2, 0)
        facts: dict[str, Any] = {"orientation": page_orientation(page), "lossy": is_lossy(page)}
        bits = int(page.bitspersample)
        if int(page.photometric) == _PALETTE and array.ndim == 2 and page.colormap is not None:
            return _indexed(array, (np.asarray(page.colormap, np.int64) >> 8).T, facts)
        if array.dtype == np.bool_:
            array = array.astype(np.uint8)
        if int(page.photometric) == _WHITE_IS_ZERO and array.ndim == 2 and array.dtype.kind == "u":
            array = ((1 << bits) - 1 - array.astype(np.int64)).astype(array.dtype)  # as it is shown
        return _of_samples(array, facts, full=float((1 << bits) - 1) if array.dtype.kind == "u" else 0.0)


def _indexed(indices: NDArray[Any], colours: NDArray[Any], facts: dict[str, Any]) -> MaskValues:
    """Index 0 is outside whatever its colour, unless another index is the black one."""
    used = np.unique(indices)
    known = used[used < len(colours)]
    black = {int(index) for index in known if not colours[index].any()}
    doubt = ""
    if 0 in used and 0 not in black and black:
        first = "#{:02x}{:02x}{:02x}".format(*colours[0].tolist())
        doubt = f"its colour table has {first} at 0 and black at {min(black)}, so outside may be either"
    return MaskValues(values=indices, doubt=doubt, full=float(used.max()), **facts)


def _of_samples(array: NDArray[Any], facts: dict[str, Any], *, full: float = 0.0) -> MaskValues:
    """(row, col) or (row, col, sample) as one value for each pixel."""
    if array.dtype.kind not in "buif" or array.ndim not in (2, 3) or not array.size:
        raise UnsupportedFile(f"a mask of {array.dtype} values in {array.ndim} dimensions is not read")
    full = full or (float(np.iinfo(array.dtype).max) if array.dtype.kind == "u" else 0.0)
    samples = 1 if array.ndim == 2 else array.shape[2]
    plain = array.reshape(*array.shape[:2], samples)
    if samples == _GREY:
        return MaskValues(values=plain[:, :, 0], full=full, **facts)
    if samples > _COLOUR_ALPHA:
        doubt = f"it has {samples} channels, and only one, a colour and an alpha channel are read"
        return MaskValues(values=plain[:, :, 0], full=full, doubt=doubt, **facts)
    colours = plain[:, :, : 1 if samples == _GREY_ALPHA else 3]
    alpha = plain[:, :, -1] if samples in (_GREY_ALPHA, _COLOUR_ALPHA) else None
    if alpha is None or (alpha == alpha.flat[0]).all():
        # A picture whose every pixel is equally clear says nothing by it.
        return _one_value(colours, full, facts)
    return _with_alpha(colours, alpha, full, facts)


def _with_alpha(colours: NDArray[Any], alpha: NDArray[Any], full: float, facts: dict[str, Any]) -> MaskValues:
    seen = colours[alpha != 0]
    if len(seen) and (seen == seen[0]).all():
        note = "it has one colour, more or less transparent; what is opaque is inside"
        return MaskValues(values=alpha, full=full, notes=(note,), **facts)
    shown = np.where((alpha > float(alpha.max()) / 2)[:, :, None], colours, np.zeros(1, colours.dtype))
    return replace(_one_value(shown, full, facts), notes=("its transparent pixels are outside",))


def _one_value(colours: NDArray[Any], full: float, facts: dict[str, Any]) -> MaskValues:
    """Grey where the channels agree, else the colour as one number."""
    if (colours == colours[:, :, :1]).all():
        return MaskValues(values=colours[:, :, 0], full=full, **facts)
    wide = colours.astype(np.int64)
    if colours.dtype.itemsize > 1:
        if colours.dtype.kind == "f" or (wide % 257).any():
            doubt = "its colours have more than 8 bits"
            return MaskValues(values=colours[:, :, 0], full=full, doubt=doubt, **facts)
        wide //= 257
    used = [channel for channel in range(3) if wide[:, :, channel].any()]
    packed = (wide[:, :, 0] << 16) | (wide[:, :, 1] << 8) | wide[:, :, 2]
    strength = wide[:, :, used[0]] if len(used) == 1 else None
    return MaskValues(values=packed, strength=strength, is_colour=True, full=255.0, **facts)
