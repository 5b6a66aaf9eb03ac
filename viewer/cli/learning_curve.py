"""`negatoscope learning-curve DIR RUN`: the run's recipe on growing parts of its patients: would more labels help?"""

import argparse
import time
from pathlib import Path
from typing import Any

from ml.learning_curve.asked import REPEATS, SHARES, CurveWish, shares_typed
from viewer.cli.output import Output
from viewer.core.errors import JobFailed
from viewer.jobs.queue import cancel, start_next
from viewer.jobs.runs import OVER, RunState, RunStatus, find_run, read_run

HELP = "Train a run's recipe on growing parts of its patients: would more labels help, and how much?"
EXAMPLE = "negatoscope learning-curve my-project 3f2a --parts 10,20,40,70,100 --repeats 3"
POLL_S = 0.3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """DIR RUN and what the curve is to be."""
    parser.add_argument("project", type=Path, metavar="DIR", help="project folder")
    parser.add_argument("run", metavar="RUN", help="run id, its start, its last four digits or its name")
    parser.add_argument(
        "--parts", default=",".join(map(str, SHARES)), metavar="P,P,...",
        help="parts of the training patients in percent, each larger one holding the smaller (%(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--repeats", type=int, default=REPEATS, metavar="N",
        help="trainings of each part, with other patients and another seed (%(default)s)",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the draws and the trainings (%(default)s)")
    parser.add_argument("--show", action="store_true", help="print the curve that is there, and train nothing")


def run(args: argparse.Namespace, out: Output) -> Any:
    """Queue, start, follow and print; Ctrl+C cancels, and what was made is kept. Raises JobFailed."""
    from ml.learning_curve.kept import size_words
    from viewer.jobs.learning_curves import ask_for_curve, kept_curve

    folder = find_run(args.project, args.run)
    if not args.show:
        wish = CurveWish(shares=shares_typed(args.parts), repeats=args.repeats, seed=args.seed)
        _follow(ask_for_curve(folder, wish), out)
    curve = kept_curve(folder)
    for line in (curve.head, *map(size_words, curve.sizes), *curve.notes, curve.outlook.said):
        out.line(line)
    return {"run": folder.name, **curve.to_json()}


def _follow(folder: Path, out: Output) -> None:
    project, shown = folder.resolve().parent.parent.parent, ""
    try:
        while True:
            start_next(project)
            state = read_run(folder)
            if state.state is RunStatus.RUNNING and state.loading != shown:
                shown = state.loading
                out.step(f"{folder.parent.name}  {shown}")
            if state.state in (*OVER, RunStatus.ELSEWHERE):
                break
            time.sleep(POLL_S)
    except KeyboardInterrupt:
        _cancel(folder)
        out.note("Cancelled; the same command goes on with what is missing.")
        raise
    if state.state is not RunStatus.FINISHED:
        raise JobFailed(f"The learning curve of {folder.parent.name} {state.state}: {_why(state)}")


def _why(state: RunState) -> str:
    return state.error or "it was cancelled; the same command goes on with what is missing"


def _cancel(folder: Path) -> None:
    if read_run(folder).state not in OVER:
        cancel(folder)
    while read_run(folder).state not in OVER:
        time.sleep(POLL_S)
