"""What each kind's answers give: figures against scikit-learn, and a row for every case."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from ml.evaluation.class_outcome import ClassOutcome
from ml.evaluation.leaving_out import Groups
from ml.evaluation.mask_outcome import MaskOutcome
from ml.evaluation.measures import Share, figure_of

NAN = float("nan")


def classes(truth, scores, *, exclusive=True, cuts=0.5, folds=None) -> ClassOutcome:
    truth, scores = np.array(truth, np.float64), np.array(scores, np.float64)
    return ClassOutcome(
        truth=truth,
        scores=scores,
        thresholds=np.broadcast_to(np.asarray(cuts, np.float64), (len(truth),)).copy(),
        folds=np.zeros(len(truth), np.int64) if folds is None else np.array(folds),
        labels=tuple("ABCDEFG"[: truth.shape[1]]),
        exclusive=exclusive,
    )


def figures(outcome, weights=None) -> dict[str, float]:
    count = len(outcome.rows())
    weights = np.ones((1, count)) if weights is None else np.array([weights], np.float64)
    return {name: float(value[0]) for name, value in outcome.figures(weights).items()}


def one_hot(index, labels: int) -> np.ndarray:
    return np.eye(labels)[np.array(index)]


def test_macro_f1_leaves_out_a_label_that_occurs_nowhere() -> None:
    truth = one_hot([0, 1, 0, 1], 3)

    assert figures(classes(truth, truth))["macro_f1"] == 1.0
    assert figures(classes(truth, truth))["accuracy"] == 1.0


def test_macro_f1_counts_a_label_that_is_only_in_the_answers_or_only_in_the_truth() -> None:
    truth, said = [0, 1, 0, 1], [0, 1, 0, 2]

    assert figures(classes(one_hot(truth, 3), one_hot(said, 3)))["macro_f1"] == pytest.approx(
        f1_score(truth, said, average="macro")
    )
    assert figures(classes(one_hot(said, 3), one_hot(truth, 3)))["macro_f1"] == pytest.approx(
        f1_score(said, truth, average="macro")
    )


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000), labels=st.integers(2, 5))
def test_figures_of_exclusive_labels_equal_scikit_learn_in_every_draw(seed: int, labels: int) -> None:
    rng = np.random.default_rng(seed)
    truth, said = rng.integers(0, labels, 12), rng.integers(0, labels, 12)
    weights = rng.integers(0, 3, 12)
    weights[0] = 1
    drawn = np.repeat(np.arange(12), weights)

    got = figures(classes(one_hot(truth, labels), one_hot(said, labels)), weights)

    assert got["accuracy"] == pytest.approx(accuracy_score(truth[drawn], said[drawn]))
    assert got["macro_f1"] == pytest.approx(f1_score(truth[drawn], said[drawn], average="macro"))


def test_macro_f1_of_independent_labels_equals_scikit_learn() -> None:
    truth = np.array([[1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 0]])
    scores = np.array([[0.9, 0.2, 0.1], [0.8, 0.6, 0.1], [0.3, 0.9, 0.2], [0.1, 0.1, 0.1]])

    got = figures(classes(truth, scores, exclusive=False))

    assert got["macro_f1"] == pytest.approx(f1_score(truth[:, :2], scores[:, :2] >= 0.5, average="macro"))
    assert got["accuracy"] == pytest.approx((truth == (scores >= 0.5)).mean())
    assert got["auc"] == pytest.approx(np.mean([roc_auc_score(truth[:, i], scores[:, i]) for i in (0, 1)]))
    assert got["auc:A"] == pytest.approx(roc_auc_score(truth[:, 0], scores[:, 0]))
    assert np.isnan(got["auc:C"])


def test_macro_f1_of_no_label_at_all_is_not_defined() -> None:
    outcome = classes(np.zeros((3, 2)), np.zeros((3, 2)), exclusive=False)
    figure = figure_of(outcome.measures()["macro_f1"], Groups.of(["a", "b", "c"]))

    assert np.isnan(figure.value)
    assert figure.why == "no label occurs, neither in the truth nor in the answers"


def test_the_operating_point_of_each_case_decides_its_answer() -> None:
    truth = [[1, 0], [0, 1], [0, 1]]
    scores = [[0.7, 0.3], [0.7, 0.3], [0.2, 0.8]]

    assert figures(classes(truth, scores, cuts=0.5))["accuracy"] == pytest.approx(2 / 3)
    assert figures(classes(truth, scores, cuts=[0.5, 0.3, 0.5]))["accuracy"] == 1.0
    assert figures(classes(truth, scores, cuts=[0.5, 0.3, 0.9]))["accuracy"] == pytest.approx(2 / 3)


def test_the_area_of_two_exclusive_labels_is_that_of_the_second() -> None:
    truth = one_hot([0, 1, 1, 0, 1], 2)
    second = np.array([0.4, 0.7, 0.3, 0.2, 0.9])
    scores = np.stack([np.zeros(5), second], axis=1)

    got = figures(classes(truth, scores))

    assert got["auc"] == pytest.approx(roc_auc_score(truth[:, 1], second))
    assert not {name for name in got if name.startswith("auc:")}


def test_three_exclusive_labels_have_each_an_area_and_one_has_none_of_its_own() -> None:
    three = one_hot([0, 1, 2, 0], 3)

    assert {name for name in figures(classes(three, three)) if name.startswith("auc:")} == {"auc:A", "auc:B", "auc:C"}
    assert not any(":" in name for name in figures(classes([[1], [0]], [[0.9], [0.2]], exclusive=False)))


def test_the_area_of_two_independent_or_three_exclusive_labels_is_their_mean() -> None:
    rng = np.random.default_rng(2)
    two, three = (rng.random((30, 2)) < 0.5).astype(float), one_hot(np.arange(30) % 3, 3)

    for truth, exclusive in ((two, False), (three, True)):
        scores = rng.random(truth.shape) * 0.7 + truth * 0.3
        each = [roc_auc_score(truth[:, i], scores[:, i]) for i in range(truth.shape[1])]
        assert len({round(area, 3) for area in each}) > 1
        assert figures(classes(truth, scores, exclusive=exclusive))["auc"] == pytest.approx(np.mean(each))


def test_the_mean_of_folds_leaves_out_a_fold_of_one_class() -> None:
    truth = one_hot([0, 1, 0, 1, 1, 1], 2)
    scores = np.stack([np.zeros(6), [0.2, 0.9, 0.8, 0.1, 0.5, 0.6]], axis=1)

    got = figures(classes(truth, scores, folds=[0, 0, 1, 1, 2, 2]))

    assert got["auc_fold_mean"] == pytest.approx((1.0 + 0.0) / 2)
    assert got["auc"] == pytest.approx(roc_auc_score(truth[:, 1], scores[:, 1]))
    assert "auc_fold_mean" not in figures(classes(truth, scores))


def test_unknown_labels_change_no_figure() -> None:
    truth = np.array([[1, 0], [0, 1], [1, NAN], [0, NAN], [NAN, 1], [NAN, 0]])
    scores = np.array([[0.9, 0.2], [0.1, 0.8], [0.8, 0.99], [0.4, 0.01], [0.99, 0.7], [0.01, 0.3]])
    known = classes(truth, scores, exclusive=False)
    other = classes(truth, np.where(np.isnan(truth), 0.5 - scores, scores), exclusive=False)

    assert figures(known) == figures(other)
    assert figures(known)["auc"] == 1.0
    assert figures(known)["accuracy"] == 1.0


def test_an_exclusive_case_that_is_not_known_is_no_case() -> None:
    truth = [[1, 0], [NAN, NAN], [0, 1]]
    got = figures(classes(truth, [[0.9, 0.1], [0.9, 0.1], [0.9, 0.1]]))

    assert got["accuracy"] == 0.5


def test_a_score_that_is_no_number_leaves_no_figure() -> None:
    outcome = classes([[1, 0], [0, 1], [1, 0]], [[0.9, 0.1], [NAN, NAN], [0.8, 0.2]])

    assert all(np.isnan(value) for value in figures(outcome).values())
    figure = figure_of(outcome.measures()["auc"], Groups.of(["a", "b", "c"]))
    assert figure.why == "a score is no number"
    assert outcome.measures()["auc"].counts.tolist() == [True, True, True]
    # Where nothing is known the score does not count.
    unknown = classes([[1, 0], [NAN, NAN], [0, 1]], [[0.9, 0.1], [NAN, NAN], [0.2, 0.8]])
    assert figures(unknown)["auc"] == 1.0


def test_every_case_has_a_row_for_each_label_unknown_ones_too() -> None:
    outcome = classes([[1, 0], [NAN, NAN], [0, 1]], [[0.9, 0.1], [0.4, 0.6], [0.7, 0.3]])

    rows = [[(row.label, row.score, row.truth, row.answer, row.false) for row in case] for case in outcome.rows()]

    assert rows == [
        [("A", 0.9, "yes", "yes", None), ("B", 0.1, "no", "no", None)],
        [("A", 0.4, "unknown", "no", None), ("B", 0.6, "unknown", "yes", None)],
        [("A", 0.7, "no", "yes", None), ("B", 0.3, "yes", "no", None)],
    ]


def test_accuracy_of_two_patients_with_one_film_is_a_share_of_patients() -> None:
    measure = classes([[1, 0], [0, 1]], [[0.9, 0.1], [0.2, 0.8]]).measures()["accuracy"]

    assert isinstance(measure, Share)
    assert measure.counted


def test_dice_is_the_mean_of_cases_of_the_mean_of_labels() -> None:
    outcome = MaskOutcome(
        dice=np.array([[1.0, 0.0], [0.4, NAN], [NAN, NAN]]), present=np.ones((3, 2), bool), labels=("x", "y")
    )

    got = figures(outcome)

    assert got["dice"] == pytest.approx((0.5 + 0.4) / 2)
    assert (got["dice:x"], got["dice:y"]) == pytest.approx((0.7, 0.0))
    assert set(figures(MaskOutcome(dice=np.ones((2, 1)), present=np.ones((2, 1), bool), labels=("x",)))) == {"dice"}


def test_every_mask_has_a_row_empty_and_unknown_ones_too() -> None:
    outcome = MaskOutcome(
        dice=np.array([[1.0, 0.25], [NAN, NAN]]),
        present=np.array([[False, True], [False, False]]),
        labels=("x", "y"),
    )

    rows = [[(row.label, row.score, row.truth) for row in case] for case in outcome.rows()]

    assert rows == [
        [("x", 1.0, "empty"), ("y", 0.25, "present")],
        [("x", None, "unknown"), ("y", None, "unknown")],
    ]


def test_many_films_of_few_patients_give_a_wider_interval() -> None:
    rng = np.random.default_rng(0)
    level = np.repeat(rng.normal(0.7, 0.1, 40), 20)

    def width(patients: list[str]) -> float:
        outcome = MaskOutcome(dice=level[:, None], present=np.ones((800, 1), bool), labels=("x",))
        figure = figure_of(outcome.measures()["dice"], Groups.of(patients))
        return figure.high - figure.low

    assert width([f"p{i // 20}" for i in range(800)]) > 3 * width([f"p{i}" for i in range(800)])


def test_what_is_counted_of_many_labels_is_held_in_a_byte_a_case() -> None:
    """Of 100,000 cases and 14 labels there are some three hundred such columns at once: as floats, 0.2 GiB more."""
    rng = np.random.default_rng(0)
    truth, scores = (rng.random((40, 14)) < 0.5).astype(float), rng.random((40, 14))
    outcome = ClassOutcome(
        truth=truth, scores=scores, thresholds=np.full(40, 0.5), folds=np.zeros(40, np.int64),
        labels=tuple("abcdefghijklmn"), exclusive=False,
    )  # fmt: skip
    counted = [
        column
        for name, one in outcome.measures().items()
        if name.partition(":")[0] in ("ppv", "sensitivity", "specificity", "npv", "label_f1", "kappa", "macro_f1")
        for column in ((one.top, one.bottom) if isinstance(one, Share) else (one.columns,))
    ]

    assert len(counted) > 140 and {column.dtype.itemsize for column in counted} == {1}
