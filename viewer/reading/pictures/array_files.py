"""Writing exact arrays as NPY, PNG and TIFF: beside, then renamed; refused where a value would change."""

import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.errors import BadRequest, NotWritable

SUFFIXES = (".npy", ".png", ".tif", ".tiff")


def write_array(path: Path, array: NDArray[Any], *, multi_frame: bool) -> None:
    """array: (row, col[, 3]), or (frame, row, col[, 3]) when multi_frame. Raises BadRequest or NotWritable."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise BadRequest(f"{path} should end in .npy, .png or .tiff, or be a folder.")
    if suffix == ".png" and multi_frame:
        raise BadRequest(
            f"A PNG holds one image and there are {len(array)}; choose one by --frame, or write .tiff or .npy."
        )
    if suffix == ".png":
        array = _for_png(path, array)
    elif suffix != ".npy":
        array = _for_tiff(path, array)
    _replace(path, array, suffix)


def _replace(path: Path, array: NDArray[Any], suffix: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=suffix)
    except OSError as error:
        raise NotWritable(f"{path} cannot be written: {error.strerror or error}.") from error
    try:
        with os.fdopen(handle, "wb") as file:
            if suffix == ".npy":
                np.save(file, np.ascontiguousarray(array), allow_pickle=False)
            elif suffix == ".png":
                import imagecodecs

                file.write(imagecodecs.png_encode(np.ascontiguousarray(array)))
        if suffix in (".tif", ".tiff"):
            import tifffile

            # One page per frame; without the shape in a description other programs see plain pages.
            photometric = "rgb" if array.ndim >= 3 and array.shape[-1] == 3 else "minisblack"
            tifffile.imwrite(name, np.ascontiguousarray(array), photometric=photometric, metadata=None)
        # mkstemp makes files that only their owner may read.
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise NotWritable(f"{path} cannot be written: {error.strerror or error}.") from error
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _for_png(path: Path, array: NDArray[Any]) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """The same values as uint8 or uint16."""
    if array.dtype == np.uint8:
        return array
    lowest, highest = array.min(), array.max()
    if not (lowest >= 0 and highest <= 65535 and _is_whole(array)):
        raise BadRequest(
            f"{path} would lose values: a PNG holds whole numbers from 0 to 65535, "
            f"these go from {lowest:g} to {highest:g} ({array.dtype}); write .tiff or .npy."
        )
    return array.astype(np.uint16)


def _for_tiff(path: Path, array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype.kind not in "iuf" or array.dtype.itemsize > (8 if array.dtype.kind == "f" else 4):
        raise BadRequest(f"{path} would lose values: a TIFF does not hold {array.dtype}; write .npy.")
    return array.astype(array.dtype.newbyteorder("="))


def _is_whole(array: NDArray[Any]) -> bool:
    return array.dtype.kind in "iub" or bool(np.all(np.isfinite(array)) and np.all(array == np.rint(array)))
