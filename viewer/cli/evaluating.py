"""Evaluating runs by their names."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viewer.core.errors import BadRequest
from viewer.jobs.reports import keep_report
from viewer.jobs.runs import RunStatus, find_runs, read_run

if TYPE_CHECKING:
    from ml.training.run import Images


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
    as_one: bool = False,
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

    own_id = str(states[0].recipe.get("snapshot_id", ""))
    home = _other_project(snapshot_id) if snapshot_id else None
    snapshot: Images
    if home is None or home[0].resolve() == project.resolve():
        snapshot = Snapshot.load(project, home[1] if home is not None else snapshot_id or own_id)
    else:
        from ml.evaluation.several.elsewhere import elsewhere

        snapshot = elsewhere(Snapshot.load(project, own_id), *home, part=part)
    if as_one:
        from ml.evaluation.several.as_one import shared_test

        snapshot = shared_test(snapshot, len(folders), part=part)
    document = evaluate_runs(
        folders, snapshot, project, out_folder, part=part, command=sys.argv, seen_anyway=seen_anyway,
        operating_point=operating_point, prevalence=prevalence, by=by,
    )  # fmt: skip
    asked = bool(snapshot_id or operating_point) or prevalence is not None or by is not None or as_one
    if len(folders) == 1 and part == "test" and not asked and not seen_anyway:
        keep_report(folders[0], out_folder, document)  # what the window would judge
    return document


def _other_project(named: str) -> tuple[Path, str] | None:
    """(project, snapshot id, "" for the newest) where a project's folder or a snapshot's is named; None for an id."""
    path = Path(named).expanduser()
    from viewer.project.project import DATABASE_NAME, SNAPSHOTS
    from viewer.project.snapshots.card import CARD_NAME

    if (path / DATABASE_NAME).is_file() or (path / SNAPSHOTS).is_dir():
        return path, ""
    if path.parent.name == SNAPSHOTS and (path / CARD_NAME).is_file():
        return path.parent.parent, path.name
    if path.name != named:
        raise BadRequest(f"{named} is neither a project nor PROJECT/{SNAPSHOTS}/ID.")
    return None
