"""What the lines of a run's events add up to: its curves, its time, its end."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ml.events import EVENTS_FILE, FIRST_EPOCH, LIFECYCLE, TERMINAL
from viewer.core.checked import Fields, is_text
from viewer.core.errors import BadFile

MOST_EPOCHS = 10_000_000
MOST_STEPS = 2**40


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochPoint:
    """One epoch of the curves, counted from 1. Losses are None where there is none; metrics by name.

    threshold: the cut that its validation cases gave, None where that is not known.
    """

    epoch: int
    train_loss: float | None
    val_loss: float | None
    metrics: dict[str, float | None]
    best: bool = False
    note: str = ""
    threshold: float | None = None


class Story:
    """What the events add up to; later ones win, so a resumed run continues its curves.

    doubt: the first thing that is not as it should be, in one sentence; the line that says it is left out.
    """

    def __init__(self, folder: Path) -> None:
        self._where = str(folder / EVENTS_FILE)
        self.last = ""
        self.error = ""
        self.doubt = ""
        self.curves: dict[int, EpochPoint] = {}
        self.steps_loss: list[tuple[float, float]] = []
        self.facts: dict[str, Any] = {}
        self.work = WorkedTime()
        self._from = 0  # the number of the first epoch in the lines that follow

    def doubt_of(self, error: BadFile) -> None:
        """Keep the first one."""
        self.doubt = self.doubt or str(error)

    def hear(self, event: dict[str, Any]) -> None:
        kind = event["event"]
        if kind in LIFECYCLE:
            self.last = kind
        if kind == "queued":  # how it ended before is past
            self.facts |= {"error_kind": "", "said": "", "against": ""}
        self.work.hear(kind, event["t"])
        fields = Fields(event, f"{self._where} ({kind})", advice="the line was left out")
        try:
            if kind == "loading":
                self.facts["loading"] = f"loading {_doing_words(fields)}"
            elif kind == "judging":
                done, total = _done_of(fields)
                self.facts |= {"loading": _doing_words(fields), "step": done or 0, "steps": total or 0}
            elif kind == "started":
                self._started(fields)
            elif kind == "step":
                self._step(fields)
            elif kind == "epoch":
                self._epoch(fields)
            elif kind in TERMINAL:
                self.facts |= {"ended": event["t"], "loading": ""}
                self._ended(kind, fields)
        except BadFile as error:
            self.doubt_of(error)

    def close(self, *, working: bool) -> None:
        """After the last line: what does not work ended with it."""
        if not working:
            self.work.end()
            self.facts["loading"] = ""

    def _number(self, event: Fields) -> int:
        """An event's epoch, from 1."""
        return event.integer("epoch", self._from, MOST_EPOCHS) + FIRST_EPOCH - self._from

    def _started(self, event: Fields) -> None:
        epoch = event.integer("epoch", 0, MOST_EPOCHS, 0)
        self._from = event.integer("first_epoch", 0, FIRST_EPOCH, 0)
        words = ("device", "device_reason", "precision", "precision_reason")
        said: dict[str, Any] = {name: event.text(name, "", most=1000) for name in words}
        said |= {"steps": event.integer("steps_per_epoch", 0, MOST_STEPS, 0)}
        said |= {"threads": event.integer("threads", 0, 100_000, 0), "metric_name": event.text("metric", "", most=200)}
        started = event.text("t")
        said["notes"] = event.texts("notes", (), most=1000)
        for name, of in (("val_cases", "images"), ("val_patients", "patients")):
            said[name] = event.inner(of, {}).integer("val", 0, MOST_STEPS, 0) if event.plain_value(of) else 0
        self.curves = {e: point for e, point in self.curves.items() if e <= epoch}
        self.steps_loss = [(done, loss) for done, loss in self.steps_loss if done <= epoch + 1e-9]
        self.facts |= {**said, "epoch": epoch, "step": 0, "loading": ""}
        self.facts |= {"started": self.facts.get("started") or started, "ended": ""}

    def _step(self, event: Fields) -> None:
        steps = max(1, self.facts.get("steps", 1))
        epoch, step = self._number(event) - 1, event.integer("step", 0, MOST_STEPS)
        loss = event.number_or_none("loss")
        said: dict[str, Any] = {name: event.number_or_none(name, 0, 1e15) for name in ("left_s", "images_per_s")}
        said["memory_bytes"] = event.integer_or_none("memory_bytes", 0, 2**60)
        self.facts |= {"epoch": epoch, "step": step, **said}
        if loss is not None:
            self.steps_loss.append((epoch + step / steps, loss))

    def _epoch(self, event: Fields) -> None:
        epoch = self._number(event)
        metrics = event.inner("metrics", {}) if event.plain_or_none("metrics") else Fields({}, self._where)
        point = EpochPoint(
            epoch=epoch,
            train_loss=event.number_or_none("train_loss"),
            val_loss=event.number_or_none("val_loss"),
            metrics={name: metrics.number_or_none(name) for name in metrics.names() if is_text(name, most=200)},
            best=event.flag("best", False),
            note=event.text("note", "", most=1000),
            threshold=event.number_or_none("threshold", 0, 1),
        )
        self.curves[epoch] = point
        self.facts |= {"epoch": epoch, "step": 0}
        if point.best:
            self.facts["best_epoch"] = epoch

    def _ended(self, kind: str, event: Fields) -> None:
        self.error = event.text("error", "", most=5000)
        self.facts |= {
            "error_kind": event.text("kind", "", most=200),
            "said": event.text("said", "", most=1000),
            "against": event.text("against", "", most=1000),
        }
        if kind == "finished":
            best = event.integer_or_none("best_epoch", -1, MOST_EPOCHS)
            best = None if best is None or best < self._from else best + FIRST_EPOCH - self._from
            self.facts |= {"best_epoch": best, "model_hash": event.text("model_hash", "", most=200)}


class WorkedTime:
    """How long a run worked: from the start of its child to its end, without pauses and without the time between.

    seconds: of the parts that are over. since: when the open one began, "" where none is.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self.since = ""
        self._last = ""

    def hear(self, event: str, moment: str) -> None:
        """One line of the events, of whatever kind."""
        if event in ("starting", "queued", "paused", *TERMINAL):
            # A child that was killed said nothing: it worked to its last line at least.
            self.end(moment if event in ("paused", *TERMINAL) else self._last)
        if event in ("starting", "unpaused", "started") and not self.since:
            self.since = moment
        self._last = moment

    def end(self, moment: str = "") -> None:
        """The open part ended then, or with the last line."""
        began, ended = _time(self.since), _time(moment or self._last)
        if began is not None and ended is not None:
            self.seconds += max(0.0, (ended - began).total_seconds())
        self.since = ""


def _time(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _doing_words(event: Fields) -> str:
    """ "the images, 12 of 300"."""
    what = event.text("what", "", most=200)
    done, total = _done_of(event)
    return what + (f", {done} of {total}" if total else "")


def _done_of(event: Fields) -> tuple[int | None, int | None]:
    done, total = (event.integer_or_none(name, 0, MOST_STEPS) for name in ("done", "total"))
    return done, total
