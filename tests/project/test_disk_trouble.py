"""A disk that is read-only, full or locked is called so; nothing sound is called damaged, and reading goes on."""

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from tests.plain_rights import plain_rights
from viewer.cli.main import main
from viewer.core.errors import AppError, BadProject, NotWritable
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.project import edit_builders as edits
from viewer.project.disk import held_lock
from viewer.project.project import DATABASE_NAME, Project
from viewer.project.store import sqlite_dialect
from viewer.project.verify import verify

ON_FILES = "a file, what lies beside it, its disk and its bytes"

DAMAGED = ("damaged", "backup")


@pytest.fixture
def drawn(folder: Path, project: Project) -> Path:
    """A closed project with one box and one mask."""
    first, second = project.images.all()[:2]
    box = Box(x0_px=1, y0_px=1, x1_px=9, y1_px=9)
    project.history.do(edits.add_annotation(first.image_id, "nodule", box, author="Ada"))
    mask = MaskRuns(rows=60, cols=40, runs=np.array([[3, 4, 9]], np.int32))
    project.history.do(edits.add_annotation(second.image_id, "lung", mask, author="Ada"))
    project.close()
    return folder


def without_index(folder: Path) -> None:
    """SQLite can make no -shm here, whoever asks: its name is a link into a folder that is not there."""
    if sys.platform == "win32":
        pytest.skip("links need a right of their own on Windows")
    (folder / f"{DATABASE_NAME}-shm").symlink_to(folder / "nowhere" / "shm")


def refuse(error: int) -> Callable[..., int]:
    def opened(path: object, *rest: object, **how: object) -> int:
        raise OSError(error, os.strerror(error), str(path))

    return opened


