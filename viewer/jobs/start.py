"""Starting a training child so that it outlives whoever started it."""

import importlib.util
import subprocess
import threading
from pathlib import Path

from ml.card import write_json
from ml.events import LOCK_FILE, LOG_FILE, append_event, appending
from viewer import children
from viewer.core.errors import MissingExtra, NotWritable
from viewer.jobs.orders import refuse_links

# Two torch threads beside other busy processes ran 4 times slower without it; libgomp reads it when it is loaded.
SPIN_COUNT = "10000"


def require_torch() -> None:
    """Raise MissingExtra where the `ai` extra is not installed; does not load it."""
    if importlib.util.find_spec("torch") is None:
        raise MissingExtra("Training")


def start_child(folder: Path, *, resume: bool) -> "subprocess.Popen[bytes]":
    """Start `ml.job` on this run; its lock is written before this returns. It outlives the window and Ctrl+C."""
    require_torch()
    refuse_links(folder)
    folder = folder.resolve()
    words = ["--resume"] if resume else []
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
                **children.a_group_of_its_own(),
            )
    except OSError as error:
        raise NotWritable(f"The run {folder} cannot be started: {error.strerror or error}.") from error
    _lock_for(folder, child.pid)
    # Collect the child when it ends, so that it does not stay behind as a zombie of the window.
    threading.Thread(target=child.wait, name="reap", daemon=True).start()
    return child


def _lock_for(folder: Path, pid: int) -> None:
    """The child writes the same lock when it is up; until then this one tells that it lives."""
    import psutil

    try:
        started = psutil.Process(pid).create_time()
    except psutil.Error:
        return  # it ended already; its events say how
    write_json(folder / LOCK_FILE, {"pid": pid, "started": started})
