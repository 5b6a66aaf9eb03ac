"""Reviewing what a model proposes: shown, hidden, decided, undone, refused."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tests.waiting import settled
from viewer.core.errors import OutsideDomain
from viewer.core.heat import HeatMap
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus, Decision, Origin, Prediction, Proposal
from viewer.core.shapes.kinds.box import Box
from viewer.project.edit_builders import set_status
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.model_choices import ModelChoice
from viewer.ui.flows.review import Review
from viewer.ui.panels.findings import FindingsPanel
from viewer.ui.panels.heatmap import HeatmapPanel
from viewer.ui.panels.scores import ScoreCurves, ScoresPanel

MODEL = ModelChoice(
    name="run-a", title="Squares · 1a2b", folder=Path("runs/run-a"), kind="detection", source="run",
    labels=("Square", "Lung"), model="center_point", model_hash="f" * 64, cam_layer="neck", threshold=0.35,
    phantom=False,
)  # fmt: skip


class FakeInference:
    """Answers when the test says so."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def predict(
        self, ref: object, image_id: str, folder: Path, *, run_anyway: bool, done: Callable[..., None],
        sample: object = (), patient: object = None,
    ) -> None:  # fmt: skip
        self.asked.append({"image_id": image_id, "run_anyway": run_anyway, "done": done})

    def explain(
        self, ref: object, image_id: str, folder: Path, *, label: str, method: str, layer: str, run_anyway: bool,
        done: Callable[..., None], sample: object = (),
    ) -> None:  # fmt: skip
        asked = {"image_id": image_id, "label": label, "method": method, "layer": layer, "run_anyway": run_anyway}
        self.asked.append({**asked, "done": done})

    def close(self) -> None:
        """Nothing to end."""


def prediction(image_id: str, scores: tuple[float, ...] = (0.93, 0.5, 0.2), name: str = "p1") -> Prediction:
    proposals = tuple(
        Proposal(
            proposal_id=f"{name}-{place}", prediction_id=name, image_id=image_id,
            label="Square" if place % 2 else "Lung",
            score=score, shape=Box(x0_px=5, y0_px=5 + place, x1_px=25, y1_px=30),
        )
        for place, score in enumerate(scores)
    )  # fmt: skip
    return Prediction(
        prediction_id=name, image_id=image_id, model_hash="f" * 64, model_name="run-a", kind="detection",
        created="2026-11-21T12:00:00+00:00", threshold=0.35, proposals=proposals,
    )  # fmt: skip


@pytest.fixture
def inference(monkeypatch: pytest.MonkeyPatch) -> FakeInference:
    fake = FakeInference()
    monkeypatch.setattr(Desk, "inference", fake)
    return fake


@pytest.fixture
def review(qtbot: QtBot, shown_case: Desk, inference: FakeInference, monkeypatch: pytest.MonkeyPatch) -> Review:
    monkeypatch.setattr("viewer.ui.flows.model_queries.model_choices", lambda folder: [MODEL])
    made = shown_case.review
    shown_case.set_workspace("review")
    made.asking.choose_model(MODEL)
    return made


def answer(qtbot: QtBot, review: Review, inference: FakeInference, session: Desk, **changes: Any) -> Prediction:
    """Predict on the shown image and wait until its findings are there."""
    review.asking.predict_image()
    qtbot.waitUntil(lambda: bool(inference.asked))
    assert session.shown is not None and session.shown.image_id is not None
    said = replace(prediction(session.shown.image_id), **changes)
    inference.asked.pop()["done"](said)
    qtbot.waitUntil(lambda: review.prediction is not None)
    return said


def panel_of(qtbot: QtBot, session: Desk) -> FindingsPanel:
    panel = FindingsPanel(session)
    qtbot.addWidget(panel)
    panel.resize(320, 640)
    panel.show()
    return panel


def words(panel: FindingsPanel) -> list[str]:
    model = panel.list.model()
    return [model.index(place, 0).data() for place in range(model.rowCount())]


