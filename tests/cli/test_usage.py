"""What is said of a command line that cannot be right: one exit code for like mistakes, one JSON document, help."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from viewer.cli.main import main
from viewer.cli.output import counted
from viewer.project.project import Project
from viewer.project.register import add_to_project
from viewer.reading.scan import scan

Said = pytest.CaptureFixture[str]


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """A folder with two pictures (two series), of 30 rows and 20 columns."""
    folder = tmp_path / "films"
    folder.mkdir()
    for number in range(2):
        pixels = np.random.default_rng(number).integers(0, 255, (30, 20)).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return folder


@pytest.fixture
def project(films: Path, tmp_path: Path) -> Path:
    with Project.create(tmp_path / "project", name="p") as made:
        add_to_project(made, scan([films / "0.png"]))
    return tmp_path / "project"


UNKNOWN_NAMES: dict[str, Callable[[Path, Path], list[object]]] = {
    "series to render": lambda films, project: ["render", films, "--series", "feed", "--out", "x.png"],
    "series to export": lambda films, project: ["export", films, "--series", "feed", "--out", "x.npy"],
    "one of several series to render": lambda films, project: ["render", films, "--out", films / "x.png"],
    "one of several series to export": lambda films, project: ["export", films, "--out", films / "x.npy"],
    "model": lambda films, project: ["predict", films, "--model", "no_such_net", "--out", films / "x.json"],
    "model to explain": lambda films, project: ["explain", films, "--model", "none", "--class", "a", "--out", "x.png"],
    "preset": lambda films, project: ["render", films / "0.png", "--preset", "lungs", "--out", films / "x.png"],
    "overlay": lambda films, project: ["render", films / "0.png", "--overlay", "lungs", "--out", films / "x.png"],
    "frame": lambda films, project: ["render", films / "0.png", "--frame", "3", "--out", films / "x.png"],
    "frame to export": lambda films, project: ["export", films / "0.png", "--frame", "3", "--out", films / "x.npy"],
    "run": lambda films, project: ["cancel", project, "no_such_run"],
    "task": lambda films, project: ["snapshot", project, "--task", "no_such_task"],
    "proposal": lambda films, project: ["review", project, "accept", "feedbeef"],
    "format": lambda films, project: ["annotate", "export", project, "--format", "docx", "--out", films / "x"],
    "option": lambda films, project: ["scan", films, "--colour"],
    "command": lambda films, project: ["scna"],
}

FAILURES: dict[str, Callable[[Path, Path], list[object]]] = {
    "path to scan": lambda films, project: ["scan", films / "gone"],
    "path to render": lambda films, project: ["render", films / "gone", "--out", films / "x.png"],
    "path to export": lambda films, project: ["export", films / "gone", "--out", films / "x.npy"],
    "project": lambda films, project: ["project", "info", films],
    "folder without images to render": lambda films, project: ["render", films.parent / "empty", "--out", "x.png"],
    "folder without images to export": lambda films, project: ["export", films.parent / "empty", "--out", "x.npy"],
}


@pytest.mark.parametrize(
    ("words_of", "code"),
    [(words, 2) for words in UNKNOWN_NAMES.values()] + [(words, 1) for words in FAILURES.values()],
    ids=[*UNKNOWN_NAMES, *FAILURES],
)
def test_a_name_that_cannot_be_is_2_and_what_is_not_on_the_disk_is_1(
    films: Path, project: Path, capsys: Said, words_of: Callable[[Path, Path], list[object]], code: int
) -> None:
    (films.parent / "empty").mkdir()
    words = [str(word) for word in words_of(films, project)]
    capsys.readouterr()

    assert main([*words, "--json"]) == code

    said = capsys.readouterr()
    error = json.loads(said.out)["error"]
    assert set(error) == {"kind", "message"}
    assert error["message"] and error["message"] in said.err
    assert sorted(path.name for path in films.iterdir()) == ["0.png", "1.png"]


@pytest.mark.parametrize(
    "words",
    [["scan"], ["project"], ["project", "create"], ["render", "x", "--frame", "one"], ["--trace"], ["--nonsense"]],
)
def test_wrong_usage_is_the_one_document_too(words: list[str], capsys: Said) -> None:
    assert main(["--json", *words] if words == ["--trace"] else [*words, "--json"]) == 2

    said = capsys.readouterr()
    assert json.loads(said.out)["error"]["message"] in said.err


def test_without_json_wrong_usage_leaves_stdout_empty(capsys: Said) -> None:
    assert main(["scan"]) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("command", "action"),
    [("project", name) for name in ("create", "add", "info", "verify")]
    + [("annotate", name) for name in ("import", "export")],
)
def test_the_help_of_a_nested_command_has_an_example_and_the_common_options(
    command: str, action: str, capsys: Said
) -> None:
    assert main([command, action, "--help"]) == 0

    said = capsys.readouterr().out
    assert f"example:\n  negatoscope {command} {action} " in said
    assert "--json" in said and "--trace" in said


def test_one_is_no_plural(films: Path, project: Path, tmp_path: Path, capsys: Said) -> None:
    assert (counted(1, "image"), counted(0, "image"), counted(2, "image")) == ("1 image", "0 images", "2 images")
    capsys.readouterr()
    for words in (["project", "info", project], ["project", "add", project, films / "0.png"]):
        assert main([str(word) for word in words]) == 0
    assert main(["annotate", "export", str(project), "--format", "csv", "--out", str(tmp_path / "x.csv")]) == 0

    said = capsys.readouterr().out
    assert "1 image, " in said and "0 images added, 1 was there, 0 problems." in said
    assert "1 images" not in said and "1 cases" not in said and "1 patients" not in said


def test_sizes_are_rows_by_cols_with_the_words_everywhere(films: Path, tmp_path: Path, capsys: Said) -> None:
    film = str(films / "0.png")
    for words in (["scan", film], ["render", film, "--out", str(tmp_path / "x.png")]):
        assert main(words) == 0
        assert "30 rows × 20 cols" in capsys.readouterr().out
    assert main(["export", film, "--out", str(tmp_path / "x.npy")]) == 0
    unit = "stored values, without a unit (--values modality: HU and the like)"
    assert capsys.readouterr().out == f"{tmp_path / 'x.npy'}: 30 rows × 20 cols, uint8, {unit}\n"


def test_a_dtype_is_said_in_words(tmp_path: Path, capsys: Said) -> None:
    from viewer.cli.export import _words

    assert _words([3, 30, 20], 3, "<i2") == "3 images of 30 rows × 20 cols, int16"
    assert _words([30, 20, 3], 1, "|u1") == "30 rows × 20 cols, RGB, uint8"
    assert _words([30, 20], 1, ">u2") == "30 rows × 20 cols, uint16, big endian"


def test_a_frame_is_named_where_there_are_several() -> None:
    from viewer.cli.input_images import image_words

    assert image_words("a.png", 0, ["a.png", "b.png"]) == "a.png"
    assert image_words("a.dcm", 0, ["a.dcm", "a.dcm"]) == "a.dcm, frame 0"
    assert image_words("a.dcm", 4, ["a.dcm"]) == "a.dcm, frame 4"


def test_an_unknown_model_to_train_names_those_of_the_tasks_kind(
    project: Path, films: Path, tmp_path: Path, capsys: Said
) -> None:
    table = tmp_path / "films" / "table.csv"
    table.write_text("path,patient,label\n0.png,A,sick\n1.png,B,well\n")
    columns = "image=path,patient=patient,label=label"
    assert (
        main(["annotate", "import", str(project), "--format", "csv", str(table), "--map", columns, "--complete"]) == 0
    )
    words = ["--kind", "classification", "--labels", "sick,well"]
    assert main(["snapshot", str(project), "--task", "t", *words]) == 0
    capsys.readouterr()

    assert main(["train", str(project), "--task", "t", "--model", "no_such_net"]) == 2

    said = capsys.readouterr().err
    assert "resnet18" in said and "no_such_net" in said
    assert "faster_rcnn" not in said and "unet" not in said
