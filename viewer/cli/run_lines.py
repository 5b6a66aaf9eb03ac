"""A run as one line, and as a document."""

from typing import Any

from viewer.jobs.runs import RunState, RunStatus


def line_of(state: RunState) -> str:
    """One run in one line."""
    fold = f" fold {state.fold}" if state.fold is not None else ""
    best = best_metrics(state).get(state.metric_name)
    metric = f"  {state.metric_name} {best:.3f} (epoch {state.best_epoch})" if isinstance(best, float) else ""
    error = f"  {state.error}" if state.error else ""
    if state.state is RunStatus.FINISHED and state.why_no_figure:
        metric = f"  no figure: {state.why_no_figure}"
    given = "".join([f"  “{state.title}”" if state.title else "", *(f"  #{tag}" for tag in state.tags)])
    epochs = f"epoch {state.epoch}/{state.epochs}"
    return f"{state.run_id}  {state.state:<9}  {state.model}{fold}  {epochs}{metric}{given}{error}"


def describe(state: RunState) -> dict[str, Any]:
    """One run as JSON."""
    return {
        "run_id": state.run_id,
        "folder": state.folder,
        "name": state.name,
        "title": state.title or None,
        "note": state.note or None,
        "tags": state.tags,
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


def best_metrics(state: RunState) -> dict[str, float | None]:
    """Validation metrics of the best epoch so far."""
    return {} if state.best_point is None else state.best_point.metrics