def decisions(session: Desk) -> list[Decision]:
    assert session.project is not None and session.shown is not None and session.shown.image_id is not None
    session.edits.wait()
    return [p.decision for p in session.project.work.proposals(session.shown.image_id)]


def test_the_threshold_of_the_card_decides_what_is_shown(
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Desk
) -> None:
    panel = panel_of(qtbot, shown_case)

    answer(qtbot, review, inference, shown_case)

    assert len(words(panel)) == 2
    assert panel.threshold_value.text() == "0.35"
    assert "chosen on validation" in panel.threshold_origin.text()


def test_moving_the_threshold_shows_more_and_says_that_it_was_set_here(
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Desk
) -> None:
    panel = panel_of(qtbot, shown_case)
    answer(qtbot, review, inference, shown_case)

    panel.threshold.setFocus()
    for _ in range(20):
        qtbot.keyClick(panel.threshold, Qt.Key.Key_Left)

    assert len(words(panel)) == 3
    assert panel.threshold_origin.text().startswith("Set here")


def test_a_finding_that_the_threshold_hides_is_none_to_decide(
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Desk
) -> None:
    answer(qtbot, review, inference, shown_case)
    assert shown_case.situation().has("proposal_selected")

    review.set_threshold(1.0)

    assert review.selected is None
    assert not shown_case.situation().has("proposal_selected")


def test_nothing_above_the_threshold_is_never_called_normal(
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Desk
) -> None:
    panel = panel_of(qtbot, shown_case)
    answer(qtbot, review, inference, shown_case)

    review.set_threshold(0.99)

    assert panel.stack.currentWidget() is panel.empty
    said = " ".join(label.text() for label in panel.empty.findChildren(QLabel))
    assert "Nothing above the threshold 0.99" in said
    assert "normal" not in said.casefold()


def test_accept_makes_an_annotation_from_ai_and_goes_on_and_undo_takes_it_back(
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Desk
) -> None:
    panel = panel_of(qtbot, shown_case)
    answer(qtbot, review, inference, shown_case)
    project, shown = shown_case.project, shown_case.shown
    assert project is not None and shown is not None and shown.image_id is not None

    qtbot.mouseClick(panel.accept_button, Qt.MouseButton.LeftButton)
    assert decisions(shown_case)[0] is Decision.ACCEPTED
    made = project.work.annotations(shown.image_id)
    assert [(a.label, a.origin, a.proposal_id) for a in made] == [("Lung", Origin.ACCEPTED, "p1-0")]
    assert review.selected is not None and review.selected.proposal.proposal_id == "p1-1"
    assert "p1-0" not in {p.proposal_id for p in review.visible(shown.image_id)}

    shown_case.undo()
    assert decisions(shown_case)[0] is Decision.UNDECIDED
    assert project.work.annotations(shown.image_id) == ()


def test_reject_writes_nothing_on_the_image_and_the_row_stays(
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Desk
) -> None:
    panel = panel_of(qtbot, shown_case)
    answer(qtbot, review, inference, shown_case)

    qtbot.mouseClick(panel.reject_button, Qt.MouseButton.LeftButton)

    assert decisions(shown_case) == [Decision.REJECTED, Decision.UNDECIDED, Decision.UNDECIDED]
    qtbot.waitUntil(lambda: any("Rejected" in row for row in words(panel)))
    assert len(words(panel)) == 2


def test_correct_opens_the_shape_in_the_select_tool(
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Desk
) -> None:
    panel = panel_of(qtbot, shown_case)
    answer(qtbot, review, inference, shown_case)
    project, shown = shown_case.project, shown_case.shown
    assert project is not None and shown is not None and shown.image_id is not None

    qtbot.mouseClick(panel.correct_button, Qt.MouseButton.LeftButton)

    shown_case.edits.wait()
    made = project.work.annotations(shown.image_id)
    assert [a.origin for a in made] == [Origin.CORRECTED]
    qtbot.waitUntil(lambda: shown_case.selected_shape == made[0].annotation_id)
    assert shown_case.tool == "select"


