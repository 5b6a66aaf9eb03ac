"""Mask pictures of every kind, written as tools write them, and what an import made of them."""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.project.project import Project

ROWS, COLS = 60, 80
INSIDE = np.zeros((ROWS, COLS), np.uint8)
INSIDE[10:30, 10:20] = 1
CLASSES = INSIDE.copy()  # 1: 200 pixels, 2 and 3: 100 each
CLASSES[40:50, 10:20] = 2
CLASSES[40:50, 40:50] = 3


@dataclass(frozen=True)
class Told:
    """What an import said. settle: the options that it offers."""

    problems: tuple[tuple[Path, str], ...]
    notes: tuple[str, ...]
    settle: tuple[str, ...]
    images: int


Brought = Callable[..., tuple[dict[str, int], Told]]


def areas(project: Project) -> dict[str, int]:
    found: dict[str, int] = {}
    for image in project.images.all():
        for annotation in project.work.annotations(image.image_id):
            assert isinstance(annotation.shape, MaskRuns)
            key = annotation.label
            while key in found:
                key += "+"
            found[key] = annotation.shape.area_px
    return found


def areas_by_picture(project: Project) -> dict[str, dict[str, int]]:
    """Pixels of each label by the path of its picture below the folder images, or by its name."""
    found: dict[str, dict[str, int]] = {}
    for image in project.images.all():
        place = image.path.as_posix()
        there = found.setdefault(place.partition("/images/")[2] or image.path.name, {})
        for one in project.work.annotations(image.image_id):
            assert isinstance(one.shape, MaskRuns) and one.label not in there
            there[one.label] = one.shape.area_px
    return found


def saved(array: NDArray[Any], **options: Any) -> Callable[[Path], None]:
    return lambda path: Image.fromarray(array).save(path, **options)


def tiff(array: NDArray[Any], **options: Any) -> Callable[[Path], None]:
    import tifffile

    return lambda path: tifffile.imwrite(path, array, **options)


def palette(indices: NDArray[Any], *colours: int) -> Callable[[Path], None]:
    picture = Image.frombytes("P", (COLS, ROWS), indices.astype(np.uint8).tobytes())
    picture.putpalette(list(colours))
    return lambda path: picture.save(path)


def with_alpha(colour: NDArray[Any], alpha: NDArray[Any]) -> NDArray[Any]:
    return np.dstack([colour, alpha]).astype(np.uint8)


def grey_png(values: NDArray[Any], depth: int) -> Callable[[Path], None]:
    """A grey PNG of 2 or 4 bits, written by hand: Pillow writes none."""
    bits = np.unpackbits(values.astype(np.uint8)[:, :, None], axis=2)[:, :, 8 - depth :]
    lines = np.packbits(bits.reshape(len(values), -1), axis=1)
    data = zlib.compress(b"".join(b"\0" + line.tobytes() for line in lines))

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", COLS, ROWS, depth, 0, 0, 0, 0)
    whole = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return lambda path: path.write_bytes(whole)


FLAT = np.full((ROWS, COLS), 255, np.uint8)
