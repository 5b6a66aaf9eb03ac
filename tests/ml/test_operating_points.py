"""Cuts chosen by a rule: by hand, and the same as scikit-learn's curves give."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, precision_recall_curve, roc_curve

from ml.operating_points import RULES, choose, counts_of, read_rule, rule_words, standard_points
from viewer.core.errors import BadRequest

# By falling score: right, right, wrong, right, wrong, right, wrong, wrong.
SCORES = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2])
RIGHT = np.array([1, 1, 0, 1, 0, 1, 0, 0], bool)


def counts(right=RIGHT, scores=SCORES):
    return counts_of(right, scores, negatives=float((~right).sum()))


def test_cuts_are_those_that_a_hand_finds() -> None:
    # 3 of 4 are found from 0.6 on, all from 0.4 on.
    recall = choose("recall:0.75", counts())
    assert (recall.cut, recall.recall, recall.precision) == (pytest.approx(0.55), 0.75, 0.75)
    assert choose("recall:0.76", counts()).cut == pytest.approx(0.35)
    assert choose("recall:0", counts()).recall == 0  # the highest cut does
    # Precision is 1 as far as 0.8, 3/4 at 0.6, 4/6 at 0.4.
    assert choose("precision:0.9", counts()).cut == pytest.approx(0.75)
    assert choose("precision:0.75", counts()).cut == pytest.approx(0.55)
    assert choose("precision:0.6", counts()).cut == pytest.approx(0.35)
    # 1 + (1/2) - ... : sensitivity less false alarms is 1/2 at 0.8, 3/4 - 1/4 at 0.6, 1 - 1/2 at 0.4: all the same.
    assert choose("youden", counts()).cut == pytest.approx(0.55)  # nearest to the middle
    assert choose("cost:1", counts()).recall in (0.5, 0.75, 1.0)
    assert choose("cost:5", counts()).cut == pytest.approx(0.35)
    assert choose("cost:0.1", counts()).cut == pytest.approx(0.75)


def test_no_cut_is_no_point() -> None:
    wrong_first = np.array([0, 1], bool)
    assert choose("precision:0.9", counts_of(wrong_first, np.array([0.9, 0.1]), negatives=1.0)) is None
    assert choose("recall:0.5", counts_of(np.zeros(2, bool), np.array([0.9, 0.1]), negatives=2.0)) is None
    assert choose("youden", counts_of(np.ones(2, bool), np.array([0.9, 0.1]), negatives=0.0)) is None


def test_boxes_count_what_nobody_proposed_as_missed_and_have_no_true_negatives() -> None:
    boxes = counts_of(RIGHT, SCORES, missed=4)

    assert choose("recall:0.5", boxes).cut == pytest.approx(0.35)
    assert choose("recall:0.6", boxes) is None
    assert choose("youden", boxes) is None
    assert set(standard_points(boxes, also="cost:2")) == {"precision:0.9", "cost:2"}


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 3000))
def test_what_a_point_reached_is_what_the_cut_says_and_no_other_cut_is_better(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth, scores = rng.random(30) < 0.4, np.round(rng.random(30) * 0.9, 1)  # no cut is above a score of 1
    truth[:2] = (True, False)
    of = counts(truth, scores)

    recall, youden, cost = (choose(text, of) for text in ("recall:0.8", "youden", "cost:3"))

    for point in (recall, youden, cost):
        (_, false), (missed, hit) = confusion_matrix(truth, scores >= point.cut, labels=[False, True])
        assert point.recall == pytest.approx(hit / (hit + missed))
        assert point.precision == (pytest.approx(hit / (hit + false)) if hit + false else None)
    fpr, tpr, _ = roc_curve(truth, scores, drop_intermediate=False)
    got_false = (scores[~truth] >= recall.cut).mean()
    assert got_false == pytest.approx(fpr[tpr >= 0.8 - 1e-12].min())
    assert youden.recall - (scores[~truth] >= youden.cut).mean() == pytest.approx((tpr - fpr).max())
    at = 3 * truth.sum() * (1 - tpr) + (~truth).sum() * fpr
    assert 3 * truth.sum() * (1 - cost.recall) + (scores[~truth] >= cost.cut).sum() == pytest.approx(at.min())
    precision, found, _ = precision_recall_curve(truth, scores)
    point = choose("precision:0.6", of)
    able = found[:-1][precision[:-1] >= 0.6]
    assert (point is None) == (not len(able))
    assert point is None or point.recall == pytest.approx(able.max())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("accuracy", "chosen by recall, precision, youden, cost, not by 'accuracy'"),
        ("recall", "takes a number from 0 to 1, not ''"), ("recall:2", "takes a number from 0 to 1, not '2'"),
        ("precision:nan", "from 0 to 1"), ("cost:0", "from 1e-06 to 1e+06"), ("youden:1", "takes no number"),
    ],
)  # fmt: skip
def test_a_rule_that_is_none_is_refused_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(BadRequest, match=said.replace("+", r"\+")):
        read_rule(text)


def test_every_rule_has_words() -> None:
    assert rule_words("recall:0.95") == "recall at least 0.95"
    assert rule_words("of another version:1") == "of another version:1"
    assert all(rule.words for rule in RULES.values())
