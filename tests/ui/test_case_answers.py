"""An answer for one image is brought alone, not with its whole case: a series has hundreds, answered one by one."""

from collections.abc import Iterable

import pytest

from tests.ui.test_review_ai import prediction
from tests.waiting import settled
from viewer.project.at_hand import reading
from viewer.project.at_hand.values import Fresh
from viewer.project.project import Project
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
