"""A proposal over several slices stands in the list once, is drawn on each of them and is decided as one."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.ui.test_review_ai import FakeInference, prediction
from tests.ui.test_review_selection import asked, seen
from tests.waiting import handled, settled, until
from viewer.core.shapes.annotations import Decision
from viewer.project.objects.listing import all_objects
from viewer.ui.flows.review import Review
from viewer.ui.state.choosing import Nobody
from viewer.ui.window.main_window import MainWindow

__all__ = ["asked"]  # a fixture
SCORES = (0.2, 0.3, 0.9, 0.3)  # of one thing on four slices; the operating point is 0.35


@pytest.fixture
def spanning(asked: tuple[MainWindow, FakeInference]) -> Iterator[MainWindow]:
    """A model says that a lung is on four of six slices, and a square on one more."""
    window, child = asked
    for number in range(6):
        said = child.asked.pop(0)
        one = prediction(said["image_id"], (SCORES[number] if number < 4 else 0.8,), name=f"p{number}")
        if number < 4:
            one = replace(one, proposals=tuple(replace(each, object_id="o" * 32) for each in one.proposals))
        elif number == 5:
            one = replace(one, proposals=())
        said["done"](one)
        settled(window.session)
    yield window


def whole_of(review: Review) -> tuple[str, ...]:
    (found,) = [one for one in review.shown if one.parts]
    return found.image_ids


def test_it_is_one_row_and_drawn_on_each_of_its_slices(spanning: MainWindow) -> None:
    review = spanning.session.review
    assert len(review.findings) == 2 and review.left == 2 and review.count_words == "2 shown"
    (found,) = [one for one in review.shown if one.parts]
    assert found.proposal.score == 0.9 and found.place.startswith("4 slices · box")
    # Proposed as one: also where the slice's own score is below the threshold.
    assert [len(review.visible(image_id)) for image_id in found.image_ids] == [1, 1, 1, 1]
    review.set_threshold(0.95)
    assert review.shown == [] and review.count_words == "0 shown · 2 below threshold"
    assert [len(review.visible(image_id)) for image_id in found.image_ids] == [0, 0, 0, 0]


def test_it_is_accepted_on_any_of_its_slices_and_taken_back_there(spanning: MainWindow) -> None:
    session, review = spanning.session, spanning.session.review
    session.person = Nobody()  # its images enter the project
    ids = whole_of(review)
    (found,) = [one for one in review.shown if one.parts]
    review.select(found.proposal.proposal_id)
    settled(session)
    where = seen(session)
    assert where in ids

    review.accept()
    settled(session)

    project = session.project
    assert project is not None
    (row,) = all_objects(project)
    assert (row.label, row.images) == ("Lung", 4)
    (found,) = [one for one in review.findings if one.parts]
    assert found.proposal.decision is Decision.ACCEPTED and review.left == 1
    assert "accept Lung on 4 slices" in project.history.undo_text
    session.show_image(where)
    settled(session)
    session.undo()
    settled(session)
    assert all_objects(project) == [] and review.left == 2


def test_it_is_rejected_as_one(spanning: MainWindow) -> None:
    session, review = spanning.session, spanning.session.review
    session.person = Nobody()
    (found,) = [one for one in review.shown if one.parts]
    review.select(found.proposal.proposal_id)
    settled(session)
    review.reject()
    settled(session)
    assert session.project is not None
    said = [one.decision for one in session.project.predictions.all() if one.object_id]
    assert said == [Decision.REJECTED] * 4 and review.left == 1


def test_of_a_corrected_one_the_shape_on_the_slice_that_is_seen_is_opened(spanning: MainWindow) -> None:
    session, review = spanning.session, spanning.session.review
    session.person = Nobody()
    (found,) = [one for one in review.shown if one.parts]
    review.select(found.proposal.proposal_id)
    settled(session)
    review.correct()
    settled(session)
    project, here = session.project, seen(session)
    assert project is not None
    (mine,) = project.work.annotations(here)
    until(lambda: handled() or session.selected_shape == mine.annotation_id, "the shape that is to be changed")
    assert session.tool == "select"
    said = {one.image_id: one.decision for one in project.predictions.all() if one.object_id}
    assert said.pop(here) is Decision.CORRECTED and set(said.values()) == {Decision.ACCEPTED}
