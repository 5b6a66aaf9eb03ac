"""Every row of PANELS keeps the contract of `viewer.ui.panels.panel`, and one that does not is seen."""

from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget

from viewer.core.registry import load
from viewer.ui.panels import PANELS
from viewer.ui.state.situation import WORKSPACES


def breaches(panel: Any) -> list[str]:
    """What of the contract a class does not keep."""
    found = []
    if not (isinstance(panel, type) and issubclass(panel, QWidget)):
        found.append("no widget")
    if not getattr(panel, "title", ""):
        found.append("no title")
    if getattr(panel, "area", "") not in ("left", "right", "bottom"):
        found.append("no area")
    spaces = getattr(panel, "workspaces", None)
    if not isinstance(spaces, tuple) or not set(spaces) <= set(WORKSPACES):
        found.append("no work spaces")
    return found


@pytest.mark.parametrize("name", PANELS)
def test_a_panel_keeps_the_contract(name: str) -> None:
    assert breaches(load(PANELS, name)) == []


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"title": ""}, "no title"),
        ({"area": "top"}, "no area"),
        ({"workspaces": ("read", "write")}, "no work spaces"),
        ({"workspaces": "read"}, "no work spaces"),
    ],
)
def test_a_breach_is_seen(fault: dict[str, Any], said: str) -> None:
    sound = {"title": "Tags", "area": "left", "workspaces": ("read",)}
    assert breaches(type("Panel", (QWidget,), sound)) == []
    assert breaches(type("Panel", (QWidget,), {**sound, **fault})) == [said]
    assert "no widget" in breaches(SimpleNamespace(**sound))
