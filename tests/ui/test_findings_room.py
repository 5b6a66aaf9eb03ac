"""With large text the findings panel shows the scores, the state of what was decided, and what is told of it, whole."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtWidgets import QDockWidget, QWidget

from tests.ui.hand import CTRL
from tests.ui.scenes import program_fonts  # noqa: F401
from tests.ui.test_window_lawful import opened, reviewing, strike  # noqa: F401  # opened: a fixture
from tests.waiting import handled
from viewer.ui.look.theme import Theme
from viewer.ui.panels.findings import FindingsPanel
from viewer.ui.window.main_window import MainWindow

pytestmark = pytest.mark.usefixtures("program_fonts")
SIZES = [(1600, 1000, 1.5), (1600, 1000, 1.0), (1280, 720, 1.0)]


def at(window: MainWindow, size: tuple[int, int, float]) -> FindingsPanel:
    """The panel, where the window has this size and this scale of its text."""
    window.resize(*size[:2])
    window.session.set_theme(Theme(name="light", font_scale=size[2]))
    for _ in range(3):  # the docks are laid out, then sized, then their panels
        handled()
    panel = window.docks.panel("findings")
    assert isinstance(panel, FindingsPanel)
    return panel


def is_whole(widget: QWidget) -> bool:
    return widget.isVisible() and widget.visibleRegion().boundingRect() == widget.rect()


def row_is_whole(panel: FindingsPanel) -> bool:
    return (
        panel.list.viewport().visibleRegion().boundingRect().contains(panel.list.visualRect(panel.list.currentIndex()))
    )


def test_the_scores_of_the_classes_are_seen(opened: Callable[..., MainWindow]) -> None:  # noqa: F811
    window, _ = reviewing(opened, "two exclusive")

    assert [size for size in SIZES if not is_whole(at(window, size).scores)] == []


@pytest.mark.parametrize("kind", ["two exclusive", "three exclusive", "multi-label"])
def test_two_scores_are_seen_however_low_the_dock_is_and_the_others_are_scrolled_to(
    opened: Callable[..., MainWindow],  # noqa: F811
    kind: str,
) -> None:
    window, _ = reviewing(opened, kind)
    for size in [(1280, 720, 1.0), (1280, 720, 1.5), (1600, 1000, 1.5)]:
        two_scores_are_seen(window, size)


def two_scores_are_seen(window: MainWindow, size: tuple[int, int, float]) -> None:
    panel = at(window, size)
    docks = [one for one in window.findChildren(QDockWidget) if one.objectName() in ("dock:findings", "dock:heatmap")]
    docks.sort(key=lambda one: one.y())
    window.resizeDocks(docks, [60, size[1]], Qt.Orientation.Vertical)  # a hand wants all of it for the heatmap
    for _ in range(3):
        handled()
    scores = panel.scores
    assert len(scores.scores) >= 2 and scores.width() > 0
    row_px = scores.height() // len(scores.scores)

    seen = scores.visibleRegion().boundingRect()
    assert seen.top() == 0 and seen.height() >= 2 * (row_px - 4)
    bar = panel._scores_room.verticalScrollBar()
    bar.setValue(bar.maximum())
    handled()
    assert scores.visibleRegion().boundingRect().bottom() == scores.rect().bottom()
    assert window.size() == QSize(*size[:2])


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Backspace], ids=["accept", "reject"])
def test_what_is_told_of_a_decision_covers_nothing_and_moves_no_button(
    opened: Callable[..., MainWindow],  # noqa: F811
    key: Qt.Key,
) -> None:
    window, _ = reviewing(opened, "two exclusive")
    for size in [*SIZES, (1280, 720, 1.5)]:
        panel = at(window, size)
        before = panel.accept_button.mapTo(window, QPoint(0, 0))

        strike(window, key)
        handled()

        assert is_whole(panel.told) and row_is_whole(panel), size
        assert panel.told.height() >= panel.told.heightForWidth(panel.told.width()), size
        assert panel.accept_button.mapTo(window, QPoint(0, 0)) == before, size
        strike(window, Qt.Key.Key_Z, CTRL)
        assert not panel.told.isVisible(), "as before the decision"


def test_the_sentence_of_an_empty_list_is_whole(opened: Callable[..., MainWindow]) -> None:  # noqa: F811
    window, _ = reviewing(opened, "boxes")
    for size in [*SIZES, (1280, 720, 1.5)]:
        panel = at(window, size)
        panel.empty.set_sentence("The heatmap of this image was asked for, its prediction not yet: Ctrl+R asks.")
        panel.stack.setCurrentWidget(panel.empty)
        handled()

        label = panel.empty._label
        assert is_whole(label) and label.height() >= label.heightForWidth(label.width()), size


def test_every_row_is_seen_while_the_heatmap_below_is_blank(opened: Callable[..., MainWindow]) -> None:  # noqa: F811
    """Also after another work space: the heights that are kept for this one are of when nothing was listed."""
    window, _ = reviewing(opened, "multi-label")
    at(window, (1600, 1000, 1.0))
    window.session.review.set_threshold(1.0)
    window.docks.reset()
    for space in ("review", "annotate", "review"):
        window.enter(space)
        panel = at(window, (1600, 1000, 1.0))
    window.session.review.set_threshold(0.0)
    handled()
    heatmap = window.docks.panel("heatmap")
    rows = panel.list.model().rowCount()

    assert rows == 3 and panel.told.isVisible() is False
    panel.told.setText(
        "This case is complete and in the test part of a snapshot: what is changed here changes it. " * 2
    )
    panel.told.show()
    handled()
    last = panel.list.visualRect(panel.list.model().index(rows - 1, 0))
    assert panel.list.viewport().rect().contains(last)
    assert heatmap.height() >= heatmap.minimumSizeHint().height()
