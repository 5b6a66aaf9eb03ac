"""Trained runs are judged: folds pooled beside controls, and a threshold that never sees the test part."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ml.evaluation.comparing import compare_classifications
from ml.evaluation.report import evaluate_runs
from ml.training.run import run_training
from viewer.core.errors import BadModel, BadRequest
from viewer.core.shapes.kinds.box import Box


def trained(kind, disc_films, film_reader, tiny_recipe, new_run, **values):
    films = disc_films(kind, count=36)
    folders = []
    for fold in (0, 1, 2):
        folder = new_run(tiny_recipe(kind, fold=fold, run_name="discs", **values), f"fold{fold}")
        run_training(folder, films, reader=film_reader)
        folders.append(folder)
    return films, folders


@pytest.mark.parametrize(
    ("kind", "primary", "controls"),
    [
        (
            "classification",
            "auc",
            {
                "most frequent class",
                "logistic regression on 32x32",
                "header facts only",
                "32x32 with the middle covered",
                "32x32 on shuffled labels",
            },
        ),
        ("detection", "f1", {"mean box"}),
        ("segmentation", "dice", {"mean mask"}),
    ],
)
def test_folds_are_pooled_beside_controls_on_the_same_cases(
    kind, primary, controls, disc_films, film_reader, tiny_recipe, new_run, tmp_path: Path
) -> None:
    films, folders = trained(kind, disc_films, film_reader, tiny_recipe, new_run, epochs=1)

    document = evaluate_runs(folders, films, tmp_path / "project", tmp_path / "out", reader=film_reader)

    assert (document["cases"], document["patients"], document["folds"]) == (36, 18, 3)
    assert document["primary"] == primary
    assert set(document["answers"]) == {"model", *controls}
    assert set(document["against"]) == set(document["answers"]) - {"model"}
    # 18 patients are too few for a word on who is better.
    assert {gap["why"] for gap in document["against"].values()} == {"18 patients are too few, it takes 30"}
    assert "beat" not in document["sentence"]
    with (tmp_path / "out" / "cases.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["image"] for row in rows} == {film.image_id for film in films.items}
    assert {row["part"] for row in rows} == {"test"}
    assert len(rows) == 36 * len(document["labels"])
    by_id = {film.image_id: film for film in films.items}
    assert all(int(row["fold"]) == by_id[row["image"]].fold for row in rows)
    text = (tmp_path / "out" / "figures.json").read_text()
    assert json.loads(text) == json.loads(json.dumps(document, allow_nan=False))
    assert set(document["figures"]) == set(document["answers"]["model"])
    if kind == "classification":
        assert document["answers"]["most frequent class"]["auc_fold_mean"]["value"] == 0.5
        gap = compare_classifications(tmp_path / "out", tmp_path / "out", "sick")
        assert (gap["value"], gap["low"], gap["high"]) == (0, None, None)


def test_the_threshold_does_not_know_the_test_part(
    disc_films, film_reader, tiny_recipe, new_run, tmp_path: Path
) -> None:
    films = disc_films(count=32)
    folder = new_run(tiny_recipe(epochs=1))
    run_training(folder, films, reader=film_reader)
    project = tmp_path / "project"

    before = evaluate_runs([folder], films, project, tmp_path / "a", reader=film_reader)
    for film in films.items:
        if film.part == "test":  # turn the test labels round
            film.labels = {"sick": film.labels["well"], "well": film.labels["sick"]}
    after = evaluate_runs([folder], films, project, tmp_path / "b", reader=film_reader)

    assert before["thresholds"] == after["thresholds"]
    a, b = (document["answers"]["model"] for document in (before, after))
    assert a["accuracy"]["value"] == pytest.approx(1 - b["accuracy"]["value"])


def test_runs_that_do_not_belong_together_are_not_pooled(
    disc_films, film_reader, tiny_recipe, new_run, tmp_path: Path
) -> None:
    films, folders = trained("segmentation", disc_films, film_reader, tiny_recipe, new_run, epochs=1)

    with pytest.raises(BadRequest, match="different folds"):
        evaluate_runs([folders[0], folders[0]], films, tmp_path / "project", tmp_path / "o", reader=film_reader)
    with pytest.raises(BadRequest, match="train, val or test"):
        evaluate_runs(folders, films, tmp_path / "project", tmp_path / "o", part="dev", reader=film_reader)


def poison(module: torch.nn.Module) -> None:
    """Finite weights that no file is refused for, and outputs beyond every number."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.mul_(0).add_(3e38)


