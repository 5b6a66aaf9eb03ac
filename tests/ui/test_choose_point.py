"""A person chooses between the operating points of a model: the cut is the rule's own, to its last digit."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ml.chosen import Chosen
from ml.operating_points import OperatingPoint
from tests.ml.test_explain import a_card
from tests.ui.test_review_ai import MODEL, FakeInference, answer, inference, prediction, review  # noqa: F401
from tests.ui.test_window_lawful import opened, reviewing  # noqa: F401
from tests.waiting import settled
from viewer.ui.dialogs.choice import ChoiceDialog
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.operating_points import Point, point_question, points_of, set_by, snapped
from viewer.ui.flows.review import Review
from viewer.ui.window.main_window import MainWindow

RECALL = Point(words="recall at least 0.95", cut=0.21963, reached="recall 0.96, precision 0.56")
PRECISION = Point(words="precision at least 0.9", cut=0.84, reached="recall 0.41, precision 0.91")
POINTS = (RECALL, PRECISION)


def test_the_points_of_a_card_are_told_with_what_they_reached() -> None:
    points = {
        "recall:0.95": OperatingPoint(cut=0.21963, recall=0.9583, precision=0.5614),
        "youden": OperatingPoint(cut=0.5, recall=0.8, precision=None),
    }

    recall, youden = points_of(a_card("simple_cnn", chosen=Chosen(points=points)))

    assert recall == RECALL
    assert (youden.cut, youden.reached) == (0.5, "recall 0.80")
    assert points_of(a_card("simple_cnn")) == (), "a card from before has none"


def test_a_threshold_of_three_digits_is_the_cut_that_it_stands_for() -> None:
    cuts = (0.35124, RECALL.cut, None, 0.3509)
    assert snapped(0.22, cuts) == 0.21963
    assert snapped(0.21963, cuts) == 0.21963
    assert snapped(0.2211, cuts) == 0.221
    assert snapped(0.3509, cuts) == 0.3509 and snapped(0.35124, cuts) == 0.35124, "of two the nearer one"
    assert (snapped(-3, ()), snapped(7, ())) == (0.0, 1.0)


def test_the_question_has_the_model_s_own_first_and_none_twice() -> None:
    question = point_question(PRECISION.cut, POINTS)

    assert question.choices == (
        ("The model's own: 0.84 · precision at least 0.9", 0.84),
        ("Recall at least 0.95: 0.22 · recall 0.96, precision 0.56", 0.21963),
    )
    assert set_by(0.21963, POINTS) == "Recall at least 0.95" and set_by(0.5, POINTS) == "Set here"


def test_a_chosen_point_decides_to_its_last_digit_and_is_named(
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Desk  # noqa: F811
) -> None:  # fmt: skip
    settled(shown_case)  # the models are found
    review.asking.models = [replace(MODEL, points=POINTS)]
    assert shown_case.shown is not None and shown_case.shown.image_id is not None
    said = prediction(shown_case.shown.image_id, scores=(0.9, 0.2198, 0.2195))
    answer(qtbot, review, inference, shown_case, proposals=said.proposals)

    review.set_threshold(RECALL.cut)

    assert [finding.proposal.score for finding in review.shown] == [0.9, 0.2198], "0.2195 is below 0.21963"
    assert review.threshold_words.startswith("Recall at least 0.95: each box whose score is at least 0.2196")
    assert "chosen on validation: 0.35" in review.threshold_words
    review.set_threshold(0.5)
    assert review.threshold_words.startswith("Set here:")
    review.set_threshold(0.35)
    assert not review.is_threshold_moved


def test_it_is_chosen_from_the_menu_by_its_digit(
    opened: Callable[..., MainWindow], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:  # fmt: skip
    window, _ = reviewing(opened, "boxes")
    here = window.session.review
    assert here.prediction is not None and here.chosen_threshold is not None
    model = replace(MODEL, model_hash=here.prediction.model_hash, points=POINTS)
    here.asking.models = [model]
    here.asking.choose_model(model)
    settled(window.session)

    window.book.run("review.operating_point")
    dialog = QApplication.activeModalWidget() or window.findChild(ChoiceDialog)
    assert isinstance(dialog, ChoiceDialog)
    qtbot.keyClick(dialog, Qt.Key.Key_2)

    qtbot.waitUntil(lambda: here.threshold == RECALL.cut)


def test_a_model_with_one_point_says_so(
    opened: Callable[..., MainWindow], qtbot: QtBot  # noqa: F811
) -> None:  # fmt: skip
    window, _ = reviewing(opened, "boxes")
    said: list[str] = []
    window.session.announced.connect(lambda _level, sentence: said.append(sentence))
    here = window.session.review
    assert here.prediction is not None
    here.asking.choose_model(replace(MODEL, model_hash=here.prediction.model_hash))
    settled(window.session)

    window.book.run("review.operating_point")

    assert any("has one operating point" in sentence for sentence in said)
