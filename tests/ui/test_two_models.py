"""Two models on one image: the findings of the chosen one, the other's named, and the first to decide selected."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.test_review_ai import MODEL, FakeInference, answer, inference, panel_of, prediction, review, words
from tests.waiting import settled
from viewer.core.heat import HeatMap
from viewer.core.shapes.annotations import Decision
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.findings import short_model
from viewer.ui.flows.review import Review
from viewer.ui.panels.findings import FindingsPanel
from viewer.ui.panels.heatmap import HeatmapPanel

__all__ = ["inference", "review"]  # the fixtures of the review's own tests
OTHER = replace(MODEL, name="run-b", title="Rounds · 5e6f", folder=MODEL.folder / "b", model_hash="b" * 64)


@pytest.fixture
def both(qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Desk) -> FindingsPanel:
    """The first model answered, its first finding was rejected and the last row selected; then the second answered."""
    panel = panel_of(qtbot, shown_case)
    answer(qtbot, review, inference, shown_case)
    qtbot.mouseClick(panel.reject_button, Qt.MouseButton.LeftButton)
    shown_case.edits.wait()
    review.step(-1)
    assert review.selected is not None
    assert review.selected.proposal.decision is Decision.REJECTED
    review.asking.choose_model(OTHER)
    said = prediction(review.images[0], scores=(0.8, 0.6), name="p2")
    said = replace(said, model_hash="b" * 64, model_name="run-b", created="2026-11-21T13:00:00+00:00", threshold=0.55)
    review.asking.predict_image()
    qtbot.waitUntil(lambda: bool(inference.asked))
    inference.asked.pop()["done"](said)
    qtbot.waitUntil(lambda: review.prediction is not None and review.prediction.model_name == "run-b")
    settled(shown_case)  # its first finding is chosen once it is kept
    return panel


def places(review: Review) -> list[str]:
    """The second line of each row."""
    return [finding.place for finding in review.shown]


def test_a_finding_of_another_model_names_it(both: FindingsPanel, review: Review) -> None:
    # 0.93 of the first model was rejected and stays; its undecided ones give way to the answer of the chosen model.
    assert [finding.proposal.score for finding in review.shown] == [0.93, 0.8, 0.6]
    assert places(review)[0].startswith("by run-a · box")
    assert not any("by " in place for place in places(review)[1:])
    assert "proposed by run-a" in words(both)[0]


def test_the_first_undecided_finding_of_the_new_answer_is_selected(both: FindingsPanel, review: Review) -> None:
    assert review.selected is not None
    assert (review.selected.proposal.score, review.selected.proposal.decision) == (0.8, Decision.UNDECIDED)
    assert both.correct_button.isEnabled()


def test_choosing_the_first_model_again_brings_its_findings_and_threshold_back(
    both: FindingsPanel, review: Review, qtbot: QtBot
) -> None:
    assert review.threshold == 0.55

    review.asking.choose_model(MODEL)

    assert [finding.proposal.score for finding in review.shown] == [0.93, 0.5]
    assert not any("by " in place for place in places(review))
    assert review.threshold == 0.35
    assert [proposal.score for proposal in review.visible(review.images[0])] == [0.5]


def test_a_model_that_has_not_answered_leaves_the_other_in_sight_by_name(both: FindingsPanel, review: Review) -> None:
    review.asking.choose_model(replace(MODEL, name="run-c", folder=MODEL.folder / "c", model_hash="c" * 64))

    assert [place.partition(" · ")[0] for place in places(review)] == ["by run-a", "by run-b", "by run-b"]


def test_a_new_answer_takes_nobody_from_a_finding_that_is_to_be_decided(
    review: Review, inference: FakeInference, shown_case: Desk, qtbot: QtBot
) -> None:
    said = answer(qtbot, review, inference, shown_case)
    review.step(1)
    assert review.selected is not None
    chosen = review.selected.proposal.proposal_id

    review.asking.predict_image()
    qtbot.waitUntil(lambda: bool(inference.asked))
    inference.asked.pop()["done"](said)
    settled(shown_case)

    assert review.selected_id == chosen


def test_the_threshold_of_another_models_answer_is_said_to_be_that_ones(both: FindingsPanel, review: Review) -> None:
    assert both.threshold_origin.text() == "Each box whose score is at least 0.55 · chosen on validation"

    chosen = replace(MODEL, name="run-c", folder=MODEL.folder / "c", model_hash="c" * 64, threshold=0.2)
    review.asking.choose_model(chosen)

    of_other = "Each box whose score is at least 0.55 · chosen on validation"
    assert both.threshold_origin.text() == f"Operating point of run-b: {of_other}"
    both.resize(384, 640)  # as wide as it comes
    shown = " ".join(both.threshold_origin.lines(both.threshold_origin.width()))
    assert "run-b" in shown and "…" not in shown and "0.55" in shown
    assert both.threshold_origin.toolTip().endswith(of_other) and "run-b" in both.threshold_origin.toolTip()
    both.threshold.setValue(40)
    assert both.threshold_origin.text().startswith("Answer of run-b: Set here: ")


@pytest.mark.parametrize(("of", "told"), [("c", True), ("b", False)])
def test_the_map_of_another_model_than_the_findings_says_whose_both_are(
    qtbot: QtBot,
    both: FindingsPanel,
    review: Review,
    inference: FakeInference,
    shown_case: Desk,
    of: str,
    *,
    told: bool,
) -> None:
    panel = HeatmapPanel(shown_case)
    qtbot.addWidget(panel)
    if of == "c":
        chosen = replace(MODEL, name="run-c", title="Thirds · 7a8b", folder=MODEL.folder / "c", model_hash="c" * 64)
        review.asking.choose_model(chosen)
    qtbot.mouseClick(panel.show_map, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(inference.asked))
    asked = inference.asked.pop()
    asked["done"](
        HeatMap(
            image_id=asked["image_id"], model_hash=of * 64, label=asked["label"], method=asked["method"], layer="neck",
            grid=np.ones((4, 4), np.float32), x0_px=0, y0_px=0, x1_px=80, y1_px=64,
        )
    )  # fmt: skip
    qtbot.waitUntil(lambda: review.heat is not None)

    assert panel.facts.text().startswith("Map of Thirds · 7a8b, finding of run-b. ") is told


def test_the_name_of_a_model_is_cut_in_its_middle() -> None:
    assert short_model("20261129-1717-discness-c2bf") == "Discness · c2bf"
    assert short_model("run-b") == "run-b"
    long = ["a model with quite a long name, the first", "a model with quite a long name, the second"]
    short = [short_model(name) for name in long]
    assert short == ["a model wit…e, the first", "a model wit…, the second"]


def test_whose_map_and_whose_finding_follows_the_finding(
    qtbot: QtBot, both: FindingsPanel, review: Review, inference: FakeInference, shown_case: Desk
) -> None:
    """What stood under the map was of the moment at which the map came."""
    panel = HeatmapPanel(shown_case)
    qtbot.addWidget(panel)
    qtbot.mouseClick(panel.show_map, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(inference.asked))
    asked = inference.asked.pop()
    asked["done"](
        HeatMap(
            image_id=asked["image_id"], model_hash="b" * 64, label=asked["label"], method=asked["method"], layer="neck",
            grid=np.ones((4, 4), np.float32), x0_px=0, y0_px=0, x1_px=80, y1_px=64,
        )
    )  # fmt: skip
    qtbot.waitUntil(lambda: review.heat is not None)
    assert not panel.facts.text().startswith("Map of")

    review.select(review.shown[0].proposal.proposal_id)  # decided, of the first model
    assert "finding of run-a. " in panel.facts.text()
    review.step(1)
    assert not panel.facts.text().startswith("Map of")

    # The model that is chosen then shows its own map.
    chosen = replace(MODEL, name="run-c", title="Thirds · 7a8b", folder=MODEL.folder / "c", model_hash="c" * 64)
    review.asking.choose_model(chosen)
    qtbot.waitUntil(lambda: bool(inference.asked))
    asked = inference.asked.pop()
    asked["done"](
        HeatMap(
            image_id=asked["image_id"], model_hash="c" * 64, label=asked["label"], method=asked["method"], layer="neck",
            grid=np.ones((4, 4), np.float32), x0_px=0, y0_px=0, x1_px=80, y1_px=64,
        )
    )  # fmt: skip
    qtbot.waitUntil(lambda: review.heat is not None and review.heat.model_hash == "c" * 64)
    assert panel.facts.text().startswith("Map of Thirds · 7a8b, finding of run-b. ")
