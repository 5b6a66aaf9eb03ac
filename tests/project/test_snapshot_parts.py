"""What a snapshot takes of an image, and which part of it each fold is validated on. Expected values by hand."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.project.test_snapshots import AB, labelled
from viewer.core.edits import CaseStatusChange, Edit
from viewer.core.errors import BadProject, BadRequest, UnknownName
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.kinds.polygon import Polygon
from viewer.core.shapes.shape import Shape
from viewer.project import edit_builders as edits
from viewer.project.project import Project
from viewer.project.records import NewImage, Task
from viewer.project.snapshots.card import CARD_NAME
from viewer.project.snapshots.snapshot import Snapshot, all_snapshots, make_snapshot
from viewer.project.snapshots.split import SplitFile

LUNGS = Task(name="lungs", kind="segmentation", labels=("lung",))
BOXES = Task(name="boxes", kind="detection", labels=("lung",))
EMPTY = MaskRuns(rows=60, cols=40, runs=np.empty((0, 3), np.int32))
MASK = MaskRuns(rows=60, cols=40, runs=np.array([[3, 5, 9], [4, 2, 6]], np.int32))


def drawn(project: Project, image_id: str, *shapes: Shape) -> None:
    """Put the shapes on an image as "lung" and complete its case."""
    for shape in shapes:
        project.history.do(edits.add_annotation(image_id, "lung", shape, author="Ada"))
    case_id = project.images.get(image_id).case_id
    done = CaseStatusChange(case_id=case_id, before=project.cases.get(case_id).status, after=CaseStatus.COMPLETE)
    project.history.do(Edit(text="complete", changes=(done,)))


@pytest.fixture
def folded(project: Project, new_image: Callable[..., NewImage]) -> Snapshot:
    """30 patients of one film each in five folds."""
    labelled(project, new_image, [(f"X{number:02}", "AB"[number % 2]) for number in range(30)])
    return make_snapshot(project, AB, folds=5)


def validated(snapshot: Snapshot, fold: int | None) -> frozenset[str]:
    return frozenset(item.patient_id for item in snapshot.parts(fold)["val"])


def test_each_fold_is_validated_on_patients_of_its_own_choice(folded: Snapshot) -> None:
    parts = [validated(folded, fold) for fold in range(5)]

    # 24 patients remain beside a fold of six; a share of 0.15 is 3.6 of them.
    assert [len(part) for part in parts] == [4, 4, 4, 4, 4]
    assert len(set(parts)) == 5, "one validation part for all would choose every fold's epoch by the same films"


def test_no_fold_is_validated_on_what_it_tests_or_trains_on(folded: Snapshot) -> None:
    for fold in range(5):
        parts = {name: {item.patient_id for item in items} for name, items in folded.parts(fold).items()}
        assert len(parts["test"]) == 6
        assert not parts["val"] & parts["test"] and not parts["val"] & parts["train"]


def test_the_validation_part_is_chosen_by_the_seed(project: Project, folded: Snapshot) -> None:
    other = make_snapshot(project, AB, folds=5, seed=2)

    assert other.seed == 2 and folded.seed == 1
    assert validated(folded, 0) == validated(Snapshot.load(project.folder, folded.id), 0)
    assert validated(other, None) != validated(folded, None)


def test_an_empty_mask_is_no_instance(project: Project, image_id: str) -> None:
    drawn(project, image_id, EMPTY, MASK)

    (item,) = make_snapshot(project, LUNGS).items

    assert item.masks == (("lung", MASK),)


def test_an_image_of_an_empty_mask_alone_shows_none(project: Project, image_id: str) -> None:
    drawn(project, image_id, EMPTY)
    other = next(one.image_id for one in project.images.all() if one.image_id != image_id)
    drawn(project, other, MASK)  # without any there is nothing to learn

    snapshot = make_snapshot(project, LUNGS)

    (item,) = (one for one in snapshot.items if one.image_id == image_id)
    assert item.masks == () and item.complete
    assert snapshot.card["images with none"] == 1 and snapshot.card["instances"] == {"lung": 1}


def test_shapes_of_another_kind_are_taken_as_what_the_task_asks_for(project: Project, image_id: str) -> None:
    triangle = Polygon(points_px=((1.0, 2.0), (9.0, 4.0), (5.0, 12.0)))
    drawn(project, image_id, MASK, EMPTY, triangle, Box(x0_px=1, y0_px=1, x1_px=4, y1_px=4))

    boxes, masks = make_snapshot(project, BOXES), make_snapshot(project, LUNGS)

    assert [box for _, box in boxes.items[0].boxes] == [
        Box(x0_px=2, y0_px=3, x1_px=9, y1_px=5),
        Box(x0_px=1, y0_px=2, x1_px=9, y1_px=12),
        Box(x0_px=1, y0_px=1, x1_px=4, y1_px=4),
    ]
    assert boxes.card["notes"] == [
        "1 mask taken as the box around it",
        "1 polygon taken as the box around it",
    ]
    assert len(masks.items[0].masks) == 2 and masks.items[0].masks[0][1] == MASK
    assert masks.card["notes"] == ["1 box left out, each beside a mask of its label"]


def test_an_image_with_a_box_and_no_mask_of_its_label_does_not_train_as_empty(
    project: Project, new_image: Callable[..., NewImage], image_id: str
) -> None:
    far = Box(x0_px=30, y0_px=30, x1_px=40, y1_px=40)
    drawn(project, image_id, MASK, far)
    (other,) = project.images.register([new_image(99, "P099")])
    drawn(project, other, MASK)

    snapshot = make_snapshot(project, LUNGS)

    assert [item.image_id for item in snapshot.items] == [other]
    reason = "a box is drawn where the task needs a mask"
    assert snapshot.card["left_out"][reason] == 1
    assert snapshot.card["left_out_of"] == {reason: [project.images.get(image_id).path.name]}
    assert len(make_snapshot(project, BOXES).items) == 2  # a task of boxes takes both


@pytest.mark.parametrize(
    ("shape", "task"),
    [
        (Polygon(points_px=((1.1, 1.1), (9.2, 1.2), (9.2, 1.1))), LUNGS),  # between two rows of pixel centres
        (Box(x0_px=-20, y0_px=2, x1_px=-3, y1_px=9), BOXES),
        (Polygon(points_px=((-9.0, 2.0), (-3.0, 2.0), (-3.0, 9.0))), BOXES),
    ],
)
def test_an_image_of_a_shape_that_covers_no_pixel_stays_out_by_name(
    project: Project, image_id: str, shape: Shape, task: Task
) -> None:
    drawn(project, image_id, shape)

    with pytest.raises(BadRequest, match=r"a shape of the task covers no pixel") as none_left:
        make_snapshot(project, task)
    assert project.images.get(image_id).path.name in str(none_left.value)


def test_only_the_labels_of_the_task_are_taken(project: Project, image_id: str) -> None:
    project.history.do(edits.add_annotation(image_id, "heart", MASK, author="Ada"))
    drawn(project, image_id, MASK)

    assert [label for label, _ in make_snapshot(project, LUNGS).items[0].masks] == ["lung"]


def test_the_card_counts_what_is_in_each_fold_and_in_the_pinned_test(
    project: Project, new_image: Callable[..., NewImage]
) -> None:
    labelled(project, new_image, [(f"X{number:02}", "AB"[number % 2]) for number in range(20)])
    first = make_snapshot(project, AB, split=(0.8, 0.0, 0.2))
    tested = {item.patient_id for item in first.parts()["test"]}

    parts = make_snapshot(project, AB, folds=2).card["parts"]

    assert len(tested) == 4 and set(parts) == {"fold 0", "fold 1", "test"}
    assert [parts[name]["images"] for name in ("fold 0", "fold 1", "test")] == [8, 8, 4]
    assert first.card["parts"]["train"]["images"] == 16 and first.card["parts"]["val"]["images"] == 0
    said = first.card["parts"]["train"]["labels"]["A"]
    assert said["yes"] + said["no"] == 16 and said["not assessed"] == said["unknown"] == 0
    assert (first.card["pinned_test_images"], first.card["images"], first.card["patients"]) == (0, 20, 20)


@pytest.mark.parametrize("split", [(0.0, 0.5, 0.5), (-0.1, 0.6, 0.5), (0.7, -0.1, 0.4), (0.7, 0.3)])
def test_shares_that_leave_nothing_to_train_on_or_are_negative_are_refused(
    project: Project, new_image: Callable[..., NewImage], split: tuple[float, float, float]
) -> None:
    labelled(project, new_image, [("P1", "A"), ("P2", "B")])

    with pytest.raises(BadRequest, match="three shares"):
        make_snapshot(project, AB, split=split)


def test_folds_are_two_at_least_and_no_more_than_there_are_patients(
    project: Project, new_image: Callable[..., NewImage]
) -> None:
    labelled(project, new_image, [("P1", "A"), ("P2", "B"), ("P3", "A"), ("P3", "B")])

    assert make_snapshot(project, AB, folds=3).folds == 3 and make_snapshot(project, AB, folds=2).folds == 2
    for folds in (1, 4):
        with pytest.raises(BadRequest, match=f"3 patients can be divided into 2 to 3 folds, not {folds}"):
            make_snapshot(project, AB, folds=folds)


def test_a_fold_that_is_not_there_and_folds_of_a_plain_split_are_refused(
    project: Project, new_image: Callable[..., NewImage], folded: Snapshot
) -> None:
    plain = make_snapshot(project, AB)

    assert folded.parts(0)["test"] and folded.parts(4)["test"]
    for fold in (-1, 5):
        with pytest.raises(BadRequest, match=f"snapshot {folded.id[:8]} has the folds 0 to 4, not {fold}"):
            folded.parts(fold)
    with pytest.raises(BadRequest, match=f"snapshot {plain.id[:8]} has no folds"):
        plain.parts(0)


def test_four_shares_are_refused_too(project: Project, new_image: Callable[..., NewImage]) -> None:
    labelled(project, new_image, [("P1", "A"), ("P2", "B")])

    with pytest.raises(BadRequest, match="three shares"):
        make_snapshot(project, AB, split=(0.4, 0.2, 0.2, 0.2))  # type: ignore[arg-type]


def test_snapshots_are_listed_newest_last_and_one_that_nobody_noted_first(
    project: Project, new_image: Callable[..., NewImage]
) -> None:
    assert all_snapshots(project.folder) == []
    labelled(project, new_image, [(f"X{number}", "AB"[number % 2]) for number in range(4)])
    for seed in (1, 2, 3):
        make_snapshot(project, AB, seed=seed)

    def seeds() -> list[int]:
        return [card["seed"] for card in all_snapshots(project.folder)]

    assert seeds() == [1, 2, 3] and Snapshot.load(project.folder).seed == 3
    make_snapshot(project, AB, seed=1)
    assert seeds() == [2, 3, 1] and Snapshot.load(project.folder).seed == 1
    order = project.folder / "snapshots" / "order.jsonl"
    noted = order.read_bytes().splitlines(keepends=True)
    order.write_bytes(noted[0] + noted[2] + b'{"id": ')  # the second was never noted, the last line is cut
    assert seeds() == [2, 1, 3] and Snapshot.load(project.folder).seed == 3
    order.write_bytes(noted[1])
    assert seeds()[-1] == 2 and Snapshot.load(project.folder).seed == 2
    with pytest.raises(UnknownName) as told:
        Snapshot.load(project.folder, "zzz")
    assert str(told.value) == f"{project.folder} has no snapshot zzz; make one with `negatoscope snapshot`."


def test_a_file_may_keep_a_tested_image_in_the_test_part(
    tmp_path: Path, project: Project, new_image: Callable[..., NewImage]
) -> None:
    labelled(project, new_image, [(f"X{number:02}", "AB"[number % 2]) for number in range(10)])
    first = make_snapshot(project, AB, split=(0.8, 0.0, 0.2))
    rows = "".join(f"{item.image_id},{item.part}\n" for item in first.items)
    (tmp_path / "split.csv").write_text("image_id,part\n" + rows, encoding="utf-8")

    again = make_snapshot(project, AB, split_file=SplitFile(path=tmp_path / "split.csv"))

    assert {item.image_id: item.part for item in again.items} == {item.image_id: item.part for item in first.items}
    assert again.card["pinned_test_images"] == 2


def test_of_two_images_the_one_without_a_mask_is_counted_as_one_with_none(project: Project) -> None:
    first, other = project.images.all()[0], project.images.all()[-1]
    drawn(project, first.image_id, MASK)
    drawn(project, other.image_id)

    card = make_snapshot(project, LUNGS).card

    assert (card["images"], card["images with none"], card["instances"]) == (2, 1, {"lung": 1})


def test_a_damaged_snapshot_costs_itself_and_where_all_are_damaged_one_says_so(
    project: Project, new_image: Callable[..., NewImage]
) -> None:
    labelled(project, new_image, [(f"X{number:02}", "AB"[number % 2]) for number in range(30)])
    made = [make_snapshot(project, AB, seed=seed) for seed in (1, 2)]
    first, last = sorted(made, key=lambda snapshot: snapshot.id)
    sound = (first.folder / CARD_NAME).read_bytes()

    (first.folder / CARD_NAME).write_bytes(b"{")
    assert Snapshot.load(project.folder).id == last.id
    (last.folder / CARD_NAME).write_bytes(b"{")
    with pytest.raises(BadProject, match=first.id):
        Snapshot.load(project.folder)
    (first.folder / CARD_NAME).write_bytes(sound)
    assert Snapshot.load(project.folder).id == first.id
