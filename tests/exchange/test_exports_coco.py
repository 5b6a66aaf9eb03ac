"""COCO as other programs read it: area and box are of what is visible, and what has no pixel is said to be left out."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from viewer.core.registry import load
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.kinds.polygon import Polygon
from viewer.core.shapes.shape import Shape
from viewer.exchange import EXPORTERS
from viewer.exchange.exporter import Exporter, dataset_of
from viewer.project import edit_builders as edits
from viewer.project.project import Project
from viewer.project.register import FrameToAdd, add_frames
from viewer.reading.series import FrameRef

ROWS, COLS = 40, 60
BOW_TIE = Polygon(points_px=((10, 10), (30, 30), (30, 10), (10, 30)))
OVER_THE_EDGE = Polygon(points_px=((-20, -20), (20, -20), (20, 20), (-20, 20)))


@pytest.fixture
def exported(tmp_path: Path, project: Project, write_picture: Callable[..., Path]) -> Callable[..., dict[str, Any]]:
    """Draws shapes on one picture and returns the entries of the COCO file by label."""

    def export(**shapes: Shape) -> dict[str, Any]:
        path = write_picture(tmp_path / "a.png", rows=ROWS, cols=COLS)
        ids, _ = add_frames(project, [FrameToAdd(ref=FrameRef(path=path), source="test")])
        for label, shape in shapes.items():
            project.history.do(edits.add_annotation(ids[0], label, shape, author="Ada"))
        exporter: Exporter = load(EXPORTERS, "coco")
        exporter.write(tmp_path / "out.json", dataset_of(project))
        document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
        names = {one["id"]: one["name"] for one in document["categories"]}
        return {names[one["category_id"]]: one for one in document["annotations"]}

    return export


def test_an_outline_that_crosses_itself_has_the_area_of_its_two_parts(exported: Callable[..., dict[str, Any]]) -> None:
    entry = exported(tie=BOW_TIE)["tie"]

    assert entry["area"] == pytest.approx(200)
    assert entry["bbox"] == [10, 10, 20, 20]


def test_what_reaches_over_the_edge_counts_as_far_as_it_is_on_the_image(
    exported: Callable[..., dict[str, Any]],
) -> None:
    entries = exported(outline=OVER_THE_EDGE, box=Box(x0_px=50, y0_px=-10, x1_px=80, y1_px=10))

    assert (entries["outline"]["area"], entries["outline"]["bbox"]) == (400, [0, 0, 20, 20])
    assert entries["outline"]["segmentation"] == [[-20, -20, 20, -20, 20, 20, -20, 20]]
    assert (entries["box"]["area"], entries["box"]["bbox"]) == (100, [50, 0, 10, 10])
    assert entries["box"]["attributes"]["box_px"] == [50, -10, 80, 10]


def test_a_shape_between_the_pixel_centres_has_an_area(exported: Callable[..., dict[str, Any]]) -> None:
    small = Polygon(points_px=((5.1, 5.1), (5.4, 5.1), (5.4, 5.4), (5.1, 5.4)))

    assert exported(small=small)["small"]["area"] == pytest.approx(0.09)


def test_what_nothing_is_visible_of_is_said_and_left_out(
    project: Project, exported: Callable[..., dict[str, Any]]
) -> None:
    entries = exported(
        flat=Polygon(points_px=((5, 5), (10, 5), (15, 5))),
        beside=Box(x0_px=100, y0_px=5, x1_px=110, y1_px=15),
        empty=MaskRuns.from_array(np.zeros((ROWS, COLS), np.bool_)),
        seen=Box(x0_px=1, y0_px=1, x1_px=2, y1_px=2),
    )

    assert list(entries) == ["seen"]
    said = load(EXPORTERS, "coco").losses(dataset_of(project))
    assert [sentence.partition(" are")[0] for sentence in said] == [
        "1 empty mask is left out; COCO cannot hold a mask without a pixel.",
        "2 shapes",
    ]


def test_area_and_box_are_those_of_the_reference_library(exported: Callable[..., dict[str, Any]]) -> None:
    mask = pytest.importorskip("faster_coco_eval.core.mask", reason="needs the ai extra")
    rng = np.random.default_rng(3)
    angle = np.sort(rng.uniform(0, 2 * np.pi, 40))
    reach = rng.uniform(8, 30, 40)
    points = zip((30 + reach * np.cos(angle)).tolist(), (20 + reach * np.sin(angle)).tolist(), strict=True)
    entries = exported(
        tie=BOW_TIE,
        outline=OVER_THE_EDGE,
        star=Polygon(points_px=tuple(points)),
        mask=MaskRuns.from_array(rng.random((ROWS, COLS)) > 0.5),
    )

    for entry in entries.values():
        shape = entry["segmentation"]
        packed = mask.frPyObjects(shape, ROWS, COLS)
        rle = mask.merge(packed) if isinstance(packed, list) else packed
        # The reference paints outlines to whole pixels, so a border of half a pixel may differ.
        x, y, width, height = mask.toBbox(rle).tolist()
        assert entry["bbox"] == pytest.approx([x, y, width, height], abs=2.01)
        assert entry["area"] == pytest.approx(float(mask.area(rle)), rel=0.12)
