"""A score and the cut it is held against never look alike, nor the wrong way round, with the digits that are shown."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.ui.test_rule_of_findings import classes, regions
from viewer.core.deciding import cut_words, score_words
from viewer.core.shapes.annotations import Prediction
from viewer.core.shapes.outlines import proposal_lines
from viewer.ui.flows.findings import image_findings, threshold_words, why_proposed

UNIT = st.integers(0, 10**6).map(lambda millionths: millionths / 10**6)
# score, cut, as they are shown: rounded by hand.
PAIRS = [
    (0.24, 0.494, "0.24", "0.494"),
    (0.7494, 0.75, "0.749", "0.750"),
    (0.7496, 0.75, "0.7496", "0.7500"),
    (0.5512, 0.5534, "0.551", "0.553"),
    (0.7498, 0.7496, "0.7498", "0.7496"),
    (0.75, 0.75, "0.75", "0.75"),
    (0.55, 0.553, "0.550", "0.553"),
]


@pytest.mark.parametrize(("score", "cut", "said_score", "said_cut"), PAIRS)
def test_as_many_digits_as_tell_them_apart(score: float, cut: float, said_score: str, said_cut: str) -> None:
    assert (score_words(score, cut), cut_words(cut, [score])) == (said_score, said_cut)


@given(UNIT, UNIT, st.lists(UNIT, max_size=3))
@example(0.7496, 0.75, [])
@example(0.75, 0.7496, [0.7498])
def test_what_is_shown_is_in_the_order_of_what_is_held(score: float, cut: float, others: list[float]) -> None:
    shown, held = float(score_words(score, cut)), float(cut_words(cut, [score, *others]))

    assert (shown >= held) == (score >= cut) or score == cut


NEAR = classes(threshold=0.75, NORMAL=0.2504, PNEUMONIA=0.7496)


@pytest.mark.parametrize("said", [NEAR], ids=["below"])
def test_row_and_threshold_of_one_answer_say_the_same_digits(said: Prediction) -> None:
    (normal,) = (one for one in image_findings([said]) if one.proposal.label == "NORMAL")

    assert why_proposed(normal, 0.75) == "PNEUMONIA 0.7496, below its cut 0.7500"
    assert threshold_words(said, 0.75, moved=False).startswith("PNEUMONIA when its score is at least 0.7500, else")


def test_a_box_says_on_the_image_and_in_its_row_what_tells_it_from_the_cut() -> None:
    said = regions("detection", 0.4204)  # its cut is 0.42
    (finding,) = image_findings([said])

    assert finding.score_words(0.42) == "0.4204"
    assert why_proposed(finding, 0.42) == "at least its cut 0.4200"
    _, tag = proposal_lines(finding.proposal, "#123456", selected=False, cut=0.42)
    assert tag is not None and tag.badge == "AI 0.4204"