@pytest.fixture(params=["no room for the index", "mode bits", "mounted read-only"])
def read_only(request: pytest.FixtureRequest, drawn: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The project where nothing can be written beside it: for everybody, for users, for root."""
    if request.param == "no room for the index":
        without_index(drawn)  # and the lock's file is refused as such a disk does
        monkeypatch.setattr(held_lock.os, "open", refuse(errno.EROFS))
        yield drawn
        monkeypatch.undo()
    elif request.param == "mode bits":
        drawn.chmod(0o555)
        with plain_rights():
            yield drawn
        drawn.chmod(0o755)
    else:
        mounted = drawn.with_name("mounted")
        mounted.mkdir()
        words = [["mount", "--bind", str(drawn), str(mounted)], ["mount", "-o", "remount,bind,ro", str(mounted)]]
        if not shutil.which("mount") or any(
            subprocess.run(line, capture_output=True, check=False).returncode for line in words
        ):
            subprocess.run(["umount", str(mounted)], capture_output=True, check=False) if words else None
            pytest.skip("only root mounts")
        yield mounted
        subprocess.run(["umount", str(mounted)], check=True)


def test_a_read_only_project_is_looked_at_and_verified(read_only: Path) -> None:
    with Project.open(read_only, writable=False) as project:
        first, second = project.images.all()[:2]
        assert [one.label for one in project.work.annotations(first.image_id)] == ["nodule"]
        assert [one.label for one in project.work.annotations(second.image_id)] == ["lung"]
        with pytest.raises(NotWritable, match="read-only"):
            project.history.undo()

    report = verify(read_only)
    assert (report.ok, report.annotations, report.edits) == (True, 2, 2)


def test_a_read_only_project_is_exported_and_reviewed_from_the_command_line(
    read_only: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (
        ["project", "info", str(read_only)],
        ["project", "verify", str(read_only)],
        ["annotate", "export", str(read_only), "--format", "csv", "--out", str(tmp_path / "out.csv")],
        ["review", str(read_only), "list"],
    ):
        code = main(words)
        said = capsys.readouterr()
        assert code == 0, (words, said.err)
        assert not any(word in said.err for word in DAMAGED)


def test_who_wants_to_write_to_a_read_only_project_is_told_that_it_is_one(read_only: Path) -> None:
    with pytest.raises(NotWritable, match=r"read-only disk|may not be written") as told:
        Project.open(read_only, writable=True)
    assert not any(word in str(told.value) for word in DAMAGED)


def test_a_project_copied_from_a_running_program_is_read_with_its_wal(
    folder: Path, project: Project, tmp_path: Path
) -> None:
    """The last gestures are in the -wal alone; where no -shm can be made they are read all the same."""
    image_id = project.images.all()[0].image_id
    project.history.do(edits.add_annotation(image_id, "nodule", Box(x0_px=1, y0_px=1, x1_px=9, y1_px=9), author="Ada"))
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in (DATABASE_NAME, f"{DATABASE_NAME}-wal"):
        shutil.copyfile(folder / name, copy / name)
    without_index(copy)

    with Project.open(copy, writable=False) as reader:
        assert len(reader.work.annotations(image_id)) == 1


def test_what_was_copied_to_be_read_is_gone_when_the_project_is_closed(
    drawn: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    without_index(drawn)
    private = tmp_path / "temporary"
    private.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(private))

    with Project.open(drawn, writable=False):
        (held,) = private.iterdir()
        if os.name == "posix":
            assert held.stat().st_mode & 0o077 == 0
    assert list(private.iterdir()) == []


def test_where_there_is_no_room_for_a_copy_either_a_sound_project_is_still_read(
    drawn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_index(drawn)
    monkeypatch.setattr(sqlite_dialect.shutil, "copyfile", refuse(errno.ENOSPC))

    with Project.open(drawn, writable=False) as project:
        assert len(project.history.entries()) == 2


def test_a_locked_database_is_called_locked(drawn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_dialect, "_BUSY_TIMEOUT_S", 0.05)
    with closing(sqlite3.connect(drawn / DATABASE_NAME, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        for writable in (False, True):
            with pytest.raises(AppError, match="locked") as told:
                Project.open(drawn, writable=writable)
            assert not any(word in str(told.value) for word in DAMAGED)
    Project.open(drawn, writable=True).close()


def test_another_program_in_the_middle_of_writing_refuses_a_gesture_and_not_the_next(
    drawn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_dialect, "_BUSY_TIMEOUT_S", 0.05)
    with Project.open(drawn, writable=True) as project:
        with closing(sqlite3.connect(drawn / DATABASE_NAME, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(NotWritable, match="Another program has it open"):
                project.history.undo()
        assert project.history.undo() is not None


def test_a_wal_that_was_left_behind_is_asked_for(drawn: Path) -> None:
    path = drawn / DATABASE_NAME
    content = path.read_bytes()
    path.write_bytes(content[:8192] + b"\xff" * 8192 + content[16384:])

    with pytest.raises(BadProject, match=r"damaged .*project\.db-wal was left behind, copy that too"):
        Project.open(drawn, writable=True)


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from viewer.core.errors import NotWritable
from viewer.project.project import Project
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    Project.create(Path(sys.argv[1])).close()
except NotWritable as error:
    sys.stdout.write(str(error))
else:
    sys.stdout.write("made")
"""


def created_with(budget: int, folder: Path) -> str:
    """What making a project says where no file can grow beyond `budget` bytes."""
    words = [sys.executable, "-c", FULL_DISK, str(folder), str(budget)]
    child = subprocess.run(words, capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr
    return child.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
@pytest.mark.parametrize("budget", [0, 5_000, 40_000, 100_000, 140_000, 150_000, 160_000])
def test_a_project_that_does_not_fit_on_the_disk_leaves_nothing(tmp_path: Path, budget: int) -> None:
    folder = tmp_path / "there" / "new" / "project"
    (tmp_path / "there").mkdir()

    said = created_with(budget, folder)

    if said == "made":
        assert verify(folder).ok
    else:
        assert "could not be written" in said
        assert list((tmp_path / "there").iterdir()) == []
    assert budget > 100_000 or said != "made"


def test_a_project_that_cannot_be_made_keeps_what_lay_in_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    monkeypatch.setattr(held_lock.os, "open", refuse(errno.ENOSPC))

    with pytest.raises(NotWritable, match="full"):
        Project.create(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def change(folder: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(folder / DATABASE_NAME)) as connection, connection:
        connection.execute(statement, values)


def rotten_mask(folder: Path) -> tuple[str, str]:
    """Flip a bit inside the stored mask; (its annotation, its image)."""
    with closing(sqlite3.connect(folder / DATABASE_NAME)) as connection:
        annotation_id, image_id, block = connection.execute(
            "SELECT annotation_id, image_id, masks FROM annotations WHERE label = 'lung'"
        ).fetchone()
    rotten = bytes([*block[:-1], block[-1] ^ 1])  # the checksum at its end
    change(folder, "UPDATE annotations SET masks = ? WHERE annotation_id = ?", rotten, annotation_id)
    return annotation_id, image_id


def test_bit_rot_inside_a_mask_names_the_annotation_and_the_image(drawn: Path) -> None:
    annotation_id, image_id = rotten_mask(drawn)

    with Project.open(drawn, writable=False) as project, pytest.raises(BadProject) as told:
        project.work.annotations(image_id)
    assert annotation_id in str(told.value)
    assert image_id in str(told.value)

    report = verify(drawn)
    assert any(annotation_id in one and image_id in one and "cannot be read" in one for one in report.problems)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("shape", '{"mask":{"rows":60,"cols":40,"at":0,"count":9}}'),
        ("shape", '{"mask":{"rows":60,"cols":2,"at":0,"count":1}}'),
        ("shape", '{"mask":{"rows":1e400,"cols":40,"at":0,"count":1}}'),
        ("shape", '{"box":[1,1,"a",2]}'),
        ("shape", '{"box":[9,1,1,2]}'),
        ("shape", "[" * 5000),
        ("shape", "{"),
        ("masks", b"\x00" * 9),
        ("masks", b""),
        ("origin", "nobody"),
    ],
)
def test_whatever_a_stored_annotation_has_become_it_is_named(drawn: Path, column: str, value: object) -> None:
    annotation_id, image_id = rotten_mask(drawn)
    change(drawn, f"UPDATE annotations SET {column} = ? WHERE annotation_id = ?", value, annotation_id)

    with Project.open(drawn, writable=False) as project, pytest.raises(BadProject) as told:
        project.work.annotations(image_id)
    assert annotation_id in str(told.value)
    assert image_id in str(told.value)


@pytest.mark.parametrize("value", [b"\xff\xfe", 7])
def test_a_value_of_a_type_that_its_column_never_had_is_damage(drawn: Path, value: object) -> None:
    change(drawn, "CREATE TABLE other AS SELECT * FROM labels")
    change(drawn, "DROP TABLE labels")
    change(drawn, "ALTER TABLE other RENAME TO labels")
    change(drawn, "UPDATE labels SET position = 'x' WHERE name = 'lung'")
    change(drawn, "UPDATE cases SET title = CAST(? AS BLOB)", value)

    with Project.open(drawn, writable=False) as project:
        for read in (lambda: project.labels, project.cases.all):
            with pytest.raises(BadProject, match="damaged"):
                read()


def test_an_edit_that_cannot_be_read_is_neither_undone_nor_a_surprise(drawn: Path) -> None:
    change(drawn, "UPDATE journal SET masks = ? WHERE edit_id = 2", b"no zlib")

    with Project.open(drawn, writable=True) as project, pytest.raises(BadProject, match=r"The edit “.*lung.*image"):
        project.history.undo()
    assert any("cannot be replayed" in problem for problem in verify(drawn).problems)
