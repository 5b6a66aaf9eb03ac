"""Scores made into probabilities: what was distorted comes back, and the fit is that of scikit-learn."""

import numpy as np
import pytest
from scipy.special import expit, logit, softmax
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score

from ml.calibration import Calibration, fitted, read_calibration, why_not
from viewer.core.checked import Fields
from viewer.core.errors import BadFile

RNG = np.random.default_rng(11)


def drawn(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Truth, and the true probability of each case."""
    chance = expit(RNG.normal(-1, 1.5, count))
    return (RNG.random(count) < chance).astype(float), chance


def pair(values: np.ndarray) -> np.ndarray:
    return np.stack([1 - values, values], axis=1)


def test_a_temperature_and_a_shifted_prior_come_back() -> None:
    truth, chance = drawn(20_000)
    distorted = expit(2.5 * logit(chance) + 1.7)  # overconfident, and says it too often

    found = fitted(pair(truth), pair(distorted), exclusive=True)

    # logit(chance) = 0.4 logit(distorted) - 0.68
    assert found.slopes[0] == pytest.approx(0.4, abs=0.02)
    assert found.biases[1] - found.biases[0] == pytest.approx(-0.68, abs=0.06)
    after = found.applied(pair(distorted))
    assert np.abs(after[:, 1] - chance).max() < 0.02
    assert after.sum(axis=1) == pytest.approx(1.0)
    assert roc_auc_score(truth, after[:, 1]) == pytest.approx(roc_auc_score(truth, distorted))


def test_the_fit_of_two_is_platts_as_scikit_learn_finds_it() -> None:
    truth, chance = drawn(60)
    scores = expit(0.7 * logit(chance) + 0.5)
    count = truth.sum()
    high, low = (count + 1) / (count + 2), 1 / (len(truth) - count + 2)
    wanted = np.where(truth == 1, high, low)
    x = np.tile(logit(scores), 2)[:, None]
    model = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(
        x, np.repeat([1, 0], len(truth)), sample_weight=np.concatenate([wanted, 1 - wanted])
    )

    exclusive, single = (
        fitted(pair(truth), pair(scores), exclusive=True),
        fitted(truth[:, None], scores[:, None], exclusive=False),
    )

    assert exclusive.slopes[0] == pytest.approx(model.coef_[0, 0], rel=1e-3)
    assert exclusive.biases[1] - exclusive.biases[0] == pytest.approx(model.intercept_[0], abs=1e-3)
    assert single.slopes[0] == pytest.approx(model.coef_[0, 0], rel=1e-3)
    assert single.biases[0] == pytest.approx(model.intercept_[0], abs=1e-3)
    assert single.applied(scores[:, None])[:, 0] == pytest.approx(exclusive.applied(pair(scores))[:, 1])


def test_a_bias_for_each_of_several_classes_comes_back() -> None:
    chance = softmax(RNG.normal(0, 1.5, (20_000, 3)), axis=1)
    truth = np.eye(3)[[RNG.choice(3, p=row) for row in chance]]
    shift = np.array([1.0, -0.5, -0.5])
    distorted = softmax(2 * np.log(chance) + 2 * shift, axis=1)  # log(chance) = log(distorted) / 2 - shift

    found = fitted(truth, distorted, exclusive=True)

    assert found.slopes[0] == pytest.approx(0.5, abs=0.02)
    assert found.biases == pytest.approx(-shift, abs=0.06)
    assert log_loss(truth, found.applied(distorted)) < log_loss(truth, distorted) - 0.1


def test_few_cases_in_perfect_order_give_a_finite_slope() -> None:
    truth = np.repeat([0.0, 1.0], 10)
    scores = np.where(truth == 1, 0.9, 0.1)

    found = fitted(pair(truth), pair(scores), exclusive=True)

    # (10 + 1) / (10 + 2) is what perfect order of 10 is worth.
    assert found.applied(pair(scores))[-1, 1] == pytest.approx(11 / 12, abs=1e-4)


def test_scores_in_the_wrong_order_are_not_turned_around() -> None:
    truth = np.repeat([0.0, 1.0], 20)

    found = fitted(pair(truth), pair(np.where(truth == 1, 0.2, 0.8)), exclusive=True)

    assert found.slopes[0] == 0
    assert found.applied(pair(np.array([0.1, 0.9])))[:, 1] == pytest.approx([0.5, 0.5])


def test_unknown_labels_have_no_part() -> None:
    truth, chance = drawn(200)
    holes = np.concatenate([truth, np.full(50, np.nan)])
    scores = np.concatenate([chance, np.full(50, 0.999)])

    assert fitted(holes[:, None], scores[:, None], exclusive=False) == fitted(
        truth[:, None], chance[:, None], exclusive=False
    )


def test_too_little_of_a_class_says_so() -> None:
    truth = pair(np.repeat([0.0, 1.0], [9, 30]))
    assert why_not(truth, ("well", "sick"), exclusive=True) == (
        "validation holds 9 cases with well, and calibration takes 10"
    )
    assert why_not(truth[:, 1:], ("sick",), exclusive=False) == (
        "validation holds 9 cases without sick, and calibration takes 10"
    )
    assert why_not(pair(np.repeat([0.0, 1.0], [10, 30])), ("well", "sick"), exclusive=True) == ""


def test_a_card_keeps_it_and_a_broken_one_is_refused() -> None:
    kept = Calibration(exclusive=False, slopes=(0.5, 2.0), biases=(0.1, -0.25), cases=40)

    assert read_calibration(Fields(kept.to_json(), "card.json"), 2) == kept
    assert kept.words == "temperature 2, 0.5, bias +0.10, -0.25, fitted on validation (40 cases)"
    for broken in ({"slopes": [1.0]}, {"slopes": [-1.0, 1.0]}, {"biases": [float("inf"), 0.0]}, {"cases": -1}):
        with pytest.raises(BadFile):
            read_calibration(Fields({**kept.to_json(), **broken}, "card.json"), 2)
