"""All folds of a training as one job: judged together, their scores kept for others, stopped and gone on with."""

import csv
import json
from pathlib import Path

import pytest
from sklearn import metrics as sk

from ml.events import append_event
from ml.job import run_job
from ml.recipe import Recipe, default_recipe
from tests.jobs.test_external_test import elsewhere
from tests.jobs.test_folds_as_one import project as project  # a fixture
from tests.jobs.test_folds_as_one import trained as trained  # two folds beside a test part
from viewer.cli.main import main
from viewer.core.errors import BadRequest, NotFound, NotWritable
from viewer.jobs.external import ask_external, sites_of
from viewer.jobs.folds import ask_folds, cancel_folds, folds_of, folds_words, resume_folds, save_scores
from viewer.jobs.queue import enqueue
from viewer.jobs.reports import read_report
from viewer.jobs.runs import RunState, list_runs, read_run


@pytest.fixture
def folds(project: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[RunState, ...]:
    monkeypatch.setattr("ml.job._start_next", lambda folder: None)
    runs = list_runs(project)
    found = folds_of(runs[-1], runs)
    assert [run.fold for run in found] == [0, 1]
    return found


def test_all_folds_are_judged_in_one_job_and_their_scores_are_read_by_figures(
    folds: tuple[RunState, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = ask_folds(folds)
    assert folder == folds[0].folder / "folds" and run_job(folder, resume=False) == 0

    assert main(["evaluate", str(tmp_path / "project"), "both", "--out", str(tmp_path / "by_hand")]) == 0
    theirs = json.loads((tmp_path / "by_hand" / "figures.json").read_text())
    mine = read_report(folds[0].folder, "folds")
    assert mine["out_of_fold"] and mine["decides"] == "auc_fold_mean"
    for name in ("auc", "auc_fold_mean", "accuracy"):
        assert mine["answers"]["model"][name]["value"] == theirs["answers"]["model"][name]["value"]
    (job,) = read_run(folds[0].folder).side_reports
    assert job.said.startswith("AUC") and "of 2 folds, each on what it held out: 18 cases of 9 patients" in job.said
    assert json.loads((folder / "config.json").read_text())["command"][3] == "both"

    table = folder / "out_of_fold.csv"
    assert table.read_bytes() == (tmp_path / "by_hand" / "out_of_fold.csv").read_bytes()
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["image"] for row in rows}) == len(rows) == 18 and {row["fold"] for row in rows} == {"0", "1"}
    auc = sk.roc_auc_score([row["sick truth"] == "yes" for row in rows], [float(row["sick score"]) for row in rows])
    assert theirs["answers"]["model"]["auc"]["value"] == pytest.approx(auc, abs=1e-5)
    capsys.readouterr()
    words = ["figures", str(table), "--truth", "sick truth", "--score", "sick score", "--patient", "patient", "--json"]
    assert main(words) == 0
    (read,) = json.loads(capsys.readouterr().out)["tables"]
    assert (read["rows"], read["patients"]) == (18, 9)
    assert read["figures"]["auc"]["value"] == pytest.approx(auc)

    save_scores(table, tmp_path / "mine.csv")
    assert (tmp_path / "mine.csv").read_bytes() == table.read_bytes()
    with pytest.raises(NotWritable, match="nowhere"):
        save_scores(table, tmp_path / "nowhere" / "mine.csv")
    table.unlink()
    with pytest.raises(NotFound, match="judge the folds again"):
        save_scores(table, tmp_path / "mine.csv")


def test_the_folds_as_one_model_are_a_job_too_on_their_test_part_and_on_another_project(
    folds: tuple[RunState, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_job(ask_folds(folds, as_one=True), resume=False) == 0
    one = read_report(folds[0].folder, "folds-as-one")
    assert (one["cases"], one["patients"]) == (6, 3) and one["ensemble"].startswith("One model of 2 networks")
    assert not one["out_of_fold"], "each of its cases was answered by every fold"

    other = elsewhere(tmp_path)
    (site,) = sites_of(folds[0], other)
    folder = ask_external(folds, other, site.snapshot_id)
    assert folder != ask_external(folds[:1], other, site.snapshot_id), "that of one fold is another's"
    assert run_job(folder, resume=False) == 0
    there = read_report(folds[0].folder, folder.name)
    assert (there["cases"], there["patients"]) == (16, 8) and there["external"] and there["ensemble"]
    capsys.readouterr()


def test_a_fold_that_has_gone_or_not_finished_is_named_before_anything_is_judged(folds: tuple[RunState, ...]) -> None:
    append_event(folds[1].folder, "queued", resume=True)
    with pytest.raises(BadRequest, match=f"{folds[1].run_id} has not finished"):
        ask_folds(folds)
    folds[1].folder.rename(folds[1].folder.with_name("elsewhere"))
    with pytest.raises(BadRequest, match=f"{folds[1].run_id} is no run of this project any more"):
        ask_folds(folds)


def queued(project: Path, count: int) -> list[Path]:
    recipe = default_recipe(task="square", kind="classification", labels=("well", "sick"), model="simple_cnn")
    recipe = Recipe.from_json({**recipe.to_json(), "snapshot_id": "ab" * 32})
    folders = []
    for fold in range(count):
        shared = {"fold": fold, "run_name": "all of them"}
        folders.append(enqueue(project, Recipe.from_json({**recipe.to_json(), **shared})))
    return folders


def states(folders: list[Path]) -> list[str]:
    return [str(read_run(folder).state) for folder in folders]


def test_all_are_stopped_and_go_on_at_the_fold_that_was_at_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = queued(tmp_path, 4)
    for name in ("starting", "finished"):
        append_event(folders[0], name)
    append_event(folders[1], "starting")
    runs = folds_of(read_run(folders[1]), list_runs(tmp_path))
    assert folds_words(runs[1], runs) == "fold 1, 1 of 4 folds finished"
    stopped: list[str] = []
    alive = {folders[1]}
    monkeypatch.setattr("viewer.jobs.runs.is_alive", lambda folder: folder in alive)
    monkeypatch.setattr("viewer.jobs.folds.cancel", lambda folder: (stopped.append(folder.name), real(folder)))

    from viewer.jobs.queue import cancel as real

    cancel_folds(runs)
    assert stopped[-1] == folders[1].name and set(stopped) == {one.name for one in folders[1:]}
    assert json.loads((folders[1] / "control.json").read_text())["wish"] == "cancel"
    alive.clear()
    append_event(folders[1], "cancelled")
    assert states(folders) == ["finished", "cancelled", "cancelled", "cancelled"]
    with pytest.raises(BadRequest, match="All folds are over"):
        cancel_folds(runs)

    assert resume_folds(runs) == folders[1:]
    assert states(folders) == ["finished", "queued", "queued", "queued"]
    asked = [json.loads((one / "events.jsonl").read_text().splitlines()[-1]) for one in folders[1:]]
    assert [one["t"] for one in asked] == sorted(one["t"] for one in asked) and all(one["resume"] for one in asked)
    with pytest.raises(BadRequest, match="No fold was cancelled"):
        resume_folds(runs)


def test_the_command_line_stops_all_folds_by_their_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folders = queued(tmp_path, 3)
    assert main(["cancel", "all of them", "--project", str(tmp_path)]) == 0
    assert states(folders) == ["cancelled"] * 3
    assert capsys.readouterr().out.count("cancelled") == 3
    resume_folds([read_run(one) for one in folders])
    assert main(["cancel", str(folders[1])]) == 0, "the path of one is that one alone"
    assert states(folders) == ["queued", "cancelled", "queued"]
    capsys.readouterr()


def test_runs_of_one_fold_and_of_other_snapshots_are_no_folds_together(tmp_path: Path) -> None:
    (alone,) = queued(tmp_path, 1)
    assert folds_of(read_run(alone), list_runs(tmp_path)) == ()
    recipe = Recipe.from_json({**read_run(alone).recipe, "snapshot_id": "cd" * 32, "fold": 1})
    enqueue(tmp_path, recipe)
    assert folds_of(read_run(alone), list_runs(tmp_path)) == ()
    again = enqueue(tmp_path, Recipe.from_json({**read_run(alone).recipe, "fold": 1}))
    assert [run.folder for run in folds_of(read_run(alone), list_runs(tmp_path))] == [alone, again]
