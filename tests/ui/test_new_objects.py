"""N begins another object of the armed label; what the next stroke goes to is said."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.ui.hand import CTRL, LEFT, NONE, press
from tests.ui.test_relabelling import annotating, on_image, place, said  # noqa: F401  # annotating: a fixture
from tests.waiting import handled, until
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.ui.window.main_window import MainWindow


def stroke(window: MainWindow, start: tuple[float, float], end: tuple[float, float]) -> None:
    view = window.session.active_view
    QTest.mousePress(view, LEFT, NONE, place(window, *start))
    QTest.mouseMove(view, place(window, *end))
    QTest.mouseRelease(view, LEFT, NONE, place(window, *end))
    window.session.edits.wait()


def test_n_begins_a_new_object_and_further_strokes_go_on_with_it(annotating: MainWindow) -> None:  # noqa: F811
    session = annotating.session
    session.set_brush_radius(3)
    session.set_tool("brush")
    stroke(annotating, (10, 10), (20, 10))
    (first,) = on_image(annotating)

    press(annotating, Qt.Key.Key_N)
    stroke(annotating, (50, 50), (60, 50))
    stroke(annotating, (50, 40), (60, 40))

    one, two = on_image(annotating)
    assert one == first and two.label == "Square"
    assert isinstance(two.shape, MaskRuns) and two.shape.to_array()[50, 55] and two.shape.to_array()[40, 55]
    assert not two.shape.to_array()[10, 15]


def test_undoing_the_first_stroke_of_a_new_object_waits_for_it_again(annotating: MainWindow) -> None:  # noqa: F811
    session = annotating.session
    session.set_brush_radius(3)
    session.set_tool("brush")
    stroke(annotating, (10, 10), (20, 10))
    press(annotating, Qt.Key.Key_N)
    stroke(annotating, (50, 50), (60, 50))

    press(annotating, Qt.Key.Key_Z, CTRL)
    assert len(on_image(annotating)) == 1
    stroke(annotating, (50, 30), (60, 30))

    assert len(on_image(annotating)) == 2


def test_n_again_goes_on_with_the_object_before(annotating: MainWindow) -> None:  # noqa: F811
    session = annotating.session
    session.set_tool("brush")
    stroke(annotating, (10, 10), (20, 10))
    press(annotating, Qt.Key.Key_N)
    press(annotating, Qt.Key.Key_N)
    stroke(annotating, (50, 50), (60, 50))

    assert len(on_image(annotating)) == 1


def test_what_the_next_stroke_goes_to_is_said_in_the_panel_and_the_status_line(annotating: MainWindow) -> None:  # noqa: F811
    session, panel = annotating.session, annotating.docks.panel("on_image")
    session.set_brush_radius(3)
    session.set_tool("brush")
    assert panel.next_words.text() == "Next stroke: the first Square"

    stroke(annotating, (10, 10), (20, 10))
    press(annotating, Qt.Key.Key_N)
    assert panel.next_words.text() == "Next stroke: a new Square"
    stroke(annotating, (50, 50), (60, 50))
    assert panel.next_words.text() == "Next stroke: Square 2 of 2"
    rows = [panel.list.model().index(number, 0).data() for number in range(2)]
    assert [row.split(",")[0] for row in rows] == ["Square 1", "Square 2"]
    assert [row.endswith("the next stroke goes here") for row in rows] == [False, True]

    session.select_shape(on_image(annotating)[0].annotation_id)
    assert panel.next_words.text() == "Next stroke: Square 1 of 2"
    stroke(annotating, (10, 20), (20, 20))
    one, _ = on_image(annotating)
    assert isinstance(one.shape, MaskRuns) and one.shape.to_array()[20, 15]

    session.set_tool("select")
    assert not panel.next.isVisible()


def look_away(annotating: MainWindow, what: str) -> None:  # noqa: F811
    """Another label, image or shape is gone to; from the first two one comes back."""
    session = annotating.session
    if what == "label":
        session.set_label("Lung")
        session.set_label("Square")
    elif what == "image":
        for step in (1, -1):
            before = session.shown
            session.case_step(step)
            until(lambda: handled() or session.shown is not before, "the next film")  # noqa: B023  # asked at once
    else:
        session.select_shape(on_image(annotating)[0].annotation_id)


@pytest.mark.parametrize("what", ["label", "image", "shape"])
def test_another_label_image_or_shape_takes_the_new_object_back(annotating: MainWindow, what: str) -> None:  # noqa: F811
    annotating.session.set_tool("brush")
    stroke(annotating, (10, 10), (20, 10))
    press(annotating, Qt.Key.Key_N)

    look_away(annotating, what)

    assert annotating.docks.panel("on_image").next_words.text() == "Next stroke: Square"
    stroke(annotating, (50, 50), (60, 50))
    assert len(on_image(annotating)) == 1


def test_n_begins_a_new_object_also_where_one_of_the_label_is_selected(annotating: MainWindow) -> None:  # noqa: F811
    annotating.session.set_tool("brush")
    stroke(annotating, (10, 10), (20, 10))
    annotating.session.select_shape(on_image(annotating)[0].annotation_id)

    press(annotating, Qt.Key.Key_N)
    stroke(annotating, (50, 50), (60, 50))

    assert len(on_image(annotating)) == 2


def test_the_eraser_takes_the_object_that_it_meets_and_nothing_of_one_not_begun(annotating: MainWindow) -> None:  # noqa: F811
    session = annotating.session
    session.set_brush_radius(3)
    session.set_tool("brush")
    stroke(annotating, (10, 10), (30, 10))
    press(annotating, Qt.Key.Key_N)
    stroke(annotating, (50, 50), (60, 50))
    _, second = on_image(annotating)

    session.set_tool("eraser")
    stroke(annotating, (20, 10), (22, 10))
    one, two = on_image(annotating)
    assert isinstance(one.shape, MaskRuns) and not one.shape.to_array()[10, 21]
    assert two == second

    press(annotating, Qt.Key.Key_N)
    stroke(annotating, (10, 10), (12, 10))
    assert on_image(annotating) == (one, two)
    assert "not begun yet" in said(annotating)
