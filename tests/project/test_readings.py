"""Several people read the same cases, each on their own: what one says, the others neither see nor change."""

from pathlib import Path

import pytest

from viewer.core.edits import AnnotationChange, DecisionChange, Edit, ImageLabelChange, MeasurementChange
from viewer.core.errors import BadRequest
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import Annotation, CaseStatus, Decision, Measurement, Prediction, Proposal
from viewer.core.shapes.kinds.box import Box
from viewer.project import edit_builders as edits
from viewer.project.project import Project
from viewer.project.readings import EACH_OWN, SHARED, SHARED_WORD, TOGETHER, UNREAD, RoundKind
from viewer.project.records import Task
from viewer.project.removing_labels import removing_label
from viewer.project.taking_out import taking_out
from viewer.project.verify import verify

BOX = Box(x0_px=1, y0_px=2, x1_px=9, y1_px=12)


def reading(folder: Path, reader: str, *, writable: bool = True) -> Project:
    return Project.open(folder, writable=writable, reader=reader)


def say(project: Project, image_id: str, label: str, verdict: Verdict | None) -> None:
    before = project.work.image_labels(image_id).get(label)
    project.history.do(edits.say_image_label(image_id, label, before=before, after=verdict))


def draw(project: Project, image_id: str, label: str = "nodule", shape: Box = BOX) -> Annotation:
    project.history.do(edits.add_annotation(image_id, label, shape, author=project.author))
    return project.work.annotations(image_id)[-1]


def complete(project: Project, image_id: str) -> None:
    case = project.cases.get(project.images.get(image_id).case_id)
    project.history.do(edits.set_status(case, CaseStatus.COMPLETE))


@pytest.fixture
def image(project: Project, image_id: str) -> str:
    """An image of a project that nobody has open."""
    project.close()
    return image_id


def everything_on(project: Project, image_id: str) -> tuple[object, ...]:
    work = project.work
    case_id = project.images.get(image_id).case_id
    return (
        work.annotations(image_id), work.image_labels(image_id), work.measurements(image_id),
        [one.decision for one in work.proposals(image_id)], project.cases.status(case_id),
        project.history.undo_text, project.history.entries(), project.cases.all(text="ill"),
        project.cases.all(text="Ada"),
    )  # fmt: skip


def test_what_one_reader_says_no_other_sees_until_they_ask_for_it(folder: Path, image: str) -> None:
    with reading(folder, "Ada") as ada:
        ada.predictions.add(proposed(image))
        nothing = everything_on(ada, image)
        say(ada, image, "ill", Verdict.YES)
        draw(ada, image)
        line = Measurement(measurement_id="m", image_id=image, kind="length", points_px=((1, 1), (5, 5)))
        ada.history.do(Edit(text="measure", changes=(MeasurementChange(before=None, after=line),)))
        decided = DecisionChange(proposal_id="p", before=Decision.UNDECIDED, after=Decision.REJECTED)
        ada.history.do(Edit(text="reject", image_id=image, changes=(decided,)))
        complete(ada, image)
        hers = everything_on(ada, image)
        assert len(ada.cases.all(text="ill")) == 1

    for other in ("Bob", SHARED_WORD):
        with reading(folder, other) as bob:
            assert everything_on(bob, image) == nothing
            assert bob.history.undo() is None
    with reading(folder, "Ada", writable=False) as ada:
        assert everything_on(ada, image) == hers
    assert not verify(folder).problems


def proposed(image_id: str) -> Prediction:
    proposal = Proposal(proposal_id="p", prediction_id="q", image_id=image_id, label="ill", score=0.9)
    return Prediction(
        prediction_id="q", image_id=image_id, model_hash="h", model_name="m", kind="classification",
        created="2026-01-01", threshold=0.5, scores={"ill": 0.9}, proposals=(proposal,), labels=("ill",),
    )  # fmt: skip


def test_two_readers_say_different_things_of_one_image_and_each_takes_back_their_own(folder: Path, image: str) -> None:
    for name, verdict in (("Ada", Verdict.YES), ("Bob", Verdict.NO)):
        with reading(folder, name) as own:
            say(own, image, "ill", verdict)

    with reading(folder, "Ada") as ada:
        assert ada.work.image_labels(image) == {"ill": Verdict.YES}
        ada.history.undo()
        assert ada.work.image_labels(image) == {}
    with reading(folder, "Bob") as bob:
        assert bob.work.image_labels(image) == {"ill": Verdict.NO}
        assert bob.history.redo() is None
    assert not verify(folder).problems


