"""Everything of a project, some images at a time, is what reading image by image gives."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from viewer.core.edits import Edit, ImagesChange
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus, Measurement
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.kinds.polygon import Polygon
from viewer.project import edit_builders as edits
from viewer.project import in_batches, membership
from viewer.project.project import Project

SHAPES = (
    Box(x0_px=1, y0_px=2, x1_px=9, y1_px=8),
    Polygon(points_px=((1.0, 1.0), (9.5, 1.0), (5.0, 9.25))),
    MaskRuns.from_array(np.random.default_rng(3).integers(0, 2, (60, 40))),
)


@pytest.fixture
def ids(project: Project) -> list[str]:
    """Eight images: on the first five one, two, three shapes and so on, answers, and a measurement; two complete."""
    ids = [one.image_id for one in project.images.all()]
    for number, image_id in enumerate(ids[:5]):
        for place in range(number + 1):
            project.history.do(edits.add_annotation(image_id, f"label {place}", SHAPES[place % 3], author="Ada"))
        project.history.do(edits.say_image_label(image_id, "sick", before=None, after=Verdict.NO))
    measurement = Measurement(measurement_id="m", image_id=ids[3], kind="length", points_px=((0, 0), (1, 1)))
    project.history.do(edits.add_measurement(measurement))
    for image_id in (ids[6], ids[1]):
        case = project.cases.get(project.images.get(image_id).case_id)
        project.history.do(edits.set_status(case, CaseStatus.COMPLETE))
    return ids


def one_by_one(project: Project, image_ids: Sequence[str]) -> list[Any]:
    work = project.work
    return [
        in_batches.ImageWork(
            record=project.images.get(one),
            status=project.cases.status(project.images.get(one).case_id),
            annotations=work.annotations(one),
            image_labels=work.image_labels(one),
            measurements=work.measurements(one),
            is_begun=bool(work.annotations(one) or work.image_labels(one) or work.measurements(one))
            or project.cases.status(project.images.get(one).case_id) is CaseStatus.COMPLETE,
        )
        for one in image_ids
    ]


@pytest.mark.parametrize(("most_images", "most_bytes"), [(200, 2 << 20), (3, 2 << 20), (200, 1), (200, 2_000)])
def test_what_comes_in_batches_is_what_each_image_has(
    project: Project, ids: list[str], monkeypatch: pytest.MonkeyPatch, most_images: int, most_bytes: int
) -> None:
    monkeypatch.setattr(in_batches, "MOST_IMAGES", most_images)
    monkeypatch.setattr(in_batches, "MOST_BYTES", most_bytes)
    monkeypatch.setattr(membership, "_IDS_PER_QUERY", 5)
    wanted = [ids[4], *ids[:3], *ids[5:], ids[3]]  # in the order that is asked for

    assert list(in_batches.in_batches(project, wanted)) == one_by_one(project, wanted)
    assert list(in_batches.records_in_batches(project, wanted)) == [project.images.get(one) for one in wanted]
    assert list(in_batches.in_batches(project, [])) == []


def test_what_there_is_is_counted_without_reading_it(
    project: Project, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(membership, "_IDS_PER_QUERY", 3)

    counts = in_batches.count_work(project, ids[1:5], [project.round_id])

    assert (counts.annotations, counts.image_labels, counts.measurements) == (2 + 3 + 4 + 5, 4, 1)


def test_the_images_inside_come_in_the_order_of_entering_and_one_taken_out_is_passed_over(
    project: Project, ids: list[str]
) -> None:
    assert list(in_batches.images_inside(project)) == ids
    assert list(
        in_batches.images_inside(project, {row.case_id for row in project.cases.all() if row.status.counts})
    ) == [ids[1], ids[6]]

    gone = ImagesChange(image_ids=(ids[7],), before=True, after=False)
    project.history.do(Edit(text="take out", changes=(gone,)))

    assert list(in_batches.images_inside(project)) == ids[:7]
    assert [one.record.image_id for one in in_batches.in_batches(project, ids[5:])] == ids[5:7]
    assert [one.image_id for one in in_batches.records_in_batches(project, ids[5:])] == ids[5:7]
