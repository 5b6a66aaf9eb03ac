"""The figures of each fold alone, and how far folds lie apart: the spread of trainings, which no interval tells."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ml.evaluation.case_tables import CaseTable
from ml.evaluation.outcome import Ints, Outcome
from ml.metric_words import metric_title, number_text
from viewer.core.text.counting import counted

# Of each fold, as far as its kind has them, beside the figure that decides.
TOLD = ("auc", "accuracy", "balanced_accuracy", "sensitivity", "specificity", "f1", "map", "dice", "hd95", "r2")
EACH_FOLD = "Each fold alone"  # the title of the table
NUMBERS = ("mae", "rmse")  # of each number


def add_folds(
    document: dict[str, Any], outcome: Outcome, folds: Ints, patients: Sequence[str], runs: Mapping[int, str]
) -> None:
    """Put what each fold reached into a report's document: "by_fold" (None of one fold), its table.

    folds, patients: (case,). runs: what the run of each fold is called.
    """
    numbers = np.unique(folds).tolist()
    document["by_fold"] = None
    if len(numbers) < 2 or outcome.of_cases(np.arange(0)) is None:
        return
    each = [_fold(outcome, np.flatnonzero(folds == number), patients, document["primary"]) for number in numbers]
    rows = [{"fold": number, "run": runs[number], **one} for number, one in zip(numbers, each, strict=True)]
    kinds = [name for name in rows[0]["figures"] if all(name in row["figures"] for row in rows)]
    spread = {name: _spread([row["figures"][name] for row in rows]) for name in kinds}
    document["by_fold"] = {"folds": rows, "spread": spread}
    tables: list[dict[str, Any]] = document["tables"]
    place = next((number for number, one in enumerate(tables) if one["of_cases"]), len(tables))
    tables.insert(place, _table(rows, spread).to_json())


def _fold(outcome: Outcome, places: Ints, patients: Sequence[str], primary: str) -> dict[str, Any]:
    part = outcome.of_cases(places)
    assert part is not None
    ones = np.ones((1, len(places)))
    figures = {
        name: _plain(float(measure.values(ones)[0]))
        for name, measure in part.measures().items()
        if name == primary or _is_told(name)
    }
    whose = {patients[place] for place in places.tolist()}
    return {"cases": len(places), "patients": len(whose), "figures": figures}


def _is_told(name: str) -> bool:
    kind, _, label = name.partition(":")
    return kind in NUMBERS if label else kind in TOLD


def _plain(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _spread(values: Sequence[float | None]) -> dict[str, float | None]:
    """Mean, standard deviation (n - 1), lowest and highest of the folds where a figure is defined."""
    found = [value for value in values if value is not None]
    if len(found) < 2:
        return dict.fromkeys(("mean", "sd", "low", "high"))
    return {
        "mean": float(np.mean(found)), "sd": float(np.std(found, ddof=1)), "low": min(found), "high": max(found),
    }  # fmt: skip


def _table(rows: Sequence[Mapping[str, Any]], spread: Mapping[str, Mapping[str, float | None]]) -> CaseTable:
    heads = tuple(title[:1].upper() + title[1:] for title in map(metric_title, spread))
    cells = [
        (
            str(row["fold"]),
            str(row["cases"]),
            str(row["patients"]),
            *(number_text(row["figures"][name]) for name in spread),
        )
        for row in rows
    ]
    ends = [
        (word, "", "", *(number_text(one[name]) for one in spread.values()))
        for word, name in (("mean", "mean"), ("standard deviation", "sd"))
    ]
    note = (
        f"Of {counted(len(rows), 'training')}, each judged on what it held out: how far they lie apart is of trainings "
        "and cases together, and is no interval."
    )
    return CaseTable(title=EACH_FOLD, columns=("Fold", "Cases", "Patients", *heads), rows=(*cells, *ends), note=note)
