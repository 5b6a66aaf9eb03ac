"""What a model proposes slice by slice is one finding where it is one thing; what was decided on is left as it is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.project.test_objects import image, slices
from viewer.core.errors import NotWritable
from viewer.core.shapes.annotations import Decision, Prediction, Proposal
from viewer.core.shapes.kinds.box import Box
from viewer.project.objects.deciding import ProposedPart, accept_whole, reject_whole
from viewer.project.objects.joining import Joined, in_order
from viewer.project.objects.joining import join_slices as join_sized
from viewer.project.objects.listing import all_objects
from viewer.project.project import Project
from viewer.project.records import NewImage
from viewer.project.samples.stacks import Slice, Stack
from viewer.project.verify import verify
from viewer.reading.series import FrameRef

__all__ = ["slices"]  # a fixture
MODEL = "m" * 64


def answered(project: Project, number: int, *boxes: tuple[float, float], model: str = MODEL) -> None:
    """The model's answer about a slice of the first series; see `answered_of`."""
    answered_of(project, image(project, number), f"{model[:1]}{number}", *boxes, model=model)


def answered_of(
    project: Project, image_id: str, name: str, *boxes: tuple[float, float], model: str = MODEL
) -> None:  # fmt: skip
    """The model's answer about an image. boxes: (left edge, score) of boxes 10 px wide; its operating point is 0.5."""
    proposals = tuple(
        Proposal(
            proposal_id=f"{name}-{place}", prediction_id=name, image_id=image_id, label="nodule", score=score,
            shape=Box(x0_px=left, y0_px=5, x1_px=left + 10, y1_px=15),
        )
        for place, (left, score) in enumerate(boxes)
    )  # fmt: skip
    project.predictions.add(
        Prediction(
            prediction_id=name, image_id=image_id, model_hash=model, model_name="run-a", kind="detection",
            created="2026-11-30", threshold=0.5, proposals=proposals, labels=("nodule",),
        )
    )  # fmt: skip


def objects(project: Project) -> dict[str, str]:
    return {one.proposal_id: one.object_id for one in project.predictions.all()}


def parts(project: Project, proposal_id: str) -> list[ProposedPart]:
    one = project.predictions.get_proposal(proposal_id)
    return [
        ProposedPart(proposal=each, prediction=project.predictions.get(each.prediction_id))
        for each in project.predictions.of_object(one)
    ]


def join_slices(project: Project, image_ids: list[str], model: str) -> Joined:
    return join_sized(project, image_ids, model, rows=60, cols=40)


def stack(project: Project) -> list[str]:
    return [image(project, number) for number in range(4)]


def test_a_nodule_on_three_slices_is_one_finding_and_is_accepted_as_one(slices: Project, folder: Path) -> None:
    answered(slices, 0, (1, 0.9), (20, 0.8))
    answered(slices, 1, (2, 0.7))
    answered(slices, 2, (3, 0.6))
    told = join_slices(slices, stack(slices), MODEL)

    assert (told.shapes, told.findings) == (3, 1)
    assert told.words == "3 shapes on neighbouring slices lie over each other: 1 finding."
    assert objects(slices) == {"m0-0": "m0-0", "m0-1": "", "m1-0": "m0-0", "m2-0": "m0-0"}
    assert verify(folder).problems == []
    slices.history.do(accept_whole(slices, parts(slices, "m1-0")).edit)
    assert [(row.label, row.images) for row in all_objects(slices)] == [("nodule", 3)]
    assert verify(folder).problems == []
    slices.history.undo()
    assert all_objects(slices) == []


def test_only_what_the_model_proposes_at_its_operating_point_is_joined(slices: Project) -> None:
    for number, score in enumerate((0.9, 0.49, 0.9, 0.5)):
        answered(slices, number, (1, score))

    assert join_slices(slices, stack(slices), MODEL).findings == 1
    assert objects(slices) == {"m0-0": "", "m1-0": "", "m2-0": "m2-0", "m3-0": "m2-0"}


def test_a_slice_that_was_not_asked_about_parts_what_lies_beside_it(slices: Project) -> None:
    for number in (0, 1, 3):
        answered(slices, number, (1, 0.9))
    join_slices(slices, stack(slices), MODEL)
    assert objects(slices) == {"m0-0": "m0-0", "m1-0": "m0-0", "m3-0": ""}

    answered(slices, 2, (1, 0.9))
    assert join_slices(slices, ["", *stack(slices), "unknown"], MODEL).findings == 1, "it is joined anew"
    assert set(objects(slices).values()) == {"m0-0"}
    before = slices.revision()
    join_slices(slices, stack(slices), MODEL)
    assert slices.revision() == before, "nothing was written where nothing is another"


