"""What was chosen on validation is told on the cases that are judged, and nothing is chosen on them."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, confusion_matrix

from ml.calibration import Calibration
from ml.card import Card, Domain
from ml.catalogue import PreprocessSpec
from ml.chosen import Chosen
from ml.evaluation.box_outcome import BoxOutcome
from ml.evaluation.boxes import BoxCase
from ml.evaluation.class_outcome import ClassOutcome
from ml.evaluation.figures.prevalence import shifted
from ml.evaluation.leaving_out import Groups
from ml.evaluation.points_told import calibration_words, points_told, prevalence_told
from ml.operating_points import OperatingPoint
from viewer.core.errors import BadRequest

POINTS = {
    "recall:0.95": OperatingPoint(cut=0.25, recall=0.96, precision=0.5),
    "precision:0.9": OperatingPoint(cut=0.75, recall=0.4, precision=None),
}
CARD = Card(
    name="m", model="simple_cnn", kind="classification", labels=("well", "sick"), exclusive=True,
    preprocess=PreprocessSpec(size_px=32), domain=Domain(), threshold=0.25, metrics={}, snapshot_id="s", cam_layer="",
    task="t", operating_point="recall:0.95", chosen=Chosen(points=POINTS, uncalibrated="validation holds 9 cases"),
)  # fmt: skip
RNG = np.random.default_rng(5)
TRUTH = (np.arange(60) % 3 == 0).astype(float)
SCORES = np.round(np.clip(TRUTH * 0.3 + RNG.random(60) * 0.7, 0, 1), 2)
NAMES = [f"p{i}" for i in range(60)]
GROUPS = Groups.of(NAMES)


def outcome(cut: float = 0.5, calibrated=None) -> ClassOutcome:
    return ClassOutcome(
        truth=np.stack([1 - TRUTH, TRUTH], axis=1), scores=np.stack([1 - SCORES, SCORES], axis=1),
        thresholds=np.full(60, cut), folds=np.zeros(60, np.int64), labels=("well", "sick"), exclusive=True,
        calibrated=calibrated,
    )  # fmt: skip


def test_each_frozen_cut_is_told_with_what_it_reaches_here() -> None:
    told = points_told([CARD], outcome(), np.zeros(60, np.int64), GROUPS)

    for one, cut in zip(told.parts["operating_points"], (0.25, 0.75), strict=True):
        (right_no, false), (missed, hit) = confusion_matrix(TRUTH, cut <= SCORES)
        figures = one["figures"]
        assert figures["sensitivity:sick"]["value"] == pytest.approx(hit / (hit + missed))
        assert figures["specificity:sick"]["value"] == pytest.approx(right_no / (right_no + false))
        assert figures["ppv:sick"]["value"] == pytest.approx(hit / (hit + false))
        assert figures["sensitivity:sick"]["method"] == "exact binomial"
        assert one["validation"] == [POINTS[one["rule"]].to_json()]
    (table,) = told.tables
    assert [row[:3] for row in table.rows] == [
        ("recall at least 0.95 (in use)", "0.25", "0.960, 0.500"),
        ("precision at least 0.9", "0.75", "0.400, not defined"),
    ]  # fmt: skip
    assert not table.of_cases and "chosen on validation and frozen" in table.note


def test_each_fold_is_cut_where_its_own_model_was() -> None:
    other = replace(CARD, chosen=Chosen(points={"recall:0.95": OperatingPoint(cut=0.75, recall=1.0, precision=1.0)}))
    whose = np.repeat([0, 1], 30)

    (one,) = points_told([CARD, other], outcome(), whose, GROUPS).parts["operating_points"]

    cuts = np.where(whose == 0, 0.25, 0.75)
    assert one["figures"]["sensitivity:sick"]["value"] == pytest.approx((cuts <= SCORES)[TRUTH == 1].mean())


def test_a_card_from_before_or_an_answer_that_is_not_cut_has_none() -> None:
    whose = np.zeros(60, np.int64)
    assert points_told([replace(CARD, chosen=None)], outcome(), whose, GROUPS).tables == ()
    three = replace(
        outcome(), truth=np.eye(3)[np.arange(60) % 3], scores=RNG.random((60, 3)), labels=("a", "b", "c")
    )  # fmt: skip
    assert points_told([CARD], three, whose, GROUPS).tables == ()


def test_boxes_are_told_by_recall_precision_and_false_positives() -> None:
    box = np.array([[0.0, 0, 9, 9], [20, 0, 29, 9]])
    case = BoxCase(
        truth=box[:1], truth_labels=np.zeros(1, np.int64), boxes=box, labels=np.zeros(2, np.int64),
        scores=np.array([0.5, 0.3]),
    )  # fmt: skip
    boxes = BoxOutcome(cases=[case], thresholds=np.array([0.9]), labels=("x",))

    told = points_told([CARD], boxes, np.zeros(1, np.int64), Groups.of(["p"])).parts["operating_points"]

    low, high = ({name: figure["value"] for name, figure in one["figures"].items()} for one in told)
    assert (low["recall"], low["precision"], low["false_positives"]) == (1.0, 0.5, 1.0)
    assert (high["recall"], high["precision"], high["false_positives"]) == (0.0, None, 0.0)


def test_predictive_values_at_a_prevalence_are_bayes() -> None:
    told = prevalence_told(0.05, [CARD], outcome(0.5), GROUPS)

    (right_no, false), (missed, hit) = confusion_matrix(TRUTH, SCORES >= 0.5)
    sensitivity, specificity = hit / (hit + missed), right_no / (right_no + false)
    figures = told.parts["prevalence"]["figures"]
    ppv = sensitivity * 0.05 / (sensitivity * 0.05 + (1 - specificity) * 0.95)
    npv = specificity * 0.95 / (specificity * 0.95 + (1 - sensitivity) * 0.05)
    assert figures["ppv_there"]["value"] == pytest.approx(ppv)
    assert figures["npv_there"]["value"] == pytest.approx(npv)
    assert figures["ppv_there"]["low"] < ppv < figures["ppv_there"]["high"]
    # At the share that these cases have it is the precision that was counted.
    here = prevalence_told(1 / 3, [CARD], outcome(0.5), GROUPS).parts["prevalence"]["figures"]
    assert here["ppv_there"]["value"] == pytest.approx(hit / (hit + false))
    assert told.parts["prevalence"]["scores"] == []
    assert "the same mix of cases assumed" in told.tables[0].note and "Scores are not told" in told.tables[0].note


def test_scores_at_a_prevalence_are_those_of_calibrated_ones_with_other_odds() -> None:
    calibration = Calibration(exclusive=True, slopes=(1.0,), biases=(0.0, 0.0), cases=40)
    card = replace(CARD, threshold=0.4, chosen=Chosen(calibration=calibration, share=0.5))

    told = prevalence_told(0.1, [card], outcome(), GROUPS)

    scores = {one["score"]: one["here"] for one in told.parts["prevalence"]["scores"]}
    assert scores[0.5] == pytest.approx(0.1)  # odds of 1 at 1:1 are odds of 1:9
    assert scores[0.9] == pytest.approx(0.5)  # 9:1 become 1:1
    assert 0.4 in scores
    assert ("a score of 0.90", "0.500") in told.tables[0].rows
    assert shifted(np.array([0.3]), 0.2, 0.2)[0] == pytest.approx(0.3)


@pytest.mark.parametrize("prevalence", [0.0, 1.0, -0.1, float("nan")])
def test_a_prevalence_that_is_none_is_refused(prevalence: float) -> None:
    with pytest.raises(BadRequest, match="lies between 0 and 1"):
        prevalence_told(prevalence, [CARD], outcome(), GROUPS)


def test_a_prevalence_is_of_one_label() -> None:
    two = replace(outcome(), exclusive=False)
    with pytest.raises(BadRequest, match="of one label"):
        prevalence_told(0.1, [CARD], two, GROUPS)


def test_calibrated_scores_have_figures_and_a_line_of_their_own() -> None:
    after = np.stack([1 - SCORES / 2, SCORES / 2], axis=1)
    plain, both = outcome(), outcome(calibrated=after)

    values = {name: float(measure.values(np.ones((1, 60)))[0]) for name, measure in both.measures().items()}

    assert values["brier_after"] == pytest.approx(brier_score_loss(TRUTH, SCORES / 2))
    assert values["brier"] == pytest.approx(brier_score_loss(TRUTH, SCORES))
    assert values["ece_after"] != pytest.approx(values["ece"])
    assert not {"brier_after", "ece_after"} & set(plain.measures())
    reliability = next(curve for curve in both.curves() if curve.kind == "reliability")
    assert [line.name for line in reliability.lines] == ["as it is", "calibrated"]


def test_how_scores_were_calibrated_or_why_not_is_said_once() -> None:
    calibration = Calibration(exclusive=True, slopes=(0.5,), biases=(0.25, -0.25), cases=40)
    assert calibration_words([CARD, CARD]) == ["Not calibrated: validation holds 9 cases."]
    assert calibration_words([replace(CARD, chosen=Chosen(calibration=calibration))]) == [
        "Calibrated figures: temperature 2, bias +0.25, -0.25, fitted on validation (40 cases). Scores are shown as "
        "the model gives them."
    ]
    assert calibration_words([replace(CARD, chosen=None)]) == []


def test_a_card_keeps_what_was_chosen_and_one_from_before_is_as_it_was() -> None:
    calibration = Calibration(exclusive=True, slopes=(0.5,), biases=(0.25, -0.25), cases=40)
    card = replace(CARD, chosen=Chosen(points=POINTS, calibration=calibration, share=0.4))

    assert Card.from_json(card.to_json()) == card
    before = replace(CARD, chosen=None, operating_point="").to_json()
    assert not {"chosen", "operating_point"} & set(before)
    assert Card.from_json(before).chosen is None
