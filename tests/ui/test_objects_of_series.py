"""In a series an object goes on from slice to slice; it is joined, parted, gone through and removed as one."""

from collections.abc import Sequence

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tests.ui.hand import CTRL, LEFT, NONE, SHIFT, press
from tests.waiting import handled, settled, until
from viewer.core.shapes.anchors import PlaneAnchor
from viewer.core.shapes.annotations import Annotation
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.project.counts import label_counts
from viewer.project.edit_builders import add_annotation, add_label
from viewer.project.lists.on_planes import shapes_on_planes
from viewer.ui.commands.context_menu import shape_menu
from viewer.ui.window.main_window import MainWindow

ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def drawing(reading: MainWindow) -> MainWindow:
    """The window on the third of six slices, with the labels nodule and cyst, and the box tool with nodule."""
    session = reading.session
    assert session.project is not None
    for name in ("nodule", "cyst"):
        assert session.do(add_label(name, "region", session.labels))
        session.edits.wait()
    session.set_label("nodule")
    reading.enter("annotate")
    session.set_tool("box")
    session.set_brush_radius(3)
    go(reading, 2)
    return reading


def go(window: MainWindow, index: int) -> None:
    session = window.session
    cell = session.active_cell
    assert cell is not None and cell.series is not None
    ref = cell.series.frames[index]
    cell.scroll_to(index)
    until(lambda: handled() or (session.shown is not None and session.shown.ref == ref), "the slice")
    settled(session)


def place(window: MainWindow, x_px: float, y_px: float) -> QPoint:
    view = window.session.active_view
    x, y = view.transform().to_view(x_px, y_px)
    return QPoint(round(x / view.device_ratio), round(y / view.device_ratio))


def drag(window: MainWindow, start: tuple[float, float] = (10, 10), end: tuple[float, float] = (20, 20)) -> None:
    view = window.session.active_view
    QTest.mousePress(view, LEFT, NONE, place(window, *start))
    QTest.mouseMove(view, place(window, *end))
    QTest.mouseRelease(view, LEFT, NONE, place(window, *end))
    window.session.edits.wait()
    settled(window.session)


def on_slice(window: MainWindow) -> tuple[Annotation, ...]:
    shown, project = window.session.shown, window.session.project
    assert shown is not None and shown.image_id is not None and project is not None
    return project.work.annotations(shown.image_id)


def counted(window: MainWindow) -> dict[str, int]:
    assert window.session.project is not None
    return label_counts(window.session.project, "region")


def draw_on(window: MainWindow, slices: Sequence[int]) -> None:
    for index in slices:
        go(window, index)
        drag(window)


def rows(window: MainWindow) -> list[str]:
    panel = window.docks.panel("on_image")
    model = panel.list.model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def said(window: MainWindow) -> str:
    return str(window.statusBar()._mouse.text())


@pytest.mark.parametrize("tool", ["box", "brush", "freehand"])
def test_what_is_drawn_on_another_slice_goes_on_with_the_object(drawing: MainWindow, tool: str) -> None:
    drawing.session.set_tool(tool)
    if tool == "freehand":
        pytest.importorskip("viewer.ui.tools.freehand")
    for index in (2, 3, 1):
        go(drawing, index)
        if tool == "freehand":
            view = drawing.session.active_view
            QTest.mousePress(view, LEFT, NONE, place(drawing, 10, 10))
            for point in ((20, 10), (20, 20), (10, 20), (10, 12)):
                QTest.mouseMove(view, place(drawing, *point))
            QTest.mouseRelease(view, LEFT, NONE, place(drawing, 10, 12))
            drawing.session.edits.wait()
            settled(drawing.session)
        else:
            drag(drawing)

    assert counted(drawing) == {"nodule": 1}
    assert rows(drawing)[0].startswith("nodule, 3 slices · ")
    drawing.session.undo()
    settled(drawing.session)
    go(drawing, 3)
    assert rows(drawing)[0].startswith("nodule, 2 slices · ")


