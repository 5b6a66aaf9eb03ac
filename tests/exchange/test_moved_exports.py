"""An export that is moved together with its pictures comes back exactly, whatever the format."""

import shutil
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from PIL import Image

from tests.exchange.test_exports import as_held, content_of, exported, imported
from tests.ui.conftest import write_slice
from viewer.core.labels import Verdict
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.kinds.polygon import Polygon
from viewer.core.shapes.shape import Shape
from viewer.exchange import EXPORTERS
from viewer.project import edit_builders as edits
from viewer.project.project import Project
from viewer.project.register import add_to_project
from viewer.reading.scan import scan

TRIANGLE = Polygon(points_px=((1.0, 1.0), (9.5, 2.0), (4.0, 9.25)))
BOX = Box(x0_px=1.5, y0_px=2, x1_px=8, y1_px=9)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """root/films: pictures with awkward names, CT slices, a multi-page TIFF and a picture in a ZIP; and a project."""
    films = tmp_path / "root" / "films"
    (films / "ct").mkdir(parents=True)
    for number, name in enumerate(("a b.png", "ü, =1.png")):
        _pixels(number).save(films / name)
    for place in range(2):
        write_slice(films / "ct" / f"{place}.dcm", patient="P1", study=1, series=1, place=place, frame="1.2.9")
    _pixels(7).save(films / "pages.tif", save_all=True, append_images=[_pixels(8)])
    _pixels(9).save(tmp_path / "z.png")
    with ZipFile(films / "set.zip", "w") as archive:
        archive.write(tmp_path / "z.png", "in/z.png")
    with Project.create(tmp_path / "root" / "project", author="Ada") as project:
        add_to_project(project, scan([films, films / "set.zip"]))
        mask = np.zeros((14, 11), np.bool_)
        mask[2:5, 3:7] = True
        for place, record in enumerate(project.images.all()):
            shapes: dict[str, Shape] = {"box": BOX, "mask": _whole(mask, record.rows, record.cols)}
            if record.rows == 14:  # as large as `as_held` paints an outline
                shapes["outline"] = TRIANGLE
            for label, shape in shapes.items():
                project.history.do(edits.add_annotation(record.image_id, label, shape, author="Ada"))
            said = Verdict.YES if place % 2 else Verdict.NO
            project.history.do(edits.say_image_label(record.image_id, "ill", before=None, after=said))
    return tmp_path / "root"


def _pixels(seed: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 255, (14, 11), np.uint8))


def _whole(mask: np.ndarray, rows: int, cols: int) -> MaskRuns:
    image = np.zeros((rows, cols), np.bool_)
    image[: mask.shape[0], : mask.shape[1]] = mask
    return MaskRuns.from_array(image)


@pytest.mark.parametrize("place", ["out", "films/out", "a/b/c/out"])
@pytest.mark.parametrize("name", list(EXPORTERS))
def test_an_export_moved_with_its_pictures_comes_back_exactly(
    root: Path, tmp_path: Path, name: str, place: str
) -> None:
    with Project.open(root / "project", writable=True) as project:
        assert len(project.images.all()) == 7
        held = as_held(name, project)
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        exported(project, name, root / place)
    shutil.rmtree(root / "project")
    moved = root.rename(tmp_path / "another machine")

    other, report = imported(tmp_path / "other", name, moved / place)

    with other:
        assert content_of(other) == held
        assert {moved in record.path.parents for record in other.images.all()} == {True}
    assert all("the export left out" in sentence for _, sentence in report.problems), report.problems


@pytest.mark.parametrize("name", list(EXPORTERS))
def test_a_moved_project_exports_where_its_pictures_are_now(root: Path, tmp_path: Path, name: str) -> None:
    """Also one that is open for reading only, whose rows name the place of before."""
    moved = root.rename(tmp_path / "another machine")
    with Project.open(moved / "project", writable=False) as project:
        held = as_held(name, project)
        exported(project, name, moved / "out")
    again = moved.rename(tmp_path / "a third")

    other, _ = imported(tmp_path / "other", name, again / "out")

    with other:
        assert content_of(other) == held


@pytest.mark.parametrize("name", list(EXPORTERS))
def test_no_export_names_a_place_of_this_machine(root: Path, tmp_path: Path, name: str) -> None:
    with Project.open(root / "project", writable=True) as project:
        exported(project, name, root / "out")
    written = [root / "out"] if (root / "out").is_file() else list((root / "out").glob("*.csv"))

    assert written
    assert not [path for path in written if str(tmp_path) in path.read_text(encoding="utf-8")]
