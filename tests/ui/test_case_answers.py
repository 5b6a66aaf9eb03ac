"""An answer for one image is brought alone, not with its whole case: a series has hundreds, answered one by one."""

from collections.abc import Iterable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from tests.ui.test_review_ai import prediction
from tests.waiting import settled
from viewer.core.shapes.annotations import Prediction
from viewer.project.at_hand import reading
from viewer.project.at_hand.values import Fresh, ImageAtHand
from viewer.project.project import Project
from viewer.ui.flows.cases import answers
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.findings import Finding
from viewer.ui.state.present_names import as_it_is


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


@pytest.mark.parametrize("count", [9, 300, 2000])  # from 257 on Python makes a number anew for each look
def test_an_answer_makes_the_findings_of_its_image_alone_however_long_the_series(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    of_image = answers.image_findings

    def image_findings(several: Sequence[Prediction], *args: Any, **kinds: Any) -> list[Finding]:
        made.append(several)
        return of_image(several, *args, **kinds)

    monkeypatch.setattr(answers, "image_findings", image_findings)
    ids = [f"i{number}" for number in range(count)]
    members: Any = SimpleNamespace(asked_with=lambda _: ids)
    case, shown = answers.CaseAnswers(members, as_it_is), SimpleNamespace(case_id=None)
    names, labels = {}, ()  # type: ignore[var-annotated]
    held = {one: ImageAtHand(as_of=1, predictions=(prediction(one, (0.9,), one),)) for one in ids}

    def read(held: dict[str, ImageAtHand], model_hash: str = "", **others: object) -> int:
        """How many images findings were made of."""
        made.clear()
        at_hand: Any = SimpleNamespace(work=SimpleNamespace(held=held), **{"names": names, "labels": labels, **others})
        case.read(at_hand, shown, model_hash)  # type: ignore[arg-type]
        assert [one.proposal.image_id for one in case.findings] == ids
        return len(made)

    assert read(held) == count
    assert read(held) == 0
    other = held | {ids[-2]: ImageAtHand(as_of=2, predictions=(prediction(ids[-2], (0.9,), "again"),))}
    assert read(other) == 1
    assert case.findings[-2].proposal.proposal_id == "again-0"
    assert read(other, "another model") == count
    assert read(other, "another model", names={}) == count, "other names stand for the labels"
    assert read(other, "another model", names={}, labels=[]) == count, "other labels are in the catalogue"
    ids.reverse()
    assert read(other, "another model") == count, "each is at another place now"
    ids.pop()
    assert read(other, "another model") == count - 1, "of how many it is one is told too"