@pytest.mark.parametrize("kind", ["classification", "detection", "segmentation"])
def test_no_figure_is_made_of_what_is_no_number(
    kind, disc_films, film_reader, tiny_recipe, new_run, tmp_path: Path, monkeypatch
) -> None:
    from ml.evaluation import report

    films = disc_films(kind, count=16)
    folder = new_run(tiny_recipe(kind, epochs=1))
    run_training(folder, films, reader=film_reader)
    sound = report.load_trained

    def poisoned(*args):
        network = sound(*args)
        poison(network)
        return network

    monkeypatch.setattr(report, "load_trained", poisoned)
    with pytest.raises(BadModel, match=r"run gives no number.*[Tt]rain it again"):
        evaluate_runs([folder], films, tmp_path / "project", tmp_path / "out", reader=film_reader)
    assert not (tmp_path / "out").exists()


def test_a_true_box_without_an_end_is_refused_by_the_name_of_its_film(
    disc_films, film_reader, tiny_recipe, new_run, tmp_path: Path
) -> None:
    films = disc_films("detection", count=16)
    folder = new_run(tiny_recipe("detection", epochs=1))
    run_training(folder, films, reader=film_reader)
    film = next(film for film in films.items if film.part == "train")
    endless = Box(x0_px=1, y0_px=1, x1_px=9, y1_px=9)
    object.__setattr__(endless, "x1_px", float("inf"))  # no entrance lets such a box in by now
    film.boxes = (("disc", endless),)
    film.path = Path("broken film.png")

    with pytest.raises(BadRequest, match=r"broken film\.png has a box with a corner that is not finite"):
        evaluate_runs([folder], films, tmp_path / "project", tmp_path / "out", reader=film_reader)


def test_the_parts_that_chose_the_operating_point_say_so(
    disc_films, film_reader, tiny_recipe, new_run, tmp_path: Path
) -> None:
    films = disc_films(count=16)
    folder = new_run(tiny_recipe(epochs=1))
    run_training(folder, films, reader=film_reader)

    val, test = (
        evaluate_runs([folder], films, tmp_path / "project", tmp_path / part, reader=film_reader, part=part)
        for part in ("val", "test")
    )

    said = "The operating point and the best epoch were chosen on these very cases; the figures are too good."
    assert said in val["notes"]
    assert said not in test["notes"]
    assert np.isfinite(test["answers"]["model"]["auc"]["value"])


@pytest.mark.parametrize(("val", "said"), [("val", "validation"), ("train", "default")])
def test_where_the_cut_comes_from_is_what_happened(
    disc_films: Any, film_reader: Any, tiny_recipe: Any, new_run: Any, tmp_path: Path, val: str, said: str
) -> None:
    made = disc_films(count=16)
    films = type(made)([replace(film, part={"val": val}.get(film.part, film.part)) for film in made.items], name=said)
    folder = new_run(tiny_recipe(epochs=1))
    run_training(folder, films, reader=film_reader)

    document = evaluate_runs([folder], films, tmp_path / "project", tmp_path / "out", reader=film_reader)

    assert document["threshold_from"] == said
    none = "No validation case gave the cut: it is the one that a model begins with."
    assert any(none in note for note in document["notes"]) == (said == "default")
    assert (document["thresholds"] == [0.5]) or said == "validation"
