"""From scores to an answer, each kind by hand."""

import math

import numpy as np
import pytest

from viewer.core.deciding import Decides, cut_words, decision_rule

TWO = decision_rule("classification", ("NORMAL", "PNEUMONIA"), exclusive=True)
THREE = decision_rule("classification", ("A", "B", "C"), exclusive=True)
MANY = decision_rule("classification", ("A", "B", "C"), exclusive=False)
BOXES = decision_rule("detection", ("A", "B"), exclusive=False)


@pytest.mark.parametrize(
    ("kind", "labels", "exclusive", "by"),
    [
        ("classification", 2, True, Decides.SECOND), ("classification", 3, True, Decides.HIGHEST),
        ("classification", 14, True, Decides.HIGHEST), ("classification", 2, False, Decides.EACH),
        ("classification", 1, False, Decides.EACH), ("classification", 0, False, Decides.EACH),
        ("detection", 2, True, Decides.BOXES), ("detection", 1, False, Decides.BOXES),
        ("segmentation", 2, True, Decides.BEST_MASK), ("segmentation", 2, False, Decides.EACH_MASK),
        ("segmentation", 1, True, Decides.EACH_MASK),
    ],
)  # fmt: skip
def test_each_kind_of_task_has_one_rule(kind: str, labels: int, exclusive: bool, by: Decides) -> None:
    assert decision_rule(kind, tuple("ABCDEFGHIJKLMN"[:labels]), exclusive=exclusive).by is by


@pytest.mark.parametrize("threshold", [0.0, 0.03, 0.42, 0.5, 0.9, 0.97, 1.0])
@pytest.mark.parametrize("second", [0.0, 0.42, 0.5, 0.9, 1.0])
def test_two_exclusive_labels_say_exactly_one_at_every_threshold(threshold: float, second: float) -> None:
    answer = TWO.answer({"NORMAL": 1 - second, "PNEUMONIA": second}, threshold)

    assert answer == (("PNEUMONIA",) if second >= threshold else ("NORMAL",))


def test_the_order_of_the_scores_does_not_matter_the_order_of_the_outputs_does() -> None:
    assert TWO.answer({"PNEUMONIA": 0.45, "NORMAL": 0.55}, 0.42) == ("PNEUMONIA",)
    assert MANY.answer({"C": 0.9, "A": 0.8, "B": 0.1}, 0.5) == ("A", "C")


@pytest.mark.parametrize("threshold", [0.0, 0.34, 0.5, 0.99])
def test_of_three_exclusive_labels_the_highest_is_said_whatever_the_threshold(threshold: float) -> None:
    assert THREE.answer({"A": 0.3, "B": 0.36, "C": 0.34}, threshold) == ("B",)
    assert THREE.answer({"A": 0.4, "B": 0.4, "C": 0.2}, threshold) == ("A",)  # of equal ones the first
    assert not THREE.has_cut


def test_labels_for_themselves_are_said_at_or_above_the_cut() -> None:
    assert MANY.answer({"A": 0.42, "B": 0.419, "C": 0.9}, 0.42) == ("A", "C")
    assert MANY.answer({"A": 0.1, "B": 0.2, "C": 0.3}, 0.42) == ()


@pytest.mark.parametrize("rule", [TWO, THREE, MANY])
def test_a_table_of_cases_says_what_each_case_says_alone(rule: object) -> None:
    labels = rule.labels  # type: ignore[attr-defined]
    random = np.random.default_rng(5)
    scores = random.dirichlet(np.ones(len(labels)), 200)
    cuts = random.uniform(0, 1, 200)

    said = rule.said(scores, cuts)  # type: ignore[attr-defined]

    for row, cut, holds in zip(scores, cuts, said, strict=True):
        alone = rule.answer(dict(zip(labels, row.tolist(), strict=True)), float(cut))  # type: ignore[attr-defined]
        assert alone == tuple(label for label, one in zip(labels, holds, strict=True) if one)


@pytest.mark.parametrize("rule", [TWO, THREE, MANY])
def test_scores_that_are_no_numbers_decide_nothing(rule: object) -> None:
    scores = dict.fromkeys(rule.labels, math.nan)  # type: ignore[attr-defined]

    assert rule.answer(scores, 0.5) == ()  # type: ignore[attr-defined]
    assert rule.answer({}, 0.5) == ()  # type: ignore[attr-defined]


def test_exclusive_masks_give_a_pixel_to_its_most_probable_label_and_others_to_each() -> None:
    probability = np.array([[[0.45, 0.2, 0.4, 0.29]], [[0.4, 0.3, 0.4, 0.1]]])  # (label, 1 row, 4 columns)

    best = decision_rule("segmentation", ("A", "B"), exclusive=True).inside(probability, 0.3)
    each = decision_rule("segmentation", ("A", "B"), exclusive=False).inside(probability, 0.3)

    assert best.tolist() == [[[True, False, True, False]], [[False, True, False, False]]]
    assert each.tolist() == [[[True, False, True, False]], [[True, True, True, False]]]


def test_proposals_follow_the_rule_and_masks_were_cut_when_the_model_was_asked() -> None:
    scores = {"NORMAL": 0.1, "PNEUMONIA": 0.9}

    assert TWO.proposes("NORMAL", 0.1, scores, 0.97) and not TWO.proposes("PNEUMONIA", 0.9, scores, 0.97)
    assert BOXES.proposes("A", 0.42, {}, 0.42) and not BOXES.proposes("A", 0.41, {}, 0.42)
    for exclusive in (True, False):
        masks = decision_rule("segmentation", ("A", "B"), exclusive=exclusive)
        assert masks.proposes("A", 0.31, {}, 0.99) and not masks.has_cut


def test_a_line_at_the_threshold_stands_only_where_a_labels_own_score_is_held_against_it() -> None:
    asked = {rule.by: [rule.is_cut(label) for label in rule.labels] for rule in (TWO, THREE, MANY, BOXES)}

    assert asked == {
        Decides.SECOND: [False, True],
        Decides.HIGHEST: [False] * 3,
        Decides.EACH: [True] * 3,
        Decides.BOXES: [True] * 2,
    }


def test_an_answer_from_before_its_labels_were_kept_is_read_as_it_was_then() -> None:
    old = decision_rule("classification", (), exclusive=False)

    assert not old.remembered
    assert old.answer({"NORMAL": 0.55, "PNEUMONIA": 0.45}, 0.42) == ("NORMAL", "PNEUMONIA")


def test_the_rule_in_words() -> None:
    assert TWO.words(0.42) == "PNEUMONIA when its score is at least 0.42, else NORMAL"
    assert THREE.words(0.5) == "the highest scored of the 3 labels"
    assert MANY.words(0.424) == "each label whose score is at least 0.424"
    assert BOXES.words(0.3) == "each box whose score is at least 0.30"
    assert decision_rule("segmentation", ("A",), exclusive=False).words(0.5) == (
        "A: the pixels whose score is at least 0.50"
    )
    assert (cut_words(0.4), cut_words(0.42371), cut_words(1.0)) == ("0.40", "0.424", "1.00")
