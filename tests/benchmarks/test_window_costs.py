"""What answers, undo and the next key cost the window's thread, beside the code of an earlier commit in the same run.

The figures are printed as milliseconds of processor time and as ratios; no test asserts a time. `window_costs.py` says
what each is. `NEGATOSCOPE_BEFORE` names the earlier commit; without a history that has it only this code is measured.
"""

import json
import os
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parents[2]
BEFORE = os.environ.get("NEGATOSCOPE_BEFORE", "aadb078")  # the last before the window's thread let go of the database
WORDS = {
    "answer": "an answer about one slice of a series of 300",
    "undo": "undo or redo of an import of 50,000 boxes",
    "next": "the next of 5,000 cases with 100,000 shapes",
}


def _measured(code: Path, *options: str) -> dict[str, dict[str, float]]:
    script = HERE / "tests" / "benchmarks" / "window_costs.py"
    done = subprocess.run(
        [sys.executable, "-P", str(script), *options],
        env={**os.environ, "PYTHONPATH": str(code), "QT_QPA_PLATFORM": "offscreen"},
        cwd=code, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, dict[str, float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_the_three_costs_can_be_measured() -> None:
    """The program that measures keeps working: a small run of it."""
    found = _measured(HERE, "--cases", "12", "--slices", "6", "--keys", "4", "--times", "1")

    assert set(found) == set(WORDS)
    assert all(one["samples"] > 0 and one["p99_ms"] >= one["p50_ms"] > 0 for one in found.values())


@pytest.mark.full
def test_costs_of_the_window_s_thread(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive = subprocess.run(["git", "archive", BEFORE], cwd=HERE, capture_output=True, check=False)
    before = None
    if archive.returncode == 0:
        with tarfile.open(fileobj=BytesIO(archive.stdout)) as packed:
            packed.extractall(tmp_path / "before", filter="data")
        before = _measured(tmp_path / "before")
    now = _measured(HERE)
    with capsys.disabled():
        for name, words in WORDS.items():
            one = now[name]
            said = f"\n{words}: median {one['p50_ms']:.1f} ms, 99th percentile {one['p99_ms']:.1f} ms of work"
            if before is not None:
                old = before[name]
                of_it = [one[figure] / old[figure] for figure in ("p50_ms", "p99_ms")]
                said += (
                    f"; before, {old['p50_ms']:.1f} and {old['p99_ms']:.1f} ms: {of_it[0]:.2f} and {of_it[1]:.2f} of it"
                )
            sys.stdout.write(said + "\n")
