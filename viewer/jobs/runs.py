"""Run folders read back: what state a run is in, its curves, its log. No torch, no Qt."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from ml.events import CONFIG_FILE, EVENTS_FILE, LOCK_FILE, LOG_FILE, TERMINAL, read_events
from ml.learning_curve.folder import CURVE_FOLDER, is_curve
from ml.report_job import REPORT_FOLDER, is_beside, side_reports
from viewer.core.checked import Fields
from viewer.core.errors import Ambiguous, BadFile, UnknownName
from viewer.jobs.orders import is_ordered
from viewer.jobs.run_marks import MARKS_FILE, read_marks
from viewer.jobs.run_story import MOST_EPOCHS, EpochPoint, Story
from viewer.project.disk.held_lock import holder_of
from viewer.reading.sources.documents import read_end, read_json

KILLED = "the job was killed"
QUEUED_ELSEWHERE = "It was queued elsewhere or by somebody else; resume it to start it here."
MOST_FOLDS = 10_000


class RunStatus(StrEnum):
    """Where a run is; it ends in exactly one of the last three. ELSEWHERE: queued, but not by this person here."""

    QUEUED = "queued"
    ELSEWHERE = "elsewhere"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"


OVER = (RunStatus.FINISHED, RunStatus.FAILED, RunStatus.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunState:
    """A run as its folder tells it.

    epoch, step: how many are done (step: of the open epoch); epochs, steps: how many there are. best_epoch: from 1.
    left_s: seconds to go, None when not known. started: local time with offset, "" before.
    worked_s: seconds that were worked in the parts that are over, without pauses; working_since: when the open part
    began, "" where nothing works. loading: what is read before the first step, in words, "" after.
    steps_loss: (epochs done as a fraction, loss). metric_name: what chooses the best epoch, on val_cases
    of val_patients (0 where that is not said). notes: what was doubtful
    at the start. error: one sentence when failed; error_kind: its class' name. recipe: config.json's.
    report: the job that judges this run on its test part, None while nobody asked for it; of that job, said is the
    figure that decides, in words, and against the best control beside it. side_reports: the jobs of external tests
    and of folds together. curve: the job of its learning curve. opened: how often its test part was opened, in
    words; "" where that is not known.
    title, note, tags: what a person wrote on it (`run_marks`), which is not the name that folds share.
    """

    run_id: str
    folder: Path
    task: str
    model: str
    state: RunStatus
    name: str = ""
    fold: int | None = None
    epoch: int = 0
    epochs: int = 0
    step: int = 0
    steps: int = 0
    left_s: float | None = None
    started: str = ""
    ended: str = ""
    worked_s: float = 0.0
    working_since: str = ""
    loading: str = ""
    notes: tuple[str, ...] = ()
    curves: tuple[EpochPoint, ...] = ()
    steps_loss: tuple[tuple[float, float], ...] = ()
    metric_name: str = ""
    val_cases: int = 0
    val_patients: int = 0
    best_epoch: int | None = None
    device: str = ""
    device_reason: str = ""
    precision: str = ""
    precision_reason: str = ""
    threads: int = 0
    error: str = ""
    error_kind: str = ""
    said: str = ""
    against: str = ""
    report: "RunState | None" = None
    side_reports: "tuple[RunState, ...]" = ()
    curve: "RunState | None" = None
    images_per_s: float | None = None
    memory_bytes: int | None = None
    model_hash: str = ""
    opened: str = ""
    title: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()
    recipe: dict[str, Any] = field(default_factory=dict)

    @property
    def beside(self) -> "tuple[RunState, ...]":
        """The jobs whose folders lie in the run's."""
        first = tuple(one for one in (self.report, self.curve) if one is not None)
        return (*first, *self.side_reports)

    @property
    def share_done(self) -> float:
        """Work done, 0 to 1."""
        total = self.epochs * max(1, self.steps)
        if self.state is RunStatus.FINISHED:
            return 1.0
        return min(1.0, (self.epoch * max(1, self.steps) + self.step) / total) if total else 0.0

    @property
    def best_point(self) -> EpochPoint | None:
        """The best epoch so far."""
        place = (self.best_epoch or 0) - 1
        if 0 <= place < len(self.curves) and self.curves[place].epoch == self.best_epoch:
            return self.curves[place]  # where every epoch is told: a table asks this of each run for each paint
        return next((point for point in self.curves if point.epoch == self.best_epoch), None)

    @property
    def why_no_figure(self) -> str:
        """Why a run that has come to an epoch has no figure to be chosen by; "" where it has one, or no epoch yet."""
        point = self.best_point
        if point is None or point.metrics.get(self.metric_name) is not None:
            return ""
        return point.note.rstrip(".") or f"{self.metric_name or 'the figure'} is not defined on the validation part"


