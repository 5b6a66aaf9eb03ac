"""`negatoscope runs DIR`: the runs of a project."""

import argparse
from pathlib import Path
from typing import Any

from viewer.cli.output import Output
from viewer.core.errors import NotFound
from viewer.jobs.runs import RunState, RunStatus, list_runs

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


def line_of(state: RunState) -> str:
    """One run in one line."""
    fold = f" fold {state.fold}" if state.fold is not None else ""
    best = best_metrics(state).get(state.metric_name)
    metric = f"  {state.metric_name} {best:.3f} (epoch {state.best_epoch})" if isinstance(best, float) else ""
    error = f"  {state.error}" if state.error else ""
    if state.state is RunStatus.FINISHED and state.why_no_figure:
        metric = f"  no figure: {state.why_no_figure}"
    return f"{state.run_id}  {state.state:<9}  {state.model}{fold}  epoch {state.epoch}/{state.epochs}{metric}{error}"


def best_metrics(state: RunState) -> dict[str, float | None]:
    """Validation metrics of the best epoch so far."""
    return {} if state.best_point is None else state.best_point.metrics


def describe(state: RunState) -> dict[str, Any]:
    """One run as JSON."""
    return {
        "run_id": state.run_id,
        "folder": state.folder,
        "name": state.name,
        "task": state.task,
        "model": state.model,
        "fold": state.fold,
        "state": state.state,
        "error": state.error or None,
        "epoch": state.epoch,
        "epochs": state.epochs,
        "best_epoch": state.best_epoch,
        "metric": state.metric_name or None,
        "metrics": best_metrics(state),
        "why_no_figure": state.why_no_figure or None,
        "notes": state.notes,
        "device": state.device or None,
        "device_reason": state.device_reason or None,
        "precision": state.precision or None,
        "precision_reason": state.precision_reason or None,
        "threads": state.threads or None,
        "worked_s": state.worked_s,
        "started": state.started or None,
        "ended": state.ended or None,
        "left_s": state.left_s,
        "model_hash": state.model_hash or None,
    }
