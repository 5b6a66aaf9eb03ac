"""`negatoscope runs DIR`: the runs of a project."""

import argparse
from pathlib import Path
from typing import Any

from viewer.cli.output import Output
from viewer.cli.run_lines import describe, line_of
from viewer.core.errors import NotFound
from viewer.jobs.runs import list_runs

HELP = "List the training runs of a project, with their state and best metric."
EXAMPLE = "negatoscope runs my-project --json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """DIR."""
    parser.add_argument("project", type=Path, metavar="DIR", help="project folder")


def run(args: argparse.Namespace, out: Output) -> Any:
    """Print one line per run; returns {"runs": [...]}."""
    if not (args.project / "project.db").is_file():
        raise NotFound(f"{args.project} is no project; check the path, or make one with `negatoscope project create`.")
    runs = list_runs(args.project)
    for state in runs:
        out.line(line_of(state))
    if not runs:
        out.line("No runs yet; start one with `negatoscope train`.")
    return {"runs": [describe(state) for state in runs]}
