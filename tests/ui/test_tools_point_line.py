"""Points and polylines by hand: drawn, hit, moved, given corners, and painted. Expected values by hand."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.ui.easel import Easel
from tests.ui.hand import LEFT
from tests.ui.test_tools_corners import ALT, double_click
from viewer.core.registry import load
from viewer.core.shapes.kinds import KINDS
from viewer.core.shapes.kinds.point import SinglePoint
from viewer.core.shapes.kinds.polyline import Polyline
from viewer.ui.tools import TOOLS

LINE = [(20, 20), (60, 20), (60, 60)]


@pytest.fixture
def line(easel: Easel) -> Easel:
    """An easel with a polyline of three points that is selected."""
    easel.arm("polyline")
    easel.click(*LINE)
    QTest.keyClick(easel.view, Qt.Key.Key_Return)
    easel.arm("select")
    easel.view.select(easel.only().annotation_id)
    return easel


def points(easel: Easel) -> list[tuple[float, float]]:
    return [(round(x, 3), round(y, 3)) for x, y in easel.only().shape.points()]


def test_a_click_sets_a_point_and_two_quick_clicks_set_two(easel: Easel) -> None:
    easel.arm("point")
    double_click(easel, 4 * 30, 4 * 40)

    first, second = easel.annotations.values()
    assert first.shape == second.shape == SinglePoint(points_px=((30.0, 40.0),))
    assert [edit.text for edit in easel.edits] == ["draw Lung point", "draw Lung point"]
    easel.undo()
    assert easel.only() == first


def test_a_point_is_hit_dragged_and_nudged(easel: Easel) -> None:
    easel.arm("point")
    easel.click((30, 40))
    easel.arm("select")
    easel.click((31, 40))  # four device pixels beside it
    assert easel.view.overlay_settings.selected_id == easel.only().annotation_id

    easel.drag((30, 40), (50, 45))
    assert points(easel) == [(50, 45)]
    QTest.keyClick(easel.view, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert points(easel) == [(51, 45)]
    QTest.keyClick(easel.view, Qt.Key.Key_Delete)
    assert easel.annotations == {}


def test_a_polyline_is_clicked_and_ends_by_enter_or_a_double_click(line: Easel) -> None:
    assert line.only().shape == Polyline(points_px=tuple(LINE)) and line.edits[-1].text == "draw Lung polyline"
    line.undo()

    line.arm("polyline")
    line.click((20, 20))
    double_click(line, 4 * 60, 4 * 20)
    assert points(line) == [(20, 20), (60, 20)]


def test_a_single_point_is_no_polyline_yet(easel: Easel) -> None:
    easel.arm("polyline")
    easel.click((20, 20))
    QTest.keyClick(easel.view, Qt.Key.Key_Return)

    assert easel.annotations == {} and easel.view.tool.is_busy


def test_a_polyline_holds_nothing_and_is_hit_on_its_line_only(line: Easel) -> None:
    line.view.select("")
    line.click((30, 40))  # inside of what it would be if it were closed
    assert line.view.overlay_settings.selected_id == ""
    line.click((40, 40))  # on the side that would close it
    assert line.view.overlay_settings.selected_id == ""
    line.click((40, 21))
    assert line.view.overlay_settings.selected_id == line.only().annotation_id


def test_a_double_click_on_an_edge_adds_a_point_and_alt_click_takes_one_away(line: Easel) -> None:
    double_click(line, 4 * 30, 4 * 20 + 3)
    assert points(line) == [(20, 20), (30, 20), (60, 20), (60, 60)]
    assert line.edits[-1].text == "add a corner to Lung polyline"

    QTest.mouseClick(line.view, LEFT, ALT, line_place(60, 60))
    assert points(line) == [(20, 20), (30, 20), (60, 20)]


def line_place(x: int, y: int):  # type: ignore[no-untyped-def]
    from PySide6.QtCore import QPoint

    return QPoint(4 * x, 4 * y)


def test_the_gap_between_its_ends_is_no_edge(line: Easel) -> None:
    before = points(line)
    double_click(line, 4 * 40, 4 * 40)  # on the line from its last point to its first
    assert points(line) == before


def test_two_points_stay(line: Easel) -> None:
    said: list[str] = []
    line.view.said.connect(said.append)
    QTest.mouseClick(line.view, LEFT, ALT, line_place(60, 60))
    QTest.mouseClick(line.view, LEFT, ALT, line_place(60, 20))

    assert points(line) == [(20, 20), (60, 20)]
    assert said == ["A polyline keeps at least two points. To remove it whole, click on its line, then press Delete."]


def test_they_are_painted_open_and_as_a_cross(line: Easel) -> None:
    line.view.select("")
    line.arm("point")
    line.click((80, 80))
    line.view.select("")
    picture = line.view.grab().toImage()

    def is_marked(x: int, y: int) -> bool:
        color = picture.pixelColor(x, y)
        return max(color.red(), color.green(), color.blue()) - min(color.red(), color.green(), color.blue()) > 40

    assert is_marked(4 * 40, 4 * 20) and is_marked(4 * 60, 4 * 40)
    assert not is_marked(4 * 40, 4 * 40), "nothing joins its ends"
    assert is_marked(4 * 80, 4 * 80 + 3) and is_marked(4 * 80 + 3, 4 * 80)
    assert not is_marked(4 * 80 + 12, 4 * 80 + 12)


def test_every_tool_that_draws_names_its_kind_and_every_kind_has_a_tool() -> None:
    tools = [load(TOOLS, name) for name in TOOLS]

    assert {tool.kind for tool in tools if tool.kind} == set(KINDS)
    assert [tool.title for tool in tools if tool.draws and tool.kind not in KINDS] == []
    assert {tool.kind for tool in tools if tool.draws} == {name for name in KINDS if not load(KINDS, name).measures}
