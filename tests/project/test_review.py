"""Predictions, proposals and the decisions on them."""

from dataclasses import replace
from pathlib import Path

import pytest

from viewer.core.errors import BadRequest, NotFound
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import Decision, Origin, Prediction, Proposal
from viewer.core.shapes.kinds.box import Box
from viewer.project import edit_builders as edits
from viewer.project.project import Project
from viewer.project.verify import verify

BOX = Box(x0_px=2, y0_px=3, x1_px=12, y1_px=9)


def add_prediction(project: Project, image_id: str, name: str = "a", model: str = "m" * 64) -> Prediction:
    """One box and one whole-image class."""
    proposals = tuple(
        Proposal(
            proposal_id=f"{name}{number}" + "0" * 30,
            prediction_id=f"prediction-{name}",
            image_id=image_id,
            label=label,
            score=score,
            shape=shape,
        )
        for number, (label, score, shape) in enumerate((("nodule", 0.91, BOX), ("pneumonia", 0.7, None)))
    )
    prediction = Prediction(
        prediction_id=f"prediction-{name}",
        image_id=image_id,
        model_hash=model,
        model_name="detector",
        kind="detection",
        created="2026-11-21T12:00:00",
        threshold=0.5,
        scores={"pneumonia": 0.7},
        proposals=proposals,
    )
    project.predictions.add(prediction)
    return prediction


def test_a_prediction_is_kept_whole_and_undecided(project: Project, image_id: str) -> None:
    prediction = add_prediction(project, image_id)

    assert project.predictions.latest(image_id) == prediction
    assert project.work.predictions(image_id) == (prediction,)
    assert project.work.proposals(image_id) == prediction.proposals
    assert project.work.annotations(image_id) == ()
    assert project.work.image_labels(image_id) == {}


def test_the_latest_prediction_of_a_model_is_the_one_added_last(project: Project, image_id: str) -> None:
    add_prediction(project, image_id, "a", "1" * 64)
    second = add_prediction(project, image_id, "b", "2" * 64)
    third = add_prediction(project, image_id, "c", "1" * 64)

    assert project.predictions.latest(image_id) == third
    assert project.predictions.latest(image_id, "2" * 64) == second
    assert project.predictions.latest(image_id, "3" * 64) is None


def test_accepting_writes_annotation_decision_and_link_together_and_undo_takes_all_back(
    folder: Path, project: Project, image_id: str
) -> None:
    box, _ = add_prediction(project, image_id).proposals

    project.history.do(edits.accept(box, author="Ada"))

    (annotation,) = project.work.annotations(image_id)
    assert (annotation.origin, annotation.proposal_id, annotation.shape) == (Origin.ACCEPTED, box.proposal_id, BOX)
    now = project.predictions.get_proposal(box.proposal_id)
    assert (now.decision, now.annotation_id) == (Decision.ACCEPTED, annotation.annotation_id)
    assert project.predictions.all(Decision.UNDECIDED)[0].label == "pneumonia"

    project.history.undo()
    assert project.work.annotations(image_id) == ()
    assert project.predictions.get_proposal(box.proposal_id) == box
    project.history.redo()
    assert project.predictions.get_proposal(box.proposal_id) == now
    assert verify(folder).ok


def test_correcting_keeps_where_it_came_from(project: Project, image_id: str) -> None:
    box, _ = add_prediction(project, image_id).proposals
    better = replace(BOX, x1_px=15)

    project.history.do(edits.correct(box, author="Ada", shape=better, label="cyst"))

    (annotation,) = project.work.annotations(image_id)
    assert (annotation.shape, annotation.label, annotation.origin) == (better, "cyst", Origin.CORRECTED)
    assert annotation.proposal_seen
    assert project.predictions.get_proposal(box.proposal_id).decision is Decision.CORRECTED


def test_accepting_a_whole_image_class_says_yes(project: Project, image_id: str) -> None:
    _, pneumonia = add_prediction(project, image_id).proposals
    project.history.do(edits.say_image_label(image_id, "pneumonia", before=None, after=Verdict.NO))

    labels = project.work.image_labels(image_id)
    project.history.do(edits.accept(pneumonia, author="Ada", image_labels=labels))
    assert project.work.image_labels(image_id) == {"pneumonia": Verdict.YES}

    project.history.undo()
    assert project.work.image_labels(image_id) == {"pneumonia": Verdict.NO}


def test_correcting_a_whole_image_class_says_no_or_another_label(project: Project, image_id: str) -> None:
    _, first = add_prediction(project, image_id, "a").proposals
    _, second = add_prediction(project, image_id, "b").proposals

    project.history.do(edits.correct(first, author="Ada", image_labels=project.work.image_labels(image_id)))
    labels = project.work.image_labels(image_id)
    project.history.do(edits.correct(second, author="Ada", label="normal", image_labels=labels))

    assert project.work.image_labels(image_id) == {"pneumonia": Verdict.NO, "normal": Verdict.YES}


def test_rejecting_writes_nothing_on_the_image(project: Project, image_id: str) -> None:
    box, _ = add_prediction(project, image_id).proposals

    project.history.do(edits.reject(box))

    assert project.work.annotations(image_id) == ()
    assert project.predictions.get_proposal(box.proposal_id).decision is Decision.REJECTED


def test_a_proposal_is_decided_once(project: Project, image_id: str) -> None:
    box, _ = add_prediction(project, image_id).proposals
    project.history.do(edits.reject(box))

    with pytest.raises(BadRequest, match="already"):
        edits.accept(project.predictions.get_proposal(box.proposal_id), author="Ada")
    with pytest.raises(BadRequest, match="decided on since"):  # somebody who still holds the old proposal
        project.history.do(edits.accept(box, author="Ada"))
    assert project.work.annotations(image_id) == ()


def test_an_unknown_proposal_is_not_found(project: Project) -> None:
    with pytest.raises(NotFound):
        project.predictions.get_proposal("nothing")
