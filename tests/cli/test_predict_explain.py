"""`predict` and `explain` on files, folders and projects, with a small model made here."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from ml.card import Card, Domain
from ml.catalogue import PreprocessSpec, load_spec
from ml.inference.store import write_model
from viewer.cli.drawing import draw_stamps
from viewer.cli.main import main
from viewer.core.heat import NOT_A_DIAGNOSIS


def a_model(folder: Path, kind: str = "classification", **changed: Any) -> Path:
    name = {"classification": "simple_cnn", "detection": "center_point", "segmentation": "small_unet"}[kind]
    values: dict[str, Any] = {
        "name": f"Test {kind}", "model": name, "kind": kind, "labels": ("clear", "nodule"), "exclusive": False,
        "preprocess": PreprocessSpec(size_px=32), "domain": Domain(), "threshold": 0.1, "metrics": {},
        "snapshot_id": "", "cam_layer": load_spec(name).cam_layer,
    }  # fmt: skip
    torch.manual_seed(3)
    write_model(folder, load_spec(name).build(2, 1), Card(**{**values, **changed}))
    return folder


@pytest.fixture
def films(tmp_path: Path) -> Path:
    folder = tmp_path / "films"
    folder.mkdir()
    rng = np.random.default_rng(5)
    for number in range(3):
        Image.fromarray(rng.integers(0, 255, (40 + number, 30)).astype(np.uint8)).save(folder / f"film{number}.png")
    return folder


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, Any, str]:
    """(exit code, the JSON document, stderr)"""
    code = main([*map(str, words), "--json"])
    captured = capsys.readouterr()
    return code, json.loads(captured.out), captured.err


def test_predict_writes_what_it_answers_with_paths_scores_and_the_operating_point(
    tmp_path: Path, films: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = a_model(tmp_path / "m", threshold=0.4)

    code, document, _ = run(capsys, "predict", films, "--model", model, "--out", tmp_path / "x" / "p.json")

    assert code == 0
    assert json.loads((tmp_path / "x" / "p.json").read_text()) == document
    assert [Path(p["path"]).name for p in document["predictions"]] == ["film0.png", "film1.png", "film2.png"]
    assert all(p["threshold"] == 0.4 and set(p["scores"]) == {"clear", "nodule"} for p in document["predictions"])
    assert document["model"]["model_hash"] == document["predictions"][0]["model_hash"]
    assert document["wording"] == NOT_A_DIAGNOSIS
    assert document["problems"] == [] and document["project"] is None


def test_masks_come_as_runs_or_as_pictures_of_the_image_s_own_size(
    tmp_path: Path, films: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = a_model(tmp_path / "m", "segmentation")
    film = films / "film1.png"

    _, runs, _ = run(capsys, "predict", film, "--model", model, "--out", tmp_path / "r.json")
    _, files, _ = run(capsys, "predict", film, "--model", model, "--out", tmp_path / "f.json", "--masks", "png")

    as_runs = runs["predictions"][0]["proposals"][0]["shape"]
    as_file = files["predictions"][0]["proposals"][0]["shape"]
    mask = np.asarray(Image.open(tmp_path / as_file["file"]))
    drawn = np.zeros((as_runs["rows"], as_runs["cols"]), np.uint8)
    for row, start, end in as_runs["runs"]:
        drawn[row, start:end] = 255
    assert mask.shape == (41, 30)
    assert np.array_equal(mask, drawn)


def test_predictions_are_kept_in_the_project_once(
    tmp_path: Path, films: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from viewer.project.project import Project

    model, folder = a_model(tmp_path / "m"), tmp_path / "project"
    Project.create(folder).close()

    words = ("predict", films, "--project", folder, "--model", model, "--out", tmp_path / "p.json")
    code, document, error = run(capsys, *words)
    assert code == 0 and len(document["predictions"]) == 3 and document["kept_in_project"] == 0
    assert "3 images are not in the project" in error and "--add puts images in first" in error
    with Project.open(folder, writable=False) as project:
        assert project.images.count() == 0, "a question changes no project"

    assert run(capsys, *words, "--add")[1]["kept_in_project"] == 3
    code, document, _ = run(capsys, "predict", folder, "--model", model, "--out", tmp_path / "p.json")

    assert code == 0 and len(document["predictions"]) == 3 and document["project"] == str(folder)
    with Project.open(folder, writable=False) as project:
        kept = [project.predictions.latest(record.image_id) for record in project.images.all()]
        assert len(project.predictions.all()) == 6  # two labels, three films
    ids = {p.prediction_id for p in kept if p is not None}
    assert ids == {p["prediction_id"] for p in document["predictions"]}


def test_a_model_is_found_in_the_project_by_the_beginning_of_its_name(
    tmp_path: Path, films: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from viewer.project.project import Project

    folder = tmp_path / "project"
    Project.create(folder).close()
    a_model(folder / "runs" / "20261121-1200-nodule-1a2b")

    words = ("predict", films / "film0.png", "--project", folder, "--out", tmp_path / "p.json")
    assert run(capsys, *words, "--model", "20261121")[0] == 0
    code, document, error = run(capsys, *words, "--model", "20271121")

    assert code == 2 and document["error"]["kind"] == "UnknownName"
    assert error.strip().count("\n") == 0


def test_an_image_outside_the_domain_is_refused_in_one_sentence_and_run_anyway_stamps_it(
    tmp_path: Path, films: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = a_model(tmp_path / "m", domain=Domain(modality=("DX",), phantom=True))
    words = ("predict", films / "film0.png", "--model", model, "--out", tmp_path / "p.json")

    code, document, error = run(capsys, *words)
    assert code == 1 and document["error"]["kind"] == "OutsideDomain"
    assert "phantom" in error and "add --run-anyway" in error and not (tmp_path / "p.json").exists()

    code, document, _ = run(capsys, *words, "--run-anyway")
    assert code == 0 and "phantom" in document["predictions"][0]["outside_domain"]
    heat = ("explain", films / "film0.png", "--model", model, "--class", "nodule", "--out", tmp_path / "h.npy")
    assert run(capsys, *heat)[0] == 1
    code, document, _ = run(capsys, *heat, "--run-anyway")
    assert code == 0 and "outside its domain" in document["maps"][0]["checks"]
    run(capsys, *heat[:-1], tmp_path / "h.png", "--run-anyway")
    with Image.open(tmp_path / "h.png") as picture:
        assert "outside its domain" in picture.info["Description"]  # the stamp travels with the picture
        grey = np.asarray(picture.convert("L"))
    assert (grey[4] < 60).mean() > 0.8, "no dark ground of a stamp at the upper edge"


def test_a_stamp_is_written_large_where_there_is_room() -> None:
    grey = draw_stamps(np.full((300, 400, 3), 128, np.uint8), ("Outside its domain",))[:, :, 0]

    ground = np.argwhere(grey == 0)
    assert ground.min(axis=0)[0] == 4 and ground.max(axis=0)[0] <= 22
    assert 100 < np.ptp(ground[:, 1]) < 140, "about the width of 18 letters at 12 px, in the middle"
    assert abs(int(ground[:, 1].min()) + int(ground[:, 1].max()) - 399) <= 1
    assert grey.max() > 200


def test_one_bad_file_is_a_problem_and_the_rest_is_answered(
    tmp_path: Path, films: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (films / "film1.png").write_bytes((films / "film1.png").read_bytes()[:60])

    code, document, error = run(
        capsys, "predict", films, "--model", a_model(tmp_path / "m"), "--out", tmp_path / "p.json"
    )

    assert code == 0
    assert len(document["predictions"]) == 2
    assert [Path(p["path"]).name for p in document["problems"]] == ["film1.png"]
    assert "film1.png" in error


def test_explain_writes_the_unscaled_map_and_the_overlay(
    tmp_path: Path, films: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, film = a_model(tmp_path / "m"), films / "film0.png"
    words = ("explain", film, "--model", model, "--class", "nodule", "--method", "gradcam")

    code, document, _ = run(capsys, *words, "--out", tmp_path / "heat.npy")
    assert code == 0
    grid = np.load(tmp_path / "heat.npy")
    (one,) = document["maps"]
    assert grid.shape == (2, 2) == (one["rows"], one["cols"])
    assert grid.dtype == np.float32
    assert one["maximum"] == pytest.approx(float(grid.max()))
    assert one["checks"] == "Map not checked"
    assert one["box"] == [0, 0, 30, 40]
    assert "grid_b64" not in one
    assert document["wording"] == NOT_A_DIAGNOSIS

    code, document, _ = run(capsys, *words, "--out", tmp_path / "heat.png")
    picture = np.asarray(Image.open(tmp_path / "heat.png"))
    plain = np.asarray(Image.open(film))
    assert picture.shape == (40, 30, 3)
    tinted = (picture[:, :, 0] != picture[:, :, 2]).any()
    assert tinted if grid.max() > 0 else document["maps"][0]["note"] == "No positive evidence"
    assert plain.shape == (40, 30)


def test_the_picture_of_a_map_says_what_is_known_of_its_worth(
    tmp_path: Path, films: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stamped: list[str] = []

    def heard(rgb: np.ndarray, stamps: Sequence[str]) -> np.ndarray:
        stamped.extend(stamps)
        return draw_stamps(rgb, stamps)

    monkeypatch.setattr("viewer.cli.drawing.draw_stamps", heard)
    model = a_model(tmp_path / "m")

    code, document, _ = run(
        capsys, "explain", films / "film0.png", "--model", model, "--class", "nodule", "--out", tmp_path / "heat.png"
    )

    assert code == 0 and document["maps"][0]["checks"] == "Map not checked"
    assert stamped[-1].startswith("Map not checked · maximum ")


def test_another_layer_is_read_where_it_is_named(
    tmp_path: Path, films: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("explain", films / "film0.png", "--model", a_model(tmp_path / "m"), "--class", "nodule")
    _, plain, _ = run(capsys, *words, "--out", tmp_path / "own.npy")
    (own,) = plain["maps"]
    finer = max(own["layers"], key=lambda layer: layer[1])
    assert finer[1] > own["rows"]

    code, document, _ = run(capsys, *words, "--out", tmp_path / "other.npy", "--layer", finer[0])
    assert code == 0 and np.load(tmp_path / "other.npy").shape == (finer[1], finer[2])

    code, document, _ = run(capsys, *words, "--out", tmp_path / "none.npy", "--layer", "layer77")
    assert code == 2 and "'layer77'" in document["error"]["message"] and finer[0] in document["error"]["message"]
    assert not (tmp_path / "none.npy").exists()


def test_several_images_are_explained_into_a_folder(
    tmp_path: Path, films: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("explain", films, "--model", a_model(tmp_path / "m"), "--class", "clear")

    code, document, _ = run(capsys, *words, "--out", tmp_path / "heat")
    assert code == 0 and len(document["maps"]) == 3
    assert len(list((tmp_path / "heat").glob("*.png"))) == len(list((tmp_path / "heat").glob("*.npy"))) == 3

    code, document, _ = run(capsys, *words, "--out", tmp_path / "heat.png")
    assert code == 2 and "folder" in document["error"]["message"]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("--class", "zebra"), 2, "its labels are clear, nodule"),
        (("--class", "clear", "--frame", "7"), 2, "no frame 7"),
        (("--class", "clear", "--run-anyway", "--project", "nowhere"), 1, "no project"),
    ],
)
def test_what_does_not_fit_is_one_sentence(
    tmp_path: Path, films: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int, says: str
) -> None:
    model = a_model(tmp_path / "m")

    found, document, _ = run(
        capsys, "explain", films / "film0.png", "--model", model, "--out", tmp_path / "x.png", *words
    )

    assert found == code
    assert says in document["error"]["message"]


def test_a_poisoned_weights_file_is_refused_and_nothing_in_it_runs(
    tmp_path: Path, films: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import pickle

    class Planted:
        def __reduce__(self) -> Any:
            return (Path.touch, (tmp_path / "planted",))

    (tmp_path / "weights.pt").write_bytes(pickle.dumps(Planted()))

    code, document, _ = run(capsys, "predict", films, "--model", tmp_path / "weights.pt", "--out", tmp_path / "p.json")

    assert code == 1 and document["error"]["kind"] == "BadModel"
    assert not (tmp_path / "planted").exists()


def test_without_torch_the_sentence_names_what_to_install(
    tmp_path: Path, films: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.util

    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "torch" else find(name, *rest))

    for words in (("predict",), ("explain", "--class", "nodule")):
        code, document, _ = run(capsys, words[0], films, "--model", "x", "--out", tmp_path / "p.json", *words[1:])
        assert code == 1 and document["error"]["kind"] == "MissingExtra"
