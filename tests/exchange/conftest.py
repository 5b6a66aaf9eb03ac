"""Pictures on the disk and projects to import them into."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.exchange import coco_files, mask_pictures
from tests.exchange.mask_pictures import Brought, Told, areas
from viewer.core.registry import load
from viewer.exchange import IMPORTERS
from viewer.exchange.importing import ImportReport, carry_out
from viewer.exchange.plan import make_plan
from viewer.project.project import Project

ROWS, COLS = 37, 23  # not square, not even


@pytest.fixture
def write_picture() -> Callable[..., Path]:
    """Writes a grey PNG of noise; the seed makes it one of its kind."""

    def write(path: Path, seed: int = 0, rows: int = ROWS, cols: int = COLS) -> Path:
        from PIL import Image

        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.random.default_rng(seed).integers(0, 255, (rows, cols), np.uint8)).save(path)
        return path

    return write


def _bring_in(
    project: Project,
    name: str,
    path: Path,
    options: dict[str, list[str]] | None = None,
    *,
    complete: bool = False,
    source: str = "",
) -> ImportReport:
    with make_plan(project, load(IMPORTERS, name), path, options or {}, complete=complete, source=source) as plan:
        return carry_out(project, plan)


@pytest.fixture
def bring_in() -> Callable[..., ImportReport]:
    """bring_in(project, "csv", path, {"map": ["image=file"]}, complete=True): plan an import and carry it out."""
    return _bring_in


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "project", author="Ada") as opened:
        yield opened


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "other", author="Ben") as opened:
        yield opened


@pytest.fixture
def film(write_picture: Callable[..., Path]) -> Callable[..., Path]:
    """A picture of 40 x 60 pixels; its seed makes it one of its kind."""

    def write(path: Path, seed: int = 0) -> Path:
        return write_picture(path, seed, rows=coco_files.ROWS, cols=coco_files.COLS)

    return write


@pytest.fixture
def bring(project: Project, tmp_path: Path, write_picture: Callable[..., Path]) -> Brought:
    """Imports one picture with one mask file; the pixels of each annotation by label (numbered), and what was said."""

    def run(
        write: Callable[[Path], Any], suffix: str = "png", options: dict[str, list[str]] | None = None
    ) -> tuple[dict[str, int], Told]:
        write_picture(tmp_path / "set" / "images" / "a.png", rows=mask_pictures.ROWS, cols=mask_pictures.COLS)
        mask = tmp_path / "set" / "masks" / f"a.{suffix}"
        mask.parent.mkdir(exist_ok=True)
        write(mask)
        with make_plan(project, load(IMPORTERS, "masks"), tmp_path / "set", options or {}) as plan:
            settle = tuple(remark.settle for remark in plan.remarks())
            report = carry_out(project, plan)
        told = Told(problems=report.problems, notes=report.notes, settle=settle, images=report.images)
        return areas(project), told

    return run
