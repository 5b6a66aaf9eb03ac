"""A snapshot that would be empty says the true reason: what keeps each image out, counted, and what to do."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.project.test_snapshots import AB, labelled
from viewer.core.edits import CaseStatusChange, Edit
from viewer.core.errors import BadRequest
from viewer.core.shapes.annotations import CaseStatus
from viewer.project.project import Project
from viewer.project.records import NewImage, Task
from viewer.project.snapshots.preview import SnapshotPreview
from viewer.project.snapshots.snapshot import make_snapshot
from viewer.project.snapshots.why_empty import why_empty

CD = Task(name="cd", kind="classification", labels=("C", "D"))


def refusal(project: Project, task: Task) -> str:
    """What the command line says, which the window says too."""
    with pytest.raises(BadRequest) as refused:
        make_snapshot(project, task)
    preview = SnapshotPreview(project, task)
    assert why_empty(task, preview, preview.left_out_of) == str(refused.value)
    return str(refused.value)


def set_all(project: Project, before: CaseStatus, after: CaseStatus) -> None:
    cases = [case.case_id for case in project.cases.all() if case.status is before]
    changes = tuple(CaseStatusChange(case_id=one, before=before, after=after) for one in cases)
    project.history.do(Edit(text="all", changes=changes))


def test_no_case_is_complete(project: Project) -> None:
    assert refusal(project, AB) == (
        "No image is ready for the task ab (A, B): 8 images stay out: case not complete. "
        "Complete cases first (Annotate, Complete and next; or tick it at an import)."
    )


def test_cases_are_complete_and_say_nothing_of_its_labels(project: Project, new_image: Callable[..., NewImage]) -> None:
    set_all(project, CaseStatus.TO_DO, CaseStatus.COMPLETE)

    assert refusal(project, CD) == (
        "No image is ready for the task cd (C, D): 8 images stay out: none of the task's labels. Say of the images "
        "whether they show them, or choose other labels."
    )


def test_several_reasons_are_told_the_most_frequent_first(project: Project, new_image: Callable[..., NewImage]) -> None:
    labelled(project, new_image, [("X1", "A"), ("X2", "B")])

    assert refusal(project, CD) == (
        "No image is ready for the task cd (C, D): 8 images stay out: case not complete; 2 images stay out: none of "
        "the task's labels. "
        "Complete cases first (Annotate, Complete and next; or tick it at an import). "
        "Say of the images whether they show them, or choose other labels."
    )


def test_cases_that_wait_for_a_review_are_not_called_unfinished(project: Project) -> None:
    set_all(project, CaseStatus.TO_DO, CaseStatus.NEEDS_REVIEW)

    assert refusal(project, AB) == (
        "No image is ready for the task ab (A, B): 8 images stay out: case needs review. A case enters once it is "
        "approved."
    )


def test_a_project_without_images_says_so(tmp_path: Path) -> None:
    with Project.create(tmp_path / "none") as empty:
        said = refusal(empty, AB)

    assert said == "No image is ready for the task ab (A, B): the project has no images yet; add some first."


def test_more_reasons_than_are_told_are_counted() -> None:
    read = SimpleNamespace(left_out={"a": 1, "b": 5, "c": 2, "d": 0, "e": 4, "f": 3}, lacking="")

    said = why_empty(AB, read, {"e": [Path("x/1.dcm"), Path("x/2.dcm")]})

    assert said == (
        "No image is ready for the task ab (A, B): 5 images stay out: b; 4 images stay out: e; 3 images stay out: f; "
        "and 2 more reasons. Of 1.dcm and 1 more, e."
    )
