"""What a training chooses on its validation part, and keeps: operating points and the calibration."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.metrics import precision_score, recall_score
from torch import nn

from ml.calibration import fitted
from ml.card import read_card
from ml.evaluation.predicting import class_scores, load_trained
from ml.evaluation.report import evaluate_runs
from ml.operating_points import STANDARD
from ml.recipe import default_recipe
from ml.tasks.outputs import outputs_of
from ml.training.checkpoint import read_tensors
from ml.training.loop import LAST
from ml.training.run import prepare, run_training
from viewer.core.errors import BadRequest


def validation_of(folder: Any, card: Any, snapshot: Any, reader: Any) -> tuple[np.ndarray, np.ndarray]:
    """Truth and scores (case, label) of the validation part, asked of the kept weights anew."""
    from ml.recipe import Recipe

    prepared = prepare(
        Recipe.from_json(card.recipe), snapshot, folder.parent.parent, reader=reader, preprocess=card.preprocess
    )
    rows = prepared.rows["val"]
    network = load_trained(folder, card, torch.device("cpu"))
    scores = class_scores(network, prepared.data, rows, exclusive=card.exclusive)
    return prepared.data.labels[rows].astype(np.float64), scores


@pytest.fixture
def trained(disc_films: Any, film_reader: Any, tiny_recipe: Any, new_run: Any) -> Any:
    snapshot = disc_films(count=140)
    folder = new_run(tiny_recipe(epochs=1, operating_point="recall:0.9"))
    return snapshot, folder, run_training(folder, snapshot, reader=film_reader)


def test_the_card_keeps_the_cut_that_the_rule_chose_and_what_it_reached(trained: Any, film_reader: Any) -> None:
    snapshot, folder, card = trained
    truth, scores = validation_of(folder, card, snapshot, film_reader)

    assert card.operating_point == "recall:0.9"
    for text, point in card.chosen.points.items():
        said = scores[:, 1] >= point.cut
        assert point.recall == pytest.approx(recall_score(truth[:, 1], said)), text
        assert point.precision == pytest.approx(precision_score(truth[:, 1], said)), text
    point = card.chosen.points["recall:0.9"]
    assert card.threshold == point.cut and point.recall >= 0.9
    assert set(card.chosen.points) <= {*STANDARD, "recall:0.9"} and "recall:0.95" in card.chosen.points
    assert read_card(folder) == card
    assert "at the cut" in card.notes[-1] and "chosen for recall at least 0.9 on these same cases" in card.notes[-1]


def test_the_calibration_is_that_of_the_validation_part_and_of_nothing_else(trained: Any, film_reader: Any) -> None:
    snapshot, folder, card = trained
    truth, scores = validation_of(folder, card, snapshot, film_reader)

    wanted = fitted(truth, scores, exclusive=True)
    assert card.chosen.calibration.cases == len(truth) < len(snapshot.items)
    assert card.chosen.calibration.slopes == pytest.approx(wanted.slopes, rel=1e-3)
    assert card.chosen.calibration.biases == pytest.approx(wanted.biases, abs=1e-3)
    assert card.chosen.share == pytest.approx(truth[:, 1].mean())
    kept = read_tensors(folder / LAST)[1]["counters"]
    assert kept["best_point"] == "recall:0.9" and kept["best_chosen"] == json.loads(json.dumps(card.chosen.to_json()))


def test_a_report_tells_them_on_the_test_part_before_and_after(trained: Any, film_reader: Any, tmp_path: Any) -> None:
    snapshot, folder, card = trained

    document = evaluate_runs([folder], snapshot, folder.parent.parent, tmp_path / "out", reader=film_reader)

    model = document["answers"]["model"]
    assert document["thresholds"] == [card.threshold]
    assert model["brier_after"]["value"] is not None and "brier_after" not in document["answers"]["most frequent class"]
    used = [one for one in document["operating_points"] if one["in_use"]]
    assert [one["rule"] for one in used] == ["recall:0.9"]
    label = card.labels[1]
    for name in ("sensitivity", "specificity", "ppv"):  # the one in use is the one that is judged
        assert used[0]["figures"][f"{name}:{label}"] == model[f"{name}:{label}"]
    assert any(note.startswith("Calibrated figures: temperature ") for note in document["notes"])
    page = (tmp_path / "out" / "report.html").read_text()
    assert "Operating points" in page and "recall at least 0.9 (in use)" in page and "Brier score, calibrated" in page


def test_too_few_cases_of_a_class_are_no_calibration(disc_films: Any, film_reader: Any, tiny_recipe: Any,
                                                     new_run: Any) -> None:  # fmt: skip
    card = run_training(new_run(tiny_recipe(epochs=1)), disc_films(count=16), reader=film_reader)

    assert card.chosen.calibration is None
    assert "calibration takes 10" in card.chosen.uncalibrated
    assert card.operating_point == ""


def test_a_recipe_refuses_a_rule_that_does_not_fit() -> None:
    two = default_recipe(task="t", kind="classification", labels=("a", "b"), model="simple_cnn", exclusive=True)
    boxes = default_recipe(task="t", kind="detection", labels=("a",), model="center_point", exclusive=False)

    assert replace(two, operating_point="youden").operating_point == "youden"
    assert two.with_settings(["operating_point=recall:0.9"]).operating_point == "recall:0.9"
    for recipe, text, said in (
        (two, "best", "is chosen by recall, precision, youden, cost"),
        (two, "recall:3", "takes a number from 0 to 1"),
        (replace(two, labels=("a", "b", "c")), "recall:0.9", "no cut decides"),
        (boxes, "youden", "does not fit boxes"),
    ):
        with pytest.raises(BadRequest, match=said):
            replace(recipe, operating_point=text)


def test_two_empty_masks_have_no_part_in_the_figure_of_validation(
    disc_films: Any, film_reader: Any, tiny_recipe: Any, new_run: Any
) -> None:
    def figure(films: Any) -> float:
        recipe = tiny_recipe("segmentation")
        prepared = prepare(recipe, films, tmp_project, reader=film_reader)
        data, rows = prepared.data, prepared.rows["val"]
        objective = outputs_of("segmentation").objective(recipe, data, rows)
        # It answers what is true, but for one film, whose answer is as empty as its truth.
        truth = torch.from_numpy(data.cache.masks[rows].astype(np.float32) / 255)

        def told(images: torch.Tensor) -> torch.Tensor:
            part = truth[told.done : told.done + len(images)]
            told.done += len(images)
            return (nn.functional.interpolate(part, size=images.shape[2:]) - 0.4) * 20

        told.done = 0
        found = objective.validate(told, data, rows, batch_size=4)
        return found.metrics["dice"]

    films = disc_films("segmentation", count=16)
    tmp_project = new_run(tiny_recipe("segmentation")).parent.parent
    whole = figure(films)
    for film in films.parts()["val"][:1]:
        film.masks, film.complete = (), True
    films.id = "one is empty"

    assert 0.5 < whole < 1.0
    assert figure(films) == pytest.approx(whole, abs=0.05)


def test_empty_truth_and_empty_answers_alone_are_no_figure(disc_films: Any, film_reader: Any, tiny_recipe: Any,
                                                          new_run: Any) -> None:  # fmt: skip
    films, recipe = disc_films("segmentation", count=16), tiny_recipe("segmentation")
    for film in films.parts()["val"]:
        film.masks, film.complete = (), True
    prepared = prepare(recipe, films, new_run(recipe).parent.parent, reader=film_reader)
    data, rows = prepared.data, prepared.rows["val"]

    found = (
        outputs_of("segmentation")
        .objective(recipe, data, rows)
        .validate(lambda images: torch.full((len(images), 1, 32, 32), -9.0), data, rows, batch_size=4)
    )

    assert np.isnan(found.metrics["dice"]) and np.isnan(found.score)
    assert found.threshold == 0.5
