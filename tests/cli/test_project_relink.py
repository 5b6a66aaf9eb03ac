"""`negatoscope project relink`, as a person types it."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.conftest import Run
from viewer.cli.main import main


@pytest.fixture
def films(tmp_path: Path, run: Run) -> Path:
    """A project of three films, whose folder was renamed; one film is gone."""
    (tmp_path / "set").mkdir()
    for number in range(3):
        array = np.random.default_rng(number).integers(0, 255, (30, 20), np.uint8)
        Image.fromarray(array).save(tmp_path / "set" / f"{number}.png")
    run("project", "create", tmp_path / "project", "--author", "Ada")
    run("project", "add", tmp_path / "project", tmp_path / "set")
    (tmp_path / "set").rename(tmp_path / "renamed")
    (tmp_path / "renamed" / "2.png").unlink()
    return tmp_path / "project"


def test_a_dry_run_says_what_is_found_and_a_run_writes_it(run: Run, films: Path, tmp_path: Path) -> None:
    def notes() -> int:
        return sum("reached" in note for note in run("project", "verify", films)["notes"])

    renamed = tmp_path / "renamed"
    dry = run("project", "relink", films, renamed, "--dry-run")
    assert (dry["missing"], len(dry["found"]), len(dry["not_found"]), dry["relinked"]) == (3, 2, 1, 0)
    assert notes() == 3

    done = run("project", "relink", films, renamed)
    assert done["relinked"] == 2
    assert {Path(one["now"]).parent for one in done["found"]} == {renamed}
    assert notes() == 1
    assert run("project", "relink", films, renamed, code=1)["found"] == []


def test_it_names_what_was_found_and_what_was_not(
    films: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["project", "relink", str(films), str(tmp_path / "renamed")]) == 0
    said = capsys.readouterr().out

    assert f"found: {tmp_path}/set/0.png -> {tmp_path}/renamed/0.png" in said
    assert f"not found: {tmp_path}/set/2.png" in said
    assert "2 of 3 missing images found; 1 not found." in said
    assert "2 images linked anew." in said


def test_a_folder_that_is_not_there_is_said(films: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["project", "relink", str(films), str(tmp_path / "nowhere"), "--json"]) == 1
    assert "is not there" in json.loads(capsys.readouterr().out)["error"]["message"]
