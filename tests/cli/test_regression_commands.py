"""A number of each image from the command line: declared, frozen, learned, judged, predicted and explained."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ml.card import write_json
from ml.recipe import default_recipe
from viewer.cli.main import main
from viewer.core.edits import CaseStatusChange, Edit
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.values import Quantity, Target, TargetKind
from viewer.project.answers import say
from viewer.project.project import Project
from viewer.project.snapshots.snapshot import Snapshot

FILMS = 20


def asked(capsys: pytest.CaptureFixture[str], *words: object) -> Any:
    capsys.readouterr()
    assert main([*map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A project of films whose brightness in the middle goes with an age that is known of all but two."""
    films = tmp_path / "films"
    films.mkdir()
    for number in range(FILMS):
        film = np.random.default_rng(number).integers(40, 60, (40, 40)).astype(np.uint8)
        film[10:30, 10:30] += np.uint8(5 * number)
        Image.fromarray(film).save(films / f"f{number:02}.png")
    asked(capsys, "project", "create", tmp_path / "p")
    asked(capsys, "project", "add", tmp_path / "p", films)
    asked(capsys, "project", "attribute", tmp_path / "p", "add", "age", "--number", "a")
    with Project.open(tmp_path / "p", writable=True) as project:
        for image in project.images.all():
            number = int(image.path.stem[1:])
            target = Target(kind=TargetKind.IMAGE, target_id=image.image_id)
            if number < FILMS - 2:
                project.history.do(say(project, target, "age", Quantity(number=20.0 + 3 * number, unit="a")))
            before = project.cases.get(image.case_id).status
            done = CaseStatusChange(case_id=image.case_id, before=before, after=CaseStatus.COMPLETE)
            project.history.do(Edit(text="complete", changes=(done,)))
    return tmp_path


def test_the_whole_way(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from ml.training.run import run_training

    project, run = place / "p", place / "p" / "runs" / "run-1"
    words = ["snapshot", str(project), "--task", "ages", "--kind", "regression", "--split", "0.5", "0.25", "0.25"]
    assert main(words) == 0
    told = capsys.readouterr().out
    assert "regression, of age;" in told and "left out, none of the task's numbers: 2" in told
    snapshot = Snapshot.load(project, task="ages")
    train = len(snapshot.parts()["train"])
    assert f"train: {train} images, {train} patients; age {train}" in told

    recipe = default_recipe(
        task="ages", kind="regression", labels=("age",), model="simple_cnn", input_px=32, batch_size=4, epochs=2,
        threads=1, precision="fp32", device="cpu", snapshot_id=snapshot.id,
    )  # fmt: skip
    run.mkdir(parents=True)
    write_json(run / "config.json", {"recipe": recipe.to_json()})
    run_training(run, snapshot)

    figures = asked(capsys, "evaluate", project, "run-1", "--out", place / "report")
    assert figures["primary"] == "mae:age [a]"
    names = ("mae", "rmse", "r2", "bias", "limit_low", "limit_high")
    assert list(figures["answers"]["model"]) == [f"{name}:age [a]" for name in names]

    film = place / "films" / "f03.png"
    capsys.readouterr()
    assert main(["predict", str(film), "--model", str(run), "--out", str(place / "said.json")]) == 0
    told = capsys.readouterr().out
    (said,) = json.loads((place / "said.json").read_text())["predictions"]
    number = said["numbers"]["age"]
    assert (number["unit"], said["scores"], said["proposals"]) == ("a", {}, [])
    assert f"predicted age {number['number']:.4g} a" in told
    assert "the number of age as the model gives it" in told and "threshold" not in told

    heat = asked(capsys, "explain", film, "--model", run, "--class", "age", "--out", place / "heat.npy")
    assert heat["maps"][0]["unit"] == "a"


def test_a_number_that_nobody_asks_for_is_refused(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["snapshot", str(place / "p"), "--task", "t", "--kind", "regression", "--labels", "weight"]

    assert main(words) == 2
    assert "The project asks images for no number weight; it asks for age." in capsys.readouterr().err


def test_a_network_for_boxes_learns_no_number(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked(capsys, "snapshot", place / "p", "--task", "ages", "--kind", "regression")

    assert main(["train", str(place / "p"), "--task", "ages", "--model", "center_point"]) == 2
    assert "center_point does detection, but the task ages is regression" in capsys.readouterr().err