def test_a_project_is_read_together_until_it_says_otherwise(folder: Path, image: str) -> None:
    with Project.open(folder, writable=True, author="Ada") as ada:
        assert ada.round_id == SHARED
        ada.rounds.read_by(EACH_OWN)
    with Project.open(folder, writable=True, author="Ada") as ada:
        assert ada.rounds.get(ada.round_id).reader == "Ada"
        say(ada, image, "ill", Verdict.YES)
    with Project.open(folder, writable=True, author="Bob") as bob:
        assert bob.rounds.get(bob.round_id).reader == "Bob"
        assert bob.work.image_labels(image) == {}
        bob.rounds.read_by(TOGETHER)
    with Project.open(folder, writable=False, author="Bob") as bob:
        assert bob.round_id == SHARED

    with pytest.raises(BadRequest, match="each or together"), reading(folder, "Ada") as ada:
        ada.rounds.read_by("alone")


def test_who_made_a_project_is_not_everybody_who_reads_it_on_their_own(tmp_path: Path, user_name: str) -> None:
    with Project.create(tmp_path / "hers", author="Ada") as project:
        assert project.author == "Ada"
        project.rounds.read_by(EACH_OWN)
    with Project.open(tmp_path / "hers", writable=True) as project:
        assert project.author == user_name
        assert project.rounds.get(project.round_id).reader == user_name


