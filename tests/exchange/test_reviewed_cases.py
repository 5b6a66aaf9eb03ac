"""Exports and imports of cases that were sent to review, approved or returned: what counts comes back as complete."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.exchange.test_exports import COLS, ROWS, Content, a_project, exported
from tests.exchange.test_importing import bring_in
from viewer.core.registry import load
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.exchange import IMPORTERS
from viewer.exchange.importing import carry_out
from viewer.exchange.own_table import unfinished
from viewer.exchange.plan import make_plan
from viewer.project import edit_builders as edits
from viewer.project.project import Project

S = CaseStatus
MASK = MaskRuns.from_array(np.ones((ROWS, COLS), np.bool_))
AS_IT_WAS = ("to do", "in progress", "complete", "needs review", "approved", "returned")


def put(project: Project, case_id: str, status: CaseStatus) -> None:
    comment = "Again." if status is S.RETURNED else ""
    project.history.do(edits.set_status(project.cases.get(case_id), status, comment))


def test_the_words_of_a_status_in_a_table_open_a_case_unless_they_count() -> None:
    assert [word for word in AS_IT_WAS if not unfinished(word)] == ["complete", "approved"]
    assert "has it as returned, and not as complete" in unfinished("returned")


@pytest.mark.parametrize("name", ["csv", "coco", "masks"])
def test_what_is_complete_or_approved_comes_back_complete_and_nothing_else(tmp_path: Path, name: str) -> None:
    statuses = [S.APPROVED, S.NEEDS_REVIEW, S.RETURNED]
    with a_project(tmp_path, [Content(shapes=[("lung", MASK)]) for _ in statuses]) as project:
        for case, status in zip(project.cases.all(), statuses, strict=True):
            put(project, case.case_id, status)
        exported(project, name, tmp_path / "out")
        ids = [project.cases.get(case.case_id).first_image_id for case in project.cases.all()]

    with Project.create(tmp_path / "other") as other:
        with make_plan(other, load(IMPORTERS, name), tmp_path / "out", {}, complete=True) as plan:
            carry_out(other, plan)
        came = [other.cases.status(other.images.get(image_id).case_id) for image_id in ids]

    assert [status is S.COMPLETE for status in came] == [True, False, False]


def test_an_import_as_complete_leaves_what_is_done_as_it_is_and_ends_a_return(
    project: Project, tmp_path: Path, write_picture: Callable[..., Path]
) -> None:
    for seed, name in enumerate("abcd"):
        write_picture(tmp_path / "set" / f"{name}.png", seed)
    table = tmp_path / "set" / "labels.csv"
    table.write_text("path,label\n" + "".join(f"{name}.png,ill\n" for name in "abcd"))
    bring_in(project, "csv", table, complete=False)
    statuses = [S.NEEDS_REVIEW, S.APPROVED, S.RETURNED, S.TO_DO]
    cases = [row.case_id for row in project.cases.all()]
    for case_id, status in zip(cases, statuses, strict=True):
        put(project, case_id, status)

    bring_in(project, "csv", table)

    rows = [project.cases.get(case_id) for case_id in cases]
    assert [row.status for row in rows] == [S.NEEDS_REVIEW, S.APPROVED, S.COMPLETE, S.COMPLETE]
    assert rows[2].comment == ""
    project.history.undo()
    assert (project.cases.get(cases[2]).status, project.cases.get(cases[2]).comment) == (S.RETURNED, "Again.")


def test_approved_cases_that_an_import_calls_complete_with_a_label_that_is_new_stay_approved(
    project: Project, tmp_path: Path, write_picture: Callable[..., Path]
) -> None:
    write_picture(tmp_path / "set" / "a.png", 0)
    first, second = tmp_path / "set" / "first.csv", tmp_path / "set" / "second.csv"
    first.write_text("path,label\na.png,ill\n")
    second.write_text("path,other\na.png,new\n")
    bring_in(project, "csv", first)
    (case,) = project.cases.all()
    put(project, case.case_id, S.APPROVED)

    report = bring_in(project, "csv", second, "image=path,label=other")

    assert project.cases.get(case.case_id).status is S.APPROVED
    assert any("was complete before new" in note for note in report.notes)
    project.history.undo()
    assert project.cases.get(case.case_id).status is S.APPROVED
