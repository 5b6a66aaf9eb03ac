"""Numbers in a COCO file that are no box or outline are left out by name and lose no other."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.exchange.coco_files import CATEGORIES, COLS, ROWS, box, coco, image, said, shapes
from viewer.core.shapes.kinds.polygon import Polygon
from viewer.exchange.importer import Outcome
from viewer.exchange.importing import ImportReport
from viewer.project.project import Project

BAD: list[tuple[str, dict[str, Any]]] = [
    ("a category that is not listed", {"category_id": 9}),
    ("no category", {"category_id": None}),
    ("a list for an id", {"image_id": [1]}),
    ("an image that is not listed", {"image_id": 5}),
    ("not a number", {"bbox": [float("nan"), 5, 10, 10]}),
    ("infinite", {"bbox": [5, 5, float("inf"), 10]}),
    ("beyond any number", {"bbox": [5, 5, 10**400, 10]}),
    ("three numbers", {"bbox": [5, 5, 10]}),
    ("words", {"bbox": ["a", "b", "c", "d"]}),
    ("no box", {"bbox": None}),
    ("a box without width", {"bbox": [5, 5, 0, 10]}),
    ("a box outside", {"bbox": [500, 500, 10, 10]}),
    ("an outline outside", {"segmentation": [[500, 500, 510, 500, 510, 510]]}),
    ("an odd outline", {"segmentation": [[5, 5, 15, 5, 15, 15, 5]]}),
    ("an outline with nothing in it", {"segmentation": [[5, 5, 15, float("nan"), 15, 15]]}),
    ("an outline of points", {"segmentation": [{"x": 1, "y": 2}]}),
    ("an outline that is text", {"segmentation": "5 5 15 5"}),
    ("a mask of another size", {"segmentation": {"size": [COLS, ROWS], "counts": [ROWS * COLS]}}),
    ("a mask that is too short", {"segmentation": {"size": [ROWS, COLS], "counts": [5]}}),
    ("a mask with a count below 0", {"segmentation": {"size": [ROWS, COLS], "counts": [-5, ROWS * COLS + 5]}}),
    ("a mask without a size", {"segmentation": {"counts": [5]}}),
    ("a mask larger than any", {"segmentation": {"size": [10**9, 10**9], "counts": [10**18]}}),
    ("a mask that ends half-way", {"segmentation": {"size": [ROWS, COLS], "counts": "oooo"}}),
    ("no counts", {"segmentation": {"size": [ROWS, COLS], "counts": None}}),
]


@pytest.mark.parametrize(("what", "facts"), BAD, ids=[what for what, _ in BAD])
def test_one_bad_annotation_is_named_and_loses_no_other(
    project: Project,
    tmp_path: Path,
    film: Callable[..., Path],
    bring_in: Callable[..., ImportReport],
    what: str,
    facts: dict[str, Any],
) -> None:
    film(tmp_path / "a.png")
    good, bad = box(1, 1, [5, 5, 10, 10]), {**box(2, 1, [5, 5, 10, 10], 7), **facts}
    file = coco(tmp_path / "c.json", [image(1, "a.png")], [bad, good])

    report = bring_in(project, "coco", file, complete=True)

    assert shapes(project, tmp_path) == {"a.png": [("nodule", (5, 5, 15, 15))]}
    (problem,) = report.problems
    assert "annotation 2" in problem[1] and "nexpected" not in problem[1]
    if "image_id" not in facts:
        assert report.completed_cases == 0  # nothing left out becomes nothing there


def test_bad_images_and_categories_are_named_and_lose_no_other(
    project: Project, tmp_path: Path, film: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    film(tmp_path / "a.png")
    images = [image(1, "a.png"), "b.png", None, {"id": 3}, image(4, "gone.png"), {"id": 5, "file_name": 7}]
    entries: list[Any] = [box(1, 1, [5, 5, 10, 10]), "a box", None, box(4, 4, [1, 1, 2, 2]), box(5, 3, [1, 1, 2, 2])]
    categories = [*CATEGORIES, {"id": 9}, "effusion", {"name": "x"}, {"id": 11, "name": None}]
    file = coco(tmp_path / "c.json", images, entries, categories)

    report = bring_in(project, "coco", file)

    assert shapes(project, tmp_path) == {"a.png": [("nodule", (5, 5, 15, 15))]}
    assert len(report.problems) == 12 and "nexpected" not in said(report, *Outcome)
    assert {label.name for label in project.labels} == {"nodule"}


def test_corners_where_an_extent_belongs_are_doubted_for_the_whole_file(
    project: Project, tmp_path: Path, film: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    film(tmp_path / "a.png")
    film(tmp_path / "b.png", 1)
    file = coco(
        tmp_path / "c.json",
        [image(1, "a.png"), image(2, "b.png")],
        [box(1, 1, [20, 15, 55, 38]), box(2, 2, [5, 5, 10, 12])],  # the second fits either way
    )

    report = bring_in(project, "coco", file, complete=True)

    assert shapes(project, tmp_path) == {"a.png": [], "b.png": []}
    assert {remark.settle for remark in report.remarks} == {"--boxes corners"} and len(report.problems) == 2
    assert report.completed_cases == 0
    bring_in(project, "coco", file, {"boxes": ["corners"]})
    assert shapes(project, tmp_path) == {
        "a.png": [("nodule", (20, 15, 55, 38))],
        "b.png": [("nodule", (5, 5, 10, 12))],
    }


def test_a_box_that_is_surely_an_extent_settles_the_others(
    project: Project, tmp_path: Path, film: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    film(tmp_path / "a.png")
    entries = [box(1, 1, [20, 15, 8, 8]), box(2, 1, [40, 30, 59, 39]), box(3, 1, [55, 5, 10, 10])]
    file = coco(tmp_path / "c.json", [image(1, "a.png")], entries)

    report = bring_in(project, "coco", file)

    assert shapes(project, tmp_path) == {"a.png": [("nodule", (20, 15, 28, 23)), ("nodule", (55, 5, 65, 15))]}
    assert "annotation 2" in said(report, Outcome.AMBIGUOUS)
    assert "over the edge" in said(report, Outcome.NOTE)


def test_a_flat_outline_is_one_and_a_sliver_adds_nothing(
    project: Project, tmp_path: Path, film: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    film(tmp_path / "a.png")
    square = [5, 5, 15, 5, 15, 15, 5, 15]
    file = coco(
        tmp_path / "c.json",
        [image(1, "a.png")],
        [
            box(1, 1, [5, 5, 10, 10], segmentation=square),
            box(2, 1, [5, 5, 10, 10], 7, segmentation=[square, [20, 20, 21, 21]]),
            box(3, 1, [5, 5, 10, 10], 7, segmentation=[square, [20, 20, 20.1, 20, 20.1, 30]]),
        ],
    )

    report = bring_in(project, "coco", file)

    outline = Polygon(points_px=((5, 5), (15, 5), (15, 15), (5, 15)))
    assert shapes(project, tmp_path) == {"a.png": [("nodule", outline), ("effusion", outline), ("effusion", 100)]}
    assert "one outline" in said(report, Outcome.GUESSED)
    assert said(report, Outcome.NOTE).count("a piece") == 2


@pytest.mark.parametrize(
    ("entry", "options"),
    [
        (box(1, 1, [0.2, 0.3, 0.4, 0.1]), {}),
        (box(1, 1, [0.5, 0.5, 0.9, 0.9]), {}),  # around its middle, or two corners: as an extent it leaves the pixel
        (box(1, 1, [0.2, 0.3, 0.6, 0.7]), {"boxes": ["corners"]}),
        (box(1, 1, [0, 0, 1, 1]), {}),
        (box(1, 1, [0.2, 0.3, 0.4, 0.1], segmentation=[[0.2, 0.3, 0.6, 0.3, 0.6, 0.4]]), {}),
        (box(1, 1, [0.2, 0.3, 0.4, 0.1], segmentation=[[0.1, 0.1, 0.6, 0.1, 0.6, 0.4], [0.7, 0, 1, 0, 1, 1]]), {}),
    ],
)
def test_fractions_of_the_image_are_no_shape_in_the_first_pixel(
    project: Project,
    tmp_path: Path,
    film: Callable[..., Path],
    bring_in: Callable[..., ImportReport],
    entry: dict[str, Any],
    options: dict[str, list[str]],
) -> None:
    film(tmp_path / "a.png")
    file = coco(tmp_path / "c.json", [image(1, "a.png")], [entry, box(2, 1, [0.5, 0.5, 20, 1.5])])

    report = bring_in(project, "coco", file, options)

    assert shapes(project, tmp_path)["a.png"] == [
        ("nodule", (0.5, 0.5, 20, 1.5) if options else (0.5, 0.5, 20.5, 2)),
    ]
    assert "a.png, annotation 1: a nodule was left out" in said(report, Outcome.AMBIGUOUS)
    assert "fractions of the image" in said(report, Outcome.AMBIGUOUS)


def test_in_a_picture_of_few_pixels_a_small_box_is_one(
    project: Project, tmp_path: Path, write_picture: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    write_picture(tmp_path / "a.png", rows=2, cols=3)
    entry = {"id": 1, "file_name": "a.png", "width": 3, "height": 2}
    file = coco(tmp_path / "c.json", [entry], [box(1, 1, [0, 0, 1, 1])])

    report = bring_in(project, "coco", file)

    assert shapes(project, tmp_path)["a.png"] == [("nodule", (0, 0, 1, 1))]
    assert report.problems == ()
