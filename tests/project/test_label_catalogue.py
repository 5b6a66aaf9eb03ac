"""Labels are renamed, coloured, moved and removed with all that carries them, and every step is taken back."""

from pathlib import Path

import pytest

from viewer.core.errors import BadRequest
from viewer.core.labels import LABEL_COLORS, Label, Verdict
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.shapes.kinds.box import Box
from viewer.project import edit_builders as edits
from viewer.project.edit_builders import add_label, say_image_label, set_status
from viewer.project.lawful import open_question
from viewer.project.project import Project
from viewer.project.records import Task
from viewer.project.removing_labels import removing_label
from viewer.project.verify import verify

BOX = Box(x0_px=1, y0_px=2, x1_px=11, y1_px=12)


def label(project: Project, name: str) -> Label:
    return next(one for one in project.labels if one.name == name)


@pytest.fixture
def answered(project: Project) -> Project:
    """NORMAL yes and ILL no on the first image, the other way round on the second; a nodule on the third."""
    ids = [record.image_id for record in project.images.all()]
    for image_id, yes, no in ((ids[0], "NORMAL", "ILL"), (ids[1], "ILL", "NORMAL")):
        project.history.do(edits.say_image_label(image_id, yes, before=None, after=Verdict.YES))
        project.history.do(edits.say_image_label(image_id, no, before=None, after=Verdict.NO))
    project.history.do(edits.add_annotation(ids[2], "nodule", BOX, author="Ada"))
    return project


def test_a_label_in_use_is_removed_after_its_uses_were_counted_and_comes_back(answered: Project, folder: Path) -> None:
    before = [answered.work.image_labels(record.image_id) for record in answered.images.all()]
    plan = removing_label(answered, label(answered, "ILL"))

    assert plan.sentence == "2 answers on 2 images go with ILL."
    answered.history.do(plan.edit)
    assert [one.name for one in answered.labels] == ["nodule", "NORMAL"]
    assert answered.work.image_labels(answered.images.all()[1].image_id) == {"NORMAL": Verdict.NO}
    assert verify(folder).ok

    answered.history.undo()
    assert [answered.work.image_labels(record.image_id) for record in answered.images.all()] == before
    assert verify(folder).ok
    assert removing_label(answered, label(answered, "nodule")).sentence == "1 object on 1 image go with nodule."
    answered.history.do(edits.add_annotation(answered.images.all()[2].image_id, "nodule", BOX, author="Ada"))
    assert removing_label(answered, label(answered, "nodule")).sentence == "2 objects on 1 image go with nodule."


def test_a_complete_case_whose_answer_goes_with_its_label_is_open_again(answered: Project, folder: Path) -> None:
    answered.tasks.put(Task(name="ill", kind="classification", labels=("NORMAL", "ILL")))
    case = answered.cases.all()[1]
    answered.history.do(edits.set_status(case, CaseStatus.COMPLETE))
    plan = removing_label(answered, label(answered, "ILL"))

    assert "ill asks for it" in plan.sentence
    answered.history.do(plan.edit)

    assert answered.cases.get(case.case_id).status is CaseStatus.IN_PROGRESS
    answered.history.undo()
    assert answered.cases.get(case.case_id).status is CaseStatus.COMPLETE
    assert verify(folder).ok


def test_a_new_name_goes_to_answers_and_tasks_and_back(answered: Project, folder: Path) -> None:
    answered.tasks.put(Task(name="ill", kind="classification", labels=("NORMAL", "ILL")))

    answered.history.do(edits.rename_label(label(answered, "ILL"), "PNEUMONIA"))

    assert answered.tasks.get("ill").labels == ("NORMAL", "PNEUMONIA")
    assert answered.work.image_labels(answered.images.all()[1].image_id)["PNEUMONIA"] is Verdict.YES
    answered.history.undo()
    assert answered.tasks.get("ill").labels == ("NORMAL", "ILL")
    assert verify(folder).ok


