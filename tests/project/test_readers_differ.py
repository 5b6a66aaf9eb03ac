"""Readers who differ are why an image stays out, in every kind of task: not that nobody said anything."""

from pathlib import Path

import pytest

from tests.project.test_combining import NO, YES, frozen, read_by
from tests.project.test_readings import complete, reading, say
from viewer.project.project import Project
from viewer.project.readings import SHARED_WORD
from viewer.project.records import Task


@pytest.fixture
def image(project: Project, image_id: str) -> str:
    """An image of a project that nobody has open."""
    project.close()
    return image_id


@pytest.mark.parametrize("exclusive", [False, True])
def test_an_image_of_which_readers_differ_is_left_out_by_name(folder: Path, image: str, *, exclusive: bool) -> None:
    read_by(folder, image, {"Ada": {"ill": YES, "well": NO}, "Bob": {"ill": NO, "well": YES}})
    with reading(folder, SHARED_WORD) as project:
        other = next(one.image_id for one in project.images.all() if one.image_id != image)
        for label, verdict in (("ill", YES), ("well", NO)):
            say(project, other, label, verdict)
        complete(project, other)
        name = project.images.get(image).path.name
        card = frozen(project, Task(name="t", kind="classification", labels=("ill", "well"), exclusive=exclusive)).card

    assert card["left_out_of"] == {"its readers differ": [name]}
    assert "none of the task's labels" not in card["left_out"]


def test_an_image_that_nobody_answered_says_so_still(folder: Path, image: str) -> None:
    read_by(folder, image, {"Ada": {}, "Bob": {}})
    with reading(folder, SHARED_WORD) as project:
        other = next(one.image_id for one in project.images.all() if one.image_id != image)
        say(project, other, "ill", YES)
        complete(project, other)
        card = frozen(project, Task(name="t", kind="classification", labels=("ill",), exclusive=False)).card

    assert card["left_out"]["none of the task's labels"] == 1 and card["left_out_of"] == {}
