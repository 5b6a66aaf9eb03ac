"""A training recipe: everything a run is asked to do, as one plain value."""

from collections.abc import Sequence
from dataclasses import MISSING, dataclass, fields, replace
from typing import Any

from ml.catalogue import FITS, WINDOWS
from ml.operating_points import read_rule
from ml.tasks import TASKS
from viewer.core.checked import Fields, parse_json, shown
from viewer.core.deciding import Decides, decision_rule
from viewer.core.errors import BadRequest
from viewer.core.registry import load
from viewer.core.task_kinds.kind import least_labels

PRECISIONS = ("auto", "fp32", "fp32_channels_last", "bf16")
SELECTIONS = ("metric", "loss")

MOST_FOLDS = 10_000
LEAST_INPUT_PX = 8
CHOICES = {"precision": PRECISIONS, "select": SELECTIONS, "fit": FITS, "window": ("", *WINDOWS)}
# What no training needs more or less of; both ends are allowed. A recipe may come with a project from anybody.
RANGES: dict[str, tuple[float, float]] = {
    "epochs": (1, 1_000_000),
    "batch_size": (1, 65_536),
    "learning_rate": (0, 1e30),
    "weight_decay": (0, 1000),
    "warmup_share": (0, 1),
    "input_px": (0, 8192),
    "input_cols_px": (0, 8192),
    "spacing_row_mm": (0, 1000),
    "spacing_col_mm": (0, 1000),
    "window_center": (-1e9, 1e9),
    "window_width": (0, 1e9),
    "freeze_epochs": (0, 1_000_000),
    "seed": (0, 2**63 - 1),  # numpy's generators take none below 0
    "threads": (0, 1024),
    "ema_decay": (0, 1),
    "patience": (0, 1_000_000),
    "label_smoothing": (0, 1),
    "augment_rotate_deg": (0, 360),
    "augment_scale": (0, 0.99),
    "augment_shift": (0, 1),
    "augment_contrast": (0, 10),
    "augment_brightness": (0, 10),
    "augment_noise": (0, 10),
    "checkpoint_every_s": (0, 1e9),
}
# What people call a setting; the others are called as they are written.
WORDS = {
    "batch_size": "the batch size", "learning_rate": "the learning rate", "weight_decay": "the weight decay",
    "warmup_share": "the share of warm-up", "input_px": "the input size in pixels", "epochs": "the number of epochs",
    "window_center": "the window's centre", "window_width": "the window's width", "threads": "the number of threads",
    "freeze_epochs": "the number of frozen epochs", "ema_decay": "the decay of averaged weights",
    "patience": "the patience in epochs", "label_smoothing": "the label smoothing", "seed": "the seed",
    "augment_rotate_deg": "the augmentation's rotation in degrees", "augment_scale": "the augmentation's scale",
    "augment_shift": "the augmentation's shift", "augment_contrast": "the augmentation's contrast",
    "augment_brightness": "the augmentation's brightness", "augment_noise": "the augmentation's noise",
    "checkpoint_every_s": "the time between checkpoints in seconds", "fold": "the fold",
    "input_cols_px": "the input's columns in pixels", "spacing_row_mm": "the input's distance of rows in mm",
    "spacing_col_mm": "the input's distance of columns in mm",
    "precision": "the precision", "select": "what the best epoch is chosen by", "fit": "the fit of an image",
    "keep_every_epoch": "the keeping of every epoch", "class_weights": "the weights of rarer classes",
    "augment": "the augmentation", "augment_flip": "the augmentation's flip",
    "operating_point": "the operating point", "window": "the window", "exclusive": "whether labels exclude each other",
}  # fmt: skip
# What a snapshot has frozen: a training takes it from there.
FROM_THE_SNAPSHOT = ("task", "kind", "labels", "exclusive", "snapshot_id")


def setting_words(name: str) -> str:
    """A setting as people call it, to begin or go on a sentence with."""
    return WORDS.get(name, name)


