"""The status bar says what the left button does with each tool: a drag only where it does more than a click."""

import pytest

from tests.ui.easel import Easel
from viewer.core.registry import load
from viewer.ui.tools import TOOLS

WAY = ((20, 20), (60, 30), (60, 70))
# What is there as long as the button is down: both words are true of it.
WHILE_PRESSED = {"crosshair": "Click or drag: crosshair", "probe": "Press: probe"}


def done(easel: Easel, *points: tuple[int, int]) -> object:
    """What one press, way and release has made of the image, of how it is looked at and of the place in the series;
    what was before is put back."""
    view, scrolled = easel.view, list[int]()
    window = view.window
    view.scrolled.connect(scrolled.append)
    easel.drag(*points)
    view.scrolled.disconnect(scrolled.append)
    shapes = [repr(one.shape) for one in easel.annotations.values()]
    measured = [(one.kind, one.points_px) for one in easel.measurements.values()]
    made = (shapes, measured, view.transform().to_view(0, 0), view.transform().to_view(9, 9), view.window, scrolled)
    while easel.edits:
        easel.undo()
    view.cancel()
    view.camera.fit()
    view.window = window
    return made


@pytest.mark.parametrize("name", [name for name in TOOLS if name not in WHILE_PRESSED])
def test_it_says_drag_where_a_drag_does_more_than_a_click(easel: Easel, name: str) -> None:
    if name == "eraser":  # it needs something to erase
        easel.arm("brush")
        easel.drag(*WAY)
        easel.edits.clear()
    easel.arm(name)

    dragged, clicked = done(easel, *WAY), done(easel, WAY[0])

    assert load(TOOLS, name).hand.startswith("Drag: " if dragged != clicked else "Click: ")


@pytest.mark.parametrize("name", WHILE_PRESSED)
def test_what_is_there_while_the_button_is_down_says_so(name: str) -> None:
    assert load(TOOLS, name).hand == WHILE_PRESSED[name]
