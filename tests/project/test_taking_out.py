"""Cases leave a project and come back with all their work; images that were brought in go with the undo."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.project.older_schema import back_to_schema
from viewer.core.edits import Edit
from viewer.core.errors import BadRequest, NotFound
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus, Decision, Measurement, Prediction, Proposal
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.project import edit_builders as edits
from viewer.project.project import Project
from viewer.project.records import NewImage, Task
from viewer.project.snapshots.snapshot import Snapshot, make_snapshot
from viewer.project.taking_out import taking_out
from viewer.project.verify import verify

ON_FILES = {
    "test_a_project_of_before_opens_for_writing_and_for_reading_with_all_its_images": "a file of an older schema",
    "test_an_answer_about_an_image_outside_changes_no_byte_and_is_kept_when_the_image_enters": "compares bytes",
}

BOX = Box(x0_px=1, y0_px=2, x1_px=11, y1_px=12)


def work_on(project: Project, image_id: str) -> None:
    """Two boxes, a painted mask, an answer, a measurement, a decision, and the case complete."""
    mask = np.zeros((60, 40), bool)
    mask[10:20, 5:9] = True
    do = project.history.do
    do(edits.add_annotation(image_id, "nodule", BOX, author="Ada"))
    do(edits.add_annotation(image_id, "nodule", Box(x0_px=20, y0_px=20, x1_px=30, y1_px=31), author="Ada"))
    do(edits.add_annotation(image_id, "lung", MaskRuns.from_array(mask), author="Ada"))
    do(edits.say_image_label(image_id, "normal", before=None, after=Verdict.NO))
    points = ((1.0, 2.0), (3.0, 4.5))
    length = Measurement(measurement_id="m1", image_id=image_id, kind="length", points_px=points, author="Ada")
    do(edits.add_measurement(length))
    proposal = Proposal(proposal_id="p1", prediction_id="q1", image_id=image_id, label="nodule", score=0.5, shape=BOX)
    project.predictions.add(
        Prediction(
            prediction_id="q1", image_id=image_id, model_hash="h", model_name="m", kind="detection",
            created="2026-01-01", threshold=0.4, proposals=(proposal,),
        )
    )  # fmt: skip
    do(edits.reject(project.predictions.get_proposal("p1")))
    do(edits.set_status(project.cases.get(project.images.get(image_id).case_id), CaseStatus.COMPLETE))


def state(project: Project, image_id: str) -> object:
    """Everything on an image and of its case, as the project says it."""
    case = project.cases.get(project.images.get(image_id).case_id)
    drawn, said = project.work.annotations(image_id), project.work.image_labels(image_id)
    return case, drawn, said, project.work.measurements(image_id), project.work.proposals(image_id)


def test_a_case_is_taken_out_after_its_work_was_counted_and_comes_back_with_all_of_it(
    project: Project, image_id: str, folder: Path
) -> None:
    work_on(project, image_id)
    before, everything = state(project, image_id), project.cases.all()
    case = project.cases.get(project.images.get(image_id).case_id)

    plan = taking_out(project, [case])
    assert plan.sentence == (
        "1 case with 1 image: 2 boxes, 1 mask, 1 answer about a whole image, 1 measurement, 1 decision on a proposal "
        "and 1 complete case go with it."
    )
    project.history.do(plan.edit)

    assert [row.case_id for row in project.cases.all()] == [row.case_id for row in everything[1:]]
    assert project.images.count() == 7
    with pytest.raises(NotFound):
        project.images.get(image_id)
    assert not project.work.annotations(image_id)
    assert not project.predictions.all()
    assert verify(folder).ok

    project.history.undo()

    assert state(project, image_id) == before
    assert project.cases.all() == everything
    assert verify(folder).ok


def test_it_comes_back_also_after_a_restart_and_goes_again_with_redo(
    project: Project, image_id: str, folder: Path
) -> None:
    work_on(project, image_id)
    before = state(project, image_id)
    project.history.do(taking_out(project, project.cases.all()[:1]).edit)
    project.close()

    with Project.open(folder, writable=True, author="Ada") as again:
        again.history.undo()
        assert state(again, image_id) == before
        again.history.redo()
        assert again.images.count() == 7
    assert verify(folder).ok


def test_a_case_that_was_taken_out_and_is_added_again_is_an_untouched_one(
    project: Project, image_id: str, new_image: Callable[..., NewImage]
) -> None:
    work_on(project, image_id)
    project.history.do(taking_out(project, project.cases.all()[:1]).edit)

    ids = project.images.note([new_image(0, "P000")])
    project.history.do(edits.add_images(project.images.outside(ids)))

    assert ids == [image_id]
    case = project.cases.all()[0]
    assert (case.first_image_id, case.status) == (image_id, CaseStatus.TO_DO)
    assert not project.work.annotations(image_id)
    assert not project.work.image_labels(image_id)
    assert [one.decision for one in project.work.proposals(image_id)] == [Decision.UNDECIDED]


def test_the_undo_of_adding_takes_images_away_on_which_nobody_has_worked(
    project: Project, new_image: Callable[..., NewImage], folder: Path
) -> None:
    ids = project.images.note([new_image(number) for number in range(10, 14)])
    assert project.images.count() == 8
    project.history.do(edits.add_images(ids))
    assert project.images.count() == 12
    assert project.history.undo_text == "add 4 images"
    project.close()

    with Project.open(folder, writable=True, author="Grace") as hers:
        hers.history.do(edits.add_annotation(ids[2], "nodule", BOX, author="Grace"))
    with Project.open(folder, writable=True, author="Ada") as his:
        his.history.undo()

        assert [one.image_id for one in his.images.all()][8:] == [ids[2]], "somebody has worked on it"
        assert len(his.work.annotations(ids[2])) == 1
    assert verify(folder).ok


def test_a_series_stays_whole_where_one_of_its_images_was_worked_on(
    tmp_path: Path, new_image: Callable[..., NewImage]
) -> None:
    with Project.create(tmp_path / "p", case_unit="series", author="Ada") as project:
        ids = project.images.note([new_image(n, series_id="s1", study_uid="1.2") for n in range(3)])
        project.history.do(edits.add_images(ids))
        project.close()
    with Project.open(tmp_path / "p", writable=True, author="Grace") as hers:
        hers.history.do(edits.add_annotation(ids[1], "nodule", BOX, author="Grace"))
    with Project.open(tmp_path / "p", writable=True, author="Ada") as his:
        his.history.undo()

        assert his.images.count() == 3


def test_taking_out_twice_is_refused_in_words(project: Project) -> None:
    edit = taking_out(project, project.cases.all()[:1]).edit
    project.history.do(edit)

    with pytest.raises(BadRequest, match=r"0000\.png has been taken out of the project since by Ada"):
        project.history.do(edit)


SINCE: dict[str, Callable[[Project, str], Edit]] = {
    "a shape": lambda project, image: edits.add_annotation(image, "nodule", BOX, author="Bob"),
    "an answer": lambda project, image: edits.say_image_label(image, "normal", before=None, after=Verdict.NO),
    "a measurement": lambda project, image: edits.add_measurement(
        Measurement(measurement_id="m2", image_id=image, kind="length", points_px=((1.0, 2.0), (3.0, 4.0)))
    ),
    "a decision": lambda project, image: edits.reject(project.predictions.get_proposal("p7")),
    "a status": lambda project, image: edits.set_status(
        project.cases.get(project.images.get(image).case_id), CaseStatus.COMPLETE
    ),
}


@pytest.mark.parametrize("what", SINCE)
def test_what_has_come_since_it_was_planned_does_not_leave_unseen_with_its_case(
    project: Project, image_id: str, folder: Path, what: str
) -> None:
    project.predictions.add(answer(image_id))
    plan = taking_out(project, project.cases.all()[:1])
    with project.in_reading("Bob") as bob:
        bob.history.do(SINCE[what](bob, image_id))

    with pytest.raises(BadRequest, match=r"0000\.png has been worked on since"):
        project.history.do(plan.edit)

    assert project.images.count() == 8
    project.history.do(taking_out(project, project.cases.all()[:1]).edit)
    assert verify(folder).ok


def test_what_is_measured_of_a_case_that_was_taken_out_meanwhile_is_kept_and_brings_nothing_back(
    project: Project, image_id: str, folder: Path
) -> None:
    measured = SINCE["a measurement"](project, image_id)
    project.history.do(taking_out(project, project.cases.all()[:1]).edit)

    project.history.do(measured)

    assert (project.images.count(), len(project.work.measurements(image_id))) == (7, 1)
    project.history.undo()
    assert project.work.measurements(image_id) == ()
    assert verify(folder).ok


@pytest.mark.parametrize("what", [one for one in SINCE if one != "a measurement"])
def test_nothing_is_said_of_a_case_that_was_taken_out_meanwhile(project: Project, image_id: str, what: str) -> None:
    project.predictions.add(answer(image_id))
    edit = SINCE[what](project, image_id)
    project.history.do(taking_out(project, project.cases.all()[:1]).edit)
    before = project.revision()

    with pytest.raises(NotFound, match=r"0000\.png is not part of this project, since Ada took it out"):
        project.history.do(edit)

    assert project.revision() == before


def test_a_snapshot_that_was_made_before_stays_as_it_was(project: Project, folder: Path) -> None:
    task = Task(name="nodules", kind="detection", labels=("nodule",))
    for record in project.images.all():
        project.history.do(edits.add_annotation(record.image_id, "nodule", BOX, author="Ada"))
        project.history.do(edits.set_status(project.cases.get(record.case_id), CaseStatus.COMPLETE))
    made = make_snapshot(project, task)
    project.history.do(taking_out(project, project.cases.all()[:3]).edit)

    again = Snapshot.load(folder, made.id)

    assert len(again.items) == 8
    assert project.images.count() == 5
    assert verify(folder).ok


def test_a_project_of_before_opens_for_writing_and_for_reading_with_all_its_images(
    project: Project, folder: Path
) -> None:
    project.close()
    back_to_schema(folder, 2)
    bytes_before = (folder / "project.db").read_bytes()

    with Project.open(folder, writable=False) as read:
        assert read.images.count() == 8
    assert verify(folder).ok
    assert (folder / "project.db").read_bytes() == bytes_before, "reading changes nothing"
    with Project.open(folder, writable=True) as written:
        assert written.images.count() == 8


def answer(image_id: str) -> Prediction:
    """One box of a model."""
    proposal = Proposal(proposal_id="p7", prediction_id="q7", image_id=image_id, label="nodule", score=0.7, shape=BOX)
    return Prediction(
        prediction_id="q7", image_id=image_id, model_hash="h", model_name="m", kind="detection", created="2026-01-01",
        threshold=0.4, proposals=(proposal,),
    )  # fmt: skip


def test_an_answer_about_an_image_outside_changes_no_byte_and_is_kept_when_the_image_enters(
    project: Project, new_image: Callable[..., NewImage], folder: Path
) -> None:
    image = new_image(50)
    tables = [folder / "project.db", folder / "project.db-wal"]
    before = [path.read_bytes() for path in tables]

    project.predictions.add(answer(image.image_id))

    assert [one.prediction_id for one in project.work.predictions(image.image_id)] == ["q7"]
    assert [path.read_bytes() for path in tables] == before
    assert project.images.count() == 8

    project.images.note([image])
    project.history.do(edits.add_images([image.image_id]))
    project.predictions.store_held([image.image_id])
    project.history.do(edits.reject(project.predictions.get_proposal("p7")))
    project.close()
    with Project.open(folder, writable=False) as again:
        assert [one.decision for one in again.work.proposals(image.image_id)] == [Decision.REJECTED]


def test_an_answer_about_an_image_that_was_taken_out_is_kept_by_no_project(project: Project, image_id: str) -> None:
    project.history.do(taking_out(project, project.cases.all()[:1]).edit)

    project.predictions.add(answer(image_id))

    assert project.predictions.held_images == {image_id}


def test_a_project_that_may_only_be_read_shows_answers_and_keeps_none(
    project: Project, image_id: str, folder: Path
) -> None:
    with Project.open(folder, writable=False) as read:
        read.predictions.add(answer(image_id))
        assert [one.prediction_id for one in read.work.predictions(image_id)] == ["q7"]

    assert not project.work.predictions(image_id)
