"""An answer for one image is brought alone, not with its whole case: a series has hundreds, answered one by one."""

from collections.abc import Iterable

import pytest

from tests.ui.test_review_ai import prediction
from tests.waiting import settled
from viewer.project.at_hand import reading
from viewer.project.at_hand.values import Fresh
from viewer.project.project import Project
from viewer.ui.flows.cases.answers import ImageAnswers
from viewer.ui.flows.desk import Desk


def test_an_answer_reads_its_own_image_and_shows_what_the_whole_case_would(
    shown_case: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, review = shown_case, shown_case.review
    session.set_workspace("review")
    settled(session)  # the neighbours are brought
    assert session.shown is not None and session.shown.image_id is not None and session.project is not None
    review.refresh()
    image_id, read = session.shown.image_id, []
    one_image = reading.read_some

    def some(project: Project, image_ids: Iterable[str], case_ids: Iterable[str] = (), **_: object) -> Fresh:
        read.extend([*image_ids, *case_ids])
        return one_image(project, read[-1:])

    with monkeypatch.context() as patch:
        patch.setattr(reading, "read_some", some)
        for number in range(3):
            review.asking.predicted.emit(prediction(image_id, (0.9, 0.4 + number / 10), f"p{number}"))
        settled(session)
    assert set(read) == {image_id}
    seen = ([f.proposal.proposal_id for f in review.findings], dict(review.predictions), list(review.images))
    assert seen[0] == ["p2-0", "p2-1"]

    review.refresh()
    assert ([f.proposal.proposal_id for f in review.findings], review.predictions, review.images) == seen


def test_what_was_made_of_an_image_is_known_again_in_a_series_of_any_length() -> None:
    """From 257 slices on Python makes a number anew for each look: every finding was made again with every answer."""

    def made_of(position: str, count: str, work: object, names: object) -> tuple[object, ...]:
        return work, int(position), int(count), "a model", names, names

    work, names = (object(),), {}
    for position, count in (("3", "9"), ("256", "257"), ("1999", "2000")):
        made = ImageAnswers(made_of(position, count, work, names), [], None)
        assert made.is_of(made_of(position, count, work, names))
        assert not made.is_of(made_of("0", count, work, names))
        assert not made.is_of(made_of(position, "5", work, names))
        assert not made.is_of(made_of(position, count, (object(),), names))
        assert not made.is_of(made_of(position, count, work, {}))
