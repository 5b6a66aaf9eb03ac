"""Display shutters of an image or a presentation state (PS3.3 C.7.6.11, C.7.6.15)."""

from viewer.core.pixels import OverlayPlane, Shutter
from viewer.reading.dicom.header import Header

SHAPE, LEFT, RIGHT, UPPER, LOWER = 0x00181600, 0x00181602, 0x00181604, 0x00181606, 0x00181608
CENTER, RADIUS, VERTICES, LEVEL, GROUP = 0x00181610, 0x00181612, 0x00181620, 0x00181622, 0x00181623


def read_shutter(header: Header, planes: tuple[OverlayPlane, ...] = ()) -> Shutter | None:
    """The shutter, None without one. planes: where a bitmap shutter finds its overlay.

    Rows and columns of a shutter count from 1. A pixel on an edge or a vertex is taken to be open, so that nothing is
    hidden that the file may mean to show.
    """
    shapes = {shape.upper() for shape in header.texts(SHAPE)}
    edges = [header.number(tag) for tag in (LEFT, UPPER, RIGHT, LOWER)]
    rectangle = None
    if "RECTANGULAR" in shapes and None not in edges:
        left, upper, right, lower = (float(edge or 0) for edge in edges)
        rectangle = (left - 1, upper - 1, right, lower)
    center, radius = header.numbers(CENTER), header.number(RADIUS)
    circle = None
    if "CIRCULAR" in shapes and len(center) == 2 and radius is not None and radius > 0:
        circle = (center[1] - 0.5, center[0] - 0.5, radius)
    polygon: tuple[tuple[float, float], ...] = ()
    if "POLYGONAL" in shapes:
        places = header.numbers(VERTICES)
        polygon = tuple((col - 0.5, row - 0.5) for row, col in zip(places[0::2], places[1::2]))
    bitmap = None
    if "BITMAP" in shapes:
        group = header.integer(GROUP)
        bitmap = next((plane for plane in planes if plane.group == group), None)
    drawn = (("RECTANGULAR", rectangle), ("CIRCULAR", circle), ("POLYGONAL", polygon[2:]), ("BITMAP", bitmap))
    if shapes - {name for name, shape in drawn if shape}:
        header.ignore(SHAPE)  # one that is not known, or whose edges are not all there
    if rectangle is None and circle is None and len(polygon) < 3 and bitmap is None:
        return None
    level = header.integer(LEVEL) or 0
    return Shutter(
        rectangle=rectangle,
        circle=circle,
        polygon=polygon if len(polygon) >= 3 else (),
        bitmap=bitmap,
        level=round(min(max(level, 0), 0xFFFF) / 257),  # a P-Value of 16 bits, 0 black to FFFFH white
    )