def setting_title(name: str) -> str:
    """The same, to begin a sentence with."""
    return _sentence(setting_words(name))


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def range_problem(name: str, value: float, low: float | None = None, high: float | None = None) -> str:
    """The sentence of a value out of its range, "" when it is in it. low, high: where a narrower one holds."""
    ends = RANGES[name]
    low, high = ends[0] if low is None else low, ends[1] if high is None else high
    if low <= value <= high:  # a number that is none (NaN) is within nothing
        return ""
    return f"{_sentence(setting_words(name))} lies between {low:,.10g} and {high:,.10g}, not {shown(value)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What to train, on what, and how.

    init: "scratch", or the name of a run or model, or a weights file. snapshot_id: may be a prefix; "" is the newest
    of the task. fold: which fold is held out, None with a three-part split. fit, window...: the card's preprocess
    where they differ from the catalogue row (see PreprocessSpec). input_px: rows and cols of the input, input_cols_px
    its cols where they are others; spacing_row_mm, spacing_col_mm: of its pixels, 0 where each image fills it.
    freeze_epochs: so many first epochs train the head alone. device: "auto", "cpu", "cuda", "cuda:N", "mps".
    threads: CPU threads, part of repeatability; 0 chooses two. precision: "auto" follows the device and what it can.
    warmup_share: share of all steps with a rising learning rate; then it falls by a cosine to 1 %.
    ema_decay: 0 is off; else an average of the weights is validated and kept. select: the best epoch has the highest
    validation "metric", or the lowest validation "loss". patience: stop after so many epochs without a better one; 0
    is off. class_weights: rarer classes weigh more in the loss.
    augment_*: flip is a left-right flip (off: situs and side marks); rotate in degrees; scale, shift, contrast and
    brightness as shares; noise as a standard deviation on the [0, 1] scale.
    operating_point: the rule by which the cut is chosen on validation (`ml.operating_points`), such as "recall:0.95";
    "" is the kind's own (accuracy of two labels, F1 of boxes and of labels that stand each for itself).
    run_name: shared by the folds of one training.
    """

    task: str
    kind: str
    labels: tuple[str, ...]
    model: str
    exclusive: bool = True
    init: str = "scratch"
    snapshot_id: str = ""
    fold: int | None = None
    run_name: str = ""
    epochs: int = 20
    batch_size: int = 16
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup_share: float = 0.1
    input_px: int = 0
    input_cols_px: int = 0
    spacing_row_mm: float = 0.0
    spacing_col_mm: float = 0.0
    fit: str = "stretch"
    window: str = ""
    window_center: float = 0.0
    window_width: float = 0.0
    freeze_epochs: int = 0
    seed: int = 1
    device: str = "auto"
    threads: int = 0
    precision: str = "auto"
    keep_every_epoch: bool = False
    ema_decay: float = 0.0
    select: str = "metric"
    patience: int = 0
    class_weights: bool = False
    label_smoothing: float = 0.0
    augment: bool = True
    augment_flip: bool = False
    augment_rotate_deg: float = 7.0
    augment_scale: float = 0.1
    augment_shift: float = 0.05
    augment_contrast: float = 0.2
    augment_brightness: float = 0.1
    augment_noise: float = 0.0
    checkpoint_every_s: float = 600.0
    operating_point: str = ""

    def __post_init__(self) -> None:
        problem = self._problem()
        if problem:
            raise BadRequest(problem)

    def _problem(self) -> str:
        checks = (
            (self.kind in TASKS, f"kind is one of {', '.join(TASKS)}, not {self.kind!r}."),
            (bool(self.labels), f"The task {self.task!r} has no labels to learn."),
            (len(set(self.labels)) == len(self.labels), "A label is named twice."),
            (
                len(self.labels) >= self._least_labels,
                f"A {self.kind} of exclusive labels needs at least two labels; use a multi-label task for one."
                if len(self.labels) == 1
                else f"A {self.kind} needs at least {self._least_labels} labels.",
            ),
            *((not (problem := range_problem(name, getattr(self, name))), problem) for name in RANGES),
            (self.learning_rate > 0, "The learning rate is above 0."),
            *(
                (getattr(self, name) < 1, f"{_sentence(setting_words(name))} is below 1.")
                for name in ("warmup_share", "ema_decay", "label_smoothing")
            ),
            *(
                (getattr(self, name) in choices, _one_of(name, choices, getattr(self, name)))
                for name, choices in CHOICES.items()
            ),
            *(
                (
                    side_px == 0 or side_px >= LEAST_INPUT_PX,
                    f"The input size is at least {LEAST_INPUT_PX} pixels (0: the model's own), not {shown(side_px)}.",
                )
                for side_px in (self.input_px, self.input_cols_px)
            ),
            (
                (self.spacing_row_mm > 0) == (self.spacing_col_mm > 0),
                "The input's distances of rows and of columns are given both, or neither.",
            ),
            (not (problem := self._point_problem()), problem),
            (self.fold is None or 0 <= self.fold <= MOST_FOLDS, f"Folds count from 0, so none is {shown(self.fold)}."),
        )
        return next((sentence for holds, sentence in checks if not holds), "")

    def _point_problem(self) -> str:
        if not self.operating_point:
            return ""
        try:
            asked = read_rule(self.operating_point)
        except BadRequest as error:
            return str(error)
        rule = decision_rule(self.kind, self.labels, exclusive=self.exclusive)
        if not rule.has_cut:
            return f"The operating point {self.operating_point} does not fit: no cut decides ({rule.words(0.5)})."
        if rule.by is Decides.BOXES and not asked.rule.boxes:
            return (
                f"The operating point {self.operating_point} does not fit boxes, of which nothing is rightly left out."
            )
        return ""

    @property
    def _least_labels(self) -> int:
        return least_labels(self.kind, exclusive=self.exclusive) if self.kind in TASKS else 1

    def to_json(self) -> dict[str, Any]:
        """A plain dict; `from_json` reads it back."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Recipe":
        """Reads what `to_json` wrote. Raises BadRequest for keys this version does not know, or a value's type."""
        known = {field.name: field for field in fields(cls)}
        unknown = sorted(set(document) - set(known))
        if unknown:
            names = ", ".join(name[:60] for name in unknown[:5])
            raise BadRequest(f"The recipe has settings this version does not know: {names}.")
        missing = [name for name, field in known.items() if field.default is MISSING and name not in document]
        if missing:
            raise BadRequest(f"The recipe is not complete: it lacks {', '.join(missing)}.")
        values = Fields(document, "The recipe", error=BadRequest)
        return cls(**{name: _checked(values, name, known[name].type) for name in document})

    def with_settings(self, settings: Sequence[str]) -> "Recipe":
        """A copy with KEY=VALUE words put in, each read as the field's type. Raises BadRequest naming the word."""
        values: dict[str, Any] = {}
        for setting in settings:
            name, equals, text = setting.partition("=")
            field = next((f for f in fields(self) if f.name == name.strip()), None)
            if field is None or not equals:
                names = ", ".join(f.name for f in fields(self))
                raise BadRequest(f"--set {setting} does not fit; write KEY=VALUE with a KEY of {names}.")
            values[field.name] = _read(setting, text.strip(), getattr(self, field.name), str(field.type))
        try:
            return replace(self, **values)
        except BadRequest as error:
            raise BadRequest(f"--set {' --set '.join(settings)} does not fit: {error}") from error


