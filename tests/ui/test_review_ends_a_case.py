"""In Review a case is completed, and the press of a label taken back, where one stands."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.ui.hand import CTRL, LEFT, SHIFT
from tests.ui.test_window_lawful import opened, reviewing, strike  # noqa: F401  # opened: a fixture
from tests.waiting import handled, settled
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus
from viewer.ui.look.theme import Theme
from viewer.ui.panels.findings import FindingsPanel
from viewer.ui.panels.labels import LabelsPanel
from viewer.ui.window.main_window import MainWindow

Key = Qt.Key


def _panel(window: MainWindow) -> FindingsPanel:
    panel = window.docks.panel("findings")
    assert isinstance(panel, FindingsPanel)
    return panel


def test_complete_is_a_button_of_review_and_goes_on_to_the_next_case(
    opened: Callable[..., MainWindow],  # noqa: F811
) -> None:
    window, book = reviewing(opened, "multi-label")
    session, panel = window.session, _panel(window)
    assert session.shown is not None
    first = session.shown.case_id
    assert panel.complete.isEnabled() and not panel.complete.visibleRegion().isEmpty()

    QTest.mouseClick(panel.complete, LEFT)
    settled(session)

    assert first is not None and book.state().statuses[first] is CaseStatus.COMPLETE
    assert session.shown.case_id != first
    assert panel.undo.isVisible() and "complete" in panel.undo.text()  # and names the case, which is another one now
    QTest.mouseClick(panel.undo, LEFT)
    settled(session)
    assert book.state().statuses[first] is not CaseStatus.COMPLETE


@pytest.mark.parametrize("by", ["key", "click"])
def test_the_press_of_a_label_is_said_and_taken_back_in_review(
    opened: Callable[..., MainWindow],  # noqa: F811
    by: str,
) -> None:
    window, _ = reviewing(opened, "multi-label")
    session, panel = window.session, _panel(window)
    assert session.shown is not None and session.project is not None
    image_id = session.shown.image_id
    assert image_id is not None and not panel.undo.isVisible()

    if by == "key":
        strike(window, Key.Key_1, SHIFT)
    else:
        window.docks.toggle("labels")
        labels = window.docks.panel("labels")
        assert isinstance(labels, LabelsPanel)
        handled()
        labels.answers["L0"].click()
        settled(session)

    assert session.project.work.image_labels(image_id) == {"L0": Verdict.YES}
    assert "“L0” is yes" in panel.told.text()
    assert panel.undo.text() == "Undo say yes to L0"
    panel.undo.click()
    settled(session)
    assert session.project.work.image_labels(image_id) == {}
    assert panel.told.isHidden() and not panel.undo.isVisible()


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_the_row_below_the_decisions_has_room_for_its_words(
    opened: Callable[..., MainWindow],  # noqa: F811
    scale: float,
) -> None:
    """At 1280 x 720, with a long way back beside it."""
    window, _ = reviewing(opened, "multi-label")
    window.resize(1280, 720)
    window.session.set_theme(Theme(name="dark", font_scale=scale))
    strike(window, Key.Key_1, SHIFT)
    strike(window, Key.Key_1, CTRL | SHIFT)
    panel = _panel(window)
    handled()
    for part in (panel.undo, panel.left_words, panel.complete):
        assert part.isVisible() and part.width() >= part.minimumSizeHint().width()
        assert part.visibleRegion().boundingRect().size() == part.size()
    assert panel.complete.rect().translated(panel.complete.pos()).right() < panel.width()
    assert QApplication.focusWidget() not in (panel.complete, panel.undo)
