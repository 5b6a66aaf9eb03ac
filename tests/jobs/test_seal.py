"""The count of the sealed test part rises by each opening, whoever opens it, and stays when a run is deleted."""

import shutil
from pathlib import Path

import pytest

from tests.jobs.test_reports import only_run, project, report_of, train, trained  # noqa: F401  # fixtures
from tests.waiting import until
from viewer.cli.main import main
from viewer.jobs import comparing
from viewer.jobs.queue import start_next
from viewer.jobs.reports import ask_for_report
from viewer.jobs.runs import OVER, list_runs
from viewer.project.snapshots.openings import seal_words
from viewer.project.snapshots.snapshot import Snapshot


def test_every_way_to_look_at_the_test_part_counts_and_no_deleted_run_takes_it_along(
    project: Path,  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    snapshot = Snapshot.load(project).id
    first, second = only_run(project), train(project, seed=2)
    assert seal_words(project, snapshot) == "sealed, not opened yet" == list_runs(project)[0].opened

    # By the window's job, then by the command line; what is judged on validation opens nothing.
    ask_for_report(first.folder)
    start_next(project)
    until(lambda: report_of(first).state in OVER, "the report")
    assert main(["evaluate", str(project), first.run_id, "--split", "val", "--out", str(tmp_path / "val")]) == 0
    assert seal_words(project, snapshot) == "opened 1 time (1 evaluation)"
    assert "The test part: opened" not in (tmp_path / "val" / "report.html").read_text()
    capsys.readouterr()
    words = ["compare", str(project), first.run_id, second.name]
    assert main(words) == 0  # the second was not judged: nothing is told of the two
    assert "opened" not in capsys.readouterr().out
    assert main(["evaluate", str(project), second.name, "--out", str(tmp_path / "test")]) == 0
    assert "The test part: opened 2 times (2 evaluations); what is chosen" in capsys.readouterr().out

    assert main(["predict", str(project), "--model", second.name, "--out", str(tmp_path / "said.json")]) == 0
    assert "The test part: opened 3 times (2 evaluations, 1 prediction)" in capsys.readouterr().out

    assert main(words) == 0  # too few patients to say which is better; how far they answer alike is told
    assert "The test part: opened 4 times (2 evaluations, 1 prediction, 1 comparison)" in capsys.readouterr().out
    told = comparing.Compared(said="B is better.", verdict="better", gap={"value": 0.1, "low": 0.05, "high": 0.2})
    monkeypatch.setattr(comparing, "compare_reports", lambda *_, **__: told)
    assert main(words) == 0
    assert "The test part: opened 5 times (2 evaluations, 1 prediction, 2 comparisons)" in capsys.readouterr().out

    shutil.rmtree(first.folder)
    shutil.rmtree(second)
    assert seal_words(project, snapshot) == "opened 5 times (2 evaluations, 1 prediction, 2 comparisons)"


def test_figures_that_cannot_be_counted_are_not_written(
    project: Path,  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (project / "snapshots" / "openings.jsonl").mkdir()

    assert main(["evaluate", str(project), only_run(project).run_id, "--out", str(tmp_path / "test")]) == 1

    assert "openings.jsonl cannot be written" in capsys.readouterr().err
    assert not (tmp_path / "test" / "figures.json").exists()
