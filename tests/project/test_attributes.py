"""What the catalogue asks: declared, changed, renamed, moved and removed as edits, and what becomes of answers."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.project.clashes import AGE, at_work, one_edit
from tests.project.conftest import made_up_image
from tests.project.test_answers import image_target
from tests.project.test_readings import draw, reading
from viewer.core.attributes import Attribute, AttributeKind, read_number
from viewer.core.codes import Code
from viewer.core.edits import AnswerChange, AttributeChange, Edit
from viewer.core.errors import BadProject, BadRequest, NotFound
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.values import Choice, Quantity, Target, TargetKind, Value, Words
from viewer.project import edit_builders as edits
from viewer.project.answers import answers_of, say
from viewer.project.attributes.edits import changing, declare, move, removing, rename
from viewer.project.project import Project
from viewer.project.revisions import RevisionKind, Touched, raise_revision
from viewer.project.store.schema import answers, attributes
from viewer.project.taking_out import taking_out
from viewer.project.verify import verify

MARGIN = Attribute(
    scope="region", label="nodule", name="margin", position=0, kind=AttributeKind.CHOICE,
    choices=("smooth", "lobulated", "spiculated"), code=Code(scheme="SCT", value="129737002", meaning="Margins"),
)  # fmt: skip
SEVERITY = Attribute(
    scope="image", label="Effusion", name="severity", position=0, kind=AttributeKind.CHOICE, choices=("mild", "severe")
)


def asked(project: Project, attribute: Attribute) -> Attribute:
    project.history.do(declare(attribute))
    return attribute


def answered(project: Project, target: Target) -> dict[str, Value]:
    return answers_of(project, [target])[target]


def object_target(project: Project, image_id: str) -> Target:
    return Target(kind=TargetKind.OBJECT, target_id=draw(project, image_id).object_key)


@pytest.fixture
def said_age(project: Project, image_id: str) -> Target:
    """The age of an image is asked, and is 45 a."""
    asked(project, AGE)
    target = image_target(image_id)
    project.history.do(say(project, target, "age", Quantity(number=45, unit="a")))
    return target


def test_one_is_declared_taken_back_and_declared_again(project: Project, image_id: str) -> None:
    project.history.do(edits.add_label("nodule", "region", project.labels))
    for attribute in (AGE, MARGIN):
        revision = project.revision()
        project.history.do(declare(attribute))
        assert attribute in project.attributes
        assert [one.touched.labels for one in project.changes_since(revision)] == [True]
        project.history.undo()
        assert attribute not in project.attributes
        project.history.redo()
    assert project.attributes == [AGE, MARGIN]
    assert verify(project.folder).problems == []


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"name": "a:b"}, "no colon"), ({"name": " "}, "1 to 100"), ({"unit": "two years"}, "no unit as UCUM"),
        ({"choices": ("a", "b")}, "has no choices"), ({"kind": AttributeKind.TEXT}, "only a number has a unit"),
        ({"kind": AttributeKind.VERDICT, "unit": ""}, "add a label age instead"),
        ({"kind": AttributeKind.CHOICE, "unit": "", "choices": ("a",)}, "2 to 50 choices"),
        ({"kind": AttributeKind.CHOICE, "unit": "", "choices": ("a", "A")}, "names a choice twice"),
        ({"scope": "region"}, "one of a region label"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(facts: dict[str, object], words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        replace(AGE, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "number"), [("43.2", 43.2), (" -1e3", -1000.0), ("\N{MINUS SIGN}5", -5.0), (".5", 0.5)]
)
def test_a_number_is_read_as_it_is_typed(text: str, number: float) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize("text", ["43,2", "1,234", "1_000", "nan", "inf", "1e999", "", "12 a", "４５", "1,2,3"])
def test_what_is_no_number_or_may_be_two_is_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="two ways" if text in ("43,2", "1,234") else "no number"):
        read_number(text)


def test_an_answer_is_read_by_what_is_asked() -> None:
    assert AGE.read("45") == AGE.read(" 45  a") == Quantity(number=45, unit="a")
    assert MARGIN.read("Smooth") == Choice(word="smooth")
    assert replace(AGE, kind=AttributeKind.TEXT, unit="").read("see 2nd view") == Words(text="see 2nd view")
    with pytest.raises(BadRequest, match="age is a number in a; “45 kg” is in another unit"):
        AGE.read("45 kg")
    with pytest.raises(BadRequest, match="margin is smooth, lobulated or spiculated, and “round” is none of them"):
        MARGIN.read("round")


def test_an_answer_that_does_not_fit_is_refused_where_it_is_kept(project: Project, said_age: Target) -> None:
    for value in (Quantity(number=540, unit="mo"), Quantity(number=45), Words(text="old"), Choice(word="old")):
        with pytest.raises(BadRequest, match="age is a number in a, and “"):
            project.history.do(say(project, said_age, "age", value))
    assert answered(project, said_age) == {"age": Quantity(number=45, unit="a")}
    project.history.do(say(project, said_age, "free", Words(text="whatever nobody asked for")))


def test_an_answer_about_an_object_is_held_against_its_label(project: Project, image_id: str) -> None:
    target = object_target(project, image_id)
    asked(project, MARGIN)
    with pytest.raises(BadRequest, match="“round” is not that"):
        project.history.do(say(project, target, "margin", Choice(word="round")))
    project.history.do(say(project, target, "margin", Choice(word="smooth")))
    assert answered(project, target) == {"margin": Choice(word="smooth")}
    assert verify(project.folder).problems == []


def test_what_was_said_before_it_was_asked_must_be_an_answer_to_it(project: Project, image_id: str) -> None:
    target = image_target(image_id)
    project.history.do(say(project, target, "age", Quantity(number=45)))
    with pytest.raises(BadRequest, match="age is a number in a, and “45” is not that"):
        project.history.do(declare(AGE))
    assert project.attributes == []
    project.history.do(declare(replace(AGE, unit="")))
    assert answered(project, target) == {"age": Quantity(number=45)}


def test_a_removed_one_takes_its_answers_in_every_reading_and_brings_them_back(
    project: Project, said_age: Target, folder: Path
) -> None:
    author = project.author
    project.close()
    with reading(folder, "Bob") as bob:
        bob.history.do(say(bob, said_age, "age", Quantity(number=46, unit="a")))
    with at_work(folder, author) as again:
        plan = removing(again, AGE)
        assert plan.sentence == "2 answers to age of the image go with it."
        again.history.do(plan.edit)
        assert again.attributes == [] and answered(again, said_age) == {}
        assert verify(folder).problems == []
        again.history.undo()
        assert again.attributes == [AGE] and answered(again, said_age) == {"age": Quantity(number=45, unit="a")}
    with reading(folder, "Bob") as bob:
        assert answered(bob, said_age) == {"age": Quantity(number=46, unit="a")}
    assert verify(folder).problems == []


def test_an_answered_one_cannot_go_alone(project: Project, said_age: Target) -> None:
    with pytest.raises(BadRequest, match="age of the image has 1 answer; take those back first"):
        project.history.do(one_edit(AttributeChange(before=AGE, after=None)))
    assert project.attributes == [AGE]


def test_a_renamed_one_keeps_its_answers(project: Project, said_age: Target) -> None:
    revision = project.revision()
    project.history.do(rename(AGE, "age at exam"))
    assert answered(project, said_age) == {"age at exam": Quantity(number=45, unit="a")}
    assert [one.touched.image_ids for one in project.changes_since(revision)] == [(said_age.target_id,)]
    assert verify(project.folder).problems == []
    project.history.undo()
    assert answered(project, said_age) == {"age": Quantity(number=45, unit="a")}
    project.history.redo()
    project.history.do(say(project, said_age, "age", Words(text="nobody asks for this one")))
    with pytest.raises(BadRequest, match="1 answer named age stand there already; choose another name"):
        project.history.do(rename(replace(AGE, name="age at exam"), "age"))


def test_an_answer_under_an_old_name_says_who_renamed_it(project: Project, said_age: Target, folder: Path) -> None:
    author = project.author
    mine = say(project, said_age, "age", Quantity(number=50, unit="a"))
    project.close()
    with at_work(folder, "Ben") as ben:
        ben.history.do(rename(AGE, "age at exam"))
    with at_work(folder, author) as again, pytest.raises(BadRequest, match="since by Ben"):
        again.history.do(mine)


def test_a_changed_one_says_what_it_takes_back_and_undo_brings_it(project: Project, image_id: str) -> None:
    target = object_target(project, image_id)
    asked(project, MARGIN)
    project.history.do(say(project, target, "margin", Choice(word="lobulated")))
    after = replace(MARGIN, choices=("smooth", "lobed", "spiculated"))
    plan = changing(project, MARGIN, after, renamed={"lobulated": "lobed"})
    assert plan.sentence == "No answer to margin is lost."
    project.history.do(plan.edit)
    assert answered(project, target) == {"margin": Choice(word="lobed")}
    fewer = replace(after, choices=("smooth", "spiculated"))
    plan = changing(project, after, fewer)
    assert plan.sentence == "1 answer to margin of nodule goes with it."
    project.history.do(plan.edit)
    assert answered(project, target) == {}
    assert verify(project.folder).problems == []
    project.history.undo()
    assert answered(project, target) == {"margin": Choice(word="lobed")}
    project.history.undo()
    assert answered(project, target) == {"margin": Choice(word="lobulated")} and project.attributes == [MARGIN]


def test_two_change_places(project: Project) -> None:
    weight = asked(project, replace(AGE, name="weight", unit="kg", position=1))
    asked(project, AGE)
    project.history.do(move(AGE, weight))
    assert [one.name for one in project.attributes] == ["weight", "age"]
    project.history.undo()
    assert [one.name for one in project.attributes] == ["age", "weight"]


@pytest.mark.parametrize("values", [{"kind": "colour"}, {"choices": "no"}, {"choices": "[1]"}, {"code": "[1]"}])
def test_what_stands_there_and_cannot_be_asked_is_named(project: Project, values: dict[str, str]) -> None:
    asked(project, AGE)
    with project.database.writing() as connection:
        connection.execute(update(attributes).values(**values))
        raise_revision(connection, RevisionKind.DO, Touched())
    with pytest.raises(BadProject, match="The attribute age of the image"):
        _ = project.attributes
    assert any("The attribute age" in one for one in verify(project.folder).problems)


def test_verify_names_an_answer_that_is_none_to_what_is_asked(project: Project, said_age: Target) -> None:
    with project.database.writing() as connection:
        connection.execute(update(answers).values(unit="kg"))
        raise_revision(connection, RevisionKind.DO, Touched())
    assert any("“45 kg” is not that" in one for one in verify(project.folder).problems)


def test_verify_names_an_answer_in_another_round_than_its_edit(project: Project, image_id: str, folder: Path) -> None:
    target, author = image_target(image_id), project.author
    project.close()
    with reading(folder, "Bob") as bob:
        theirs = bob.round_id
    with at_work(folder, author) as again:
        there = AnswerChange(target=target, name="age", before=None, after=Quantity(number=1), round_id=theirs)
        again.history.do(Edit(text="say for Bob", changes=(there,), of_all=True))
    assert any("in another round than its own" in one for one in verify(folder).problems)


def test_a_verdict_beside_a_number_is_said_and_goes_with_its_case(project: Project, said_age: Target) -> None:
    image_id = said_age.target_id
    project.history.do(edits.say_image_label(image_id, "normal", before=None, after=Verdict.YES))
    project.history.do(say(project, said_age, "free", Words(text="x")))
    with pytest.raises(BadRequest, match="free is answered on an image already, and not by yes or no"):
        project.history.do(edits.say_image_label(image_id, "free", before=None, after=Verdict.YES))
    project.history.do(taking_out(project, [project.cases.get(project.images.get(image_id).case_id)]).edit)
    project.history.undo()
    assert answered(project, said_age)["age"] == Quantity(number=45, unit="a")
    assert verify(project.folder).problems == []


def test_a_number_is_work_that_begins_a_case_and_keeps_its_image(project: Project, said_age: Target) -> None:
    (fresh,) = project.images.note([made_up_image(50, "P50")])
    project.history.do(edits.add_images([fresh]))
    author, folder = project.author, project.folder
    project.close()
    with at_work(folder, "Ben") as ben:
        edit = say(ben, image_target(fresh), "age", Quantity(number=1, unit="a"))
        ben.history.do(edits.with_case_started(edit, ben.cases.get(ben.images.get(fresh).case_id)))
        assert edit.worked_on == (fresh,)
    with at_work(folder, author) as again:
        again.history.undo()
        assert again.images.get(fresh).case_id, "an image with Ben's number on it stays"
        assert answered(again, image_target(fresh)) == {"age": Quantity(number=1, unit="a")}
    with at_work(folder, "Ben") as ben:
        ben.history.undo()
        assert ben.cases.get(ben.images.get(fresh).case_id).status is CaseStatus.TO_DO


def test_nothing_is_said_of_an_image_that_was_taken_out(project: Project, said_age: Target, folder: Path) -> None:
    author, late = project.author, say(project, said_age, "weight", Quantity(number=70, unit="kg"))
    project.close()
    with at_work(folder, "Ben") as ben:
        case = ben.cases.get(ben.images.get(said_age.target_id).case_id)
        ben.history.do(taking_out(ben, [case]).edit)
    with at_work(folder, author) as again, pytest.raises(NotFound, match="since Ben took it out"):
        again.history.do(late)


def test_cases_are_found_by_what_is_answered(project: Project, image_id: str) -> None:
    other = next(one.image_id for one in project.images.all() if one.image_id != image_id)
    target = object_target(project, other)
    project.history.do(say(project, target, "margin", Choice(word="spiculated")))
    project.history.do(say(project, image_target(image_id), "note", Words(text="See the 2nd view")))
    cases = {one: project.images.get(one).case_id for one in (image_id, other)}
    for text, found in (("SPICULATED", other), ("margin", other), ("2nd view", image_id), ("note", image_id)):
        assert [row.case_id for row in project.cases.all(text=text)] == [cases[found]]
    assert project.cases.all(text="lobulated") == []


def test_a_case_with_anothers_number_on_it_stays_begun(project: Project, image_id: str, folder: Path) -> None:
    asked(project, AGE)
    target, author = image_target(image_id), project.author
    case_id = project.images.get(image_id).case_id
    edit = say(project, target, "age", Quantity(number=1, unit="a"))
    project.history.do(edits.with_case_started(edit, project.cases.get(case_id)))
    project.close()
    with at_work(folder, "Ben") as ben:
        ben.history.do(say(ben, target, "weight", Quantity(number=70, unit="kg")))
    with at_work(folder, author) as again:
        again.history.undo()
        assert answered(again, target) == {"weight": Quantity(number=70, unit="kg")}
        assert again.cases.get(case_id).status is CaseStatus.IN_PROGRESS
