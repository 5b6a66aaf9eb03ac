"""In the lowest window and with the largest text no dock lies over another's buttons: they lie behind each other."""

from collections.abc import Callable
from itertools import product

import pytest
from PySide6.QtWidgets import QDockWidget

from tests.ui.scenes import program_fonts  # noqa: F401
from tests.ui.test_findings_room import is_whole, row_is_whole
from tests.ui.test_window_lawful import opened, reviewing  # noqa: F401  # opened: a fixture
from tests.waiting import handled
from viewer.ui.look.theme import Theme
from viewer.ui.panels.findings import FindingsPanel
from viewer.ui.window.main_window import MainWindow

pytestmark = pytest.mark.usefixtures("program_fonts")
LOW, HIGH = (1280, 690), (1600, 1000)  # px; the low one is what a title bar leaves of 720


def sized(window: MainWindow, size: tuple[int, int], scale: float) -> FindingsPanel:
    window.resize(*size)
    window.session.set_theme(Theme(name="dark", font_scale=scale))
    for _ in range(4):  # the docks are laid out, then sized, then their panels
        handled()
    panel = window.docks.panel("findings")
    assert isinstance(panel, FindingsPanel)
    assert (window.width(), window.height()) == size, "a screen would cut off what makes the window larger than it"
    return panel


def dock(window: MainWindow, name: str) -> QDockWidget:
    return next(one for one in window.findChildren(QDockWidget) if one.objectName() == f"dock:{name}")


@pytest.mark.parametrize("kind", ["two exclusive", "three exclusive", "multi-label", "boxes"])
def test_scores_rows_and_decisions_are_seen_whole(opened: Callable[..., MainWindow], kind: str) -> None:  # noqa: F811
    window, _ = reviewing(opened, kind)
    for size, scale in product((LOW, HIGH), (1.0, 1.5)):
        all_is_seen_whole(window, size, scale)


def all_is_seen_whole(window: MainWindow, size: tuple[int, int], scale: float) -> None:
    sized(window, size, scale)
    # Left and entered again: the docks come with what the case shows by then, and had their room before it.
    window.enter("annotate")
    handled()
    window.enter("review")
    panel = sized(window, size, scale)

    for button in (panel.accept_button, panel.correct_button, panel.reject_button, panel.threshold):
        assert is_whole(button), button
    assert row_is_whole(panel)
    assert panel.visibleRegion().boundingRect() == panel.rect()
    seen = [one for one in (dock(window, "findings"), dock(window, "heatmap")) if one.isVisible() and one.x() >= 0]
    # Whichever of two is drawn over the other, rows of one would be gone.
    assert len(seen) == 1 or not seen[0].geometry().intersects(seen[1].geometry())


def test_they_stand_above_each_other_again_where_there_is_room(
    opened: Callable[..., MainWindow],  # noqa: F811
) -> None:
    window, _ = reviewing(opened, "two exclusive")
    sized(window, LOW, 1.5)
    findings, heatmap = dock(window, "findings"), dock(window, "heatmap")
    assert heatmap in window.tabifiedDockWidgets(findings) and findings.visibleRegion().boundingRect().isValid()

    sized(window, HIGH, 1.0)

    assert heatmap not in window.tabifiedDockWidgets(findings)
    assert heatmap.y() > findings.y() and heatmap.x() == findings.x()
