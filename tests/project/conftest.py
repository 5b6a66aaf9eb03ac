"""A project with a few images that need no files."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from viewer.project.project import Project
from viewer.project.records import NewImage


def made_up_image(number: int, patient: str = "", **facts: object) -> NewImage:
    """An image that only exists in the database."""
    values = {
        "path": Path(f"/pictures/{number:04}.png"),
        "rows": 60,
        "cols": 40,
        "pixel_sha256": f"{number:064x}",
        "patient_id": patient,
        "source": "made up",
        **facts,
    }
    return NewImage(**values)


@pytest.fixture
def new_image() -> Callable[..., NewImage]:
    return made_up_image


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "project"


@pytest.fixture
def project(folder: Path) -> Iterator[Project]:
    with Project.create(folder, author="Ada") as opened:
        opened.images.register([made_up_image(number, f"P{number // 2:03}") for number in range(8)])
        yield opened


@pytest.fixture
def image_id(project: Project) -> str:
    return project.images.all()[0].image_id
