"""Nobody steals a lock: whatever lies where it lies, one writes, and what is only planted locks nothing."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ml.events import LOCK_FILE, append_event
from ml.recipe import default_recipe
from viewer.core.errors import AppError
from viewer.jobs.queue import enqueue
from viewer.jobs.runs import is_alive, read_run
from viewer.jobs.start import start_child
from viewer.project.disk.held_lock import HeldLock, holder_of

RECIPE = default_recipe(task="Mass", kind="classification", labels=("no", "yes"), model="simple_cnn", epochs=1)
HOLDER = """
import sys
from pathlib import Path
from viewer.project.disk.held_lock import HeldLock
lock = HeldLock.take(Path(sys.argv[1]), with_folder=True)
sys.stdout.write("held"); sys.stdout.flush()
sys.stdin.read()
"""
posix = pytest.mark.skipif(os.name != "posix", reason="an open file cannot be replaced elsewhere")


@contextmanager
def held_by_another(lock: Path) -> Iterator[None]:
    """Another process holds the lock until the block ends."""
    words = [sys.executable, "-c", HOLDER, str(lock)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.read(4) == b"held"
        try:
            yield
        finally:
            child.kill()


def _note(**facts: object) -> Callable[[Path], object]:
    return lambda lock: lock.write_text("\n" + json.dumps(facts))


THEFTS: dict[str, Callable[[Path], object]] = {
    "a dead process is named": _note(pid=2**22 + 7, host="elsewhere"),
    "our own process is named": _note(pid=os.getpid(), host="here"),
    "nonsense": lambda lock: lock.write_bytes(b"\xff" * 100),
    "nothing": lambda lock: lock.write_bytes(b""),
    "an old time": lambda lock: os.utime(lock, (0, 0)),
    "a time to come": lambda lock: os.utime(lock, (2**32, 2**32)),
    "removed": lambda lock: lock.unlink(),
    "replaced": lambda lock: (lock.unlink(), lock.write_text("{}")),
    "a note of a holder": lambda lock: lock.with_name(lock.name + ".holder").write_text("{}"),
}


@posix
@pytest.mark.parametrize("way", [*THEFTS])
@pytest.mark.parametrize("name", ["project.lock", LOCK_FILE])
def test_a_lock_that_is_held_is_not_taken_whatever_is_done_to_its_file(name: str, way: str, tmp_path: Path) -> None:
    lock = tmp_path / name
    with held_by_another(lock):
        THEFTS[way](lock)

        with pytest.raises(AppError):
            HeldLock.take(lock, with_folder=True)
        assert holder_of(lock) is not None


@pytest.mark.parametrize("way", [way for way in THEFTS if way not in ("removed", "replaced")])
def test_what_a_stranger_planted_locks_nobody_out(way: str, tmp_path: Path) -> None:
    lock = tmp_path / "project.lock"
    lock.touch()
    THEFTS[way](lock)

    assert holder_of(lock) is None
    HeldLock.take(lock, with_folder=True).release()


@posix
def test_a_run_that_works_is_not_started_again_whatever_is_done_to_its_lock(tmp_path: Path) -> None:
    for way, steal in THEFTS.items():
        run = enqueue(tmp_path / way.replace(" ", "-"), RECIPE)
        with held_by_another(run / LOCK_FILE):
            steal(run / LOCK_FILE)

            assert is_alive(run), way
            with pytest.raises(AppError):
                start_child(run, resume=False)
        assert read_run(run).state != "running"


@posix
@pytest.mark.parametrize("planted", ["link", "pipe", "folder"])
def test_what_is_no_file_in_place_of_a_lock_is_neither_followed_nor_waited_for(planted: str, tmp_path: Path) -> None:
    run = enqueue(tmp_path / "project", RECIPE)
    lock, precious = run / LOCK_FILE, tmp_path / "precious"
    precious.write_text("precious")
    lock.unlink(missing_ok=True)
    {"link": lambda: lock.symlink_to(precious), "pipe": lambda: os.mkfifo(lock), "folder": lock.mkdir}[planted]()
    append_event(run, "started", epoch=0)

    assert not is_alive(run)
    with pytest.raises(AppError):
        start_child(run, resume=False)
    assert precious.read_text() == "precious"
