"""Every format gives back the same pixels and points, on a fixture made to catch swaps and half pixels."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from viewer.core.labels import Verdict
from viewer.core.registry import load
from viewer.core.shapes.annotations import Measurement, Origin
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.kinds.point import SinglePoint
from viewer.core.shapes.kinds.polygon import Polygon
from viewer.core.shapes.kinds.polyline import Polyline
from viewer.core.shapes.shape import Shape
from viewer.exchange import EXPORTERS, IMPORTERS
from viewer.exchange.exporter import Exporter, dataset_of
from viewer.exchange.importing import carry_out
from viewer.exchange.plan import make_plan
from viewer.exchange.run_lengths import counts_of_runs, counts_of_text, runs_of_counts
from viewer.project import edit_builders as edits
from viewer.project.project import Project

ROWS, COLS = 37, 23


def awkward_mask() -> NDArray[np.bool_]:
    """Asymmetric, with a hole, a one-pixel island, and touching each border, the first and the last pixel."""
    mask = np.zeros((ROWS, COLS), np.bool_)
    mask[5:15, 3:12] = True
    mask[8:10, 6:9] = False  # hole
    mask[20, 20] = True  # island
    mask[0, 0:4] = True
    mask[ROWS - 1, COLS - 1] = True
    mask[25:30, 0] = True
    mask[2:4, COLS - 1] = True
    mask[ROWS - 1, 7:9] = True
    return mask


def only(*pixels: tuple[int, int]) -> NDArray[np.bool_]:
    mask = np.zeros((ROWS, COLS), np.bool_)
    for row, col in pixels:
        mask[row, col] = True
    return mask


MASKS = {
    "awkward": awkward_mask(),
    "first pixel": only((0, 0)),
    "last pixel": only((ROWS - 1, COLS - 1)),
    "top right": only((0, COLS - 1)),
    "bottom left": only((ROWS - 1, 0)),
    "all": np.ones((ROWS, COLS), np.bool_),
    "one column": np.arange(COLS)[None, :].repeat(ROWS, 0) == 4,
}
SHAPES: dict[str, Shape] = {
    "box": Box(x0_px=0.125, y0_px=1.5, x1_px=22.75, y1_px=36.9),
    "box in the first pixel": Box(x0_px=0.25, y0_px=0, x1_px=0.75, y1_px=1),  # no fractions: ours are in pixels
    "whole image": Box(x0_px=0, y0_px=0, x1_px=COLS, y1_px=ROWS),
    "polygon": Polygon(points_px=((0.5, 0.25), (22.1, 3.3), (10, 36.75), (1 / 3, 20))),
    "point": SinglePoint(points_px=((11.25, 1 / 3),)),
    "point on the first corner": SinglePoint(points_px=((0, 0),)),
    "polyline": Polyline(points_px=((0.5, 30.25), (12.1, 3.3), (COLS, ROWS))),
    "short polyline": Polyline(points_px=((3, 4), (5, 6.5))),
    **{name: MaskRuns.from_array(mask) for name, mask in MASKS.items()},
}


def drawn(project: Project, write_picture: Callable[..., Path], folder: Path) -> dict[str, str]:
    """Two pictures with every shape on the first; {path name: image id}."""
    from viewer.project.register import FrameToAdd, add_frames
    from viewer.reading.series import FrameRef

    paths = [write_picture(folder / name, seed) for seed, name in enumerate(("a b.png", "ü.png"))]
    ids, problems = add_frames(
        project, [FrameToAdd(ref=FrameRef(path=path), source="test", patient_id="007") for path in paths]
    )
    assert not problems
    for name, shape in SHAPES.items():
        project.history.do(edits.add_annotation(ids[0], name, shape, author="Ada"))
    project.history.do(edits.say_image_label(ids[0], "normal, or so", before=None, after=Verdict.NOT_ASSESSED))
    project.history.do(edits.say_image_label(ids[1], "normal, or so", before=None, after=Verdict.YES))
    return {path.name: image_id for path, image_id in zip(paths, ids, strict=True)}


def there_and_back(project: Project, other: Project, name: str, path: Path) -> Exporter:
    """Export `project`, import the file into `other`."""
    exporter: Exporter = load(EXPORTERS, name)
    exporter.write(path, dataset_of(project))
    with make_plan(other, load(IMPORTERS, name), path, {}, source="test") as plan:
        report = carry_out(other, plan)
    # A shape that the format has no place for is said by the import too, and keeps its case open.
    assert all("the export left out" in sentence for _, sentence in report.problems)
    return exporter


def shapes_of(project: Project, image_id: str) -> dict[str, Shape]:
    return {annotation.label: annotation.shape for annotation in project.work.annotations(image_id)}


@pytest.mark.parametrize("name", ["coco", "csv"])
def test_every_shape_comes_back_exactly(
    tmp_path: Path, project: Project, other: Project, write_picture: Callable[..., Path], name: str
) -> None:
    ids = drawn(project, write_picture, tmp_path / "pictures")

    there_and_back(project, other, name, tmp_path / "out" / f"file.{name}")

    assert shapes_of(other, ids["a b.png"]) == SHAPES
    assert shapes_of(other, ids["ü.png"]) == {}
    assert {image.patient_id for image in other.images.all()} == {"007"}
    assert all(one.origin is Origin.IMPORTED for one in other.work.annotations(ids["a b.png"]))


def test_the_table_also_holds_whole_image_labels(
    tmp_path: Path, project: Project, other: Project, write_picture: Callable[..., Path]
) -> None:
    ids = drawn(project, write_picture, tmp_path / "pictures")

    there_and_back(project, other, "csv", tmp_path / "file.csv")

    assert other.work.image_labels(ids["a b.png"]) == {"normal, or so": Verdict.NOT_ASSESSED}
    assert other.work.image_labels(ids["ü.png"]) == {"normal, or so": Verdict.YES}


def test_mask_pictures_come_back_pixel_for_pixel(
    tmp_path: Path, project: Project, other: Project, write_picture: Callable[..., Path]
) -> None:

    ids = drawn(project, write_picture, tmp_path / "pictures")

    there_and_back(project, other, "masks", tmp_path / "masks")

    polygon = SHAPES["polygon"]
    assert isinstance(polygon, Polygon)
    assert shapes_of(other, ids["a b.png"]) == {
        **{name: MaskRuns.from_array(mask) for name, mask in MASKS.items()},
        "polygon": MaskRuns.from_array(polygon.inside(ROWS, COLS)),
    }
    assert len(other.images.all()) == 2


@pytest.mark.parametrize("name", list(EXPORTERS))
def test_what_a_format_cannot_hold_is_said_before_it_is_written(
    tmp_path: Path, project: Project, write_picture: Callable[..., Path], name: str
) -> None:
    ids = drawn(project, write_picture, tmp_path / "pictures")
    measurement = Measurement(measurement_id="m", image_id=ids["ü.png"], kind="length", points_px=((0, 0), (1, 1)))
    project.history.do(edits.add_measurement(measurement))

    said = " ".join(load(EXPORTERS, name).losses(dataset_of(project)))

    assert "1 measurement is" in said
    assert ("2 whole-image labels" in said) == (name != "csv")
    assert ("boxes are left out" in said) == (name == "masks")


def test_exporting_over_a_file_replaces_it_and_a_failed_write_leaves_it(
    tmp_path: Path, project: Project, write_picture: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from viewer.core.errors import BadRequest, NotWritable

    drawn(project, write_picture, tmp_path / "pictures")
    target = tmp_path / "out.json"
    exporter: Exporter = load(EXPORTERS, "coco")
    exporter.write(target, dataset_of(project))
    before = target.read_bytes()

    def refuse(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", refuse)
        with pytest.raises(NotWritable, match="No space left"):
            exporter.write(target, dataset_of(project))
    assert target.read_bytes() == before
    assert [path.name for path in tmp_path.glob(".*")] == []
    with pytest.raises(BadRequest, match="not empty"):
        load(EXPORTERS, "masks").write(tmp_path, dataset_of(project))


def test_a_coco_mask_counts_down_the_columns_beginning_with_the_pixels_outside() -> None:
    mask = np.array([[1, 0, 0], [1, 1, 0]], np.bool_)

    assert counts_of_runs(MaskRuns.from_array(mask)) == [0, 2, 1, 1, 2]
    assert counts_of_runs(MaskRuns.from_array(~mask)) == [2, 1, 1, 2]


def test_the_compressed_form_is_read_as_the_reference_writes_it() -> None:
    mask_module = pytest.importorskip("faster_coco_eval.core.mask", reason="needs the ai extra")

    for mask in MASKS.values():
        text = mask_module.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"]
        counts = counts_of_text(text.decode() if isinstance(text, bytes) else text)
        assert runs_of_counts(counts, ROWS, COLS) == MaskRuns.from_array(mask)


def test_the_compressed_form_of_known_text() -> None:
    # 5 columns of 4 rows; worked out by hand from maskApi.c: counts 3, 2, 15
    assert counts_of_text("32?") == [3, 2, 15]
    assert counts_of_text("R12") == [34, 2]  # 34 = 2 + 1 * 32


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_run_lengths_come_back_for_any_mask(rows: int, cols: int, seed: int) -> None:
    mask = np.random.default_rng(seed).random((rows, cols)) > 0.5

    assert runs_of_counts(counts_of_runs(MaskRuns.from_array(mask)), rows, cols) == MaskRuns.from_array(mask)


def test_the_coco_file_is_what_other_programs_expect(
    tmp_path: Path, project: Project, write_picture: Callable[..., Path]
) -> None:
    drawn(project, write_picture, tmp_path / "pictures")
    load(EXPORTERS, "coco").write(tmp_path / "out" / "file.json", dataset_of(project))

    document = json.loads((tmp_path / "out" / "file.json").read_text(encoding="utf-8"))

    assert document["images"][0]["file_name"] == "../pictures/a b.png"
    assert (document["images"][0]["width"], document["images"][0]["height"]) == (COLS, ROWS)
    by_label = {category["id"]: category["name"] for category in document["categories"]}
    found = {by_label[entry["category_id"]]: entry for entry in document["annotations"]}
    assert found["box"]["bbox"] == [0.125, 1.5, 22.625, 35.4]
    assert found["last pixel"]["bbox"] == [COLS - 1, ROWS - 1, 1, 1]
    assert found["awkward"]["segmentation"]["size"] == [ROWS, COLS]
    assert found["awkward"]["area"] == awkward_mask().sum()
