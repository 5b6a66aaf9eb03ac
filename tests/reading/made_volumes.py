"""Volume files written by SimpleITK, and NIfTI files put together byte by byte: what the tests of volumes read."""

import struct
from pathlib import Path

import numpy as np
import SimpleITK

from viewer.reading.scan import all_series, scan
from viewer.reading.series import Series

VALUES = np.random.default_rng(5).integers(-900, 900, (4, 5, 6)).astype(np.int16)  # (slice, row, col)


NAMES = ("v.nii", "v.nii.gz", "v.nrrd", "v.nhdr", "v.mha", "v.mhd")


def oblique() -> np.ndarray:
    """A rotation about no axis of the patient: columns are the directions of the three axes, LPS."""
    a, b = 0.3, -0.2
    about_x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    about_z = np.array([[np.cos(b), -np.sin(b), 0], [np.sin(b), np.cos(b), 0], [0, 0, 1]])
    turned: np.ndarray = about_x @ about_z
    return turned


def write_volume(path: Path, values: np.ndarray = VALUES, *, colour: bool = False, compress: bool = False) -> Path:
    """Steps of 0.5, 0.75 and 2 mm from (11, -22, 33), turned by `oblique`. values: (slice, row, col[, 3])."""
    image = SimpleITK.GetImageFromArray(values, isVector=colour)
    image.SetSpacing((0.5, 0.75, 2.0))
    image.SetOrigin((11.0, -22.0, 33.0))
    image.SetDirection(oblique().ravel())
    SimpleITK.WriteImage(image, str(path), useCompression=compress)
    return path


def only_series(path: Path) -> Series:
    """The one series of a file that nothing is wrong with."""
    result = scan([path])
    assert result.problems == ()
    (series,) = all_series(result)
    return series


def nifti(
    values: np.ndarray,
    *,
    datatype: int = 4,
    order: str = "<",
    affine_ras: np.ndarray | None = None,
    slope: tuple[float, float] = (0.0, 0.0),
    units: int = 2,
    steps: tuple[float, ...] = (0.5, 0.75, 2.0),
    qform: tuple[float, ...] = (),
) -> bytes:
    """A NIfTI-1 file put together from nifti1.h. values: (.., row, col)."""
    head = bytearray(352)
    dims = values.shape[::-1]
    put = lambda code, at, *numbers: struct.pack_into(order + code, head, at, *numbers)  # noqa: E731
    put("i", 0, 348)
    put("8h", 40, len(dims), *dims, *[1] * (7 - len(dims)))
    put("2h", 70, datatype, 8 * values.dtype.itemsize)
    put("8f", 76, 1.0, *steps, *[1.0] * (7 - len(steps)))
    put("3f", 108, 352.0, *slope)
    head[123] = units
    if qform:
        put("h", 252, 1)
        put("6f", 256, *qform)
    if affine_ras is not None:
        put("h", 254, 1)
        put("12f", 280, *affine_ras[:3].ravel())
    head[344:348] = b"n+1\0"
    return bytes(head) + values.astype(values.dtype.newbyteorder(order)).tobytes()
