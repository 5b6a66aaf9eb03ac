"""The layer of a heatmap can be chosen, once the model has said which there are."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.test_review_ai import MODEL, FakeInference, inference, review  # noqa: F401
from tests.waiting import settled
from viewer.core.heat import HeatMap, MapLayer
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.review import Review
from viewer.ui.panels.heatmap import HeatmapPanel

LAYERS = (MapLayer(name="stem", rows=32, cols=24), MapLayer(name="neck", rows=16, cols=12))


def a_map(session: Desk, layer: str, rows: int) -> HeatMap:
    assert session.shown is not None and session.shown.image_id is not None
    return HeatMap(
        image_id=session.shown.image_id, model_hash=MODEL.model_hash, label="Square", method="gradcam", layer=layer,
        grid=np.ones((rows, rows), np.float32), x0_px=0, y0_px=0, x1_px=80, y1_px=64, layers=LAYERS,
    )  # fmt: skip


@pytest.fixture
def panel(qtbot: QtBot, shown_case: Desk, review: Review) -> HeatmapPanel:  # noqa: F811
    made = HeatmapPanel(shown_case)
    qtbot.addWidget(made)
    made.resize(360, 420)
    made.show()
    qtbot.mouseClick(made.show_map, Qt.MouseButton.LeftButton)
    return made


def answered(qtbot: QtBot, child: FakeInference, heat: HeatMap, session: Desk) -> None:
    qtbot.waitUntil(lambda: bool(child.asked))
    child.asked.pop()["done"](heat)
    settled(session)


def rows_of(panel: HeatmapPanel) -> list[str]:
    return [panel.layer.itemText(at) for at in range(panel.layer.count())]


def test_before_a_map_there_is_the_model_s_own_alone(panel: HeatmapPanel) -> None:
    assert rows_of(panel) == ["neck · the model's own"]
    assert not panel.layer.isEnabled()
    assert "listed once a map of it was shown" in panel.layer.toolTip()


def test_a_chosen_layer_is_asked_for_and_stays_for_the_next_image(
    qtbot: QtBot, panel: HeatmapPanel, shown_case: Desk, inference: FakeInference, review: Review  # noqa: F811
) -> None:  # fmt: skip
    answered(qtbot, inference, a_map(shown_case, "neck", 16), shown_case)
    assert rows_of(panel) == ["neck · 12 × 16 cells · the model's own", "stem · 24 × 32 cells"]
    assert panel.layer.isEnabled() and panel.layer.currentIndex() == 0

    panel.layer.setFocus()
    qtbot.keyClick(panel.layer, Qt.Key.Key_Down)

    assert review.heat is None, "what is shown is of the layer that is named"
    qtbot.waitUntil(lambda: bool(inference.asked))
    assert inference.asked[-1]["layer"] == "stem"
    answered(qtbot, inference, a_map(shown_case, "relu(stem)", 32), shown_case)
    assert review.heat is not None and "read from “relu(stem)” and has 32 × 32 cells" in panel.layer.toolTip()
    assert panel.layer.currentText() == "stem · 24 × 32 cells"
    shown_case.case_step(1)
    qtbot.waitUntil(lambda: bool(inference.asked))
    assert inference.asked[-1]["layer"] == "stem"


def test_a_late_map_of_the_layer_before_is_not_shown(
    qtbot: QtBot, panel: HeatmapPanel, shown_case: Desk, inference: FakeInference, review: Review  # noqa: F811
) -> None:  # fmt: skip
    answered(qtbot, inference, a_map(shown_case, "neck", 16), shown_case)
    review.set_heat_method("layercam")
    late = replace(a_map(shown_case, "neck", 16), method="layercam")
    review.set_heat_layer("stem")

    inference.asked[0]["done"](late)
    settled(shown_case)

    assert review.heat is None


def test_another_model_begins_at_its_own_layer(
    qtbot: QtBot, panel: HeatmapPanel, shown_case: Desk, inference: FakeInference, review: Review  # noqa: F811
) -> None:  # fmt: skip
    answered(qtbot, inference, a_map(shown_case, "neck", 16), shown_case)
    review.set_heat_layer("stem")

    review.asking.choose_model(replace(MODEL, folder=MODEL.folder.with_name("run-b"), cam_layer="top"))

    assert review.heat_layer == ""
    assert rows_of(panel) == ["top · the model's own"]
