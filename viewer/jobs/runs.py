"""Run folders read back: what state a run is in, its curves, its log. No torch, no Qt."""

import json
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from ml.events import CONFIG_FILE, CONTROL_FILE, LIFECYCLE, LOCK_FILE, LOG_FILE, TERMINAL, read_events
from viewer.core.errors import Ambiguous, UnknownName
from viewer.jobs.orders import is_ordered

KILLED = "the job was killed"
QUEUED_ELSEWHERE = "It was queued elsewhere or by somebody else; resume it to start it here."


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
class EpochPoint:
    """One epoch of the curves, 0-based. Losses are None where there is none; metrics by name."""

    epoch: int
    train_loss: float | None
    val_loss: float | None
    metrics: dict[str, float | None]
    best: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunState:
    """A run as its folder tells it.

    epoch, step: the next to do, 0-based; epochs, steps: how many. left_s: seconds to go, None when not known.
    started: local time with offset, "" before. steps_loss: (epochs done as a fraction, loss). metric_name: what chooses
    the best epoch. error: one sentence when failed. facts: the started event; recipe: config.json's.
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
    curves: tuple[EpochPoint, ...] = ()
    steps_loss: tuple[tuple[float, float], ...] = ()
    metric_name: str = ""
    best_epoch: int | None = None
    device: str = ""
    device_reason: str = ""
    precision: str = ""
    precision_reason: str = ""
    threads: int = 0
    error: str = ""
    images_per_s: float | None = None
    memory_bytes: int | None = None
    model_hash: str = ""
    recipe: dict[str, Any] = field(default_factory=dict)

    @property
    def share_done(self) -> float:
        """Work done, 0 to 1."""
        total = self.epochs * max(1, self.steps)
        if self.state is RunStatus.FINISHED:
            return 1.0
        return min(1.0, (self.epoch * max(1, self.steps) + self.step) / total) if total else 0.0


def runs_folder(project_folder: Path) -> Path:
    """PROJECT/runs."""
    return project_folder / "runs"


def list_runs(project_folder: Path) -> list[RunState]:
    """Every run of a project, oldest first."""
    parent = runs_folder(project_folder)
    if not parent.is_dir():
        return []
    return [read_run(folder) for folder in sorted(parent.iterdir()) if (folder / CONFIG_FILE).is_file()]


def find_run(project_folder: Path, name: str) -> Path:
    """The folder of a run by its id, the start of it, or its path. Raises UnknownName, Ambiguous."""
    given = Path(name)
    if name and (given / CONFIG_FILE).is_file():
        return given
    parent = runs_folder(project_folder)
    if name and (parent / name / CONFIG_FILE).is_file():
        return parent / name
    found = sorted(f.parent for f in parent.glob("*/" + CONFIG_FILE) if name and f.parent.name.startswith(name))
    if len(found) > 1:
        raise Ambiguous(f"{name!r} could be {', '.join(f.name for f in found[:5])}; write more of the name.")
    if not found:
        raise UnknownName(f"{project_folder} has no run {name!r}; `negatoscope runs {project_folder}` lists them.")
    return found[0]


def find_runs(project_folder: Path, name: str) -> list[Path]:
    """The runs of a shared name (the folds of one training), in the order of their folds, or the one run of an id."""
    named = [run for run in list_runs(project_folder) if run.name == name]
    if named:
        newest = {run.fold: run.folder for run in named}  # a fold done twice counts once, the newer
        return [newest[fold] for fold in sorted(newest, key=lambda fold: -1 if fold is None else fold)]
    return [find_run(project_folder, name)]


def is_alive(folder: Path) -> bool:
    """Whether the process of the lock works still. Process ids come back, so its start time must match."""
    import psutil

    lock = _read_json(folder / LOCK_FILE)
    try:
        process = psutil.Process(int(lock["pid"]))
        same = abs(process.create_time() - float(lock["started"])) < 2
        return bool(same and process.status() != psutil.STATUS_ZOMBIE)
    except (KeyError, TypeError, ValueError, psutil.Error):
        return False


def read_run(folder: Path) -> RunState:
    """What the folder says now. A run that began and whose process is gone has failed: it was killed."""
    # The lock first: a child that ends in between has then already written its last event.
    alive = is_alive(folder)
    config = _read_json(folder / CONFIG_FILE)
    recipe = config.get("recipe") if isinstance(config.get("recipe"), dict) else {}
    story = _Story(recipe or {})
    for event in read_events(folder):
        story.hear(event)
    state, error = _state(story.last, story.error, alive=alive)
    if state is RunStatus.QUEUED and not is_ordered(folder):
        state, error = RunStatus.ELSEWHERE, QUEUED_ELSEWHERE
    if state is RunStatus.RUNNING and story.last == "paused":
        state = RunStatus.PAUSED
    return RunState(
        run_id=folder.name,
        folder=folder,
        task=str(story.recipe.get("task", "")),
        model=str(story.recipe.get("model", "")),
        name=str(story.recipe.get("run_name", "")) or folder.name,
        fold=story.recipe.get("fold"),
        state=state,
        error=error,
        epochs=int(story.recipe.get("epochs", 0)),
        recipe=story.recipe,
        curves=tuple(story.curves[epoch] for epoch in sorted(story.curves)),
        steps_loss=tuple(story.steps_loss),
        **({**story.facts, "left_s": None} if state in OVER else story.facts),
    )


def tail(folder: Path, lines: int) -> list[str]:
    """The last lines of the run's log."""
    path = folder / LOG_FILE
    if not path.is_file():
        return []
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - 400 * lines))
        text = file.read().decode("utf-8", errors="replace")
    return text.splitlines()[-lines:]


