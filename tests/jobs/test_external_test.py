"""A model judged on another project's snapshot, in one step: all of its cases, labels by their names."""

import csv
import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn import metrics as sk

from ml.card import read_card
from ml.data.cache import cache_key
from ml.data.targets import TaskFacts
from ml.recipe import default_recipe
from ml.training.run import run_training
from tests.jobs.test_training_child import made_project
from viewer.cli.main import main
from viewer.jobs.queue import enqueue
from viewer.project.snapshots.snapshot import Snapshot


def elsewhere(folder: Path, *, labels: tuple[str, str] = ("well", "sick"), kind: str = "classification") -> Path:
    """A project of 16 other films of 8 other patients, with a snapshot whose parts are all used."""
    films = folder / "clinic"
    films.mkdir(parents=True)
    rows = ["path,patient_id,label"]
    rng = np.random.default_rng(7)
    for number in range(16):
        pixels = rng.integers(60, 120, (36, 44)).astype(np.uint8)
        if number % 2:
            pixels[8:24, 10:30] += 110
        Image.fromarray(pixels).save(films / f"clinic {number}.png")
        rows.append(f"clinic {number}.png,Q{number // 2},{labels[number % 2]}")
    (films / "labels.csv").write_text("\n".join(rows) + "\n")
    project = folder / "other"
    assert main(["project", "create", str(project)]) == 0
    assert main(["annotate", "import", str(project), str(films / "labels.csv"), "--format", "csv", "--complete"]) == 0
    words = [
        "--task",
        "shade",
        "--kind",
        kind,
        "--labels",
        ",".join(reversed(labels)),
        "--split",
        "0.5",
        "0.25",
        "0.25",
    ]
    assert main(["snapshot", str(project), *words]) == 0
    return project


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = made_project(tmp_path_factory.mktemp("own"))
    snapshot = Snapshot.load(project, task="square")
    recipe = default_recipe(
        task="square", kind="classification", labels=snapshot.task.labels, model="simple_cnn",
        snapshot_id=snapshot.id, epochs=2, input_px=32, batch_size=4, threads=1, precision="fp32",
    )  # fmt: skip
    run_training(enqueue(project, recipe), snapshot)
    return project


@pytest.fixture
def own(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, str]:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    shutil.copytree(trained, tmp_path / "project")
    (run,) = (tmp_path / "project" / "runs").iterdir()
    return tmp_path / "project", run.name


def evaluate(own: tuple[Path, str], where: str, out: Path, *more: str) -> int:
    return main(["evaluate", str(own[0]), own[1], "--snapshot", where, "--out", str(out), *more])


def test_all_cases_of_another_project_are_judged_and_controls_learn_where_the_model_did(
    own, tmp_path: Path, capsys
) -> None:
    other = elsewhere(tmp_path)
    theirs = Snapshot.load(other)
    there = set(other.rglob("*"))

    assert evaluate(own, f"{other}/snapshots/{theirs.id}", tmp_path / "out") == 0

    document = json.loads((tmp_path / "out" / "figures.json").read_text())
    assert (document["cases"], document["patients"], document["snapshot"]) == (16, 8, theirs.id)
    assert document["external"] == f"the project other, snapshot {theirs.id[:8]}"
    assert document["notes"][0].startswith(f"External test: 16 images of {document['external']}, all that it holds.")
    assert document["leaks"] is None and not any(
        "audit" in note or "negatoscope leaks" in note for note in document["notes"]
    )
    with (tmp_path / "out" / "cases.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["label"] == "sick"]
    assert {row["image"] for row in rows} == {item.image_id for item in theirs.items}
    truth, scores = [row["truth"] == "yes" for row in rows], [float(row["score"]) for row in rows]
    assert document["answers"]["model"]["auc"]["value"] == pytest.approx(sk.roc_auc_score(truth, scores))
    # The controls learnt the share of sick ones from the model's own project (one half), and pixels from there too.
    assert document["answers"]["logistic regression on 32x32"]["auc"]["value"] == 1.0
    said = {item["number"]: item for item in document["claim"]["items"]}
    assert said["32"]["by"] == "author" and "of the project other" in said["33"]["says"]
    assert said["6"]["says"].startswith("Test of a model on other data than its own")
    assert document["opened"]["times"] == 1 and (own[0] / "snapshots" / "openings.jsonl").is_file()
    assert set(other.rglob("*")) == there, "nothing is written there"
    page = (tmp_path / "out" / "report.html").read_text()
    assert "External test: 16 images" in page

    # What both hold is kept apart from what either holds alone.
    both = hashlib.sha256(f"{Snapshot.load(own[0]).id} {theirs.id}".encode()).hexdigest()
    card = read_card(own[0] / "runs" / own[1])
    task = TaskFacts(kind=card.kind, labels=card.labels, exclusive=card.exclusive)
    assert (own[0] / "cache" / cache_key(both, card.preprocess, task) / "cache.json").is_file()

    # The newest snapshot of the project says the same, and its own task's name need not be the model's.
    assert evaluate(own, str(other), tmp_path / "again") == 0
    again = json.loads((tmp_path / "again" / "figures.json").read_text())
    assert again["answers"] == document["answers"] and again["opened"]["times"] == 2
    capsys.readouterr()


def test_labels_of_other_names_are_refused_in_one_sentence(own, tmp_path: Path, capsys) -> None:
    other = elsewhere(tmp_path, labels=("healthy", "sick"))
    capsys.readouterr()

    assert evaluate(own, str(other), tmp_path / "out") == 2

    said = capsys.readouterr().err
    assert f"The model answers well, sick, and the snapshot of {other} holds sick, healthy; labels are matched" in said
    assert not (tmp_path / "out").exists()


def test_the_own_films_found_elsewhere_are_refused_and_a_part_of_elsewhere_is_none(own, tmp_path: Path, capsys) -> None:
    twin = made_project(tmp_path / "twin" if (tmp_path / "twin").mkdir() is None else tmp_path)
    capsys.readouterr()

    assert evaluate(own, str(twin), tmp_path / "out") == 2
    assert "Figures on them say nothing of new patients" in capsys.readouterr().err
    assert evaluate(own, str(twin), tmp_path / "out", "--split", "val") == 2
    assert "All of another project's snapshot is judged" in capsys.readouterr().err
    assert evaluate(own, str(tmp_path / "nowhere"), tmp_path / "out") == 2
    assert f"{tmp_path / 'nowhere'} is neither a project nor PROJECT/snapshots/ID." in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_own_project_by_its_folder_is_no_external_test(own, tmp_path: Path, capsys) -> None:
    assert evaluate(own, str(own[0]), tmp_path / "out") == 0
    document = json.loads((tmp_path / "out" / "figures.json").read_text())
    assert (document["external"], document["cases"]) == ("", 6)
    assert main(["evaluate", str(own[0]), own[1], "--out", str(tmp_path / "plain")]) == 0
    assert document["answers"] == json.loads((tmp_path / "plain" / "figures.json").read_text())["answers"]
    capsys.readouterr()
