"""The n-th write, sync, rename of a gesture, an import, a checkpoint, an export fails: nothing is lost or silent.

Each runs in a child (`scenarios.py`), on a disk that refuses one operation of Python's or SQLite's and works again.
"""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
SCENARIOS = (
    "gesture", "closing", "crash", "create", "import csv", "import coco", "export csv", "export coco", "export masks",
    "snapshot", "checkpoint", "queue",
)  # fmt: skip


def tried(scenario: str, folder: Path, numbers: str) -> dict[str, Any]:
    """What the child says. numbers: how many operations are refused, one after the other, or "all"."""
    if scenario == "crash" and os.name != "posix":
        pytest.skip("processes are forked on POSIX")
    if scenario == "checkpoint" and importlib.util.find_spec("torch") is None:
        pytest.skip("checkpoints need the `ai` extra")
    child = subprocess.run(
        [sys.executable, "-P", "-s", str(HERE / "scenarios.py"), scenario, str(folder / "work"), numbers],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HOME": str(folder / "home"), "XDG_STATE_HOME": str(folder / "state")},
    )
    assert child.returncode == 0, child.stderr
    answer: dict[str, Any] = json.loads(child.stdout)
    return answer


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_few_refused_operations_lose_nothing_and_are_said(scenario: str, tmp_path: Path) -> None:
    answer = tried(scenario, tmp_path, "6")

    assert answer["wrong"] == []
    assert answer["tried"] >= min(6, answer["operations"]) > 2


@pytest.mark.full
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_refused_operation_loses_nothing_and_is_said(scenario: str, tmp_path: Path) -> None:
    answer = tried(scenario, tmp_path, "all")

    assert answer["wrong"] == []
    assert answer["tried"] == answer["operations"]
