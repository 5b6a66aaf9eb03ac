"""The name of an image: what it is, never where it lies."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.errors import BadFile


def image_id(sop_instance_uid: str, frame_index: int, pixel_bytes_sha256: str) -> str:
    """32 hex digits over SOP Instance UID (or empty), frame index and the hash of the stored pixel bytes."""
    text = f"{sop_instance_uid}\n{frame_index}\n{pixel_bytes_sha256}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def pixel_sha256(stored: NDArray[Any]) -> str:
    """SHA-256 over the values in little endian, C order, with dtype and shape: the same on every machine."""
    little = np.ascontiguousarray(stored).astype(stored.dtype.newbyteorder("<"), copy=False)
    digest = hashlib.sha256(f"{little.dtype.str}{little.shape}".encode())
    digest.update(little.data if little.flags.c_contiguous else little.tobytes())
    return digest.hexdigest()


def refuse_replaced(
    stored: NDArray[Any], image_id_then: str, *, sop_instance_uid: str, frame_index: int, path: Path
) -> None:
    """Raise BadFile where a file holds other pixels than the image that was asked about.

    A picture overwritten under its name is another image: nothing that is said of it may be kept under the old one's
    id, nor anything of the old one be drawn over it.
    """
    if image_id(sop_instance_uid, frame_index, pixel_sha256(stored)) != image_id_then:
        raise BadFile(
            f"{path} has other pixels than the image {image_id_then[:12]} that was asked about: it was written anew "
            "under its name. Bring the old file back, or add the new one to the project as an image of its own."
        )
