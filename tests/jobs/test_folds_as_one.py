"""The folds of a training as one model, on cases that none of them learnt from."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from ml.card import read_card
from ml.evaluation.collected import Collected
from ml.evaluation.predicting import class_scores, load_trained
from ml.evaluation.seen_cases import SeenCases
from ml.evaluation.several.as_one import take_as_one
from ml.recipe import Recipe, default_recipe
from ml.tasks.outputs import outputs_of
from ml.training.run import prepare, run_training
from tests.jobs.test_external_test import elsewhere
from tests.jobs.test_training_child import made_project
from viewer.cli.main import main
from viewer.core.errors import BadRequest
from viewer.jobs.queue import enqueue
from viewer.project.snapshots.snapshot import Snapshot


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two folds trained beside a test part that was frozen before."""
    project = made_project(tmp_path_factory.mktemp("folds"))
    words = ["--task", "square", "--kind", "classification", "--labels", "well,sick", "--folds", "2"]
    assert main(["snapshot", str(project), *words]) == 0
    snapshot = Snapshot.load(project, task="square")
    for fold in range(2):
        recipe = default_recipe(
            task="square", kind="classification", labels=snapshot.task.labels, model="simple_cnn", run_name="both",
            snapshot_id=snapshot.id, epochs=1, input_px=32, batch_size=4, threads=1, precision="fp32", fold=fold,
        )  # fmt: skip
        run_training(enqueue(project, recipe), snapshot)
    return project


@pytest.fixture
def project(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    shutil.copytree(trained, tmp_path / "project")
    return tmp_path / "project"


def scores_of(project: Path, run: Path, snapshot: Snapshot) -> dict[str, float]:
    """What one network alone says of the shared test cases, by image."""
    card = read_card(run)
    data = prepare(Recipe.from_json(card.recipe), snapshot, project, preprocess=card.preprocess).data
    rows = data.rows_of(snapshot.parts(None)["test"])
    said = class_scores(load_trained(run, card, torch.device("cpu")), data, rows, exclusive=True)[:, 1]
    return dict(zip([data.items[row].image_id for row in rows.tolist()], said.tolist(), strict=True))


def test_folds_as_one_say_the_mean_of_what_each_says(project: Path, tmp_path: Path, capsys) -> None:
    assert main(["evaluate", str(project), "both", "--as-one", "--out", str(tmp_path / "one")]) == 0

    document = json.loads((tmp_path / "one" / "figures.json").read_text())
    snapshot, runs = Snapshot.load(project), sorted((project / "runs").iterdir())
    assert (document["cases"], document["patients"], document["folds"], len(document["runs"])) == (6, 3, 1, 2)
    assert "auc_fold_mean" not in document["answers"]["model"] and document["decides"] == "auc"
    each = [scores_of(project, run, snapshot) for run in runs]
    with (tmp_path / "one" / "cases.csv").open(newline="") as file:
        rows = {row["image"]: row for row in csv.DictReader(file) if row["label"] == "sick"}
    assert rows.keys() == each[0].keys() == each[1].keys()
    for image, row in rows.items():
        assert float(row["score"]) == pytest.approx((each[0][image] + each[1][image]) / 2, abs=1e-5)
    cuts = [read_card(run).threshold for run in runs]
    assert document["thresholds"] == [pytest.approx(np.mean(cuts))]
    assert {row["answer"] for row in rows.values() if float(row["score"]) >= np.mean(cuts)} <= {"yes"}
    assert len(document["model_hashes"]) == 2 and document["notes"][0] == document["ensemble"]
    assert document["ensemble"].startswith("One model of 2 networks, one for each fold")
    said = {item["number"]: item["says"] for item in document["claim"]["items"]}
    assert said["27"] == document["ensemble"]

    # Without it each fold is judged on what it held out.
    assert main(["evaluate", str(project), "both", "--out", str(tmp_path / "each")]) == 0
    plain = json.loads((tmp_path / "each" / "figures.json").read_text())
    assert (plain["cases"], plain["folds"], plain["ensemble"]) == (18, 2, "")
    capsys.readouterr()


def test_folds_are_one_model_on_another_project(project: Path, tmp_path: Path, capsys) -> None:
    """Pooled they would be judged twice on each case, as if it were two."""
    other = elsewhere(tmp_path)

    assert main(["evaluate", str(project), "both", "--snapshot", str(other), "--out", str(tmp_path / "out")]) == 0

    document = json.loads((tmp_path / "out" / "figures.json").read_text())
    assert (document["cases"], document["patients"]) == (16, 8) and document["ensemble"] and document["external"]
    with (tmp_path / "out" / "cases.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 16 * 2  # a row for each of two labels
    capsys.readouterr()


def test_what_cannot_be_one_model_is_refused_in_a_sentence(project: Path, tmp_path: Path, capsys) -> None:
    (first, *_) = sorted((project / "runs").iterdir())
    out = ["--as-one", "--out", str(tmp_path / "out")]
    assert main(["evaluate", str(project), first.name, *out]) == 2
    assert "One run is one model already" in capsys.readouterr().err
    assert main(["evaluate", str(project), "both", "--split", "val", *out]) == 2
    assert "a test part that they share" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def collected(images: list[str], counts: list[int], marks: list[str]) -> Collected:
    seen = SeenCases(part="test", marks=marks)
    return Collected(
        seen=seen, images=images, names=list(images), items=list(images), patients=list(images), counts=counts,
        folds=[0] * len(images), answers={"model": [1, 2]},
    )  # fmt: skip


def test_cases_are_counted_once_and_one_that_some_fold_saw_is_marked(project: Path) -> None:
    card = read_card(sorted((project / "runs").iterdir())[0])

    class Mean:
        def as_one(self, answers):
            return sum(answers) / len(answers)

    both = collected(["a", "b", "a", "b"], [2, 2], ["", "", "", "trained on"])
    one, _ = take_as_one(both, [card, card], Mean())
    assert (both.images, both.patients, both.folds, both.counts) == (["a", "b"], ["a", "b"], [0, 0], [2])
    assert both.answers == {"model": [1.5]} and both.seen.marks == ["", "trained on"]
    assert one.chosen is None and one.threshold == card.threshold
    for images, counts in ((["a", "b", "b", "a"], [2, 2]), (["a", "b", "a"], [2, 1])):
        with pytest.raises(BadRequest, match="different cases of the test part"):
            take_as_one(collected(images, counts, [""] * len(images)), [card, card], Mean())
    for kind in ("segmentation", "detection", "regression"):
        with pytest.raises(BadRequest, match="evaluate one run"):
            take_as_one(collected(["a", "a"], [1, 1], ["", ""]), [card, card], outputs_of(kind))


def test_folds_without_a_shared_test_part_are_refused() -> None:
    from types import SimpleNamespace

    from ml.evaluation.several.as_one import SharedTest

    nothing = SimpleNamespace(parts=lambda fold: {"train": [1], "val": [2], "test": [] if fold is None else [3]})
    with pytest.raises(BadRequest, match="share no test case"):
        SharedTest(of=nothing)


def test_a_snapshot_whose_folds_share_its_test_part_is_not_read_so_twice() -> None:
    from types import SimpleNamespace

    from ml.evaluation.several.as_one import shared_test

    parts = {None: {"train": [1], "val": [2], "test": [3]}, 0: {"train": [2], "val": [1], "test": [4]}}
    once = shared_test(SimpleNamespace(parts=parts.__getitem__), 2)

    assert once.parts(0) == {"train": [2], "val": [1], "test": [3]}
    assert shared_test(once, 2) is once
