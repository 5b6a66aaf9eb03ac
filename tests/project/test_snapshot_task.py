"""A task keeps its kind under its name, and a snapshot of which nothing is drawn is none."""

from collections.abc import Callable

import pytest

from tests.project.test_snapshots import labelled
from viewer.core.errors import BadRequest
from viewer.core.shapes.kinds.box import Box
from viewer.project import edit_builders as edits
from viewer.project.project import Project
from viewer.project.records import NewImage, Task
from viewer.project.snapshots.preview import SnapshotPreview
from viewer.project.snapshots.snapshot import all_snapshots, make_snapshot

SPOTS = Task(name="spots", kind="detection", labels=("spot", "none"), exclusive=False)


@pytest.fixture
def four(project: Project, new_image: Callable[..., NewImage]) -> list[str]:
    """Four complete images of four patients, each answered A or B, with nothing drawn on them."""
    return labelled(project, new_image, [(f"X{number}", "AB"[number % 2]) for number in range(4)])


def test_a_task_of_another_kind_does_not_take_the_place_of_one(project: Project) -> None:
    project.tasks.put(SPOTS)

    with pytest.raises(BadRequest, match=r"a task spots already, for detection: give this one another name\.$"):
        project.tasks.put(Task(name="spots", kind="segmentation", labels=("spot",)))
    assert project.tasks.all() == [SPOTS]

    fewer = Task(name="spots", kind="detection", labels=("spot",), exclusive=False)
    project.tasks.put(fewer)
    assert project.tasks.all() == [fewer]


@pytest.mark.parametrize(("kind", "drawn"), [("detection", "an object"), ("segmentation", "a mask or polygon")])
def test_nothing_drawn_is_nothing_to_learn(project: Project, four: list[str], kind: str, drawn: str) -> None:
    task = Task(name="spots", kind=kind, labels=("spot", "none"))
    said = f"has {drawn} of spot or none, so there is nothing to learn"

    with pytest.raises(BadRequest, match=said):
        make_snapshot(project, task)
    with pytest.raises(BadRequest, match=said):
        SnapshotPreview(project, task).divide()
    assert all_snapshots(project.folder) == []


def test_a_label_that_no_image_shows_is_noted(project: Project, four: list[str]) -> None:
    project.history.do(edits.add_annotation(four[0], "spot", Box(x0_px=1, y0_px=1, x1_px=5, y1_px=5), author="A"))

    made = make_snapshot(project, SPOTS)

    # "none" is a name like any other: images that show nothing are no images of it.
    said = "No image that enters it shows none: of that a model learns nothing."
    assert made.card["notes"][-1] == said and SnapshotPreview(project, SPOTS).divide().without == said
    assert make_snapshot(project, Task(name="ab", kind="classification", labels=("A", "B"))).card["notes"] == []
