"""A point or a polyline of a task's label is never trained on as "nothing there". Expected values by hand."""

from collections.abc import Callable

import pytest

from tests.project.test_snapshot_parts import BOXES, LUNGS, MASK, drawn
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.point import SinglePoint
from viewer.core.shapes.kinds.polyline import Polyline
from viewer.core.shapes.shape import Shape
from viewer.project.project import Project
from viewer.project.records import NewImage, Task
from viewer.project.snapshots.snapshot import make_snapshot

BOX = Box(x0_px=2, y0_px=2, x1_px=10, y1_px=10)
POINT = SinglePoint(points_px=((3.5, 4.5),))
LINE = Polyline(points_px=((20, 20), (25, 30)))


def others(project: Project, image_id: str) -> list[str]:
    return [one.image_id for one in project.images.all() if one.image_id != image_id]


@pytest.mark.parametrize(
    ("task", "shape", "taken", "reason"),
    [
        (BOXES, POINT, BOX, "a point is drawn where the task needs a box"),
        (BOXES, LINE, BOX, "a polyline is drawn where the task needs a box"),
        (LUNGS, POINT, MASK, "a point is drawn where the task needs a mask"),
        (LUNGS, LINE, MASK, "a polyline is drawn where the task needs a mask"),
        (LUNGS, BOX, MASK, "a box is drawn where the task needs a mask"),
    ],
)
def test_an_image_of_a_line_alone_stays_out_and_the_card_says_why(
    project: Project, image_id: str, task: Task, shape: Shape, taken: Shape, reason: str
) -> None:
    drawn(project, image_id, shape)
    (other, *_) = others(project, image_id)
    drawn(project, other, taken)

    snapshot = make_snapshot(project, task)

    assert [item.image_id for item in snapshot.items] == [other]
    assert snapshot.card["left_out"][reason] == 1


@pytest.mark.parametrize(
    ("task", "shapes", "note"),
    [
        (BOXES, (BOX, POINT), "1 point left out, each beside a box of its label"),
        (LUNGS, (MASK, POINT), "1 point left out, each beside a mask of its label"),
        (LUNGS, (MASK, Polyline(points_px=((0, 0), (7, 4)))), "1 polyline left out, each beside a mask of its label"),
    ],
)
def test_beside_what_the_task_takes_it_is_said_and_left_out(
    project: Project, image_id: str, task: Task, shapes: tuple[Shape, ...], note: str
) -> None:
    drawn(project, image_id, *shapes)

    snapshot = make_snapshot(project, task)

    (item,) = snapshot.items
    assert len(item.boxes) + len(item.masks) == 1 and snapshot.card["notes"] == [note]


def test_a_line_far_from_every_mask_of_its_label_keeps_its_image_out(project: Project, image_id: str) -> None:
    drawn(project, image_id, MASK, SinglePoint(points_px=((30.5, 50.5),)))
    (other, *_) = others(project, image_id)
    drawn(project, other, MASK)

    assert [item.image_id for item in make_snapshot(project, LUNGS).items] == [other]


def test_a_polygon_without_a_width_is_left_out_by_name_and_stops_nothing(
    project: Project, image_id: str, new_image: Callable[..., NewImage]
) -> None:
    from viewer.core.shapes.kinds.polygon import Polygon

    drawn(project, image_id, Polygon(points_px=((5, 1), (5, 9), (5, 20))))
    (other, *_) = others(project, image_id)
    drawn(project, other, BOX)

    snapshot = make_snapshot(project, BOXES)

    assert [item.image_id for item in snapshot.items] == [other]
    assert snapshot.card["left_out"]["a shape of the task covers no pixel"] == 1