def test_it_is_said_before_that_the_next_shape_goes_on(drawing: MainWindow) -> None:
    panel = drawing.docks.panel("on_image")
    assert panel.next_words.text() == "Next shape: the first nodule"
    drag(drawing)
    go(drawing, 3)
    assert panel.next_words.text() == "Next shape: continues nodule (1 slice)"
    drag(drawing)
    go(drawing, 4)
    assert panel.next_words.text() == "Next shape: continues nodule (2 slices)"
    assert "Next shape: continues nodule (2 slices)" in said(drawing)
    drawing.session.set_tool("brush")
    assert panel.next_words.text() == "Next stroke: continues nodule (2 slices)"
    drawing.session.set_label("cyst")
    assert panel.next_words.text() == "Next stroke: the first cyst"


@pytest.mark.parametrize("tool", ["box", "brush"])
def test_n_begins_a_new_object_also_from_the_next_slice_on(drawing: MainWindow, tool: str) -> None:
    drawing.session.set_tool(tool)
    draw_on(drawing, (2, 3))

    press(drawing, Qt.Key.Key_N)
    go(drawing, 4)
    assert "a new nodule" in drawing.docks.panel("on_image").next_words.text()
    drag(drawing)
    assert counted(drawing) == {"nodule": 2}
    go(drawing, 5)
    assert "continues nodule 2 (1 slice)" in drawing.docks.panel("on_image").next_words.text()
    drag(drawing)

    assert counted(drawing) == {"nodule": 2}
    assert [row.split(" · ")[0] for row in rows(drawing)] == ["nodule 2, 2 slices"]


def test_a_second_box_on_a_slice_is_an_object_of_its_own_and_is_gone_on_with(drawing: MainWindow) -> None:
    drag(drawing)
    drag(drawing, (30, 10), (40, 20))
    assert counted(drawing) == {"nodule": 2}
    go(drawing, 3)
    drag(drawing, (30, 10), (40, 20))

    (third,) = on_slice(drawing)
    go(drawing, 2)
    assert third.object_key == on_slice(drawing)[1].object_key
    assert [row.split(" · ")[0] for row in rows(drawing)] == ["nodule 1, box", "nodule 2, 2 slices"]


def test_what_is_selected_is_gone_on_with(drawing: MainWindow) -> None:
    drag(drawing)
    drag(drawing, (30, 10), (40, 20))
    first, second = on_slice(drawing)
    drawing.session.select_shape(first.annotation_id)
    go(drawing, 3)
    drag(drawing)

    assert on_slice(drawing)[0].object_key == first.object_key != second.object_key


def test_the_brush_paints_the_mask_of_the_object_in_hand(drawing: MainWindow) -> None:
    drawing.session.set_tool("brush")
    drag(drawing)
    press(drawing, Qt.Key.Key_N)
    drag(drawing, (30, 10), (40, 10))
    first, second = on_slice(drawing)
    drawing.session.select_shape(first.annotation_id)
    go(drawing, 3)
    drag(drawing)
    go(drawing, 2)
    drag(drawing, (10, 30), (20, 30))

    one, other = on_slice(drawing)
    assert other == second
    assert isinstance(one.shape, MaskRuns) and one.shape.to_array()[30, 15]


def test_films_have_objects_of_their_own_each(drawing: MainWindow) -> None:
    from tests.ui.conftest import series_named

    session = drawing.session
    film = next(one for one in session.series_list() if one.modality == "DX")
    drag(drawing)
    session.open_series(film)
    until(lambda: handled() or (session.shown is not None and session.shown.series is film), "the film")
    settled(session)
    drag(drawing)
    assert counted(drawing) == {"nodule": 2}
    assert drawing.docks.panel("on_image").next_words.text() == ""
    session.open_series(series_named(drawing, "Series 2"))
    until(lambda: handled() or (session.shown is not None and session.shown.series is not film), "the series")
    settled(session)
    drag(drawing)
    assert counted(drawing) == {"nodule": 3}


