"""Figures of whole-image labels: by hand, and equal to scikit-learn's in every draw of cases."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import (
    average_precision_score,
    balanced_accuracy_score,
    brier_score_loss,
    cohen_kappa_score,
    f1_score,
    precision_score,
    recall_score,
)

from ml.evaluation.class_outcome import ClassOutcome
from ml.evaluation.intervals import LEFT_OUT
from ml.evaluation.leaving_out import Groups
from ml.evaluation.measures import figure_of

NAN = float("nan")


def classes(truth, scores, *, exclusive=True, cut=0.5) -> ClassOutcome:
    truth, scores = np.array(truth, np.float64), np.array(scores, np.float64)
    return ClassOutcome(
        truth=truth, scores=scores, thresholds=np.full(len(truth), cut), folds=np.zeros(len(truth), np.int64),
        labels=tuple("ABCDEFG"[: truth.shape[1]]), exclusive=exclusive,
    )  # fmt: skip


def pair(second, truth, *, cut=0.5) -> ClassOutcome:
    second, truth = np.asarray(second, np.float64), np.asarray(truth, np.float64)
    return classes(np.stack([1 - truth, truth], axis=1), np.stack([1 - second, second], axis=1), cut=cut)


def figures(outcome: ClassOutcome, weights=None) -> dict[str, float]:
    weights = np.ones(len(outcome.truth)) if weights is None else np.asarray(weights, np.float64)
    return {name: float(value[0]) for name, value in outcome.figures(weights[None]).items()}


# Four with the label, six without; said of 0.8, 0.7, 0.6 (3 right) and 0.55 (wrong): by hand.
SCORES = [0.8, 0.7, 0.6, 0.2, 0.55, 0.4, 0.3, 0.2, 0.1, 0.05]
TRUTH = [1, 1, 1, 1, 0, 0, 0, 0, 0, 0]


def test_figures_of_a_pair_equal_those_counted_by_hand() -> None:
    got = figures(pair(SCORES, TRUTH))

    assert got["sensitivity:B"] == pytest.approx(3 / 4)
    assert got["specificity:B"] == pytest.approx(5 / 6)
    assert got["ppv:B"] == pytest.approx(3 / 4)
    assert got["npv:B"] == pytest.approx(5 / 6)
    assert got["ppv:A"] == pytest.approx(5 / 6)
    assert got["label_f1:B"] == pytest.approx(3 / 4)
    assert got["label_f1:A"] == pytest.approx(5 / 6)
    assert got["balanced_accuracy"] == pytest.approx((3 / 4 + 5 / 6) / 2)
    # 8 of 10 agree; by chance 0.4 * 0.4 + 0.6 * 0.6 = 0.52.
    assert got["kappa"] == pytest.approx((0.8 - 0.52) / (1 - 0.52))
    # The label's cases stand at 1, 2, 3 and, with one beside it of the same score, at 8.
    assert got["average_precision"] == pytest.approx((1 + 1 + 1 + 4 / 8) / 4)
    squares = [0.04, 0.09, 0.16, 0.64, 0.3025, 0.16, 0.09, 0.04, 0.01, 0.0025]
    assert got["brier"] == pytest.approx(sum(squares) / 10)
    # By bin: 0.05 of none; 0.1; 0.2 twice with one positive; 0.3; 0.4; 0.55; 0.6, 0.7 and 0.8 positive.
    off = [0.05, 0.1, abs(0.4 - 1), 0.3, 0.4, 0.55, 0.4, 0.3, 0.2]
    assert got["ece"] == pytest.approx(sum(off) / 10)
    assert not {"ppv", "sensitivity"} & set(got)  # of which of the two?


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2000))
def test_ranking_and_probabilities_of_a_pair_equal_scikit_learn_in_every_draw(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth, scores, weights = rng.integers(0, 2, 14), rng.integers(0, 6, 14) / 5, rng.integers(0, 3, 14)
    truth[:2], weights[:2] = (0, 1), 1
    drawn = np.repeat(np.arange(14), weights)

    got = figures(pair(scores, truth), weights)

    said = scores >= 0.5
    assert got["average_precision"] == pytest.approx(average_precision_score(truth[drawn], scores[drawn]))
    assert got["brier"] == pytest.approx(brier_score_loss(truth[drawn], scores[drawn]))
    assert got["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(truth[drawn], said[drawn]))
    assert got["sensitivity:B"] == pytest.approx(recall_score(truth[drawn], said[drawn]))
    assert got["specificity:B"] == pytest.approx(recall_score(1 - truth[drawn], ~said[drawn]))
    for name, wanted in (
        ("ppv:B", precision_score(truth[drawn], said[drawn], zero_division=NAN)),
        ("npv:B", precision_score(1 - truth[drawn], ~said[drawn], zero_division=NAN)),
        ("label_f1:B", f1_score(truth[drawn], said[drawn])),
        ("kappa", cohen_kappa_score(truth[drawn], said[drawn])),
    ):
        assert got[name] == pytest.approx(wanted, nan_ok=True), name


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2000), labels=st.integers(3, 5))
def test_figures_of_several_exclusive_labels_equal_scikit_learn_in_every_draw(seed: int, labels: int) -> None:
    rng = np.random.default_rng(seed)
    truth, scores, weights = rng.integers(0, labels, 15), rng.random((15, labels)), rng.integers(0, 3, 15)
    truth[:labels], weights[:labels] = np.arange(labels), 1
    scores /= scores.sum(axis=1, keepdims=True)
    drawn, said = np.repeat(np.arange(15), weights), scores.argmax(axis=1)
    hot = np.eye(labels)[truth]

    got = figures(classes(hot, scores), weights)

    assert got["kappa"] == pytest.approx(cohen_kappa_score(truth[drawn], said[drawn]))
    assert got["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(truth[drawn], said[drawn]))
    assert got["sensitivity"] == pytest.approx(recall_score(truth[drawn], said[drawn], average="macro"))
    each = precision_score(truth[drawn], said[drawn], average=None, labels=range(labels), zero_division=NAN)
    assert got["ppv"] == pytest.approx(np.nanmean(each))
    assert [got[f"ppv:{label}"] for label in "ABCDE"[:labels]] == pytest.approx(each, nan_ok=True)
    assert got["average_precision"] == pytest.approx(average_precision_score(hot[drawn], scores[drawn]))
    assert got["brier"] == pytest.approx(((scores - hot)[drawn] ** 2).sum(axis=1).mean())
    alone = figures(classes((said == truth)[:, None], scores.max(axis=1)[:, None], exclusive=False), weights)
    assert got["ece"] == pytest.approx(alone["ece"])


def test_figures_of_labels_that_stand_each_for_itself_are_means_of_each() -> None:
    truth = np.array([[1, 0], [0, 1], [1, 1], [0, 0], [1, NAN]])
    scores = np.array([[0.9, 0.2], [0.6, 0.6], [0.3, 0.9], [0.1, 0.7], [0.8, 0.99]])

    got = figures(classes(truth, scores, exclusive=False))

    first, second = truth[:, 0], truth[:4, 1]
    said = scores >= 0.5
    both = [(first, said[:, 0], scores[:, 0]), (second, said[:4, 1], scores[:4, 1])]
    for name, of in (
        ("balanced_accuracy", lambda t, s, p: balanced_accuracy_score(t, s)),
        ("kappa", lambda t, s, p: cohen_kappa_score(t, s)),
        ("average_precision", lambda t, s, p: average_precision_score(t, p)),
        ("brier", lambda t, s, p: brier_score_loss(t, p)),
        ("ppv", lambda t, s, p: precision_score(t, s)),
        ("specificity", lambda t, s, p: recall_score(1 - t, ~s)),
    ):
        assert got[name] == pytest.approx(np.mean([of(*one) for one in both])), name
    assert got["ppv:B"] == pytest.approx(precision_score(second, said[:4, 1]))


def test_what_is_not_defined_says_why() -> None:
    def why(outcome: ClassOutcome, name: str) -> str:
        names = [f"p{i}" for i in range(len(outcome.truth))]
        figure = figure_of(outcome.measures()[name], Groups.of(names))
        assert np.isnan(figure.value)
        return figure.why

    assert why(pair([0.1, 0.2], [0, 1]), "ppv:B") == "no answer says the label"
    assert why(pair([0.1, 0.2], [0, 0]), "sensitivity:B") == "no case has the label"
    assert why(pair([0.9, 0.2], [1, 1]), "specificity:B") == "every case has the label"
    assert why(pair([0.9, 0.8], [1, 0]), "npv:B") == "every answer says the label"
    assert why(pair([0.1, 0.2], [0, 0]), "average_precision") == "no case has the label"
    assert why(pair([0.1, 0.2], [0, 0]), "kappa").startswith("truth and answers are one and the same")
    beyond = classes([[1], [0], [1]], [[1.5], [0.2], [0.9]], exclusive=False)
    assert why(beyond, "brier") == why(beyond, "ece") == "a score is below 0 or above 1, so it is no probability"
    assert figures(beyond)["average_precision"] == 1.0


def test_shares_of_patients_with_one_film_have_exact_intervals_and_the_calibration_error_has_none() -> None:
    names = [f"p{i}" for i in range(40)]
    outcome = pair(np.tile(SCORES, 4), np.tile(TRUTH, 4))

    told = {name: figure_of(measure, Groups.of(names)) for name, measure in outcome.measures().items()}

    assert told["sensitivity:B"].method == told["ppv:B"].method == "exact binomial"
    assert told["kappa"].method == told["average_precision"].method == told["brier"].method == LEFT_OUT
    for name in ("kappa", "average_precision", "brier", "balanced_accuracy", "label_f1:B"):
        assert told[name].low < told[name].value < told[name].high, name
    assert not told["ece"].has_interval
    assert "comes out too high" in told["ece"].why


@pytest.mark.parametrize(
    ("score", "place"), [(0.0, 0), (0.0999, 0), (0.1, 1), (0.3, 3), (0.7, 7), (0.9, 9), (0.99, 9), (1.0, 9)]
)
def test_each_score_lies_in_the_bin_that_it_begins(score: float, place: int) -> None:
    from ml.evaluation.figures.probabilities import bins_of

    assert bins_of(np.array([score])).tolist() == [place]
