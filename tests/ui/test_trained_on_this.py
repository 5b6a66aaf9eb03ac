"""Whoever reviews an image that the model has learned from is told so, wherever its answer is seen."""

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.painted import words_on
from tests.ui.test_review_ai import FakeInference, answer, inference, panel_of, review
from tests.waiting import settled
from viewer.ui.canvas.standing import FAULT_COLOR
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.review import Review

__all__ = ["inference", "review"]  # fixtures


@pytest.mark.parametrize(
    ("seen", "said", "in_row"),
    [
        ("trained on", "This model was trained on this image", "in this model's training set"),
        ("validated on", "This model was chosen on this image", "in this model's validation part"),
        ("patient trained on", "This model was trained on other images of this patient",
         "of a patient in this model's training set"),
        ("patient validated on", "This model was chosen on other images of this patient",
         "of a patient in this model's validation part"),
        ("", "", ""),
    ],
)  # fmt: skip
def test_an_answer_about_an_image_that_its_model_has_seen_says_so(
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Desk, seen: str, said: str, in_row: str
) -> None:
    panel = panel_of(qtbot, shown_case)
    view = shown_case.cells[0].view
    assert "This model was" not in " ".join(words_on(view)) + panel.model_detail.text(), "before it was asked"

    answer(qtbot, review, inference, shown_case, seen=seen)
    settled(shown_case)

    told = " ".join(words_on(view, color=FAULT_COLOR))  # of two lines where it is long
    assert told.count("This model was") == bool(said) and said in told
    assert panel.model_detail.text().startswith(said or "Detection")
    assert panel.model_detail.toolTip().startswith(said) and panel.model_detail.property("role") == (
        "doubt" if said else "caption"
    )
    rows = [str(panel._model.index(place).data()) for place in range(panel._model.rowCount())]
    assert rows and all(in_row in row for row in rows)

    review.set_threshold(1.0)
    assert (in_row in panel.empty._label.text()) and panel.model_detail.text().startswith(said)
    assert "Threshold 1.00 · operating point 0.35" in words_on(view), "beside what is said of a threshold"

    shown_case.set_workspace("annotate")
    settled(shown_case)
    assert "This model was" not in " ".join(words_on(view)), "no answer is seen there before the case is complete"
    cases = shown_case.at_hand.cases.all()
    shown_case.set_workspace("review")
    shown_case.open_case(cases[1].case_id)
    settled(shown_case)
    assert "This model was" not in " ".join(words_on(view)) + panel.model_detail.text(), "of another image"
