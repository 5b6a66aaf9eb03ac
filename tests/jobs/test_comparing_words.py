"""What a comparison of runs says of one: figures and their reasons are sentences of their own."""

from typing import Any

from ml.evaluation.how_trained import settings_apart
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


def test_settings_in_which_two_recipes_differ_are_rows_in_words() -> None:
    """Two runs that had other seeds alone looked the same in the table."""
    first = {"seed": 1, "learning_rate": 0.001, "augment": True, "epochs": 6, "model": "simple_cnn", "batch_size": 8}
    second = {"seed": 2, "learning_rate": 0.01, "augment": False, "epochs": 9, "model": "resnet18", "batch_size": 8}

    assert settings_apart(first, {**first, "seed": 7}) == [("Seed", "1", "7")]
    assert settings_apart(first, second) == [
        ("Learning rate", "0.001", "0.01"), ("Seed", "1", "2"), ("Augmentation", "on", "off"),
    ]  # fmt: skip
    assert settings_apart(first, {"batch_size": 8}) == [], "an older recipe does not say it"