def test_of_another_model_is_another_thing(slices: Project) -> None:
    answered(slices, 0, (1, 0.9))
    answered(slices, 1, (1, 0.9), model="n" * 64)

    assert join_slices(slices, stack(slices), MODEL).findings == 0
    assert set(objects(slices).values()) == {""}


def test_what_was_decided_on_in_any_reading_stays_as_it_is(slices: Project, folder: Path) -> None:
    for number in range(4):
        answered(slices, number, (1, 0.9))
    with slices.in_reading("Bob") as bobs:
        bobs.history.do(reject_whole(bobs, parts(bobs, "m1-0")).edit)

    join_slices(slices, stack(slices), MODEL)

    assert objects(slices) == {"m0-0": "", "m1-0": "", "m2-0": "m2-0", "m3-0": "m2-0"}
    slices.history.do(accept_whole(slices, parts(slices, "m2-0")).edit)
    join_slices(slices, stack(slices), MODEL)
    assert objects(slices) == {"m0-0": "", "m1-0": "", "m2-0": "m2-0", "m3-0": "m2-0"}
    assert slices.predictions.get_proposal("m3-0").decision is Decision.ACCEPTED
    assert verify(folder).problems == []


def test_a_part_of_one_that_was_decided_on_is_not_taken_from_it(slices: Project) -> None:
    for number in range(3):
        answered(slices, number, (1, 0.9))
    join_slices(slices, stack(slices), MODEL)
    one = next(part for part in parts(slices, "m0-0") if part.proposal.proposal_id == "m1-0")
    slices.history.do(accept_whole(slices, [one]).edit)

    answered(slices, 3, (1, 0.9))
    join_slices(slices, stack(slices), MODEL)

    assert objects(slices) == {"m0-0": "m0-0", "m1-0": "m0-0", "m2-0": "m0-0", "m3-0": ""}


def test_a_project_that_is_open_for_reading_only_says_so(slices: Project, folder: Path) -> None:
    for number in range(2):
        answered(slices, number, (1, 0.9))
    with Project.open(folder, writable=False) as other, pytest.raises(NotWritable):
        join_slices(other, stack(other), MODEL)


def test_what_a_model_itself_says_is_one_thing_stays_that(slices: Project) -> None:
    answered(slices, 0, (1, 0.9))
    answered(slices, 1, (1, 0.9))
    slices.predictions.say_objects({"m0-0": "said by the model"}, stack(slices))

    join_slices(slices, stack(slices), MODEL)

    assert objects(slices) == {"m0-0": "said by the model", "m1-0": ""}


def test_answers_that_no_project_keeps_are_joined_too_and_enter_it_so(
    slices: Project, new_image: Callable[..., NewImage], folder: Path
) -> None:
    """A CT that is only looked at: its images enter the project with the first decision."""
    images = [new_image(n, "P2", series_id="other", study_uid="1.3", of_stack=True) for n in (20, 21)]
    ids = [one.image_id for one in images]
    for number, image_id in enumerate(ids):
        answered_of(slices, image_id, f"h{number}", (1, 0.9))

    told = join_slices(slices, ids, MODEL)

    assert told.findings == 1
    assert [slices.predictions.of_image(one)[0].proposals[0].object_id for one in ids] == ["h0-0", "h0-0"]
    slices.images.register(images)
    slices.predictions.store_held(ids)
    assert objects(slices) == {"h0-0": "h0-0", "h1-0": "h0-0"}
    assert verify(folder).problems == []


def at(number: int, along_mm: float | None) -> Slice:
    ref = FrameRef(
        path=Path(f"{number}.dcm"), frame_index=0, sop_instance_uid="", instance_number="", along_normal_mm=along_mm
    )
    return Slice(ref=ref)


def in_space(*places_mm: float) -> list[str]:
    """The order in space of slices at these places; each is called by its number."""
    held = tuple(at(number, place_mm) for number, place_mm in enumerate(places_mm))
    stack = Stack(series_id="s", study="", modality="CT", description="", slices=held)
    return in_order(stack, {(one.ref.path, 0): str(number) for number, one in enumerate(held)})


def test_where_a_slice_lacks_or_two_lie_at_one_place_the_order_is_parted() -> None:
    assert in_space(0.0, 2.5, 5.0, 7.5) == ["0", "1", "2", "3"]
    assert in_space(0.0, 2.5, 7.5, 10.0) == ["0", "1", "", "2", "3"], "twice the usual distance"
    assert in_space(0.0, 2.5, 2.5, 5.0, 7.5) == ["0", "1", "", "2", "3", "4"]
    assert in_space(0.0) == ["0"] and in_space() == []


def test_what_has_no_place_in_the_patient_is_no_stack() -> None:
    films = Stack(series_id="s", study="", modality="MG", description="", slices=(), nowhere=(at(0, None), at(1, None)))
    assert in_order(films, {(Path("0.dcm"), 0): "a", (Path("1.dcm"), 0): "b"}) == []
