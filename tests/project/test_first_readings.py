"""A reader reads again, and first before AI is shown; when AI was shown is kept, and the first reading stays then."""

from pathlib import Path

import pytest

from tests.project.clashes import BOX, one_edit
from viewer.core.edits import CaseStatusChange
from viewer.core.errors import BadRequest
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus
from viewer.project import edit_builders as edits
from viewer.project.at_hand.reading import read_changes, read_whole
from viewer.project.at_hand.values import AtHand
from viewer.project.project import Project
from viewer.project.readings import AskedRound, RoundKind, asked_round
from viewer.project.verify import verify


@pytest.mark.parametrize(
    ("words", "name", "kind", "number"),
    [
        ("Ada", "Ada", RoundKind.OWN, 1),
        ("Ada, first", "Ada", RoundKind.FIRST, 1),
        ("Ada, repeat", "Ada", RoundKind.REPEAT, 1),
        ("Lovelace, Ada, repeat 12", "Lovelace, Ada", RoundKind.REPEAT, 12),
        ("Lovelace, Ada", "Lovelace, Ada", RoundKind.OWN, 1),
        ("Ada, consensus", "Ada, consensus", RoundKind.OWN, 1),
    ],
)
def test_a_reading_is_asked_for_by_what_a_list_calls_it(words: str, name: str, kind: RoundKind, number: int) -> None:
    assert asked_round(words) == AskedRound(name=name, kind=kind, number=number)


def test_a_repeat_and_a_first_reading_are_each_of_their_own(project: Project, image_id: str, folder: Path) -> None:
    readings = {words: project.in_reading(words) for words in ("Ada", "Ada, first", "Ada, repeat", "Ada, repeat 2")}
    said = dict(zip(readings, (Verdict.YES, Verdict.NO, Verdict.YES, Verdict.NOT_ASSESSED), strict=True))
    for words, one in readings.items():
        one.history.do(edits.say_image_label(image_id, "normal", before=None, after=said[words]))

    assert {words: one.work.image_labels(image_id)["normal"] for words, one in readings.items()} == said
    assert {one.words for one in project.rounds.all()} == {"shared", *readings}
    assert [one.round_words for one in readings.values()] == [
        "Ada's reading", "Ada's first reading, before AI", "Ada's repeat reading", "Ada's repeat reading 2",
    ]  # fmt: skip
    assert {one.author for one in readings.values()} == {one.reader for one in readings.values()} == {"Ada"}
    assert verify(folder).problems == []
    for one in readings.values():
        one.close()


def begun(first: Project, image_id: str) -> str:
    """A first reading of a case with a box and an answer, complete."""
    case_id = first.images.get(image_id).case_id
    first.history.do(edits.add_annotation(image_id, "nodule", BOX, author="Ada"))
    first.history.do(edits.set_status(first.cases.get(case_id), CaseStatus.COMPLETE))
    return case_id


def test_what_was_said_before_ai_stays_once_it_was_shown(project: Project, image_id: str, folder: Path) -> None:
    first = project.in_reading("Ada, first")
    case_id = begun(first, image_id)
    (box,) = first.work.annotations(image_id)
    before = first.history.entries()

    assert first.reveal(case_id) and not first.reveal(case_id), "the first time alone is kept"

    refused = [
        lambda: first.history.do(edits.remove_annotation(box)),
        lambda: first.history.do(edits.say_image_label(image_id, "normal", before=None, after=Verdict.NO)),
        lambda: first.history.do(edits.set_status(first.cases.get(case_id), CaseStatus.IN_PROGRESS)),
        first.history.undo,
    ]
    for gesture in refused:
        with pytest.raises(BadRequest, match=r"AI was shown of P000 · 0000\.png since it was complete, so this first"):
            gesture()
    assert first.work.annotations(image_id) == (box,) and first.history.entries() == before
    # A second person may say of it as a whole what they think, and other cases are read on.
    first.history.do(edits.set_status(first.cases.get(case_id), CaseStatus.APPROVED))
    other = project.images.all()[4].image_id
    first.history.do(edits.add_annotation(other, "nodule", BOX, author="Ada"))
    assert verify(folder).problems == []
    first.close()


def test_what_another_round_says_of_that_case_is_not_held(project: Project, image_id: str) -> None:
    adas, bobs, own = (project.in_reading(words) for words in ("Ada, first", "Bob, first", "Ada"))
    adas.reveal(begun(adas, image_id))
    for other, author in ((bobs, "Bob"), (own, "Ada")):
        other.history.do(edits.add_annotation(image_id, "nodule", BOX, author=author))
        other.history.undo()
        other.history.redo()
        assert len(other.work.annotations(image_id)) == 1
    own.reveal(own.images.get(image_id).case_id)
    own.history.undo()
    assert own.work.annotations(image_id) == ()
    for one in (adas, bobs, own):
        one.close()


def test_when_ai_was_shown_is_told_with_the_case_and_survives_its_state(project: Project, image_id: str) -> None:
    own = project.in_reading("Ada")
    case_id = own.images.get(image_id).case_id
    at_hand = AtHand().taking(read_whole(own))

    own.reveal(case_id)

    time = own.cases.get(case_id).revealed
    assert time.startswith("20") and own.rounds.revealed() == {own.round_id: 1}
    fresh = read_changes(own, at_hand)
    assert fresh is not None and not fresh.of_more_than_answers, "nobody's work is another by it"
    assert at_hand.taking(fresh).cases.get(case_id).revealed == time
    for after in (CaseStatus.COMPLETE, CaseStatus.TO_DO):
        before = own.cases.get(case_id).status
        own.history.do(one_edit(CaseStatusChange(case_id=case_id, before=before, after=after)))
        assert own.cases.get(case_id).revealed == time
    assert project.cases.get(case_id).revealed == "", "of that reading alone"
    own.close()
