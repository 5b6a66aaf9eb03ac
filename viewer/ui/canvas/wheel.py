"""Which way a wheel goes through a series."""

from viewer.core.geometry import ImagePlane

# Cosine of 45 degrees: nearer to axial than to anything else.
_AXIAL = 0.7072


def wheel_direction(plane: ImagePlane | None) -> int:
    """+1 where turning the wheel down means the next frame of the series' order, −1 where it means the one before.

    In axial stacks down is caudal. Series are sorted along the normal, so where the normal points to the head (+z),
    the next frame is cranial, and down goes back.
    """
    if plane is not None and plane.normal[2] > _AXIAL:
        return -1
    return 1
