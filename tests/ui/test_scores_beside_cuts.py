"""A score and the cut it is held against never look alike, nor the wrong way round, with the digits that are shown."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from tests.ui.painted import writing
from tests.ui.test_rule_of_findings import classes, regions
from viewer.core.deciding import cut_words, score_words
from viewer.core.shapes.annotations import Prediction
from viewer.core.shapes.outlines import proposal_lines
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.findings import as_wholes, image_findings, threshold_words, why_proposed
from viewer.ui.panels.scores import ScoreCurves

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
    assert threshold_words(said, 0.75, moved="").startswith("PNEUMONIA when its score is at least 0.7500, else")


def test_a_box_says_on_the_image_and_in_its_row_what_tells_it_from_the_cut() -> None:
    said = regions("detection", 0.4204)  # its cut is 0.42
    (finding,) = image_findings([said])

    assert finding.score_words(0.42) == "0.4204"
    assert why_proposed(finding, 0.42) == "at least its cut 0.4200"
    _, tag = proposal_lines(finding.proposal, "#123456", selected=False, cut=0.42)
    assert tag is not None and tag.badge == "AI 0.4204"


def test_scores_along_a_series_tell_each_label_from_the_threshold_and_the_threshold_from_them(
    qtbot: QtBot, session: Desk
) -> None:
    curves = ScoreCurves(session)
    qtbot.addWidget(curves)
    curves.resize(400, 120)
    several = [regions("detection", 0.4996, 0.24, threshold=0.5), regions("detection", 0.31, 0.12, threshold=0.5)]

    curves.set_answers(several, 0.5, 0)
    with writing() as written:
        curves.grab()

    texts = [one.text for one in written]
    assert "0.4996" in texts and "0.24" in texts
    assert curves.cut_words == "0.5000"


def test_a_thing_on_several_slices_says_up_to_its_best_score_and_a_lone_one_its_own() -> None:
    joined = [
        replace(one, proposals=tuple(replace(part, object_id="o") for part in one.proposals))
        for one in (
            regions("detection", 0.4204, image_id="i"),
            regions("detection", 0.31, image_id="j"),
            regions("detection", 0.4196, image_id="k"),
        )
    ]
    found = [one for place, said in enumerate(joined) for one in image_findings([said], position=place, images=3)]
    (whole,) = as_wholes(found)

    assert whole.score_words(0.42) == "up to 0.4204", "beside the cut as a score alone is"
    assert whole.place.startswith("3 slices · ")
    assert found[1].score_words(0.42) == "0.31"
    assert [one.score_words(0.42) for one in as_wholes(found[:1])] == ["0.4204"], "of one slice nothing is the best"
