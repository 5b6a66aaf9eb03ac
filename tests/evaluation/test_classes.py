"""Whole-image labels: the operating point from validation, the answer at it, and areas under the curve."""

import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from ml.evaluation.class_outcome import ClassOutcome
from ml.evaluation.classes import choose_threshold, guesses, single_class_note

NAN = float("nan")


def two(second) -> np.ndarray:
    second = np.asarray(second, np.float64)
    return np.stack([1 - second, second], axis=1)


def test_two_exclusive_labels_are_cut_where_most_are_right() -> None:
    truth, scores = two([0, 0, 1, 1]), two([0.1, 0.3, 0.9, 0.95])

    cut = choose_threshold(truth, scores, exclusive=True)

    assert cut == pytest.approx(0.6)
    assert guesses(scores, cut, exclusive=True)[:, 1].tolist() == [False, False, True, True]
    assert guesses(two([0.5, 0.7]), 0.6, exclusive=True).tolist() == [[True, False], [False, True]]
    assert guesses(two([0.6]), 0.6, exclusive=True)[0, 1]  # at or above


def test_a_low_cut_is_chosen_where_scores_are_low() -> None:
    truth, scores = two([0, 0, 1, 1]), two([0.01, 0.05, 0.1, 0.3])

    assert choose_threshold(truth, scores, exclusive=True) == pytest.approx(0.075)


def test_unknown_cases_choose_no_cut() -> None:
    truth = np.array([[1.0, 0], [0, 1], [NAN, NAN]])

    assert choose_threshold(truth, two([0.1, 0.2, 0.9]), exclusive=True) == pytest.approx(0.15)
    assert choose_threshold(np.full((2, 2), NAN), two([0.1, 0.2]), exclusive=True) == 0.5
    independent = np.array([[0.0], [1.0], [NAN]])
    assert choose_threshold(independent, np.array([[0.1], [0.2], [0.9]]), exclusive=False) == pytest.approx(0.15)
    assert choose_threshold(np.full((2, 1), NAN), np.array([[0.1], [0.2]]), exclusive=False) == 0.5


def test_several_labels_are_cut_together_by_f1() -> None:
    rng = np.random.default_rng(0)
    truth = (rng.random((30, 3)) < 0.4).astype(float)
    scores = rng.random((30, 3)) * 0.5 + truth * 0.2

    cut = choose_threshold(truth, scores, exclusive=False)

    best = f1_score(truth.ravel(), scores.ravel() >= cut)
    assert best == pytest.approx(max(f1_score(truth.ravel(), scores.ravel() >= value) for value in scores.ravel()))
    assert guesses(scores, cut, exclusive=False).tolist() == (scores >= cut).tolist()


def test_of_three_exclusive_labels_the_highest_wins_at_any_cut() -> None:
    scores = np.array([[0.2, 0.3, 0.5], [0.4, 0.35, 0.25]])

    assert choose_threshold(np.eye(3)[[2, 0]], scores, exclusive=True) == 0.5
    for cut in (0.0, 0.5, 0.9):
        assert guesses(scores, cut, exclusive=True).tolist() == [[False, False, True], [True, False, False]]


def areas(truth, scores, weights, *, exclusive: bool):
    labels = tuple("abc"[: truth.shape[1]])
    outcome = ClassOutcome(
        truth=truth, scores=scores, thresholds=np.full(len(truth), 0.5), folds=np.zeros(len(truth), np.int64),
        labels=labels, exclusive=exclusive,
    )  # fmt: skip
    return outcome.measures()["auc"].values(weights)


def test_the_area_is_the_mean_over_labels_that_have_one() -> None:
    truth = np.array([[1.0, 0, NAN], [0, 1, NAN], [1, 1, 1], [0, 0, 1]])
    scores = np.array([[0.9, 0.3, 0.1], [0.8, 0.2, 0.1], [0.7, 0.9, 0.1], [0.1, 0.4, 0.1]])
    ones = np.ones((1, 4))

    wanted = np.mean([roc_auc_score(truth[:, i], scores[:, i]) for i in (0, 1)])
    assert areas(truth, scores, ones, exclusive=False)[0] == pytest.approx(wanted)
    three = [roc_auc_score(np.eye(3)[[0, 1, 2, 0]][:, i], scores[:, i]) for i in range(3)]
    exclusive = areas(np.eye(3)[[0, 1, 2, 0]], scores, ones, exclusive=True)
    assert exclusive[0] == pytest.approx(np.mean(three))
    ordered = np.stack([np.zeros(4), [0.1, 0.8, 0.7, 0.2]], axis=1)  # the first column alone would give a half
    assert areas(two([0, 1, 1, 0]), ordered, ones, exclusive=True)[0] == 1.0


def test_a_draw_without_a_class_has_no_area() -> None:
    truth, scores = two([0, 1, 1]), two([0.1, 0.2, 0.9])

    drawn = areas(truth, scores, np.array([[1.0, 1, 1], [0, 2, 1], [3, 0, 0], [1, 0, 2]]), exclusive=True)

    assert np.isnan(drawn).tolist() == [False, True, True, False]


def test_labels_of_one_class_are_named() -> None:
    truth = np.array([[1.0, 0, NAN], [0, 0, NAN]])

    assert single_class_note(truth, ("a", "b", "c"), exclusive=False) == (
        "No AUC for b, c: the cases hold one class only."
    )
    assert single_class_note(truth[:, :1], ("a",), exclusive=False) == ""
    assert single_class_note(two([1, 1]), ("well", "sick"), exclusive=True) == (
        "No AUC for sick: the cases hold one class only."
    )
    assert single_class_note(two([1, 0]), ("well", "sick"), exclusive=True) == ""
    three = single_class_note(np.eye(3)[[1, 2]], ("a", "b", "c"), exclusive=True)
    assert three == "No AUC for a: the cases hold one class only."
