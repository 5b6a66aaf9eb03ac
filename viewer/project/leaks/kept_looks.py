"""The looks of a project's images, kept so that the next snapshot reads no film again: `cache/looks.npz`.

Named by the images' ids, that is by their content. What cannot be kept is looked at again.
"""

import io
import logging
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from viewer.core.errors import AppError
from viewer.project.disk.replacing import replace_file
from viewer.project.leaks.looks import SIDE, Look
from viewer.reading.sources.documents import read_bytes

log = logging.getLogger(__name__)

LOOKS_NAME = "looks.npz"
VERSION = 1  # of how a look is made; another one is not read
MOST_BYTES = 1 << 31


def read_looks(project_folder: Path) -> dict[str, Look]:
    """By image id; {} where none are kept."""
    path = project_folder / "cache" / LOOKS_NAME
    try:
        with np.load(io.BytesIO(read_bytes(path, most=MOST_BYTES)), allow_pickle=False) as kept:
            if int(kept["version"]) != VERSION or kept["copies"].shape[1:] != (SIDE, SIDE):
                return {}
            ids, counts, copies = kept["ids"].tolist(), kept["counts"], kept["copies"]
    except FileNotFoundError:
        return {}
    except (AppError, OSError, ValueError, KeyError, EOFError, TypeError):
        log.info("kept looks cannot be read; every film is looked at again", exc_info=True)
        return {}
    if copies.dtype != np.uint8 or counts.sum() != len(copies) or len(counts) != len(ids):
        return {}
    pieces = np.split(copies, np.cumsum(counts)[:-1]) if len(counts) else []
    return {image_id: Look(copies=piece) for image_id, piece in zip(ids, pieces, strict=True)}


def keep_looks(project_folder: Path, looks: Mapping[str, Look]) -> None:
    """Keep the looks of these images, in the place of what was kept."""
    path = project_folder / "cache" / LOOKS_NAME
    stream = io.BytesIO()
    copies = [look.copies for look in looks.values()]
    np.savez(
        stream, version=np.int64(VERSION), ids=np.array(list(looks), dtype=str),
        counts=np.array([len(one) for one in copies], np.int64),
        copies=np.concatenate(copies) if copies else np.zeros((0, SIDE, SIDE), np.uint8),
    )  # fmt: skip
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, stream.getvalue())
    except (AppError, OSError):
        log.info("looks cannot be kept; the next audit looks at every film again", exc_info=True)
