"""Evaluating runs by their names."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from viewer.core.errors import BadRequest
from viewer.jobs.reports import keep_report
from viewer.jobs.runs import RunStatus, find_runs, read_run


def evaluate_named(
    project: Path,
    name: str,
    out_folder: Path,
    *,
    part: str = "test",
    snapshot_id: str = "",
    seen_anyway: bool = False,
    operating_point: str = "",
    prevalence: float | None = None,
    by: Sequence[str] | None = None,
) -> dict[str, Any]:
    """The figures of a run or of the folds of a name. Raises BadRequest when one has not finished, or has seen what it
    is judged on and not `seen_anyway`."""
    folders = find_runs(project, name)
    states = [read_run(folder) for folder in folders]
    waiting = [state.run_id for state in states if state.state is not RunStatus.FINISHED]
    if waiting:
        raise BadRequest(f"{', '.join(waiting)} has not finished; wait for it or resume it first.")
    from ml.evaluation.report import evaluate_runs
    from viewer.project.snapshots.snapshot import Snapshot

    snapshot = Snapshot.load(project, snapshot_id or str(states[0].recipe.get("snapshot_id", "")))
    document = evaluate_runs(
        folders, snapshot, project, out_folder, part=part, command=sys.argv, seen_anyway=seen_anyway,
        operating_point=operating_point, prevalence=prevalence, by=by,
    )  # fmt: skip
    asked = bool(snapshot_id or operating_point) or prevalence is not None or by is not None
    if len(folders) == 1 and part == "test" and not asked and not seen_anyway:
        keep_report(folders[0], out_folder, document)  # what the window would judge
    return document
