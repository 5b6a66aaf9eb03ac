"""Shapes that were drawn on a picture as it is stored, brought onto the picture as its EXIF turn shows it.

Orientation 1..8 as in EXIF 2.3, tag 0x0112: where row 0 and column 0 of the stored picture lie when it is shown.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from viewer.core.shapes.masks import MaskRuns
from viewer.core.shapes.shape import Box, Polygon, Shape
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
    if isinstance(shape, MaskRuns):
        return MaskRuns.from_array(_ARRAYS[orientation](shape.to_array()))
    if isinstance(shape, Pieces):
        return Pieces(polygons=tuple(_polygon(one, orientation, rows, cols) for one in shape.polygons))
    if isinstance(shape, Polygon):
        return _polygon(shape, orientation, rows, cols)
    move = _POINTS[orientation]
    (xa, ya), (xb, yb) = move(shape.x0_px, shape.y0_px, rows, cols), move(shape.x1_px, shape.y1_px, rows, cols)
    return Box(x0_px=min(xa, xb), y0_px=min(ya, yb), x1_px=max(xa, xb), y1_px=max(ya, yb))


def _polygon(polygon: Polygon, orientation: int, rows: int, cols: int) -> Polygon:
    return Polygon(points_px=tuple(_POINTS[orientation](x, y, rows, cols) for x, y in polygon.points_px))
