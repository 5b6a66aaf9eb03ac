"""The queue of a project: runs and the jobs beside them wait in the order they were asked for, one works at a time.

Whoever is alive starts the next: the window, a command, or a job at its end (this module as a child). Only what this
person queued on this computer is started (`viewer.jobs.orders`), and what is started is made of the run's path alone.
"""

import os
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from subprocess import SubprocessError
from typing import Any

from ml.card import write_json
from ml.events import CONFIG_FILE, CONTROL_FILE, append_event, now, read_events
from ml.learning_curve.folder import is_curve
from ml.recipe import Recipe, default_recipe
from ml.report_job import is_report
from viewer import children
from viewer.core.boundary import cannot_be_written
from viewer.core.errors import AppError, BadRequest, NotWritable
from viewer.core.text.titles import task_word
from viewer.jobs.orders import drop_order, place_order, take_order
from viewer.jobs.runs import OVER, RunState, RunStatus, list_runs, read_run, runs_folder
from viewer.jobs.start import require_torch, start_child
from viewer.project.disk.held_lock import Held, HeldLock

GATE = ".starting"
PACKAGES = ("negatoscope", "torch", "torchvision", "timm", "segmentation-models-pytorch", "numpy", "safetensors")


def enqueue(project_folder: Path, recipe: Recipe, *, command: Sequence[str] = ()) -> Path:
    """A new run folder for a recipe, waiting. command: the line that asked for it. Raises NotWritable."""
    parent = runs_folder(project_folder)
    stamp = datetime.now().strftime("%Y%m%d-%H%M")
    try:
        folder = _new_folder(parent, f"{stamp}-{task_word(recipe.task)}")
        asked = command or train_command(project_folder, recipe)
        write_json(folder / CONFIG_FILE, _config(recipe, asked))
        (folder / "checkpoints").mkdir()
        place_order(folder)
        append_event(folder, "queued", resume=False)
    except OSError as error:
        raise NotWritable(f"{parent} cannot be written: {error.strerror or error}.") from error
    return folder


def train_command(project_folder: Path, recipe: Recipe) -> list[str]:
    """The command line that asks for the same training; for "Copy as command"."""
    plain = default_recipe(
        task=recipe.task,
        kind=recipe.kind,
        labels=recipe.labels,
        model=recipe.model,
        exclusive=recipe.exclusive,
    )
    words = ["negatoscope", "train", str(project_folder), "--task", recipe.task, "--model", recipe.model]
    flags = {"init": "--init", "fold": "--fold", "snapshot_id": "--snapshot", "epochs": "--epochs", "seed": "--seed"}
    flags |= {"freeze_epochs": "--freeze-epochs", "device": "--device", "run_name": "--name"}
    asked = recipe.to_json()
    for name, value in asked.items():
        if name in ("task", "kind", "labels", "model", "exclusive") or value == getattr(plain, name):
            continue
        text = value[:16] if name == "snapshot_id" else str(value)
        words += [flags[name], text] if name in flags else ["--set", f"{name}={text}"]
    return words


def start_next(project_folder: Path) -> Path | None:
    """Start the first waiting run or report when none works; returns its folder, or None: there was nothing to do."""
    with _gate(project_folder) as mine:
        if not mine:
            return None
        runs = list_runs(project_folder)
        runs += [one for run in runs for one in run.beside]
        if any(run.state in (RunStatus.RUNNING, RunStatus.PAUSED) for run in runs):
            return None
        waiting = [run for run in runs if run.state is RunStatus.QUEUED]
        if not waiting:
            return None
        require_torch()
        first = min(waiting, key=lambda run: (_queued_at(run.folder), str(run.folder)))
        if not take_order(first.folder):
            return None
        try:
            start_child(first.folder, resume=_wants_resume(first.folder))
        except AppError:
            place_order(first.folder)
            raise
        return first.folder


