"""The folds of one training: runs that share a name, one for each fold of their snapshot. No torch, no Qt."""

from collections.abc import Sequence

from viewer.jobs.runs import RunState


def folds_of(run: RunState, runs: Sequence[RunState]) -> tuple[RunState, ...]:
    """The folds of the training that a run is one of, in their order, a fold done twice by its newer run; () where the
    run stands for itself."""
    if run.fold is None:
        return ()
    snapshot = run.recipe.get("snapshot_id")
    newest: dict[int, RunState] = {}
    for other in sorted(runs, key=lambda one: one.run_id):
        if other.fold is not None and other.name == run.name and other.recipe.get("snapshot_id") == snapshot:
            newest[other.fold] = other
    return tuple(newest[fold] for fold in sorted(newest)) if len(newest) > 1 else ()
