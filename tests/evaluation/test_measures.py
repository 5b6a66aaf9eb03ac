"""Which interval a figure has: exact where it is a share of patients, resampled elsewhere, none where none holds."""

import numpy as np
import pytest

from ml.evaluation.intervals import RESAMPLED, exact_interval, patient_weights
from ml.evaluation.measures import Computed, Ranking, Share, figure_of, mean_of_defined, ratio


def named(count: int, films: int = 1) -> list[str]:
    return [f"p{i // films}" for i in range(count * films)]


def of(measure, patients):
    return figure_of(measure, patients, patient_weights(patients, draws=400))


def share(top, bottom=None, *, counted: bool = True) -> Share:
    top = np.array(top, np.float64)
    return Share(top=top, bottom=np.ones(len(top)) if bottom is None else np.array(bottom, np.float64), counted=counted)


def test_one_case_of_each_patient_is_an_exact_binomial() -> None:
    figure = of(share([1, 1, 0, 1, 1, 1]), named(6))

    assert figure.value == pytest.approx(5 / 6)
    assert (figure.low, figure.high) == pytest.approx(exact_interval(5, 6))
    assert figure.method == "exact binomial"


def test_six_of_six_right_is_no_certainty() -> None:
    figure = of(share([1] * 6), named(6))

    assert (figure.value, round(figure.low, 3), figure.high) == (1.0, 0.541, 1.0)


def test_cases_that_do_not_count_are_no_trials() -> None:
    figure = of(share([1, 1, 0, 0, 1, 1, 1, 1], [1, 1, 0, 0, 1, 1, 1, 1]), named(8))

    assert (figure.low, figure.high) == pytest.approx(exact_interval(6, 6))


def test_several_films_of_a_patient_are_no_independent_trials() -> None:
    right = np.tile([1, 1, 1, 0], 12)  # every patient: 3 of 4 films

    varied = right.copy()
    varied[:20] = 1
    figure = of(share(varied), named(12, films=4))

    assert figure.method == RESAMPLED
    assert figure.value == pytest.approx(varied.mean())
    few = of(share([1, 0, 1, 1, 1, 1]), named(3, films=2))
    assert not few.has_interval
    assert few.why == "there are 3 patients, and it takes 10"


def test_all_films_right_counts_patients_not_films() -> None:
    figure = of(share([1] * 24), named(6, films=4))

    assert (figure.low, figure.high) == pytest.approx(exact_interval(6, 6))
    assert "patients" in figure.method
    none = of(share([0] * 24), named(6, films=4))
    assert (none.value, none.low, none.high) == pytest.approx((0.0, *exact_interval(0, 6)))


def test_what_is_no_share_of_things_is_never_binomial() -> None:
    assert not of(share([1] * 12, counted=False), named(12)).has_interval
    assert of(share(np.linspace(0, 1, 12), counted=False), named(12)).method == RESAMPLED


@pytest.mark.parametrize("films", [1, 5])
def test_of_one_patient_nothing_has_an_interval(films: int) -> None:
    truth, scores = np.resize([1.0, 0.0], films), np.linspace(0.2, 0.8, films)
    measures = [share([1] * films), share([0.5] * films, counted=False)]
    if films > 1:
        measures.append(Ranking(truth=truth, scores=scores))

    for measure in measures:
        figure = of(measure, ["one"] * films)
        assert np.isfinite(figure.value)
        assert not figure.has_interval
        assert figure.why == "1 patient, who says nothing of others"


def test_patients_of_whom_nothing_counts_do_not_make_enough() -> None:
    bottom = np.array([1.0, *[0.0] * 29])

    assert of(share(bottom, bottom), named(30)).why == "1 patient, who says nothing of others"


def test_what_is_not_defined_says_why() -> None:
    nothing = of(share([0, 0], [0, 0]), named(2))
    one_class = of(Ranking(truth=np.ones(30), scores=np.linspace(0, 1, 30)), named(30))

    assert np.isnan(nothing.value)
    assert nothing.why == "no case counts for it"
    assert np.isnan(one_class.value)
    assert one_class.why == "the cases hold one class only"


def test_equal_scores_rank_nothing_and_say_so() -> None:
    figure = of(Ranking(truth=np.resize([1.0, 0.0], 30), scores=np.full(30, 0.3)), named(30))

    assert figure.value == 0.5
    assert not figure.has_interval
    assert figure.why == "every case has the same score, so nothing is ranked"


@pytest.mark.parametrize("right", [True, False])
@pytest.mark.parametrize(("with_it", "without"), [(4, 7), (7, 4)])
def test_a_perfect_order_is_bounded_by_the_pairs_of_patients(right: bool, with_it: int, without: int) -> None:
    truth = np.array([1.0] * with_it + [0.0] * without + [np.nan])
    scores = truth if right else 1 - truth

    figure = of(Ranking(truth=truth, scores=np.nan_to_num(scores, nan=0.5)), named(12))

    hits = 4 if right else 0
    assert (figure.value, figure.low, figure.high) == pytest.approx((float(right), *exact_interval(hits, 4)))
    assert figure.method == "exact binomial of 4 pairs of patients"


def test_pairs_share_no_patient() -> None:
    truth = np.resize([1.0, 0.0], 10)  # five patients, each with a positive and a negative film: two pairs

    figure = of(Ranking(truth=truth, scores=truth), named(5, films=2))

    assert (figure.low, figure.high) == pytest.approx(exact_interval(2, 2))


def test_a_usual_order_is_resampled() -> None:
    rng = np.random.default_rng(0)
    truth = np.resize([1.0, 0.0], 60)
    figure = of(Ranking(truth=truth, scores=truth * 0.3 + rng.random(60)), named(60))

    assert figure.method == RESAMPLED
    assert figure.low < figure.value < figure.high


def test_other_figures_are_computed_under_the_weights() -> None:
    values = np.linspace(0, 1, 30)
    measure = Computed(function=lambda weights: weights @ values / 30, counts=np.ones(30, bool))

    figure = of(measure, named(30))

    drawn = patient_weights(named(30), draws=400) @ values / 30
    assert (figure.low, figure.high) == pytest.approx(tuple(np.percentile(drawn, [2.5, 97.5])))


def test_a_ratio_over_nothing_is_no_number() -> None:
    found = ratio(np.array([1.0, 0.0, 3.0]), np.array([2.0, 0.0, 0.5]))

    assert found[[0, 2]].tolist() == [0.5, 6.0]
    assert np.isnan(found[1])
    means = mean_of_defined(np.array([[1.0, np.nan, np.nan], [3.0, 4.0, np.nan]]))
    assert means[:2].tolist() == [2.0, 4.0]
    assert np.isnan(means[2])