def cancel(folder: Path) -> RunState:
    """Ask a run to stop: a waiting one is over at once, a working one after its step, with its state saved."""
    run = read_run(folder)
    if run.state in OVER:
        raise BadRequest(f"{_called(folder)} is {run.state} already; there is nothing to cancel.")
    if run.state in (RunStatus.QUEUED, RunStatus.ELSEWHERE):
        drop_order(folder)
        with _writing(folder):
            append_event(folder, "cancelled")
    else:
        with _writing(folder):
            write_json(folder / CONTROL_FILE, {"wish": "cancel", "t": now()})
    return read_run(folder)


def pause(folder: Path) -> None:
    """Ask a working run to wait after its step."""
    if read_run(folder).state is not RunStatus.RUNNING:
        raise BadRequest(f"The run {folder.name} is not running; only a running one can be paused.")
    with _writing(folder):
        write_json(folder / CONTROL_FILE, {"wish": "pause", "t": now()})


def unpause(folder: Path) -> None:
    """Let a paused run go on."""
    with _writing(folder):
        (folder / CONTROL_FILE).unlink(missing_ok=True)


def resume(folder: Path) -> RunState:
    """Put a failed or cancelled run back into the queue, to go on from its last checkpoint; unpauses a paused one.

    A run that was queued elsewhere is queued here, as it stands. The caller starts it with `start_next`. Raises
    BadRequest when there is nothing to resume.
    """
    run = read_run(folder)
    if run.state is RunStatus.PAUSED:
        unpause(folder)
        return run
    if run.state is RunStatus.ELSEWHERE:
        go_on = _wants_resume(folder)
        place_order(folder)
        with _writing(folder):
            append_event(folder, "queued", resume=go_on)
        return read_run(folder)
    if run.state not in (RunStatus.FAILED, RunStatus.CANCELLED):
        raise BadRequest(f"{_called(folder)} is {run.state}; only what failed or was cancelled can be resumed.")
    place_order(folder)
    with _writing(folder):
        (folder / CONTROL_FILE).unlink(missing_ok=True)
        append_event(folder, "queued", resume=True)
    return read_run(folder)


def _called(folder: Path) -> str:
    if is_curve(folder):
        return f"The learning curve of {folder.parent.name}"
    return f"The report of {folder.parent.name}" if is_report(folder) else f"The run {folder.name}"


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """What the system says to a write in a run folder, as one sentence."""
    try:
        yield
    except OSError as error:
        raise cannot_be_written(folder, error) from error


def _config(recipe: Recipe, command: Sequence[str]) -> dict[str, Any]:
    return {
        "recipe": recipe.to_json(),
        "command": list(command),
        "created": now(),
        "versions": {"python": sys.version.split()[0], **_versions()},
        "commit": _commit(),
    }


def _versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _commit() -> str:
    """The commit of the program's own checkout, with "+" when files differ from it; "" outside of one."""
    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():
        return ""
    try:
        commit = _git(root, "rev-parse", "HEAD")
        return commit + ("+" if _git(root, "status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, SubprocessError):
        return ""


def _git(root: Path, *words: str) -> str:
    """What git says of the checkout; nothing that its configuration names is run."""
    quiet = ("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "--no-optional-locks")
    done = children.run_program("git", *quiet, "-C", root, *words, capture_output=True, timeout=10, check=True)
    return str(done.stdout, "utf-8", "replace").strip()


def _new_folder(parent: Path, start: str) -> Path:
    parent.mkdir(parents=True, exist_ok=True)
    while True:
        folder = parent / f"{start}-{secrets.token_hex(2)}"
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder


def _queued_at(folder: Path) -> str:
    return max((str(e["t"]) for e in read_events(folder) if e["event"] == "queued"), default="")


def _wants_resume(folder: Path) -> bool:
    queued = [e for e in read_events(folder) if e["event"] == "queued"]
    return bool(queued and queued[-1].get("resume"))


@contextmanager
def _gate(project_folder: Path) -> Iterator[bool]:
    """Only one process at a time starts a run; yields False when another is at it."""
    path = runs_folder(project_folder) / GATE
    if not path.parent.is_dir():
        yield False
        return
    try:
        lock = HeldLock.take(path)
    except Held:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


if __name__ == "__main__":
    start_next(Path(sys.argv[1]))
