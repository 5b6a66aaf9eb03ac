"""Starting a training child so that it outlives whoever started it."""

import importlib.util
import os
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

from ml.events import LOCK_FILE, LOG_FILE, append_event, appending
from viewer import children
from viewer.core.errors import MissingExtra, NotWritable
from viewer.jobs.orders import refuse_links
from viewer.project.disk.held_lock import Held, HeldLock, holder_of

# Two torch threads beside other busy processes ran 4 times slower without it; libgomp reads it when it is loaded.
SPIN_COUNT = "10000"


def require_torch() -> None:
    """Raise MissingExtra where the `ai` extra is not installed; does not load it."""
    if importlib.util.find_spec("torch") is None:
        raise MissingExtra("Training")


def start_child(folder: Path, *, resume: bool) -> "subprocess.Popen[bytes]":
    """Start `ml.job` on this run, which holds the run's lock from now to its end. It outlives the window and Ctrl+C.

    Raises NotWritable, also where a process works on the run already.
    """
    require_torch()
    refuse_links(folder)
    folder = folder.resolve()
    words = ["--resume"] if resume else []
    lock = _lock_to_hand_over(folder)
    handed: dict[str, Any] = {}
    if lock is not None and lock.descriptors:
        words += ["--lock", ",".join(map(str, lock.descriptors))]
        handed = {"pass_fds": lock.descriptors}
    extra = {"GOMP_SPINCOUNT": SPIN_COUNT, "PYTHONUNBUFFERED": "1"}
    try:
        append_event(folder, "starting", resume=resume)
        with appending(folder / LOG_FILE) as log:
            child = children.start(
                "ml.job",
                folder,
                *words,
                folder=children.lasting_folder(),
                extra=extra,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **handed,
                **children.a_group_of_its_own(),
            )
    except OSError as error:
        if lock is not None:
            lock.release()
        raise NotWritable(f"The run {folder} cannot be started: {error.strerror or error}.") from error
    if handed and lock is not None:
        lock.hand_over(child.pid)
    else:
        _wait_for_its_own_lock(folder, child)
    # Collect the child when it ends, so that it does not stay behind as a zombie of the window.
    threading.Thread(target=child.wait, name="reap", daemon=True).start()
    return child


def _lock_to_hand_over(folder: Path) -> HeldLock | None:
    """The run's lock where a child can inherit it; None where it takes its own (Windows, a disk without locks)."""
    try:
        lock = HeldLock.take(folder / LOCK_FILE, with_folder=True)
    except Held as held:
        raise NotWritable(
            f"The run {folder} is being worked on by {held.holder.words}; cancel it, or wait until it ends."
        ) from held
    if os.name == "posix" and lock.descriptors:
        return lock
    lock.release()
    return None


def _wait_for_its_own_lock(folder: Path, child: "subprocess.Popen[bytes]") -> None:
    """Until the child holds its lock, or has ended and said so in its events: else the run would look killed."""
    while child.poll() is None and holder_of(folder / LOCK_FILE) is None:
        time.sleep(0.05)
