"""Intervals: the method that holds, 95 % of it, and none where none holds."""

import numpy as np
import pytest
from scipy.stats import binom, binomtest, t, ttest_1samp

from ml.evaluation.intervals import (
    AMOUNT,
    ANY,
    EXACT,
    LEFT_OUT,
    LEVEL,
    SHARE,
    Figure,
    ends,
    exact_interval,
    holm,
    interval,
    median_interval,
    spread,
)


def without_each(values) -> np.ndarray:
    values = np.asarray(values, np.float64)
    return (values.sum() - values) / (len(values) - 1)


def test_the_interval_of_a_mean_is_that_of_student() -> None:
    values = np.random.default_rng(4).normal(0.6, 0.1, 400)

    figure = interval(float(values.mean()), without_each(values))

    half = t.ppf(0.975, 399) * values.std(ddof=1) / np.sqrt(400)
    assert (figure.low, figure.high) == pytest.approx((values.mean() - half, values.mean() + half), rel=1e-3)
    assert LEVEL == 0.95
    assert figure.method == LEFT_OUT


def test_the_error_is_that_of_a_mean_and_a_little_more() -> None:
    values = np.random.default_rng(0).random(50)

    error, _ = spread(float(values.mean()), without_each(values))

    assert error == pytest.approx(values.std(ddof=1) / np.sqrt(50) * 50 / 49)


def test_degrees_of_freedom_are_few_where_few_patients_make_the_spread() -> None:
    """Those of O'Neill (2014), 2 n / (kurtosis - (n - 3) / (n - 1)), at most n - 1."""
    rng = np.random.default_rng(0)
    normal, one_odd = rng.normal(size=200), np.array([1.0] * 49 + [0.0])

    assert spread(float(normal.mean()), without_each(normal))[1] == pytest.approx(199, rel=0.2)
    # One of 50 away: a kurtosis of (49 + 1 / 49) - 1 by hand, so 2 x 50 / (48.02 - 47 / 49).
    kurtosis = 49 + 1 / 49 - 1
    assert spread(0.98, without_each(one_odd))[1] == pytest.approx(2 * 50 / (kurtosis - 47 / 49), rel=1e-6)
    assert spread(0.5, without_each([0.0, 1.0] * 25))[1] == 49
    assert spread(0.5, np.array([0.4, 0.4, 0.4])) == (pytest.approx(np.sqrt(0.03 * 3 / 2)), 1.0)


def test_an_interval_never_leaves_the_span_of_its_figure() -> None:
    values = np.array([1.0] * 38 + [0.0] * 2)
    share = interval(0.95, without_each(values), span=SHARE)
    amount = interval(0.05, without_each(1 - values), span=AMOUNT)
    below = interval(0.95, without_each(values), span=(-np.inf, 1.0))
    kappa = interval(0.95, without_each(values), span=(-1.0, 1.0))

    assert 0 < share.low < 0.95 < share.high < 1
    assert 0.95 - share.low > share.high - 0.95  # the farther end is the one that has room
    assert 0 < amount.low < 0.05 < amount.high
    assert (below.low, below.high) == pytest.approx((1 - amount.high, 1 - amount.low))
    assert -1 < kappa.low < share.low < kappa.high < 1


def test_the_ends_on_each_scale() -> None:
    logit = np.log(0.8 / 0.2)
    wide = 0.1 / (0.8 * 0.2)

    assert ends(0.8, 0.1, SHARE) == pytest.approx(tuple(1 / (1 + np.exp(-(logit + sign * wide))) for sign in (-1, 1)))
    assert ends(0.6, 0.2, (-1.0, 1.0)) == pytest.approx(tuple(2 * end - 1 for end in ends(0.8, 0.1, SHARE)))
    assert ends(2.0, 1.0, AMOUNT) == pytest.approx((2 * np.exp(-0.5), 2 * np.exp(0.5)))
    assert ends(0.5, 0.2, ANY) == pytest.approx((0.3, 0.7))
    assert np.isfinite(ends(1e-9, 0.5, AMOUNT)).all()
    assert np.isfinite(ends(1 - 1e-12, 0.5, SHARE)).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_figure_that_hangs_on_one_patient_has_no_interval(bad: float) -> None:
    figure = interval(0.5, np.array([*np.linspace(0.4, 0.6, 40), bad]))

    assert not figure.has_interval
    assert figure.why == "without one of the patients there is no such figure"


