"""What a comparison of runs says of one: figures and their reasons are sentences of their own."""

from typing import Any

from viewer.jobs.comparing import _test_words

REPORT: dict[str, Any] = {
    "decides": "auc", "snapshot": "0123456789ab", "part": "test", "cases": 18, "patients": 9, "seen": {"mark": ""},
    "answers": {"model": {"auc": {"value": 0.642, "why": "there are 9 patients, and it takes 10"}}},
}  # fmt: skip


def test_why_a_figure_has_no_interval_does_not_run_into_what_it_was_judged_on() -> None:
    assert _test_words(REPORT, "0123456789ab") == (
        "AUC 0.642, 18 cases of 9 patients. No interval: there are 9 patients, and it takes 10"
    )
    sure = {"model": {"auc": {"value": 0.9, "low": 0.8, "high": 0.95}}}
    assert (
        _test_words({**REPORT, "answers": sure}, "other")
        == "AUC 0.900 (0.800 to 0.950), 18 cases of 9 patients, snapshot 01234567"
    )
