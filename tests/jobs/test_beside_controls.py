"""A test figure never stands without its controls: the best of them goes along where there is no room for all."""

from pathlib import Path
from typing import Any

import pytest

from ml.evaluation.beside_controls import best_control
from ml.events import append_event
from tests.ui.judged_run import document
from viewer.jobs.reports import checked_report
from viewer.jobs.run_columns import column_named
from viewer.jobs.runs import read_run
from viewer.project.project import Project
from viewer.ui.flows.run_words import report_end_words, report_words, row_lines

GAP = {"value": 0.1, "low": 0.05, "high": 0.2, "method": "", "why": ""}
ABOVE, OPEN, BELOW = GAP, {**GAP, "low": -0.1}, {**GAP, "value": -0.1, "low": -0.2, "high": -0.05}


def judged(**controls: tuple[float | None, dict[str, Any]]) -> dict[str, Any]:
    """By name the AUC of each control, and the model's less it."""
    answers = {"model": {"auc": {**GAP, "value": 0.8}}}
    answers |= {who: {"auc": {**GAP, "value": value}} for who, (value, _) in controls.items()}
    return document(answers=answers, against={who: gap for who, (_, gap) in controls.items()})


@pytest.mark.parametrize(
    ("controls", "words"),
    [
        ({"a": (0.5, ABOVE), "b": (0.6, ABOVE)}, "best control b 0.600, beaten"),
        ({"a": (0.7, OPEN), "b": (0.6, ABOVE)}, "best control a 0.700, not clearly beaten"),
        ({"a": (0.85, {**OPEN, "value": -0.05})}, "best control a 0.850, ahead of the model, not clearly"),
        ({"a": (0.9, BELOW)}, "best control a 0.900, better than the model"),
        ({"a": (0.9, {**GAP, "low": None, "high": None})}, "best control a 0.900, not compared"),
        ({"a": (None, GAP)}, ""),
        ({}, ""),
    ],
)
def test_the_best_control_and_whether_it_is_beaten(controls: dict[str, Any], words: str) -> None:
    assert best_control(judged(**controls)) == words
    read = checked_report(judged(**controls), "figures.json")
    assert best_control(read) == words, "and of a report that was read back"


def test_of_a_figure_that_is_better_small_the_best_control_is_the_least() -> None:
    answers = {"model": {"mae": {**GAP, "value": 1.0}}, "a": {"mae": {**GAP, "value": 3.0}},
               "b": {"mae": {**GAP, "value": 2.0}}}  # fmt: skip
    found = best_control(document(decides="mae", answers=answers, against={"a": BELOW, "b": BELOW}))

    assert found == "best control b 2.000, beaten"


def test_every_list_of_runs_tells_it_beside_the_figure(tmp_path: Path) -> None:
    from tests.ui.judged_run import trained

    with Project.create(tmp_path / "p") as project:
        folder = trained(project)
    report = folder / "report"
    report.mkdir()
    (report / "config.json").write_text('{"report": {"part": "test", "seen_anyway": false}}')
    said, against = "AUC 0.750 (0.400 to 0.960) on the test part: 8 cases of 6 patients", "best control a 0.700, beaten"
    append_event(report, "finished", said=said, against=against, model_hash="h")

    run = read_run(folder)

    assert row_lines(run)[:2] == ("AUC 0.750 (0.400 to 0.960) test", against)
    assert report_words(run.report) == f"{said}; {against}."
    assert report_end_words(run).endswith(f"{said}; {against}.")
    column = column_named("controls")
    assert column.shown and column.words(run) == "a 0.700, beaten"
