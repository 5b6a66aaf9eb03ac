"""Images of a snapshot as arrays: no file, no network, no training."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ml.catalogue import PreprocessSpec
from ml.data.batches import ImageData
from ml.data.cache import Cache
from ml.data.preprocess import Inverse
from ml.data.targets import TaskFacts
from viewer.core.labels import Verdict
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns

SIDE = 16


@dataclass(kw_only=True)
class Film:
    """One item of a snapshot."""

    image_id: str
    patient_id: str
    labels: dict[str, Verdict] = field(default_factory=dict)
    boxes: tuple[tuple[str, Box], ...] = ()
    masks: tuple[tuple[str, MaskRuns], ...] = ()
    complete: bool = True
    tags: dict[str, str] = field(default_factory=dict)
    path: Path = Path("film.png")
    frame_index: int = 0
    modality: str = "DX"
    source: str = ""
    pixel_sha256: str = ""
    frames: tuple[Any, ...] = ()


@pytest.fixture
def data_of() -> Callable[..., ImageData]:
    """(films, kind, labels) to their data. pixels: (film, row, col) in 0..1; sizes: rows and cols of each film."""

    def make(
        films: list[Film],
        kind: str,
        labels: tuple[str, ...],
        *,
        exclusive: bool = False,
        pixels: Any = None,
        sizes: list[tuple[int, int]] | None = None,
        storage: list[dict[str, str]] | None = None,
    ) -> ImageData:
        grey = np.zeros((len(films), SIDE, SIDE)) if pixels is None else np.asarray(pixels)
        masks = None
        if kind == "segmentation":
            masks = np.zeros((len(films), len(labels), SIDE, SIDE), np.uint8)
            for number, film in enumerate(films):
                for label, mask in film.masks:
                    masks[number, labels.index(label)] |= mask.to_array().astype(np.uint8) * 255
        cache = Cache(
            folder=Path(),
            image_ids=tuple(film.image_id for film in films),
            train=grey[:, None].astype(np.float16),
            exact=grey[:, None].astype(np.float16),
            masks=masks,
            inverses=tuple(
                Inverse.of(rows, cols, SIDE, "stretch") for rows, cols in sizes or [(SIDE, SIDE)] * len(films)
            ),
            facts=tuple(
                {"storage": fact, "content": film.image_id, "pixels": film.image_id}
                for film, fact in zip(films, storage or [{}] * len(films), strict=True)
            ),
            missing=(),
        )
        task = TaskFacts(kind=kind, labels=labels, exclusive=exclusive)
        return ImageData(cache, films, task, PreprocessSpec(size_px=SIDE), torch.device("cpu"))

    return make


@pytest.fixture
def film_of() -> Callable[..., Film]:
    """A film by its number."""

    def make(number: int, **facts: Any) -> Film:
        return Film(image_id=f"{number:032x}", patient_id=f"P{number}", path=Path(f"film {number}.png"), **facts)

    return make
