"""What of a shape lies on its image: its area and the box around it. Shapes may reach over the edge of their image."""

from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.shape import Shape


def visible_area_px(shape: Shape, rows: int, cols: int) -> float:
    """The area of the part on an image of rows x cols pixels, in pixels; 0 where nothing of it is on the image."""
    return shape.visible_area_px(rows, cols)


def visible_box(shape: Shape, rows: int, cols: int) -> Box | None:
    """The smallest box around the part on an image of rows x cols pixels; None where that has no area."""
    extent = shape.visible_extent(rows, cols)
    if extent is None or extent[0] >= extent[2] or extent[1] >= extent[3]:
        return None
    x0, y0, x1, y1 = extent
    return Box(x0_px=x0, y0_px=y0, x1_px=x1, y1_px=y1)
