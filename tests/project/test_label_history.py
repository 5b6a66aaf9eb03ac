"""A label that came after a case was completed is no "no" of that case: nobody was asked for it."""

from collections.abc import Callable

import numpy as np
import pytest

from ml.data.targets import label_rows
from viewer.core.edits import Edit, LabelChange
from viewer.core.errors import BadRequest
from viewer.core.labels import Label, Verdict
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.shapes.kinds.box import Box
from viewer.project import edit_builders as edits
from viewer.project.label_history import later_labels
from viewer.project.project import Project
from viewer.project.records import NewImage, Task
from viewer.project.snapshots.snapshot import Snapshot, make_snapshot

BOX = Box(x0_px=1, y0_px=2, x1_px=11, y1_px=12)


def say(project: Project, image_id: str, **said: Verdict) -> None:
    for label, verdict in said.items():
        project.history.do(edits.say_image_label(image_id, label, before=None, after=verdict))


def set_status(project: Project, image_id: str, status: CaseStatus) -> None:
    project.history.do(edits.set_status(project.cases.get(project.images.get(image_id).case_id), status))


def let_in(project: Project, name: str, scope: str = "image") -> None:
    project.history.do(
        Edit(text=f"add {name}", changes=(LabelChange(before=None, after=Label(name=name, scope=scope, position=7)),))
    )


def task(*labels: str, exclusive: bool, kind: str = "classification") -> Task:
    return Task(name="t", kind=kind, labels=labels, exclusive=exclusive)


def rows(project: Project, of: Task) -> tuple[list[list[float]], Snapshot]:
    snapshot = make_snapshot(project, of, split=(1.0, 0.0, 0.0))
    return label_rows(snapshot.items, of).tolist(), snapshot


@pytest.fixture
def three(project: Project) -> list[str]:
    """Complete: WELL alone said; WELL yes and ILL no; WELL no and ILL yes."""
    ids = [record.image_id for record in project.images.all()[:3]]
    say(project, ids[0], WELL=Verdict.YES)
    say(project, ids[1], WELL=Verdict.YES, ILL=Verdict.NO)
    say(project, ids[2], WELL=Verdict.NO, ILL=Verdict.YES)
    for image_id in ids:
        set_status(project, image_id, CaseStatus.COMPLETE)
    return ids


def test_of_several_labels_one_that_came_later_is_unknown_and_it_is_said(project: Project, three: list[str]) -> None:
    let_in(project, "OLD")

    found, snapshot = rows(project, task("WELL", "ILL", "OLD", exclusive=False))

    nan = float("nan")
    wanted = {(1, nan, nan), (1, 0, nan), (0, 1, nan)}
    assert {str(tuple(map(float, row))) for row in found} == {str(tuple(map(float, row))) for row in wanted}
    assert "3 images complete before OLD was one of the labels, of which it is unknown" in snapshot.card["notes"]


def test_an_exclusive_task_with_a_label_that_came_later_leaves_older_answers_out_by_name(
    project: Project, three: list[str]
) -> None:
    let_in(project, "OLD")
    of = task("WELL", "ILL", "OLD", exclusive=True)
    with pytest.raises(BadRequest, match=r"000\d\.png and 2 more, complete before OLD was one of the labels") as why:
        make_snapshot(project, of)
    assert "To take them, say of each whether it is OLD" in str(why.value)

    # Said outright, or completed again by somebody who saw the label: then it is an answer.
    say(project, three[1], OLD=Verdict.NO)
    set_status(project, three[0], CaseStatus.IN_PROGRESS)
    set_status(project, three[0], CaseStatus.COMPLETE)

    found, snapshot = rows(project, of)
    assert found == [[1, 0, 0], [1, 0, 0]]
    assert snapshot.card["left_out_of"] == {"complete before OLD was one of the labels": ["0002.png"]}


def test_a_task_that_asks_for_one_label_more_leaves_answers_of_the_fewer_out(
    project: Project, three: list[str]
) -> None:
    """The label was in the catalogue all along, and the task did not ask for it."""
    for image_id in three[1:]:
        set_status(project, image_id, CaseStatus.IN_PROGRESS)
    let_in(project, "OLD")
    project.tasks.put(task("WELL", "ILL", exclusive=True))
    for image_id in three[1:]:
        set_status(project, image_id, CaseStatus.COMPLETE)
    assert sorted(rows(project, project.tasks.get("t"))[0]) == [[0, 1], [1, 0], [1, 0]]

    project.tasks.put(task("WELL", "ILL", "OLD", exclusive=True))

    with pytest.raises(BadRequest, match="complete before OLD was one of the labels"):
        make_snapshot(project, project.tasks.get("t"))
    assert {case.status for case in project.cases.all()} == {CaseStatus.COMPLETE, CaseStatus.TO_DO}


def test_a_region_label_that_came_later_is_said(project: Project, image_id: str) -> None:
    project.history.do(edits.add_annotation(image_id, "nodule", BOX, author="Ada"))
    set_status(project, image_id, CaseStatus.COMPLETE)
    other = project.images.all()[1].image_id
    project.history.do(edits.add_annotation(other, "mass", BOX, author="Ada"))
    set_status(project, other, CaseStatus.COMPLETE)

    snapshot = make_snapshot(project, task("nodule", "mass", exclusive=True, kind="detection"), split=(1.0, 0.0, 0.0))

    assert len(snapshot.items) == 2
    assert snapshot.card["notes"] == ["1 image complete before mass was one of the labels, taken as without it"]


def test_a_renamed_a_recoloured_and_a_taken_back_label_are_not_later(project: Project, three: list[str]) -> None:
    def later(*labels: str) -> set[tuple[str, ...]]:
        return set(later_labels(project.database, "image", labels).values())

    ill = next(one for one in project.labels if one.name == "ILL")
    sick = Label(name="SICK", scope="image", position=ill.position)
    project.history.do(Edit(text="rename", changes=(LabelChange(before=ill, after=sick),)))
    assert later("WELL", "SICK") == set()

    let_in(project, "OLD")
    assert later("WELL", "SICK", "OLD") == {("OLD",)}
    project.history.undo()
    assert later("WELL", "SICK", "OLD") == set()
    let_in(project, "OLD", scope="region")
    assert later("OLD") == set()


def test_labels_that_come_with_the_cases_they_complete_are_not_later(
    project: Project, new_image: Callable[..., NewImage]
) -> None:
    image_id = project.images.all()[0].image_id
    case = project.cases.get(project.images.get(image_id).case_id)
    said = edits.say_image_label(image_id, "NEW", before=None, after=Verdict.YES)
    done = edits.set_status(case, CaseStatus.COMPLETE)
    project.history.do(Edit(text="import", changes=(*said.changes, *done.changes)))

    assert later_labels(project.database, "image", ["NEW"]) == {}
    assert not np.isnan(rows(project, task("NEW", exclusive=False))[0]).any()
