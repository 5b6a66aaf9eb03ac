"""Following a run until it ends."""

import time
from pathlib import Path
from typing import Any

from ml.events import read_events
from viewer.cli.output import Output, counted
from viewer.cli.run_lines import describe, line_of
from viewer.core.errors import JobFailed
from viewer.core.text.durations import duration_words
from viewer.jobs.queue import cancel, start_next
from viewer.jobs.runs import OVER, RunState, RunStatus, read_run


def follow(folders: list[Path], out: Output) -> dict[str, Any]:
    """Start and watch runs until all are over."""
    project = folders[0].resolve().parent.parent
    told, shown = dict.fromkeys(folders, 0), dict.fromkeys(folders, 0)
    over: dict[Path, RunState] = {}
    begun: set[Path] = set()
    loading = dict.fromkeys(folders, "")
    try:
        while len(over) < len(folders):
            start_next(project)
            for folder in folders:
                if folder in over:
                    continue
                told[folder] = _tell(folder, told[folder], out)
                state = read_run(folder)
                if state.device and folder not in begun:
                    begun.add(folder)
                    if not out.with_events:  # they say it too
                        out.note(arithmetic(state))
                if state.state is RunStatus.RUNNING:
                    out.progress(bar(state))
                    if state.loading != loading[folder]:
                        loading[folder] = state.loading
                        if state.loading:
                            out.step(f"{state.run_id}  {state.loading}")
                    if state.epoch != shown[folder]:
                        shown[folder] = state.epoch
                        out.step(line_of(state))
                if state.state in (*OVER, RunStatus.ELSEWHERE):
                    over[folder] = state
                    out.progress_done()
                    told[folder] = _tell(folder, told[folder], out)
                    out.line(line_of(state))
            time.sleep(POLL_S)
    except KeyboardInterrupt:
        _cancel_all([folder for folder in folders if folder not in over], out)
        raise
    bad = [state for state in over.values() if state.state is not RunStatus.FINISHED]
    if bad:
        raise JobFailed(f"The run {bad[0].run_id} {bad[0].state}: {bad[0].error or 'it was cancelled'}")
    return {"name": over[folders[0]].name, "runs": [describe(over[folder]) for folder in folders]}


POLL_S = 0.3


def _tell(folder: Path, done: int, out: Output) -> int:
    """Pass new events on; returns how many there are now."""
    if not out.with_events:
        return done
    events = list(read_events(folder))
    for event in events[done:]:
        out.event({"run": folder.name, **event})
    return len(events)


def _cancel_all(folders: list[Path], out: Output) -> None:
    out.progress_done()
    for folder in reversed(folders):  # waiting ones first, so that none starts in between
        if read_run(folder).state not in OVER:
            cancel(folder)
    for folder in folders:
        while read_run(folder).state not in OVER:
            time.sleep(POLL_S)
        out.note(f"Cancelled; go on with: negatoscope train --resume {folder}")


def arithmetic(state: RunState) -> str:
    """What a run computes on and how, as it chose before its first step."""
    return (
        f"{state.run_id}  on {state.device} ({state.device_reason}), precision {state.precision} "
        f"({state.precision_reason}), {counted(state.threads, 'thread')}"
    )


def bar(state: RunState) -> str:
    """[######----] epoch 3/20  loss 0.412  auc 0.871  12 s left."""
    if state.loading:
        return state.loading
    filled = round(20 * state.share_done)
    parts = [f"[{'#' * filled}{'-' * (20 - filled)}]", f"epoch {min(state.epoch + 1, state.epochs)}/{state.epochs}"]
    if state.fold is not None:
        parts.insert(1, f"fold {state.fold}")
    if state.steps_loss:
        parts.append(f"loss {state.steps_loss[-1][1]:.3f}")
    last = state.curves[-1].metrics.get(state.metric_name) if state.curves else None
    if last is not None:
        parts.append(f"{state.metric_name} {last:.3f}")
    left = duration_words(state.left_s)
    if left:
        parts.append(f"{left} left")
    if state.device:
        parts.append(f"on {state.device} ({state.device_reason})")
    return "  ".join(parts)
