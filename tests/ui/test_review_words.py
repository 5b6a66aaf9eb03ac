"""What Review says follows what is there: an answer, a heatmap without one, a model that was not asked yet."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tests.ui.test_review_ai import MODEL, FakeInference, answer, panel_of
from tests.ui.test_review_ai import inference as inference  # a fixture
from tests.ui.test_review_ai import review as review  # a fixture
from tests.ui.test_rule_of_findings import classes
from tests.waiting import settled
from viewer.core.heat import HeatMap
from viewer.core.labels import Verdict
from viewer.project.records import Task
from viewer.ui.panels.findings import FindingsPanel
from viewer.ui.review import Review
from viewer.ui.session import Session

THREE = replace(MODEL, kind="classification", labels=("A", "B", "C"), exclusive=True, threshold=0.5)
TWO = replace(THREE, labels=("NORMAL", "PNEUMONIA"), threshold=0.42)
MASKS = replace(THREE, kind="segmentation", labels=("Square", "Lung"), threshold=0.42)


def empty_sentence(panel: FindingsPanel) -> str:
    assert panel.stack.currentWidget() is panel.empty
    return " ".join(label.text() for label in panel.empty.findChildren(QLabel)).strip()


def explained(qtbot: QtBot, review: Review, inference: FakeInference, session: Session) -> None:
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
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Session
) -> None:
    panel = panel_of(qtbot, shown_case)
    assert empty_sentence(panel) == "No prediction for this image yet."

    explained(qtbot, review, inference, shown_case)

    assert empty_sentence(panel) == "The heatmap of this image was asked for, its prediction not yet: Ctrl+R asks."
    review.set_heat_on(on=False)
    assert empty_sentence(panel) == "No prediction for this image yet."


@pytest.mark.parametrize(
    ("model", "words", "has_cut"),
    [
        (MODEL, "Each box whose score is at least 0.35 · chosen on validation", True),
        (TWO, "PNEUMONIA when its probability is at least 0.42, else NORMAL · chosen on validation", True),
        (THREE, "No threshold: the answer is the most probable of the 3 labels", False),
        (MASKS, "No threshold: masks are cut at 0.42", False),
    ],
)
def test_before_an_answer_the_threshold_is_the_one_of_the_model_that_is_asked_next(
    qtbot: QtBot, review: Review, shown_case: Session, model: object, words: str, has_cut: bool
) -> None:
    panel = panel_of(qtbot, shown_case)
    review.asking.choose_model(replace(model, folder=MODEL.folder / "other"))  # type: ignore[type-var]

    assert panel.threshold_origin.text() == words
    assert panel.threshold.isEnabled() is has_cut
    before = review.threshold
    heard: list[str] = []
    shown_case.announced.connect(lambda _level, sentence: heard.append(sentence))
    review.set_threshold(before + 0.01)
    if has_cut:
        assert panel.threshold_origin.text().startswith("Set here: ") and heard == []
        assert panel.threshold_origin.text().endswith(f"chosen on validation: {before:.2f}")
    else:
        assert review.threshold == before and heard == [f"{words}."]


def test_what_a_decision_does_to_labels_stands_in_the_panel_until_the_next_case(
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Session
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
    assert panel.told.isVisible() and panel.told.text() == heard[-1] == "Bright is yes, Dark is no."
    shown_case.undo()
    settled(shown_case)
    assert not panel.told.isVisible()
    review.select(f"p-{'Bright'}")
    qtbot.mouseClick(panel.reject_button, Qt.MouseButton.LeftButton)
    settled(shown_case)
    assert panel.told.isVisible() and panel.told.text() == heard[-1] and heard[-1].startswith("Rejected: ")
    shown_case.open_case(project.cases.all()[1].case_id)
    qtbot.waitUntil(lambda: not panel.told.isVisible())
