"""Figures of any scores equal scikit-learn's, with ties, one class and several films a patient."""

import warnings

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from ml.evaluation.figures import average_precision
from ml.evaluation.figures.any_scores import AT_THE_CUT, NO_CUT, cut_measures, score_measures
from ml.evaluation.figures.probabilities import NO_PROBABILITY, TOO_HIGH
from ml.evaluation.leaving_out import Groups
from ml.evaluation.measures import figure_of

NAN = np.nan


def value_of(measure) -> float:
    return float(measure.values(np.ones((1, len(measure.counts))))[0])


def figures(truth, scores, cut=0.5, prevalence=None) -> dict[str, float]:
    truth, scores = np.asarray(truth, float), np.asarray(scores, float)
    measures = score_measures(truth, scores) | cut_measures(truth, scores, cut, prevalence)
    return {name: value_of(measure) for name, measure in measures.items()}


def theirs(truth, scores, cut, weights=None) -> dict[str, float]:
    """scikit-learn's, NaN where it warns that there is none, or gives 0 for none."""
    said, more = scores >= cut, {"sample_weight": weights}
    both, some, found = len(set(truth)) == 2, truth.any(), said.any()
    counts = sk.confusion_matrix(truth, said, labels=[0, 1], sample_weight=weights)
    alike = {counts.sum()} if 0 in np.diag(counts) else set()  # all in one cell, by truth and answer
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            "auc": sk.roc_auc_score(truth, scores, **more) if both else NAN,
            "average_precision": sk.average_precision_score(truth, scores, **more) if some else NAN,
            "brier": sk.brier_score_loss(truth, scores, pos_label=1, **more),
            "accuracy": sk.accuracy_score(truth, said, **more),
            "balanced_accuracy": sk.balanced_accuracy_score(truth, said, **more) if both else NAN,
            "sensitivity": sk.recall_score(truth, said, **more) if some else NAN,
            "specificity": sk.recall_score(truth, said, pos_label=0, **more) if not truth.all() else NAN,
            "ppv": sk.precision_score(truth, said, **more) if found else NAN,
            "npv": sk.precision_score(truth, said, pos_label=0, **more) if not said.all() else NAN,
            "f1": sk.f1_score(truth, said, **more) if some or found else NAN,
            "kappa": sk.cohen_kappa_score(truth, said, **more) if counts.trace() not in alike else NAN,
        }


@settings(max_examples=40, deadline=None)
@example(seed=0, count=1, levels=1, share=0.0, patients=1)
@example(seed=0, count=5, levels=2, share=1.0, patients=2)
@given(
    seed=st.integers(0, 100_000), count=st.integers(1, 60), levels=st.integers(1, 8),
    share=st.sampled_from((0.0, 0.1, 0.5, 1.0)), patients=st.integers(1, 6),
)  # fmt: skip
def test_every_figure_equals_scikit_learn(seed: int, count: int, levels: int, share: float, patients: int) -> None:
    rng = np.random.default_rng(seed)
    truth, scores = (rng.random(count) < share).astype(int), rng.integers(0, levels + 1, count) / levels
    unknown = rng.random(count) < 0.2  # whose rows are in no figure
    unknown[0] = False
    known = ~unknown

    ours = figures(np.where(unknown, NAN, truth), scores, cut=0.5)

    for name, value in theirs(truth[known], scores[known], 0.5).items():
        assert ours[name] == pytest.approx(value, nan_ok=True, abs=1e-12), name
    # And without each patient, which the intervals are made of.
    names = [f"p{i}" for i in rng.integers(0, patients, count)]
    measures = score_measures(np.where(unknown, NAN, truth), scores)
    measures |= cut_measures(np.where(unknown, NAN, truth), scores, 0.5)
    left_out = {name: measure.left_out(Groups.of(names)) for name, measure in measures.items()}
    for group, patient in enumerate(sorted(set(names))):
        rest = known & (np.array(names) != patient)
        if rest.any():
            for name, value in theirs(truth[rest], scores[rest], 0.5).items():
                assert left_out[name][group] == pytest.approx(value, nan_ok=True, abs=1e-9), name


def test_by_hand() -> None:
    found = figures([1, 1, 1, 0, 0, 0, 0, 0], [0.9, 0.8, 0.3, 0.7, 0.3, 0.2, 0.1, 0.0])

    assert found["auc"] == pytest.approx((5 + 5 + 3.5) / 15)
    # Steps of recall: at 0.9, 0.8 (precision 1 each) and at 0.3, where 3 of 5 are right.
    assert found["average_precision"] == pytest.approx((1 + 1 + 3 / 5) / 3)
    assert found["brier"] == pytest.approx((0.01 + 0.04 + 0.49 + 0.49 + 0.09 + 0.04 + 0.01) / 8)
    assert (found["sensitivity"], found["specificity"]) == pytest.approx((2 / 3, 4 / 5))
    assert (found["ppv"], found["npv"]) == pytest.approx((2 / 3, 4 / 5))
    assert found["balanced_accuracy"] == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert (found["accuracy"], found["f1"]) == pytest.approx((6 / 8, 4 / 6))
    assert found["kappa"] == pytest.approx((6 / 8 - 34 / 64) / (1 - 34 / 64))


