"""Entry point of every training and reporting child (`viewer.jobs.start` starts it): FOLDER [--resume].

The folder is the contract (`ml.events`): of a run, or of a job beside it
(`ml.report_job.is_beside`): its report, its learning curve. The child ends in exactly
one of finished, failed, cancelled.
"""

import argparse
import logging
import os
import subprocess
import sys
from pathlib import Path

from ml.events import CONFIG_FILE, LOCK_FILE, Cancelled, append_event
from ml.learning_curve.folder import is_curve
from ml.report_job import is_report, judge, project_of_job
from viewer import children
from viewer.core.errors import AppError, BadRequest
from viewer.core.text.nameless import log_without_names
from viewer.project.disk.held_lock import HeldLock

log = logging.getLogger(__name__)

# NEGATOSCOPE_NICE puts another one in its place, for machines that nobody reads on.
NICE = 10
START_NEXT_S = 120.0
# Two torch threads beside other busy processes ran 4 times slower without it; read when libgomp is loaded.
SPIN_COUNT = "10000"


def lower_priority() -> None:
    """Be nice, and keep OpenMP from spinning; before torch is imported."""
    os.environ.setdefault("GOMP_SPINCOUNT", SPIN_COUNT)
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    wanted = os.environ.get("NEGATOSCOPE_NICE", "")
    niceness = int(wanted) if wanted.isdigit() else NICE
    if hasattr(os, "nice"):
        current = os.nice(0)
        if current < niceness:
            os.nice(niceness - current)


def take_lock(folder: Path, handed: str) -> HeldLock:
    """The run's lock, held until this process ends. handed: the open descriptors of whoever started it.

    Raises Held when another process works on the run.
    """
    path = folder / LOCK_FILE
    if not handed:
        return HeldLock.take(path, with_folder=True)
    words = handed.split(",")
    if not all(word.isdecimal() for word in words):
        raise BadRequest(f"--lock takes open descriptors, not {handed!r}.")
    return HeldLock.inherited(path, tuple(map(int, words)))


def run_job(folder: Path, *, resume: bool, handed: str = "") -> int:
    """Do the job of this folder; every end is an event. Returns the exit code. handed: as in `take_lock`."""
    lock = take_lock(folder, handed)  # where another works on it, nothing is said in its name
    again = "ask for it again" if is_report(folder) else "resume it"
    try:
        if is_report(folder):
            _report(folder)
        elif is_curve(folder):
            _curve(folder)
        else:
            _train(folder, resume=resume)
    except Cancelled:
        log.info("cancelled")
        append_event(folder, "cancelled")
    except AppError as error:
        log.info("failed: %s", error, exc_info=True)
        append_event(folder, "failed", error=str(error), kind=type(error).__name__)
        return 1
    except KeyboardInterrupt:
        append_event(folder, "failed", error=f"The job was interrupted; {again}.", kind="JobFailed")
        return 130
    except MemoryError:
        log.exception("out of memory")
        append_event(folder, "failed", error="The memory does not suffice; try a smaller batch_size.", kind="JobFailed")
        return 1
    except OSError as error:
        log.exception("the system refused something")
        sentence = f"{error.filename or folder}: {error.strerror or error}; mend it, then {again}."
        append_event(folder, "failed", error=sentence, kind="OSError")
        return 1
    except Exception as error:
        log.exception("unexpected")
        append_event(folder, "failed", error=_sentence(error), kind="Unexpected")
        return 1
    finally:
        lock.release()
        _start_next(folder)
    return 0


def _train(folder: Path, *, resume: bool) -> None:
    append_event(folder, "loading", what="the training program")
    from ml.training.run import project_of, read_recipe, run_training
    from viewer.project.snapshots.snapshot import Snapshot

    recipe = read_recipe(folder)
    append_event(folder, "loading", what="the snapshot")
    snapshot = Snapshot.load(project_of(folder), recipe.snapshot_id)
    run_training(folder, snapshot, resume=resume)


def _report(folder: Path) -> None:
    append_event(folder, "loading", what="the program that judges")
    judge(folder)


def _curve(folder: Path) -> None:
    append_event(folder, "loading", what="the training program")
    from ml.learning_curve.job import make_curve

    make_curve(folder)


def _sentence(error: Exception) -> str:
    if "out of memory" in str(error).lower():
        return "The device's memory does not suffice; try a smaller batch_size or input_px."
    return f"Something unexpected went wrong ({type(error).__name__}); the details are in the run's log.txt."


def _start_next(folder: Path) -> None:
    """Whoever is alive starts the next run of the queue. The command is made of this run's own place, never read."""
    try:
        children.run(
            "viewer.jobs.queue",
            project_of_job(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            timeout=START_NEXT_S,
            **children.a_group_of_its_own(),
        )
    except (OSError, subprocess.TimeoutExpired):
        log.exception("the next run was not started")


def main(argv: list[str] | None = None) -> int:
    """Parse the command line and do the run."""
    parser = argparse.ArgumentParser(prog="ml.job")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--lock", default="", help="open descriptors of the run's lock, with commas between")
    args = parser.parse_args(argv)
    log_without_names("%(asctime)s %(levelname)s %(name)s: %(message)s", logging.INFO)
    lower_priority()
    if not (args.folder / CONFIG_FILE).is_file():
        raise BadRequest(f"{args.folder} is no run folder.")
    return run_job(args.folder, resume=args.resume, handed=args.lock)


if __name__ == "__main__":
    sys.exit(main())
