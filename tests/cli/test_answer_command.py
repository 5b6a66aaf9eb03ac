"""`project answer`: what is said of images and patients, said, asked for and refused as a person types it."""

from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import Run


@pytest.fixture
def folder(run: Run, tmp_path: Path) -> Path:
    from PIL import Image

    films = tmp_path / "films"
    films.mkdir()
    for number in range(2):
        pixels = np.random.default_rng(number).integers(0, 255, (30, 20), np.uint8)
        Image.fromarray(pixels).save(films / f"P{number}_1.png")
    project = tmp_path / "project"
    run("project", "create", project)
    run("project", "add", project, films)
    run("project", "patients", project, "--pattern", "{patient}_{view}")
    return project


def test_a_number_is_said_asked_for_and_taken_back(run: Run, folder: Path) -> None:
    said = run("project", "answer", folder, "lung volume", "--image", "P0_1.png", "--number", "4.5 L")
    assert said["answers"] == {"lung volume": {"number": 4.5, "unit": "L"}}
    assert run("project", "answer", folder, "--image", "P1_1.png")["answers"] == {}
    assert run("project", "answer", folder, "--image", "P0_1.png")["answers"] == said["answers"]
    run("project", "undo", folder)
    assert run("project", "answer", folder, "--image", "P0_1.png")["answers"] == {}


def test_a_patient_is_one_whatever_film_names_them(run: Run, folder: Path) -> None:
    said = run("project", "answer", folder, "smoker", "--patient", "P0_1.png", "--verdict", "yes")
    assert said["target"]["kind"] == "patient" and said["target"]["id"].endswith("\nP0")
    assert said["answers"] == {"smoker": {"verdict": "yes"}}
    run("project", "answer", folder, "smoker", "--patient", "P0_1.png", "--nothing")
    assert run("project", "answer", folder, "--patient", "P0_1.png")["answers"] == {}
    assert run("project", "verify", folder)["ok"] is True


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("size", "--image", "gone.png", "--number", "1"), "No image of this project is called gone.png"),
        (("size", "--image", "P0_1.png", "--number", "big"), "“big” is no number"),
        (("size", "--image", "P0_1.png", "--number", "nan"), "“nan” is no number"),
        (("size", "--image", "P0_1.png"), "Give a NAME and what is said"),
        (("--image", "P0_1.png", "--number", "1"), "Give a NAME and what is said"),
        (("ill", "--image", "P0_1.png", "--verdict", "yes"), "is one of its labels"),
        (("size", "--object", "0" * 32, "--number", "1"), "not in this project"),
        (("size", "--series", "P0_1.png", "--nothing", "--text", "a"), "not allowed with"),
    ],
)
def test_what_cannot_be_said_is_refused_in_a_sentence(
    run: Run, folder: Path, words: tuple[str, ...], sentence: str
) -> None:
    refused = run("project", "answer", folder, *words, code=2)
    assert sentence in refused["error"]["message"]
