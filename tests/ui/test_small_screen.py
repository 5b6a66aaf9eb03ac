"""On the smallest screen, at both sizes of text: numbers are whole, what gives way has a tool tip, buttons are seen."""

from itertools import product
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtWidgets import QApplication, QDockWidget, QLabel
from pytestqt.qtbot import QtBot

from tests.ui.fits import faults
from tests.ui.painted import writing
from tests.ui.pictures import frame
from tests.ui.scenes import Scenes, program_fonts, scenes  # noqa: F401
from tests.waiting import handled, settled
from viewer.core.heat import HeatMap
from viewer.core.readout import Readout
from viewer.ui.canvas.texts import NOT_CALIBRATED
from viewer.ui.canvas.view import ImageView
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.findings import empty_words
from viewer.ui.look.chips import ElidedLabel
from viewer.ui.look.theme import Theme
from viewer.ui.panels.findings import FindingsPanel
from viewer.ui.panels.heatmap import ColorBar, HeatmapPanel
from viewer.ui.window.main_window import MainWindow

LONG = "P020 · film_with_a_long_name_of_the_second_reading.png is complete: 2 of 2 image labels are not answered."
SCALES = [1.0, 1.5]
UNDER_THE_CURSOR = Readout(
    row=1789, col=1234, x_px=1234.5, y_px=1789.5, stored=(1234.0,), value=1234.0, unit="HU",
    position_mm=(-123.4, 88.8, -1012.5), number_text="1234 HU", source="HU: Rescale Type",
)  # fmt: skip


def test_in_the_status_bar_numbers_are_whole_and_what_gives_way_has_a_tool_tip(scenes: Scenes) -> None:  # noqa: F811
    scenes.window.resize(1280, 720)
    for long, scale in product(("", LONG), SCALES):
        what_gives_way_has_a_tool_tip(scenes.window, long, scale)


def what_gives_way_has_a_tool_tip(window: MainWindow, long: str, scale: float) -> None:
    window.session.set_theme(Theme(name="dark", font_scale=scale))
    window.enter("annotate")
    window.session.set_label("Consolidation of the lower lobe")
    window.session.set_tool("polygon")
    if long:
        window.session.said.emit(long)

    handled()
    for view in window.session.views:  # wherever another test left the mouse, it is over no view
        QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    window.session.readout_changed.emit(UNDER_THE_CURSOR)
    handled()

    bar = window.statusBar()
    assert window.width() == bar.width() == 1280
    labels = [one for one in bar.findChildren(QLabel) if one.isVisible() and one.text()]
    for label in labels:
        left = label.mapTo(bar, QPoint(0, 0)).x()
        assert left >= 0 and left + label.width() <= bar.width(), label.text()
        whole = label.fontMetrics().horizontalAdvance(label.text()) <= label.width() + 1
        assert whole or (isinstance(label, ElidedLabel) and label.text() in label.toolTip()), label.text()
    assert faults(bar) == [], (long, scale)
    said = [label.text() for label in labels]
    assert {UNDER_THE_CURSOR.value_text, UNDER_THE_CURSOR.position_text} <= set(said), (long, scale)
    assert any(text.startswith("Not a diagnosis") for text in said), (long, scale)
    assert not long or any(text[:20] == long[:20] for text in said), scale


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("width_px", [280, 420])
def test_that_an_image_is_not_calibrated_is_never_cut(
    program_fonts: None,  # noqa: F811
    qtbot: QtBot,
    width_px: int,
    scale: float,
) -> None:
    view = ImageView()
    qtbot.addWidget(view)
    view.resize(width_px, 400)
    view.set_text_scale(scale)
    view.show_frame(frame(spacing=None, plane=None), image_id="i")
    view.show()

    with writing() as said:
        view.grab_view()

    words = " ".join(one.text for one in said)
    assert NOT_CALIBRATED in words and "…" not in words


@pytest.mark.parametrize("scale", SCALES)
def test_the_numbers_of_the_colour_bar_are_whole_at_every_size_of_text(
    program_fonts: None,  # noqa: F811
    qtbot: QtBot,
    session: Desk,
    scale: float,
) -> None:
    session.set_theme(Theme(name="dark", font_scale=scale))
    bar = ColorBar(session)
    qtbot.addWidget(bar)
    bar.resize(300, bar.height())
    bar.heat = HeatMap(
        image_id="i", model_hash="f" * 64, label="A", method="gradcam", layer="neck", unit="logit",
        grid=np.full((4, 4), -0.000123456, np.float32) + np.eye(4, dtype=np.float32) * 12345.678,
        x0_px=0, y0_px=0, x1_px=80, y1_px=64, scale_top=12345.678,
    )  # fmt: skip
    bar.show()

    assert faults(bar) == []
    with writing() as said:
        bar.grab()
    assert [one.text for one in said] == ["0", bar.words]


