"""A picture overwritten under its name is another image, and what is known of the old one is not said of it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.cli.test_predict_explain import a_model, films, run
from viewer.project.project import Project

__all__ = ["films"]  # the fixture


@pytest.fixture
def project(tmp_path: Path, films: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """Three films, all predicted once; then the second is overwritten by another picture of the same size."""
    folder, model = tmp_path / "project", a_model(tmp_path / "m")
    Project.create(folder).close()
    words = ("predict", films, "--project", folder, "--add", "--model", model, "--out", tmp_path / "p.json")
    assert run(capsys, *words)[0] == 0
    with Image.open(films / "film1.png") as image:
        turned = np.asarray(image)[::-1]
    Image.fromarray(turned).save(films / "film1.png")
    return folder


def answers(folder: Path) -> dict[str, Any]:
    with Project.open(folder, writable=False) as opened:
        records = opened.images.all()
        return {record.path.name: opened.predictions.of_image(record.image_id) for record in records}


def test_predict_on_a_project_names_it_and_keeps_nothing_under_the_old_id(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = a_model(tmp_path / "other", labels=("air", "bone"))

    code, document, error = run(capsys, "predict", project, "--model", other, "--out", tmp_path / "q.json")

    assert code == 0
    assert [Path(p["path"]).name for p in document["predictions"]] == ["film0.png", "film2.png"]
    (problem,) = document["problems"]
    assert "film1.png has other pixels than the image" in problem["reason"]
    assert "film1.png" in error
    assert {name: len(kept) for name, kept in answers(project).items()} == {
        "film0.png": 2,
        "film1.png": 1,
        "film2.png": 2,
    }


def test_explain_on_a_project_names_it(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "heat"

    _, document, _ = run(capsys, "explain", project, "--model", tmp_path / "m", "--class", "nodule", "--out", out)

    assert any("film1.png has other pixels" in str(problem) for problem in document["problems"])


@pytest.mark.parametrize("overlay", ["annotations", "predictions", "cam"])
def test_render_draws_nothing_of_the_old_image_on_it(
    project: Path, films: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], overlay: str
) -> None:
    words = ("render", films / "film1.png", "--project", project, "--overlay", overlay, "--out", tmp_path / "x.png")

    code, document, _ = run(capsys, *words)

    assert code == 1
    assert "film1.png has other pixels than the image of" in document["error"]["message"]
    assert not (tmp_path / "x.png").exists()


def test_asked_by_its_path_it_is_an_image_of_its_own(
    project: Path, films: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("predict", films / "film1.png", "--project", project, "--add", "--model", tmp_path / "m")

    code, document, _ = run(capsys, *words, "--out", tmp_path / "q.json")

    assert code == 0
    with Project.open(project, writable=False) as opened:
        ids = [record.image_id for record in opened.images.all()]
    assert len(ids) == 4
    assert document["predictions"][0]["image_id"] == ids[3]
