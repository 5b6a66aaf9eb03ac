"""Intervals: the method that holds, 95 % of it, and none where none holds."""

import numpy as np
import pytest
from scipy.stats import binomtest, norm

from ml.evaluation.intervals import (
    DRAWS,
    EXACT,
    FEWEST_PATIENTS,
    FEWEST_TO_COMPARE,
    LEVEL,
    Figure,
    exact_interval,
    interval,
    patient_weights,
)


def test_films_of_a_patient_are_drawn_together() -> None:
    weights = patient_weights(["a", "b", "a", "c"], draws=200)

    assert (weights[:, 0] == weights[:, 2]).all()
    assert (weights[:, [0, 1, 3]].sum(axis=1) == 3).all()
    assert np.array_equal(weights, patient_weights(["a", "b", "a", "c"], draws=200))
    assert not np.array_equal(weights, patient_weights(["a", "b", "a", "c"], draws=200, seed=2))


def test_each_patient_is_drawn_once_on_average_and_two_thousand_times() -> None:
    weights = patient_weights([f"p{i}" for i in range(40)])

    assert weights.shape == (DRAWS, 40) == (2000, 40)
    # With replacement: of 40, each is left out of a draw with (39/40)^40 = 0.363.
    assert weights.mean(axis=0) == pytest.approx(np.ones(40), abs=0.1)
    assert (weights == 0).mean() == pytest.approx((39 / 40) ** 40, abs=0.01)


def test_the_interval_leaves_out_two_and_a_half_per_cent_on_each_side() -> None:
    drawn = np.arange(2001) / 2000

    figure = interval(0.5, drawn, 30)

    assert (figure.low, figure.high) == pytest.approx((0.025, 0.975))
    assert LEVEL == 0.95
    assert "bootstrap" in figure.method


def test_the_interval_of_a_mean_is_that_of_the_normal_distribution() -> None:
    rng = np.random.default_rng(4)
    values = rng.normal(0.6, 0.1, 400)

    drawn = patient_weights([f"p{i}" for i in range(400)]) @ values / 400
    figure = interval(float(values.mean()), drawn, 400)

    half = norm.ppf(0.975) * values.std() / np.sqrt(400)  # 1.96 standard errors, not the 1.64 of 90 %
    assert figure.high - figure.low == pytest.approx(2 * half, rel=0.06)


def test_draws_without_the_figure_are_left_out_of_its_interval() -> None:
    drawn = np.concatenate([np.linspace(0, 1, 1951), np.full(49, np.nan)])

    figure = interval(0.5, drawn, 30)

    assert (figure.low, figure.high) == pytest.approx((0.025, 0.975))


def test_where_more_draws_lack_the_figure_than_the_interval_leaves_out_there_is_none() -> None:
    enough = interval(0.5, np.concatenate([np.linspace(0, 1, 95), np.full(5, np.nan)]), 30)
    lacking = interval(0.5, np.concatenate([np.linspace(0, 1, 94), np.full(6, np.nan)]), 30)

    assert enough.has_interval
    assert not lacking.has_interval
    assert lacking.value == 0.5
    assert lacking.why == "6% of the draws of patients have no such figure"


def test_an_infinite_draw_is_no_end_of_an_interval() -> None:
    figure = interval(0.5, np.concatenate([np.linspace(0, 1, 98), [np.inf, -np.inf]]), 30)

    assert np.isfinite([figure.low, figure.high]).all()


@pytest.mark.parametrize(("patients", "there"), [(9, False), (10, True), (2, False)])
def test_few_patients_have_no_interval_by_resampling(patients: int, there: bool) -> None:
    figure = interval(0.5, np.linspace(0, 1, 100), patients)

    assert figure.has_interval is there
    assert (figure.why == "") is there
    assert FEWEST_PATIENTS == 10
    if not there:
        assert figure.why == f"there are {patients} patients, and it takes 10"
        assert figure.method == ""


def test_a_comparison_takes_more_patients() -> None:
    assert FEWEST_TO_COMPARE == 20
    assert not interval(0.5, np.linspace(0, 1, 100), 19, fewest=FEWEST_TO_COMPARE).has_interval
    assert interval(0.5, np.linspace(0, 1, 100), 20, fewest=FEWEST_TO_COMPARE).has_interval


def test_what_is_the_same_in_every_draw_has_no_interval() -> None:
    figure = interval(1.0, np.ones(2000), 30)

    assert not figure.has_interval
    assert figure.value == 1.0
    assert "same in every draw" in figure.why
    almost = interval(1.0, np.concatenate([np.ones(1999), [0.5]]), 30)
    assert not almost.has_interval  # "1.000 (1.000 to 1.000)" is no interval either


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
