"""Attributes of a label go with it: renamed, removed, given to another, and held by what somebody asks."""

from dataclasses import replace

import pytest

from tests.project.clashes import AGE, at_work
from tests.project.test_answers import image_target
from tests.project.test_attributes import MARGIN, SEVERITY, answered, asked, object_target
from tests.project.test_readings import draw
from viewer.core.errors import BadRequest
from viewer.core.labels import Label, Verdict
from viewer.core.values import Choice, Quantity, Target, TargetKind
from viewer.project import edit_builders as edits
from viewer.project.answers import say
from viewer.project.attributes.edits import declare, rename
from viewer.project.project import Project
from viewer.project.removing_labels import removing_label
from viewer.project.verify import verify


def label_named(project: Project, name: str) -> Label:
    return next(one for one in project.labels if one.name == name)


def test_a_renamed_label_takes_its_attributes_and_their_answers(project: Project, image_id: str) -> None:
    target, image = object_target(project, image_id), image_target(image_id)
    project.history.do(edits.add_label("Effusion", "image", project.labels))
    for attribute in (MARGIN, SEVERITY):
        asked(project, attribute)
    project.history.do(say(project, target, "margin", Choice(word="smooth")))
    project.history.do(say(project, image, SEVERITY.question, Choice(word="mild")))
    for old, new in (("nodule", "mass"), ("Effusion", "fluid")):
        project.history.do(edits.rename_label(label_named(project, old), new))
    assert {(one.label, one.name) for one in project.attributes} == {("mass", "margin"), ("fluid", "severity")}
    assert answered(project, image) == {"fluid: severity": Choice(word="mild")}
    assert answered(project, target) == {"margin": Choice(word="smooth")}
    assert verify(project.folder).problems == []
    project.history.undo()
    project.history.undo()
    assert set(project.attributes) == {MARGIN, SEVERITY}
    assert answered(project, image) == {"Effusion: severity": Choice(word="mild")}


def test_a_removed_label_takes_its_attributes_and_their_answers(project: Project, image_id: str) -> None:
    target, image = object_target(project, image_id), image_target(image_id)
    project.history.do(edits.add_label("Effusion", "image", project.labels))
    for attribute in (MARGIN, SEVERITY):
        asked(project, attribute)
    project.history.do(say(project, target, "margin", Choice(word="smooth")))
    project.history.do(say(project, image, SEVERITY.question, Choice(word="mild")))
    for name, words in (("nodule", "margin, goes"), ("Effusion", "severity, goes")):
        with pytest.raises(BadRequest):
            project.history.do(edits.remove_label(label_named(project, name)))
        plan = removing_label(project, label_named(project, name))
        assert words in plan.sentence
        project.history.do(plan.edit)
    assert project.attributes == [] and answered(project, image) == {}
    assert verify(project.folder).problems == []
    project.history.undo()
    project.history.undo()
    assert set(project.attributes) == {MARGIN, SEVERITY}
    assert answered(project, image) == {"Effusion: severity": Choice(word="mild")}
    assert answered(project, target) == {"margin": Choice(word="smooth")}
    assert verify(project.folder).problems == []


def test_another_label_keeps_what_it_does_not_ask_otherwise(project: Project, image_id: str) -> None:
    drawn = draw(project, image_id)
    target = Target(kind=TargetKind.OBJECT, target_id=drawn.object_key)
    project.history.do(edits.add_label("mass", "region", project.labels))
    for attribute in (MARGIN, replace(MARGIN, label="mass", choices=("round", "oval"))):
        asked(project, attribute)
    project.history.do(say(project, target, "margin", Choice(word="smooth")))
    project.history.do(say(project, target, "size", Quantity(number=4, unit="mm")))
    project.history.do(edits.change_annotation(drawn, author="Ada", label="mass"))
    assert answered(project, target) == {"size": Quantity(number=4, unit="mm")}
    assert verify(project.folder).problems == []
    project.history.undo()
    assert answered(project, target)["margin"] == Choice(word="smooth")


def test_a_label_and_a_question_about_the_image_share_no_name(project: Project, image_id: str) -> None:
    asked(project, AGE)
    with pytest.raises(BadRequest, match="age is an attribute already"):
        project.history.do(edits.say_image_label(image_id, "age", before=None, after=Verdict.YES))
    project.history.do(edits.add_label("old", "image", project.labels))
    with pytest.raises(BadRequest, match="age is an attribute already"):
        project.history.do(edits.rename_label(label_named(project, "old"), "age"))
    with pytest.raises(BadRequest, match="whole-image label old already"):
        project.history.do(rename(AGE, "old"))


def test_an_attribute_of_a_label_that_is_not_there_is_refused(project: Project) -> None:
    with pytest.raises(BadRequest, match="The label nodule is not in the catalogue"):
        project.history.do(declare(MARGIN))


def test_a_label_that_came_with_work_stays_while_somebody_asks_of_it(project: Project, image_id: str) -> None:
    draw(project, image_id)
    project.history.do(edits.remove_annotation(project.work.annotations(image_id)[0]))
    author, folder = project.author, project.folder
    project.close()
    with at_work(folder, "Ben") as ben:
        asked(ben, MARGIN)
    with at_work(folder, author) as again:
        while again.history.undo():
            pass
        assert [one.name for one in again.labels] == ["nodule"] and again.attributes == [MARGIN]
    assert verify(folder).problems == []
