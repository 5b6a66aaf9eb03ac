"""Which interval a figure has: exact where it is a share of patients, resampled elsewhere, none where none holds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t

from ml.evaluation.intervals import AMOUNT, ANY, FEWEST_OF_A_CLASS, LEFT_OUT, SHARE, exact_interval, spread
from ml.evaluation.leaving_out import Groups
from ml.evaluation.measures import Computed, OfSums, Ranking, Share, figure_of, mean_of_defined, ratio
from ml.evaluation.middle import Middle


def named(count: int, films: int = 1) -> list[str]:
    return [f"p{i // films}" for i in range(count * films)]


def of(measure, patients):
    return figure_of(measure, Groups.of(patients))


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
    right = np.tile([1, 1, 1, 0], 30)  # every patient: 3 of 4 films

    varied = right.copy()
    varied[:20] = 1
    figure = of(share(varied), named(30, films=4))

    assert figure.method == LEFT_OUT
    assert figure.value == pytest.approx(varied.mean())
    few = of(share([1, 0, 1, 1, 1, 1]), named(3, films=2))
    assert not few.has_interval
    assert few.why == "3 patients are too few, it takes 30"


def test_all_films_right_counts_patients_not_films() -> None:
    figure = of(share([1] * 24), named(6, films=4))

    assert (figure.low, figure.high) == pytest.approx(exact_interval(6, 6))
    assert "patients" in figure.method
    none = of(share([0] * 24), named(6, films=4))
    assert (none.value, none.low, none.high) == pytest.approx((0.0, *exact_interval(0, 6)))


def test_what_is_no_share_of_things_is_never_binomial() -> None:
    assert of(share([1] * 12, counted=False), named(12)).why == "12 patients are too few, it takes 30"
    assert of(share([0.5] * 30, counted=False), named(30)).why == "it is the same whichever patient is left out"
    assert of(share(np.linspace(0, 1, 30), counted=False), named(30)).method == LEFT_OUT


def test_enough_scores_that_are_all_1_are_no_certainty_either() -> None:
    figure = of(share([1] * 30, counted=False), named(30))

    assert (figure.value, figure.low, figure.high) == pytest.approx((1.0, *exact_interval(30, 30)))
    assert figure.method == "exact binomial of 30 patients"
    # An error may be more than 1, so nothing of it is bounded by what is 0.
    amount = Share(top=np.zeros(30), bottom=np.ones(30), amount=True)
    assert of(amount, named(30)).why == "it is the same whichever patient is left out"


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


def test_a_usual_order_has_the_interval_of_the_spread() -> None:
    rng = np.random.default_rng(0)
    truth = np.resize([1.0, 0.0], 60)
    figure = of(Ranking(truth=truth, scores=truth * 0.3 + rng.random(60)), named(60))

    assert figure.method == LEFT_OUT
    assert figure.low < figure.value < figure.high


def test_other_figures_are_computed_under_the_weights() -> None:
    values = np.linspace(0, 1, 30)
    measure = Computed(function=lambda weights: weights @ values / weights.sum(axis=1), counts=np.ones(30, bool))

    figure = of(measure, named(30))
    alone = of(share(values, counted=False), named(30))

    assert figure.value == alone.value
    # Of a function nobody says that it ends at 1: its interval is the plain one, to both sides alike.
    assert figure.high - figure.value == pytest.approx(figure.value - figure.low)
    assert figure.low == pytest.approx(0.5 - t.ppf(0.975, 29) * values.std(ddof=1) / np.sqrt(30), abs=0.004)
    assert Computed(function=measure.function, counts=measure.counts, span=SHARE).span == alone_span(values)


def alone_span(values) -> tuple[float, float]:
    return share(values, counted=False).span


def test_the_span_of_a_sum_over_a_sum() -> None:
    assert share([0.2, 1.0], counted=False).span == SHARE
    assert share([0.2, 1.1], counted=False).span == AMOUNT
    assert share([0.2, -0.1], counted=False).span == ANY


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(2, 40), levels=st.integers(1, 9), groups=st.integers(1, 12))
def test_leaving_out_is_computing_without(seed: int, count: int, levels: int, groups: int) -> None:
    """Each short way of leaving patients out, against the figure of the cases that remain."""
    rng = np.random.default_rng(seed)
    patients = [f"p{i}" for i in rng.integers(0, groups, count)]
    truth = rng.choice([0.0, 1.0, np.nan], count, p=[0.45, 0.45, 0.1])
    scores = rng.integers(0, levels, count) / levels
    known = ~np.isnan(truth)
    sums = np.stack([known & (truth == 1), known], axis=1).astype(float)
    measures = [
        Ranking(truth=truth, scores=scores),
        share(np.where(known, scores, 0), known),
        OfSums(columns=sums, function=lambda found: ratio(found[:, 0], found[:, 1]), counts=known),
        Computed(function=lambda weights: ratio(weights @ sums[:, 0], weights @ sums[:, 1]), counts=known),
    ]
    found = Groups.of(patients)
    for measure in measures:
        left_out = measure.left_out(found)
        for group, name in enumerate(sorted(set(patients))):
            weights = np.array([[float(patient != name) for patient in patients]])
            assert left_out[group] == pytest.approx(measure.values(weights)[0], nan_ok=True)


def test_the_area_s_spread_is_that_of_delong() -> None:
    """One case a patient: the variance of DeLong, DeLong and Clarke-Pearson (Biometrics 44, 1988), by its formula."""
    rng = np.random.default_rng(3)
    truth, scores = np.resize([1.0, 0.0, 0.0], 300), rng.normal(size=300) + np.resize([1.0, 0.0, 0.0], 300)
    up, down = scores[truth == 1], scores[truth == 0]
    over = (up[:, None] > down[None]).astype(float)
    variance = over.mean(axis=1).var(ddof=1) / len(up) + over.mean(axis=0).var(ddof=1) / len(down)

    measure = Ranking(truth=truth, scores=scores)
    error, _ = spread(float(over.mean()), measure.left_out(Groups.of(named(300))))

    assert error == pytest.approx(np.sqrt(variance), rel=0.02)


@pytest.mark.parametrize(("with_it", "there"), [(9, False), (10, True)])
def test_an_area_takes_ten_patients_of_each_class(with_it: int, there: bool) -> None:
    rng = np.random.default_rng(0)
    truth = np.array([1.0] * with_it * 2 + [0.0] * (40 - with_it) * 2)
    for side, words in ((truth, "with it"), (1 - truth, "without it")):
        figure = of(Ranking(truth=side, scores=rng.random(80)), named(40, films=2))

        assert figure.has_interval is there
        assert figure.why == ("" if there else f"9 patients {words} are too few, it takes 10")


def test_a_share_of_one_class_takes_ten_patients_among_thirty() -> None:
    rng = np.random.default_rng(0)

    def sensitivity(of_class: int, others: int):
        bottom = np.array([1.0] * of_class * 2 + [0.0] * others * 2)
        top = bottom * (rng.random(len(bottom)) < 0.7)
        measure = Share(top=top, bottom=bottom, counted=True, fewest=FEWEST_OF_A_CLASS)
        return of(measure, named(of_class + others, films=2))

    assert sensitivity(10, 20).has_interval
    assert sensitivity(9, 30).why == "9 patients are too few, it takes 10"
    assert sensitivity(10, 19).why == "29 patients are too few, it takes 30"


def test_patients_of_whom_nothing_counts_are_no_part_of_a_spread() -> None:
    rng = np.random.default_rng(0)
    top = rng.random(40)

    alone = of(share(top, counted=False), named(40))
    among = of(share([*top, *[0.0] * 200], [1.0] * 40 + [0.0] * 200, counted=False), named(240))

    assert (among.low, among.high) == pytest.approx((alone.low, alone.high))


@pytest.mark.parametrize("films", [1, 2])
def test_a_median_has_its_interval_by_order_or_none(films: int) -> None:
    scores = np.random.default_rng(0).random(40)
    scores[3] = np.nan

    figure = of(Middle(scores=scores), named(40 // films, films=films))

    assert figure.value == pytest.approx(np.nanmedian(scores))
    if films == 1:
        # Of 39, the 13th and the 27th: binom.cdf(12, 39, 0.5) = 0.012 on each side, and 0.027 with one less.
        ordered = np.sort(scores)
        assert (figure.low, figure.high) == (ordered[12], ordered[26])
        assert figure.method == "exact by order of the patients"
    else:
        assert figure.why == "no interval is known to hold for the median of several cases of a patient"


def test_the_median_of_five_has_none_and_that_of_six_its_ends() -> None:
    scores = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])

    assert of(Middle(scores=scores[:5]), named(5)).why == "5 patients are too few, it takes 6"
    six = of(Middle(scores=scores), named(6))
    assert (six.value, six.low, six.high) == pytest.approx((0.35, 0.1, 0.6))  # missed in 2 of 64: 0.5 ** 5


def test_a_ratio_over_nothing_is_no_number() -> None:
    found = ratio(np.array([1.0, 0.0, 3.0]), np.array([2.0, 0.0, 0.5]))

    assert found[[0, 2]].tolist() == [0.5, 6.0]
    assert np.isnan(found[1])
    means = mean_of_defined(np.array([[1.0, np.nan, np.nan], [3.0, 4.0, np.nan]]))
    assert means[:2].tolist() == [2.0, 4.0]
    assert np.isnan(means[2])
