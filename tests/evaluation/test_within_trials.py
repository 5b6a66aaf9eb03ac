"""A share is no less certain than one of whole patients: where a single one errs, the spread alone told nothing, and a
model of an AUC of 0.95 was said to be perhaps at 0.31, and not clearly better than guessing."""

import numpy as np
import pytest
from scipy.stats import beta, binomtest

from ml.evaluation.comparing import apart, difference, verdict
from ml.evaluation.figures.any_scores import cut_measures
from ml.evaluation.intervals import APART, LEFT_OUT, WITHIN, Figure, within_both, within_trials
from ml.evaluation.leaving_out import Groups, equal_patients
from ml.evaluation.measures import MeanOf, OfSums, Ranking, Share, figure_of


def films(patients: int, each: int) -> Groups:
    return Groups.of([f"P{patient:03}" for patient in range(patients) for _ in range(each)])


def right(groups: Groups, *wrong: int) -> Share:
    """Of cases that are right but for all of these patients."""
    hits = np.ones(len(groups.patients))
    hits[np.isin(groups.patients, wrong)] = 0
    return Share(top=hits, bottom=np.ones_like(hits), counted=True)


def test_of_one_patient_who_errs_a_share_has_the_exact_interval_of_its_patients() -> None:
    groups = films(30, 2)
    exact = binomtest(29, 30).proportion_ci(method="exact")

    found = figure_of(right(groups, 4), groups)

    assert found.value == pytest.approx(29 / 30)
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high))  # by the spread alone from 0.35
    assert found.method == LEFT_OUT + WITHIN.format("30 patients")


def test_a_share_whose_spread_tells_more_keeps_its_interval() -> None:
    """One film of two is wrong of every patient, so patients are alike, and two films tell more than one."""
    groups = films(60, 2)
    hits = np.tile([1.0, 0.0], 60)
    hits[:6] = [1, 1, 0, 0, 1, 1]

    found = figure_of(Share(top=hits, bottom=np.ones_like(hits), counted=True), groups)

    exact = binomtest(31, 60).proportion_ci(method="exact")
    assert exact.low < found.low < found.value < found.high < exact.high
    assert found.method == LEFT_OUT


def test_patients_of_unequal_weight_count_as_fewer() -> None:
    patients = np.array([0, 1, 2, 2])

    assert equal_patients(patients, np.ones(4)) == pytest.approx(16 / 6)
    assert equal_patients(patients, np.array([1, 0, 0, 0])) == 1
    assert equal_patients(patients, np.zeros(4)) == 0
    assert equal_patients(np.array([], np.int64), np.array([])) == 0


def ranked(low_one: float = 0.0) -> tuple[Ranking, Groups]:
    """15 patients without and 18 with a label, in order but for one with it, whose score is `low_one`."""
    truth = np.r_[np.zeros(15), np.ones(18)]
    scores = np.r_[np.linspace(0.1, 0.45, 15), np.linspace(0.5, 0.9, 18)]
    scores[20] = low_one
    return Ranking(truth=truth, scores=scores), films(33, 1)


def test_an_area_is_no_less_certain_than_a_share_of_its_smaller_class() -> None:
    measure, groups = ranked()
    area = 17 / 18  # the one lies below all 15, the others above

    found = figure_of(measure, groups)

    assert found.value == pytest.approx(area)
    assert found.low == pytest.approx(beta.ppf(0.025, 15 * area, 15 - 15 * area + 1))
    assert found.low > 0.65
    assert found.method == LEFT_OUT + WITHIN.format("15 patients")


def test_a_model_near_one_beats_a_control_that_knows_nothing() -> None:
    measure, groups = ranked()
    guess = Ranking(truth=measure.truth, scores=np.zeros(33))

    found = difference(guess, measure, groups)

    assert verdict(found.to_json()) == "better"
    assert found.low > 0.15


def test_a_difference_is_no_wider_than_both_figures_allow() -> None:
    groups = films(40, 2)
    worse, better = right(groups, *range(30)), right(groups, 39)

    found, first, second = difference(worse, better, groups), figure_of(worse, groups), figure_of(better, groups)

    assert found.value == pytest.approx(29 / 40)
    assert found.low >= second.low - first.high - 1e-12 and found.high <= second.high - first.low + 1e-12
    split = apart(worse, better, groups.only(np.arange(80)), groups.only(np.arange(80)))
    assert split.low >= second.low - first.high - 1e-12


def test_a_difference_that_is_cut_clear_of_nothing_has_a_p_that_says_so() -> None:
    gap = Figure(value=0.4, low=-0.1, high=0.9, method=LEFT_OUT, p=0.08)
    first = Figure(value=0.5, low=0.4, high=0.6, method=LEFT_OUT)
    second = Figure(value=0.9, low=0.7, high=0.95, method=LEFT_OUT)

    found = within_both(gap, first, second)

    assert (found.low, found.high) == pytest.approx((0.1, 0.55))
    assert (found.p, found.method) == (pytest.approx(0.05), LEFT_OUT + APART)
    assert within_both(gap, first, Figure(value=0.9, why="none")) is gap
    wide = Figure(value=0.9, low=0.2, high=1.6, method=LEFT_OUT)
    assert within_both(gap, first, wide).p == pytest.approx(0.08), "it still holds 0"
    narrow = Figure(value=0.4, low=0.39, high=0.41, method=LEFT_OUT, p=1e-9)
    assert within_both(narrow, first, second) is narrow


def test_what_is_no_share_of_patients_is_left_as_it_is() -> None:
    groups = films(40, 1)
    share = right(groups, 1, 2, 3)
    amounts = Share(top=np.full(40, 3.0), bottom=np.ones(40))
    sums = OfSums(columns=np.ones((40, 1)), function=lambda each: each[..., 0], counts=np.ones(40, bool))

    assert np.isnan(amounts.trials(groups.patients)) and np.isnan(sums.trials(groups.patients))
    assert MeanOf(parts=(share, right(groups, 7))).trials(groups.patients) == 40
    assert np.isnan(MeanOf(parts=(share, sums)).trials(groups.patients))
    figure = Figure(value=0.9, low=0.1, high=0.99, method=LEFT_OUT)
    assert within_trials(figure, float("nan")) is figure and within_trials(figure, 0.5) is figure
    none = Figure(value=0.9, why="none")
    assert within_trials(none, 30) is none


@pytest.mark.parametrize("is_right", [True, False])
def test_f1_of_patients_who_are_all_right_or_all_wrong_counts_a_hit_twice(*, is_right: bool) -> None:
    """F1 is 2p / (1 + p) of the share of right patients, 15 of 15 or none: taken for a share of them it ended at 0.22
    where one of 0.36 would be no surprise."""
    groups = films(15, 1)
    hit = np.full(15, is_right, np.int64)
    measure = Share(top=2 * hit, bottom=1 + hit, hit_weight=2, fewest=10)
    share = binomtest(15 * is_right, 15).proportion_ci(method="exact")

    found = figure_of(measure, groups)

    assert found.value == float(is_right)
    assert (found.low, found.high) == pytest.approx([2 * p / (1 + p) for p in (share.low, share.high)])


def test_every_f1_counts_a_hit_twice() -> None:
    truth = np.array([1.0, 0, 1, 0] * 10)
    groups = films(40, 1)

    of_scores = cut_measures(truth, 0.8 * truth, 0.5)["f1"]

    assert isinstance(of_scores, Share) and of_scores.hit_weight == 2
    assert figure_of(of_scores, groups).value == 1
