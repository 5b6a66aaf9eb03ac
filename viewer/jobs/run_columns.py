"""What a table of runs shows of each: one row a column, for the window and the command line alike. No Qt.

A column says what stands in a cell and what its rows are sorted by; what is not known is "" and sorts last.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime

from ml.catalogue import title_of
from ml.metric_words import test_words
from ml.recipe import FROM_THE_SNAPSHOT, Recipe, setting_words
from ml.starts import SEEN_BY_START, start_mark, validation_seen
from viewer.core.errors import BadRequest
from viewer.core.text.titles import name_title, run_title, short_id
from viewer.jobs.runs import RunState

# None sorts last, whichever way round; of words the case does not count.
Key = float | str | None
STATES = {
    "queued": "waiting",
    "elsewhere": "queued elsewhere",
    "running": "running",
    "paused": "paused",
    "finished": "finished",
    "failed": "failed",
    "cancelled": "cancelled",
}
_FIGURE = re.compile(r"(-?\d+(?:\.\d+)?)(?: [^\d\s()]+)?(?: \([^()]*\))?(?:, no interval)? test\b")
_NOT_SETTINGS = {*FROM_THE_SNAPSHOT, "model", "init", "run_name"}
SHOWN_SETTINGS = ("epochs", "learning_rate", "batch_size", "input_px")
SHORT_TITLES = {
    "epochs": "Epochs", "learning_rate": "Rate", "batch_size": "Batch", "input_px": "Input px", "augment": "Augment",
    "seed": "Seed", "fold": "Fold", "weight_decay": "Decay", "precision": "Precision", "device": "Device",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RunColumn:
    """One column. name: what `--sort` and the remembered choice call it. meaning: its tool tip. words: of a cell. key:
    what its rows are sorted by. number: its cells stand at the right. setting: it is one of the recipe. shown: it is
    at first. edited: a person may write in it."""

    name: str
    title: str
    meaning: str
    words: Callable[[RunState], str]
    key: Callable[[RunState], Key]
    number: bool = False
    setting: bool = False
    shown: bool = True
    edited: bool = False


def title_words(run: RunState) -> str:
    """As every list has it: the name that a person gave it, else its task, and its four digits."""
    return run_title(run.title or run.task, run.run_id)


def training_words(run: RunState) -> str:
    """What the folds of its training are called together; "" of a run that is no fold."""
    return "" if run.fold is None else name_title(run.name, [run.task])


def state_words(run: RunState) -> str:
    """Where it is; of one that works how far."""
    if run.state == "running" and run.epochs:
        return f"running, {round(100 * run.share_done)} %"
    return STATES[run.state]


def start_words(run: RunState) -> str:
    """The run, model or file whose weights it began with, or "scratch"."""
    init = run.recipe.get("init")
    return (start_mark(init) or "scratch") if isinstance(init, str) else ""


def snapshot_words(run: RunState) -> str:
    """The first digits of its snapshot, as every list has them."""
    snapshot = run.recipe.get("snapshot_id")
    return short_id(snapshot) if isinstance(snapshot, str) else ""


def validation_figure(run: RunState) -> float | None:
    """What the best epoch was chosen by; None before the first epoch and where it is none."""
    return None if run.best_point is None else run.best_point.metrics.get(run.metric_name)


def validation_words(run: RunState) -> str:
    """The same in words: "AUC 0.812"; what the start has seen of it is said."""
    from ml.metric_words import metric_title, number_text

    value = validation_figure(run)
    if value is None:
        return ""
    mark = f", {SEEN_BY_START}" if validation_seen(run.notes) else ""
    return f"{metric_title(run.metric_name)} {number_text(value)}{mark}"


def test_figure_words(run: RunState) -> str:
    """The figure on the test part with its interval, without the word "test" that the column says."""
    said = _test_said(run)
    return said.replace(" test", "", 1) if said else ""


def test_figure(run: RunState) -> float | None:
    """The figure itself, None where the run is not judged, or the figure is none."""
    found = _FIGURE.search(_test_said(run))
    return float(found[1]) if found else None


def _test_said(run: RunState) -> str:
    report = run.report
    return test_words(report.said) if report is not None and report.state == "finished" else ""


def control_words(run: RunState) -> str:
    """The best control beside the test figure, and whether it is beaten: "view alone 0.812, not clearly beaten"."""
    report = run.report
    said = report.against if report is not None and report.state == "finished" else ""
    return said.removeprefix("best control ")


def moment_words(text: str) -> str:
    """A time of an event to the minute, "2026-11-21 14:15"; as it stands where it is none."""
    try:
        return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M}" if text else ""
    except ValueError:
        return text


def setting_value(run: RunState, name: str) -> str:
    """A setting of the recipe as a cell has it; "" where it is not there."""
    value = run.recipe.get(name)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    if name in ("input_px", "input_cols_px") and value == 0:
        return "model's"
    return f"{value:g}" if isinstance(value, float) else str(value)[:100]


def _setting_key(run: RunState, name: str) -> Key:
    value = run.recipe.get(name)
    return float(value) if isinstance(value, int | float) else (str(value).casefold() if value else None)


def _text_key(words: Callable[[RunState], str]) -> Callable[[RunState], Key]:
    return lambda run: words(run).casefold() or None


def _setting(name: str) -> RunColumn:
    meaning = setting_words(name)
    return RunColumn(
        name=name, title=SHORT_TITLES.get(name) or _upper(meaning.removeprefix("the ")), meaning=_upper(meaning),
        words=lambda run: setting_value(run, name), key=lambda run: _setting_key(run, name),
        number=name in _NUMBERS, setting=True, shown=name in SHOWN_SETTINGS,
    )  # fmt: skip


def _upper(words: str) -> str:
    words = words.replace("_", " ")
    return words[:1].upper() + words[1:]


def _tags(run: RunState) -> str:
    return " ".join(run.tags)


def _note(run: RunState) -> str:
    return " ".join(run.note.split())


_NUMBERS = {field.name for field in fields(Recipe) if field.type in (int, float, "int", "float")}

_FIRST = (
    RunColumn(
        name="name", title="Run", meaning="The name that you gave it, else its task, and its last four digits",
        words=title_words, key=_text_key(title_words), edited=True,
    ),
    RunColumn(
        name="tags", title="Tags", meaning="Words of your own, to find runs by: tag:word", words=_tags,
        key=_text_key(_tags), edited=True,
    ),
    RunColumn(name="state", title="State", meaning="Where it is", words=state_words, key=_text_key(state_words)),
    RunColumn(
        name="validation", title="Validation", words=validation_words, key=validation_figure,
        meaning="Its best figure on the validation part, by which its epoch was chosen: expect less on others",
    ),
    RunColumn(
        name="test", title="Test", words=test_figure_words, key=test_figure,
        meaning="The figure of its report on the test part, with its interval",
    ),
    RunColumn(
        name="controls", title="Best control", words=control_words, key=_text_key(control_words),
        meaning="The best of the controls on the same test cases, and whether it is beaten",
    ),
    RunColumn(
        name="task", title="Task", meaning="The task of its snapshot", words=lambda run: run.task,
        key=_text_key(lambda run: run.task), shown=False,
    ),
    RunColumn(
        name="training", title="Training", meaning="The training that it is a fold of: sorted by, its folds stand "
        "together", words=training_words, key=_text_key(training_words), shown=False,
    ),
    RunColumn(
        name="model", title="Model", meaning="The network", words=lambda run: title_of(run.model),
        key=_text_key(lambda run: title_of(run.model)),
    ),
    RunColumn(
        name="start", title="Start", meaning="The run, model or file whose weights it began with",
        words=start_words, key=_text_key(start_words),
    ),
    RunColumn(
        name="snapshot", title="Snapshot", meaning="The first digits of the snapshot that it learns from",
        words=snapshot_words, key=_text_key(snapshot_words),
    ),
)  # fmt: skip
_LAST = (
    RunColumn(
        name="started", title="Started", meaning="When it first began",
        words=lambda run: moment_words(run.started), key=lambda run: run.started or None,
    ),
    RunColumn(
        name="worked", title="Minutes", meaning="Minutes that it has worked, without pauses", number=True, shown=False,
        words=lambda run: f"{run.worked_s / 60:.1f}" if run.worked_s else "", key=lambda run: run.worked_s or None,
    ),
    RunColumn(
        name="note", title="Note", meaning="What you wrote about it", words=_note, key=_text_key(_note), edited=True,
    ),
)  # fmt: skip
COLUMNS = (
    *_FIRST,
    *(_setting(field.name) for field in fields(Recipe) if field.name not in _NOT_SETTINGS),
    *_LAST,
)
BY_NAME = {column.name: column for column in COLUMNS}


def column_named(name: str) -> RunColumn:
    """Raises BadRequest with the names that there are."""
    if name not in BY_NAME:
        raise BadRequest(f"Runs cannot be sorted by {name!r}; choose one of {', '.join(BY_NAME)}.")
    return BY_NAME[name]


def sorted_runs(runs: list[RunState], column: RunColumn, *, descending: bool) -> list[RunState]:
    """By a column; what is not known comes last either way, and equal ones keep their order."""
    keyed = [(column.key(run), run) for run in runs]
    numbers = [(key, run) for key, run in keyed if isinstance(key, float | int)]
    words = [(key, run) for key, run in keyed if isinstance(key, str)]
    numbers.sort(key=lambda pair: pair[0], reverse=descending)
    words.sort(key=lambda pair: pair[0], reverse=descending)
    return [run for _, run in [*numbers, *words, *(pair for pair in keyed if pair[0] is None)]]
