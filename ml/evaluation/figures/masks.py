"""What is kept of a proposed mask beside the true one: a few numbers, never the masks themselves.

Where one of the two is empty overlap is 0 and the distance the image's diagonal; where both are nothing is measured,
and the case is in no mean (Maier-Hein et al., Nature Methods 21, 2024).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.evaluation.figures.surfaces import Spacing, hausdorff_95_mm, outlines, surface_dice
from ml.evaluation.metrics import dice
from ml.metric_words import TOLERANCE_MM

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
NAN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskFigures:
    """Of one label on one image. NaN where not defined: both empty, or without a spacing what is in mm."""

    present: bool
    answered: bool
    dice: float
    iou: float
    surface_dice: float = NAN
    hd95_mm: float = NAN
    true_mm2: float = NAN
    said_mm2: float = NAN


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MaskTable:
    """Many of them: each (case, label), NaN (or False) where the label is not known. spaced: (case,) whether the image
    says its pixel spacing. confused: (case, label + 1, label + 1) pixels, see `ml.evaluation.confusion`."""

    known: Bools
    present: Bools
    answered: Bools
    dice: Floats
    iou: Floats
    surface_dice: Floats
    hd95_mm: Floats
    true_mm2: Floats
    said_mm2: Floats
    spaced: Bools
    confused: NDArray[np.int64]


def mask_figures(truth: Bools, said: Bools, spacing_mm: Spacing | None) -> MaskFigures:
    """truth, said: (row, col). spacing_mm: between rows, and between cols; None where it is not known."""
    both, either = int((truth & said).sum()), int((truth | said).sum())
    there, answered = bool(truth.any()), bool(said.any())
    overlap = {"dice": dice(truth, said), "iou": both / either if either else NAN}
    if spacing_mm is None:
        return MaskFigures(present=there, answered=answered, **overlap)
    pixel_mm2 = spacing_mm[0] * spacing_mm[1]
    areas = {"true_mm2": int(truth.sum()) * pixel_mm2, "said_mm2": int(said.sum()) * pixel_mm2}
    outline = {"surface_dice": NAN, "hd95_mm": NAN}
    if there and answered:
        pieces = outlines(truth, said, spacing_mm)
        outline = {"surface_dice": surface_dice(*pieces, TOLERANCE_MM), "hd95_mm": hausdorff_95_mm(*pieces)}
    elif there or answered:
        diagonal_mm = float(np.hypot(truth.shape[0] * spacing_mm[0], truth.shape[1] * spacing_mm[1]))
        outline = {"surface_dice": 0.0, "hd95_mm": diagonal_mm}
    return MaskFigures(present=there, answered=answered, **overlap, **outline, **areas)


def mask_table(
    rows: Sequence[Sequence[MaskFigures | None]],
    spaced: Sequence[bool],
    labels: int,
    confused: Sequence[NDArray[np.int64]] | None = None,
) -> MaskTable:
    """rows: of each case one for each label, None where it is not known. spaced, confused: of each case; without the
    latter no pixel is counted."""

    def column(name: str, missing: float) -> Floats:
        each = [[missing if one is None else float(getattr(one, name)) for one in row] for row in rows]
        return np.array(each, np.float64).reshape(-1, labels)

    known = np.array([[one is not None for one in row] for row in rows], np.bool_).reshape(-1, labels)
    return MaskTable(
        known=known,
        present=column("present", 0.0) > 0,
        answered=column("answered", 0.0) > 0,
        dice=column("dice", NAN),
        iou=column("iou", NAN),
        surface_dice=column("surface_dice", NAN),
        hd95_mm=column("hd95_mm", NAN),
        true_mm2=column("true_mm2", NAN),
        said_mm2=column("said_mm2", NAN),
        spaced=np.array(spaced, np.bool_),
        confused=np.array(
            [np.zeros((labels + 1, labels + 1))] * len(rows) if confused is None else confused, np.int64
        ).reshape(-1, labels + 1, labels + 1),
    )


def of_some(table: MaskTable, places: NDArray[np.int64]) -> MaskTable:
    """The rows of some of the cases."""
    return MaskTable(**{name: getattr(table, name)[places] for name in MaskTable.__slots__})


def joined(tables: Sequence[MaskTable]) -> MaskTable:
    """One after the other."""
    names = MaskTable.__slots__
    return MaskTable(**{name: np.concatenate([getattr(one, name) for one in tables]) for name in names})
