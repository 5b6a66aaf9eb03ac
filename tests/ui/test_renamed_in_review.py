"""A label that was renamed after a model was trained stands under its present name wherever the model's answer does."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.hand import CTRL
from tests.ui.painted import writing
from tests.ui.test_review_ai import MODEL, FakeInference
from tests.ui.test_window_lawful import opened, reviewing, strike  # noqa: F401  # opened: a fixture
from tests.waiting import handled, settled
from viewer.core.heat import HeatMap
from viewer.core.shapes.annotations import Decision
from viewer.project.edit_builders import rename_label
from viewer.ui.flows.desk import Desk
from viewer.ui.panels.findings import FindingsPanel
from viewer.ui.panels.heatmap import HeatmapPanel
from viewer.ui.panels.scores import ScoresPanel
from viewer.ui.window.main_window import MainWindow

Key = Qt.Key


def rename(window: MainWindow, name: str, to: str) -> None:
    project = window.session.project
    assert project is not None
    label = next(one for one in project.labels if one.name == name)
    assert window.session.do(rename_label(label, to))
    window.session.edits.wait()
    settled(window.session)


def said(window: MainWindow) -> set[str]:
    """Every text that is painted in the list of findings, in the view and in the curves of the scores."""
    panel = findings(window)
    scores = window.docks.panel("scores")
    assert isinstance(scores, ScoresPanel)
    scores.reload()
    handled()
    with writing() as painted:
        panel.grab()
        window.session.active_view.grab_view()
        scores.curves.grab()
    tips = [panel.list.model().index(place, 0).data() for place in range(panel.list.model().rowCount())]
    widgets = [panel.scores.accessibleName(), panel.threshold_origin.text(), panel.threshold.toolTip()]
    return {
        word for text in [*(one.text for one in painted), *tips, *widgets] for word in text.replace(",", " ").split()
    }


def findings(window: MainWindow) -> FindingsPanel:
    panel = window.docks.panel("findings")
    assert isinstance(panel, FindingsPanel)
    return panel


@pytest.mark.parametrize("kind", ["boxes", "two exclusive"])
def test_every_place_that_shows_an_answer_has_the_name_of_now(
    opened: Callable[..., MainWindow],  # noqa: F811
    kind: str,
) -> None:
    window, _ = reviewing(opened, kind)
    window.session.review.set_threshold(0.0)
    assert {"L0", "L1"} & said(window)

    for name in ("L0", "L1"):
        rename(window, name, f"lesion{name[1]}")

    words = said(window)
    tips = {word for word in words if word in ("L0", "L1")}
    rows = [finding.proposal.label for finding in window.session.review.findings]
    assert set(rows) <= {"lesion0", "lesion1"} and set(rows) & words
    with writing() as painted:
        findings(window).grab()
        window.session.active_view.grab_view()
    assert not [one.text for one in painted if "L0" in one.text or "L1" in one.text]
    assert tips, "the tool tip says what the model calls it"

    review = window.session.review
    review.select(review.shown[0].proposal.proposal_id)
    strike(window, Key.Key_Return)
    project = window.session.project
    assert project is not None
    done = [one for one in window.session.review.findings if one.proposal.decision is Decision.ACCEPTED]
    assert [one.proposal.label for one in done] and not {one.name for one in project.labels} & {"L0", "L1"}
    strike(window, Key.Key_Z, CTRL)
    for _ in ("L0", "L1"):
        strike(window, Key.Key_Z, CTRL)
        settled(window.session)
    assert {finding.proposal.label for finding in window.session.review.findings} <= {"L0", "L1"}


def test_the_heatmap_is_asked_under_the_model_s_name_and_called_by_the_present_one(
    opened: Callable[..., MainWindow],  # noqa: F811
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake = FakeInference()
    monkeypatch.setattr(Desk, "inference", fake)
    window, _ = reviewing(opened, "boxes")
    rename(window, "L0", "lesion")
    session, review = window.session, window.session.review
    panel = window.docks.panel("heatmap")
    assert isinstance(panel, HeatmapPanel) and session.shown is not None and session.shown.image_id is not None
    review.asking.choose_model(replace(MODEL, labels=("L0", "L1"), model_hash="0" * 64))

    assert [panel.label.itemText(place) for place in range(panel.label.count())] == ["lesion", "L1"]
    panel.label.setCurrentIndex(0)
    panel.label.activated.emit(0)
    strike(window, Key.Key_M)
    qtbot.waitUntil(lambda: bool(fake.asked))
    asked = fake.asked[-1]
    assert asked["label"] == "L0" and findings(window).asking.text() == "Explaining lesion"
    asked["done"](
        HeatMap(
            image_id=session.shown.image_id, model_hash="0" * 64, label="L0", method=review.heat_method, layer="neck",
            unit="logit", grid=np.eye(4, dtype=np.float32), x0_px=0, y0_px=0, x1_px=80, y1_px=64, scale_top=1.0,
        )
    )  # fmt: skip
    qtbot.waitUntil(lambda: review.heat is not None)
    handled()

    assert panel.facts.text().startswith("lesion · maximum") and panel.label.currentText() == "lesion"
    assert any(cell.role == "Heatmap · lesion" for cell in session.cells)  # type: ignore[attr-defined]
    rename(window, "lesion", "mark")
    assert panel.label.currentText() == "mark" and panel.facts.text().startswith("mark · maximum")
    assert any(cell.role == "Heatmap · mark" for cell in session.cells)  # type: ignore[attr-defined]
