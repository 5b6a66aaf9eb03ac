"""Two evaluations of the same cases, paired: which is better, with an interval."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ml.evaluation.intervals import interval, patient_weights
from ml.evaluation.outcome import ClassOutcome
from viewer.core.errors import BadRequest
from viewer.core.table_text import rows_of


def compare_classifications(first: Path, second: Path, label: str) -> dict[str, float]:
    """second minus first: mean over folds of the AUC of a label, on the same draws of patients.

    first, second: the folders that two evaluations wrote. Raises BadRequest when their cases differ.
    """
    rows = [_read(folder, label) for folder in (first, second)]
    keys = sorted(rows[0])
    if keys != sorted(rows[1]):
        raise BadRequest(f"{first} and {second} do not hold the same cases; evaluate both on the same snapshot.")
    patients = [rows[0][key][0] for key in keys]
    outcomes = [_outcome([rows[i][key] for key in keys], label) for i in range(2)]
    weights = patient_weights(patients)

    def gap(draws: NDArray[np.float64]) -> NDArray[np.float64]:
        figures = [outcome.figures(draws) for outcome in outcomes]
        name = "auc_fold_mean" if all("auc_fold_mean" in f for f in figures) else "auc"
        difference: NDArray[np.float64] = figures[1][name] - figures[0][name]
        return difference

    return interval(float(gap(np.ones((1, len(keys))))[0]), gap(weights)).to_json()


def _read(folder: Path, label: str) -> dict[str, tuple[str, int, float, float]]:
    """image id to (patient, fold, truth, score)."""
    truth = {"yes": 1.0, "no": 0.0}
    text = (folder / "cases.csv").read_bytes().decode("utf-8")
    return {
        row["image"]: (row["patient"], int(row["fold"]), truth.get(row["truth"], np.nan), float(row["score"]))
        for row in rows_of(text)
        if row["label"] == label
    }


def _outcome(rows: list[tuple[str, int, float, float]], label: str) -> ClassOutcome:
    return ClassOutcome(
        truth=np.array([[row[2]] for row in rows]),
        scores=np.array([[row[3]] for row in rows]),
        thresholds=np.full(len(rows), 0.5),
        folds=np.array([row[1] for row in rows], np.int64),
        labels=(label,),
        exclusive=False,
    )
