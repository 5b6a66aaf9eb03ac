# ruff: noqa: F811
"""A model that answers with a number: shown with its unit, taken as the image's own, never a finding or a threshold."""

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tests.ui.test_review_ai import FakeInference, answer, inference, panel_of, review  # noqa: F401
from tests.waiting import settled
from viewer.core.attributes import Attribute, AttributeKind
from viewer.core.values import Quantity
from viewer.project.attributes.edits import declare
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.review import Review
from viewer.ui.panels.findings import FindingsPanel
from viewer.ui.panels.scores import ScoresPanel

AGE = Attribute(scope="image", label="", name="age", position=0, kind=AttributeKind.NUMBER, unit="a")
SAID = {
    "kind": "regression", "proposals": (), "labels": ("age",), "threshold": 0.5,
    "numbers": {"age": Quantity(number=43.21873, unit="a")},
}  # fmt: skip


def sentence(panel: FindingsPanel) -> str:
    """What stands in the empty list."""
    return " ".join(text for label in panel.empty.findChildren(QLabel) if (text := label.text()))


def numbers(session: Desk) -> dict[str, object]:
    session.edits.wait()
    settled(session)
    assert session.shown is not None and session.shown.image_id is not None
    return dict(session.at_hand.work.answers(session.shown.image_id))


def ask_for(session: Desk, attribute: Attribute) -> None:
    session.do(declare(attribute))
    session.edits.wait()
    settled(session)


def test_it_stands_with_its_unit_and_there_is_no_threshold(
    qtbot: QtBot,
    review: Review,
    inference: FakeInference,
    shown_case: Desk,
) -> None:
    panel = panel_of(qtbot, shown_case)

    answer(qtbot, review, inference, shown_case, **SAID)

    assert sentence(panel) == "Predicted age 43.22 a."
    assert panel.threshold_value.text() == "none" and not panel.threshold.isEnabled()
    assert panel.threshold_origin.text() == "No threshold: the answer is the number of age as the model gives it"
    assert not panel.scores.isVisible() and panel.left_words.text() == ""


def test_no_scores_are_asked_for_where_there_are_none(
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Desk
) -> None:
    panel = ScoresPanel(shown_case)
    qtbot.addWidget(panel)
    panel.show()

    answer(qtbot, review, inference, shown_case, **SAID)

    (words,) = [text for label in panel.empty.findChildren(QLabel) if (text := label.text())]
    assert words == "This model gives numbers and no scores: Findings shows the number of each image."


def test_it_is_taken_as_it_is_read_and_taken_back(
    qtbot: QtBot,
    review: Review,
    inference: FakeInference,
    shown_case: Desk,
) -> None:
    ask_for(shown_case, AGE)
    panel = panel_of(qtbot, shown_case)
    answer(qtbot, review, inference, shown_case, **SAID)
    assert panel.accept_button.isEnabled()

    review.accept()

    assert numbers(shown_case) == {"age": Quantity(number=43.22, unit="a")}
    assert sentence(panel) == "Predicted age 43.22 a. Said of this image: age 43.22 a."
    shown_case.undo()
    assert numbers(shown_case) == {}


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (None, "The project does not ask for age of an image: add it in the panel Labels first."),
        (replace(AGE, unit="mo"), "The model says age in a, and the project asks for it in mo"),
    ],
)
def test_what_the_project_does_not_ask_for_is_not_said(
    qtbot: QtBot,
    review: Review,
    inference: FakeInference,
    shown_case: Desk,
    asked: Attribute | None,
    words: str,
) -> None:
    if asked is not None:
        ask_for(shown_case, asked)
    answer(qtbot, review, inference, shown_case, **SAID)
    told: list[str] = []
    shown_case.announced.connect(lambda _level, sentence: told.append(sentence))

    review.accept()

    assert numbers(shown_case) == {}
    assert any(words in sentence for sentence in told)