def test_a_label_has_the_colour_that_was_chosen_and_keeps_it_when_it_moves(answered: Project, folder: Path) -> None:
    answered.history.do(edits.colour_label(label(answered, "ILL"), 6))
    assert label(answered, "ILL").color == LABEL_COLORS[6]
    colours = {one.name: one.color for one in answered.labels}

    answered.history.do(edits.move_label(label(answered, "ILL"), label(answered, "NORMAL")))

    assert [one.name for one in answered.labels] == ["nodule", "ILL", "NORMAL"]
    assert (label(answered, "ILL").key, label(answered, "NORMAL").key) == ("1", "2")
    assert {one.name: one.color for one in answered.labels} == colours
    assert verify(folder).ok
    answered.history.undo()
    answered.history.undo()
    assert label(answered, "ILL").color == LABEL_COLORS[1]
    with pytest.raises(BadRequest, match="12 colours"):
        edits.colour_label(label(answered, "ILL"), 12)


THREE = Task(name="chest", kind="classification", labels=("NORMAL", "BACTERIA", "VIRUS"), exclusive=True)


def test_a_label_that_is_removed_leaves_the_tasks_that_ask_for_it_and_comes_back_in_its_place(
    project: Project, image_id: str
) -> None:
    for name in THREE.labels:
        project.history.do(add_label(name, "image", project.labels))
    other = Task(name="where", kind="detection", labels=("BACTERIA", "Lung"), exclusive=False)  # another scope
    project.tasks.put(THREE)
    project.tasks.put(other)
    for name, said in zip(THREE.labels, (Verdict.NO, Verdict.YES, Verdict.NO), strict=True):
        project.history.do(say_image_label(image_id, name, before=None, after=said))
    case_id = project.images.get(image_id).case_id
    project.history.do(set_status(project.cases.get(case_id), CaseStatus.COMPLETE))
    label = next(one for one in project.labels if (one.scope, one.name) == ("image", "BACTERIA"))

    project.history.do(removing_label(project, label).edit)

    assert project.tasks.get("chest").labels == ("NORMAL", "VIRUS")
    assert project.tasks.get("where") == other
    # Its answer went with it, so the case is open again, and what is asked for can be said.
    assert project.cases.get(case_id).status is CaseStatus.IN_PROGRESS
    assert open_question(project.database, case_id) == "none of “NORMAL”, “VIRUS” is said"
    project.history.undo()
    assert project.tasks.get("chest") == THREE and project.cases.get(case_id).status is CaseStatus.COMPLETE
    project.history.redo()
    assert project.tasks.get("chest").labels == ("NORMAL", "VIRUS")


def test_one_of_two_exclusive_labels_stays_named_where_no_task_would_be_left(project: Project) -> None:
    two = Task(name="chest", kind="classification", labels=("NORMAL", "PNEUMONIA"), exclusive=True)
    for name in two.labels:
        project.history.do(add_label(name, "image", project.labels))
    project.tasks.put(two)
    label = next(one for one in project.labels if one.name == "PNEUMONIA")

    project.history.do(removing_label(project, label).edit)

    assert project.tasks.get("chest") == two


def test_a_label_comes_in_a_colour_that_none_has_whichever_way_it_comes(answered: Project) -> None:
    """The fixture's came with what was drawn and said; then one of each kind by name. An import: `tests/exchange`."""
    for name, scope in (("mass", "region"), ("DOUBTFUL", "image")):
        answered.history.do(add_label(name, scope, answered.labels))

    found = {one.name: one.color for one in answered.labels}
    assert list(found) == ["nodule", "mass", "NORMAL", "ILL", "DOUBTFUL"]
    assert len(set(found.values())) == 5
    answered.history.do(edits.colour_label(label(answered, "mass"), 11))
    answered.history.do(add_label("edge", "region", answered.labels))
    after = {one.name: one.color for one in answered.labels}
    assert after["mass"] == LABEL_COLORS[11] and len(set(after.values())) == 6
    assert {name: after[name] for name in found if name != "mass"} == {n: c for n, c in found.items() if n != "mass"}
