"""What is said of an image, a series, a study, a patient or an object: a number, a choice, a text, a verdict."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.project.clashes import at_work
from tests.project.test_readings import BOX, draw, reading
from viewer.core.edits import AnnotationChange, AnswerChange, Edit
from viewer.core.errors import BadProject, BadRequest
from viewer.core.labels import Verdict
from viewer.core.values import Choice, Quantity, Target, TargetKind, Value, Words, patient_key, value_words
from viewer.project import edit_builders as edits
from viewer.project.answers import answers_of, say
from viewer.project.project import Project
from viewer.project.revisions import RevisionKind, Touched, raise_revision
from viewer.project.store.schema import answers
from viewer.project.taking_out import taking_out
from viewer.project.verify import verify

VALUES: list[Value] = [
    Quantity(number=4.5, unit="mm"), Quantity(number=-0.25), Choice(word="solid"), Words(text="See 2nd view.\n1"),
    Verdict.UNCERTAIN,
]  # fmt: skip


def image_target(image_id: str) -> Target:
    return Target(kind=TargetKind.IMAGE, target_id=image_id)


def target_of(project: Project, kind: TargetKind, image_id: str) -> Target:
    record = project.images.get(image_id)
    ids = {
        TargetKind.IMAGE: image_id,
        TargetKind.SERIES: record.series_id,
        TargetKind.STUDY: record.study_uid,
        TargetKind.PATIENT: patient_key(record.source, record.patient_id),
    }
    target_id = draw(project, image_id).object_key if kind is TargetKind.OBJECT else ids[kind]
    return Target(kind=kind, target_id=target_id)


@pytest.fixture
def scanned(project: Project) -> str:
    """An image with a series, a study and a patient."""
    from tests.project.conftest import made_up_image

    facts = {"series_id": "ser", "study_uid": "1.2.3", "sop_instance_uid": "1.2.3.4"}
    (image_id,) = project.images.register([made_up_image(77, "P7", **facts)])
    return image_id


@pytest.mark.parametrize("kind", TargetKind)
@pytest.mark.parametrize("value", VALUES, ids=value_words)
def test_it_is_kept_taken_back_and_done_again(project: Project, scanned: str, kind: TargetKind, value: Value) -> None:
    target = target_of(project, kind, scanned)
    if kind is TargetKind.IMAGE and isinstance(value, Verdict):
        with pytest.raises(BadRequest, match="is one of its labels"):
            say(project, target, "size", value)
        return
    revision = project.revision()
    project.history.do(say(project, target, "size", value))
    assert answers_of(project, [target]) == {target: {"size": value}}
    assert [one.touched.image_ids for one in project.changes_since(revision)] == [(scanned,)]
    project.history.do(say(project, target, "size", Quantity(number=1)))
    project.history.undo()
    assert answers_of(project, [target])[target] == {"size": value}
    project.history.undo()
    assert answers_of(project, [target])[target] == {}
    project.history.redo()
    assert answers_of(project, [target])[target] == {"size": value}
    assert verify(project.folder).problems == []


def test_what_is_no_value_and_no_target_is_refused(project: Project, image_id: str) -> None:
    for number in (float("nan"), float("inf")):
        with pytest.raises(BadRequest, match="no number"):
            Quantity(number=number)
    for made in (lambda: Choice(word=" "), lambda: Words(text=""), lambda: Words(text="a" * 10_001)):
        with pytest.raises(BadRequest):
            made()
    with pytest.raises(BadRequest, match="has no id"):
        Target(kind=TargetKind.SERIES, target_id="")
    with pytest.raises(BadRequest, match="give the films their patient ids"):
        patient_key("somewhere", "")
    for target in (image_target("f" * 32), Target(kind=TargetKind.STUDY, target_id="9.9")):
        with pytest.raises(BadRequest, match="not in this project"):
            project.history.do(say(project, target, "size", Quantity(number=1)))
    with pytest.raises(BadRequest, match="needs a name"):
        say(project, image_target(image_id), " ", Quantity(number=1))


def test_what_another_said_since_is_not_overwritten(project: Project, image_id: str, folder: Path) -> None:
    target = image_target(image_id)
    author = project.author
    project.history.do(say(project, target, "size", Quantity(number=1, unit="mm")))
    mine = say(project, target, "size", Quantity(number=2, unit="mm"))
    project.close()
    with at_work(folder, "Ben") as ben:
        ben.history.do(say(ben, target, "size", Quantity(number=3, unit="mm")))
    with at_work(folder, author) as first:
        for gesture in (lambda: first.history.do(mine), first.history.undo):
            with pytest.raises(BadRequest, match="since by Ben"):
                gesture()
        assert answers_of(first, [target])[target] == {"size": Quantity(number=3, unit="mm")}


def test_each_reader_says_their_own(project: Project, image_id: str, folder: Path) -> None:
    target = image_target(image_id)
    project.close()
    for name, number in (("Ada", 1.0), ("Bob", 2.0)):
        with reading(folder, name) as own:
            own.history.do(say(own, target, "size", Quantity(number=number)))
    with reading(folder, "Ada") as ada:
        assert answers_of(ada, [target])[target] == {"size": Quantity(number=1)}
    assert verify(folder).problems == []


def test_what_is_said_of_an_object_goes_with_it_and_comes_back(project: Project, image_id: str) -> None:
    drawn = draw(project, image_id)
    target = Target(kind=TargetKind.OBJECT, target_id=drawn.object_key)
    project.history.do(say(project, target, "texture", Choice(word="solid")))
    project.history.do(edits.remove_annotation(drawn))
    assert answers_of(project, [target])[target] == {}
    assert verify(project.folder).problems == []
    project.history.undo()
    assert answers_of(project, [target])[target] == {"texture": Choice(word="solid")}
    project.history.redo()
    assert answers_of(project, [target])[target] == {}
    project.history.undo()
    plan = taking_out(project, [project.cases.get(project.images.get(image_id).case_id)])
    project.history.do(plan.edit)
    with project.database.reading() as connection:
        assert connection.execute(answers.select()).all() == []
    project.history.undo()
    assert answers_of(project, [target])[target] == {"texture": Choice(word="solid")}
    assert project.work.annotations(image_id)[0].shape == BOX
    assert verify(project.folder).problems == []


def test_an_object_on_many_images_is_spoken_of_once_when_its_case_goes(project: Project) -> None:
    from tests.project.conftest import made_up_image

    facts = {"series_id": "long", "of_stack": True}
    ids = project.images.register([made_up_image(1000 + number, "P", **facts) for number in range(501)])
    first, last = (draw(project, image_id) for image_id in (ids[0], ids[-1]))
    one = AnnotationChange(before=last, after=replace(last, object_id=first.object_key, revision=last.revision + 1))
    project.history.do(Edit(text="join", changes=(one,)))
    target = Target(kind=TargetKind.OBJECT, target_id=first.object_key)
    project.history.do(say(project, target, "texture", Choice(word="solid")))
    project.history.do(taking_out(project, [project.cases.get(project.images.get(ids[0]).case_id)]).edit)
    project.history.undo()
    assert answers_of(project, [target])[target] == {"texture": Choice(word="solid")}


def test_a_question_that_has_the_name_of_a_label_is_not_renamed_with_it(project: Project, image_id: str) -> None:
    target = image_target(image_id)
    project.history.do(edits.add_label("size", "image", project.labels))
    project.history.do(say(project, target, "size", Quantity(number=1)))
    (label,) = [one for one in project.labels if one.name == "size"]
    project.history.do(edits.rename_label(label, "big"))
    assert answers_of(project, [target])[target] == {"size": Quantity(number=1)}


@pytest.mark.parametrize(
    "values", [{"kind": "colour"}, {"kind": "number", "number": None}, {"kind": "verdict", "verdict": "perhaps"}]
)
def test_what_stands_there_and_cannot_be_said_is_named(
    project: Project, image_id: str, values: dict[str, object]
) -> None:
    target = image_target(image_id)
    project.history.do(say(project, target, "size", Quantity(number=1)))
    with project.database.writing() as connection:
        connection.execute(update(answers).values(**values))
        raise_revision(connection, RevisionKind.DO, Touched())
    with pytest.raises(BadProject, match="What is said of size"):
        answers_of(project, [target])
    assert verify(project.folder).problems


def test_two_changes_of_one_thing_in_one_edit_follow_each_other(project: Project, image_id: str) -> None:
    target, one, two = image_target(image_id), Quantity(number=1), Quantity(number=2)
    steps = ((None, one), (one, two))
    changes = tuple(AnswerChange(target=target, name="size", before=b, after=a) for b, a in steps)
    project.history.do(Edit(text="measure twice", changes=changes))
    assert answers_of(project, [target])[target] == {"size": two}
    project.history.undo()
    assert answers_of(project, [target])[target] == {}
