"""Figures against libraries, intervals by patient, controls, and a threshold that never sees the test part."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.evaluation.average_precision import weighted_precision
from ml.evaluation.boxes import BoxCase, case_iou, choose_threshold, mean_iou, mean_precision
from ml.evaluation.classes import guesses
from ml.evaluation.comparing import compare_classifications
from ml.evaluation.intervals import interval, patient_weights
from ml.evaluation.metrics import accuracy_threshold, auc, aucs, box_iou, dice, f1, matched_ious
from ml.evaluation.outcome import ClassOutcome, MaskOutcome
from ml.evaluation.report import evaluate_runs
from ml.training.run import run_training
from viewer.core.errors import BadRequest


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(4, 60), levels=st.integers(2, 9))
def test_auc_equals_scikit_learn_with_ties_and_weights(seed: int, count: int, levels: int) -> None:
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(seed)
    truth = rng.random(count) < 0.4
    truth[:2] = (True, False)
    scores = rng.integers(0, levels, count) / levels
    weights = rng.integers(0, 4, count).astype(float)
    weights[:2] = 1

    assert auc(truth, scores) == pytest.approx(roc_auc_score(truth, scores))
    assert auc(truth, scores, weights) == pytest.approx(roc_auc_score(truth, scores, sample_weight=weights))


def test_auc_of_one_class_is_not_defined() -> None:
    assert np.isnan(auc(np.ones(3, bool), np.arange(3.0)))
    assert np.isnan(aucs(np.zeros(3, bool), np.arange(3.0), np.ones((2, 3)))).all()


def test_dice_of_two_empty_masks_is_one_and_of_one_empty_mask_nought() -> None:
    empty, some = np.zeros((4, 4), bool), np.eye(4, dtype=bool)

    assert (dice(empty, empty), dice(empty, some), dice(some, empty), dice(some, some)) == (1, 0, 0, 1)


def test_overlap_of_the_worked_example() -> None:
    a, b = np.array([[0.0, 0, 4, 4]]), np.array([[2.0, 2, 6, 6]])

    assert box_iou(a, b)[0, 0] == pytest.approx(4 / 28)


def test_each_true_box_has_one_prediction_of_its_own_label() -> None:
    truth = np.array([[0.0, 0, 10, 10], [20, 0, 30, 10]])
    boxes = np.array([[20.0, 0, 30, 10], [0, 0, 10, 10], [0, 0, 10, 10]])

    same = matched_ious(truth, np.array([0, 0]), boxes, np.array([0, 0, 0]), np.array([0.9, 0.8, 0.7]))
    other = matched_ious(truth, np.array([0, 1]), boxes, np.array([0, 0, 0]), np.array([0.9, 0.8, 0.95]))

    assert same.tolist() == [1, 1]
    assert other.tolist() == [1, 0]


def random_cases(seed: int) -> list[BoxCase]:
    rng = np.random.default_rng(seed)
    cases = []
    for _ in range(8):
        corner = rng.uniform(0, 60, (rng.integers(0, 4), 2))
        truth = np.concatenate([corner, corner + rng.uniform(8, 40, corner.shape)], axis=1)
        labels = rng.integers(0, 2, len(truth))
        near = truth + rng.normal(0, 3, truth.shape)
        corner = rng.uniform(0, 60, (2, 2))
        wrong = np.concatenate([corner, corner + 20], axis=1)
        boxes = np.concatenate([near, wrong])
        found = np.concatenate([labels, rng.integers(0, 2, 2)])
        cases.append(
            BoxCase(truth=truth, truth_labels=labels, boxes=boxes, labels=found, scores=rng.random(len(boxes)))
        )
    return cases


@pytest.mark.parametrize("seed", range(6))
def test_our_weighted_precision_equals_the_library_at_weights_of_one(seed: int) -> None:
    cases = random_cases(seed)

    ours = weighted_precision(cases, 2, np.ones((1, len(cases))))
    theirs = mean_precision(cases, 2)

    assert {name: float(value[0]) for name, value in ours.items()} == pytest.approx(theirs, abs=1e-6)


def test_a_case_drawn_twice_counts_twice() -> None:
    cases = random_cases(3)
    weights = np.array([[2.0, 0, 1, 1, 0, 3, 1, 0]])
    copies = [case for case, times in zip(cases, weights[0], strict=True) for _ in range(int(times))]

    drawn = weighted_precision(cases, 2, weights)["map"][0]

    assert drawn == pytest.approx(mean_precision(copies, 2)["map"], abs=1e-3)  # ties of the copies order freely


def test_boxes_without_truth_have_no_precision() -> None:
    empty = BoxCase(
        truth=np.zeros((0, 4)),
        truth_labels=np.zeros(0, np.int64),
        boxes=np.zeros((0, 4)),
        labels=np.zeros(0, np.int64),
        scores=np.zeros(0),
    )

    assert np.isnan(mean_precision([empty], 1)["map"])
    assert np.isnan(mean_iou([empty]))
    assert case_iou(empty) == 1
    assert choose_threshold([empty]) == 0.5


def test_films_of_a_patient_are_drawn_together() -> None:
    weights = patient_weights(["a", "b", "a", "c"], draws=200)

    assert (weights[:, 0] == weights[:, 2]).all()
    assert (weights[:, [0, 1, 3]].sum(axis=1) == 3).all()
    assert np.array_equal(weights, patient_weights(["a", "b", "a", "c"], draws=200))


def test_many_films_of_few_patients_give_a_wider_interval() -> None:
    rng = np.random.default_rng(0)
    level = np.repeat(rng.normal(0.7, 0.2, 10), 20)

    def width(patients: list[str]) -> float:
        outcome = MaskOutcome(dice=level[:, None], present=np.ones((200, 1), bool), labels=("x",))
        figure = interval(0.7, outcome.figures(patient_weights(patients))["dice"])
        return figure.high - figure.low

    assert width([f"p{i // 20}" for i in range(200)]) > 3 * width([f"p{i}" for i in range(200)])


def test_a_threshold_maximises_accuracy_and_stays_near_the_middle() -> None:
    truth, scores = np.array([False, False, True, True]), np.array([0.1, 0.3, 0.9, 0.95])

    assert accuracy_threshold(truth, scores) == pytest.approx(0.6)
    assert guesses(np.array([[0.5, 0.5], [0.3, 0.7]]), 0.6, exclusive=True)[:, 1].tolist() == [False, True]


def test_unknown_labels_change_no_figure() -> None:
    nan = np.nan
    truth = np.array([[1, 0], [0, 1], [1, nan], [0, nan], [nan, 1], [nan, 0]])
    scores = np.array([[0.9, 0.2], [0.1, 0.8], [0.8, 0.99], [0.4, 0.01], [0.99, 0.7], [0.01, 0.3]])

    def figures(values: np.ndarray) -> dict[str, float]:
        outcome = ClassOutcome(
            truth=truth,
            scores=values,
            thresholds=np.full(6, 0.5),
            folds=np.zeros(6, np.int64),
            labels=("a", "b"),
            exclusive=False,
        )
        return {name: float(value[0]) for name, value in outcome.figures(np.ones((1, 6))).items()}

    assert figures(scores) == figures(np.where(np.isnan(truth), 0.5 - scores, scores))
    assert figures(scores)["auc"] == 1.0


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
        ("classification", "auc", {"most frequent class", "logistic regression on 32x32", "header facts only"}),
        ("detection", "iou", {"mean box"}),
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
    figure = document["answers"]["model"][primary]
    assert figure["low"] <= figure["value"] <= figure["high"]
    assert set(document["against"]) == controls
    with (tmp_path / "out" / "cases.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["image"] for row in rows} == {film.image_id for film in films.items}
    assert {row["part"] for row in rows} == {"test"}
    by_id = {film.image_id: film for film in films.items}
    assert all(int(row["fold"]) == by_id[row["image"]].fold for row in rows)
    assert json.loads((tmp_path / "out" / "figures.json").read_text())["cases"] == 36
    if kind == "classification":
        assert document["answers"]["most frequent class"]["auc_fold_mean"]["value"] == 0.5
        gap = compare_classifications(tmp_path / "out", tmp_path / "out", "sick")
        assert (gap["value"], gap["low"], gap["high"]) == (0, 0, 0)


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


def test_macro_f1_of_nothing_found_and_nothing_there_is_nought() -> None:
    assert f1(np.zeros(3, bool), np.zeros(3, bool)) == 0
