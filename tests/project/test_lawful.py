"""Labels that exclude each other stay lawful in a complete case, whoever touches them and however."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from viewer.core.answers import pressed
from viewer.core.edits import DecisionChange
from viewer.core.errors import BadRequest
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus, Decision, Prediction, Proposal
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.project.deciding_proposals import (
    InTheWay,
    Over,
    exclusive_groups,
    other_labels,
    to_accept,
    to_correct,
    to_reject,
)
from viewer.project.edit_builders import add_annotation, add_label, say_image_label, set_status
from viewer.project.lawful import Unanswered, opened_by
from viewer.project.project import Project
from viewer.project.records import NewImage, Task
from viewer.project.snapshots.snapshot import make_snapshot
from viewer.project.verify import verify
from viewer.ui.flows.label_edits import turn_image_label

YES, NO, NOT_ASSESSED = Verdict.YES, Verdict.NO, Verdict.NOT_ASSESSED
CHEST = Task(name="chest", kind="classification", labels=("NORMAL", "PNEUMONIA"), exclusive=True)


@pytest.fixture
def chest(project: Project) -> Project:
    """A project that asks for NORMAL or PNEUMONIA."""
    for name in CHEST.labels:
        project.history.do(add_label(name, "image", project.labels))
    project.tasks.put(CHEST)
    return project


def say(project: Project, image_id: str, **verdicts: Verdict) -> None:
    said = project.work.image_labels(image_id)
    for label, verdict in verdicts.items():
        project.history.do(say_image_label(image_id, label, before=said.get(label), after=verdict))


def complete(project: Project, image_id: str) -> None:
    project.history.do(set_status(case_of(project, image_id), CaseStatus.COMPLETE))


def case_of(project: Project, image_id: str):  # type: ignore[no-untyped-def]
    return project.cases.get(project.images.get(image_id).case_id)


def answered(
    project: Project, image_id: str, label: str = "PNEUMONIA", *, labels: tuple[str, ...] = (), exclusive: bool = False
) -> tuple[Proposal, Prediction]:
    """One whole-image answer of a model."""
    proposal = Proposal(proposal_id="q" * 32, prediction_id="p", image_id=image_id, label=label, score=0.9)
    prediction = Prediction(
        prediction_id="p", image_id=image_id, model_hash="m" * 64, model_name="m", kind="classification",
        created="2026-11-21T12:00:00", threshold=0.42, scores={label: 0.9}, proposals=(proposal,), labels=labels,
        exclusive=exclusive,
    )  # fmt: skip
    project.predictions.add(prediction)
    return proposal, prediction


def proposed(
    project: Project, image_id: str, shape: Box | MaskRuns, label: str = "nodule", name: str = "s"
) -> Proposal:
    proposal = Proposal(
        proposal_id=name * 32, prediction_id=name, image_id=image_id, label=label, score=0.8, shape=shape
    )
    project.predictions.add(
        Prediction(
            prediction_id=name, image_id=image_id, model_hash="m" * 64, model_name="m",
            kind="segmentation" if isinstance(shape, MaskRuns) else "detection", created="2026-11-21T12:00:00",
            threshold=0.5, proposals=(proposal,),
        )
    )  # fmt: skip
    return proposal


def block(row: int, col: int, side: int = 10) -> MaskRuns:
    mask = np.zeros((60, 40), bool)
    mask[row : row + side, col : col + side] = True
    return MaskRuns.from_array(mask)


def test_accepting_one_of_two_unsets_the_other_in_one_step_and_the_film_stays_in_the_snapshot(
    chest: Project, image_id: str
) -> None:
    say(chest, image_id, NORMAL=YES, PNEUMONIA=NO)
    complete(chest, image_id)
    proposal, prediction = answered(chest, image_id)

    decided = to_accept(chest, proposal, prediction)
    chest.history.do(decided.edit)

    assert chest.work.image_labels(image_id) == {"NORMAL": NO, "PNEUMONIA": YES}
    assert decided.words == "“PNEUMONIA” is yes, “NORMAL” is no. “NORMAL” was yes before."
    assert case_of(chest, image_id).status is CaseStatus.COMPLETE
    other = chest.images.all()[2].image_id
    say(chest, other, NORMAL=YES, PNEUMONIA=NO)
    complete(chest, other)
    assert {item.image_id for item in make_snapshot(chest, CHEST, split=(0.5, 0.5, 0.0)).items} == {image_id, other}
    for _ in range(4):  # the other film: its status, two labels; then the decision
        chest.history.undo()
    assert chest.work.image_labels(image_id) == {"NORMAL": YES, "PNEUMONIA": NO}


def test_correcting_one_of_two_says_the_other_and_no_alone_is_refused(chest: Project, image_id: str) -> None:
    say(chest, image_id, NORMAL=NO, PNEUMONIA=YES)
    complete(chest, image_id)
    proposal, prediction = answered(chest, image_id)
    assert other_labels(chest, proposal, prediction) == ("NORMAL",)

    with pytest.raises(BadRequest, match="say which one holds, “NORMAL”"):
        to_correct(chest, proposal, prediction)
    with pytest.raises(BadRequest, match="“Fracture” is no label of the task of “PNEUMONIA”"):
        to_correct(chest, proposal, prediction, label="Fracture")
    chest.history.do(to_correct(chest, proposal, prediction, label="NORMAL").edit)

    assert chest.work.image_labels(image_id) == {"NORMAL": YES, "PNEUMONIA": NO}
    assert case_of(chest, image_id).status is CaseStatus.COMPLETE
    assert chest.predictions.get_proposal(proposal.proposal_id).decision is Decision.CORRECTED


def test_rejecting_keeps_what_a_person_said_otherwise(chest: Project, image_id: str) -> None:
    say(chest, image_id, NORMAL=YES, PNEUMONIA=NO)
    complete(chest, image_id)
    proposal, prediction = answered(chest, image_id)

    decided = to_reject(chest, proposal, prediction)
    chest.history.do(decided.edit)

    assert decided.words == "Rejected: the label stays “NORMAL”."
    assert chest.work.image_labels(image_id) == {"NORMAL": YES, "PNEUMONIA": NO}
    assert case_of(chest, image_id).status is CaseStatus.COMPLETE


def test_rejecting_what_a_person_said_too_opens_the_case_again_in_the_same_step(chest: Project, image_id: str) -> None:
    say(chest, image_id, NORMAL=NO, PNEUMONIA=YES)
    complete(chest, image_id)
    proposal, prediction = answered(chest, image_id)

    decided = to_reject(chest, proposal, prediction)
    kept = chest.history.do(decided.edit)

    assert decided.words == "Rejected: “PNEUMONIA” is no. Say which one holds: “NORMAL”."
    assert opened_by(kept) == (case_of(chest, image_id).case_id,)
    assert case_of(chest, image_id).status is CaseStatus.IN_PROGRESS
    assert chest.work.image_labels(image_id) == {"PNEUMONIA": NO}
    assert pressed("NORMAL", chest.work.image_labels(image_id), (("NORMAL", "PNEUMONIA"),)) is YES
    chest.history.undo()
    assert case_of(chest, image_id).status is CaseStatus.COMPLETE
    assert chest.work.image_labels(image_id) == {"NORMAL": NO, "PNEUMONIA": YES}


def test_rejecting_where_nothing_was_said_says_no(chest: Project, image_id: str) -> None:
    proposal, prediction = answered(chest, image_id)

    chest.history.do(to_reject(chest, proposal, prediction).edit)

    assert chest.work.image_labels(image_id) == {"PNEUMONIA": NO}


@pytest.mark.parametrize(
    "said", [{}, {"PNEUMONIA": NO}, {"NORMAL": NO, "PNEUMONIA": NO}, {"NORMAL": YES, "PNEUMONIA": YES}]
)
def test_a_case_without_one_answer_cannot_be_completed(chest: Project, image_id: str, said: dict[str, Verdict]) -> None:
    say(chest, image_id, **said)

    why = r"(none of “NORMAL”, “PNEUMONIA” is|“NORMAL” and “PNEUMONIA” are) said"
    with pytest.raises(Unanswered, match=f"cannot be complete yet: {why}"):
        complete(chest, image_id)

    assert case_of(chest, image_id).status is not CaseStatus.COMPLETE
    assert verify(chest.folder).ok


def test_not_assessed_is_an_answer_to_the_whole_question(chest: Project, image_id: str) -> None:
    for _ in range(3):  # yes, no, not assessed
        chest.history.do(turn_image_label(chest, image_id, "NORMAL"))

    assert chest.work.image_labels(image_id) == {"NORMAL": NOT_ASSESSED, "PNEUMONIA": NOT_ASSESSED}
    complete(chest, image_id)


def test_the_key_of_the_other_label_changes_the_answer_at_once(chest: Project, image_id: str) -> None:
    chest.history.do(turn_image_label(chest, image_id, "NORMAL"))
    chest.history.do(turn_image_label(chest, image_id, "PNEUMONIA"))

    assert chest.work.image_labels(image_id) == {"NORMAL": NO, "PNEUMONIA": YES}


def test_a_key_that_takes_the_answer_out_of_a_complete_case_opens_it(chest: Project, image_id: str) -> None:
    chest.history.do(turn_image_label(chest, image_id, "NORMAL"))
    complete(chest, image_id)

    chest.history.do(turn_image_label(chest, image_id, "NORMAL"))

    assert case_of(chest, image_id).status is CaseStatus.IN_PROGRESS


def test_a_question_that_another_answer_settles_is_answered(chest: Project, image_id: str) -> None:
    """Bacteria or virus is no question where normal holds, if one task says that they exclude each other."""
    for task in (("NORMAL", "BACTERIA", "VIRUS"), ("BACTERIA", "VIRUS")):
        chest.tasks.put(Task(name=f"of {len(task)}", kind="classification", labels=task, exclusive=True))
    say(chest, image_id, NORMAL=YES)

    complete(chest, image_id)

    assert case_of(chest, image_id).status is CaseStatus.COMPLETE


def test_a_series_is_answered_on_one_of_its_images(
    folder: Path, tmp_path: Path, new_image: Callable[..., NewImage]
) -> None:
    with Project.create(tmp_path / "series", author="Ada", case_unit="series") as project:
        project.images.register([new_image(number, series_id="s", study_uid="1") for number in range(3)])
        project.tasks.put(CHEST)
        first, second, _ = (record.image_id for record in project.images.all())
        with pytest.raises(Unanswered):
            complete(project, first)
        say(project, second, NORMAL=YES)
        complete(project, first)

        say(project, first, PNEUMONIA=NO)  # says something now, but no answer

        assert case_of(project, first).status is CaseStatus.IN_PROGRESS
        name = project.images.get(first).path.name  # of several images, the one that is wrong is named
        with pytest.raises(Unanswered, match=f"none of “NORMAL”, “PNEUMONIA” is said on {name}\\. Say which"):
            complete(project, first)


def test_taking_back_what_came_before_a_task_is_refused_where_it_would_leave_no_answer(
    project: Project, image_id: str
) -> None:
    complete(project, image_id)
    say(project, image_id, NORMAL=YES)  # no task asks for it yet
    project.tasks.put(CHEST)

    with pytest.raises(Unanswered, match="Taking back “NORMAL: yes” would leave"):
        project.history.undo()

    assert project.work.image_labels(image_id) == {"NORMAL": YES}
    assert project.history.undo_text == "NORMAL: yes"


def test_a_model_whose_label_is_in_no_task_is_taken_by_its_own_word(project: Project, image_id: str) -> None:
    project.history.do(add_label("NORMAL", "image", project.labels))
    proposal, prediction = answered(project, image_id, labels=("NORMAL", "PNEUMONIA", "COVID"), exclusive=True)
    assert exclusive_groups(project, "PNEUMONIA", prediction) == (("NORMAL", "PNEUMONIA"),)

    project.history.do(to_accept(project, proposal, prediction).edit)

    assert project.work.image_labels(image_id) == {"NORMAL": NO, "PNEUMONIA": YES}


def test_a_project_s_own_task_says_more_than_the_model(chest: Project, image_id: str) -> None:
    chest.tasks.put(Task(name="chest", kind="classification", labels=CHEST.labels, exclusive=False))
    say(chest, image_id, NORMAL=YES)
    proposal, prediction = answered(chest, image_id, labels=CHEST.labels, exclusive=True)

    chest.history.do(to_accept(chest, proposal, prediction).edit)

    assert chest.work.image_labels(image_id) == {"NORMAL": YES, "PNEUMONIA": YES}


def test_a_shape_over_one_of_its_label_replaces_it_or_joins_it(project: Project, image_id: str) -> None:
    mine = Box(x0_px=2, y0_px=2, x1_px=12, y1_px=12)
    project.history.do(add_annotation(image_id, "nodule", mine, author="Ada"))
    project.history.do(add_annotation(image_id, "cyst", mine, author="Ada"))
    over = proposed(project, image_id, Box(x0_px=4, y0_px=4, x1_px=14, y1_px=14))

    with pytest.raises(InTheWay, match="“nodule” is marked there already"):
        to_accept(project, over)
    project.history.do(to_accept(project, over, over=Over.REPLACE).edit)
    assert [(a.label, a.shape) for a in project.work.annotations(image_id)] == [("cyst", mine), ("nodule", over.shape)]

    project.history.undo()
    project.history.do(to_accept(project, over, over=Over.KEEP_BOTH).edit)
    assert [a.shape for a in project.work.annotations(image_id)] == [mine, mine, over.shape]


@pytest.mark.parametrize(("x0_px", "asks"), [(2.0, True), (9.4, True), (9.6, False), (12.0, False)])
def test_a_quarter_of_the_smaller_one_is_the_same_place(
    project: Project,
    image_id: str,
    x0_px: float,
    asks: bool,
) -> None:
    project.history.do(add_annotation(image_id, "nodule", Box(x0_px=2, y0_px=2, x1_px=12, y1_px=12), author="Ada"))
    over = proposed(project, image_id, Box(x0_px=x0_px, y0_px=2, x1_px=x0_px + 10, y1_px=12))

    if asks:
        with pytest.raises(InTheWay):
            to_accept(project, over)
    else:
        to_accept(project, over)


def test_pixels_that_another_label_of_an_exclusive_task_holds_stay_its_own(project: Project, image_id: str) -> None:
    project.tasks.put(Task(name="organs", kind="segmentation", labels=("lung", "heart"), exclusive=True))
    project.history.do(add_annotation(image_id, "heart", block(0, 0), author="Ada"))
    complete(project, image_id)
    over = proposed(project, image_id, block(5, 5), "lung")

    decided = to_accept(project, over)
    project.history.do(decided.edit)

    heart, lung = project.work.annotations(image_id)
    assert heart.shape == block(0, 0)
    assert isinstance(lung.shape, MaskRuns) and lung.shape.area_px == 100 - 25
    assert not (lung.shape.to_array() & block(0, 0).to_array()).any()
    assert decided.words == "25 pixels of it stay “heart”, as they were."
    assert case_of(project, image_id).status is CaseStatus.COMPLETE


def test_a_mask_over_another_label_of_an_exclusive_task_opens_its_case(project: Project, image_id: str) -> None:
    project.tasks.put(Task(name="organs", kind="segmentation", labels=("lung", "heart"), exclusive=True))
    project.history.do(add_annotation(image_id, "heart", block(0, 0), author="Ada"))
    complete(project, image_id)

    project.history.do(add_annotation(image_id, "lung", block(9, 9), author="Ada"))

    assert case_of(project, image_id).status is CaseStatus.IN_PROGRESS
    with pytest.raises(Unanswered, match="lung and heart share 1 pixels"):
        complete(project, image_id)


def test_a_decision_keeps_the_threshold_it_was_made_at(project: Project, image_id: str) -> None:
    over = proposed(project, image_id, Box(x0_px=4, y0_px=4, x1_px=14, y1_px=14))

    project.history.do(to_accept(project, over, threshold=0.2).edit)

    stored = project.history.next_undo()
    assert stored is not None
    assert [c.threshold for c in stored.changes if isinstance(c, DecisionChange)] == [0.2]
