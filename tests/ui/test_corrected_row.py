"""A corrected finding says what it became, in that label's colour, as long as it is there."""

from collections.abc import Callable

from PySide6.QtCore import Qt

from tests.ui.hand import CTRL, SHIFT
from tests.ui.painted import words_of
from tests.ui.test_window_lawful import opened, reviewing, strike  # noqa: F401  # opened: a fixture
from viewer.core.labels import DIGIT_KEYS
from viewer.ui.panels.findings import FindingsPanel
from viewer.ui.window.main_window import MainWindow

Key = Qt.Key


def test_a_corrected_answer_says_what_holds_instead(opened: Callable[..., MainWindow]) -> None:  # noqa: F811
    window, _ = reviewing(opened, "two exclusive")
    session = window.session
    finding, panel = session.review.selected, window.docks.panel("findings")
    assert finding is not None and isinstance(panel, FindingsPanel)
    place = next(one.position for one in session.labels if one.scope == "image" and one.name == finding.proposal.label)
    (other,) = [one.name for one in session.labels if one.scope == "image" and one.name != finding.proposal.label]
    session.review.decisions.ask = lambda question, then: then(question.choices[0][1])
    panel.resize(420, 700)

    strike(window, Key.Key_C)

    assert f"Corrected: {other}" in words_of(panel.list.viewport())

    strike(window, Key(Key.Key_0.value + int(DIGIT_KEYS[place])), SHIFT)
    drawn = words_of(panel.list.viewport())
    assert "Corrected" in drawn and f"Corrected: {other}" not in drawn
    strike(window, Key.Key_Z, CTRL)
    assert f"Corrected: {other}" in words_of(panel.list.viewport())
