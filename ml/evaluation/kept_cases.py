"""The table of a report's cases, read back. Loads no torch."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ml.evaluation.measures import Floats
from ml.evaluation.outcome import UNKNOWN, Ints
from viewer.core.errors import BadFile
from viewer.core.text.table_text import rows_of
from viewer.reading.sources.documents import read_bytes

CASES_FILE = "cases.csv"
AGAIN = "evaluate that run again"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KeptCases:
    """The cases that count, in the order of their images. patients, images, files, folds: (case,); files: their names.

    labels: what each case has a row of. truth, answer: (case, label) as the table has them. score, false:
    (case, label), NaN where there is none.
    """

    labels: tuple[str, ...]
    images: tuple[str, ...]
    files: tuple[str, ...]
    patients: tuple[str, ...]
    folds: Ints
    truth: tuple[tuple[str, ...], ...]
    answer: tuple[tuple[str, ...], ...]
    score: Floats
    false: Floats


def read_cases(folder: Path) -> KeptCases:
    """Those of a report's folder that were judged. Raises BadFile."""
    path = folder / CASES_FILE
    rows: dict[str, dict[str, dict[str, str]]] = {}
    try:
        for row in rows_of(read_bytes(path).decode("utf-8")):
            rows.setdefault(row["image"], {})[row["label"]] = row
        labels = tuple(next(iter(rows.values()), {}))
        judged = {
            image: [of_label[label] for label in labels]
            for image, of_label in sorted(rows.items())
            if any(row["truth"] != UNKNOWN or row["score"] for row in of_label.values())
        }
        return KeptCases(
            labels=labels,
            images=tuple(judged),
            files=tuple(each[0].get("file", "") for each in judged.values()),
            patients=tuple(each[0]["patient"] for each in judged.values()),
            folds=np.array([int(each[0]["fold"]) for each in judged.values()], np.int64),
            truth=tuple(tuple(row["truth"] for row in each) for each in judged.values()),
            answer=tuple(tuple(row["answer"] for row in each) for each in judged.values()),
            score=_numbers(judged.values(), "score", len(labels)),
            false=_numbers(judged.values(), "false", len(labels)),
        )
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, ValueError) as error:
        raise BadFile(f"{path} is no table of cases; {AGAIN}.") from error


def _numbers(rows: Iterable[list[dict[str, str]]], column: str, labels: int) -> Floats:
    """(case, label), NaN where a cell is empty. Raises ValueError where it is no number."""
    found = np.array([[float(row[column] or "nan") for row in each] for each in rows], np.float64).reshape(-1, labels)
    written = np.array([[bool(row[column]) for row in each] for each in rows], np.bool_).reshape(-1, labels)
    if not np.isfinite(found[written]).all():
        raise ValueError(f"a {column} is no number")
    return found
