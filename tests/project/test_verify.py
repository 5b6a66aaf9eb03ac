"""`verify` finds what a store can have wrong."""

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.shapes.shape import Box
from viewer.project import edit_builders as edits
from viewer.project.project import DATABASE_NAME, Project
from viewer.project.records import NewImage
from viewer.project.verify import verify

ON_FILES = {
    "test_what_was_changed_behind_the_journals_back_is_found": "changes the file behind the program",
}


def work(project: Project) -> None:
    """Some gestures, with an undo among them."""
    for image in project.images.all()[:4]:
        box = Box(x0_px=1, y0_px=1, x1_px=4, y1_px=5)
        project.history.do(edits.add_annotation(image.image_id, "nodule", box, author="Ada"))
        project.history.do(edits.say_image_label(image.image_id, "normal", before=None, after=Verdict.NO))
    project.history.undo()
    project.history.do(edits.set_status(project.cases.all()[0], CaseStatus.COMPLETE))


def test_a_sound_project_passes_while_it_is_being_written(folder: Path, project: Project) -> None:
    work(project)

    report = verify(folder)

    assert report.ok, report.problems
    assert (report.edits, report.annotations) == (9, 4)


@pytest.mark.parametrize(
    "tampering",
    [
        "DELETE FROM annotations WHERE rowid = 1",
        "UPDATE annotations SET label = 'cyst' WHERE rowid = 2",
        "UPDATE answers SET verdict = 'yes'",
        "UPDATE readings SET state = 'to do'",
        "UPDATE labels SET position = 5",
        "UPDATE journal SET state = 'done'",
        'UPDATE journal SET changes = \'[{"kind": "what"}]\' WHERE edit_id = 1',
        "DELETE FROM steps WHERE step_id = 3",
        "UPDATE images SET pixel_sha256 = 'x' WHERE position = 0",
        "DELETE FROM images WHERE position = 0",
    ],
)
def test_what_was_changed_behind_the_journals_back_is_found(folder: Path, project: Project, tampering: str) -> None:
    work(project)
    project.close()
    with closing(sqlite3.connect(folder / DATABASE_NAME)) as connection, connection:
        assert connection.execute(tampering).rowcount > 0

    assert verify(folder).problems


def picture(path: Path, seed: int) -> NewImage:
    from PIL import Image

    from viewer.project.register import FrameToAdd, read_new_image
    from viewer.reading.series import FrameRef

    Image.fromarray(np.random.default_rng(seed).integers(0, 255, (20, 30), np.uint8)).save(path)
    return read_new_image(FrameToAdd(ref=FrameRef(path=path), source="test"))


def test_changed_pixels_are_a_problem_and_an_unreachable_picture_a_note(
    folder: Path, project: Project, tmp_path: Path
) -> None:
    project.images.register([picture(tmp_path / "a.png", 1)])
    assert not [problem for problem in verify(folder, pixels=True).problems if "a.png" in problem]

    picture(tmp_path / "a.png", 2)

    assert any("a.png" in note for note in verify(folder).notes)
    assert any("a.png" in problem for problem in verify(folder, pixels=True).problems)
    assert any("cannot be reached" in note for note in verify(folder).notes)  # the made-up pictures
