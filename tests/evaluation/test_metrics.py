"""Figures against libraries and by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.evaluation.metrics import accuracy_threshold, auc, aucs, box_iou, dice, f1, f1_threshold, matched_ious

INTS = np.int64


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


def test_auc_of_one_class_of_nothing_and_of_what_is_no_number_is_not_defined() -> None:
    assert np.isnan(auc(np.ones(3, bool), np.arange(3.0)))
    assert np.isnan(aucs(np.zeros(3, bool), np.arange(3.0), np.ones((2, 3)))).all()
    assert aucs(np.zeros(0, bool), np.zeros(0), np.ones((2, 0))).shape == (2,)
    broken = aucs(np.array([True, False, True]), np.array([0.2, np.nan, 0.9]), np.ones((2, 3)))
    assert broken.shape == (2,)
    assert np.isnan(broken).all()


def test_ties_count_half() -> None:
    assert auc(np.array([True, False]), np.array([0.5, 0.5])) == 0.5
    assert auc(np.array([True, True, False, False]), np.array([0.9, 0.5, 0.5, 0.1])) == 3.5 / 4


def test_dice_of_two_empty_masks_is_not_defined_and_of_one_empty_mask_nought() -> None:
    empty, some = np.zeros((4, 4), bool), np.eye(4, dtype=bool)

    assert np.isnan(dice(empty, empty))
    assert (dice(empty, some), dice(some, empty), dice(some, some)) == (0, 0, 1)


def test_dice_of_half_an_overlap() -> None:
    a, b = np.array([[True, True, True, False]]), np.array([[False, True, False, False]])

    assert dice(a, b) == 2 * 1 / (3 + 1)


def test_f1_equals_scikit_learn_under_weights() -> None:
    from sklearn.metrics import f1_score

    truth = np.array([True, True, False, True, False, False])
    guess = np.array([True, False, True, True, False, False])
    weights = np.array([1.0, 2, 3, 1, 1, 5])

    assert f1(truth, guess) == pytest.approx(f1_score(truth, guess))
    assert f1(truth, guess, weights) == pytest.approx(f1_score(truth, guess, sample_weight=weights))
    assert f1(np.zeros(3, bool), np.zeros(3, bool)) == 0


def test_overlap_of_the_worked_example() -> None:
    a = np.array([[0.0, 0, 4, 4], [10, 20, 14, 22]])
    b = np.array([[2.0, 2, 6, 6], [0, 0, 4, 4], [12, 20, 16, 24]])

    assert box_iou(a, b) == pytest.approx(np.array([[4 / 28, 1, 0], [0, 0, 4 / 20]]))


def test_boxes_without_an_area_overlap_with_nothing() -> None:
    point = np.array([[1.0, 1, 1, 1]])

    assert box_iou(point, point)[0, 0] == 0
    assert box_iou(np.array([[0.0, 0, 0.5, 0.5]]), np.array([[0.0, 0, 0.5, 1]]))[0, 0] == pytest.approx(0.5)


def test_each_true_box_has_one_prediction_of_its_own_label() -> None:
    truth = np.array([[0.0, 0, 10, 10], [20, 0, 30, 10]])
    boxes = np.array([[20.0, 0, 30, 10], [0, 0, 10, 10], [0, 0, 10, 10]])

    same = matched_ious(truth, np.array([0, 0]), boxes, np.array([0, 0, 0]), np.array([0.9, 0.8, 0.7]))
    other = matched_ious(truth, np.array([0, 1]), boxes, np.array([0, 0, 0]), np.array([0.9, 0.8, 0.95]))

    assert same.tolist() == [1, 1]
    assert other.tolist() == [1, 0]


def test_one_prediction_is_the_overlap_of_one_true_box_only_and_the_sum_is_largest() -> None:
    truth = np.array([[0.0, 0, 10, 10], [0, 0, 10, 9]])
    one = np.array([[0.0, 0, 10, 10]])
    two = np.array([[0.0, 0, 10, 10], [0, 0, 10, 9]])

    assert matched_ious(truth, np.zeros(2, INTS), one, np.zeros(1, INTS), np.ones(1)).tolist() == [1, 0]
    crossed = matched_ious(truth, np.zeros(2, INTS), two[::-1], np.zeros(2, INTS), np.array([0.9, 0.8]))
    assert crossed.tolist() == [1, 1]


def test_no_prediction_and_no_truth_give_no_overlap() -> None:
    nothing = np.zeros((0, 4))
    box = np.array([[0.0, 0, 1, 1]])

    assert matched_ious(box, np.zeros(1, INTS), nothing, np.zeros(0, INTS), np.zeros(0)).tolist() == [0]
    assert matched_ious(nothing, np.zeros(0, INTS), box, np.zeros(1, INTS), np.ones(1)).tolist() == []


def test_a_threshold_maximises_accuracy_and_stays_near_the_middle() -> None:
    assert accuracy_threshold(np.array([False, False, True, True]), np.array([0.1, 0.3, 0.9, 0.95])) == pytest.approx(
        0.6
    )
    assert accuracy_threshold(np.array([False, True, False, True]), np.array([0.1, 0.2, 0.3, 0.9])) == pytest.approx(
        0.6
    )
    # 0.05 and 0.6 are as good; 0.6 is the nearer.
    assert accuracy_threshold(np.array([False, True, False, True]), np.array([0.0, 0.1, 0.3, 0.9])) == pytest.approx(
        0.6
    )
    assert accuracy_threshold(np.zeros(0, bool), np.zeros(0)) == 0.5


@pytest.mark.parametrize("positive", [True, False])
def test_a_threshold_of_one_class_lies_within_nought_and_one(positive: bool) -> None:
    scores = np.array([0.2, 0.9])

    cut = accuracy_threshold(np.full(2, positive), scores)

    assert ((scores >= cut) == positive).all()
    assert cut == pytest.approx(0.1 if positive else 0.95)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000), count=st.integers(2, 12))
def test_no_cut_is_better_than_the_chosen_ones(seed: int, count: int) -> None:
    from sklearn.metrics import f1_score

    rng = np.random.default_rng(seed)
    truth, scores = rng.random(count) < 0.5, rng.random(count)
    truth[0] = True
    tries = [scores >= cut for cut in (*scores, 0.0, 1.0)]

    right = np.mean((scores >= accuracy_threshold(truth, scores)) == truth)
    best = f1_score(truth, scores >= f1_threshold(truth, scores), zero_division=0)

    assert right == pytest.approx(max(np.mean(guess == truth) for guess in tries))
    assert best == pytest.approx(max(f1_score(truth, guess, zero_division=0) for guess in tries))


def test_a_threshold_by_f1_is_the_nearest_to_a_half_of_the_best() -> None:
    assert f1_threshold(np.array([False, True]), np.array([0.1, 0.9])) == 0.5
    assert f1_threshold(np.array([False, True]), np.array([0.6, 0.9])) == pytest.approx(0.75)
    assert f1_threshold(np.array([True, True]), np.array([0.2, 0.4])) == pytest.approx(0.1)
    assert f1_threshold(np.array([False, False]), np.array([0.6, 0.9])) == 0.5
