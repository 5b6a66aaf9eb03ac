"""A small stand-in for a snapshot: generated films in memory, read without files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from ml.card import write_json
from ml.recipe import Recipe, default_recipe
from viewer.core.errors import BadFile
from viewer.core.labels import Verdict
from viewer.core.pixels import PixelFacts
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns

SIDE = 48


@dataclass(kw_only=True)
class Film:
    """One item; `pixels` is what its file would hold, None for a file that cannot be read."""

    image_id: str
    patient_id: str
    pixels: NDArray[Any] | None
    labels: dict[str, Verdict] = field(default_factory=dict)
    boxes: tuple[tuple[str, Box], ...] = ()
    masks: tuple[tuple[str, MaskRuns], ...] = ()
    numbers: dict[str, float] = field(default_factory=dict)
    complete: bool = True
    tags: dict[str, str] = field(default_factory=dict)
    part: str = "train"
    fold: int | None = None
    frame_index: int = 0
    modality: str = "DX"
    source: str = "generated"
    pixel_sha256: str = ""
    frames: tuple[Any, ...] = ()
    path: Path = Path("film.png")


class Films:
    """A snapshot of films."""

    def __init__(self, films: Sequence[Film], name: str = "films") -> None:
        self.items = list(films)
        self.id = name
        self.card: dict[str, Any] = {}

    def parts(self, fold: int | None = None) -> dict[str, list[Film]]:
        if fold is None:
            return {part: [f for f in self.items if f.part == part] for part in ("train", "val", "test")}
        rest = [f for f in self.items if f.fold != fold]
        cut = max(1, len(rest) // 4)
        return {"train": rest[cut:], "val": rest[:cut], "test": [f for f in self.items if f.fold == fold]}


def read_film(film: Any) -> tuple[NDArray[Any], PixelFacts]:
    if film.pixels is None:
        raise BadFile(f"{film.image_id} is broken.")
    return film.pixels, PixelFacts(rows=film.pixels.shape[0], cols=film.pixels.shape[1])


def disc_film(number: int, *, kind: str) -> Film:
    """A noisy 12-bit film, half of them with a bright disc, which is the label, the box and the mask."""
    rng = np.random.default_rng(number)
    y, x = np.mgrid[:SIDE, : SIDE + 8]
    pixels = rng.normal(1000, 60, x.shape)
    sick = number % 2 == 1
    row, col, radius = rng.integers(14, 34), rng.integers(14, 40), rng.integers(7, 11)
    disc = (y + 0.5 - row) ** 2 + (x + 0.5 - col) ** 2 < radius**2
    if sick or kind != "classification":
        pixels = pixels + 900 * disc
    film = Film(
        image_id=f"{number:032x}",
        patient_id=f"P{number // 2}",
        pixels=pixels.clip(0, 4095).astype(np.uint16),
        part=("train", "train", "val", "test")[(number // 2) % 4],
        fold=(number // 2) % 3,
    )
    if kind == "classification":
        film.labels = {"sick": Verdict.YES if sick else Verdict.NO, "well": Verdict.NO if sick else Verdict.YES}
    elif kind == "detection":
        box = Box(x0_px=col - radius, y0_px=row - radius, x1_px=col + radius, y1_px=row + radius)
        film.boxes = (("disc", box),)
    elif kind == "regression":
        film.numbers = {"disc": float(radius)}
    else:
        film.masks = (("disc", MaskRuns.from_array(disc)),)
    return film


MODELS = {
    "classification": "simple_cnn", "detection": "center_point", "segmentation": "small_unet",
    "regression": "simple_cnn",
}  # fmt: skip


@pytest.fixture
def disc_films() -> Callable[..., Films]:
    def make(kind: str = "classification", count: int = 32) -> Films:
        return Films([disc_film(number, kind=kind) for number in range(count)], name=f"{kind}{count}")

    return make


@pytest.fixture
def film_reader() -> Callable[[Any], tuple[NDArray[Any], PixelFacts]]:
    return read_film


@pytest.fixture
def tiny_recipe() -> Callable[..., Recipe]:
    def make(kind: str = "classification", **values: Any) -> Recipe:
        labels = ("well", "sick") if kind == "classification" else ("disc",)
        facts = {"input_px": 32, "epochs": 2, "batch_size": 8, "threads": 1, "precision": "fp32", "device": "cpu"}
        facts |= {"model": MODELS[kind], "exclusive": kind == "classification", **values}
        return default_recipe(task="discs", kind=kind, labels=labels, **facts)

    return make


@pytest.fixture
def new_run(tmp_path: Path) -> Callable[..., Path]:
    def make(recipe: Recipe, name: str = "run") -> Path:
        folder = tmp_path / "project" / "runs" / name
        folder.mkdir(parents=True)
        write_json(folder / "config.json", {"recipe": recipe.to_json()})
        return folder

    return make


@pytest.fixture(autouse=True)
def _torch_as_found() -> Any:
    """Training fixes threads and determinism for its process; the next test gets them back."""
    threads, strict = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    yield
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(strict)
