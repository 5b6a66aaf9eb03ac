"""An external test as a job of the queue: what the command line says of it, and what is told before it starts."""

import json
import shutil
from pathlib import Path

import pytest
from platformdirs import user_data_path

from ml.events import append_event
from ml.job import run_job
from ml.recipe import default_recipe
from ml.training.run import run_training
from tests.jobs.test_external_test import elsewhere
from tests.jobs.test_training_child import made_project
from viewer.cli.main import main
from viewer.core.errors import BadRequest, NotFound
from viewer.jobs.external import ask_external, seen_there, sites_of
from viewer.jobs.orders import is_ordered
from viewer.jobs.queue import enqueue
from viewer.jobs.removing import remove_run, what_hangs
from viewer.jobs.reports import ask_side_again, read_report
from viewer.jobs.runs import Known, RunState, RunStatus, list_runs, read_run
from viewer.project.snapshots.snapshot import Snapshot


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = made_project(tmp_path_factory.mktemp("own"))
    snapshot = Snapshot.load(project, task="square")
    recipe = default_recipe(
        task="square", kind="classification", labels=snapshot.task.labels, model="simple_cnn",
        snapshot_id=snapshot.id, epochs=1, input_px=32, batch_size=4, threads=1, precision="fp32",
    )  # fmt: skip
    run_training(enqueue(project, recipe), snapshot)
    return project


@pytest.fixture
def run(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunState:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setattr("ml.job._start_next", lambda folder: None)
    shutil.copytree(trained, tmp_path / "project")
    (found,) = list_runs(tmp_path / "project")
    return found


def test_the_job_holds_the_figures_of_the_command_line_and_says_the_site(run: RunState, tmp_path: Path, capsys) -> None:
    other = elsewhere(tmp_path)
    (site,) = sites_of(run, other)
    assert (site.task, site.images, site.patients, site.why_not) == ("shade", 16, 8, "")
    assert seen_there([run], other, site.snapshot_id) == ("", False)

    folder = ask_external([run], other, site.snapshot_id)
    assert folder == run.folder / f"external-{site.snapshot_id[:8]}" and is_ordered(folder)
    with pytest.raises(BadRequest, match="on its way already"):
        ask_external([run], other, site.snapshot_id)
    assert run_job(folder, resume=False) == 0

    (now,) = list_runs(tmp_path / "project")
    (job,) = now.side_reports
    assert (job.state, now.report) == (RunStatus.FINISHED, None)
    where = f"the project other, snapshot {site.snapshot_id[:8]}"
    assert f" on {where}: 16 cases of 8 patients" in job.said
    assert main(["evaluate", str(tmp_path / "project"), run.run_id, "--snapshot", str(other), "--out",
                 str(tmp_path / "by_hand")]) == 0  # fmt: skip
    theirs = json.loads((tmp_path / "by_hand" / "figures.json").read_text())
    mine = read_report(run.folder, folder.name)
    assert mine["external"] == theirs["external"] == where
    value = theirs["answers"]["model"]["auc"]["value"]
    assert mine["answers"]["model"]["auc"]["value"] == value
    command = json.loads((folder / "config.json").read_text())["command"]
    assert command[command.index("--snapshot") + 1] == f"{other.resolve()}/snapshots/{site.snapshot_id}"
    capsys.readouterr()


def test_what_does_not_fit_is_told_before_anything_is_queued(run: RunState, tmp_path: Path, capsys) -> None:
    other = elsewhere(tmp_path, labels=("healthy", "sick"))
    (site,) = sites_of(run, other)

    assert site.why_not == (
        f"The model answers well, sick, and the snapshot of {other} holds sick, healthy; labels are matched by their "
        "names, so rename them there, or choose another snapshot."
    )
    with pytest.raises(BadRequest, match="labels are matched by their names"):
        ask_external([run], other, site.snapshot_id)
    with pytest.raises(NotFound, match=f"{tmp_path} holds no project"):
        sites_of(run, tmp_path)
    with pytest.raises(BadRequest, match="is the project that this run is of"):
        sites_of(run, tmp_path / "project")
    with pytest.raises(NotFound, match="has no snapshot 00000000 any more"):
        ask_external([run], other, "0" * 64)
    assert main(["project", "create", str(tmp_path / "empty")]) == 0
    with pytest.raises(NotFound, match="has no snapshot yet"):
        sites_of(run, tmp_path / "empty")
    assert not any(one.name.startswith("external") for one in run.folder.iterdir())
    capsys.readouterr()


def test_films_that_the_model_has_seen_are_named_before_and_refused_by_the_job(
    run: RunState, tmp_path: Path, capsys
) -> None:
    (tmp_path / "twin").mkdir()
    twin = made_project(tmp_path / "twin")
    (site,) = sites_of(run, twin)

    seen, refused = seen_there([run], twin, site.snapshot_id)
    assert refused and seen.startswith(f"Of the {site.images} images of that snapshot, the model was trained on ")

    folder = ask_external([run], twin, site.snapshot_id)
    assert run_job(folder, resume=False) == 1
    (job,) = read_run(run.folder).side_reports
    assert (job.state, job.error_kind) == (RunStatus.FAILED, "SeenInTraining")

    assert ask_side_again(folder, seen_anyway=True) == folder
    assert run_job(folder, resume=False) == 0
    assert read_report(run.folder, folder.name)["seen"]["mark"] == "SEEN IN TRAINING"
    capsys.readouterr()


def test_who_looks_again_and_again_sees_one_that_is_asked_for_and_deleting_the_run_takes_it_along(
    run: RunState, tmp_path: Path, capsys
) -> None:
    other, project, known = elsewhere(tmp_path), tmp_path / "project", Known()
    (site,) = sites_of(run, other)
    list_runs(project, known)

    folder = ask_external([run], other, site.snapshot_id)
    assert [one.state for one in list_runs(project, known)[0].side_reports] == [RunStatus.QUEUED]
    append_event(folder, "finished", said="AUC 0.500")
    (now,) = list_runs(project, known)
    assert [one.said for one in now.side_reports] == ["AUC 0.500"]
    assert list_runs(project, known)[0] is now
    ask_side_again(folder)
    (now,) = list_runs(project, known)
    assert [one.state for one in now.side_reports] == [RunStatus.QUEUED]

    assert what_hangs(now, [now]).report
    orders = user_data_path("negatoscope", appauthor=False) / "queued"
    before = {file: json.loads(file.read_text())["run"] for file in orders.iterdir()}
    remove_run(now, [now])
    assert not run.folder.exists()
    assert [named for file, named in before.items() if not file.exists()] == [str(folder)]
    capsys.readouterr()
