"""`negatoscope cancel RUN`: stop a run, keeping its state."""

import argparse
import time
from pathlib import Path
from typing import Any

from viewer.cli.output import Output
from viewer.cli.run_lines import describe, line_of
from viewer.core.errors import JobFailed
from viewer.jobs.queue import cancel
from viewer.jobs.runs import OVER, RunState, find_runs, read_run

HELP = "Stop a training run after its current step; `train --resume RUN` goes on from there."
EXAMPLE = "negatoscope cancel my-project/runs/20261121-1415-pneumonia-3f2a"
WAIT_S = 60.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """RUN, --project."""
    parser.add_argument(
        "run", metavar="RUN", help="run folder, or with --project its id, the start of it, or the shared name of folds"
    )
    parser.add_argument("--project", type=Path, default=Path(), metavar="DIR", help="project folder (default: here)")


def run(args: argparse.Namespace, out: Output) -> Any:
    """Cancel and wait until the run has stopped."""
    folders = find_runs(args.project, args.run)
    if len(folders) > 1:
        from viewer.jobs.folds import cancel_folds

        cancel_folds([read_run(folder) for folder in folders])
    else:
        cancel(folders[0])
    deadline = time.monotonic() + WAIT_S
    states = [_stopped(folder, deadline) for folder in folders]
    for state in states:
        out.line(line_of(state))
    return describe(states[0]) if len(states) == 1 else {"runs": [describe(state) for state in states]}


def _stopped(folder: Path, deadline: float) -> RunState:
    state = read_run(folder)
    while state.state not in OVER:
        if time.monotonic() > deadline:
            raise JobFailed(f"The run {state.run_id} has not stopped within {WAIT_S:.0f} s; look into its log.txt.")
        time.sleep(0.1)
        state = read_run(folder)
    return state
