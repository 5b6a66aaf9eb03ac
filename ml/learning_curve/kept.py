"""A learning curve as its file keeps it: points with their intervals, and what they say of more labels. No torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ml.learning_curve.asked import AGAIN, CurveWish, wish_of
from ml.learning_curve.extrapolating import HOW, Ahead, Outlook, outlook
from ml.metric_words import metric_title, number_text
from viewer.core.checked import Fields, is_number
from viewer.core.errors import BadFile, NotFound
from viewer.core.text.counting import counted
from viewer.reading.sources.documents import read_json

CURVE_FILE = "curve.json"
POINTS_FOLDER = "points"
MOST_POINTS = 1000
MOST = 1e30
SEALED = "The test part was not looked at."


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One training. patients, cases: that it learnt from. value, low, high: its figure on validation, None where not
    defined or without an interval; why: the reason."""

    share: int
    repeat: int
    patients: int
    cases: int
    value: float | None
    low: float | None = None
    high: float | None = None
    why: str = ""

    def to_json(self) -> dict[str, Any]:
        """For a file."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """The points of one part together. value: the mean of the trainings; low, high: the mean interval over patients;
    least, most: the smallest and largest figure of the trainings."""

    share: int
    patients: int
    cases: int
    value: float
    low: float
    high: float
    least: float
    most: float
    trainings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningCurve:
    """metric: the figure. val_cases, val_patients: that it is of. notes: what a reader must know."""

    metric: str
    snapshot: str
    wish: CurveWish
    val_cases: int
    val_patients: int
    points: tuple[Point, ...]
    outlook: Outlook
    notes: tuple[str, ...] = ()
    command: tuple[str, ...] = ()

    @property
    def sizes(self) -> tuple[Size, ...]:
        """One for each part with a figure, the smallest first."""
        found = []
        for share in sorted({point.share for point in self.points}):
            of = [point for point in self.points if point.share == share]
            values = [point.value for point in of if point.value is not None]
            if not values:
                continue
            ends = [
                (point.low, point.high) for point in of if point.low is not None and point.high is not None
            ]  # fmt: skip
            low, high = np.mean(ends, axis=0).tolist() if ends else (float("nan"), float("nan"))
            found.append(
                Size(
                    share=share, patients=round(np.mean([point.patients for point in of])),
                    cases=round(np.mean([point.cases for point in of])), value=float(np.mean(values)), low=low,
                    high=high, least=min(values), most=max(values), trainings=len(values),
                )
            )  # fmt: skip
        return tuple(found)

    @property
    def head(self) -> str:
        """What its figures are, in a sentence."""
        return (
            f"{metric_title(self.metric)} on the validation part, {counted(self.val_cases, 'case')} of "
            f"{counted(self.val_patients, 'patient')}; the best epoch of each training was chosen on them too. {SEALED}"
        )

    def to_json(self) -> dict[str, Any]:
        """For the file; `read_curve` reads it back."""
        return {
            "metric": self.metric, "snapshot": self.snapshot, "asked": self.wish.to_json(),
            "val_cases": self.val_cases, "val_patients": self.val_patients,
            "points": [point.to_json() for point in self.points], "sizes": [size_json(one) for one in self.sizes],
            "outlook": self.outlook.to_json(), "notes": list(self.notes), "command": list(self.command),
        }  # fmt: skip


def made_curve(
    metric: str, snapshot: str, wish: CurveWish, points: Sequence[Point], *, val_cases: int, val_patients: int,
    notes: Sequence[str], command: Sequence[str],
) -> LearningCurve:  # fmt: skip
    """The curve of these points, gone on with."""
    cases, patients = sum(point.cases for point in points), sum(point.patients for point in points)
    values = [float("nan") if point.value is None else point.value for point in points]
    ahead = outlook([point.patients for point in points], values, metric, cases_each=cases / max(1, patients))
    told = (*notes, HOW) if ahead.ahead else tuple(notes)
    return LearningCurve(
        metric=metric, snapshot=snapshot, wish=wish, val_cases=val_cases, val_patients=val_patients,
        points=tuple(points), outlook=ahead, notes=told, command=tuple(command),
    )  # fmt: skip


def size_json(size: Size) -> dict[str, Any]:
    """With None where it has no interval."""
    plain = {name: getattr(size, name) for name in size.__slots__}
    return {name: None if isinstance(value, float) and value != value else value for name, value in plain.items()}


def size_words(size: Size) -> str:
    """A part in a line: "40 %, 24 patients, 48 cases: 0.871 (0.801 to 0.921), trainings from 0.850 to 0.890"."""
    interval = "no interval" if size.low != size.low else f"{number_text(size.low)} to {number_text(size.high)}"
    apart = (
        f", trainings from {number_text(size.least)} to {number_text(size.most)}" if size.trainings > 1 else ""
    )  # fmt: skip
    return (
        f"{size.share} %, {counted(size.patients, 'patient')}, {counted(size.cases, 'case')}: "
        f"{number_text(size.value)} ({interval}){apart}"
    )


def read_curve(folder: Path) -> LearningCurve:
    """The file of a learning curve's folder. Raises NotFound, BadFile."""
    path = folder / CURVE_FILE
    try:
        document = read_json(path)
    except FileNotFoundError as error:
        raise NotFound(f"{path} is not there; {AGAIN}.") from error
    fields = Fields(document, str(path), advice=AGAIN)
    points = fields.plain_value("points")
    if not isinstance(points, list) or len(points) > MOST_POINTS:
        raise fields.refuse("points", f"at most {MOST_POINTS} points")
    ahead = fields.inner("outlook")
    return LearningCurve(
        metric=fields.text("metric", most=200),
        snapshot=fields.text("snapshot", most=100),
        wish=wish_of(fields.inner("asked")),
        val_cases=fields.integer("val_cases", 0, 2**40),
        val_patients=fields.integer("val_patients", 0, 2**40),
        points=tuple(read_point(Fields(one, str(path), advice=AGAIN)) for one in points),
        outlook=Outlook(
            said=ahead.text("sentence", most=5000), why=ahead.text("why", "", most=2000),
            ahead=tuple(_ahead(one, fields) for one in ahead.plain_value("ahead")[:10]),
            line=tuple(_pair(one, fields) for one in ahead.plain_value("line")[:1000]),
        ),
        notes=tuple(fields.texts("notes", (), most=2000)),
        command=tuple(fields.texts("command", (), most=4096)),
    )  # fmt: skip


def read_point(fields: Fields) -> Point:
    """A point as a file has it. Raises BadFile."""
    numbers: Mapping[str, float | None] = {name: fields.number_or_none(name) for name in ("value", "low", "high")}
    return Point(
        share=fields.integer("share", 1, 100), repeat=fields.integer("repeat", 1, MOST_POINTS),
        patients=fields.integer("patients", 0, 2**40), cases=fields.integer("cases", 0, 2**40),
        why=fields.text("why", "", most=2000), **numbers,
    )  # fmt: skip


def _ahead(document: object, where: Fields) -> Ahead:
    if not isinstance(document, dict):
        raise where.refuse("outlook", "an object for each multiple")
    one = Fields(document, "a learning curve", error=BadFile, advice=AGAIN)
    return Ahead(
        patients=one.integer("patients", 0, 2**40), value=one.number("value", -MOST, MOST),
        low=one.number("low", -MOST, MOST), high=one.number("high", -MOST, MOST),
    )  # fmt: skip


def _pair(document: object, where: Fields) -> tuple[float, float]:
    if not isinstance(document, list) or len(document) != 2 or not all(is_number(one) for one in document):
        raise where.refuse("outlook", "pairs of numbers")
    return float(document[0]), float(document[1])
