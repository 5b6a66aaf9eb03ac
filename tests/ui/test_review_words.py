"""What Review says follows what is there: an answer, a heatmap without one, a model that was not asked yet."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tests.ui.painted import writing
from tests.ui.test_review_ai import MODEL, FakeInference, answer, panel_of, words
from tests.ui.test_review_ai import inference as inference  # a fixture
from tests.ui.test_review_ai import review as review  # a fixture
from tests.ui.test_rule_of_findings import classes
from tests.ui.test_window_lawful import opened, reviewing, strike  # noqa: F401  # opened: a fixture
from tests.waiting import settled
from viewer.core.heat import HeatMap
from viewer.core.labels import Verdict
from viewer.project.records import Task
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.review import Review
from viewer.ui.panels.findings import FindingsPanel
from viewer.ui.window.main_window import MainWindow

THREE = replace(MODEL, kind="classification", labels=("A", "B", "C"), exclusive=True, threshold=0.5)
TWO = replace(THREE, labels=("NORMAL", "PNEUMONIA"), threshold=0.42)
MASKS = replace(THREE, kind="segmentation", labels=("Square", "Lung"), threshold=0.42)


def empty_sentence(panel: FindingsPanel) -> str:
    assert panel.stack.currentWidget() is panel.empty
    return " ".join(label.text() for label in panel.empty.findChildren(QLabel)).strip()


def explained(qtbot: QtBot, review: Review, inference: FakeInference, session: Desk) -> None:
    """A heatmap that was asked for and answered, without a prediction."""
    review.set_heat_on(on=True)
    qtbot.waitUntil(lambda: bool(inference.asked))
    asked = inference.asked.pop()
    inference_answer = HeatMap(
        image_id=asked["image_id"], model_hash="f" * 64, label=asked["label"], method=asked["method"], layer="neck",
        grid=np.ones((4, 4), np.float32), x0_px=0, y0_px=0, x1_px=80, y1_px=64,
    )  # fmt: skip
    asked["done"](inference_answer)
    qtbot.waitUntil(lambda: review.heat is not None)


def test_beside_an_answered_heatmap_nobody_says_that_no_model_has_answered(
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Desk
) -> None:
    panel = panel_of(qtbot, shown_case)
    assert empty_sentence(panel) == "No prediction for this image yet."

    explained(qtbot, review, inference, shown_case)

    assert empty_sentence(panel) == "The heatmap of this image was asked for, its prediction not yet: Ctrl+R asks."
    review.set_heat_on(on=False)
    assert empty_sentence(panel) == "No prediction for this image yet."


@pytest.mark.parametrize(
    ("model", "origin", "has_cut"),
    [
        (MODEL, "Each box whose score is at least 0.35 · chosen on validation", True),
        (TWO, "PNEUMONIA when its score is at least 0.42, else NORMAL · chosen on validation", True),
        (THREE, "No threshold: the answer is the highest scored of the 3 labels", False),
        (MASKS, "No threshold: masks are cut at 0.42", False),
    ],
)
def test_before_an_answer_the_threshold_is_the_one_of_the_model_that_is_asked_next(
    qtbot: QtBot, review: Review, shown_case: Desk, model: object, origin: str, has_cut: bool
) -> None:
    panel = panel_of(qtbot, shown_case)
    review.asking.choose_model(replace(model, folder=MODEL.folder / "other"))  # type: ignore[type-var]

    assert panel.threshold_origin.text() == origin
    assert panel.threshold.isEnabled() is has_cut
    before = review.threshold
    heard: list[str] = []
    shown_case.announced.connect(lambda _level, sentence: heard.append(sentence))
    review.set_threshold(before + 0.01)
    if has_cut:
        assert panel.threshold_origin.text().startswith("Set here: ") and heard == []
        assert panel.threshold_origin.text().endswith(f"chosen on validation: {before:.2f}")
    else:
        assert review.threshold == before and heard == [f"{origin}."]


def test_what_a_decision_does_to_labels_stands_in_the_panel_until_the_next_case(
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Desk
) -> None:
    project = shown_case.project
    assert project is not None and shown_case.shown is not None and shown_case.shown.image_id is not None
    project.tasks.put(Task(name="light", kind="classification", labels=("Bright", "Dark"), exclusive=True))
    panel = panel_of(qtbot, shown_case)
    said = classes(shown_case.shown.image_id, Bright=0.7, Dark=0.3)
    answer(qtbot, review, inference, shown_case, **{name: getattr(said, name) for name in said.__dataclass_fields__})
    assert not panel.told.isVisible()
    heard: list[str] = []
    shown_case.said.connect(heard.append)

    qtbot.mouseClick(panel.accept_button, Qt.MouseButton.LeftButton)
    settled(shown_case)

    assert project.work.image_labels(shown_case.shown.image_id)["Bright"] is Verdict.YES
    assert panel.told.isVisible() and panel.told.text() == heard[-1] == "“Bright” is yes, “Dark” is no."
    shown_case.undo()
    settled(shown_case)
    assert not panel.told.isVisible()
    review.select(f"p-{'Bright'}")
    qtbot.mouseClick(panel.reject_button, Qt.MouseButton.LeftButton)
    settled(shown_case)
    assert panel.told.isVisible() and panel.told.text() == heard[-1] and heard[-1].startswith("Rejected: ")
    shown_case.open_case(project.cases.all()[1].case_id)
    qtbot.waitUntil(lambda: not panel.told.isVisible())


@pytest.mark.parametrize(("seen", "said"), [("trained on", "seen in training"), ("validated on", "seen in validation")])
def test_a_finding_on_an_image_that_the_model_has_seen_says_so_in_its_row(
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Desk, seen: str, said: str
) -> None:
    panel = panel_of(qtbot, shown_case)

    prediction = answer(qtbot, review, inference, shown_case, seen=seen)

    assert prediction.seen_words
    rows = words(panel)
    assert rows and all(row.endswith(prediction.seen_words) for row in rows)
    with writing() as painted:
        panel.list.viewport().grab()
    second_lines = [one.text for one in painted if "box" in one.text or said[:8] in one.text]
    assert len(second_lines) == len(rows) and all(line.startswith(said[:10]) for line in second_lines)
    review.set_threshold(1.0)
    assert empty_sentence(panel).endswith(f"This image is {prediction.seen_words}.")


def test_the_keys_of_the_threshold_say_why_three_exclusive_labels_have_none(
    opened: Callable[..., MainWindow],  # noqa: F811
) -> None:
    window, _ = reviewing(opened, "three exclusive")
    review, heard = window.session.review, []  # type: ignore[var-annotated]
    window.session.announced.connect(lambda _level, sentence: heard.append(sentence))
    rows, before = [f.proposal.proposal_id for f in review.shown], review.threshold
    assert len(rows) == 1
    prediction = review.prediction
    assert prediction is not None  # one decision rule: the list says what it says at any threshold
    assert [f.proposal.label for f in review.shown] == list(prediction.rule.answer(prediction.scores, 0.99))

    for key in (Qt.Key.Key_Comma, Qt.Key.Key_Period) * 30:
        strike(window, key)

    assert [f.proposal.proposal_id for f in review.shown] == rows and review.threshold == before
    assert set(heard) == {"No threshold: the answer is the highest scored of the 3 labels."}
    assert review.selected is not None and review.selected.proposal.proposal_id == rows[0]
