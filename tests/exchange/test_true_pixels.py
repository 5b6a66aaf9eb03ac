"""An export never says of a picture what was said of another that had its name before."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.exchange.test_exports import COLS, NAMES, ROWS, Content, a_project, content_of
from viewer.cli.main import main
from viewer.core.registry import load
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.exchange import EXPORTERS, IMPORTERS
from viewer.exchange.importing import carry_out
from viewer.exchange.plan import make_plan
from viewer.project.project import Project

MASK = MaskRuns.from_array(np.eye(ROWS, COLS, dtype=np.bool_))


@pytest.mark.parametrize("name", EXPORTERS)
def test_a_picture_that_was_overwritten_is_left_out_by_name(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first is overwritten, the second written again with the same pixels, the third gone."""
    with a_project(tmp_path, [Content(shapes=[("lung", MASK)]) for _ in NAMES]) as project:
        folder, before = project.folder, content_of(project)
        ids = [record.image_id for record in project.images.all()]
    pictures = [tmp_path / "set" / "pictures" / name for name in NAMES]
    Image.fromarray(np.full((ROWS, COLS), 7, np.uint8)).save(pictures[0])
    again = np.asarray(Image.open(pictures[1]))
    Image.fromarray(again).save(pictures[1], compress_level=0)
    pictures[2].rename(tmp_path / "away.png")
    out = tmp_path / f"out{load(EXPORTERS, name).suffix}"

    assert main(["annotate", "export", str(folder), "--format", name, "--out", str(out)]) == 0

    said = capsys.readouterr().err
    assert (
        f"{pictures[0]} has other pixels than the image {ids[0][:12]}" in said and said.count("has other pixels") == 1
    )
    (tmp_path / "away.png").rename(pictures[2])
    with Project.create(tmp_path / "other", author="Ben") as other:
        with make_plan(other, load(IMPORTERS, name), out, {}) as plan:
            report = carry_out(other, plan)
        found = content_of(other)
    assert report.problems == ()
    assert {image_id: one["shapes"] for image_id, one in found.items()} == {
        image_id: before[image_id]["shapes"] for image_id in ids[1:]
    }


def test_a_file_of_another_time_and_the_same_pixels_is_exported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with a_project(tmp_path, [Content(shapes=[("lung", MASK)])]) as project:
        folder = project.folder
    os.utime(tmp_path / "set" / "pictures" / NAMES[0], ns=(1, 1))

    assert main(["annotate", "export", str(folder), "--format", "csv", "--out", str(tmp_path / "t.csv")]) == 0
    assert "other pixels" not in capsys.readouterr().err and "mask" in (tmp_path / "t.csv").read_text()
