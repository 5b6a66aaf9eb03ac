"""Review of cases in the store: sent, approved, returned with a comment; what each status means everywhere."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update

from viewer.core.case_acts import act_named
from viewer.core.errors import BadRequest
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus
from viewer.project import edit_builders as edits
from viewer.project.combining import Combined
from viewer.project.counts import complete_images
from viewer.project.edit_builders import move_cases
from viewer.project.in_batches import images_inside
from viewer.project.label_history import later_labels
from viewer.project.lawful import Unanswered, opened_by
from viewer.project.project import Project
from viewer.project.records import CaseRow, NewImage, Task
from viewer.project.snapshots.snapshot import make_snapshot
from viewer.project.store.schema import journal, readings
from viewer.project.taking_out import taking_out
from viewer.project.verify import verify

S = CaseStatus
WHY = "The left lung is cut off."
CHEST = Task(name="chest", kind="classification", labels=("NORMAL", "PNEUMONIA"), exclusive=True)


def case_of(project: Project, image_id: str) -> CaseRow:
    return project.cases.get(project.images.get(image_id).case_id)


def act(project: Project, image_id: str, *names: str, comment: str = WHY) -> CaseRow:
    """Do these one after the other; "return" with the comment."""
    for name in names:
        said = comment if name == "return" else ""
        project.history.do(move_cases([case_of(project, image_id)], act_named(name), said))
    return case_of(project, image_id)


def say(project: Project, image_id: str, label: str, verdict: Verdict | None) -> None:
    before = project.work.image_labels(image_id).get(label)
    project.history.do(edits.say_image_label(image_id, label, before=before, after=verdict))


def stored(project: Project, image_id: str) -> list[tuple[str, str]]:
    query = select(readings.c.state, readings.c.comment).where(
        readings.c.case_id == project.images.get(image_id).case_id
    )
    with project.database.reading() as connection:
        return [(row.state, row.comment) for row in connection.execute(query)]


@pytest.fixture
def chest(project: Project, image_id: str) -> str:
    """An image answered NORMAL, of a project that asks for NORMAL or PNEUMONIA."""
    for name in CHEST.labels:
        project.history.do(edits.add_label(name, "image", project.labels))
    project.tasks.put(CHEST)
    say(project, image_id, "NORMAL", Verdict.YES)
    return image_id


def test_a_case_goes_to_review_is_returned_with_a_comment_and_each_step_is_taken_back(
    project: Project, image_id: str, folder: Path
) -> None:
    steps = [("send", "needs review", ""), ("return", "returned", WHY), ("complete", "complete", ""),
             ("approve", "approved", ""), ("return", "returned", WHY)]  # fmt: skip
    for name, state, comment in steps:
        row = act(project, image_id, name)
        assert (row.status.value, row.comment) == (state, comment)
        assert stored(project, image_id) == [(state, comment)]

    for _, state, comment in reversed(steps[:-1]):
        project.history.undo()
        assert stored(project, image_id) == [(state, comment)]
        assert case_of(project, image_id).comment == comment
    project.history.undo()
    assert stored(project, image_id) == [] and case_of(project, image_id).status is S.TO_DO
    for _, state, comment in steps:
        project.history.redo()
        assert stored(project, image_id) == [(state, comment)]
    project.close()
    assert not verify(folder).problems


def test_verify_finds_a_comment_that_the_journal_does_not_tell(project: Project, image_id: str, folder: Path) -> None:
    act(project, image_id, "complete", "return")
    with project.database.writing() as connection:
        connection.execute(update(readings).values(comment="Well done."))
        from viewer.project.revisions import RevisionKind, Touched, raise_revision

        raise_revision(connection, RevisionKind.ROUND, Touched())
    project.close()
    assert any("readings" in problem for problem in verify(folder).problems)


def test_what_does_not_lead_there_is_refused_by_name_and_nothing_is_kept(project: Project, image_id: str) -> None:
    row = case_of(project, image_id)
    with pytest.raises(BadRequest, match=r"stays as it is\. It is to do; only a case that is complete or needs review"):
        move_cases([row], act_named("approve"))
    with pytest.raises(BadRequest, match="says why"):
        move_cases([act(project, image_id, "complete")], act_named("return"), " ")


def test_another_comment_since_is_not_overwritten(project: Project, image_id: str, folder: Path) -> None:
    row = act(project, image_id, "complete", "return")
    with Project.open(folder, writable=False) as other:
        assert case_of(other, image_id).comment == WHY
    project.history.do(edits.set_status(row, S.RETURNED, "Also the right one."))

    with pytest.raises(BadRequest, match="has been changed since by Ada"):
        project.history.do(move_cases([row], act_named("complete")))
    assert stored(project, image_id) == [("returned", "Also the right one.")]


def test_another_authors_return_is_not_taken_back_by_an_undo_of_before(
    project: Project, image_id: str, folder: Path
) -> None:
    act(project, image_id, "complete", "return")
    project.close()
    with Project.open(folder, writable=True, author="Bob") as bob:
        act(bob, image_id, "send", "return", comment=WHY)  # the same again, by another
    with Project.open(folder, writable=True, author="Ada") as ada:
        with pytest.raises(BadRequest, match="changed since by Bob"):
            ada.history.undo()
        assert stored(ada, image_id) == [("returned", WHY)]


def test_the_journal_says_nothing_of_comments_where_there_are_none(project: Project, image_id: str) -> None:
    act(project, image_id, "complete", "return")
    with project.database.reading() as connection:
        kept = [
            change
            for text in connection.scalars(select(journal.c.changes).order_by(journal.c.edit_id))
            for change in json.loads(text)
            if change["kind"] == "status"
        ]
    assert [{key for key in one if "comment" in key} for one in kept] == [set(), {"comment_after"}]


@pytest.mark.parametrize(("names", "was"), [(("complete",), S.COMPLETE), (("send",), S.NEEDS_REVIEW),
                                            (("complete", "approve"), S.APPROVED)])  # fmt: skip
def test_a_done_case_that_loses_its_answer_is_open_again(
    project: Project, chest: str, names: tuple[str, ...], was: CaseStatus
) -> None:
    act(project, chest, *names)

    done = project.history.do(edits.say_image_label(chest, "NORMAL", before=Verdict.YES, after=None))
    assert case_of(project, chest).status is S.IN_PROGRESS
    assert opened_by(done) == (case_of(project, chest).case_id,)

    project.history.undo()
    assert case_of(project, chest).status is was


@pytest.mark.parametrize(("name", "words"), [("complete", "complete"), ("send", "sent to review")])
def test_no_way_to_be_done_leads_past_an_unanswered_task(project: Project, chest: str, name: str, words: str) -> None:
    say(project, chest, "NORMAL", None)

    with pytest.raises(Unanswered, match=f"cannot be {words} yet: none of .NORMAL., .PNEUMONIA. is said"):
        act(project, chest, name)


def test_a_case_that_was_complete_before_its_task_was_made_cannot_be_approved_unanswered(
    project: Project, image_id: str
) -> None:
    for name in CHEST.labels:
        project.history.do(edits.add_label(name, "image", project.labels))
    act(project, image_id, "complete")
    project.tasks.put(CHEST)

    with pytest.raises(Unanswered, match="cannot be approved yet"):
        act(project, image_id, "approve")


def test_a_returned_case_may_lose_its_answer_and_stays_returned(project: Project, chest: str) -> None:
    act(project, chest, "complete", "return")
    say(project, chest, "NORMAL", None)
    assert case_of(project, chest).status is S.RETURNED and case_of(project, chest).comment == WHY


def test_snapshots_take_what_is_complete_or_approved_and_name_what_waits(project: Project) -> None:
    ids = [record.image_id for record in project.images.all()]
    for image_id in ids:
        say(project, image_id, "ill", Verdict.YES)
    ways = [("complete",), ("complete", "approve"), ("send",), ("send", "return"), ("complete", "reopen"),
            ("send", "approve"), ("complete", "return"), ("send",)]  # fmt: skip
    for image_id, names in zip(ids, ways, strict=True):
        act(project, image_id, *names)
    task = Task(name="t", kind="classification", labels=("ill",), exclusive=False)

    snapshot = make_snapshot(project, task, split=(1.0, 0.0, 0.0))

    assert {item.image_id for item in snapshot.items} == {ids[0], ids[1], ids[5]}
    assert snapshot.card["left_out"] == {
        "case not complete": 1, "case needs review": 2, "case returned to its reader": 2,
    }  # fmt: skip
    assert complete_images(project) == 3
    assert set(images_inside(project, {row.case_id for row in project.cases.all() if row.status.counts})) == {
        ids[0],
        ids[1],
        ids[5],
    }
    assert len(Combined(project).complete) == 3
    counts = {status.value: count for status, count in project.cases.progress().items()}
    assert counts == {
        "to do": 0, "in progress": 1, "complete": 1, "needs review": 2, "approved": 2, "returned": 2,
    }  # fmt: skip
    assert project.rounds.progress()[""] == project.cases.progress()


def test_progress_of_a_project_without_review_names_no_status_of_review(project: Project) -> None:
    assert [one.value for one in project.cases.progress()] == ["to do", "in progress", "complete"]
    assert [one.value for one in project.rounds.progress()[""]] == ["to do", "in progress", "complete"]


def test_of_two_readers_only_the_one_who_is_not_returned_counts(project: Project, image_id: str, folder: Path) -> None:
    project.close()
    for name, verdict, names in (("Ada", Verdict.YES, ("complete", "approve")), ("Bob", Verdict.NO, ("send",))):
        with Project.open(folder, writable=True, reader=name) as own:
            say(own, image_id, "ill", verdict)
            act(own, image_id, *names)
    with Project.open(folder, writable=False) as shared:
        assert Combined(shared).said(shared.images.get(image_id)).image_labels == {"ill": Verdict.YES}
        case_id = shared.images.get(image_id).case_id
        assert Combined(shared).held_up(case_id) is None
        assert Combined(shared, "reader:Bob").held_up(case_id) is S.NEEDS_REVIEW
        assert Combined(shared, "shared").held_up(case_id) is None


@pytest.mark.parametrize(("names", "asked"), [(("send",), True), (("complete",), True), (("reopen", "send"), True),
                                              (("approve",), False), (("return",), False)])  # fmt: skip
def test_a_label_that_came_since_was_asked_for_where_its_reader_went_through_the_case_again(
    project: Project, image_id: str, names: tuple[str, ...], asked: bool
) -> None:
    if names[0] in ("approve", "return", "reopen"):
        act(project, image_id, "complete")
    project.history.do(edits.add_label("late", "image", project.labels))
    act(project, image_id, *names)

    later = later_labels(project.database, "image", ["late"])
    assert (later == {}) is asked


def test_a_returned_case_that_is_taken_out_comes_back_with_its_comment(
    project: Project, image_id: str, folder: Path
) -> None:
    row = act(project, image_id, "complete", "return")
    project.history.do(taking_out(project, [row]).edit)
    with project.database.reading() as connection:
        assert connection.execute(select(readings)).all() == []
    project.history.undo()
    assert stored(project, image_id) == [("returned", WHY)]
    project.close()
    assert not verify(folder).problems


def test_cases_are_found_by_the_words_of_their_status(project: Project, new_image: Callable[..., NewImage]) -> None:
    image_id = project.images.all()[3].image_id
    act(project, image_id, "send")
    assert [row.case_id for row in project.cases.all(text="needs review")] == [case_of(project, image_id).case_id]
    assert [row.case_id for row in project.cases.all(S.NEEDS_REVIEW)] == [case_of(project, image_id).case_id]