# The files of a run that its state is read from; each that is changed makes it be read again.
TELLING = (
    CONFIG_FILE, EVENTS_FILE, MARKS_FILE, f"{REPORT_FOLDER}/{CONFIG_FILE}", f"{REPORT_FOLDER}/{EVENTS_FILE}",
    f"{CURVE_FOLDER}/{CONFIG_FILE}", f"{CURVE_FOLDER}/{EVENTS_FILE}",
)  # fmt: skip
Known = dict[Path, tuple[tuple[tuple[int, ...], ...], RunState]]


def runs_folder(project_folder: Path) -> Path:
    """PROJECT/runs."""
    return project_folder / "runs"


def list_runs(project_folder: Path, known: Known | None = None) -> list[RunState]:
    """Every run of a project, oldest first.

    known: what was read before, for who looks again and again: a run that is over, and in whose folder nothing has
    changed, is the very same value. It is kept up here.
    """
    parent = runs_folder(project_folder)
    if not parent.is_dir():
        return []
    # A link to a run beside it is that run again; one that leads elsewhere is a row of its own.
    folders = [one for one in sorted(parent.iterdir()) if not (one.is_symlink() and _is_below(one, parent))]
    folders = [folder for folder in folders if (folder / CONFIG_FILE).is_file()]
    if known is None:
        return [_with_seal(read_run(folder), project_folder) for folder in folders]
    from viewer.project.project import SNAPSHOTS
    from viewer.project.snapshots.openings import OPENINGS_NAME

    snapshots = project_folder / SNAPSHOTS
    opened = _stamp(snapshots), _stamp(snapshots / OPENINGS_NAME)  # the seal is told of each
    found = {}
    for folder in folders:
        telling = (
            *TELLING,
            *(f"{one.name}/{name}" for one in side_reports(folder) for name in (CONFIG_FILE, EVENTS_FILE)),
        )
        stamps = (*opened, *(_stamp(folder / name) for name in telling))
        before = known.get(folder)
        if before is not None and before[0] == stamps and _is_over(before[1]):
            found[folder] = before
        else:
            found[folder] = (stamps, _with_seal(read_run(folder), project_folder))
    known.clear()
    known.update(found)
    return [run for _, run in found.values()]


def _is_over(run: RunState) -> bool:
    """Whether only its files tell of it: no process works on it, and none is waited for."""
    return all(one.state in OVER for one in (run, *run.beside))


def reports_of(run: RunState) -> list[RunState]:
    """Every job that judges this run."""
    return [*([] if run.report is None else [run.report]), *run.side_reports]


def _stamp(path: Path) -> tuple[int, ...]:
    """What changes with a file; () where it is not there."""
    try:
        facts = path.stat()
    except OSError:
        return ()
    return facts.st_mtime_ns, facts.st_size, facts.st_ino


def _with_seal(run: RunState, project_folder: Path) -> RunState:
    """Of a finished run how often its test part was opened."""
    if run.state is not RunStatus.FINISHED:
        return run
    from viewer.project.snapshots.openings import seal_words

    return replace(run, opened=seal_words(project_folder, str(run.recipe.get("snapshot_id", "")), run.fold))


def _is_below(link: Path, parent: Path) -> bool:
    return link.resolve().parent == parent.resolve()


def find_run(project_folder: Path, name: str) -> Path:
    """The folder of a run by its id, the start or end of it, the name that a person gave it, or its path.

    Raises UnknownName, Ambiguous.
    """
    given = Path(name)
    if name and (given / CONFIG_FILE).is_file():
        return given
    parent = runs_folder(project_folder)
    if name and (parent / name / CONFIG_FILE).is_file():
        return parent / name
    folders = [file.parent for file in parent.glob("*/" + CONFIG_FILE)] if name else []
    # The window calls a run by the end of its id.
    found = sorted(one for one in folders if one.name.startswith(name) or one.name.endswith(f"-{name}"))
    found = found or sorted(one for one in folders if _given_name(one) == name.strip().casefold())
    if len(found) > 1:
        raise Ambiguous(f"{name!r} could be {', '.join(f.name for f in found[:5])}; write more of the name.")
    if not found:
        raise UnknownName(f"{project_folder} has no run {name!r}; `negatoscope runs {project_folder}` lists them.")
    return found[0]


def _given_name(folder: Path) -> str:
    """For comparing; "" where none was given or it cannot be read."""
    try:
        return read_marks(folder).title.casefold()
    except BadFile:
        return ""