def test_the_heatmap_s_settings_and_what_is_known_of_it_need_no_scrolling(scenes: Scenes) -> None:  # noqa: F811
    window = scenes.window
    window.resize(1280, 720)
    window.enter("review")
    review = window.session.review
    panel = window.docks.panel("heatmap")
    assert isinstance(panel, HeatmapPanel) and window.session.shown is not None
    review.heat_on, review.heat_label = True, "Square"
    review.heat = HeatMap(
        image_id=str(window.session.shown.image_id), model_hash="f" * 64, label="Square", method="gradcam",
        layer="neck", unit="logit", grid=np.eye(4, dtype=np.float32) * 3.71, x0_px=0, y0_px=0, x1_px=80, y1_px=64,
        scale_top=3.71,
    )  # fmt: skip
    review.heat_changed.emit()
    settled(window.session)

    for part in (panel.show_map, panel.label, panel.method, panel.opacity, panel.hide_below, panel.bar, panel.facts):
        assert part.visibleRegion().boundingRect() == part.rect(), part
    assert panel.worth.text() and panel.worth.visibleRegion().boundingRect() == panel.worth.rect()


def test_the_decisions_are_reached_without_scrolling_whatever_stands_above_them(scenes: Scenes) -> None:  # noqa: F811
    for height_px, scale in product((680, 720), SCALES):
        the_decisions_are_reached(scenes.window, height_px, scale)


def the_decisions_are_reached(window: MainWindow, height_px: int, scale: float) -> None:
    """What stood above them is taken away in the end."""
    window.resize(1280, height_px)
    window.session.set_theme(Theme(name="dark", font_scale=scale))
    window.enter("review")
    settled(window.session)
    panel = window.docks.panel("findings")
    assert isinstance(panel, FindingsPanel)
    # However the height was divided, here by a hand that wants all of it for the heatmap.
    docks = [one for one in window.findChildren(QDockWidget) if one.objectName() in ("dock:findings", "dock:heatmap")]
    docks.sort(key=lambda one: one.y())
    window.resizeDocks(docks, [60, height_px], Qt.Orientation.Vertical)
    settled(window.session)

    def seen() -> list[tuple[int, int]]:
        """Where each button and the threshold is; each is seen whole."""
        buttons = (panel.accept_button, panel.correct_button, panel.reject_button, panel.threshold)
        for button in (*buttons, panel.threshold_value, panel.threshold_origin):
            assert button.visibleRegion().boundingRect() == button.rect(), (height_px, scale, button)
        return [(one.mapTo(window, QPoint(0, 0)).x(), one.mapTo(window, QPoint(0, 0)).y()) for one in buttons]

    before = seen()
    panel.review.asking.mismatch_found.emit(
        "film_0.png is DX of the chest, 80 x 64 pixels; the model was trained on CT of the abdomen, so it is not asked."
    )
    settled(window.session)
    assert panel.mismatch.isVisibleTo(panel) and seen() == before, (height_px, scale)
    panel.told.setText("PNEUMONIA is yes, NORMAL is no. P0 · film_0.png is complete, and stays so with this change.")
    panel.told.show()
    settled(window.session)
    assert seen() == before and window.height() == height_px, (height_px, scale)
    listed = panel.stack.currentWidget()
    panel.empty.set_sentence(empty_words(None, 0.5, explained=True))
    panel.stack.setCurrentWidget(panel.empty)
    settled(window.session)
    assert seen() == before, (height_px, scale)
    panel.stack.setCurrentWidget(listed)
    panel.told.hide()
    panel.review.asking.mismatch_found.emit("")
    settled(window.session)
    assert not panel.mismatch.isVisibleTo(panel)


def test_a_work_space_that_is_entered_before_the_window_is_shown_has_its_words_on_the_bar(
    program_fonts: None,  # noqa: F811
    reading: MainWindow,
) -> None:
    """A start in Annotate: the bar was as wide as nothing when its tools were chosen, and stayed without words."""
    reading.resize(1280, 720)
    handled()
    bar = reading.bar
    reading.enter("annotate")
    bar.fit_to(100)  # as wide as it is before its first layout
    assert bar.segments.buttons[0].wordless
    bar.resize(bar.width() - 1, bar.height())
    handled()

    assert not any(button.wordless or button.compact for button in bar.segments.buttons)


def test_the_figure_of_a_model_is_not_cut_by_what_it_is(qtbot: QtBot, session: Desk) -> None:
    panel = FindingsPanel(session)
    qtbot.addWidget(panel)
    choice = SimpleNamespace(
        title="t", detail="Classification · run", metric="AUC 0.750 test", seen="", folder=Path("/r")
    )
    session.review.asking.models, session.review.asking.model = [choice], choice  # type: ignore[assignment,list-item]
    panel._on_models()

    assert panel.model_detail.text() == panel.model_detail.toolTip() == "AUC 0.750 test · Classification · run"
    assert isinstance(panel.model_detail, ElidedLabel)
