"""A wrong label is changed where it stands: by digit, by menu, by palette."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from tests.ui.hand import CTRL, LEFT, NONE, SHIFT, press
from viewer.app import make_window
from viewer.core.shapes.annotations import Annotation, CaseStatus, Measurement, Origin
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.kinds.polygon import Polygon
from viewer.core.shapes.shape import Shape
from viewer.project.edit_builders import add_annotation, add_label, add_measurement, set_status
from viewer.ui.state.settings import Settings
from viewer.ui.window.main_window import MainWindow
from viewer.ui.window.palette import Palette

BOX = Box(x0_px=10, y0_px=10, x1_px=30, y1_px=30)
POLYGON = Polygon(points_px=((40.0, 10.0), (60.0, 10.0), (60.0, 30.0), (40.0, 30.0)))
MASK = MaskRuns.from_array(np.eye(64, 80, dtype=np.bool_))


@pytest.fixture
def annotating(qtbot: QtBot, home: Path, project_folder: Path) -> Iterator[MainWindow]:
    """The window on the first of eight films, in Annotate, with the labels Square (1) and Lung (2)."""
    made = make_window([project_folder], settings=Settings(home / "window.ini"), author="tester")
    made.resize(1280, 800)
    made.activateWindow()
    qtbot.waitUntil(lambda: made.session.shown is not None and made.session.shown.case_id is not None)
    qtbot.waitUntil(made.isActiveWindow)
    made.enter("annotate")
    yield made
    made.close()
    made.deleteLater()


def on_image(window: MainWindow) -> tuple[Annotation, ...]:
    window.session.edits.wait()
    project, shown = window.session.project, window.session.shown
    assert project is not None and shown is not None and shown.image_id is not None
    return tuple(project.work.annotations(shown.image_id))


def draw(window: MainWindow, shape: Shape, label: str = "Square", origin: Origin = Origin.PERSON) -> str:
    shown = window.session.shown
    assert shown is not None and shown.image_id is not None
    assert window.session.do(add_annotation(shown.image_id, label, shape, author="tester", origin=origin))
    return on_image(window)[-1].annotation_id


def place(window: MainWindow, x_px: float, y_px: float) -> QPoint:
    view = window.session.active_view
    x, y = view.transform().to_view(x_px, y_px)
    return QPoint(round(x / view.device_ratio), round(y / view.device_ratio))


def click(window: MainWindow, x_px: float, y_px: float, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.mouseClick(window.session.active_view, LEFT, modifiers, place(window, x_px, y_px))


def said(window: MainWindow) -> str:
    return str(window.statusBar()._mouse.text())


@pytest.mark.parametrize(("shape", "word"), [(BOX, "box"), (POLYGON, "polygon"), (MASK, "mask")])
def test_a_digit_relabels_the_selected_shape_in_one_step_and_says_so(
    annotating: MainWindow, shape: Shape, word: str
) -> None:
    drawn = draw(annotating, shape)
    annotating.session.set_tool("select")
    annotating.session.select_shape(drawn)
    before = on_image(annotating)

    press(annotating, Qt.Key.Key_2)

    (after,) = on_image(annotating)
    assert (after.annotation_id, after.label, after.shape) == (drawn, "Lung", before[0].shape)
    assert said(annotating) == f"The Square {word} is Lung now. Ctrl+Z takes it back."
    assert annotating.session.label == "Square"  # what is armed stays
    annotating.session.undo()
    assert on_image(annotating) == before
    annotating.session.redo()
    assert on_image(annotating)[0].label == "Lung"


def test_a_digit_arms_its_label_where_nothing_is_selected_or_another_tool_is_armed(annotating: MainWindow) -> None:
    drawn = draw(annotating, BOX)
    annotating.session.set_tool("select")
    press(annotating, Qt.Key.Key_2)
    assert annotating.session.label == "Lung"

    annotating.session.select_shape(drawn)
    annotating.session.set_tool("box")
    press(annotating, Qt.Key.Key_1)

    assert annotating.session.label == "Square" and on_image(annotating)[0].label == "Square"


def test_a_digit_leaves_a_measurement_what_it_is(annotating: MainWindow) -> None:
    shown = annotating.session.shown
    assert shown is not None and shown.image_id is not None
    length = Measurement(measurement_id="m" * 32, image_id=shown.image_id, kind="length", points_px=((5, 5), (20, 5)))
    annotating.session.do(add_measurement(length))
    annotating.session.edits.wait()
    annotating.session.set_tool("select")
    annotating.session.select_shape(length.measurement_id)

    press(annotating, Qt.Key.Key_2)

    assert annotating.session.label == "Lung"


def test_several_are_selected_with_ctrl_and_relabelled_nudged_and_removed_in_one_step_each(
    annotating: MainWindow,
) -> None:
    draw(annotating, BOX)
    draw(annotating, POLYGON)
    annotating.session.set_tool("select")
    click(annotating, 20, 20)
    click(annotating, 50, 20, CTRL)

    press(annotating, Qt.Key.Key_2)
    assert [one.label for one in on_image(annotating)] == ["Lung", "Lung"]
    assert said(annotating) == "2 objects are Lung now. Ctrl+Z takes it back."

    press(annotating, Qt.Key.Key_Right, CTRL | SHIFT)
    box, polygon = on_image(annotating)
    assert box.shape == Box(x0_px=20, y0_px=10, x1_px=40, y1_px=30)
    assert isinstance(polygon.shape, Polygon) and polygon.shape.points_px[0] == (50.0, 10.0)

    press(annotating, Qt.Key.Key_Delete)
    assert on_image(annotating) == ()
    for _ in range(3):
        annotating.session.undo()
    assert [(one.label, one.shape) for one in on_image(annotating)] == [("Square", BOX), ("Square", POLYGON)]


def test_ctrl_and_a_click_on_one_of_several_takes_it_out_again(annotating: MainWindow) -> None:
    draw(annotating, BOX)
    draw(annotating, POLYGON)
    annotating.session.set_tool("select")
    click(annotating, 20, 20)
    click(annotating, 50, 20, SHIFT)
    click(annotating, 50, 20, SHIFT)

    press(annotating, Qt.Key.Key_2)

    assert [one.label for one in on_image(annotating)] == ["Lung", "Square"]


def test_a_mask_relabelled_onto_a_label_that_has_one_stays_an_object_of_its_own(annotating: MainWindow) -> None:
    first = draw(annotating, MASK, "Lung")
    other = draw(annotating, MaskRuns.from_array(~MASK.to_array()), "Square")
    annotating.session.set_tool("select")
    annotating.session.select_shape(other)
    before = {one.annotation_id: one.shape for one in on_image(annotating)}

    press(annotating, Qt.Key.Key_2)

    after = on_image(annotating)
    assert {one.annotation_id: one.shape for one in after} == before
    assert {one.annotation_id: one.label for one in after} == {first: "Lung", other: "Lung"}


def test_an_accepted_shape_with_another_label_is_a_corrected_one(annotating: MainWindow) -> None:
    drawn = draw(annotating, BOX, origin=Origin.ACCEPTED)
    annotating.session.set_tool("select")
    annotating.session.select_shape(drawn)

    press(annotating, Qt.Key.Key_2)

    assert on_image(annotating)[0].origin is Origin.CORRECTED


def test_the_same_label_again_is_no_edit(annotating: MainWindow) -> None:
    drawn = draw(annotating, BOX)
    annotating.session.set_tool("select")
    annotating.session.select_shape(drawn)

    press(annotating, Qt.Key.Key_1)

    assert said(annotating) == "The Square box is Square already."
    assert on_image(annotating)[0].revision == 1


def test_a_complete_case_says_that_it_is_complete(annotating: MainWindow) -> None:
    drawn = draw(annotating, BOX)
    project, shown = annotating.session.project, annotating.session.shown
    assert project is not None and shown is not None and shown.case_id is not None
    annotating.session.do(set_status(project.cases.get(shown.case_id), CaseStatus.COMPLETE))
    annotating.session.edits.wait()
    annotating.session.set_tool("select")
    annotating.session.select_shape(drawn)

    press(annotating, Qt.Key.Key_2)
    annotating.session.edits.wait()

    assert said(annotating).endswith("takes it back. P0 · film_0.png is complete, and stays so with this change.")
    assert project.cases.get(shown.case_id).status is CaseStatus.COMPLETE


def lines(menu: QMenu) -> dict[str, list[str]]:
    """The titles of sub-menus with the texts of their rows."""
    return {
        action.text(): [row.text() for row in below.actions() if row.isEnabled()]
        for action in menu.actions()
        if (below := action.menu()) is not None and isinstance(below, QMenu)
    }


def test_a_right_click_selects_the_shape_below_and_its_menu_changes_the_label(
    qtbot: QtBot, annotating: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    menus: list[QMenu] = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, *_: menus.append(menu))
    draw(annotating, BOX)
    annotating.session.set_tool("select")

    QTest.mouseClick(annotating.session.active_view, Qt.MouseButton.RightButton, NONE, place(annotating, 20, 20))
    assert lines(menus[0])["Change label"] == ["Change to Lung\t2"]
    (below,) = (action.menu() for action in menus[0].actions() if action.text() == "Change label")
    assert isinstance(below, QMenu)
    below.actions()[0].trigger()

    assert on_image(annotating)[0].label == "Lung"


def test_the_row_of_the_panel_has_the_same_menu(annotating: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    menus: list[QMenu] = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, *_: menus.append(menu))
    draw(annotating, BOX)
    panel = annotating.docks.panel("on_image")
    row = panel.list.visualRect(panel.list.model().index(0, 0))

    QTest.mouseClick(panel.list.viewport(), LEFT, NONE, QPoint(40, row.center().y()))
    panel.list.menu_asked.emit(QPoint(40, row.center().y()))

    assert lines(menus[0])["Change label"] == ["Change to Lung\t2"]


def test_the_palette_changes_the_label_also_to_one_without_a_digit(annotating: MainWindow) -> None:
    project = annotating.session.project
    assert project is not None
    for number in range(3, 14):  # twelve have a key
        annotating.session.do(add_label(f"Label {number}", "region", project.labels))
        annotating.session.edits.wait()
    drawn = draw(annotating, BOX)
    annotating.session.set_tool("select")
    annotating.session.select_shape(drawn)

    annotating.open_palette("change to label 13")
    (palette,) = annotating.findChildren(Palette)
    assert palette.lines()[0] == "Change to Label 13"
    QTest.keyClick(palette.field, Qt.Key.Key_Return)

    assert on_image(annotating)[0].label == "Label 13"
