"""Why a proposal is proposed stands where it stands, from the rule that decides, for every kind of task."""

import re
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.painted import words_of
from tests.ui.test_review_ai import FakeInference, answer, panel_of, words
from tests.ui.test_review_ai import inference as inference  # a fixture
from tests.ui.test_review_ai import review as review  # a fixture
from tests.ui.test_rule_of_findings import classes, regions
from viewer.core.shapes.annotations import Prediction
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.findings import image_findings, shown_findings, why_proposed
from viewer.ui.flows.review import Review

TWO = classes(threshold=0.97, NORMAL=0.35, PNEUMONIA=0.65)
REASONS = [
    (TWO, {"NORMAL": "PNEUMONIA 0.65, below its cut 0.97"}),
    (classes(NORMAL=0.35, PNEUMONIA=0.65), {"PNEUMONIA": "at least its cut 0.42"}),
    (classes(NORMAL=0.584, PNEUMONIA=0.416), {"NORMAL": "PNEUMONIA 0.416, below its cut 0.420"}),  # 0.42 is not below
    (classes(A=0.2, B=0.5, C=0.3), {"B": "the highest of 3 scores"}),
    (classes(exclusive=False, A=0.2, B=0.5, C=0.9), {"C": "at least its cut 0.42", "B": "at least its cut 0.42"}),
    (regions("detection", 0.6, 0.2), {"A": "at least its cut 0.42"}),
    (regions("segmentation", 0.6), {"A": "where it scores highest, at least 0.42"}),
]


@pytest.mark.parametrize(("said", "reasons"), REASONS)
def test_each_proposal_says_the_reason_of_its_rule(said: Prediction, reasons: dict[str, str]) -> None:
    found = shown_findings(image_findings([said]), said.threshold)

    assert {one.proposal.label: why_proposed(one, said.threshold) for one in found} == reasons


def test_masks_of_labels_for_themselves() -> None:
    (one,) = image_findings([replace(regions("segmentation", 0.6), exclusive=False)])
    assert why_proposed(one, 0.9) == "where it scores at least 0.42"  # they were cut when the model was asked


@pytest.mark.parametrize(("cut", "below"), [(0.97, True), (0.5, False)])
def test_it_stands_in_the_row_and_in_its_tip_and_follows_the_threshold(
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Desk, cut: float, below: bool
) -> None:
    panel = panel_of(qtbot, shown_case)
    panel.resize(420, 640)
    said = answer(
        qtbot, review, inference, shown_case, kind="classification", threshold=0.97, scores=TWO.scores,
        labels=TWO.labels, exclusive=True, proposals=tuple(_on(shown_case, one) for one in TWO.proposals),
    )  # fmt: skip
    assert said.rule.is_one_of

    review.set_threshold(cut)

    reason = "PNEUMONIA 0.65, below its cut 0.97" if below else "at least its cut 0.50"
    (row,) = words(panel)
    assert row.startswith(f"{'NORMAL, score 0.35' if below else 'PNEUMONIA, score 0.65'} ({reason}), To review")
    drawn = words_of(panel.list)
    assert any(re.match(re.escape(reason[:18]), text) for text in drawn), drawn


def _on(session: Desk, proposal: object) -> object:
    assert session.shown is not None
    return replace(proposal, image_id=session.shown.image_id, prediction_id="p1")  # type: ignore[type-var]
