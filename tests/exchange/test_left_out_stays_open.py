"""What a format cannot hold of an image is no "nothing there" when the export comes back as complete cases."""

from pathlib import Path

import numpy as np
import pytest

from tests.exchange.test_exports import COLS, ROWS, Content, a_project, exported
from viewer.core.annotations import CaseStatus
from viewer.core.masks import MaskRuns
from viewer.core.registry import load
from viewer.core.shapes import Box, Shape
from viewer.exchange import IMPORTERS
from viewer.exchange.importing import carry_out
from viewer.exchange.plan import make_plan
from viewer.project.project import Project

BOX = Box(x0_px=2, y0_px=2, x1_px=8, y1_px=8)
OFF = Box(x0_px=-30, y0_px=2, x1_px=-20, y1_px=8)
MASK = MaskRuns.from_array(np.ones((ROWS, COLS), np.bool_))


@pytest.mark.parametrize(
    ("name", "lost", "words"),
    [("masks", BOX, "the export left out 1 box, so"), ("coco", OFF, "the export left out")],
)
@pytest.mark.parametrize("beside", [[], [("lung", MASK)]])
def test_an_image_of_which_an_export_left_something_out_stays_open(
    tmp_path: Path, name: str, lost: Shape, words: str, beside: list[tuple[str, Shape]]
) -> None:
    content = [Content(shapes=[("nodule", lost), *beside]), Content(shapes=[("lung", MASK)]), Content()]
    with a_project(tmp_path, content) as project:
        exported(project, name, tmp_path / "out")
        ids = [record.image_id for record in project.images.all()]

    with Project.create(tmp_path / "other") as other:
        with make_plan(other, load(IMPORTERS, name), tmp_path / "out", {}, complete=True) as plan:
            report = carry_out(other, plan)
        cases = [other.images.get(image_id).case_id for image_id in ids]
        complete = [other.cases.get(case_id).status is CaseStatus.COMPLETE for case_id in cases]

    assert complete == [False, True, True]
    assert [words in sentence for _, sentence in report.problems] == [True]
