"""A report is a job of the queue: the figures of the command line, its refusals as a sentence, an end when asked."""

import json
import os
import re
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ml.evaluation.kept_cases import read_cases
from ml.evaluation.page import report_body
from ml.events import CONTROL_FILE, LOG_FILE, append_event, read_events
from ml.job import run_job
from ml.recipe import default_recipe
from ml.report_job import REPORT_FOLDER, is_report, project_of_job
from ml.training.run import run_training
from tests.jobs.test_training_child import made_project
from tests.waiting import until
from viewer.cli.main import main
from viewer.core.edits import Edit, ImageLabelChange
from viewer.core.errors import BadFile, BadRequest, MissingExtra, NotFound
from viewer.core.labels import Verdict
from viewer.jobs.orders import place_order
from viewer.jobs.queue import cancel, enqueue, start_next
from viewer.jobs.reports import ask_for_report, checked_report, is_there, read_report
from viewer.jobs.runs import OVER, RunState, RunStatus, list_runs, read_run
from viewer.project.project import Project
from viewer.project.snapshots.snapshot import Snapshot, make_snapshot


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one finished run, made once."""
    project = made_project(tmp_path_factory.mktemp("trained"))
    train(project)
    return project


@pytest.fixture
def project(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of it; its films stay where they are."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    shutil.copytree(trained, tmp_path / "project")
    yield tmp_path / "project"
    until(lambda: not any(thread.name == "reap" for thread in threading.enumerate()), "the child's end")


def train(project: Path, **more: Any) -> Path:
    snapshot = Snapshot.load(project, task="square")
    recipe = default_recipe(
        task="square", kind="classification", labels=snapshot.task.labels, model="simple_cnn",
        snapshot_id=snapshot.id, epochs=1, input_px=32, batch_size=4, threads=1, precision="fp32", **more,
    )  # fmt: skip
    folder = enqueue(project, recipe)
    run_training(folder, snapshot)
    return folder


def only_run(project: Path) -> RunState:
    (run,) = list_runs(project)
    return run


def report_of(run: RunState) -> RunState:
    now = read_run(run.folder).report
    assert now is not None
    return now


def test_a_report_from_the_queue_holds_the_figures_of_the_command_line(project: Path, tmp_path: Path, capsys) -> None:
    run = only_run(project)
    assert run.report is None

    folder = ask_for_report(run.folder)
    assert report_of(run).state is RunStatus.QUEUED
    with pytest.raises(BadRequest, match="on its way already"):
        ask_for_report(run.folder)
    assert start_next(project) == folder
    until(lambda: report_of(run).state in OVER, "the report")

    assert report_of(run).state is RunStatus.FINISHED, (folder / LOG_FILE).read_text()[-2000:]
    assert main(["evaluate", str(project), run.run_id, "--out", str(tmp_path / "by_hand")]) == 0
    mine, theirs = (json.loads((one / "figures.json").read_text()) for one in (folder, tmp_path / "by_hand"))
    assert mine["answers"] == theirs["answers"]
    assert {name for name in mine if mine[name] != theirs[name]} == {"command", "opened", "notes"}
    # Each look at the test part is counted, whoever asked for it.
    assert (mine["opened"]["times"], theirs["opened"]["times"]) == (1, 2)
    assert mine["notes"][:-1] == theirs["notes"][:-1]
    assert any("Leak audit" in note for note in mine["notes"]) and "Leak audit" in (folder / "report.html").read_text()
    assert mine["notes"][-1] == "The test part: opened 1 time (1 evaluation)."
    twice = "The test part: opened 2 times (2 evaluations); what is chosen by looking at it again and again is too good"
    assert theirs["notes"][-1].startswith(twice) and twice in (tmp_path / "by_hand" / "report.html").read_text()
    assert only_run(project).opened == "opened 2 times (2 evaluations)"
    assert (folder / "cases.csv").read_bytes() == (tmp_path / "by_hand" / "cases.csv").read_bytes()
    pages = [[line for line in (one / "report.html").read_text().splitlines() if "The test part: opened" not in line]
             for one in (folder, tmp_path / "by_hand")]  # fmt: skip
    assert pages[0] == pages[1]
    figure = theirs["answers"]["model"]["auc"]
    assert f"AUC {figure['value']:.3f}" in report_of(run).said and "the test part: 6 cases" in report_of(run).said
    assert read_report(run.folder)["answers"]["model"]["auc"]["value"] == figure["value"]
    # What the window shows of it says all that the page beside it says.
    page = (folder / "report.html").read_text()
    assert page.endswith(report_body(read_report(run.folder))) and "How it was trained" in page
    assert is_there(read_run(run.folder))
    with pytest.raises(BadRequest, match="is there already"):
        ask_for_report(run.folder)
    assert [one.run_id for one in list_runs(project)] == [run.run_id], "a report is no run of its own"


def test_a_run_is_judged_again_on_the_labels_of_a_later_snapshot(project: Path, tmp_path: Path, capsys) -> None:
    run = only_run(project)
    assert main(["evaluate", str(project), run.run_id, "--out", str(tmp_path / "own")]) == 0
    assert is_there(read_run(run.folder))
    own = read_report(run.folder)["snapshot"]
    with pytest.raises(BadRequest, match="is there already"):
        ask_for_report(run.folder, snapshot_id=own)
    with Project.open(project, writable=True, author="Ada") as opened:
        tested = next(item for item in Snapshot.load(project, own).parts()["test"])
        said = opened.work.image_labels(tested.image_id)
        turned = [
            ImageLabelChange(
                image_id=tested.image_id,
                label=name,
                before=one,
                after=Verdict.NO if one is Verdict.YES else Verdict.YES,
            )
            for name, one in said.items()
        ]
        opened.history.do(Edit(text="correct", image_id=tested.image_id, changes=tuple(turned)))
        later = make_snapshot(opened, Snapshot.load(project, own).task)
    assert later.id != own

    folder = ask_for_report(run.folder, snapshot_id=later.id)
    assert start_next(project) == folder
    until(lambda: report_of(run).state in OVER, "the report")

    assert report_of(run).state is RunStatus.FINISHED, (folder / LOG_FILE).read_text()[-2000:]
    assert read_report(run.folder)["snapshot"] == later.id
    assert report_of(run).said.endswith(f"Judged on snapshot {later.id[:8]}")
    before, after = (read_cases(one) for one in (tmp_path / "own", folder))
    changed = [one for one, a, b in zip(after.images, before.truth, after.truth, strict=True) if a != b]
    assert changed == [tested.image_id]


def test_controls_of_a_report_are_checked_and_an_older_one_has_none(project: Path, tmp_path: Path, capsys) -> None:
    run = only_run(project)
    assert main(["evaluate", str(project), run.run_id, "--out", str(tmp_path / "out")]) == 0
    document = json.loads((tmp_path / "out" / "figures.json").read_text())

    checked = checked_report(document, "figures.json")
    assert [row["name"] for row in checked["controls"] if not row["why"]] == [
        who for who in document["answers"] if who != "model"
    ]
    assert {"view alone", "how it is stored"} == {row["name"] for row in checked["controls"] if row["why"]}
    assert checked_report({**document, "controls": None}, "older")["controls"] == []
    for wrong in ({}, [3], [{"name": "x"}], [{"name": 3, "tells": "", "why": ""}], [{}] * 101):
        with pytest.raises(BadFile, match=r"^it"):
            checked_report({**document, "controls": wrong or "x"}, "it")


def test_groups_that_the_project_knows_are_judged_alone(project: Path, tmp_path: Path, capsys) -> None:
    """A label beside the task, yes or no, and a site that people typed."""
    run = only_run(project)
    films = {item.image_id: item.path for item in Snapshot.load(project, task="square").parts()["test"]}
    assert main(["project", "attribute", str(project), "add", "Site", "--text"]) == 0
    for number, path in enumerate(films.values()):
        words = ["--image", str(path), "--text", "North" if number else "South"]
        assert number > 2 or main(["project", "answer", str(project), "Site", *words]) == 0
    with Project.open(project, writable=True, author="Ada") as opened:
        for number, image_id in enumerate(films):
            said = Verdict.YES if number < 4 else Verdict.NO
            change = ImageLabelChange(image_id=image_id, label="tube", before=None, after=said)
            opened.history.do(Edit(text="tube", image_id=image_id, changes=(change,)))

    assert main(["evaluate", str(project), run.run_id, "--out", str(tmp_path / "out")]) == 0

    found = {one["column"]: one for one in read_report(run.folder)["groups"]["columns"]}
    assert {name: {each: group["rows"] for each, group in one["groups"].items()} for name, one in found.items()} == {
        "site": {"": 3, "North": 2, "South": 1}, "tube": {"no": 2, "yes": 4},
    }  # fmt: skip
    assert "fewer than two have an AUC with an interval" in found["tube"]["sentence"]
    page = (tmp_path / "out" / "report.html").read_text()
    assert "By tube" in page and "(not said)" in page
    said = capsys.readouterr().out
    assert re.search(r"tube yes +4 cases of ", said)
    assert main(["evaluate", str(project), run.run_id, "--by", "tube", "--out", str(tmp_path / "one")]) == 0
    figures = json.loads((tmp_path / "one" / "figures.json").read_text())
    assert [one["column"] for one in figures["groups"]["columns"]] == ["tube"]
    assert main(["evaluate", str(project), run.run_id, "--by", "none", "--out", str(tmp_path / "no")]) == 0
    assert json.loads((tmp_path / "no" / "figures.json").read_text())["groups"] is None
    capsys.readouterr()
    assert main(["evaluate", str(project), run.run_id, "--by", "colour", "--out", str(tmp_path / "x")]) == 2
    assert "No case says its colour; there are groups by site, " in capsys.readouterr().err


def test_what_the_command_line_judged_is_the_run_s_report_at_once(project: Path, tmp_path: Path, capsys) -> None:
    run = only_run(project)
    assert main(["evaluate", str(project), run.run_id, "--split", "val", "--out", str(tmp_path / "val")]) == 0
    assert read_run(run.folder).report is None, "not the part that a report is about"
    assert main(["evaluate", str(project), run.run_id, "--seen-anyway", "--out", str(tmp_path / "seen")]) == 0
    assert read_run(run.folder).report is None, "judged under another rule"

    assert main(["evaluate", str(project), run.run_id, "--out", str(tmp_path / "test")]) == 0

    assert report_of(run).state is RunStatus.FINISHED and report_of(run).said.startswith("AUC")
    assert read_report(run.folder)["cases"] == 6
    for name in ("cases.csv", "report.html", "figures.json"):
        assert (run.folder / "report" / name).read_bytes() == (tmp_path / "test" / name).read_bytes()
    words = capsys.readouterr().out
    assert "report.html" in words


def test_a_report_waits_while_a_run_works_and_asks_in_turn(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = only_run(project)
    started: list[Path] = []
    monkeypatch.setattr("viewer.jobs.queue.start_child", lambda folder, resume: started.append(folder))
    other = enqueue(
        project, default_recipe(task="square", kind="classification", labels=("a", "b"), model="simple_cnn")
    )
    folder = ask_for_report(run.folder)

    working = {other}
    monkeypatch.setattr("viewer.jobs.runs.is_alive", lambda folder: folder in working)
    append_event(other, "starting")
    assert start_next(project) is None

    append_event(other, "finished")
    working.clear()
    assert start_next(project) == folder and started == [folder]


def test_a_model_that_has_seen_its_test_is_refused_in_one_sentence_and_judged_when_asked_for(project: Path) -> None:
    run = only_run(project)
    seen = json.loads((run.folder / "seen.json").read_text())
    cases = [item.pixel_sha256[:32] for item in Snapshot.load(project).parts(None)["test"]]
    (run.folder / "seen.json").write_text(json.dumps({**seen, "trained": [*seen["trained"], *cases]}))

    folder = ask_for_report(run.folder)
    assert run_job(folder, resume=False) == 1

    refused = report_of(run)
    assert (refused.state, refused.error_kind) == (RunStatus.FAILED, "SeenInTraining")
    assert "trained on 6" in refused.error and "Evaluate anyway" in refused.error and "--seen" not in refused.error
    assert not (folder / "figures.json").exists()

    ask_for_report(run.folder, seen_anyway=True)
    assert report_of(run).error_kind == ""
    assert run_job(folder, resume=False) == 0
    assert report_of(run).said.endswith("SEEN IN TRAINING")
    assert read_report(run.folder)["seen"]["mark"] == "SEEN IN TRAINING"
    events = list(read_events(folder))
    told = [event for event in events if event["event"] == "judging"]
    assert told and all(0 <= event["done"] <= event["total"] and event["what"] for event in told)
    assert json.loads((folder / "figures.json").read_text())["command"][-3:] == ["--seen-anyway", "--out", "report"]
    assert json.loads((folder / "config.json").read_text())["command"][-3:] == ["--seen-anyway", "--out", "report"]


def test_without_torch_a_report_is_refused_and_nothing_is_written(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = only_run(project)
    monkeypatch.setattr("viewer.jobs.start.importlib.util.find_spec", lambda name: None)

    with pytest.raises(MissingExtra):
        ask_for_report(run.folder)

    assert not (run.folder / "report").exists()


def test_a_folder_is_a_report_by_its_name_within_a_run(project: Path, tmp_path: Path) -> None:
    run = only_run(project).folder
    other = tmp_path / "report"
    other.mkdir()

    assert is_report(run / "report") and not is_report(run / "figures") and not is_report(other)
    assert project_of_job(run / "report") == project_of_job(run) == project.resolve()


def test_what_waits_first_works_first_whatever_it_is_called(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Path] = []
    monkeypatch.setattr("viewer.jobs.queue.start_child", lambda folder, resume: started.append(folder))
    report = ask_for_report(only_run(project).folder)
    recipe = default_recipe(task="a", kind="classification", labels=("a", "b"), model="simple_cnn")
    run = enqueue(project, recipe)
    renamed = run.rename(run.with_name("0-first-by-its-name"))
    place_order(renamed)

    start_next(project)

    assert started == [report]


def test_what_is_said_of_a_report_calls_it_one(project: Path) -> None:
    run = only_run(project)
    folder = ask_for_report(run.folder)
    cancel(folder)

    with pytest.raises(BadRequest, match=f"The report of {run.run_id} is cancelled already"):
        cancel(folder)


@pytest.mark.parametrize("when", ["waiting", "working"])
def test_a_report_can_be_cancelled_and_asked_for_again(
    project: Path, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = only_run(project)
    folder = ask_for_report(run.folder)
    if when == "waiting":
        assert cancel(folder).state is RunStatus.CANCELLED
        assert start_next(project) is None
    else:
        from ml.evaluation import report

        judged = report.evaluate_runs

        def asked_to_stop(*given: Any, **more: Any) -> Any:
            assert cancel(folder).state is RunStatus.RUNNING
            return judged(*given, **more)

        monkeypatch.setattr(report, "evaluate_runs", asked_to_stop)
        assert run_job(folder, resume=False) == 0
        monkeypatch.undo()
    assert report_of(run).state is RunStatus.CANCELLED
    assert not (folder / "figures.json").exists()

    ask_for_report(run.folder)
    assert not (folder / CONTROL_FILE).exists()
    assert run_job(folder, resume=False) == 0
    assert report_of(run).state is RunStatus.FINISHED


def test_a_killed_report_says_what_to_do(project: Path) -> None:
    folder = ask_for_report(only_run(project).folder)
    append_event(folder, "starting", resume=False)

    killed = read_run(folder)

    assert killed.state is RunStatus.FAILED
    assert "killed" in killed.error and "ask for it again" in killed.error and "checkpoint" not in killed.error


def test_an_interrupted_report_says_what_to_do(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = ask_for_report(only_run(project).folder)

    def interrupted(_: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ml.job.judge", interrupted)

    assert run_job(folder, resume=False) == 130
    assert read_run(folder).error == "The job was interrupted; ask for it again."


def test_figures_of_an_earlier_report_are_gone_when_it_is_asked_for_again(project: Path) -> None:
    run = only_run(project)
    folder = ask_for_report(run.folder)
    append_event(folder, "starting", resume=False)
    (folder / "figures.json").write_text(json.dumps(SOUND))

    ask_for_report(run.folder)

    assert not (folder / "figures.json").exists()
    with pytest.raises(NotFound, match="evaluate the run again"):
        read_report(run.folder)


@pytest.mark.parametrize(
    ("ended", "figures", "there"),
    [("finished", True, True), ("finished", False, False), ("failed", True, False), ("cancelled", True, False)],
)
def test_a_report_is_there_when_it_has_finished_and_its_figures_are(
    project: Path, ended: str, figures: bool, there: bool
) -> None:
    run = only_run(project)
    folder = ask_for_report(run.folder)
    append_event(folder, "starting", resume=False)
    if figures:
        (folder / "figures.json").write_text(json.dumps(SOUND))
    append_event(folder, ended, error="so", said="so")

    assert is_there(read_run(run.folder)) is there
    if not there:
        assert ask_for_report(run.folder) == folder and report_of(run).state is RunStatus.QUEUED


def test_what_waits_as_a_report_is_not_replaced_by_the_command_line(project: Path, tmp_path: Path, capsys) -> None:
    run = only_run(project)
    ask_for_report(run.folder)

    assert main(["evaluate", str(project), run.run_id, "--out", str(tmp_path / "out")]) == 0

    assert report_of(run).state is RunStatus.QUEUED and not (run.folder / "report" / "figures.json").exists()


def test_only_a_finished_run_has_a_report(project: Path) -> None:
    run = enqueue(project, default_recipe(task="square", kind="classification", labels=("a", "b"), model="simple_cnn"))

    with pytest.raises(BadRequest, match="has not finished"):
        ask_for_report(run)
    assert not (run / REPORT_FOLDER).exists()


FIGURE = {"value": 0.5, "low": 0.4, "high": 0.6, "method": "patient bootstrap", "why": ""}
SOUND = {
    "task": "t", "model": "m", "snapshot": "s", "decides": "auc", "interval": "i", "part": "test", "sentence": "",
    "cases": 1, "patients": 1, "runs": ["r"], "answers": {"model": {"auc": FIGURE}},
}  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"task": 5}, {"part": "dev"}, {"cases": "many"}, {"runs": [1]}, {"answers": {}}, {"answers": []},
        {"answers": {"model": {"auc": 0.5}}}, {"answers": {"model": {"auc": {"value": "high"}}}},
        {"notes": [{"x": 1}]}, {"rule": 5}, {"seen": {"mark": 1}},
    ],
)  # fmt: skip
def test_figures_from_outside_are_checked(wrong: dict[str, Any]) -> None:
    assert checked_report(SOUND, "figures.json")["answers"]["model"]["auc"]["high"] == 0.6

    with pytest.raises(BadFile, match=r"figures\.json.*evaluate the run again"):
        checked_report(SOUND | wrong, "figures.json")


def test_nothing_of_a_report_needs_torch_before_it_judges(tmp_path: Path) -> None:
    import subprocess

    words = "import sys, viewer.jobs.reports, ml.report_job, ml.evaluation.page; print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", words], capture_output=True, text=True, cwd=tmp_path, check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert done.stdout.strip() == "False"
