"""A refused image: the way to run it anyway is whole and in sight at every size, as is what the model is."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QDockWidget
from pytestqt.qtbot import QtBot

from tests.ui.scenes import program_fonts  # noqa: F401
from tests.ui.test_findings_room import is_whole, row_is_whole
from tests.ui.test_window_lawful import opened, reviewing  # noqa: F401  # opened: a fixture
from tests.waiting import handled, settled
from viewer.ui.look.theme import Theme
from viewer.ui.panels.findings import FindingsPanel
from viewer.ui.panels.findings_room import MismatchFrame
from viewer.ui.window.main_window import MainWindow

pytestmark = pytest.mark.usefixtures("program_fonts")
SIZES = [(1280, 690, 1.5), (1280, 720, 1.0), (1280, 720, 1.5), (1600, 1000, 1.0), (1600, 1000, 1.5)]
REFUSAL = (
    "Phantom: nodule or clear does not fit this image: it is no image of the generated phantom, the only thing the "
    "model has seen, and it has the modality CT, not CR or DX. Choose another model, or run it anyway."
)


def grown(window: MainWindow, size: tuple[int, int, float]) -> FindingsPanel:
    """The text grows while the window stands, as by Ctrl +, and by one step only."""
    window.resize(*size[:2])
    settled(window.session)
    window.session.set_theme(Theme(name="dark", font_scale=size[2]))
    settled(window.session)
    for _ in range(4):  # the docks are laid out, then sized, then their panels
        handled()
    panel = window.docks.panel("findings")
    assert isinstance(panel, FindingsPanel)
    return panel


@pytest.mark.parametrize("lists", [True, False], ids=["findings", "none"])
def test_a_refusal_is_read_and_run_anyway_is_whole(opened: Callable[..., MainWindow], lists: bool) -> None:  # noqa: F811
    window, _ = reviewing(opened, "two exclusive")
    for size in SIZES:
        a_refusal_is_read(window, size, lists)


def a_refusal_is_read(window: MainWindow, size: tuple[int, int, float], lists: bool) -> None:
    """And taken back in the end."""
    panel = grown(window, size)
    if not lists:
        panel._model.set_findings([])
    before = panel.accept_button.mapTo(window, QPoint(0, 0))

    panel.review.asking.mismatch_found.emit(REFUSAL)
    settled(window.session)

    assert is_whole(panel.run_anyway), size
    words, seen = panel.mismatch_words, panel.mismatch_words.visibleRegion().boundingRect()
    assert seen.top() == 0 and seen.height() >= words.fontMetrics().lineSpacing(), size
    assert " ".join(panel.mismatch.room.toolTip().split()) == REFUSAL
    bar = panel.mismatch.room.verticalScrollBar()
    bar.setValue(bar.maximum())
    handled()
    assert words.visibleRegion().boundingRect().bottom() == words.rect().bottom(), size
    assert words.height() >= words.heightForWidth(words.width()), size
    assert panel.accept_button.mapTo(window, QPoint(0, 0)) == before, size
    assert row_is_whole(panel) if lists else not panel.empty.isVisible(), size
    panel.review.asking.mismatch_found.emit("")
    settled(window.session)
    assert not panel.mismatch.isVisible(), "as before the refusal"


@pytest.mark.parametrize("kind", ["two exclusive", "boxes"])
def test_what_is_known_of_the_model_and_every_button_is_whole_when_the_text_has_grown(
    opened: Callable[..., MainWindow],  # noqa: F811
    kind: str,
) -> None:
    window, _ = reviewing(opened, kind)
    for size in SIZES:
        what_is_known_is_whole(window, size)
        window.session.set_theme(Theme(name="dark"))  # the text grows in each, from the same size
        settled(window.session)


def what_is_known_is_whole(window: MainWindow, size: tuple[int, int, float]) -> None:
    panel = grown(window, size)

    docks = [one for one in window.findChildren(QDockWidget) if one.objectName() in ("dock:findings", "dock:heatmap")]
    docks.sort(key=lambda one: one.y())
    window.resizeDocks(docks, [60, size[1]], Qt.Orientation.Vertical)  # a hand wants all of it for the heatmap
    for _ in range(3):
        handled()

    for part in (panel.model, panel.model_detail, panel.predict, panel.threshold, panel.threshold_value):
        assert is_whole(part), (size, part)
    for part in (panel.accept_button, panel.correct_button, panel.reject_button, panel.complete):
        assert is_whole(part), (size, part)
    seen = [one for one in docks if one.isVisible() and one.x() >= 0]
    # Whichever of two is drawn over the other, rows of one would be gone.
    assert len(seen) == 1 or not seen[0].geometry().intersects(seen[1].geometry()), size


def test_a_refusal_lies_on_one_ground(qtbot: QtBot, window: MainWindow) -> None:
    frame = MismatchFrame(window.session)
    qtbot.addWidget(frame)
    frame.resize(400, 80)
    frame.say("It has the modality CT, not CR or DX.")
    with qtbot.waitExposed(frame):
        frame.show()
    for theme in ("dark", "light"):
        window.session.set_theme(Theme(name=theme))
        handled()

        drawn = frame.grab().toImage()
        below = frame.words.mapTo(frame, frame.words.rect().bottomLeft())
        beside = drawn.pixelColor(4, drawn.height() // 2).name()
        assert drawn.pixelColor(below.x() + 1, below.y() - 1).name() == beside, theme


def test_a_refusal_is_in_the_banner_where_no_panel_shows_it(opened: Callable[..., MainWindow]) -> None:  # noqa: F811
    window, _ = reviewing(opened, "boxes")
    asking = window.session.review.asking
    asking._say_mismatch(REFUSAL, None)
    handled()
    assert window.docks.is_open("findings") and REFUSAL not in window.banner.sentence
    asking._say_mismatch("", None)

    window.docks.toggle("findings")
    handled()
    asking._say_mismatch(REFUSAL, None)
    assert window.banner.sentence.startswith(REFUSAL)
    asking._say_mismatch("", None)
    assert window.banner.sentence == ""