def test_the_same_answer_again_keeps_what_was_decided(
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Desk
) -> None:
    said = answer(qtbot, review, inference, shown_case)
    review.accept()
    before = decisions(shown_case)
    errors: list[str] = []
    shown_case.announced.connect(lambda level, sentence: errors.append(sentence) if level == "error" else None)

    review.asking.predict_image()
    qtbot.waitUntil(lambda: bool(inference.asked))
    inference.asked.pop()["done"](said)
    settled(shown_case)

    assert decisions(shown_case) == before
    assert before[0] is Decision.ACCEPTED
    assert errors == []


def test_a_proposal_nobody_decided_is_never_an_annotation(
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Desk
) -> None:
    answer(qtbot, review, inference, shown_case)
    project, shown = shown_case.project, shown_case.shown
    assert project is not None and shown is not None and shown.case_id is not None and shown.image_id is not None

    shown_case.do(set_status(project.cases.get(shown.case_id), CaseStatus.COMPLETE))

    assert set(decisions(shown_case)) == {Decision.UNDECIDED}
    assert project.work.annotations(shown.image_id) == ()


def test_proposals_are_hidden_in_annotate_until_the_case_is_complete(
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Desk
) -> None:
    answer(qtbot, review, inference, shown_case)
    project, shown = shown_case.project, shown_case.shown
    assert project is not None and shown is not None and shown.case_id is not None and shown.image_id is not None
    assert len(review.visible(shown.image_id)) == 2

    shown_case.set_workspace("annotate")
    assert review.visible(shown.image_id) == ()

    shown_case.do(set_status(project.cases.get(shown.case_id), CaseStatus.COMPLETE))
    shown_case.edits.wait()
    assert len(review.visible(shown.image_id)) == 2


def test_an_answer_for_an_image_no_longer_shown_is_dropped(
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Desk
) -> None:
    project = shown_case.project
    assert project is not None
    review.asking.predict_image()
    qtbot.waitUntil(lambda: bool(inference.asked))
    asked = inference.asked.pop()
    second = project.cases.all()[1]
    shown_case.open_case(second.case_id)
    qtbot.waitUntil(lambda: shown_case.shown is not None and shown_case.shown.case_id == second.case_id)

    asked["done"](prediction(asked["image_id"]))
    settled(shown_case)

    assert project.predictions.latest(asked["image_id"]) is None


def test_an_image_outside_the_domain_is_refused_with_the_mismatch_and_can_be_run_anyway(
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Desk
) -> None:
    panel = panel_of(qtbot, shown_case)
    review.asking.predict_image()
    qtbot.waitUntil(lambda: bool(inference.asked))

    inference.asked.pop()["done"](OutsideDomain("film_0.png is DX; the model was trained on CT."))
    qtbot.waitUntil(panel.mismatch.isVisible)
    assert "trained on CT" in panel.mismatch_words.text()
    qtbot.mouseClick(panel.run_anyway, Qt.MouseButton.LeftButton)

    qtbot.waitUntil(lambda: bool(inference.asked))
    assert inference.asked[-1]["run_anyway"] is True
    assert not panel.mismatch.isVisible()


def test_every_row_of_an_answer_outside_the_domain_says_so(
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Desk
) -> None:
    panel = panel_of(qtbot, shown_case)

    answer(qtbot, review, inference, shown_case, outside_domain="DX, not CT")

    assert words(panel) and all("outside its domain" in row for row in words(panel))