@pytest.fixture
def user_name(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("getpass.getuser", lambda: "carol")
    return "carol"


def test_of_a_reader_who_has_read_nothing_a_read_only_project_shows_nothing(folder: Path, image: str) -> None:
    with reading(folder, "Eve", writable=False) as eve:
        assert eve.round_id == UNREAD
        assert eve.work.image_labels(image) == {}
        assert {case.status for case in eve.cases.all()} == {CaseStatus.TO_DO}
        assert [one.words for one in eve.rounds.all()] == ["shared"]


def test_a_round_of_a_reader_is_made_once(folder: Path, image: str) -> None:
    with reading(folder, SHARED_WORD) as project:
        own = project.rounds.of("Ada")
        assert project.rounds.of("Ada") == own
        again = project.rounds.of("Ada", number=2, kind=RoundKind.REPEAT)
        assert [one.words for one in project.rounds.all()] == ["shared", "Ada", "Ada, repeat 2"]
        assert project.rounds.get(again.round_id) == again
        for name, number in ((" ", 1), ("Ada", 0)):
            with pytest.raises(BadRequest):
                project.rounds.of(name, number=number)


def test_how_far_each_reader_is_is_counted_for_each(folder: Path, image: str) -> None:
    with reading(folder, "Ada") as ada:
        complete(ada, image)
        everything = len(ada.cases.all())
        progress = ada.rounds.progress()

    assert progress[ada.round_id] == {
        CaseStatus.TO_DO: everything - 1, CaseStatus.IN_PROGRESS: 0, CaseStatus.COMPLETE: 1
    }  # fmt: skip
    assert progress[SHARED] == {CaseStatus.TO_DO: everything, CaseStatus.IN_PROGRESS: 0, CaseStatus.COMPLETE: 0}


def test_an_exclusive_task_is_lawful_in_each_reading_for_itself(folder: Path, image: str) -> None:
    with reading(folder, "Ada") as ada:
        ada.tasks.put(Task(name="t", kind="classification", labels=("ill", "well")))
        say(ada, image, "ill", Verdict.YES)
        complete(ada, image)
    with reading(folder, "Bob") as bob:
        with pytest.raises(BadRequest, match="cannot be complete"):
            complete(bob, image)
        say(bob, image, "well", Verdict.YES)
        complete(bob, image)
        say(bob, image, "well", Verdict.NO)
        assert bob.cases.status(bob.images.get(image).case_id) is CaseStatus.IN_PROGRESS
    with reading(folder, "Ada") as ada:
        assert ada.cases.status(ada.images.get(image).case_id) is CaseStatus.COMPLETE


def test_why_a_case_cannot_be_complete_is_told_of_the_reading_it_is_in(folder: Path, image: str) -> None:
    with reading(folder, SHARED_WORD) as shared:
        shared.tasks.put(Task(name="t", kind="classification", labels=("ill", "well")))
        say(shared, image, "ill", Verdict.YES)
        complete(shared, image)
    with reading(folder, "Bob") as bob:
        with pytest.raises(BadRequest, match=r"complete yet: none of “ill”, “well” is said\. Say which"):
            complete(bob, image)
        bob.tasks.put(Task(name="t", kind="classification", labels=("ill", "well"), exclusive=False))
        complete(bob, image)
        say(bob, image, "ill", Verdict.YES)
        bob.tasks.put(Task(name="t", kind="classification", labels=("ill", "well")))
        with pytest.raises(BadRequest, match="complete although none of “ill”, “well” is said, so"):
            bob.history.undo()


def test_a_case_that_is_taken_out_goes_with_what_every_reader_said_and_comes_back_with_it(
    folder: Path, image: str
) -> None:
    for name in ("Ada", "Bob", SHARED_WORD):
        with reading(folder, name) as own:
            say(own, image, "ill", Verdict.YES)
            draw(own, image)
            complete(own, image)

    with Project.open(folder, writable=True, author="Carol") as carol:
        plan = taking_out(carol, [carol.cases.get(carol.images.get(image).case_id)])
        assert plan.work_words == "3 boxes, 3 answers about whole images and 1 complete case"
        carol.history.do(plan.edit)
        assert not verify(folder).problems
        carol.history.undo()
    for name in ("Ada", "Bob", SHARED_WORD):
        with reading(folder, name) as own:
            assert own.work.image_labels(image) == {"ill": Verdict.YES}
            assert len(own.work.annotations(image)) == 1
            assert own.cases.status(own.images.get(image).case_id) is CaseStatus.COMPLETE
    assert not verify(folder).problems


def test_who_reads_on_their_own_takes_out_a_case_and_a_label_with_what_all_said(folder: Path, image: str) -> None:
    for name in ("Ada", "Bob", SHARED_WORD):
        with reading(folder, name) as own:
            say(own, image, "ill", Verdict.YES)
            draw(own, image)
            complete(own, image)
    with reading(folder, "Ada") as ada:
        plan = taking_out(ada, [ada.cases.get(ada.images.get(image).case_id)])
        ada.history.do(plan.edit)
        assert verify(folder).problems == []
        ada.history.undo()
        for label in list(ada.labels):
            removal = removing_label(ada, label)
            assert removal.uses == 3
            ada.history.do(removal.edit)
        for _ in range(2):
            assert verify(folder).problems == []
            ada.history.undo()
    for name in ("Ada", "Bob", SHARED_WORD):
        with reading(folder, name) as own:
            assert own.work.image_labels(image) == {"ill": Verdict.YES}
            assert [one.round_id for one in own.work.annotations(image)] == [own.round_id]
            assert own.cases.status(own.images.get(image).case_id) is CaseStatus.COMPLETE
    assert not verify(folder).problems


def test_a_label_that_is_renamed_is_renamed_in_every_reading(folder: Path, image: str) -> None:
    for name in ("Ada", "Bob"):
        with reading(folder, name) as own:
            say(own, image, "ill", Verdict.YES)
    with reading(folder, "Ada") as ada:
        (label,) = [one for one in ada.labels if one.name == "ill"]
        ada.history.do(edits.rename_label(label, "sick"))
    with reading(folder, "Bob") as bob:
        assert bob.work.image_labels(image) == {"sick": Verdict.YES}
        with pytest.raises(BadRequest, match="since by Ada"):
            bob.history.undo()
    assert not verify(folder).problems


@pytest.mark.parametrize("what", ["answer", "shape", "measurement"])
def test_a_reader_whose_work_another_brought_in_is_one_who_reads(project: Project, image_id: str, what: str) -> None:
    """An import of several readers is one edit of whoever imports: it is none of the reader's own doing."""
    bob, nobody = project.rounds.of("Bob").round_id, project.rounds.of("Opened by mistake").round_id
    line = Measurement(measurement_id="m", image_id=image_id, kind="length", points_px=((1, 1), (5, 5)), round_id=bob)
    box = Annotation(annotation_id="a", image_id=image_id, label="nodule", shape=BOX, author="Bob", round_id=bob)
    change = {
        "answer": ImageLabelChange(image_id=image_id, label="ill", before=None, after=Verdict.YES, round_id=bob),
        "shape": AnnotationChange(before=None, after=box),
        "measurement": MeasurementChange(before=None, after=line),
    }[what]

    project.history.do(Edit(text="import", changes=(change,), of_all=True))

    begun = [one.round_id for one in project.rounds.begun()]
    assert begun == [SHARED, bob] and nobody not in begun
    project.history.undo()
    assert [one.round_id for one in project.rounds.begun()] == [SHARED]
