"""What a project of 5,000 cases and 100,000 shapes costs its store, beside an earlier commit in the same run.

The figures are printed as milliseconds of processor time and as ratios; no test asserts a time. `store_costs.py` says
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
BEFORE = os.environ.get("NEGATOSCOPE_BEFORE", "7a29cfa")  # the last of schema 6
LINEAR_CASES = (1_250, 5_000)  # of 20 boxes each
TURNS = 2  # each code by turns: what else the machine does meets both


def _measured(code: Path, *options: str) -> dict[str, float]:
    script = HERE / "tests" / "benchmarks" / "store_costs.py"
    done = subprocess.run(
        [sys.executable, "-P", str(script), *options],
        env={**os.environ, "PYTHONPATH": str(code)}, cwd=code, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _least(several: list[dict[str, float]]) -> dict[str, float]:
    return {name: min(one[name] for one in several) for name in several[0]}


def test_what_the_store_costs_can_be_measured() -> None:
    """The program that measures keeps working: a small run of it."""
    found = _measured(HERE, "--cases", "12", "--times", "1")

    assert {"register", "import", "list of cases", "snapshot of shapes", "complete", "answer", "draw"} <= set(found)
    assert all(ms > 0 for ms in found.values())


def _codes(folder: Path) -> list[Path]:
    """This code, and the earlier one where the history has it."""
    archive = subprocess.run(["git", "archive", BEFORE], cwd=HERE, capture_output=True, check=False)
    if archive.returncode != 0:
        return [HERE]
    with tarfile.open(fileobj=BytesIO(archive.stdout)) as packed:
        packed.extractall(folder / "before", filter="data")
    return [HERE, folder / "before"]


@pytest.mark.full
def test_what_four_times_the_boxes_cost(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An import stays linear."""
    codes = _codes(tmp_path)
    sizes = [str(cases) for cases in LINEAR_CASES]
    turns = [
        [[_measured(code, "--filled", "--cases", size, "--times", "2") for size in sizes] for code in codes]
        for _ in range(TURNS)
    ]
    with capsys.disabled():
        for code, of_code in zip(("this code", "before"), zip(*turns, strict=False), strict=False):
            few, many = (min(turn[place]["import"] for turn in of_code) for place in range(2))
            sys.stdout.write(
                f"\n{code}: {20 * LINEAR_CASES[0]} boxes {few:.0f} ms of work, four times as many {many:.0f} ms: "
                f"{many / few:.2f} times"
            )
        sys.stdout.write("\n")


@pytest.mark.full
def test_what_the_store_costs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    codes = _codes(tmp_path)
    turns = [[_measured(code) for code in codes] for _ in range(TURNS)]
    now, *before = (_least(list(of_one)) for of_one in zip(*turns, strict=True))
    with capsys.disabled():
        for name, ms in now.items():
            said = f"\n{name}: {ms:.1f} ms of work"
            sys.stdout.write(
                said + "".join(f"; before, {old[name]:.1f} ms: {ms / old[name]:.2f} of it" for old in before)
            )
        sys.stdout.write("\n")
