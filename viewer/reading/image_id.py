"""The name of an image: what it is, never where it lies."""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray


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
