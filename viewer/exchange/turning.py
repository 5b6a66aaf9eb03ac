"""Shapes that were drawn on a picture as it is stored, brought onto the picture as its EXIF turn shows it.

Orientation 1..8 as in EXIF 2.3, tag 0x0112: where row 0 and column 0 of the stored picture lie when it is shown.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from viewer.core.shapes.shape import Shape
from viewer.exchange.importer import Pieces

_Point = tuple[float, float]
# (x, y, rows, cols of the stored picture) to where the point is shown
_POINTS: dict[int, Callable[[float, float, int, int], _Point]] = {
    2: lambda x, y, rows, cols: (cols - x, y),
    3: lambda x, y, rows, cols: (cols - x, rows - y),
    4: lambda x, y, rows, cols: (x, rows - y),
    5: lambda x, y, rows, cols: (y, x),
    6: lambda x, y, rows, cols: (rows - y, x),
    7: lambda x, y, rows, cols: (rows - y, cols - x),
    8: lambda x, y, rows, cols: (y, cols - x),
}
_ARRAYS: dict[int, Callable[[NDArray[np.bool_]], NDArray[np.bool_]]] = {
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.T,
    6: lambda a: a.T[:, ::-1],
    7: lambda a: a[::-1, ::-1].T,
    8: lambda a: a.T[::-1],
}


def stored_size(orientation: int, rows: int, cols: int) -> tuple[int, int]:
    """(rows, cols) of the stored picture that is shown with these."""
    return (cols, rows) if orientation >= 5 else (rows, cols)


def turned(shape: Shape | Pieces, orientation: int, rows: int, cols: int) -> Shape | Pieces:
    """The shape as it is shown. rows, cols: of the stored picture."""
    if orientation not in _POINTS:
        return shape
    move = _POINTS[orientation]
    return shape.mapped(lambda x, y: move(x, y, rows, cols), _ARRAYS[orientation])
