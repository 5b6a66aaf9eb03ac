"""What a model proposes as one thing on several images is listed, accepted, corrected and rejected as one."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.project.conftest import made_up_image
from tests.project.test_objects import BOX, drawn, image, slices
from viewer.core.errors import BadRequest
from viewer.core.shapes.annotations import Decision, Origin, Prediction, Proposal
from viewer.core.shapes.kinds.box import Box
from viewer.project import edit_builders as edits
from viewer.project.counts import label_counts
from viewer.project.deciding_proposals import InTheWay, Over
from viewer.project.objects.deciding import (
    ProposedPart,
    accept_whole,
    correct_whole,
    decision_on,
    in_the_way_of,
    reject_whole,
)
from viewer.project.objects.listing import all_objects
from viewer.project.project import Project
from viewer.project.verify import verify

__all__ = ["slices"]  # a fixture
MODEL = "m" * 64


def proposed(
    project: Project, number: int, object_id: str = "o", label: str = "nodule", model: str = MODEL, times: int = 1
) -> Proposal:
    """One box (or several) on an image, of an answer of its own."""
    image_id, name = image(project, number), f"{number}{object_id}{label}{model[:1]}"
    boxes = tuple(
        Proposal(
            proposal_id=f"{name}-{place}", prediction_id=name, image_id=image_id, label=label, score=0.5 + number / 10,
            shape=BOX, object_id=object_id,
        )
        for place in range(times)
    )  # fmt: skip
    project.predictions.add(
        Prediction(
            prediction_id=name, image_id=image_id, model_hash=model, model_name="run-a", kind="detection",
            created="2026-11-30", threshold=0.5, proposals=boxes,
        )
    )  # fmt: skip
    return boxes[0]


def parts(project: Project, one: Proposal) -> list[ProposedPart]:
    return [
        ProposedPart(proposal=each, prediction=project.predictions.get(each.prediction_id))
        for each in project.predictions.of_object(one)
    ]


def decisions(project: Project, one: Proposal) -> list[Decision]:
    return [each.decision for each in project.predictions.of_object(one)]


def test_it_is_accepted_with_one_edit_as_one_object_and_taken_back_with_one(slices: Project, folder: Path) -> None:
    one, *_ = [proposed(slices, number) for number in (2, 0, 1)]
    assert [part.proposal.image_id for part in parts(slices, one)] == [image(slices, n) for n in range(3)]

    slices.history.do(accept_whole(slices, parts(slices, one)).edit)

    assert slices.history.undo_text == "accept nodule on 3 slices"
    (row,) = all_objects(slices)
    assert (row.label, row.images) == ("nodule", 3)
    assert label_counts(slices, "region") == {"nodule": 1}
    assert decisions(slices, one) == [Decision.ACCEPTED] * 3
    assert {shape.origin for n in range(3) for shape in slices.work.annotations(image(slices, n))} == {Origin.ACCEPTED}
    assert verify(folder).problems == []
    slices.history.undo()
    assert all_objects(slices) == [] and decisions(slices, one) == [Decision.UNDECIDED] * 3
    slices.history.redo()
    assert [row.images for row in all_objects(slices)] == [3]
    with pytest.raises(BadRequest, match="is accepted already; undo that first"):
        accept_whole(slices, parts(slices, one))


def test_it_is_rejected_with_one_edit(slices: Project, folder: Path) -> None:
    one, *_ = [proposed(slices, number) for number in range(2)]
    slices.history.do(reject_whole(slices, parts(slices, one)).edit)
    assert decisions(slices, one) == [Decision.REJECTED] * 2
    assert verify(folder).problems == []
    slices.history.undo()
    assert decisions(slices, one) == [Decision.UNDECIDED] * 2


def test_of_one_that_is_corrected_only_the_shape_that_a_person_changes_is(slices: Project) -> None:
    one, *_ = [proposed(slices, number) for number in range(3)]
    whole = correct_whole(slices, parts(slices, one), one.proposal_id)
    slices.history.do(whole.edit)
    assert decisions(slices, one) == [Decision.CORRECTED, Decision.ACCEPTED, Decision.ACCEPTED]
    assert decision_on(slices.predictions.of_object(one)) is Decision.CORRECTED
    assert [row.images for row in all_objects(slices)] == [3]


def test_another_label_is_that_of_all_of_it(slices: Project) -> None:
    one, *_ = [proposed(slices, number) for number in range(3)]
    slices.history.do(correct_whole(slices, parts(slices, one), one.proposal_id, label="cyst").edit)
    assert [(row.label, row.images) for row in all_objects(slices)] == [("cyst", 3)]
    assert decisions(slices, one) == [Decision.CORRECTED] * 3


def test_a_part_that_came_later_becomes_one_with_those_that_were_taken(slices: Project) -> None:
    one, *_ = [proposed(slices, number) for number in range(2)]
    slices.history.do(accept_whole(slices, parts(slices, one)).edit)
    proposed(slices, 2)
    assert decision_on(slices.predictions.of_object(one)) is Decision.UNDECIDED

    slices.history.do(accept_whole(slices, parts(slices, one)).edit)

    assert slices.history.undo_text == "accept nodule"
    assert [row.images for row in all_objects(slices)] == [3]


def test_what_lies_there_on_any_slice_is_asked_about(slices: Project) -> None:
    one, *_ = [proposed(slices, number) for number in range(3)]
    mine = [drawn(slices, number) for number in (0, 2)]
    assert list(in_the_way_of(slices, parts(slices, one))) == mine
    with pytest.raises(InTheWay, match=r"“nodule” is marked there already \(2 shapes on 2 slices\)"):
        accept_whole(slices, parts(slices, one))

    slices.history.do(accept_whole(slices, parts(slices, one), over=Over.REPLACE).edit)

    assert [row.images for row in all_objects(slices)] == [3]
    slices.history.undo()
    assert [(row.key, row.images) for row in all_objects(slices)] == [(each.object_key, 1) for each in mine]


def test_slices_that_are_cases_of_their_own_get_objects_of_their_own(folder: Path, backend: str) -> None:
    with Project.create(folder, author="Ada") as films:
        films.images.register([made_up_image(n, "P1") for n in range(2)])
        one, *_ = [proposed(films, number) for number in range(2)]
        films.history.do(accept_whole(films, parts(films, one)).edit)
        assert [row.images for row in all_objects(films)] == [1, 1]


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"label": "cyst"}, "has one label and is of one model"),
        ({"model": "n" * 64}, "has one label and is of one model"),
        ({"times": 2}, "one object twice on one image"),
    ],
)
def test_what_cannot_be_one_thing_is_not_kept(slices: Project, how: dict[str, object], words: str) -> None:
    one = proposed(slices, 0)
    with pytest.raises(BadRequest, match=words):
        proposed(slices, 1, **how)  # type: ignore[arg-type]
    assert [each.proposal_id for each in slices.predictions.of_object(one)] == [one.proposal_id]


def test_one_image_is_not_answered_twice_by_one_object(slices: Project) -> None:
    one = proposed(slices, 0)
    again = slices.predictions.get(one.prediction_id)
    other = replace(
        again, prediction_id="again", proposals=(replace(one, proposal_id="again-0", prediction_id="again"),)
    )
    with pytest.raises(BadRequest, match="one object twice on one image"):
        slices.predictions.add(other)


def test_the_answer_of_a_child_names_its_objects() -> None:
    from ml.inference.wire import prediction_document, prediction_of

    box = Box(x0_px=1, y0_px=2, x1_px=3, y1_px=4)
    plain = Proposal(proposal_id="b", prediction_id="p", image_id="i", label="nodule", score=0.5, shape=box)
    told: Sequence[Proposal] = (replace(plain, proposal_id="a", object_id="o"), plain)
    said = Prediction(
        prediction_id="p", image_id="i", model_hash="h", model_name="m", kind="detection", created="", threshold=0.5,
        proposals=tuple(told),
    )  # fmt: skip
    document = prediction_document(said)
    assert ["object_id" in one for one in document["proposals"]] == [True, False]
    assert prediction_of(document) == said


def test_a_person_s_shape_is_removed_and_the_rest_of_the_object_stays(slices: Project) -> None:
    one, *_ = [proposed(slices, number) for number in range(3)]
    slices.history.do(accept_whole(slices, parts(slices, one)).edit)
    slices.history.do(edits.remove_annotation(slices.work.annotations(image(slices, 1))[0]))
    assert [row.images for row in all_objects(slices)] == [2]
    assert decisions(slices, one) == [Decision.ACCEPTED] * 3
