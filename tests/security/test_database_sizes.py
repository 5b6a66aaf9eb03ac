"""The size of an image in a project's database has a range: what no image has costs a sentence, never the memory."""

import sqlite3
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from viewer.cli.main import main
from viewer.core.errors import BadProject
from viewer.project.project import Project


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Image.fromarray(np.arange(600, dtype=np.uint16).astype(np.uint8).reshape(20, 30)).save(tmp_path / "a.png")
    assert main(["project", "create", str(tmp_path / "p")]) == 0
    assert main(["project", "add", str(tmp_path / "p"), str(tmp_path / "a.png")]) == 0
    return tmp_path / "p"


def put(folder: Path, **values: int) -> None:
    with sqlite3.connect(folder / "project.db") as database:
        for column, value in values.items():
            database.execute(f"UPDATE images SET {column} = ?", (value,))
    database.close()


@pytest.mark.parametrize(
    "values",
    [
        {"rows": -5},
        {"cols": 0},
        {"rows": 200_000, "cols": 200_000},
        {"rows": 2**40, "cols": 2**40},
        {"frame_index": -1},
    ],
    ids=["negative", "none", "huge", "overflow", "frame"],
)
def test_a_size_that_no_image_has_is_called_so(
    folder: Path, values: dict[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    put(folder, **values)
    project = Project.open(folder, writable=False)

    with project, pytest.raises(BadProject, match=r"a\.png"):
        project.images.all()
    for command in (["project", "verify"], ["annotate", "export", "--format", "masks", "--out", f"{folder}-m"]):
        capsys.readouterr()
        assert main([*command, str(folder)]) == 1
        said = "".join(capsys.readouterr())
        assert "a.png" in said and "unexpected" not in said


def test_a_size_that_is_not_the_files_is_found_with_its_pixels(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(folder, rows=40, cols=15)

    assert main(["project", "verify", "--pixels", str(folder)]) == 1
    said = "".join(capsys.readouterr())
    assert "40 x 15" in said and "20 x 30" in said and "a.png" in said
