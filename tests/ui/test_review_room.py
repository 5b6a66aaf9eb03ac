"""At 1280 x 720 Review keeps its row of decisions, and no line that appears moves it."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QWidget

from tests.ui.test_window_lawful import opened, reviewing  # noqa: F401  # opened: a fixture
from tests.waiting import settled
from viewer.ui.panels.findings import FindingsPanel
from viewer.ui.window.main_window import MainWindow


def places(panel: FindingsPanel) -> list[QRect]:
    """Where the buttons of the row, and those that ask, stand in the window, and what of each can be seen."""
    return [
        QRect(button.mapTo(panel.window(), QPoint(0, 0)), button.visibleRegion().boundingRect().size())
        for button in buttons_of(panel)
    ]


def buttons_of(panel: FindingsPanel) -> list[QWidget]:
    row: list[QWidget] = [panel.accept_button, panel.correct_button, panel.reject_button]
    return [*row, panel.predict, panel.predict_series]


@pytest.mark.parametrize("kind", ["two exclusive", "boxes"])
def test_the_row_of_decisions_is_whole_and_stands_still(opened: Callable[..., MainWindow], kind: str) -> None:  # noqa: F811
    window, _ = reviewing(opened, kind)
    panel = window.docks.panel("findings")
    assert isinstance(panel, FindingsPanel)
    before = places(panel)
    row = buttons_of(panel)[:3]  # the others stand above it and may be scrolled
    assert [place.size() for place in before[:3]] == [button.size() for button in row]

    panel.review.asking.mismatch_found.emit(
        "film_0.png is DX; the model was trained on CT of the chest, so it is not asked."
    )
    panel.review.asking.asking_changed.emit("Asking Squares · 1a2b: 3 of 60")
    settled(window.session)
    assert panel.mismatch.isVisibleTo(panel)
    assert places(panel) == before

    panel.review.reject()
    settled(window.session)
    assert panel.undo.isVisible()
    assert places(panel) == before
