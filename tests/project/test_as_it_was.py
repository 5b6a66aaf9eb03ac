"""Every class of change is compared with what is there before it is applied; many at once cost few queries."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import get_args

import pytest
from sqlalchemy import event

from tests.project.clashes import BOX, CLASHES, one_edit, stale_changes, state
from viewer.core.edits import AnnotationChange, Change, Edit, ImageLabelChange
from viewer.core.errors import BadRequest
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import Annotation, CaseStatus, Prediction, Proposal
from viewer.project import edit_builders as edits
from viewer.project.changes.kinds import CHANGE_KINDS
from viewer.project.project import Project

CLASSES = get_args(Change)


def without_a_check(classes: tuple[type, ...]) -> list[str]:
    """Classes of changes that no row says how to compare, that no clash or stale change of the tests tries."""
    tried = {type(change) for change in stale_changes("i" * 32, "c" * 16)}
    sound = {one for one in tried if one in CHANGE_KINDS and one.__name__ in CLASHES}
    return [one.__name__ for one in classes if one not in sound]


def test_every_class_of_change_is_compared_and_tried() -> None:
    assert without_a_check(CLASSES) == []


def test_a_class_of_change_without_a_row_is_found(project: Project, image_id: str) -> None:
    @dataclass(frozen=True, kw_only=True)
    class PlantedChange:
        before: str = ""
        after: str = "x"

    assert without_a_check((*CLASSES, PlantedChange)) == ["PlantedChange"]
    with pytest.raises(KeyError):
        project.history.do(one_edit(PlantedChange()))  # type: ignore[arg-type]


@pytest.mark.parametrize("place", range(len(CLASSES)), ids=[one.__name__ for one in CLASSES])
def test_a_change_of_what_never_was_is_refused(project: Project, image_id: str, place: int) -> None:
    before = state(project)
    change = stale_changes(image_id, project.images.get(image_id).case_id)[place]
    assert type(change) is CLASSES[place]

    with pytest.raises(BadRequest):
        project.history.do(one_edit(change))
    assert state(project) == before


def test_a_proposal_that_has_become_another_annotation_is_not_undecided(project: Project, image_id: str) -> None:
    """The same decision with another result: accepted as this box, and then as that one."""
    CLASHES["DecisionChange"].prepare(project, image_id)
    proposal = project.work.proposals(image_id)[0]
    project.history.do(edits.accept(proposal, author="Ada"))
    taken = edits.accept(proposal, author="Ada").changes[-1]

    with pytest.raises(BadRequest, match=r"proposal nodule on 0000\.png has been decided on since by Ada"):
        project.history.do(one_edit(taken.inverse()))


@contextmanager
def counted(project: Project) -> Iterator[list[str]]:
    """The statements that reach the database meanwhile."""
    said: list[str] = []

    def heard(connection, cursor, statement, parameters, context, executemany) -> None:  # type: ignore[no-untyped-def]
        said.append(statement)

    with project.database.reading() as reader:
        pass
    with project.database.writing() as writer:
        pass
    for connection in (reader, writer):
        event.listen(connection.engine, "before_cursor_execute", heard)
    try:
        yield said
    finally:
        for connection in (reader, writer):
            event.remove(connection.engine, "before_cursor_execute", heard)


def _import(project: Project, count: int) -> Edit:
    ids = [image.image_id for image in project.images.all()]
    drawn = (
        Annotation(annotation_id=f"{count:08}{n:024}", image_id=ids[n % 8], label="nodule", shape=BOX, author="Ada")
        for n in range(count)
    )
    boxes = [AnnotationChange(before=None, after=one) for one in drawn]
    said = [ImageLabelChange(image_id=one, label="normal", before=None, after=Verdict.YES) for one in ids]
    return one_edit(*boxes, *said)


@pytest.mark.parametrize("gesture", ["do", "undo", "redo"])
def test_an_import_costs_a_few_queries_for_five_hundred_changes(project: Project, gesture: str) -> None:
    costs = []
    for count in (1000, 4000):
        edit = _import(project, count)
        if gesture != "do":
            project.history.do(edit)
        if gesture == "redo":
            project.history.undo()
        with counted(project) as said:
            project.history.do(edit) if gesture == "do" else getattr(project.history, gesture)()
        costs.append(len(said))
        while project.history.undo():
            pass
    assert costs[1] - costs[0] <= 6 * 6, "six more groups of 500"
    assert costs[0] < 60


def test_a_case_begun_by_a_shape_is_to_do_again_without_it_though_a_proposal_was_refused_there(
    project: Project, image_id: str
) -> None:
    """What begins a case keeps it begun, and nothing else: refusing a proposal does neither (a random walk of keys)."""
    proposal = Proposal(proposal_id="p", prediction_id="q", image_id=image_id, label="nodule", score=0.7, shape=BOX)
    project.predictions.add(
        Prediction(
            prediction_id="q", image_id=image_id, model_hash="m", model_name="m", kind="detection",
            created="2026-11-29T12:00:00", threshold=0.5, proposals=(proposal,), labels=("nodule",), scores={},
        )
    )  # fmt: skip
    case = project.cases.get(project.images.get(image_id).case_id)
    project.history.do(edits.reject(proposal))
    begun = edits.with_status_begun(
        edits.add_annotation(image_id, "nodule", BOX, author="Ada"), case.case_id, CaseStatus.TO_DO
    )
    project.history.do(begun)
    assert project.cases.get(case.case_id).status is CaseStatus.IN_PROGRESS

    project.history.undo()

    assert project.cases.get(case.case_id).status is CaseStatus.TO_DO
