"""`verify` finds what a store can have wrong."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from tests.project.conftest import made_up_image
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus, Measurement, Prediction, Proposal
from viewer.core.shapes.kinds.box import Box
from viewer.project import edit_builders as edits
from viewer.project.project import DATABASE_NAME, Project
from viewer.project.readings import SHARED_WORD
from viewer.project.records import NewImage
from viewer.project.verify import verify

ON_FILES = {
    "test_what_was_changed_behind_the_journals_back_is_found": "changes the file behind the program",
}

BOX = Box(x0_px=1, y0_px=1, x1_px=4, y1_px=5)


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


@pytest.fixture(scope="module")
def read_by_three(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A folder and the rounds' ids. In each reading: a shape, an answer, a measurement, a decision, a status."""
    folder = tmp_path_factory.mktemp("read") / "project"
    with Project.create(folder, author="Ada") as project:
        project.images.register([made_up_image(number) for number in range(5)])
        image_id = project.images.all()[0].image_id
        found = tuple(
            Proposal(proposal_id=one, prediction_id="q", image_id=image_id, label="ill", score=0.5)
            for one in ("p1", "p2")
        )
        project.predictions.add(
            Prediction(
                prediction_id="q", image_id=image_id, model_hash="h", model_name="m", kind="classification",
                created="2026-01-01", threshold=0.5, scores={"ill": 0.5}, proposals=found, labels=("ill",),
            )
        )  # fmt: skip
    rounds = {}
    for name in (SHARED_WORD, "Ada", "Bob"):
        with Project.open(folder, writable=True, reader=name, author="Ada" if name == SHARED_WORD else "") as own:
            rounds[name] = own.round_id
            own.history.do(edits.add_annotation(image_id, "nodule", BOX, author=own.author))
            own.history.do(edits.say_image_label(image_id, "ill", before=None, after=Verdict.YES))
            line = Measurement(measurement_id=f"m{name}", image_id=image_id, kind="length", points_px=((1, 1), (5, 5)))
            own.history.do(edits.add_measurement(line))
            own.history.do(edits.reject(own.work.proposals(image_id)[0]))
            own.history.do(edits.set_status(own.cases.get(own.images.get(image_id).case_id), CaseStatus.COMPLETE))
    assert verify(folder).problems == []
    return folder, rounds


HERE = "round_id = '{Ada}'"
TAMPERINGS = (
    "UPDATE annotations SET round_id = '{Bob}' WHERE " + HERE,
    "UPDATE annotations SET round_id = '' WHERE " + HERE,
    "UPDATE annotations SET object_id = 'x' WHERE " + HERE,
    "UPDATE annotations SET object_id = (SELECT object_id FROM annotations WHERE round_id = '') WHERE " + HERE,
    "DELETE FROM annotations WHERE " + HERE,
    "UPDATE measurements SET round_id = '' WHERE " + HERE,
    "DELETE FROM measurements WHERE " + HERE,
    "UPDATE readings SET state = 'in progress' WHERE " + HERE,
    "UPDATE readings SET state = 'approved' WHERE " + HERE,
    "UPDATE readings SET state = 'well' WHERE " + HERE,
    "UPDATE readings SET comment = 'x' WHERE " + HERE,
    "DELETE FROM readings WHERE " + HERE,
    "UPDATE readings SET case_id = (SELECT case_id FROM cases WHERE position = 3) WHERE " + HERE,
    "INSERT INTO readings (case_id, round_id, state, comment, revealed) "
    "SELECT case_id, '{Ada}', 'complete', '', '' FROM cases WHERE position = 3",
    "UPDATE decisions SET decision = 'accepted' WHERE " + HERE,
    "UPDATE decisions SET annotation_id = 'x' WHERE " + HERE,
    "DELETE FROM decisions WHERE " + HERE,
    "UPDATE decisions SET proposal_id = 'p2' WHERE " + HERE,
    "INSERT INTO decisions (round_id, proposal_id, decision) VALUES ('{Bob}', 'p2', 'rejected')",
    "UPDATE answers SET verdict = 'no' WHERE " + HERE,
    "UPDATE answers SET verdict = 'well' WHERE " + HERE,
    "UPDATE answers SET label = 'well' WHERE " + HERE,
    "UPDATE answers SET target = 'study' WHERE " + HERE,
    "UPDATE answers SET target_id = (SELECT image_id FROM images WHERE position = 3) WHERE " + HERE,
    "UPDATE answers SET kind = 'text' WHERE " + HERE,
    "UPDATE answers SET words = 'x' WHERE " + HERE,
    "UPDATE answers SET number = 1 WHERE " + HERE,
    "UPDATE answers SET unit = 'mm' WHERE " + HERE,
    "DELETE FROM answers WHERE " + HERE,
    "INSERT INTO answers SELECT '{Bob}', target, target_id, 'well', kind, verdict, words, number, unit FROM answers "
    "WHERE " + HERE,
    "DELETE FROM rounds WHERE " + HERE,
    "UPDATE journal SET round_id = '{Bob}' WHERE " + HERE,
    "DELETE FROM case_images WHERE image_id = (SELECT image_id FROM images WHERE position = 3)",
    "INSERT INTO case_images SELECT case_id, (SELECT image_id FROM images WHERE position = 3) FROM cases "
    "WHERE position = 4",
    "UPDATE case_images SET case_id = (SELECT case_id FROM cases WHERE position = 3) "
    "WHERE image_id = (SELECT image_id FROM images WHERE position = 4)",
)


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_what_was_changed_of_any_reading_behind_the_journal_s_back_is_found(
    read_by_three: tuple[Path, dict[str, str]], tmp_path: Path, tampering: str
) -> None:
    made, rounds = read_by_three
    folder = Path(shutil.copytree(made, tmp_path / "project"))
    with closing(sqlite3.connect(folder / DATABASE_NAME)) as connection, connection:
        assert connection.execute(tampering.format(**rounds)).rowcount > 0

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
