"""The curves of a report: ROC and precision over recall of each label, loss over the epochs. Loads no torch.

A curve says the same in words as in its picture (`curve_words`), for whoever does not see it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.events import read_events
from ml.given_name import title_of_run
from viewer.core.checked import Fields, is_number

Floats = NDArray[np.float64]
ROC, PRECISION, LOSS, SCATTER = "roc", "precision", "loss", "scatter"
RELIABILITY, FROC, BLAND_ALTMAN = "reliability", "froc", "bland_altman"
MOST_POINTS = 400  # of one line; more cannot be told apart in its picture
MOST_CURVES, MOST_LINES = 100, 8
FALSE_RATES, RECALLS = (0.1, 0.2, 0.5), (0.5, 0.8, 0.95)  # at which words tell a curve
TOLD_FALSE_BOXES = (0.5, 1, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """name: "" where a curve has one line only. x, y: as many of each."""

    name: str = ""
    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """kind: of KINDS. of: the label, of an exclusive pair against the other, or the run whose loss it is. Of a kind
    with dots the points of the first line are cases, of which each stands for itself."""

    kind: str
    of: str
    lines: tuple[Line, ...]

    def to_json(self) -> dict[str, Any]:
        """For figures.json; `read_curves` reads it back."""
        return {
            "kind": self.kind,
            "of": self.of,
            "lines": [{"name": one.name, "x": list(one.x), "y": list(one.y)} for one in self.lines],
        }

    @property
    def title(self) -> str:
        """Such as "ROC of pneumonia"."""
        return f"{KINDS[self.kind].title} of {self.of}"

    @property
    def axes(self) -> tuple[str, str]:
        """What goes to the right, and what up."""
        return KINDS[self.kind].axes


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveKind:
    """title: what stands before " of ". axes: what goes to the right, and what up. tell: what a curve of it shows,
    behind its title. dots: its first line is points. diagonal: a line from corner to corner means something. least_x:
    what is below it is no such curve."""

    title: str
    axes: tuple[str, str]
    tell: Callable[[Curve], str]
    dots: bool = False
    diagonal: bool = False
    least_x: float = 0.0


# Making


def report_curves(of_answers: Sequence[Curve], runs: Sequence[Path], task: str) -> tuple[Curve, ...]:
    """Those of the model's answers, and the losses of its runs. task: of the runs."""
    losses = (loss_curve(title_of_run(run, task), _losses(run)) for run in runs)
    return (*of_answers, *(curve for curve in losses if curve is not None))


def roc_points(truth: NDArray[np.bool_], scores: Floats) -> tuple[Floats, Floats]:
    """(1 - specificity, sensitivity) at every cut between two scores, from (0, 0) to (1, 1); ties are one step.

    truth, scores: (case,), both kinds of case among them.
    """
    hits, false = _counts(truth, scores)
    return np.concatenate([[0.0], false / false[-1]]), np.concatenate([[0.0], hits / hits[-1]])


def precision_points(truth: NDArray[np.bool_], scores: Floats) -> tuple[Floats, Floats]:
    """(sensitivity, precision) at every cut at which something is called positive. truth, scores: as above."""
    hits, false = _counts(truth, scores)
    return hits / hits[-1], hits / (hits + false)


def _counts(truth: NDArray[np.bool_], scores: Floats) -> tuple[Floats, Floats]:
    """How many of each kind have at least each score, from the highest score down."""
    order = np.argsort(-scores, kind="stable")
    last = np.append(np.nonzero(np.diff(scores[order]))[0], len(scores) - 1)
    hits = np.cumsum(truth[order])[last].astype(np.float64)
    return hits, (last + 1) - hits


def loss_curve(run: str, epochs: Sequence[tuple[int, float | None, float | None]]) -> Curve | None:
    """The losses of a run. epochs: (epoch from 1, training loss, validation loss). None without any."""
    lines = []
    for name, column in (("train", 1), ("validation", 2)):
        points = [(float(one[0]), loss) for one in epochs if (loss := one[column]) is not None and np.isfinite(loss)]
        if points:
            lines.append(line_of(name, *(np.array(part) for part in zip(*points, strict=True))))
    return Curve(kind=LOSS, of=run, lines=tuple(lines)) if lines else None


def _losses(run: Path) -> list[tuple[int, float | None, float | None]]:
    """By epoch; one that was trained again after a stop counts as it was trained last."""
    found: dict[int, tuple[int, float | None, float | None]] = {}
    first = 0  # the number of the first epoch in the lines that follow
    for event in read_events(run):
        if event.get("event") == "started":
            first = 1 if event.get("first_epoch") == 1 else 0
        elif event.get("event") == "epoch" and isinstance(event.get("epoch"), int):
            epoch = event["epoch"] + 1 - first
            losses = (event.get("train_loss"), event.get("val_loss"))
            train, validation = (float(one) if one is not None and is_number(one) else None for one in losses)
            found[epoch] = (epoch, train, validation)
    return [found[epoch] for epoch in sorted(found)]


