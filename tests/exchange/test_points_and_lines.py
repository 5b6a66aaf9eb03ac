"""What has no area in files of other programs: COCO's key points, and what mask pictures cannot hold.

The rules of COCO's key points: https://cocodataset.org/#format-data (keypoint detection).
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from viewer.core.registry import load
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.point import SinglePoint
from viewer.core.shapes.kinds.polyline import Polyline
from viewer.core.shapes.shape import Shape
from viewer.exchange import EXPORTERS, IMPORTERS
from viewer.exchange.exporter import dataset_of
from viewer.exchange.importing import carry_out
from viewer.exchange.plan import make_plan
from viewer.project import edit_builders as edits
from viewer.project.project import Project
from viewer.project.register import FrameToAdd, add_frames
from viewer.reading.series import FrameRef

TIP = SinglePoint(points_px=((4.5, 6.25),))
LONG = Polyline(points_px=((1, 2), (8, 9.5), (20, 11)))
SHORT = Polyline(points_px=((3, 3), (5, 4)))


@pytest.fixture
def draw(project: Project, write_picture: Callable[..., Path], tmp_path: Path) -> Callable[..., str]:
    """draw(("tip", shape), ...): shapes with their labels on one picture; its id."""

    def drawn(*shapes: tuple[str, Shape]) -> str:
        ref = FrameRef(path=write_picture(tmp_path / "pictures" / "film.png"))
        (image_id,), problems = add_frames(project, [FrameToAdd(ref=ref, source="test", patient_id="7")])
        assert not problems
        for label, shape in shapes:
            project.history.do(edits.add_annotation(image_id, label, shape, author="Ada"))
        return image_id

    return drawn


def exported(project: Project, path: Path) -> dict[str, Any]:
    load(EXPORTERS, "coco").write(path, dataset_of(project))
    return json.loads(path.read_text())


def said(project: Project, name: str) -> str:
    return " ".join(load(EXPORTERS, name).losses(dataset_of(project)))


def test_a_category_has_as_many_key_points_as_its_longest_line(
    draw: Callable[..., str], project: Project, tmp_path: Path
) -> None:
    box = Box(x0_px=1, y0_px=1, x1_px=9, y1_px=9)
    draw(("line", SHORT), ("line", LONG), ("tip", TIP), ("lung", box))

    document = exported(project, tmp_path / "points.json")

    categories = {one["name"]: one for one in document["categories"]}
    assert categories["line"]["keypoints"] == ["1", "2", "3"] and categories["line"]["skeleton"] == [[1, 2], [2, 3]]
    assert categories["tip"]["keypoints"] == ["1"] and categories["tip"]["skeleton"] == []
    assert "keypoints" not in categories["lung"]
    entries = {one["id"]: one for one in document["annotations"]}
    assert len(entries) == 4
    assert (entries[1]["keypoints"], entries[1]["num_keypoints"]) == ([3, 3, 2, 5, 4, 2, 0, 0, 0], 2)
    assert (entries[2]["keypoints"], entries[2]["num_keypoints"]) == ([1, 2, 2, 8, 9.5, 2, 20, 11, 2], 3)
    assert (entries[3]["bbox"], entries[3]["area"], entries[3]["segmentation"]) == ([4.5, 6.25, 0, 0], 0, [])
    assert [entries[number]["attributes"].get("kind") for number in (1, 2, 3, 4)] == [
        "polyline",
        "polyline",
        "point",
        None,
    ]


def test_a_coco_reader_takes_them(draw: Callable[..., str], project: Project, tmp_path: Path) -> None:
    coco = pytest.importorskip("faster_coco_eval", reason="needs the ai extra")
    draw(("line", SHORT), ("line", LONG), ("tip", TIP))
    exported(project, tmp_path / "points.json")

    read = coco.COCO(str(tmp_path / "points.json"))

    found = read.loadAnns(read.getAnnIds(catIds=read.getCatIds(catNms=["line"])))
    assert {len(one["keypoints"]) for one in found} == {9}
    (category,) = read.loadCats(read.getCatIds(catNms=["line"]))
    assert max(end for side in category["skeleton"] for end in side) <= len(category["keypoints"])
    assert read.loadRes([{**one, "score": 0.5} for one in found]).getAnnIds() != []


def test_the_exports_say_before_what_becomes_of_them(draw: Callable[..., str], project: Project) -> None:
    draw(("line", SHORT), ("line", LONG), ("tip", TIP))

    assert "2 polylines are written as key points without an area" in said(project, "coco")
    assert "1 point is written as key points" in said(project, "coco")
    assert "1 point is left out; a mask picture has no points." in said(project, "masks")
    assert "2 polylines are left out; a mask picture has no polylines." in said(project, "masks")
    assert "point" not in said(project, "csv") and "polyline" not in said(project, "csv")


def test_mask_pictures_name_what_they_left_out(draw: Callable[..., str], project: Project, tmp_path: Path) -> None:
    draw(("line", SHORT), ("tip", TIP))

    load(EXPORTERS, "masks").write(tmp_path / "masks", dataset_of(project))

    assert "1 polyline, 1 point" in (tmp_path / "masks" / "index.csv").read_text()


def test_what_lies_off_its_image_is_left_out_and_named(
    draw: Callable[..., str], project: Project, tmp_path: Path
) -> None:
    draw(("line", Polyline(points_px=((-4, -1), (-1, -4)))), ("tip", SinglePoint(points_px=((99, 3),))))

    document = exported(project, tmp_path / "points.json")

    assert document["annotations"] == [] and document["images"][0]["left_out"] == "2 shapes off the image"
    assert "2 shapes are left out; nothing of it is on its image" in said(project, "coco")


@pytest.mark.parametrize(
    "change",
    [
        {"keypoints": [1, 2]},
        {"num_keypoints": "many"},
        {"keypoints": [1, float("inf"), 2]},
        {"num_keypoints": 0},
    ],
)
def test_broken_key_points_are_left_out_by_name(
    draw: Callable[..., str], project: Project, other: Project, tmp_path: Path, change: dict[str, Any]
) -> None:
    draw(("tip", TIP))
    document = exported(project, tmp_path / "points.json")
    document["annotations"][0] |= change
    (tmp_path / "points.json").write_text(json.dumps(document))

    with make_plan(other, load(IMPORTERS, "coco"), tmp_path / "points.json", {}, source="test") as plan:
        report = carry_out(other, plan)

    assert [one for image in other.images.all() for one in other.work.annotations(image.image_id)] == []
    assert any("annotation 1 of" in sentence for _, sentence in report.problems)


def test_key_points_of_other_programs_are_said_to_be_left_out(
    draw: Callable[..., str], project: Project, other: Project, tmp_path: Path
) -> None:
    draw(("tip", TIP))
    document = exported(project, tmp_path / "points.json")
    document["info"] = {}
    document["annotations"][0] |= {"bbox": [1, 1, 5, 5], "attributes": {"kind": "polyline"}}
    (tmp_path / "points.json").write_text(json.dumps(document))

    with make_plan(other, load(IMPORTERS, "coco"), tmp_path / "points.json", {}, source="test") as plan:
        carry_out(other, plan)
        notes = " ".join(remark.sentence for remark in plan.remarks())

    (shape,) = [one.shape for image in other.images.all() for one in other.work.annotations(image.image_id)]
    assert shape == Box(x0_px=1, y0_px=1, x1_px=6, y1_px=6)
    assert "Key points of 1 annotations are left out." in notes and "kind (1)" in notes
