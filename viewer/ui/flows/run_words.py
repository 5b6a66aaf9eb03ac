"""What a run's state is called, and its times and figures in words."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ml.metric_words import AT_A_CUT, metric_meaning, metric_title, number_text
from ml.metric_words import test_words as test_words
from ml.starts import SEEN_BY_START, start_mark, validation_seen
from viewer.core.deciding import cut_words
from viewer.core.text import titles
from viewer.core.text.counting import counted

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
    from ml.catalogue import title_of

    return title_of(name)


def report_said(run: "RunState") -> str | None:
    """What a run's report says of itself; None without a report that is done."""
    return run.report.said if run.report is not None and run.report.state == "finished" else None


def model_and_start(run: "RunState") -> str:
    """The model, and the run, model or file whose weights it began with: "ResNet-18 from c6f8"."""
    init = run.recipe.get("init")
    start = start_mark(init) if isinstance(init, str) else ""
    return f"{model_title(run.model)} from {start}" if start else model_title(run.model)


def model_and_fold(run: "RunState") -> str:
    """The same, and which fold it held out, where it is one: "ResNet-18 · fold 2"."""
    return " · ".join(filter(None, (model_and_start(run), "" if run.fold is None else f"fold {run.fold}")))


def made_of(run: "RunState") -> str:
    """Model, start, fold and snapshot: "ResNet-18 from c6f8 · fold 2 · snapshot ef66e366"."""
    snapshot = run.recipe.get("snapshot_id")
    on = f"snapshot {titles.short_id(snapshot)}" if isinstance(snapshot, str) and snapshot else ""
    return " · ".join(filter(None, (model_and_fold(run), on)))


def run_title(run: "RunState") -> str:
    """As every list has it: the name that a person gave it, else its task, and the run's four hex digits."""
    return titles.run_title(run.title or run.task, run.run_id)


# States of a report: on its way; ended without one.
REPORT_ASKED = ("queued", "running", "paused")
REPORT_STOPPED = ("failed", "cancelled", "elsewhere")
OPEN = ("queued", "elsewhere", "running", "paused")


def epoch_words(run: "RunState") -> str:
    """The open epoch of a run that is not over; how many are done of one that is."""
    if run.epochs <= 0:
        return ""
    if run.state in OPEN:
        return f"epoch {min(run.epochs, run.epoch + 1)} of {run.epochs}"
    return f"{run.epoch} of {counted(run.epochs, 'epoch')}"


def doing_words(run: "RunState") -> str:
    """What a run that works does: what it loads before its first step, then its epoch."""
    return run.loading if run.state == "running" and run.loading else epoch_words(run)


def metric_words(run: "RunState") -> str:
    """The best validation figure, its part named; or why there is none."""
    point = run.best_point
    value = None if point is None else point.metrics.get(run.metric_name)
    if value is None:
        return f"no figure: {run.why_no_figure}" if run.why_no_figure else ""
    mark = f", {SEEN_BY_START}" if validation_seen(run.notes) else ""
    return f"{metric_title(run.metric_name)} {value:.3f} val{mark}"


def figure_sentence(run: "RunState") -> str:
    """What the best validation figure is: its part, how many cases of how many patients, its cut; "" without one."""
    point = run.best_point
    value = None if point is None else point.metrics.get(run.metric_name)
    if point is None or value is None:
        return ""
    title = metric_title(run.metric_name)
    cases = f", {counted(run.val_cases, 'case')} of {counted(run.val_patients, 'patient')}" if run.val_cases else ""
    meaning = metric_meaning(run.metric_name)
    cut = ""
    if run.metric_name.partition(":")[0] in AT_A_CUT and point.threshold is not None:
        cut = f" The cut, {cut_words(point.threshold)}, was chosen on these same cases."
    return (
        f"{title} {number_text(value)} on the validation part{cases}, after epoch {point.epoch}"
        + (f": {meaning}." if meaning else ".")
        + f"{cut} The best epoch was chosen on these cases too, so expect less on others."
    )


def report_words(report: "RunState | None") -> str:
    """How it is with a run's report on the test part; "" where its error says it."""
    if report is None:
        return "How good it is on cases that it has not seen: figures with their intervals, beside simple controls."
    words = {
        "queued": "It waits until what works now is done.",
        "running": f"{report.loading[:1].upper()}{report.loading[1:]}." if report.loading else "It begins.",
        "paused": "It pauses.",
        "failed": "",
        "cancelled": "Cancelled; nothing of it was kept.",
        "elsewhere": "It was asked for on another computer or by somebody else, and waits there.",
        "finished": f"{'; '.join(filter(None, (report.said, report.against)))}." if report.said else "",
    }
    return words[report.state]


def report_end_words(run: "RunState") -> str:
    """That a run's report is done, with the figure that decides; or that there is none, and why."""
    report = run.report
    if report is None:
        return ""
    if report.state == "failed":
        return f"The report of {run_title(run)} was not made: {report.error}"
    said = f": {'; '.join(filter(None, (report.said, report.against)))}" if report.said else ""
    return f"The report of {run_title(run)} is done{said}."


def curve_end_words(run: "RunState") -> str:
    """That a run's learning curve is done, with what it says; or that there is none, and why."""
    curve = run.curve
    if curve is None:
        return ""
    if curve.state == "failed":
        return f"The learning curve of {run_title(run)} was not made: {curve.error}"
    return f"The learning curve of {run_title(run)} is done. {curve.said}".rstrip()


def row_lines(run: "RunState") -> tuple[str, ...]:
    """What stands below a run's model: how far it is; of a finished one its figures, a line each."""
    if run.state != "finished":
        return tuple(filter(None, (row_detail(run),)))
    report = run.report
    if report is not None and report.state == "finished":
        return tuple(filter(None, (test_words(report.said) or "report", report.against, metric_words(run))))
    return tuple(filter(None, (_finished_words(run),)))


def row_detail(run: "RunState") -> str:
    """The same in one line."""
    if run.state in ("running", "paused"):
        return doing_words(run)
    if run.state == "finished":
        return _finished_words(run)
    if run.state == "failed":
        return run.error or "see the log"
    return epoch_words(run) if run.curves else ""


def _finished_words(run: "RunState") -> str:
    """The figure on the test part before that on validation; while its report is asked for or was refused, that."""
    report = run.report
    if report is None or report.state == "cancelled":
        return metric_words(run)
    if report.state == "finished":
        return " · ".join(filter(None, (test_words(report.said) or "report", report.against, metric_words(run))))
    if report.state == "failed":
        return report.error or "the report failed"
    return report.loading or "its report waits"


def progress(run: "RunState") -> float:
    """How much of the run is done, 0 to 1."""
    if run.state == "finished":
        return 1.0
    if run.epochs <= 0:
        return 0.0
    within = run.step / run.steps if run.steps else 0.0
    return min(1.0, (run.epoch + min(1.0, within)) / run.epochs)


def elapsed_s(run: "RunState", now: datetime | None = None) -> float | None:
    """Seconds that the run has worked, without pauses and the time between its parts; None before it began."""
    since = _moment(run.working_since)
    if since is None:
        return run.worked_s if run.worked_s else None
    return run.worked_s + max(0.0, ((now or datetime.now(UTC)) - since).total_seconds())


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
    if size_bytes < 2**20:
        return "under 1 MiB"
    return f"{size_bytes / 2**30:.1f} GiB" if size_bytes >= 2**29 else f"{size_bytes / 2**20:.0f} MiB"
