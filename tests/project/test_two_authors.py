"""Two people at one project, one after the other: neither takes back or overwrites what the other did."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from viewer.core.edits import CaseStatusChange, Edit, MeasurementChange
from viewer.core.errors import BadRequest
from viewer.core.shapes.annotations import CaseStatus, Measurement
from viewer.core.shapes.shape import Box
from viewer.project import edit_builders as edits
from viewer.project.project import Project

BOX = Box(x0_px=1, y0_px=2, x1_px=11, y1_px=12)


@contextmanager
def at_work(folder: Path, author: str) -> Iterator[Project]:
    with Project.open(folder, writable=True, author=author) as opened:
        yield opened


def line(image_id: str, *points: tuple[float, float], author: str) -> Measurement:
    return Measurement(measurement_id="m", image_id=image_id, kind="length", points_px=points, author=author)


def change(before: Measurement | None, after: Measurement | None) -> Edit:
    return Edit(text="measure", changes=(MeasurementChange(before=before, after=after),))


@pytest.fixture
def image(project: Project, image_id: str) -> str:
    """An image of a project that nobody has open."""
    project.close()
    return image_id


def test_a_measurement_that_another_moved_on_is_not_taken_back(folder: Path, image: str) -> None:
    ada_s = line(image, (0, 0), (1, 1), author="Ada")
    moved = replace(ada_s, points_px=((0, 0), (2, 2)))
    on = replace(moved, points_px=((0, 0), (9, 9)), author="Ben")
    with at_work(folder, "Ada") as ada:
        ada.history.do(change(None, ada_s))
        ada.history.do(change(ada_s, moved))
    with at_work(folder, "Ben") as ben:
        ben.history.do(change(moved, on))

    with at_work(folder, "Ada") as ada:
        with pytest.raises(BadRequest, match="changed or removed since"):
            ada.history.undo()
        assert ada.work.measurements(image) == (on,)


def test_a_measurement_is_not_moved_from_where_it_no_longer_is(folder: Path, image: str) -> None:
    first = line(image, (0, 0), (1, 1), author="Ada")
    with at_work(folder, "Ada") as ada:
        ada.history.do(change(None, first))
        ada.history.do(change(first, replace(first, points_px=((0, 0), (5, 5)))))
        with pytest.raises(BadRequest, match="changed or removed since"):
            ada.history.do(change(first, replace(first, points_px=((7, 7), (8, 8)))))
        with pytest.raises(BadRequest, match="changed or removed since"):
            ada.history.do(change(first, None))
        assert ada.work.measurements(image)[0].points_px == ((0, 0), (5, 5))


def test_a_new_gesture_of_one_keeps_what_the_other_can_do_again(folder: Path, image: str) -> None:
    with at_work(folder, "Ada") as ada:
        ada.history.do(edits.add_annotation(image, "nodule", BOX, author="Ada"))
        ada.history.undo()
    with at_work(folder, "Ben") as ben:
        ben.history.do(edits.add_annotation(image, "cyst", BOX, author="Ben"))

    with at_work(folder, "Ada") as ada:
        assert ada.history.redo_text
        assert ada.history.redo() is not None
        assert sorted(one.label for one in ada.work.annotations(image)) == ["cyst", "nodule"]


def test_a_gesture_ends_what_oneself_could_do_again(folder: Path, image: str) -> None:
    with at_work(folder, "Ada") as ada:
        ada.history.do(edits.add_annotation(image, "nodule", BOX, author="Ada"))
        ada.history.undo()
        ada.history.do(edits.add_annotation(image, "cyst", BOX, author="Ada"))
        assert ada.history.redo() is None


def test_a_status_that_another_has_set_since_is_not_overwritten(folder: Path, image: str) -> None:
    with at_work(folder, "Ben") as ben:
        case_id = ben.images.get(image).case_id
        ben.history.do(edits.set_status(ben.cases.get(case_id), CaseStatus.COMPLETE))

    stale = CaseStatusChange(case_id=case_id, before=CaseStatus.TO_DO, after=CaseStatus.IN_PROGRESS)
    with at_work(folder, "Ada") as ada:
        with pytest.raises(BadRequest, match="status has been changed since"):
            ada.history.do(Edit(text="begin", changes=(stale,)))
        assert ada.cases.get(case_id).status is CaseStatus.COMPLETE
