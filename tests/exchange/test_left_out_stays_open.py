"""What a format cannot hold of an image is no "nothing there" when the export comes back as complete cases.

Nor is a case that the exporting project has as to do, nor one of which the import names a part.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.exchange.test_exports import COLS, ROWS, Content, a_project, exported
from viewer.core.registry import load
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.shape import Shape
from viewer.exchange import IMPORTERS
from viewer.exchange.importing import ImportReport, carry_out
from viewer.exchange.plan import make_plan
from viewer.project import edit_builders as edits
from viewer.project.project import Project
from viewer.project.records import CaseUnit
from viewer.project.register import FrameToAdd, add_frames
from viewer.reading.series import FrameRef

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
        for case in project.cases.all():
            project.history.do(edits.set_status(case, CaseStatus.COMPLETE))
        exported(project, name, tmp_path / "out")
        ids = [record.image_id for record in project.images.all()]

    with Project.create(tmp_path / "other") as other:
        with make_plan(other, load(IMPORTERS, name), tmp_path / "out", {}, complete=True) as plan:
            report = carry_out(other, plan)
        cases = [other.images.get(image_id).case_id for image_id in ids]
        complete = [other.cases.get(case_id).status is CaseStatus.COMPLETE for case_id in cases]

    assert complete == [False, True, True]
    assert [words in sentence for _, sentence in report.problems] == [True]


@pytest.mark.parametrize("name", ["csv", "coco", "masks"])
def test_a_case_that_was_exported_before_it_was_complete_stays_open(tmp_path: Path, name: str) -> None:
    with a_project(
        tmp_path, [Content(), Content(shapes=[("lung", MASK)]), Content(shapes=[("lung", MASK)])]
    ) as project:
        cases = project.cases.all()
        project.history.do(edits.set_status(cases[1], CaseStatus.IN_PROGRESS))
        project.history.do(edits.set_status(cases[2], CaseStatus.COMPLETE))
        exported(project, name, tmp_path / "out")
        ids = [record.image_id for record in project.images.all()]

    with Project.create(tmp_path / "other") as other:
        with make_plan(other, load(IMPORTERS, name), tmp_path / "out", {}, complete=True) as plan:
            report = carry_out(other, plan)
        statuses = [other.cases.status(other.images.get(image_id).case_id) for image_id in ids]

    assert statuses == [CaseStatus.TO_DO, CaseStatus.TO_DO, CaseStatus.COMPLETE]
    assert (report.completed_cases, report.open_cases, report.problems) == (1, 2, ())
    words = " ".join(report.notes)
    assert "has it as to do, and not as complete" in words and "has it as in progress, and not as complete" in words


def test_a_series_of_which_the_import_names_a_part_stays_open(
    tmp_path: Path, write_picture: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    paths = [write_picture(tmp_path / "set" / f"{place}.png", place) for place in range(3)]
    rows = ["path,x0,y0,x1,y1,label", *(f"{path.name},1,1,4,4,nodule" for path in paths)]
    for name, count in (("part", 3), ("all", 4)):
        (tmp_path / "set" / f"{name}.csv").write_text("\n".join(rows[:count]))

    with Project.create(tmp_path / "project", case_unit=CaseUnit.SERIES) as project:
        slices = [FrameToAdd(ref=FrameRef(path=path), source="set", series_id="1.2.3") for path in paths]
        assert add_frames(project, slices)[1] == []
        part = bring_in(project, "csv", tmp_path / "set" / "part.csv", complete=True)
        status = project.cases.all()[0].status
        whole = bring_in(project, "csv", tmp_path / "set" / "all.csv", complete=True)

    assert status is not CaseStatus.COMPLETE and (part.completed_cases, part.open_cases) == (0, 1)
    assert [one for one in part.notes if one.endswith("not " + str(paths[2].resolve()) + ".")]
    assert (whole.completed_cases, whole.open_cases) == (1, 0)
