"""A whole-image answer that was rejected is said by its key in Review too, and the sentence names the key."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.hand import CTRL, SHIFT
from tests.ui.test_window_lawful import opened, reviewing, strike  # noqa: F401  # opened: a fixture
from viewer.core.labels import DIGIT_KEYS, Verdict
from viewer.ui.panels.findings import FindingsPanel
from viewer.ui.window.main_window import MainWindow

Key = Qt.Key


@pytest.mark.parametrize("kind", ["two exclusive", "three exclusive"])
def test_after_a_rejection_the_key_it_names_says_which_one_holds(
    qtbot: QtBot,
    opened: Callable[..., MainWindow],  # noqa: F811
    kind: str,
) -> None:
    window, book = reviewing(opened, kind)
    session = window.session
    project, finding = session.project, session.review.selected
    assert project is not None and finding is not None
    image_id, refused = finding.proposal.image_id, finding.proposal.label
    strike(window, Key.Key_Backspace)
    panel = window.docks.panel("findings")
    assert isinstance(panel, FindingsPanel)
    others = [label for label in project.labels if label.scope == "image" and label.name != refused]
    assert "Say which one holds" in panel.told.text()
    for label in others:
        assert f"Shift+{DIGIT_KEYS[label.position]} for “{label.name}”" in panel.told.text()

    key = Key(Key.Key_0.value + int(DIGIT_KEYS[others[0].position]))
    strike(window, key, SHIFT)

    said = project.work.image_labels(image_id)
    assert said[others[0].name] is Verdict.YES and said[refused] is Verdict.NO
    assert f"“{others[0].name}” is yes" in panel.told.text()
    book.check()
    strike(window, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert others[0].name not in project.work.image_labels(image_id)


def test_a_rejection_that_opens_a_case_says_each_thing_once(opened: Callable[..., MainWindow]) -> None:  # noqa: F811
    window, book = reviewing(opened, "two exclusive")
    session = window.session
    finding, panel = session.review.selected, window.docks.panel("findings")
    assert finding is not None and isinstance(panel, FindingsPanel)
    refused = finding.proposal.label
    (other,) = [label.name for label in session.labels if label.scope == "image" and label.name != refused]
    place = next(label.position for label in session.labels if label.name == refused)
    strike(window, Key(Key.Key_0.value + int(DIGIT_KEYS[place])), SHIFT)
    strike(window, Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    strike(window, Key.Key_PageUp)
    assert [status.value for status in book.state().statuses.values()].count("complete") == 1
    session.review.select(finding.proposal.proposal_id)
    over, below = [], []  # type: ignore[var-annotated]
    session.announced.connect(lambda level, sentence: over.append(sentence) if level != "over" else None)
    session.said.connect(below.append)

    strike(window, Key.Key_Backspace)

    assert panel.told.text() == below[-1] == f"Rejected: “{refused}” is no. Say which one holds: “{other}”."
    assert len(over) == 1 and over[0].count("open again") == 1 and "Rejected" not in over[0]
    assert all(over[0].count(f"for “{name}”") == 1 for name in (refused, other))


def test_a_complete_case_that_is_edited_says_so(opened: Callable[..., MainWindow]) -> None:  # noqa: F811
    window, _ = reviewing(opened, "multi-label")
    heard: list[str] = []
    window.session.said.connect(heard.append)
    window.enter("annotate")
    strike(window, Key.Key_Return, CTRL)
    strike(window, Key.Key_PageUp)

    strike(window, Key.Key_1, SHIFT)

    assert heard[-1].endswith("is complete, and stays so with this change.")
