"""What is proposed at a threshold is what the model's rule says: without a widget, then in the list and its slider."""

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.test_review_ai import FakeInference, answer, panel_of
from tests.ui.test_review_ai import inference as inference  # a fixture
from tests.ui.test_review_ai import review as review  # a fixture
from viewer.core.shapes.annotations import Decision, Prediction, Proposal
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.ui.flows.cases.answers import ImageAnswers
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.findings import (
    Finding,
    count_words,
    empty_words,
    image_findings,
    is_shown,
    next_undecided,
    short_words,
    shown_findings,
    threshold_words,
    undecided,
    visible_proposals,
)
from viewer.ui.flows.review import Review
from viewer.ui.look.plain_text import set_text
from viewer.ui.panels.finding_rows import ScoreRows
from viewer.ui.panels.findings_room import OriginLabel
from viewer.ui.panels.scores import ScoreCurves

CUTS = (0.0, 0.05, 0.42, 0.5, 0.9, 0.97, 1.0)


def classes(image_id: str = "i", *, exclusive: bool = True, threshold: float = 0.42, **scores: float) -> Prediction:
    proposals = tuple(
        Proposal(proposal_id=f"p-{label}", prediction_id="p", image_id=image_id, label=label, score=score)
        for label, score in sorted(scores.items(), key=lambda item: -item[1])
    )
    return Prediction(
        prediction_id="p", image_id=image_id, model_hash="f" * 64, model_name="run-a", kind="classification",
        created="2026-11-29T12:00:00+00:00", threshold=threshold, scores=scores, proposals=proposals,
        labels=tuple(scores), exclusive=exclusive,
    )  # fmt: skip


def regions(kind: str, *scores: float, image_id: str = "i", threshold: float = 0.42) -> Prediction:
    shape: Any = Box(x0_px=1, y0_px=1, x1_px=5, y1_px=5)
    if kind == "segmentation":
        import numpy as np

        shape = MaskRuns.from_array(np.eye(8, dtype=np.bool_))
    proposals = tuple(
        Proposal(proposal_id=f"p{n}", prediction_id="p", image_id=image_id, label="AB"[n % 2], score=score, shape=shape)
        for n, score in enumerate(scores)
    )
    return replace(classes(image_id), kind=kind, scores={}, proposals=proposals, labels=("A", "B"), threshold=threshold)


def shown(prediction: Prediction, threshold: float) -> list[str]:
    return [f.proposal.label for f in shown_findings(image_findings([prediction]), threshold)]


@pytest.mark.parametrize("second", [0.01, 0.42, 0.45, 0.5, 0.9])
@pytest.mark.parametrize("threshold", CUTS)
def test_of_two_exclusive_labels_exactly_one_is_proposed_at_every_threshold(second: float, threshold: float) -> None:
    prediction = classes(NORMAL=1 - second, PNEUMONIA=second)

    assert shown(prediction, threshold) == ["PNEUMONIA" if second >= threshold else "NORMAL"]
    findings = image_findings([prediction])
    assert len(undecided(findings, threshold)) == 1
    assert next_undecided(findings, None, threshold) is not None
    assert words_of(findings, threshold) == "1 shown"


@pytest.mark.parametrize("threshold", CUTS)
def test_of_three_exclusive_labels_no_threshold_hides_the_highest(threshold: float) -> None:
    assert shown(classes(A=0.3, B=0.36, C=0.34), threshold) == ["B"]


def words_of(findings: list[Finding], threshold: float) -> str:
    """What stands over the list of these findings."""
    at = ImageAnswers((), 0, findings, None).at(threshold)
    return count_words(len(at.shown), at.below)


def test_labels_for_themselves_boxes_and_older_answers_are_cut_each() -> None:
    assert shown(classes(exclusive=False, A=0.42, B=0.9, C=0.41), 0.42) == ["B", "A"]
    assert shown(regions("detection", 0.42, 0.41, 0.5), 0.42) == ["A", "A"]
    older = replace(classes(NORMAL=0.55, PNEUMONIA=0.45), labels=(), exclusive=False)
    assert shown(older, 0.42) == ["NORMAL", "PNEUMONIA"]
    assert words_of(image_findings([older]), 0.5) == "1 shown · 1 below threshold"


