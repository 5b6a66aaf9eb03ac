"""Masks as pictures: any value but 0 is inside."""

from io import BytesIO
from pathlib import Path

import numpy as np

from viewer.core.errors import BadFile
from viewer.core.masks import MaskRuns


def read_mask(path: Path) -> MaskRuns:
    """A one-channel (or one-colour) picture as a mask. Raises BadFile.

    An indexed picture counts by its index, so index 0 is outside whatever its colour.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            array = np.asarray(picture)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise BadFile(f"The mask {path} cannot be read ({error}).") from error
    if array.ndim == 3:
        array = array[:, :, :3].max(axis=2)
    return MaskRuns.from_array(array)


def mask_png(mask: MaskRuns) -> bytes:
    """The mask as a 1-bit PNG."""
    from PIL import Image

    out = BytesIO()
    Image.fromarray(mask.to_array()).save(out, format="PNG", optimize=True)
    return out.getvalue()
