"""An answer keeps what its model tells apart, so that it is read by the rule it was judged by."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.project.older_schema import back_to_schema
from viewer.core.shapes.annotations import Prediction, Proposal
from viewer.project.lists.answered import answered_images, images_to_ask
from viewer.project.project import Project

ON_FILES = {
    "test_an_answer_of_an_older_project_is_read_as_it_was_then": "a file of an older schema",
    "test_asking_the_model_again_gives_an_older_answer_its_rule_and_keeps_its_decisions": "a file of an older schema",
}

SCORES = {"NORMAL": 0.55, "PNEUMONIA": 0.45}


def two_labels(image_id: str) -> Prediction:
    return Prediction(
        prediction_id="p" * 32,
        image_id=image_id,
        model_hash="m" * 64,
        model_name="two",
        kind="classification",
        created="2026-11-29T12:00:00",
        threshold=0.42,
        scores=SCORES,
        proposals=tuple(
            Proposal(proposal_id=label, prediction_id="p" * 32, image_id=image_id, label=label, score=score)
            for label, score in SCORES.items()
        ),
        labels=("NORMAL", "PNEUMONIA"),
        exclusive=True,
    )


def test_labels_and_their_order_are_kept_with_an_answer(folder: Path, project: Project, image_id: str) -> None:
    prediction = two_labels(image_id)
    project.predictions.add(prediction)
    project.close()

    with Project.open(folder, writable=False) as again:
        kept = again.work.predictions(image_id)[0]

    assert kept == prediction
    assert [p.label for p in kept.answer()] == ["PNEUMONIA"]
    assert [p.label for p in kept.answer(0.46)] == ["NORMAL"]


@pytest.mark.parametrize("writable", [False, True])
def test_an_answer_of_an_older_project_is_read_as_it_was_then(
    folder: Path, project: Project, image_id: str, writable: bool
) -> None:
    project.predictions.add(two_labels(image_id))
    project.close()
    back_to_schema(folder, 1)

    with Project.open(folder, writable=writable) as again:
        kept = again.work.predictions(image_id)[0]

    assert kept == replace(two_labels(image_id), labels=(), exclusive=False)
    assert not kept.rule.remembered
    assert [p.label for p in kept.answer()] == ["NORMAL", "PNEUMONIA"]  # each label for itself


def test_asking_the_model_again_gives_an_older_answer_its_rule_and_keeps_its_decisions(
    folder: Path, project: Project, image_id: str
) -> None:
    from viewer.project import edit_builders as edits

    project.predictions.add(two_labels(image_id))
    project.close()
    back_to_schema(folder, 1)

    with Project.open(folder, writable=True) as again:
        again.history.do(edits.reject(again.work.proposals(image_id)[0]))
        decided = again.work.predictions(image_id)[0].proposals
        model_hash, case_id = two_labels(image_id).model_hash, again.cases.all()[0].case_id
        assert answered_images(again, model_hash) == {}, "it is one of those that are asked about"
        assert [one.image_id for one in images_to_ask(again, case_id, model_hash, again=False)[1]] == [image_id]
        again.predictions.keep(replace(two_labels(image_id), threshold=0.9))
        assert answered_images(again, model_hash) == {case_id: {image_id}}
        assert images_to_ask(again, case_id, model_hash, again=False)[1] == []

        assert again.work.predictions(image_id) == (replace(two_labels(image_id), proposals=decided),)
        # A rule that is known is not replaced.
        again.predictions.keep(replace(two_labels(image_id), exclusive=False))
        assert again.work.predictions(image_id)[0].exclusive