def wish(folder: Path) -> str:
    """What control.json asks of the run: "cancel", "pause" or ""."""
    return str(_read_json(folder / CONTROL_FILE).get("wish", ""))


class _Story:
    """What the events add up to; later ones win, so a resumed run continues its curves."""

    def __init__(self, recipe: dict[str, Any]) -> None:
        self.recipe = recipe
        self.last = ""
        self.error = ""
        self.curves: dict[int, EpochPoint] = {}
        self.steps_loss: list[tuple[float, float]] = []
        self.facts: dict[str, Any] = {}

    def hear(self, event: dict[str, Any]) -> None:
        kind = event["event"]
        if kind in LIFECYCLE:
            self.last = kind
        if kind == "started":
            self._started(event)
        elif kind == "step":
            steps = max(1, int(self.facts.get("steps", 1)))
            self.facts |= {"epoch": event["epoch"], "step": event["step"]}
            self.facts |= {name: event.get(name) for name in ("left_s", "images_per_s", "memory_bytes")}
            if event.get("loss") is not None:
                self.steps_loss.append((event["epoch"] + event["step"] / steps, event["loss"]))
        elif kind == "epoch":
            self._epoch(event)
        elif kind in TERMINAL:
            self.facts["ended"] = event["t"]
            self.error = str(event.get("error", ""))
            if kind == "finished":
                self.facts |= {"best_epoch": event.get("best_epoch"), "model_hash": str(event.get("model_hash", ""))}

    def _started(self, event: dict[str, Any]) -> None:
        epoch = int(event.get("epoch", 0))
        self.curves = {e: point for e, point in self.curves.items() if e < epoch}
        self.steps_loss = [(done, loss) for done, loss in self.steps_loss if done <= epoch + 1e-9]
        self.facts |= {"epoch": epoch, "step": 0, "steps": int(event.get("steps_per_epoch", 0))}
        self.facts |= {"started": self.facts.get("started") or event["t"], "ended": ""}
        words = ("device", "device_reason", "precision", "precision_reason")
        self.facts |= {name: str(event.get(name, "")) for name in words}
        self.facts |= {"threads": int(event.get("threads", 0)), "metric_name": str(event.get("metric", ""))}

    def _epoch(self, event: dict[str, Any]) -> None:
        epoch = int(event["epoch"])
        self.curves[epoch] = EpochPoint(
            epoch=epoch,
            train_loss=event.get("train_loss"),
            val_loss=event.get("val_loss"),
            metrics=dict(event.get("metrics") or {}),
            best=bool(event.get("best")),
            note=str(event.get("note", "")),
        )
        self.facts |= {"epoch": epoch + 1, "step": 0}
        if event.get("best"):
            self.facts["best_epoch"] = epoch


def _state(last: str, error: str, *, alive: bool) -> tuple[RunStatus, str]:
    if last in TERMINAL:
        return RunStatus(last), error
    if alive:
        return RunStatus.RUNNING, ""
    if last in ("", "queued"):
        return RunStatus.QUEUED, ""
    return RunStatus.FAILED, f"{KILLED[0].upper()}{KILLED[1:]}; resume it to go on from its last checkpoint."


def _read_json(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}
