"""Times and rates in words: none of them is a number that rounds to nothing. Expected values by hand."""

import re
from pathlib import Path

import pytest

from viewer.core.text.durations import about, duration_words, rate_words

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""), (-1.0, ""), (float("nan"), ""), (float("inf"), ""), (0.0, "under a second"),
        (0.4, "under a second"), (0.999, "under a second"), (1.0, "1 s"), (40.0, "40 s"), (89.9, "90 s"),
        (90.0, "2 min"), (840.0, "14 min"), (5399.0, "1 h 30 min"), (7500.0, "2 h 5 min"),
    ],
)  # fmt: skip
def test_times_are_said_in_words(seconds: float | None, words: str) -> None:
    assert duration_words(seconds) == words


def test_an_estimate_is_about_a_time_but_not_about_under_one() -> None:
    assert [about(duration_words(one)) for one in (0.2, 30.0, None)] == ["under a second", "about 30 s", ""]


@pytest.mark.parametrize(
    ("per_s", "said"),
    [(12.34, "12.3 s"), (1.0, "1.0 s"), (0.99, "59.4 min"), (0.05, "3.0 min"), (0.001, "3.6 h"), (0.0, "0.0 ")],
)
def test_a_slow_rate_is_said_by_the_minute_or_hour(per_s: float, said: str) -> None:
    rate, unit = rate_words(per_s)

    assert f"{rate:.1f} {unit}" == said


def test_no_other_place_writes_seconds_of_an_estimate_as_whole_numbers() -> None:
    """`:.0f} s` of a measured time is "0 s" below half a second. What is left are limits of whole seconds, and ages."""
    found = {
        path.relative_to(ROOT).as_posix()
        for path in [*ROOT.glob("viewer/**/*.py"), *ROOT.glob("ml/**/*.py")]
        if re.search(r":\.[01]f\} (s|min|h)\b|\* 1000:\.0f", path.read_text(encoding="utf-8"))
    }

    assert found == {
        "viewer/core/text/durations.py",
        "viewer/cli/cancel.py",  # a limit of whole seconds
        "viewer/cli/study.py",  # minutes from one on
        "viewer/project/giving_patients.py",  # a limit
        "viewer/reading/pixels/in_children.py",  # a limit
        "viewer/ui/panels/history.py",  # "now" below two seconds
    }