@pytest.mark.parametrize("threshold", CUTS)
def test_masks_were_cut_by_pixel_and_are_all_there(threshold: float) -> None:
    prediction = regions("segmentation", 0.43, 0.99)

    assert [p.score for p in visible_proposals(image_findings([prediction]), "i", threshold)] == [0.99, 0.43]
    assert words_of(image_findings([prediction]), threshold) == "2 shown"


def test_a_decided_finding_stays_whatever_the_rule_proposes() -> None:
    prediction = classes(NORMAL=0.9, PNEUMONIA=0.1)
    decided = tuple(replace(p, decision=Decision.REJECTED) for p in prediction.proposals)

    findings = image_findings([replace(prediction, proposals=decided)])

    assert all(is_shown(f, 0.42) for f in findings) and undecided(findings, 0.42) == []


def test_the_words_of_the_threshold() -> None:
    two = classes(NORMAL=0.9, PNEUMONIA=0.1)

    assert threshold_words(two, 0.42, moved="") == (
        "PNEUMONIA when its score is at least 0.42, else NORMAL · chosen on validation"
    )
    assert threshold_words(two, 0.3, moved="Set here") == (
        "Set here: PNEUMONIA when its score is at least 0.30, else NORMAL · chosen on validation: 0.42"
    )
    assert threshold_words(classes(A=0.3, B=0.4, C=0.3), 0.5, moved="") == (
        "No threshold: the answer is the highest scored of the 3 labels"
    )
    assert threshold_words(regions("segmentation", 0.5), 0.9, moved="Set here") == (
        "No threshold: masks were cut at 0.42 when the model was asked"
    )
    assert threshold_words(regions("detection", 0.5), 0.42, moved="").startswith("Each box whose score is at least")
    assert "ask again" in threshold_words(replace(two, labels=(), exclusive=False), 0.42, moved="")
    assert threshold_words(None, 0.5, moved="") == "No operating point: there is no model."
    assert empty_words(None, 0.5) == "No prediction for this image yet."
    assert empty_words(regions("detection"), 0.5) == "Nothing above the threshold 0.50."
    assert empty_words(regions("segmentation"), 0.5) == "No pixel at or above 0.42, where the masks are cut."


@pytest.mark.parametrize(
    ("prediction", "first"),
    [
        (classes(NORMAL=0.55, PNEUMONIA=0.45), "PNEUMONIA"),  # what is said, not what is more probable
        (classes(NORMAL=0.9, PNEUMONIA=0.1), "NORMAL"),
        (classes(A=0.3, B=0.4, C=0.3), "B"),
        (classes(exclusive=False, A=0.1, B=0.2), "B"),  # nothing is said: the best of all
        (regions("detection", 0.5, 0.9), "B"),
        (replace(regions("detection"), labels=("A",)), "A"),
    ],
)
def test_a_heatmap_is_of_what_is_said_first(prediction: Prediction, first: str) -> None:
    assert prediction.first_label(prediction.labels) == first


def answered(qtbot: QtBot, review: Review, inference: FakeInference, session: Desk, **scores: float) -> None:
    """The model has said these scores of the shown image."""
    assert session.shown is not None and session.shown.image_id is not None
    said = classes(session.shown.image_id, **scores)
    answer(qtbot, review, inference, session, **{name: getattr(said, name) for name in said.__dataclass_fields__})


def test_the_slider_turns_one_answer_into_the_other_and_never_shows_two_or_none(
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Desk
) -> None:
    panel = panel_of(qtbot, shown_case)
    answered(qtbot, review, inference, shown_case, NORMAL=0.55, PNEUMONIA=0.45)

    seen = {}
    for value in range(101):
        panel.threshold.setValue(value)
        model = panel.list.model()
        (row,) = [model.index(place, 0).data() for place in range(model.rowCount())]
        seen[value] = row.split(",")[0]

    assert {value for value, label in seen.items() if label == "PNEUMONIA"} == set(range(46))
    assert panel.threshold.isEnabled() and "else NORMAL" in panel.threshold_origin.text()


