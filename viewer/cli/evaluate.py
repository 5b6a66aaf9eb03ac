"""`negatoscope evaluate DIR RUN`: figures with intervals, beside their controls."""

import argparse
import sys
from pathlib import Path
from typing import Any

from viewer.cli.output import Output
from viewer.core.errors import BadRequest
from viewer.jobs.runs import RunStatus, find_runs, read_run
from viewer.jobs.start import require_torch

HELP = "Evaluate a run (or the folds of one name, pooled) with 95 % intervals, beside its controls."
EXAMPLE = "negatoscope evaluate my-project 20261121-1415-pneumonia-3f2a --split test --out report"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """DIR RUN [--split PART] [--snapshot ID] --out FOLDER."""
    parser.add_argument("project", type=Path, metavar="DIR", help="project folder")
    parser.add_argument("run", metavar="RUN", help="run id, or the shared name of a `train --fold all`")
    parser.add_argument("--split", default="test", choices=("train", "val", "test"), help="part to judge on")
    parser.add_argument("--snapshot", default="", metavar="ID", help="another snapshot than the run's own")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="figures.json and cases.csv go here")


def run(args: argparse.Namespace, out: Output) -> Any:
    """Write figures.json and cases.csv; returns the figures."""
    require_torch()
    document = evaluate_named(args.project, args.run, args.out, part=args.split, snapshot_id=args.snapshot)
    out.line(
        f"{document['task']}, {document['part']}: {document['cases']} cases of {document['patients']} patients, "
        f"{document['interval']}"
    )
    for line in figure_lines(document):
        out.line(line)
    out.line(document["sentence"])
    out.line(f"Written: {args.out / 'figures.json'} and {args.out / 'cases.csv'}")
    return document


def evaluate_named(
    project: Path, name: str, out_folder: Path, *, part: str = "test", snapshot_id: str = ""
) -> dict[str, Any]:
    """The figures of a run or of the folds of a name. Raises BadRequest when one has not finished."""
    folders = find_runs(project, name)
    states = [read_run(folder) for folder in folders]
    waiting = [state.run_id for state in states if state.state is not RunStatus.FINISHED]
    if waiting:
        raise BadRequest(f"{', '.join(waiting)} has not finished; wait for it or resume it first.")
    from ml.evaluation.report import evaluate_runs
    from viewer.project.snapshots import Snapshot

    snapshot = Snapshot.load(project, snapshot_id or str(states[0].recipe.get("snapshot_id", "")))
    return evaluate_runs(folders, snapshot, project, out_folder, part=part, command=sys.argv)


def figure_lines(document: dict[str, Any]) -> list[str]:
    """One line per answerer."""
    from ml.evaluation.report import as_text

    lines = []
    for who, figures in document["answers"].items():
        told = ", ".join(f"{name} {as_text(figure)}" for name, figure in figures.items())
        lines.append(f"  {who}: {told}")
    return lines
