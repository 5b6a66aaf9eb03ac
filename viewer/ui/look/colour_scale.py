"""The colour scale of heatmaps as a picture, for the bars that name its ends."""

import numpy as np
from PySide6.QtGui import QImage

from viewer.core.colormaps import PLASMA
from viewer.core.compose import PLASMA_FROM


def scale_image(width_px: int) -> QImage:
    """From nothing to full colour, one pixel high: the colours that `viewer.core.compose` draws the map in."""
    strength = np.linspace(0, 1, max(2, width_px))
    rgb = np.ascontiguousarray(PLASMA[np.rint((PLASMA_FROM + (1 - PLASMA_FROM) * strength) * 255).astype(np.intp)])
    return QImage(rgb.data, len(rgb), 1, rgb.nbytes, QImage.Format.Format_RGB888).copy()