def _one_of(name: str, choices: Sequence[str], found: object) -> str:
    return f"{_sentence(setting_words(name))} is one of {', '.join(filter(None, choices))}, not {shown(found)}."


def _checked(values: Fields, name: str, kind: Any) -> Any:
    """A setting of a file, of its field's type and range."""
    if name == "labels":
        return values.texts(name)
    if name == "fold":
        return values.integer_or_none(name, 0, MOST_FOLDS)
    if kind is str:
        return values.text(name, most=4096)
    if kind is bool:
        return values.flag(name)
    low, high = RANGES[name]
    return values.integer(name, int(low), int(high)) if kind is int else values.number(name, low, high)


def _read(setting: str, text: str, current: Any, annotation: str) -> Any:
    """text as a value of the field's type."""
    try:
        if "None" in annotation and text.lower() in ("", "none"):
            return None
        if isinstance(current, bool):
            return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[text.lower()]
        if isinstance(current, tuple):
            return tuple(part.strip() for part in text.split(",") if part.strip())
        if isinstance(current, int):
            return int(text)
        if isinstance(current, float):
            return float(text)
        if "int" in annotation:  # int | None that is None now
            return int(text)
    except (KeyError, ValueError) as error:
        wanted = {bool: "neither true nor false", float: "no number"}.get(type(current), "no whole number")
        raise BadRequest(f"--set {setting} does not fit: {text!r} is {wanted}.") from error
    return text


def read_recipe_file(text: str, name: str) -> dict[str, Any]:
    """Settings of a --config FILE: JSON, either the recipe itself or a run's config.json. name: for the error."""
    document = parse_json(text, name, error=BadRequest)
    if isinstance(document, dict) and isinstance(document.get("recipe"), dict):
        document = document["recipe"]
    if not isinstance(document, dict):
        raise BadRequest(f"{name} holds no settings; it should be a JSON object of KEY: VALUE.")
    return document


def default_recipe(*, task: str, kind: str, labels: Sequence[str], model: str, **values: Any) -> Recipe:
    """The one sound default of a kind, with `values` put over it."""
    if kind not in TASKS:
        raise BadRequest(f"kind is one of {', '.join(TASKS)}, not {kind!r}.")
    return Recipe(task=task, kind=kind, labels=tuple(labels), model=model, **{**load(TASKS, kind).defaults, **values})