def test_a_class_is_accepted_as_yes_and_corrected_as_no(
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Desk
) -> None:
    project, shown = shown_case.project, shown_case.shown
    assert project is not None and shown is not None and shown.image_id is not None
    whole = tuple(
        Proposal(proposal_id=f"c-{name}", prediction_id="p1", image_id=shown.image_id, label=name, score=score)
        for name, score in (("Bright", 0.9), ("Dark", 0.6))
    )
    panel = panel_of(qtbot, shown_case)
    answer(qtbot, review, inference, shown_case, kind="classification", proposals=whole,
           scores={"Bright": 0.9, "Dark": 0.6})  # fmt: skip
    assert panel.scores.scores == {"Bright": 0.9, "Dark": 0.6}

    qtbot.mouseClick(panel.accept_button, Qt.MouseButton.LeftButton)
    shown_case.edits.wait()
    qtbot.mouseClick(panel.correct_button, Qt.MouseButton.LeftButton)
    shown_case.edits.wait()

    assert project.work.image_labels(shown.image_id) == {"Bright": Verdict.YES, "Dark": Verdict.NO}


def test_the_heatmap_says_its_maximum_its_grid_and_that_it_is_not_checked(
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Desk
) -> None:
    panel = HeatmapPanel(shown_case)
    qtbot.addWidget(panel)
    shown = shown_case.shown
    assert shown is not None and shown.image_id is not None

    qtbot.mouseClick(panel.show_map, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(inference.asked))
    grid = np.zeros((16, 12), np.float32)
    grid[3, 4] = 3.71
    heat = HeatMap(image_id=shown.image_id, model_hash="f" * 64, label="Square", method="gradcam", layer="neck",
                   grid=grid, x0_px=0, y0_px=0, x1_px=80, y1_px=64, unit="logit", scale_top=8.0,
                   scale_from="the largest of 9 validation images", same_as=("HiResCAM",))  # fmt: skip
    inference.asked[-1]["done"](heat)

    qtbot.waitUntil(lambda: review.heat is heat)
    assert panel.facts.text() == (
        "Square · maximum 3.71 score points · 12 × 16 cells stretched over the image · full colour 8.00 score points, "
        "the largest of 9 validation images. HiResCAM gives the same map here, so that they agree says nothing."
    )
    assert panel.bar.words == "8.00 points"
    assert "Score points (logits) are what the model adds up" in panel.facts.toolTip()
    assert "read from “neck” and has 12 × 16 cells" in panel.layer.toolTip()
    assert panel.worth.text() == "Map not checked"
    assert "no command that does it" in panel.worth.toolTip(), "whoever asks is told what checking is"
    assert shown_case.heat is not None and shown_case.heat.heat is heat


def test_a_map_without_positive_evidence_is_a_state_of_its_own(qtbot: QtBot, review: Review, shown_case: Desk) -> None:
    panel = HeatmapPanel(shown_case)
    qtbot.addWidget(panel)
    review.heat_on = True
    review.heat = HeatMap(image_id="0" * 32, model_hash="f" * 64, label="Square", method="gradcam", layer="neck",
                          grid=np.full((4, 4), -0.5, np.float32), x0_px=0, y0_px=0, x1_px=80, y1_px=64)  # fmt: skip

    review.heat_changed.emit()

    assert panel.bar.words == "No positive evidence"
    assert "maximum −0.500 arbitrary units" in panel.facts.text()


def test_scores_along_a_series_wait_for_a_prediction_and_a_click_shows_the_image(
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Desk
) -> None:
    panel = ScoresPanel(shown_case)
    qtbot.addWidget(panel)
    assert panel.stack.currentWidget() is panel.empty  # a case of one film has no series

    curves = ScoreCurves(shown_case)
    qtbot.addWidget(curves)
    curves.resize(400, 120)
    curves.set_answers([prediction("a", (0.1,)), None, prediction("c", (0.8,))], 0.35, 0)
    curves.show()
    with qtbot.waitSignal(curves.image_asked) as asked:
        qtbot.mouseClick(curves, Qt.MouseButton.LeftButton, pos=QPoint(383, 20))

    assert asked.args == [2]
