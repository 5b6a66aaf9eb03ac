"""One writer at a time: the lock is the system's and ends with its process, whatever clocks, names and files say."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock
import pytest

from viewer.core.errors import BadRequest, NotWritable
from viewer.core.shapes.kinds.box import Box
from viewer.project import edit_builders as edits
from viewer.project.disk import held_lock
from viewer.project.disk.held_lock import Held, HeldLock, holder_of
from viewer.project.disk.lock import LOCK_NAME, current_holder, take_over_project
from viewer.project.project import Project

ON_FILES = {
    "test_a_second_program_is_refused_with_the_process_that_writes_and_may_read": "a child that is told a folder",
    "test_a_killed_writer_holds_nothing": "children that are told a folder",
    "test_the_command_line_frees_what_has_no_locks_and_says_when_there_is_nothing_to_free": "a child as above",
}

WRITER = """
import sys
from pathlib import Path
from viewer.project.project import Project
project = Project.open(Path(sys.argv[1]), writable=True)
sys.stdout.write("open"); sys.stdout.flush()
sys.stdin.read()
project.close()
"""
posix = pytest.mark.skipif(os.name != "posix", reason="signals, forks and removed open files are POSIX")


@contextmanager
def another_writer(folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A second program that has the project open to write, until the block ends or it is killed."""
    words = [sys.executable, "-c", WRITER, str(folder)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.read(4) == b"open"
        try:
            yield child
        finally:
            child.kill()


def draw(project: Project) -> None:
    box = Box(x0_px=0, y0_px=0, x1_px=5, y1_px=5)
    image_id = project.images.all()[0].image_id
    project.history.do(edits.add_annotation(image_id, "n", box, author="A"))


def test_a_second_program_is_refused_with_the_process_that_writes_and_may_read(folder: Path, project: Project) -> None:
    project.close()
    with another_writer(folder) as child:
        holder = current_holder(folder)
        assert holder is not None
        assert (holder.pid, holder.host) == (child.pid, socket.gethostname())
        with pytest.raises(NotWritable, match=f"process {child.pid} on"):
            Project.open(folder, writable=True)
        with Project.open(folder, writable=False) as reader:
            assert len(reader.images.all()) == 8


@posix
def test_a_killed_writer_holds_nothing(folder: Path, project: Project) -> None:
    project.close()
    with another_writer(folder) as child:
        child.send_signal(signal.SIGKILL)
        child.wait()

        assert current_holder(folder) is None
        Project.open(folder, writable=True).close()


@pytest.mark.parametrize("step_s", [-1e6, -5.0, 5.0, 1e6])
def test_a_clock_that_is_set_lets_nobody_in(
    folder: Path, project: Project, monkeypatch: pytest.MonkeyPatch, step_s: float
) -> None:
    import psutil

    monkeypatch.setattr(psutil.Process, "create_time", lambda _: time.monotonic() + step_s)

    with pytest.raises(NotWritable, match="being written"):
        Project.open(folder, writable=True)


def test_a_host_that_changed_its_name_is_still_the_writer_and_locks_nothing_for_ever(
    folder: Path, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "renamed")

    with pytest.raises(NotWritable, match="being written"):
        Project.open(folder, writable=True)
    project.close()
    Project.open(folder, writable=True).close()


@pytest.mark.parametrize(
    "left",
    [
        {"pid": os.getpid(), "started_s": 1000.0, "host": socket.gethostname()},
        {"pid": 1, "started_s": 1000.0, "host": "elsewhere"},
        {"pid": 1, "host": socket.gethostname()},
        None,
    ],
)
def test_a_lock_file_that_nobody_holds_locks_nothing(folder: Path, project: Project, left: object) -> None:
    """An earlier version wrote who holds it and broke the lock by clock and host name; or a writer died half-way."""
    project.close()
    (folder / LOCK_NAME).write_text('{"pid": 12' if left is None else json.dumps(left))

    assert current_holder(folder) is None
    Project.open(folder, writable=True).close()


@posix
@pytest.mark.parametrize("theft", ["removed", "replaced"])
def test_whoever_removes_the_lock_file_is_not_let_in_and_the_writer_works_on(
    folder: Path, project: Project, theft: str
) -> None:
    (folder / LOCK_NAME).unlink()
    if theft == "replaced":
        (folder / LOCK_NAME).write_text("{}")

    with pytest.raises(NotWritable, match="being written"):
        Project.open(folder, writable=True)
    draw(project)
    assert len(project.work.annotations(project.images.all()[0].image_id)) == 1


@posix
def test_where_a_folder_has_no_lock_only_one_of_two_writes_after_the_lock_file_was_removed(
    folder: Path, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.close()
    monkeypatch.setattr(held_lock, "_folder_locked", lambda _: ())
    with Project.open(folder, writable=True) as first:
        (folder / LOCK_NAME).unlink()
        draw(first)  # nobody took it: the lock is taken anew
        assert current_holder(folder) is not None
        (folder / LOCK_NAME).unlink()
        with Project.open(folder, writable=True) as thief:
            with pytest.raises(NotWritable, match="nothing more is written from here"):
                draw(first)
            draw(thief)
        draw(first)
        assert len(first.history.entries()) == 3


FORKER = """
import os, sys
from pathlib import Path
from viewer.project.disk.held_lock import HeldLock
lock = HeldLock.take(Path(sys.argv[1]), with_folder=True)
if os.fork() == 0:
    sys.stdout.write("up"); sys.stdout.flush()
    sys.stdin.read()
os._exit(0)
"""


@posix
def test_a_forked_process_does_not_keep_the_lock_of_one_that_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    words = [sys.executable, "-W", "ignore", "-c", FORKER, str(path)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.read(2) == b"up"  # said by the forked one, which now waits
        child.wait()

        assert holder_of(path) is None
        HeldLock.take(path, with_folder=True).release()


@posix
def test_a_link_in_place_of_the_lock_file_is_not_followed(folder: Path, project: Project, tmp_path: Path) -> None:
    project.close()
    precious = tmp_path / "precious"
    precious.write_text("keep me")
    (folder / LOCK_NAME).unlink()
    (folder / LOCK_NAME).symlink_to(precious)

    with pytest.raises(NotWritable, match="is a link"):
        Project.open(folder, writable=True)
    assert precious.read_text() == "keep me"


@posix
def test_a_lock_is_handed_to_a_child_without_a_moment_in_which_it_is_free(tmp_path: Path) -> None:
    path = tmp_path / "lock.json"
    script = (
        "import sys; from pathlib import Path; from viewer.project.disk.held_lock import HeldLock\n"
        "lock = HeldLock.inherited(Path(sys.argv[1]), tuple(map(int, sys.argv[2].split(','))))\n"
        "sys.stdout.write('up'); sys.stdout.flush(); sys.stdin.read()"
    )
    lock = HeldLock.take(path, with_folder=True)
    words = [sys.executable, "-c", script, str(path), ",".join(map(str, lock.descriptors))]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=lock.descriptors) as child:
        lock.hand_over(child.pid)
        holder = holder_of(path)  # also before the child is up
        assert holder is not None
        assert holder.pid == child.pid
        assert child.stdout is not None
        assert child.stdout.read(2) == b"up"
        holder = holder_of(path)
        assert holder is not None
        assert holder.pid == child.pid
        child.kill()
        child.wait()
        assert holder_of(path) is None


def test_a_descriptor_of_another_file_is_no_inherited_lock(tmp_path: Path) -> None:
    with (tmp_path / "other").open("wb") as other, pytest.raises(Held):
        HeldLock.inherited(tmp_path / "lock.json", (other.fileno(),))


@pytest.fixture
def no_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_descriptor: int, *, blocking: bool = True) -> bool:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(held_lock, "lock_descriptor", refuse)


@pytest.mark.usefixtures("no_locks")
def test_without_locks_a_project_is_freed_by_its_writer_or_taken_over_by_hand(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    with Project.create(folder), pytest.raises(NotWritable, match=r"this very program.*take-over"):
        Project.open(folder, writable=True)
    Project.open(folder, writable=True)  # as one that was killed: it is never closed
    with pytest.raises(NotWritable, match="take-over"):
        Project.open(folder, writable=True)

    assert take_over_project(folder) == 1
    Project.open(folder, writable=True).close()


def test_with_locks_there_is_nothing_to_take_over(folder: Path, project: Project) -> None:
    with pytest.raises(BadRequest, match="as soon as that program ends"):
        take_over_project(folder)
    with pytest.raises(NotWritable, match="being written"):
        Project.open(folder, writable=True)


def test_who_asks_whether_it_is_held_never_stands_in_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking holds the lock for a moment: taking it is tried again."""
    real: Callable[..., bool] = filelock.lock_descriptor
    asked = iter([False, False])
    monkeypatch.setattr(held_lock, "lock_descriptor", lambda fd, **how: next(asked, None) is None and real(fd, **how))

    HeldLock.take(tmp_path / "lock").release()


def test_the_command_line_frees_what_has_no_locks_and_says_when_there_is_nothing_to_free(
    folder: Path, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    from viewer.cli.main import main

    assert main(["project", "take-over", str(folder)]) == 2
    assert "as soon as that program ends" in capsys.readouterr().err
    project.close()
    held_lock._named_holder(folder / LOCK_NAME).write_text("{}")  # what stands for a lock where there is none
    assert main(["project", "take-over", str(folder)]) == 0
    assert capsys.readouterr().out == "1 lock freed.\n"
    assert main(["project", "take-over", str(folder)]) == 0
    assert "free already" in capsys.readouterr().out
