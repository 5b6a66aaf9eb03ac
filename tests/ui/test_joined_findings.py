"""After a series was asked about, what lies over each other on its slices is one finding, in a project or not."""

from dataclasses import replace

from tests.ui.test_review_ai import FakeInference, prediction
from tests.ui.test_review_selection import asked
from tests.waiting import settled
from viewer.core.shapes.annotations import Decision
from viewer.project.objects.listing import all_objects
from viewer.ui.state.choosing import Nobody
from viewer.ui.window.main_window import MainWindow

__all__ = ["asked"]  # a fixture
SLICES = 6


def answer_all(window: MainWindow, child: FakeInference, *, without: tuple[int, ...] = ()) -> None:
    """A lung at one place of each slice, but for some."""
    for number in range(SLICES):
        said = child.asked.pop(0)
        one = prediction(said["image_id"], (0.9,), name=f"p{number}")
        said["done"](replace(one, proposals=()) if number in without else one)
        settled(window.session)


def test_it_is_one_finding_and_said_so(asked: tuple[MainWindow, FakeInference]) -> None:
    window, child = asked
    review = window.session.review
    told: list[str] = []
    window.session.said.connect(told.append)

    answer_all(window, child)

    (found,) = review.findings
    assert found.place.startswith("6 slices") and review.count_words == "1 shown"
    assert told[-1] == "6 shapes on neighbouring slices lie over each other: 1 finding."
    window.session.person = Nobody()  # its images enter the project
    review.select(found.proposal.proposal_id)
    settled(window.session)
    review.accept()
    settled(window.session)
    assert window.session.project is not None
    assert [(row.label, row.images) for row in all_objects(window.session.project)] == [("Lung", 6)]
    assert [one.proposal.decision for one in review.findings] == [Decision.ACCEPTED]


def test_a_slice_without_it_parts_it(asked: tuple[MainWindow, FakeInference]) -> None:
    window, child = asked
    answer_all(window, child, without=(2,))
    assert sorted(one.place.split(" ·")[0] for one in window.session.review.findings) == ["2 slices", "3 slices"]


def test_a_question_that_was_stopped_joins_nothing(asked: tuple[MainWindow, FakeInference]) -> None:
    window, child = asked
    for number in range(2):
        said = child.asked.pop(0)
        said["done"](prediction(said["image_id"], (0.9,), name=f"p{number}"))
        settled(window.session)
    window.session.review.asking.cancel()
    settled(window.session)
    assert len(window.session.review.findings) == 2


def test_a_series_of_a_list_that_is_asked_about_is_joined_as_one_that_is_asked_alone(
    asked: tuple[MainWindow, FakeInference],
) -> None:
    window, child = asked
    session = window.session
    session.review.asking.cancel()
    child.asked.clear()
    assert session.shown is not None and session.shown.series is not None
    session.members.add_to_project([session.shown.series])
    settled(session)
    model = session.review.asking.model
    assert model is not None

    session.list_questions.start(session.cases.order(), model, again=False)
    settled(session)
    assert session.list_questions.words.startswith("1 of 1 case, image 1 of 6 · ")
    answer_all(window, child)

    assert not session.list_questions.is_asking
    assert [one.place.split(" ·")[0] for one in session.review.findings] == ["6 slices"]