def find_runs(project_folder: Path, name: str) -> list[Path]:
    """The runs of a shared name (the folds of one training), in the order of their folds, or the one run of an id."""
    named = [run for run in list_runs(project_folder) if run.name == name]
    if named:
        newest = {run.fold: run.folder for run in named}  # a fold done twice counts once, the newer
        return [newest[fold] for fold in sorted(newest, key=lambda fold: -1 if fold is None else fold)]
    return [find_run(project_folder, name)]


def is_alive(folder: Path) -> bool:
    """Whether a process works on this run: it holds the run's lock for as long as it lives."""
    return holder_of(folder / LOCK_FILE) is not None


def read_run(folder: Path) -> RunState:
    """What the folder says now, of a run or of a job beside it. What began and whose process is gone was killed."""
    # The lock first: a child that ends in between has then already written its last event.
    alive = is_alive(folder)
    story = Story(folder)
    try:
        for event in read_events(folder):
            story.hear(event)
    except BadFile as cause:
        story.doubt_of(cause)
    facts = _config_facts(folder, story)
    beside = is_beside(folder)
    facts |= {} if beside else _marks_facts(folder, story)
    go_on = "resume it to go on from its last checkpoint"
    if beside:
        go_on = "go on with it: what was made is kept" if is_curve(folder) else "ask for it again"
    state, error = _state(story.last, story.error, alive=alive, go_on=go_on)
    if state is RunStatus.QUEUED and not is_ordered(folder):
        state, error = RunStatus.ELSEWHERE, QUEUED_ELSEWHERE
    if state is RunStatus.RUNNING and story.last == "paused":
        state = RunStatus.PAUSED
    story.close(working=state is RunStatus.RUNNING)
    return RunState(
        run_id=folder.name,
        folder=folder,
        state=state,
        error=error if state is RunStatus.FAILED else story.doubt or error,
        curves=tuple(story.curves[epoch] for epoch in sorted(story.curves)),
        steps_loss=tuple(story.steps_loss),
        worked_s=story.work.seconds,
        working_since=story.work.since,
        report=None if beside else _beside(folder / REPORT_FOLDER),
        side_reports=()
        if beside
        else tuple(read_run(one) for one in side_reports(folder) if (one / CONFIG_FILE).is_file()),
        curve=None if beside else _beside(folder / CURVE_FOLDER),
        **facts,
        **({**story.facts, "left_s": None} if state in OVER else story.facts),
    )


def _beside(folder: Path) -> RunState | None:
    return read_run(folder) if is_beside(folder) and (folder / CONFIG_FILE).is_file() else None


def _config_facts(folder: Path, story: Story) -> dict[str, Any]:
    """What config.json says of the run. What is wrong in it is the story's doubt; the run is listed all the same."""
    path = folder / CONFIG_FILE
    nothing = {"task": "", "model": "", "name": folder.name}
    try:
        document = read_json(path, advice="the run cannot be started as it stands")
        recipe = Fields(document, str(path)).inner("recipe", {})
        return {
            "task": recipe.text("task", "", most=1000),
            "model": recipe.text("model", "", most=200),
            "name": recipe.text("run_name", "", most=1000) or folder.name,
            "fold": recipe.integer_or_none("fold", 0, MOST_FOLDS),
            "epochs": recipe.integer("epochs", 0, MOST_EPOCHS, 0),
            "recipe": document.get("recipe", {}),
        }
    except FileNotFoundError:
        return nothing
    except BadFile as error:
        story.doubt_of(error)
        return nothing


def _marks_facts(folder: Path, story: Story) -> dict[str, Any]:
    """What a person wrote on the run. Where that cannot be read it is the story's doubt, and the run is listed."""
    try:
        marks = read_marks(folder)
    except BadFile as error:
        story.doubt_of(error)
        return {}
    return {"title": marks.title, "note": marks.note, "tags": marks.tags}


def tail(folder: Path, lines: int) -> list[str]:
    """The last lines of the run's log."""
    path = folder / LOG_FILE
    try:
        text = read_end(path, 400 * lines).decode("utf-8", errors="replace")
    except FileNotFoundError:
        return []
    return text.splitlines()[-lines:]


def _state(last: str, error: str, *, alive: bool, go_on: str) -> tuple[RunStatus, str]:
    if last in TERMINAL:
        return RunStatus(last), error
    if alive:
        return RunStatus.RUNNING, ""
    if last in ("", "queued"):
        return RunStatus.QUEUED, ""
    return RunStatus.FAILED, f"{KILLED[0].upper()}{KILLED[1:]}; {go_on}."