def test_what_is_the_same_without_anyone_has_no_interval() -> None:
    for value in (1.0, 0.3):
        figure = interval(value, np.full(30, value), span=SHARE)

        assert not figure.has_interval
        assert (figure.value, figure.why) == (value, "it is the same whichever patient is left out")


@pytest.mark.parametrize("size", [1.0, 3e6, -3e6])
def test_what_arithmetic_leaves_over_is_no_spread_however_large_the_figure(size: float) -> None:
    """The same value for each of 40 patients, but for its last bit."""
    left = np.full(40, size)
    left[::2] = np.nextafter(size, np.inf)

    assert interval(size, left).why == "it is the same whichever patient is left out"
    assert interval(size, left + np.arange(40) * 1e-6 * abs(size)).has_interval


def test_at_the_end_of_its_span_a_figure_has_no_interval_of_the_spread() -> None:
    assert interval(1.0, np.array([1.0, 0.9, 1.0]), span=SHARE).why == "it is 1, and cannot be more or less"


def test_p_is_that_of_the_t_test_and_of_differences_alone() -> None:
    values = np.random.default_rng(1).normal(0.03, 0.1, 60)

    figure = interval(float(values.mean()), without_each(values))

    assert figure.p == pytest.approx(ttest_1samp(values, 0).pvalue, rel=0.2)  # with that little more
    assert (figure.p < 0.05) is (figure.low > 0 or figure.high < 0)
    assert np.isnan(interval(0.5, np.linspace(0.4, 0.6, 30), span=SHARE).p)
    assert figure.to_json()["p"] == figure.p


def test_holm_is_that_of_statsmodels_worked_by_hand() -> None:
    # Sorted 0.01, 0.02, 0.03, 0.04 of four: 0.04, max(0.04, 0.06), max(0.06, 0.06), max(0.06, 0.04).
    assert holm([0.03, 0.01, 0.04, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    with_none = holm([0.2, np.nan, 0.6, 0.001])
    assert with_none[::2] == pytest.approx([0.4, 0.6]) and np.isnan(with_none[1])
    assert with_none[3] == pytest.approx(0.003)
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


@pytest.mark.parametrize("count", [6, 10, 39, 50, 500])
def test_the_interval_of_a_median_misses_at_most_one_in_twenty(count: int) -> None:
    low, high = median_interval(np.arange(float(count)))

    k = int(low) + 1
    assert high == count - k
    assert 2 * binom.cdf(k - 1, count, 0.5) <= 0.05 < 2 * binom.cdf(k, count, 0.5)
    assert median_interval(np.arange(5.0)) is None


@pytest.mark.parametrize(("hits", "total"), [(6, 6), (0, 6), (3, 6), (1, 1), (0, 1), (95, 100), (1, 30)])
def test_the_exact_interval_is_that_of_clopper_and_pearson(hits: int, total: int) -> None:
    theirs = binomtest(hits, total).proportion_ci(confidence_level=0.95, method="exact")

    assert exact_interval(hits, total) == pytest.approx((theirs.low, theirs.high))


def test_six_of_six_is_054_to_1() -> None:
    low, high = exact_interval(6, 6)

    assert low == pytest.approx(0.025 ** (1 / 6))  # 0.541
    assert high == 1.0


@pytest.mark.parametrize(("hits", "total"), [(-1, 5), (6, 5), (0, 0)])
def test_what_is_no_share_has_no_exact_interval(hits: int, total: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        exact_interval(hits, total)


def test_a_figure_in_json_has_null_where_there_is_no_number() -> None:
    whole = Figure(value=0.5, low=0.4, high=0.6, method=EXACT).to_json()

    assert whole == {"value": 0.5, "low": 0.4, "high": 0.6, "method": EXACT, "why": ""}
    for bad in (np.nan, np.inf, -np.inf):
        row = Figure(value=bad, low=bad, high=bad, why="one patient").to_json()
        assert row == {"value": None, "low": None, "high": None, "method": "", "why": "one patient"}
    half = Figure(value=0.5, low=0.4)
    assert not half.has_interval
    assert not Figure(value=0.5, high=0.4).has_interval
