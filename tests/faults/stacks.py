"""CT stacks whose values are a function of the patient's space, for the faults of place and direction."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from viewer.core.geometry import PlaneThrough
from viewer.reading.scan import all_series, scan
from viewer.reading.series import Series

WriteDicom = Callable[..., Path]
AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
PLANES = ("axial", "coronal", "sagittal")


def write_stack(
    write_dicom: WriteDicom,
    positions: list[tuple[float, ...]],
    values: Callable[[np.ndarray], np.ndarray],
    *,
    cosines: tuple[float, ...] = AXIAL,
    spacing: tuple[float, float] = (1.0, 1.0),
    shape: tuple[int, int] = (24, 20),
    folder: str = "stack",
    attributes: Callable[[int], dict[str, Any]] = lambda _: {},
) -> list[Path]:
    """CT slices whose stored values are a function of the patient points (row, col, 3) of their pixels."""
    row, col = np.array(cosines[:3]), np.array(cosines[3:])
    r, c = np.mgrid[: shape[0], : shape[1]]
    paths = []
    for number, position in enumerate(positions):
        points = np.array(position) + c[..., None] * row * spacing[1] + r[..., None] * col * spacing[0]
        facts = {
            "SOPClassUID": "1.2.840.10008.5.1.4.1.1.2", "Modality": "CT", "InstanceNumber": number + 1,
            "ImagePositionPatient": [round(v, 6) for v in position],
            "ImageOrientationPatient": [round(v, 9) for v in cosines], "PixelSpacing": list(spacing),
        }  # fmt: skip
        stored = np.rint(values(points)).astype(np.int16)
        paths.append(write_dicom(stored, name=f"{folder}/{number:02}.dcm", **{**facts, **attributes(number)}))
    return paths


def only_series(folder: Path) -> Series:
    """The one series below a folder."""
    (series,) = all_series(scan([folder]))
    return series


def codes(series: Series) -> set[str]:
    """What a series is warned of."""
    return {warning.code for warning in series.warnings}


def pixel_points(plane: PlaneThrough) -> np.ndarray:
    """(row, col, 3) patient points of the pixel centres of a plane."""
    right, down = np.array(plane.place.row_cosines), np.array(plane.place.col_cosines)
    r, c = np.mgrid[: plane.rows, : plane.cols]
    return np.asarray(np.array(plane.place.position_mm) + plane.pixel_mm * (c[..., None] * right + r[..., None] * down))


def ramp(points: np.ndarray) -> np.ndarray:
    """Differs along each axis and in both directions of it; trilinear sampling gives it back exactly."""
    return np.asarray(3 * points[..., 0] - 7 * points[..., 1] + 11 * points[..., 2])