def test_three_exclusive_labels_have_no_slider_and_a_sentence_instead(
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Desk
) -> None:
    panel = panel_of(qtbot, shown_case)
    answered(qtbot, review, inference, shown_case, threshold=0.5, A=0.3, B=0.36, C=0.34)

    assert not panel.threshold.isEnabled() and panel.threshold_value.text() == "none"
    assert "highest scored of the 3 labels" in panel.threshold_origin.text()
    with qtbot.waitSignal(shown_case.announced) as told:
        review.set_threshold(0.99)
    assert "highest scored of the 3 labels" in told.args[1]
    assert [f.proposal.label for f in review.shown] == ["B"] and review.threshold == 0.5


def test_back_at_the_operating_point_its_further_digits_decide_again(
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Desk
) -> None:
    answered(qtbot, review, inference, shown_case, threshold=0.4203, NORMAL=0.5799, PNEUMONIA=0.4201)
    assert [f.proposal.label for f in review.shown] == ["NORMAL"]

    review.set_threshold(0.6)
    review.set_threshold(0.42)

    assert not review.is_threshold_moved and review.threshold == 0.4203
    assert [f.proposal.label for f in review.shown] == ["NORMAL"]


def test_a_line_at_the_threshold_stands_only_where_a_score_is_held_against_it(qtbot: QtBot, shown_case: Desk) -> None:
    rows, curves = ScoreRows(shown_case), ScoreCurves(shown_case)
    for widget in (rows, curves):
        qtbot.addWidget(widget)
    two, three = classes(NORMAL=0.55, PNEUMONIA=0.45), classes(A=0.3, B=0.36, C=0.34)

    rows.set_answer(two, 0.42, {})
    assert (rows.said, rows.cut) == ({"PNEUMONIA"}, {"PNEUMONIA"})
    rows.set_answer(three, 0.42, {})
    assert (rows.said, rows.cut) == ({"B"}, frozenset())
    rows.set_answer(None, 0.42, {})
    assert rows.scores == {} and rows.said == frozenset()

    curves.set_answers([two, None, classes(NORMAL=0.9, PNEUMONIA=0.1)], 0.46, 0)
    assert (curves.said, curves.cut) == ({"NORMAL"}, {"PNEUMONIA"})
    curves.set_answers([regions("detection", 0.5, 0.3)], 0.46, 0)
    assert (curves.said, curves.cut) == ({"A"}, {"A", "B"})


def test_the_keys_of_the_slider_move_the_cut_and_its_words_follow(
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Desk
) -> None:
    panel = panel_of(qtbot, shown_case)
    answered(qtbot, review, inference, shown_case, NORMAL=0.55, PNEUMONIA=0.45)
    panel.threshold.setFocus()

    qtbot.keyClick(panel.threshold, Qt.Key.Key_Right)

    assert review.threshold == pytest.approx(0.43)
    assert panel.threshold_origin.text().startswith("Set here: PNEUMONIA when its score is at least 0.43")


def test_a_line_that_has_no_room_for_the_rule_says_it_in_short_words_and_the_tip_says_it_whole(qtbot: QtBot) -> None:
    label = OriginLabel()
    qtbot.addWidget(label)
    whole = "none when its score is at least 0.37, else disc · chosen on validation"
    set_text(label, whole)
    room = label.fontMetrics().horizontalAdvance(whole)

    label.resize(room, label.sizeHint().height())
    assert label.lines(room + 2) == (whole,)
    two = label.lines(2 * room // 3)
    assert len(two) == 2 and " ".join(two) == whole
    label.resize(room, label.minimumSizeHint().height())
    assert label.shown_words(room + 2) == whole
    assert label.shown_words(room // 2) == "none from 0.37, else disc · on validation"
    assert short_words("Each box whose score is at least 0.42 · chosen on validation") == (
        "Each box from 0.42 · on validation"
    )
    assert label.text() == whole