def line_of(name: str, x: Floats, y: Floats) -> Line:
    """Of many points some, the first and the last among them."""
    kept = np.unique(np.linspace(0, len(x) - 1, min(len(x), MOST_POINTS)).round().astype(int))
    return Line(name=name, x=tuple(x[kept].tolist()), y=tuple(y[kept].tolist()))


# Reading and telling


def read_curves(document: Sequence[object], where: str) -> tuple[Curve, ...]:
    """Those of a report. Raises BadFile."""
    return tuple(_curve(Fields(one, where, advice="evaluate the run again")) for one in document[:MOST_CURVES])


def _curve(fields: Fields) -> Curve:
    kind = fields.word("kind", tuple(KINDS))
    lines = fields.plain_value("lines")
    if not isinstance(lines, list) or not 0 < len(lines) <= MOST_LINES:
        raise fields.refuse("lines", "1 or more lines")
    read = tuple(_read_line(fields, one, least_x=KINDS[kind].least_x) for one in lines)
    return Curve(kind=kind, of=fields.text("of", most=500), lines=read)


def _read_line(curve: Fields, document: object, *, least_x: float) -> Line:
    fields = Fields(document, "a line of a curve", advice="evaluate the run again")
    x, y = fields.numbers("x", least_x, 1e30), fields.numbers("y", -1e30, 1e30)
    if not x or len(x) != len(y) or len(x) > MOST_POINTS:
        raise curve.refuse("lines", f"1 to {MOST_POINTS} points of two numbers")
    return Line(name=fields.text("name", "", most=100), x=x, y=y)


def curve_words(curve: Curve) -> str:
    """What its picture shows, in a sentence."""
    return f"{curve.title}: {KINDS[curve.kind].tell(curve)}."


def _points(curve: Curve) -> list[tuple[float, float]]:
    line = curve.lines[0]
    return list(zip(line.x, line.y, strict=True))


def _tell_roc(curve: Curve) -> str:
    told = (f"{max(y for x, y in _points(curve) if x <= most):.2f} at {most:g}" for most in FALSE_RATES)
    return f"sensitivity {', '.join(told)} false alarms per negative case"


def _tell_precision(curve: Curve) -> str:
    told = (f"{max(y for x, y in _points(curve) if x >= least):.2f} at {least:g}" for least in RECALLS)
    return f"precision {', '.join(told)} sensitivity or more"


def _tell_loss(curve: Curve) -> str:
    return "; ".join(
        f"{one.name} {one.y[0]:.3g} after epoch {one.x[0]:.0f}, {one.y[-1]:.3g} after epoch {one.x[-1]:.0f}"
        for one in curve.lines
    )


def _tell_scatter(curve: Curve) -> str:
    off = np.array(curve.lines[0].y) - np.array(curve.lines[0].x)
    side = "above" if off.mean() > 0 else "below"
    return f"on average the answers are {abs(off.mean()):.3g} {side} the truth, and {np.abs(off).mean():.3g} off it"


def _tell_reliability(curve: Curve) -> str:
    told = []
    for line in curve.lines:
        score, share = max(zip(line.x, line.y, strict=True), key=lambda point: abs(point[1] - point[0]))
        name = f"{line.name}, " if line.name else ""
        told.append(f"{name}furthest from the diagonal at a mean score of {score:.2f}, share of cases {share:.2f}")
    return "; ".join(told)


def _tell_froc(curve: Curve) -> str:
    x, y = curve.lines[0].x, curve.lines[0].y
    told = (f"{np.interp(rate, x, y):.2f} at {rate:g}" for rate in TOLD_FALSE_BOXES)
    return f"share of true boxes found {', '.join(told)} false positives per image"


def _tell_bland_altman(curve: Curve) -> str:
    lines = {line.name: line.y[0] for line in curve.lines[1:]}
    return ", ".join(f"{name} {value:.3g}" for name, value in lines.items()) or "too few cases for limits"


_SCORES = ("score", "share of cases")
KINDS: dict[str, CurveKind] = {
    ROC: CurveKind(title="ROC", axes=("1 − specificity", "sensitivity"), tell=_tell_roc, diagonal=True),
    PRECISION: CurveKind(title="Precision", axes=("sensitivity (recall)", "precision"), tell=_tell_precision),
    LOSS: CurveKind(title="Loss", axes=("epoch", "loss"), tell=_tell_loss),
    SCATTER: CurveKind(
        title="Answers over truth", axes=("truth", "answer"), tell=_tell_scatter, dots=True, diagonal=True,
        least_x=-1e30,
    ),
    RELIABILITY: CurveKind(title="Reliability", axes=_SCORES, tell=_tell_reliability, diagonal=True),
    FROC: CurveKind(title="FROC", axes=("false positives per image", "sensitivity"), tell=_tell_froc),
    BLAND_ALTMAN: CurveKind(
        title="Agreement", axes=("mean of truth and answer", "answer less truth"), tell=_tell_bland_altman, dots=True,
        least_x=-1e30,
    ),
}  # fmt: skip


def as_json(curves: Sequence[Curve]) -> list[Mapping[str, Any]]:
    """All of them, for figures.json."""
    return [curve.to_json() for curve in curves]
