"""An answer for one image reads that image again, not the whole case: a series has hundreds, answered one by one."""

import pytest

from tests.ui.test_review_ai import prediction
from viewer.project import case_predictions
from viewer.ui.flows.desk import Desk


def test_an_answer_reads_its_own_image_and_shows_what_the_whole_case_would(
    shown_case: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, review = shown_case, shown_case.review
    session.set_workspace("review")
    assert session.shown is not None and session.shown.image_id is not None and session.project is not None
    review.refresh()
    image_id, work, read = session.shown.image_id, session.project.work, []
    one_image = work.predictions

    def whole(*_: object) -> None:
        raise AssertionError("the whole case was read for one answer")

    with monkeypatch.context() as patch:
        patch.setattr(case_predictions, "predictions_of_case", whole)
        patch.setattr(work, "predictions", lambda image_id: read.append(image_id) or one_image(image_id))
        for number in range(3):
            review.asking.predicted.emit(prediction(image_id, (0.9, 0.4 + number / 10), f"p{number}"))
    assert set(read) == {image_id}
    seen = ([f.proposal.proposal_id for f in review.findings], dict(review.predictions), list(review.images))
    assert seen[0] == ["p2-0", "p2-1"]

    review.refresh()
    assert ([f.proposal.proposal_id for f in review.findings], review.predictions, review.images) == seen
