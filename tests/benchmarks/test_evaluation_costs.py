"""What the evaluation of 100,000 cases costs: every figure with its interval, and that of a table of scores.

The figures are printed; no test asserts a time. The program that measures is a child, so that its memory is its own.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parents[2]
CASES = 100_000


def _measured(cases: int, labels: int, folder: Path) -> dict[str, float]:
    script = HERE / "tests" / "benchmarks" / "evaluation_costs.py"
    words = [sys.executable, "-P", str(script), str(cases), str(labels), str(folder)]
    done = subprocess.run(words, cwd=HERE, env={"PYTHONPATH": str(HERE)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_what_an_evaluation_costs_can_be_measured(tmp_path: Path) -> None:
    """The program that measures keeps working: a small run of it."""
    found = _measured(200, 1, tmp_path)

    assert set(found) == {"figures", "judged_s", "groups_s", "table_s", "start_mib", "peak_mib"}
    assert found["figures"] > 10


@pytest.mark.full
@pytest.mark.parametrize("labels", [1, 14])
def test_what_the_evaluation_of_a_hundred_thousand_cases_costs(labels: int, tmp_path: Path) -> None:
    found = _measured(CASES, labels, tmp_path)

    sys.stdout.write(
        f"\n{CASES} cases, 40,000 patients in 2,000 groups, {labels} label(s): {found['figures']:.0f} figures of a "
        f"model and a control in {found['judged_s']:.1f} s, groups of two columns in {found['groups_s']:.1f} s; "
        f"`negatoscope figures` {found['table_s']:.1f} s; memory {found['start_mib']:.0f} MiB before, "
        f"{found['peak_mib']:.0f} MiB at the most\n"
    )
