"""What happens to finished gestures when things go wrong: SIGKILL, a full disk, damage."""

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from viewer.core.errors import BadProject, BadRequest
from viewer.project.project import DATABASE_NAME, Project
from viewer.project.verify import verify

ON_FILES = "SIGKILL, a full disk and damage of a file; children that are told a folder"

# Draws, paints, says, undoes; after each call that returned, one byte tells the parent so.
ANNOTATOR = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    import numpy as np
    from viewer.core.labels import Verdict
    from viewer.core.shapes.kinds.mask import MaskRuns
    from viewer.core.shapes.kinds.box import Box
    from viewer.project import edit_builders as edits
    from viewer.project.project import Project

    folder, seed, out = Path(sys.argv[1]), int(sys.argv[2]), sys.stdout.buffer
    rng = np.random.default_rng(seed)
    project = Project.open(folder, writable=True)
    ids = [image.image_id for image in project.images.all()]
    out.write(b"r"); out.flush()
    while True:
        image_id = ids[int(rng.integers(len(ids)))]
        there = project.work.annotations(image_id)
        masks = [one for one in there if isinstance(one.shape, MaskRuns)]
        choice = int(rng.integers(6))
        if choice == 0 and project.history.undo_text:
            project.history.undo()
            out.write(b"u"); out.flush()
            continue
        if choice == 1 and masks:
            full = masks[0].shape.to_array()
            row, col = int(rng.integers(50)), int(rng.integers(30))
            edit = edits.paint(masks[0], row0=row, col0=col, before=full[row:row + 10, col:col + 10].copy(),
                               after=rng.random((10, 10)) > 0.5)
        elif choice == 2:
            before = project.work.image_labels(image_id).get("normal")
            after = Verdict.NO if before is Verdict.YES else Verdict.YES
            edit = edits.say_image_label(image_id, "normal", before=before, after=after)
        elif choice == 3:
            edit = edits.add_annotation(image_id, "lung", MaskRuns.from_array(rng.random((60, 40)) > 0.5), author="A")
        else:
            edit = edits.add_annotation(image_id, "nodule", Box(x0_px=1, y0_px=1, x1_px=9, y1_px=9), author="A")
        project.history.do(edit)
        out.write(b"d"); out.flush()
    """
)


def start_annotating(folder: Path, seed: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", ANNOTATOR, str(folder), str(seed)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )


def killed_while_annotating(folder: Path, seed: int) -> tuple[int, int]:
    """Let a child annotate and SIGKILL it at a random moment; (gestures it had finished, undos it had finished)."""
    child = start_annotating(folder, seed)
    assert child.stdout is not None
    assert child.stdout.read(1) == b"r"
    time.sleep(random.Random(seed).uniform(0.0, 0.25))
    os.kill(child.pid, signal.SIGKILL)
    finished = child.stdout.read()
    child.wait()
    child.stdout.close()
    return finished.count(b"d"), finished.count(b"u")


def campaign(folder: Path, kills: int) -> None:
    finished = undone = 0
    for seed in range(kills):
        done, taken_back = killed_while_annotating(folder, seed)
        finished += done
        undone += taken_back
        report = verify(folder)
        assert report.ok, report.problems
        # The gesture in progress may or may not have been kept; the finished ones must all be there.
        assert finished <= report.edits <= finished + seed + 1
    assert finished > kills


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
def test_no_finished_gesture_is_lost_over_10_sigkills(folder: Path, project: Project) -> None:
    project.close()
    campaign(folder, 10)


@pytest.mark.full
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
def test_no_finished_gesture_is_lost_over_200_sigkills(folder: Path, project: Project) -> None:
    project.close()
    campaign(folder, 200)


FULL_DISK = textwrap.dedent(
    """
    import resource, signal, sys
    from pathlib import Path
    from viewer.core.errors import NotWritable
    from viewer.core.shapes.kinds.box import Box
    from viewer.project import edit_builders as edits
    from viewer.project.project import Project

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    folder = Path(sys.argv[1])
    project = Project.open(folder, writable=True)
    image_id = project.images.all()[0].image_id
    heard = []
    project.history.on_change.connect(heard.append)
    def draw():
        box = Box(x0_px=0, y0_px=0, x1_px=1, y1_px=1)
        project.history.do(edits.add_annotation(image_id, "n" * 500, box, author="A"))
    draw()
    limit = (folder / "project.db-wal").stat().st_size + 20000
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    drawn, error = 1, ""
    for _ in range(100):
        try:
            draw()
            drawn += 1
        except NotWritable as refused:
            error = str(refused)
            break
    assert "could not be written" in error, error
    assert len(project.work.annotations(image_id)) == drawn == len(heard)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    draw()
    assert len(project.work.annotations(image_id)) == drawn + 1
    project.close()
    print(drawn)
    """
)


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
def test_a_full_disk_refuses_the_gesture_changes_nothing_and_work_goes_on_when_there_is_room(
    folder: Path, project: Project
) -> None:
    project.close()

    child = subprocess.run([sys.executable, "-c", FULL_DISK, str(folder)], capture_output=True, text=True, check=False)

    assert child.returncode == 0, child.stderr
    report = verify(folder)
    assert report.ok, report.problems
    assert report.edits == int(child.stdout) + 1


@pytest.mark.parametrize("damage", ["zeros", "empty", "cut", "text", "inside", "at the end"])
def test_a_damaged_database_is_neither_opened_for_writing_nor_replaced(
    folder: Path, project: Project, damage: str
) -> None:
    from viewer.core.shapes.kinds.box import Box
    from viewer.project import edit_builders as edits

    for image in project.images.all():
        project.history.do(
            edits.add_annotation(image.image_id, "n" * 900, Box(x0_px=0, y0_px=0, x1_px=1, y1_px=1), author="A")
        )
    project.close()
    path = folder / DATABASE_NAME
    content = bytearray(path.read_bytes())
    damaged = {
        "zeros": bytes(len(content)),
        "empty": b"",
        "cut": bytes(content[: len(content) // 2]),
        "text": b"this is no database" * 100,
        "at the end": bytes(content[:-8192]) + b"\xff" * 8192,
        "inside": bytes(content[:4096]) + b"\xff" * 8192 + bytes(content[12288:]),
    }[damage]
    path.write_bytes(damaged)

    with pytest.raises(BadProject, match="damaged"):
        Project.open(folder, writable=True)

    assert path.read_bytes() == damaged
    with pytest.raises((BadProject, BadRequest)):
        Project.create(folder).close()
    assert path.read_bytes() == damaged


def test_a_project_that_lost_its_database_is_not_started_anew(folder: Path, project: Project) -> None:

    project.close()
    (folder / DATABASE_NAME).unlink()

    with pytest.raises(BadProject, match="lost"):
        Project.open(folder, writable=True)
    with pytest.raises((BadProject, BadRequest)):
        Project.create(folder)
    assert not (folder / DATABASE_NAME).exists()


def test_commits_are_synchronous_and_journaled_by_wal(project: Project) -> None:
    with project.database.writing() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2


def test_a_network_folder_gets_a_rollback_journal(
    folder: Path, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from types import SimpleNamespace

    import psutil

    from viewer.project.store.sqlite_dialect import on_network

    assert not on_network(folder)
    project.close()
    mounted = SimpleNamespace(mountpoint=str(folder.parent), fstype="nfs4")
    monkeypatch.setattr(psutil, "disk_partitions", lambda **_: [mounted])
    assert on_network(folder)
    with Project.open(folder, writable=True) as again, again.database.writing() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "delete"
