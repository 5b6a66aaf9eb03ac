"""Run by `test_evaluation_costs.py`: CASES LABELS FOLDER. Prints JSON: seconds by the clock, memory in MiB."""

import io
import json
import resource
import sys
import time
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np

from ml.evaluation.class_outcome import ClassOutcome
from ml.evaluation.report import judged
from ml.evaluation.subgroups.told import told_groups
from ml.tasks.outputs import MODEL
from viewer.cli.main import main

PATIENTS_OF_TEN = 4  # for each ten cases
GROUPS = {"site": 3, "sex": 2}


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _outcome(cases: int, labels: int, rng: np.random.Generator) -> ClassOutcome:
    truth = (rng.random((cases, labels)) < 0.3).astype(np.float64)
    return ClassOutcome(
        truth=truth, scores=np.clip(0.3 * truth + 0.7 * rng.random((cases, labels)), 0, 1),
        thresholds=np.full(cases, 0.5), folds=np.zeros(cases, np.int64),
        labels=tuple(f"label {i}" for i in range(labels)), exclusive=False,
    )  # fmt: skip


def _table(folder: Path, outcome: ClassOutcome, patients: list[str]) -> Path:
    rows = zip(patients, outcome.truth[:, 0], outcome.scores[:, 0], strict=True)
    path = folder / "scores.csv"
    path.write_text("patient,label,score\n" + "".join(f"{who},{true:.0f},{score:.6f}\n" for who, true, score in rows))
    return path


def run(cases: int, labels: int, folder: Path) -> dict[str, float]:
    rng = np.random.default_rng(0)
    outcomes = {who: _outcome(cases, labels, rng) for who in (MODEL, "control")}
    patients = [f"p{i}" for i in rng.integers(0, max(30, cases * PATIENTS_OF_TEN // 10), cases)]
    table = _table(folder, outcomes[MODEL], patients)
    start, began = _peak_mib(), time.perf_counter()
    document = judged(outcomes, patients)
    judged_s, began = time.perf_counter() - began, time.perf_counter()
    groups = {name: rng.integers(0, count, cases).astype(str).tolist() for name, count in GROUPS.items()}
    told = told_groups(groups, outcomes[MODEL], str(document["decides"]), patients)
    assert told is not None and [len(column["groups"]) for column in told["columns"]] == list(GROUPS.values())
    groups_s, peak = time.perf_counter() - began, _peak_mib()
    began = time.perf_counter()
    words = [
        "figures",
        str(table),
        "--truth",
        "label",
        "--score",
        "score",
        "--patient",
        "patient",
        "--threshold",
        "0.5",
    ]
    with redirect_stdout(io.StringIO()):
        assert main(words) == 0
    figures = sum(len(each) for each in document["answers"].values())
    return {
        "figures": figures, "judged_s": judged_s, "groups_s": groups_s, "table_s": time.perf_counter() - began,
        "start_mib": start, "peak_mib": peak,
    }  # fmt: skip


if __name__ == "__main__":
    found = run(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
    sys.stdout.write(json.dumps(found, allow_nan=False) + "\n")