def test_a_score_at_the_cut_says_yes() -> None:
    assert figures([1, 0], [0.5, 0.4999])["accuracy"] == 1.0


def test_the_calibration_error_is_made_of_scikit_learn_s_bins() -> None:
    from sklearn.calibration import calibration_curve

    rng = np.random.default_rng(0)
    truth, scores = rng.integers(0, 2, 400), rng.random(400)

    share, mean = calibration_curve(truth, scores, n_bins=10, strategy="uniform")
    counts = np.histogram(scores, bins=10, range=(0, 1))[0]

    assert figures(truth, scores)["ece"] == pytest.approx((counts * np.abs(share - mean)).sum() / 400)
    # Two of four bins by hand: |0.1 - 0.5| over two cases, |1 - 0.5| over two.
    assert figures([1, 0, 1, 0], [0.1, 0.1, 1.0, 1.0])["ece"] == pytest.approx((0.4 * 2 + 0.5 * 2) / 4)


def test_the_calibration_error_has_no_interval_and_says_why() -> None:
    rng = np.random.default_rng(0)
    truth = np.resize([1.0, 0.0], 200)
    names = [f"p{i // 2}" for i in range(200)]

    figure = figure_of(score_measures(truth, rng.random(200))["ece"], Groups.of(names))

    assert figure.value > 0 and not figure.has_interval
    assert figure.why == TOO_HIGH


@pytest.mark.parametrize("outside", [1.001, -0.2, 35.0])
def test_scores_outside_0_to_1_are_ranked_and_no_probabilities(outside: float) -> None:
    truth, scores = np.array([1.0, 0, 1, 0]), np.array([outside, 0.2, 0.4, 0.1])
    measures = score_measures(truth, scores)

    for name in ("brier", "ece"):
        assert np.isnan(value_of(measures[name]))
        assert measures[name].undefined == NO_PROBABILITY
    assert value_of(measures["auc"]) == pytest.approx(sk.roc_auc_score(truth, scores))
    unjudged = score_measures(np.array([1.0, 0, NAN]), np.array([0.9, 0.2, outside]))
    assert np.isfinite(value_of(unjudged["brier"]))  # no figure is made of that score


def test_without_a_cut_no_answer_is_judged() -> None:
    for name, measure in cut_measures(np.array([1.0, 0]), np.array([0.9, 0.1]), None).items():
        assert name in AT_THE_CUT
        assert np.isnan(value_of(measure)) and measure.undefined == NO_CUT


@pytest.mark.parametrize("prevalence", [0.01, 0.1, 0.5, 0.9])
def test_predictive_values_at_a_prevalence_are_those_of_a_table_with_it(prevalence: float) -> None:
    """Bayes, against scikit-learn's with the cases of each class weighted so that they make that share."""
    rng = np.random.default_rng(1)
    truth, scores = (rng.random(200) < 0.3).astype(int), rng.random(200)
    share = truth.mean()
    weights = np.where(truth == 1, prevalence / share, (1 - prevalence) / (1 - share))

    found = figures(truth, scores, cut=0.6, prevalence=prevalence)

    expected = theirs(truth, scores, 0.6, weights)
    assert (found["ppv"], found["npv"]) == pytest.approx((expected["ppv"], expected["npv"]))
    own = figures(truth, scores, cut=0.6, prevalence=share)
    assert own["ppv"] == pytest.approx(figures(truth, scores, cut=0.6)["ppv"])
    one_class = figures([1, 1], [0.9, 0.2], prevalence=prevalence)
    assert np.isnan(one_class["ppv"]) and np.isnan(one_class["npv"])


@settings(max_examples=100, deadline=None)
@given(
    seed=st.integers(0, 100_000), count=st.integers(1, 50), levels=st.integers(1, 12), groups=st.integers(1, 12),
    together=st.integers(0, 60),
)  # fmt: skip
def test_average_precision_without_a_patient_is_that_of_the_others(
    seed: int, count: int, levels: int, groups: int, together: int
) -> None:
    """By running sums or, of patients with more cases than `together`, by a ranking of their own."""
    rng = np.random.default_rng(seed)
    truth, scores = rng.choice([0.0, 1.0, NAN], count, p=[0.5, 0.4, 0.1]), rng.integers(0, levels, count) / levels
    names = np.array([f"p{i}" for i in rng.integers(0, groups, count)])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(average_precision, "MOST_TOGETHER", together)
        found = average_precision.AveragePrecision(truth=truth, scores=scores).left_out(Groups.of(names))

    for group, name in enumerate(sorted(set(names))):
        rest = (names != name) & ~np.isnan(truth)
        some = rest.any() and truth[rest].any()
        theirs = sk.average_precision_score(truth[rest], scores[rest]) if some else NAN
        assert found[group] == pytest.approx(theirs, nan_ok=True, abs=1e-12)