def test_a_shape_is_joined_with_the_object_on_the_next_slice_and_parted_again(drawing: MainWindow) -> None:
    draw_on(drawing, (2, 3))
    press(drawing, Qt.Key.Key_N)
    draw_on(drawing, (4,))
    assert counted(drawing) == {"nodule": 2}

    drawing.session.select_shape(on_slice(drawing)[0].annotation_id)
    press(drawing, Qt.Key.Key_J, CTRL)
    settled(drawing.session)
    assert counted(drawing) == {"nodule": 1}
    assert said(drawing) == "This nodule is one object on 3 slices now. Ctrl+Z takes it back."

    press(drawing, Qt.Key.Key_J, CTRL | SHIFT)
    settled(drawing.session)
    assert counted(drawing) == {"nodule": 2}
    assert said(drawing) == "The box is a nodule of its own now. Ctrl+Z takes it back."
    drawing.session.undo()
    drawing.session.undo()
    settled(drawing.session)
    assert counted(drawing) == {"nodule": 2}


def test_of_several_on_the_slice_beside_the_one_that_lies_over_it_is_joined(drawing: MainWindow) -> None:
    drag(drawing, (30, 10), (40, 20))
    drag(drawing, (10, 10), (20, 20))
    wanted = on_slice(drawing)[0]
    press(drawing, Qt.Key.Key_N)
    go(drawing, 3)
    drag(drawing, (31, 11), (39, 19))
    own = on_slice(drawing)[0]
    assert own.object_key != wanted.object_key
    drawing.session.select_shape(own.annotation_id)
    press(drawing, Qt.Key.Key_J, CTRL)
    settled(drawing.session)

    go(drawing, 2)
    assert on_slice(drawing)[0].object_key == own.object_key
    assert counted(drawing) == {"nodule": 2}


def test_nothing_is_joined_where_nothing_lies_beside(drawing: MainWindow) -> None:
    drag(drawing)
    drawing.session.select_shape(on_slice(drawing)[0].annotation_id)
    press(drawing, Qt.Key.Key_J, CTRL)
    assert said(drawing) == "This nodule has no nodule on the slice beside it."


def test_what_of_an_object_lies_on_a_plane_is_told_and_removed_with_it(drawing: MainWindow) -> None:
    """Its part on a plane through the volume is on no slice: it went with the others, and no word was said of it."""
    session = drawing.session
    drag(drawing)
    (own,) = on_slice(drawing)
    assert session.project is not None and rows(drawing)[0].startswith("nodule, box")
    record = session.project.images.get(own.image_id)
    plane = PlaneAnchor(
        frame_of_reference_uid=record.tags.get("FrameOfReferenceUID", "1.2.3"), series_id=record.series_id,
        origin_mm=(0.0, 12.5, 0.0), row_cosines=(1.0, 0.0, 0.0), col_cosines=(0.0, 0.0, -1.0),
    )  # fmt: skip
    box = Box(x0_px=1, y0_px=2, x1_px=9, y1_px=8)
    for object_id in ("", own.annotation_id):
        assert session.do(add_annotation("", "nodule", box, author="Ada", plane=plane, object_id=object_id))
        session.edits.wait()
        settled(session)
        if not object_id:
            assert counted(drawing) == {"nodule": 2} and rows(drawing)[0].startswith("nodule, box")
            press(drawing, Qt.Key.Key_Z, CTRL)
            settled(session)
            assert said(drawing) == "Taken back: draw nodule box."
    until(lambda: handled() or rows(drawing)[0].startswith("nodule, 1 slice and 1 plane · "), "the row of the object")
    session.select_shape(own.annotation_id)

    press(drawing, Qt.Key.Key_Delete, SHIFT)
    settled(session)
    assert counted(drawing) == {} and shapes_on_planes(session.project) == []
    assert said(drawing) == "Removed on 1 slice and 1 plane. Ctrl+Z brings it back."
    press(drawing, Qt.Key.Key_Z, CTRL)
    settled(session)
    assert counted(drawing) == {"nodule": 1} and len(shapes_on_planes(session.project)) == 1


def test_the_object_is_removed_on_all_slices_and_comes_back(drawing: MainWindow) -> None:
    draw_on(drawing, (2, 3, 4))
    drawing.session.select_shape(on_slice(drawing)[0].annotation_id)

    press(drawing, Qt.Key.Key_Delete, SHIFT)
    settled(drawing.session)
    assert counted(drawing) == {}
    assert said(drawing) == "Removed on 3 slices. Ctrl+Z brings it back."
    drawing.session.undo()
    settled(drawing.session)
    assert counted(drawing) == {"nodule": 1}


