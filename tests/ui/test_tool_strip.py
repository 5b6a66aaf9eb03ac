"""No tool, label or size of text takes width from the docks: what has no room in the line over the views goes."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QLabel

from tests.ui.scenes import program_fonts  # noqa: F401
from tests.ui.test_window_lawful import opened, reviewing  # noqa: F401  # opened: a fixture
from tests.waiting import handled
from viewer.project.edit_builders import add_label
from viewer.ui.look.theme import Theme
from viewer.ui.tools import TOOLS
from viewer.ui.views.tool_strip import ToolStrip

LONG = "Consolidation of the lower lobe, second reading of the year"


@pytest.mark.usefixtures("program_fonts")
def test_no_tool_takes_width_from_what_stands_beside_the_views(opened) -> None:  # type: ignore[no-untyped-def]  # noqa: F811
    window, _ = reviewing(opened, "two exclusive")
    session = window.session
    window.resize(1280, 720)
    session.set_theme(Theme(name="dark", font_scale=1.5))
    assert session.project is not None
    session.do(add_label(LONG, "region", session.project.labels))
    session.edits.wait()
    handled()
    findings = window.docks.panel("findings")
    for _ in range(3):
        handled()
    review_px = findings.width()
    window.enter("annotate")
    strip = window.findChild(ToolStrip)
    assert isinstance(strip, ToolStrip)
    session.set_label(LONG)
    session.set_tool("select")
    for _ in range(3):
        handled()
    views_px = window.grid.width()

    for tool in TOOLS:
        session.set_tool(tool)
        handled()
        assert window.grid.width() == views_px, tool
        shown = [one for one in strip.children() if hasattr(one, "isVisible") and one.isVisible()]
        places = sorted((QRect(one.geometry()) for one in shown), key=QRect.left)  # type: ignore[attr-defined]
        assert all(a.right() < b.left() for a, b in pairwise(places)), f"{tool}: one on another"
        assert places[-1].right() <= strip.width()
        size = strip._size
        assert not size.isVisible() or size.width() >= QLabel.sizeHint(size).width(), tool
    session.set_tool("brush")
    handled()
    window.enter("review")
    for _ in range(3):
        handled()

    assert findings.width() == review_px
