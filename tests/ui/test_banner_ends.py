"""What is said of one image, of a question about it or of a decision on it is past when another image is shown."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.waiting import settled
from viewer.core.errors import BadRequest
from viewer.project.project import Project
from viewer.ui.flows.decisions import decide_aloud
from viewer.ui.flows.review import Review
from viewer.ui.window.main_window import MainWindow


def _decision(window: MainWindow, _: Review, __: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise BadRequest("This proposal has been decided on since; look at it again.")

    decide_aloud(window.session, refuse)


def _no_model(_: MainWindow, review: Review, __: pytest.MonkeyPatch) -> None:
    review.asking.predict_image()


@pytest.mark.parametrize(
    ("say", "words"),
    [(_decision, "decided on since"), (_no_model, "no model yet")],
)
def test_it_ends_with_the_next_image(
    window: MainWindow,
    project_folder: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    say: object,
    words: str,
) -> None:
    project, session = Project.open(project_folder, writable=True, author="tester"), window.session
    session.open_project(project)
    cases = project.cases.all()
    monkeypatch.setattr("viewer.ui.flows.model_queries.model_choices", lambda folder: [])
    session.open_case(cases[0].case_id)
    qtbot.waitUntil(lambda: session.shown is not None and session.shown.case_id == cases[0].case_id)
    review = session.review
    window.enter("review")
    settled(session)

    say(window, review, monkeypatch)  # type: ignore[operator]
    assert words in window.banner.sentence

    settled(session)  # what was on its way ends nothing
    session.open_case(cases[1].case_id)
    qtbot.waitUntil(lambda: session.shown is not None and session.shown.case_id == cases[1].case_id)
    settled(session)
    assert words not in window.banner.sentence
