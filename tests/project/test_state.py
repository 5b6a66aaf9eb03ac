"""What a change does to the tables, and that it is refused where something else is there. Expected values by hand."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from viewer.core.edits import AnnotationChange, DecisionChange, Edit, LabelChange
from viewer.core.errors import BadProject, BadRequest
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import Decision
from viewer.core.shapes.kinds.box import Box
from viewer.project import edit_builders as edits
from viewer.project.project import Project
from viewer.project.records import Task
from viewer.project.state import labels_of_task

BOX = Box(x0_px=1, y0_px=2, x1_px=11, y1_px=9)


def test_one_annotation_may_take_the_place_of_another(project: Project, image_id: str) -> None:
    project.history.do(edits.add_annotation(image_id, "nodule", BOX, author="Ada"))
    old = project.work.annotations(image_id)[0]
    new = replace(old, annotation_id="f" * 32, label="mass")

    project.history.do(Edit(text="swap", image_id=image_id, changes=(AnnotationChange(before=old, after=new),)))
    assert [(one.annotation_id, one.label) for one in project.work.annotations(image_id)] == [("f" * 32, "mass")]

    project.history.undo()
    assert project.work.annotations(image_id) == [old] or list(project.work.annotations(image_id)) == [old]


def test_an_annotation_that_was_changed_or_removed_since_is_not_overwritten(project: Project, image_id: str) -> None:
    project.history.do(edits.add_annotation(image_id, "nodule", BOX, author="Ada"))
    seen = project.work.annotations(image_id)[0]
    project.history.do(edits.change_annotation(seen, author="Ada", shape=replace(BOX, x1_px=20), verb="resize"))
    now = project.work.annotations(image_id)[0]

    for stale in (
        edits.change_annotation(seen, author="Ada", shape=replace(BOX, x1_px=30), verb="resize"),
        edits.remove_annotation(seen),
    ):
        with pytest.raises(BadRequest, match=r"The box nodule on 0000\.png has been changed since by Ada"):
            project.history.do(stale)
    assert list(project.work.annotations(image_id)) == [now]


@pytest.mark.parametrize("before", [Decision.ACCEPTED, Decision.REJECTED, Decision.CORRECTED])
def test_a_proposal_that_nobody_decided_on_is_not_taken_back(project: Project, image_id: str, before: Decision) -> None:
    from tests.project.test_review import add_prediction

    proposal = add_prediction(project, image_id).proposals[0]
    change = DecisionChange(proposal_id=proposal.proposal_id, before=before, after=Decision.UNDECIDED)

    with pytest.raises(BadRequest, match="decided on since"):
        project.history.do(Edit(text="take back", image_id=image_id, changes=(change,)))


@pytest.mark.parametrize("stored", ['["lung", 3]', '{"lung": 1}', '"lung"', "null", "[[]]"])
def test_a_task_whose_labels_are_no_list_of_names_is_said_to_be_damaged(stored: str) -> None:
    assert labels_of_task(SimpleNamespace(name="t", labels=json.dumps(["lung", "rib"]))) == ("lung", "rib")  # type: ignore[arg-type]
    with pytest.raises(BadProject, match="task t"):
        labels_of_task(SimpleNamespace(name="t", labels=stored))  # type: ignore[arg-type]


def test_a_renamed_label_is_renamed_in_tasks_of_its_scope_and_no_other_label_is(project: Project) -> None:
    for name, scope in (("lung", "region"), ("rib", "region"), ("lung", "image"), ("other", "image")):
        project.history.do(edits.add_label(name, scope, project.labels))
    project.tasks.put(Task(name="parts", kind="segmentation", labels=("rib", "lung")))
    project.tasks.put(Task(name="boxes", kind="detection", labels=("lung",)))
    project.tasks.put(Task(name="whole", kind="classification", labels=("lung", "other")))
    region = next(one for one in project.labels if (one.name, one.scope) == ("lung", "region"))

    project.history.do(edits.rename_label(region, "left lung"))

    named = {name: project.tasks.get(name).labels for name in ("parts", "boxes", "whole")}
    assert named == {"parts": ("rib", "left lung"), "boxes": ("left lung",), "whole": ("lung", "other")}


def test_a_task_that_keeps_a_label_does_not_keep_it_in_the_tasks_after_it(project: Project) -> None:
    for name, scope in (("lung", "region"), ("rib", "region"), ("lung", "image"), ("rib", "image")):
        project.history.do(edits.add_label(name, scope, project.labels))
    asked = {  # by name and in time: three that stay as they are before two that change
        "a": ("detection", ("lung",)), "b": ("segmentation", ("rib",)), "c": ("classification", ("lung", "rib")),
        "d": ("segmentation", ("rib", "lung")), "e": ("detection", ("lung", "rib")),
    }  # fmt: skip
    for name, (kind, names) in asked.items():
        project.tasks.put(Task(name=name, kind=kind, labels=names))

    def named() -> dict[str, tuple[str, ...]]:
        return {name: project.tasks.get(name).labels for name in asked}

    region = next(one for one in project.labels if (one.name, one.scope) == ("lung", "region"))
    before = {name: names for name, (_, names) in asked.items()}

    project.history.do(edits.remove_label(region))
    assert named() == {**before, "d": ("rib",), "e": ("rib",)}, "a task of this label alone stays one"
    project.history.undo()
    assert named() == before
    project.history.do(edits.rename_label(region, "x"))
    assert named() == {**before, "a": ("x",), "d": ("rib", "x"), "e": ("x", "rib")}


def test_a_label_of_one_scope_may_have_the_name_of_one_of_the_other(project: Project, image_id: str) -> None:
    project.history.do(edits.add_annotation(image_id, "lung", BOX, author="Ada"))
    project.history.do(edits.say_image_label(image_id, "lung", before=None, after=Verdict.YES))
    whole = next(one for one in project.labels if one.scope == "image")

    project.history.do(edits.rename_label(whole, "both lungs"))

    assert [one.label for one in project.work.annotations(image_id)] == ["lung"]
    assert set(project.work.image_labels(image_id)) == {"both lungs"}
    with pytest.raises(BadRequest, match="is used 1 times"):
        project.history.do(
            Edit(text="remove", changes=(LabelChange(before=replace(whole, name="both lungs"), after=None),))
        )
