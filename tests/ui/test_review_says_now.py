"""In Review one sees what the film is said to be, what accepting overwrites, and no sentence outlives its gesture."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.hand import CTRL, SHIFT
from tests.ui.painted import words_of
from tests.ui.test_window_lawful import opened, reviewing, strike  # noqa: F401  # opened: a fixture
from viewer.core.labels import DIGIT_KEYS, Verdict
from viewer.ui.panels.findings import FindingsPanel
from viewer.ui.window.main_window import MainWindow

Key = Qt.Key


def _said_otherwise(window: MainWindow) -> tuple[FindingsPanel, str, str]:
    """The panel of a complete film that a person has called otherwise than the model: (panel, proposed, said)."""
    session = window.session
    finding, panel = session.review.selected, window.docks.panel("findings")
    assert finding is not None and isinstance(panel, FindingsPanel)
    proposed = finding.proposal.label
    (other,) = [label for label in session.labels if label.scope == "image" and label.name != proposed]
    strike(window, Key(Key.Key_0.value + int(DIGIT_KEYS[other.position])), SHIFT)
    strike(window, Key.Key_Return, CTRL)
    strike(window, Key.Key_PageUp)
    session.review.select(finding.proposal.proposal_id)
    return panel, proposed, other.name


def test_what_the_film_is_said_to_be_stands_beside_what_the_model_says(
    opened: Callable[..., MainWindow],  # noqa: F811
) -> None:
    window, _ = reviewing(opened, "two exclusive")
    panel, proposed, said = _said_otherwise(window)
    panel.resize(420, 700)

    assert panel.scores.now == {said: Verdict.YES, proposed: Verdict.NO}
    assert {"now yes", "now no"} <= set(words_of(panel.scores))
    assert any(words.startswith(f"replaces {said}") for words in words_of(panel.list.viewport()))
    assert f"replaces {said}, which is said now" in panel.accept_button.toolTip()


@pytest.mark.parametrize("again", [False, True])
def test_accepting_says_what_it_has_overwritten_and_undo_takes_the_sentence_with_it(
    opened: Callable[..., MainWindow],  # noqa: F811
    again: bool,
) -> None:
    window, _ = reviewing(opened, "two exclusive")
    panel, proposed, said = _said_otherwise(window)
    strike(window, Key.Key_Return)
    assert f"“{proposed}” is yes, “{said}” is no. “{said}” was yes before." in panel.told.text()
    assert "stays so with this change" in panel.told.text()
    assert "replaces" not in panel.accept_button.toolTip()

    strike(window, Key.Key_Z, CTRL)
    if again:
        strike(window, Key.Key_Y, CTRL)
        strike(window, Key.Key_Z, CTRL)

    assert panel.told.text() == "" and panel.told.isHidden()
    assert panel.scores.now[said] is Verdict.YES


def test_what_agrees_with_the_film_replaces_nothing(qtbot: QtBot, opened: Callable[..., MainWindow]) -> None:  # noqa: F811
    window, _ = reviewing(opened, "two exclusive")
    session = window.session
    finding, panel = session.review.selected, window.docks.panel("findings")
    assert finding is not None and isinstance(panel, FindingsPanel)
    assert session.review.decisions.replaces(finding) == "", "nothing is said yet"
    place = next(label.position for label in session.labels if label.name == finding.proposal.label)
    strike(window, Key(Key.Key_0.value + int(DIGIT_KEYS[place])), SHIFT)

    assert session.review.decisions.replaces(finding) == ""
    assert panel.accept_button.toolTip() == ""
