"""What a run's state is called, and its times and figures in words."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ml.metric_words import metric_title
from viewer.core.errors import AppError

if TYPE_CHECKING:
    from viewer.jobs.runs import RunState

# State: word and pill kind.
STATE_LOOKS = {
    "queued": ("Waiting", "mute"),
    "elsewhere": ("Queued elsewhere", "warn"),
    "running": ("Running", "acc"),
    "paused": ("Paused", "warn"),
    "finished": ("Finished", "ok"),
    "failed": ("Failed", "err"),
    "cancelled": ("Cancelled", "mute"),
}


def model_title(name: str) -> str:
    """The catalogue's title of a model."""
    from ml.catalogue import load_spec

    try:
        return load_spec(name).title
    except AppError:
        return name


def run_title(run: "RunState") -> str:
    """Task, and the run's four hex digits."""
    return f"{run.task} · {run.run_id[-4:]}"


def epoch_words(run: "RunState") -> str:
    """Epochs count from 0 in files and from 1 for people."""
    if run.epochs <= 0:
        return ""
    return f"epoch {min(run.epochs, run.epoch + 1)} of {run.epochs}"


def metric_words(run: "RunState") -> str:
    """The best validation figure, its part named."""
    point = next((point for point in run.curves if point.epoch == run.best_epoch), None)
    value = None if point is None else point.metrics.get(run.metric_name)
    return "" if value is None else f"{metric_title(run.metric_name)} {value:.3f} val"


def row_detail(run: "RunState") -> str:
    """What stands at the right of a run's second line."""
    if run.state in ("running", "paused"):
        return epoch_words(run)
    if run.state == "finished":
        return metric_words(run)
    if run.state == "failed":
        return run.error or "see the log"
    return epoch_words(run) if run.curves else ""


def progress(run: "RunState") -> float:
    """How much of the run is done, 0 to 1."""
    if run.state == "finished":
        return 1.0
    if run.epochs <= 0:
        return 0.0
    within = run.step / run.steps if run.steps else 0.0
    return min(1.0, (run.epoch + min(1.0, within)) / run.epochs)


def duration_words(seconds: float | None) -> str:
    """ "40 s", "14 min", "2 h 5 min"; "" when unknown."""
    if seconds is None or seconds < 0:
        return ""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def elapsed_s(run: "RunState", now: datetime | None = None) -> float | None:
    """Seconds from the run's beginning to its end, or to now while it works; None before it began."""
    started, ended = _moment(run.started), _moment(run.ended)
    if started is None:
        return None
    return ((ended or now or datetime.now(UTC)) - started).total_seconds()


def _moment(time: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(time)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def memory_words(size_bytes: int | None) -> str:
    """Measured memory, in GiB or MiB; "" when it was not measured."""
    if not size_bytes:
        return ""
    return f"{size_bytes / 2**30:.1f} GiB" if size_bytes >= 2**29 else f"{size_bytes / 2**20:.0f} MiB"
