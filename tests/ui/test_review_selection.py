"""Which finding the next decision is about: one that is seen; and no answer leads the view away from where it is."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.hand import CTRL, press
from tests.ui.test_review_ai import MODEL, FakeInference, prediction
from tests.ui.test_window_lawful import opened, reviewing, strike  # noqa: F401  # opened: a fixture
from tests.waiting import handled, settled, until
from viewer.core.shapes.annotations import Decision
from viewer.core.shapes.kinds.box import Box
from viewer.project.project import Project
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.review import Review
from viewer.ui.state.choosing import Nobody
from viewer.ui.window.main_window import MainWindow

Key = Qt.Key


@pytest.fixture
def asked(reading: MainWindow, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[MainWindow, FakeInference]]:
    """Review, with a question about every slice of a series of six on its way; the middle one is shown."""
    child = FakeInference()
    monkeypatch.setattr(Desk, "inference", child)
    monkeypatch.setattr("viewer.ui.flows.model_queries.model_choices", lambda folder: [MODEL])
    reading.enter("review")
    review = reading.session.review
    review.asking.choose_model(MODEL)
    review.asking.predict_series()
    settled(reading.session)
    yield reading, child


def reply(window: MainWindow, child: FakeInference, number: int, *scores: float) -> str:
    """Answer the next question of the series. Returns the image it was about."""
    said = child.asked.pop()
    one = prediction(said["image_id"], scores, name=f"p{number}")
    # Each slice at a place of its own: what lies over each other would be one finding.
    left_px = 1 + 10 * number
    boxes = (replace(each, shape=Box(x0_px=left_px, y0_px=5, x1_px=left_px + 6, y1_px=30)) for each in one.proposals)
    said["done"](replace(one, proposals=tuple(boxes)))
    settled(window.session)
    return str(said["image_id"])


def seen(session: Desk) -> str:
    assert session.shown is not None and session.shown.image_id is not None
    return session.shown.image_id


def current(review: Review) -> str | None:
    return None if review.selected is None else review.selected.proposal.image_id


def test_an_answer_about_another_image_leads_nobody_away(asked: tuple[MainWindow, FakeInference]) -> None:
    window, child = asked
    session, review = window.session, window.session.review
    here = seen(session)
    assert review.selected is None

    answered = [reply(window, child, number, 0.9) for number in range(2)]
    assert here not in answered and seen(session) == here

    # The first one to decide is current, and is on another image: it is shown before it is decided.
    assert current(review) == answered[0]
    heard: list[str] = []
    session.announced.connect(lambda _level, sentence: heard.append(sentence))
    review.accept()
    settled(session)
    assert seen(session) == answered[0] and heard == ["“Lung” is on this image. Decide again to do it here."]
    assert [f.proposal.decision for f in review.findings] == [Decision.UNDECIDED] * 2
    session.person = Nobody()  # its images enter the project
    review.accept()
    settled(session)
    assert session.project is not None
    assert [p.decision for p in session.project.work.proposals(answered[0])] == [Decision.ACCEPTED]
    assert [p.decision for p in session.project.work.proposals(answered[1])] == [Decision.UNDECIDED]


def test_what_is_decided_next_is_on_the_image_that_is_seen_where_one_is(
    asked: tuple[MainWindow, FakeInference],
) -> None:
    window, child = asked
    session, review = window.session, window.session.review
    here = seen(session)
    number = 0
    while child.asked:
        reply(window, child, number, 0.9, 0.8)
        number += 1
    assert number == 6 and seen(session) == here and current(review) == here

    press(window, Key.Key_Down)
    settled(session)
    assert seen(session) != here and current(review) == seen(session)


def test_a_case_is_entered_with_its_first_finding_to_decide_selected(
    qtbot: QtBot,
    opened: Callable[..., Any],  # noqa: F811
) -> None:
    window, _ = reviewing(opened, "boxes")
    session, review = window.session, window.session.review
    strike(window, Key.Key_PageDown)
    assert review.selected is not None and current(review) == seen(session)
    first = next(f for f in review.shown if f.proposal.decision is Decision.UNDECIDED)
    assert review.selected.proposal.proposal_id == first.proposal.proposal_id

    strike(window, Key.Key_Return)

    project = session.project
    assert isinstance(project, Project)
    decided = {p.proposal_id: p.decision for p in project.work.proposals(first.proposal.image_id)}
    assert decided[first.proposal.proposal_id] is Decision.ACCEPTED


def test_a_case_of_the_other_work_space_has_its_finding_selected_when_review_is_entered(
    opened: Callable[..., Any],  # noqa: F811
) -> None:
    window, _ = reviewing(opened, "boxes")
    review = window.session.review
    window.enter("annotate")
    strike(window, Key.Key_PageDown)
    assert review.selected is None

    window.enter("review")

    assert current(review) == seen(window.session)


@pytest.mark.parametrize("kind", ["boxes", "two exclusive"])
def test_a_finding_whose_decision_is_taken_back_is_the_next_one_to_decide(
    opened: Callable[..., Any],  # noqa: F811
    kind: str,
) -> None:
    window, _ = reviewing(opened, kind)
    review, total, here = window.session.review, window.session.review.left, seen(window.session)
    assert total
    for key, elsewhere in product((Key.Key_Return, Key.Key_Backspace), (True, False)):
        is_the_next_one_to_decide(window, key, elsewhere=elsewhere)
        for _ in range(review.left, total):  # all is undecided again
            strike(window, Key.Key_Z, CTRL)
            settled(window.session)
        assert review.left == total and seen(window.session) == here


def is_the_next_one_to_decide(window: MainWindow, key: Qt.Key, *, elsewhere: bool) -> None:
    session, review = window.session, window.session.review
    panel = window.docks.panel("findings")
    here, decided = seen(session), ""
    while (found := review.selected) is not None and found.proposal.decision is Decision.UNDECIDED:
        decided = found.proposal.proposal_id
        strike(window, key)
    assert decided and review.left == 0, (key, elsewhere)
    if elsewhere:
        strike(window, Key.Key_PageDown)
        until(lambda: handled() or seen(session) != here, "the next film")
        strike(window, Key.Key_Z, CTRL)  # shows the film first
        until(lambda: handled() or seen(session) == here, "the film of the decision")

    strike(window, Key.Key_Z, CTRL)

    assert review.selected is not None, (key, elsewhere)
    assert (review.selected.proposal.proposal_id, review.left) == (decided, 1), (key, elsewhere)
    assert all(button.isEnabled() for button in (panel.accept_button, panel.correct_button, panel.reject_button))
    assert panel.list.currentIndex().data(Qt.ItemDataRole.UserRole).proposal.proposal_id == decided
    strike(window, Key.Key_Return)
    assert review.left == 0
