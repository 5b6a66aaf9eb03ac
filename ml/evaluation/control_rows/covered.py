"""The linear model with the middle of each picture covered: anatomy is gone, borders and letters are left.

The same cover for all: one that followed what was drawn on a film would itself tell which films have something drawn.
Maguolo and Nanni (Information Fusion 76, 2021) found films of several sources told apart so.
"""

import numpy as np

from ml.evaluation.control_rows.columns import SIDE
from ml.evaluation.control_rows.seen import LABELS, NUMBERS, Control, Floats, Seen

MARGIN = SIDE // 5  # pixels that stay on each side


def outside() -> np.ndarray:
    """(SIDE * SIDE,) which pixels stay."""
    stays = np.ones((SIDE, SIDE), np.bool_)
    stays[MARGIN:-MARGIN, MARGIN:-MARGIN] = False
    return stays.ravel()


def _said(seen: Seen) -> Floats:
    pixels = seen.pixels()
    frames = pixels.shape[1] // (SIDE * SIDE)
    return seen.by_pixels(pixels[:, np.tile(outside(), frames)])


CONTROL = Control(
    names={LABELS: "32x32 with the middle covered", NUMBERS: "32x32 with the middle covered"},
    tells="what the outer fifth of each side tells, with the anatomy in the middle covered: near the linear model of "
    "the whole picture, the images differ where the finding is not",
    said=_said,
)
