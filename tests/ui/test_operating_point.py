"""From a threshold that hides the current finding one goes on to what is proposed there, and back to the model's."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.ui.hand import CTRL, LEFT
from tests.ui.test_window_lawful import opened, reviewing, strike  # noqa: F401  # opened: a fixture
from viewer.ui.panels.findings import FindingsPanel
from viewer.ui.window.main_window import MainWindow

Key = Qt.Key


def test_past_the_score_of_the_finding_the_one_proposed_there_is_current_and_a_button_leads_back(
    opened: Callable[..., MainWindow],  # noqa: F811
) -> None:
    window, _ = reviewing(opened, "two exclusive")
    review, panel = window.session.review, window.docks.panel("findings")
    assert isinstance(panel, FindingsPanel)
    assert review.selected is not None and review.chosen_threshold is not None and review.prediction is not None
    first, chosen = review.selected.proposal.label, review.chosen_threshold
    assert panel.operating_point.isHidden()

    (judged,) = (name for name in review.prediction.scores if review.prediction.rule.is_cut(name))
    score = review.prediction.scores[judged]
    review.set_threshold(score - 0.05 if first != judged else score + 0.05)

    assert review.selected is not None and review.selected.proposal.label != first
    assert panel.accept_button.isEnabled()
    assert f"{chosen:.2f}" in panel.operating_point.toolTip()
    QTest.mouseClick(panel.operating_point, LEFT)
    assert review.threshold == chosen and panel.operating_point.isHidden()
    assert review.selected is not None and review.selected.proposal.label == first


def test_where_nothing_can_be_decided_the_buttons_say_why(
    opened: Callable[..., MainWindow],  # noqa: F811
) -> None:
    window, _ = reviewing(opened, "boxes")
    review, panel = window.session.review, window.docks.panel("findings")
    assert isinstance(panel, FindingsPanel) and review.selected is not None
    buttons = (panel.accept_button, panel.correct_button, panel.reject_button)

    review.set_threshold(1.0)
    assert review.selected is None and {one.toolTip() for one in buttons} == {"There is no finding to decide here"}

    review.set_threshold(0.0)
    assert all(one.isEnabled() for one in buttons) and "no finding" not in "".join(one.toolTip() for one in buttons)
    finding = review.selected
    strike(window, Key.Key_Backspace)
    review.select(finding.proposal.proposal_id)
    why = f"“{finding.proposal.label}” is rejected already: undo that first"
    assert [one.toolTip() for one in buttons] == [why] * 3 and not any(one.isEnabled() for one in buttons)
    strike(window, Key.Key_Z, CTRL)
    assert all(one.isEnabled() for one in buttons)
