"""`negatoscope cancel RUN`: stop a run, keeping its state."""

import argparse
import time
from pathlib import Path
from typing import Any

from viewer.cli.output import Output
from viewer.cli.run_lines import describe, line_of
from viewer.core.errors import JobFailed
from viewer.jobs.queue import cancel
from viewer.jobs.runs import OVER, find_run, read_run

HELP = "Stop a training run after its current step; `train --resume RUN` goes on from there."
EXAMPLE = "negatoscope cancel my-project/runs/20261121-1415-pneumonia-3f2a"
WAIT_S = 60.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """RUN, --project."""
    parser.add_argument("run", metavar="RUN", help="run folder, or with --project its id or the start of it")
    parser.add_argument("--project", type=Path, default=Path(), metavar="DIR", help="project folder (default: here)")


def run(args: argparse.Namespace, out: Output) -> Any:
    """Cancel and wait until the run has stopped."""
    folder = find_run(args.project, args.run)
    state = cancel(folder)
    deadline = time.monotonic() + WAIT_S
    while state.state not in OVER:
        if time.monotonic() > deadline:
            raise JobFailed(f"The run {state.run_id} has not stopped within {WAIT_S:.0f} s; look into its log.txt.")
        time.sleep(0.1)
        state = read_run(folder)
    out.line(line_of(state))
    return describe(state)
