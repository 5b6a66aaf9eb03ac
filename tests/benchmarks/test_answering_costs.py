"""A model is asked about thousands of films while the window is used: what it costs the window's thread, and that a
closed window's rest is asked in the next one, each film once. No test asserts a time."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parents[2]


def _measured(films: int) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "tests.benchmarks.answering_costs", "--films", str(films)],
        env={**os.environ, "PYTHONPATH": str(HERE), "QT_QPA_PLATFORM": "offscreen"},
        cwd=HERE, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_what_a_closed_window_left_is_asked_in_the_next_and_each_film_once() -> None:
    found = _measured(24)

    assert (found["asked_once"], found["kept"]) == (24, 24)
    assert found["asked"] <= 25, "the one that was on its way when the window closed may be asked again"
    assert found["answer_ms"] > 0


@pytest.mark.full
def test_costs_of_5_000_films(capsys: pytest.CaptureFixture[str]) -> None:
    one = _measured(5_000)
    assert (one["asked_once"], one["kept"]) == (5_000, 5_000)
    with capsys.disabled():
        sys.stdout.write(
            f"\na model asked about {one['films']} films, the window closed in the middle: {one['asked']} questions, "
            f"{one['answer_ms']:.1f} ms of work an answer; a turn of the window's thread: median "
            f"{one['turn_p50_ms']:.1f} ms, 99th percentile {one['turn_p99_ms']:.1f}, longest "
            f"{one['turn_longest_ms']:.1f}\n"
        )
