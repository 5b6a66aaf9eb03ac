"""A task of numbers: what of images enters its snapshot, and how it follows the catalogue."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.project.conftest import made_up_image
from viewer.core.attributes import Attribute, AttributeKind
from viewer.core.edits import CaseStatusChange, Edit
from viewer.core.errors import BadRequest
from viewer.core.shapes.annotations import CaseStatus, Prediction
from viewer.core.values import Quantity, Target, TargetKind
from viewer.project.answers import say
from viewer.project.attributes.edits import declare, removing, rename
from viewer.project.project import Project
from viewer.project.records import Task
from viewer.project.snapshots.card import part_counts
from viewer.project.snapshots.file import read_places
from viewer.project.snapshots.snapshot import Snapshot, make_snapshot
from viewer.project.task_labels import labels_to_learn

AGE = Attribute(scope="image", label="", name="age", position=0, kind=AttributeKind.NUMBER, unit="a")
WEIGHT = Attribute(scope="image", label="", name="weight", position=1, kind=AttributeKind.NUMBER, unit="kg")
TASK = Task(name="ages", kind="regression", labels=("age", "weight"))


@pytest.fixture
def asked(project: Project) -> Project:
    """Twelve films of as many patients: the age of all but the last, the weight of the first six; all complete."""
    for attribute in (AGE, WEIGHT):
        project.history.do(declare(attribute))
    ids = project.images.register([made_up_image(number, f"P{number}") for number in range(12)])
    for number, image_id in enumerate(ids):
        target = Target(kind=TargetKind.IMAGE, target_id=image_id)
        if number < 11:
            project.history.do(say(project, target, "age", Quantity(number=20 + number / 2, unit="a")))
        if number < 6:
            project.history.do(say(project, target, "weight", Quantity(number=60 + number, unit="kg")))
        case = project.images.get(image_id).case_id
        before = project.cases.get(case).status
        done = CaseStatusChange(case_id=case, before=before, after=CaseStatus.COMPLETE)
        project.history.do(Edit(text="complete", changes=(done,)))
    return project


def test_known_numbers_enter_and_unknown_ones_stay_unknown(asked: Project) -> None:
    snapshot = make_snapshot(asked, TASK)

    numbers = sorted((item.numbers for item in snapshot.items), key=lambda one: one["age"])
    assert numbers == [
        {"age": 20 + number / 2, **({"weight": 60.0 + number} if number < 6 else {})} for number in range(11)
    ]
    assert all((item.labels, item.boxes, item.masks) == ({}, (), ()) for item in snapshot.items)
    assert snapshot.card["left_out"] == {"none of the task's numbers": 1}
    assert snapshot.card["units"] == {"age": "a", "weight": "kg"}
    assert snapshot.card["numbers"] == {"age": {"known": 11, "unknown": 0}, "weight": {"known": 6, "unknown": 5}}
    known = [counts.of_label["weight"]["known"] for counts in part_counts(snapshot.card).values()]
    assert sum(known) == 6
    shown = [place.shows for place in read_places(snapshot.folder / "items.db")]
    assert sum("age" in one for one in shown) == 11 and sum("weight" in one for one in shown) == 6


def test_another_number_makes_another_snapshot_and_the_same_ones_the_same(asked: Project) -> None:
    first = make_snapshot(asked, TASK)
    image_id = first.items[0].image_id

    assert make_snapshot(asked, TASK).id == first.id
    target = Target(kind=TargetKind.IMAGE, target_id=image_id)
    asked.history.do(say(asked, target, "age", Quantity(number=99.5, unit="a")))
    case = asked.images.get(image_id).case_id
    if asked.cases.get(case).status is not CaseStatus.COMPLETE:
        change = CaseStatusChange(case_id=case, before=asked.cases.get(case).status, after=CaseStatus.COMPLETE)
        asked.history.do(Edit(text="complete", changes=(change,)))
    other = make_snapshot(asked, TASK)
    assert other.id != first.id
    assert {item.image_id: item.numbers["age"] for item in other.items}[image_id] == 99.5
    assert Snapshot.load(asked.folder, first.id).items[0].numbers == first.items[0].numbers


def test_a_task_of_numbers_follows_the_catalogue(asked: Project) -> None:
    asked.tasks.put(TASK)
    assert labels_to_learn(asked, "number") == ["age", "weight"]

    asked.history.do(rename(AGE, "years"))
    assert asked.tasks.get("ages").labels == ("years", "weight")
    asked.history.undo()
    assert asked.tasks.get("ages").labels == ("age", "weight")

    asked.history.do(removing(asked, WEIGHT).edit)
    assert asked.tasks.get("ages").labels == ("age",)
    asked.history.undo()
    assert asked.tasks.get("ages").labels == ("age", "weight")


def test_where_no_number_is_known_nothing_enters(asked: Project) -> None:
    nobody = replace(WEIGHT, name="height", position=2)
    asked.history.do(declare(nobody))

    with pytest.raises(BadRequest, match="No image is ready for the task ages"):
        make_snapshot(asked, replace(TASK, labels=("height",)))


def test_a_predicted_number_is_kept_with_its_unit(asked: Project, tmp_path: Path) -> None:
    image_id = asked.images.all()[0].image_id
    said = {"age": Quantity(number=43.25, unit="a"), "cells": Quantity(number=7.0)}
    prediction = Prediction(
        prediction_id="c" * 32, image_id=image_id, model_hash="h", model_name="m", kind="regression", created="now",
        threshold=0.5, labels=("age", "cells"), numbers=said,
    )  # fmt: skip

    asked.predictions.add(prediction)

    kept = asked.predictions.get("c" * 32)
    assert (kept.numbers, kept.scores, kept.proposals) == (said, {}, ())