def test_the_shape_alone_is_removed_from_the_menu(drawing: MainWindow) -> None:
    """Right click on a shape offered to remove an object on all slices, and not the shape."""
    draw_on(drawing, (2, 3))
    drawing.session.set_tool("select")
    drawing.session.select_shape(on_slice(drawing)[0].annotation_id)
    handled()
    assert "annotate.remove_shape" in shape_menu(drawing.session)

    drawing.book.run("annotate.remove_shape")
    settled(drawing.session)

    assert on_slice(drawing) == () and counted(drawing) == {"nodule": 1}
    go(drawing, 2)
    assert len(on_slice(drawing)) == 1


def test_a_label_is_changed_on_all_slices_and_said_so(drawing: MainWindow) -> None:
    draw_on(drawing, (2, 3, 4))
    drawing.session.set_tool("select")
    drawing.session.select_shape(on_slice(drawing)[0].annotation_id)

    press(drawing, Qt.Key.Key_2)
    settled(drawing.session)

    assert counted(drawing) == {"cyst": 1}
    assert said(drawing) == "The nodule box is cyst now, on 3 slices. Ctrl+Z takes it back."


def test_one_goes_from_slice_to_slice_of_an_object(drawing: MainWindow) -> None:
    draw_on(drawing, (1, 4, 5))
    session = drawing.session
    cell = session.active_cell
    assert cell is not None
    session.select_shape(on_slice(drawing)[0].annotation_id)
    for key, index in ((Qt.Key.Key_Up, 4), (Qt.Key.Key_Up, 1), (Qt.Key.Key_Up, 5), (Qt.Key.Key_Down, 1)):
        press(drawing, key, ALT)
        until(lambda: handled() or bool(session.selected_shape), "the slice")
        settled(session)
        assert cell.index == index
        assert session.selected_shape == on_slice(drawing)[0].annotation_id
    assert said(drawing) == "nodule: slice 1 of 3."


def test_the_law_is_said_in_the_status_line(drawing: MainWindow) -> None:
    """Two boxes of one slice cannot be one."""
    drag(drawing)
    drag(drawing, (30, 10), (40, 20))
    first, second = on_slice(drawing)
    drawing.session.active_view.select_several([first.annotation_id, second.annotation_id])
    press(drawing, Qt.Key.Key_J, CTRL)
    settled(drawing.session)
    assert said(drawing).startswith("The object nodule would have several boxes on ")
    assert counted(drawing) == {"nodule": 2}


def test_painting_is_not_gone_on_with_over_a_mask_of_another_slice(drawing: MainWindow) -> None:
    """The mask on the first slice stays as it was."""
    drawing.session.set_tool("brush")
    drag(drawing)
    before = on_slice(drawing)
    draw_on(drawing, (3,))
    go(drawing, 2)
    assert on_slice(drawing) == before
    assert isinstance(before[0].shape, MaskRuns) and np.count_nonzero(before[0].shape.to_array())


def test_an_object_of_which_another_slice_was_removed_elsewhere_is_counted_anew(drawing: MainWindow) -> None:
    draw_on(drawing, (2, 3))
    shown = drawing.session.shown
    assert shown is not None and shown.image_id is not None
    go(drawing, 4)
    box = Box(x0_px=1, y0_px=1, x1_px=5, y1_px=5)
    assert drawing.session.do(add_annotation(shown.image_id, "cyst", box, author="tester"))
    settled(drawing.session)
    assert drawing.docks.panel("on_image").next_words.text() == "Next shape: continues nodule (2 slices)"


def test_the_object_in_hand_gets_a_mask_of_its_own_where_another_of_its_label_lies(drawing: MainWindow) -> None:
    drawing.session.set_tool("brush")
    draw_on(drawing, (2, 3))
    go(drawing, 2)
    press(drawing, Qt.Key.Key_N)
    drag(drawing, (30, 10), (40, 10))
    go(drawing, 3)
    assert "continues nodule 2 (1 slice)" in said(drawing)
    drag(drawing, (30, 10), (40, 10))

    assert [row.split(" · ")[0] for row in rows(drawing)] == ["nodule 1, 2 slices", "nodule 2, 2 slices"]
