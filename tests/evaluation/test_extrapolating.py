"""How many more labels: the law is found again where it holds, and nothing is said where the points say nothing.

The figures to be found are those of the law that made the points.
"""

import numpy as np
import pytest

from ml.learning_curve.extrapolating import TIMES, outlook

SIZES = np.repeat([10, 20, 40, 70, 100], 3)


def law(patients: np.ndarray, a: float = 0.05, b: float = 0.9, c: float = 0.6) -> np.ndarray:
    """AUC: 1 less an error that falls as a power."""
    return 1 - (a + b * patients.astype(float) ** -c)


def test_the_law_that_made_the_points_is_gone_on_with() -> None:
    found = outlook(SIZES.tolist(), law(SIZES).tolist(), "auc", cases_each=2.0)

    for times, ahead in zip(TIMES, found.ahead, strict=True):
        assert ahead.patients == 100 * times
        assert ahead.value == pytest.approx(law(np.array([100 * times]))[0], abs=1e-4)
        assert ahead.low <= ahead.value <= ahead.high
    assert "AUC is 0.893 with all 100 training patients" in found.said
    assert "with twice as many (200 patients, about 400 labelled cases) it would be about 0.913" in found.said


def test_an_error_falls_and_stays_above_nothing() -> None:
    errors = 4 + 30 * SIZES.astype(float) ** -0.7
    rng = np.random.default_rng(5)
    found = outlook(SIZES.tolist(), (errors + rng.normal(0, 0.05, len(errors))).tolist(), "mae:age", cases_each=1.0)

    assert found.ahead[0].value == pytest.approx(4 + 30 * 200**-0.7, abs=0.3)
    assert found.ahead[1].value < found.ahead[0].value < errors[-1] and found.ahead[1].low >= 0


def test_the_interval_holds_the_law_about_as_often_as_it_says() -> None:
    """100 curves with noise of trainings: the interval at twice as many holds the law's figure (measured 0.93)."""
    rng, held, told = np.random.default_rng(2), 0, 0
    truth = law(np.array([200]))[0]
    for _ in range(100):
        values = law(SIZES) + rng.normal(0, 0.004, len(SIZES))
        found = outlook(SIZES.tolist(), values.tolist(), "auc", cases_each=1.0)
        if found.ahead:
            told += 1
            held += found.ahead[0].low <= truth <= found.ahead[0].high

    assert told > 90 and held / told > 0.88


@pytest.mark.parametrize(
    ("patients", "values", "why"),
    [
        ([10, 20, 40], [0.6, 0.7, 0.8], "3 parts with a figure, 3 trainings in all, are too few"),
        ([10, 20, 40, 80], [0.6, 0.7, 0.8, 0.85], "it takes 4 parts and 5 trainings"),
        ([10, 20, 40, 80, 100], [0.6, 0.7, 0.8, float("nan"), float("nan")], "3 parts with a figure"),
        ([10, 20, 40, 80, 100], [0.8] * 5, "does not clearly get better"),
        ([10, 20, 40, 80, 100], [0.8, 0.7, 0.75, 0.72, 0.6], "does not clearly get better"),
    ],
)
def test_where_the_points_say_nothing_it_is_said_why(patients: list[int], values: list[float], why: str) -> None:
    found = outlook(patients, values, "auc", cases_each=1.0)

    assert not found.ahead and not found.line
    assert found.said.startswith("How many more labels would help cannot be said: ") and why in found.said


def test_a_fit_that_could_mean_anything_is_refused() -> None:
    """A straight rise in steps of the noise: whether it flattens is not in the points."""
    rng = np.random.default_rng(0)
    values = 0.5 + 0.001 * SIZES + rng.normal(0, 0.02, len(SIZES))
    found = outlook(SIZES.tolist(), values.tolist(), "auc", cases_each=1.0)

    assert not found.ahead and "wider than all that was gained so far" in found.said
