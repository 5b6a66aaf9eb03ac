"""Run folders: every state is read from what lies there, and a killed job is found out."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ml.events import EVENTS_FILE, LOCK_FILE, append_event, read_events
from ml.recipe import default_recipe
from viewer.core.errors import Ambiguous, BadRequest, MissingExtra, NotFound, NotWritable
from viewer.jobs import queue, start
from viewer.jobs.queue import cancel, enqueue, pause, resume, start_next, train_command, unpause
from viewer.jobs.runs import RunStatus, find_run, find_runs, list_runs, read_run, tail
from viewer.project.disk.held_lock import Held, HeldLock

RECIPE = default_recipe(task="Lung mass?", kind="classification", labels=("no", "yes"), model="simple_cnn", epochs=3)


HELD: dict[Path, HeldLock] = {}


@pytest.fixture(autouse=True)
def locks_released() -> Iterator[None]:
    yield
    while HELD:
        HELD.popitem()[1].release()


def lock_by_us(folder: Path) -> None:
    """As a process that works on the run."""
    HELD[folder] = HeldLock.take(folder / LOCK_FILE, with_folder=True)


def left_by(folder: Path, pid: int) -> None:
    """A lock file as one leaves it that was killed: an earlier version's, or of a process whose id came back."""
    (folder / LOCK_FILE).write_text(json.dumps({"pid": pid, "started": 1.0, "host": "elsewhere"}))


def begin(folder: Path, epoch: int = 0) -> None:
    facts = {"device": "cpu", "device_reason": "no GPU", "precision": "fp32", "threads": 1, "metric": "auc"}
    append_event(folder, "started", steps_per_epoch=4, epochs=3, epoch=epoch, **facts)


def one_epoch(folder: Path, epoch: int, auc: float | None = 0.7, *, best: bool = True) -> None:
    append_event(folder, "step", epoch=epoch, step=2, loss=0.6, images_per_s=10.0, left_s=9.0, memory_bytes=1)
    append_event(folder, "epoch", epoch=epoch, train_loss=0.5, val_loss=0.4, metrics={"auc": auc}, best=best)


def test_a_waiting_run_is_queued_and_names_its_recipe(tmp_path: Path) -> None:
    folder = enqueue(tmp_path, RECIPE)

    run = read_run(folder)

    assert (run.state, run.task, run.model, run.epochs) == (RunStatus.QUEUED, "Lung mass?", "simple_cnn", 3)
    assert folder.name.split("-", 2)[2].startswith("lung-mass-")
    config = json.loads((folder / "config.json").read_text())
    assert config["versions"]["python"]
    assert config["command"][:2] == ["negatoscope", "train"]


def test_the_copied_command_asks_for_what_differs_from_the_default(tmp_path: Path) -> None:
    words = train_command(tmp_path, RECIPE.with_settings(["fold=2", "augment_flip=true", "snapshot_id=" + "ab" * 32]))

    assert words[-8:] == ["--snapshot", "ab" * 8, "--fold", "2", "--epochs", "3", "--set", "augment_flip=True"]


def test_a_working_run_has_curves_and_time_left(tmp_path: Path) -> None:
    folder = enqueue(tmp_path, RECIPE)
    lock_by_us(folder)
    begin(folder)
    one_epoch(folder, 0)
    append_event(folder, "step", epoch=1, step=2, loss=0.45, images_per_s=11.0, left_s=7.0, memory_bytes=5)

    run = read_run(folder)

    assert run.state is RunStatus.RUNNING
    assert [(p.epoch, p.train_loss, p.metrics["auc"]) for p in run.curves] == [(1, 0.5, 0.7)]
    assert run.steps_loss == ((0.5, 0.6), (1.5, 0.45))
    assert (run.epoch, run.step, run.steps, run.left_s, run.best_epoch) == (1, 2, 4, 7.0, 1)
    assert run.share_done == pytest.approx(6 / 12)


def test_a_killed_job_is_found_out(tmp_path: Path) -> None:
    folder = enqueue(tmp_path, RECIPE)
    begin(folder)
    one_epoch(folder, 0)
    left_by(folder, os.getpid())

    run = read_run(folder)

    assert run.state is RunStatus.FAILED
    assert "killed" in run.error
    assert len(run.curves) == 1
    assert run.left_s is None


def test_a_child_that_never_came_up_is_not_started_again_and_again(tmp_path: Path, monkeypatch) -> None:
    folder = enqueue(tmp_path, RECIPE)
    append_event(folder, "starting")
    started = []
    monkeypatch.setattr(queue, "start_child", lambda f, resume: started.append(f))

    assert read_run(folder).state is RunStatus.FAILED
    assert start_next(tmp_path) is None
    assert started == []


@pytest.mark.parametrize("event", ["finished", "failed", "cancelled"])
def test_an_end_is_an_end_whatever_the_lock_says(event: str, tmp_path: Path) -> None:
    folder = enqueue(tmp_path, RECIPE)
    begin(folder)
    append_event(folder, event, error="why" if event == "failed" else "")
    lock_by_us(folder)

    assert read_run(folder).state == event
    assert read_run(folder).error == ("why" if event == "failed" else "")


def test_a_line_that_was_cut_off_spoils_nothing(tmp_path: Path) -> None:
    folder = enqueue(tmp_path, RECIPE)
    begin(folder)
    one_epoch(folder, 0)
    with (folder / EVENTS_FILE).open("ab") as file:
        file.write(b'{"event": "epoch", "epo')

    append_event(folder, "queued", resume=True)

    assert len(read_run(folder).curves) == 1
    assert [event["event"] for event in read_events(folder)][-1] == "queued"


def test_numbers_that_are_none_are_written_as_json(tmp_path: Path) -> None:
    folder = enqueue(tmp_path, RECIPE)
    begin(folder)
    one_epoch(folder, 0, auc=float("nan"))

    assert "NaN" not in (folder / EVENTS_FILE).read_text()
    assert read_run(folder).curves[0].metrics == {"auc": None}


def test_a_resumed_run_continues_its_curves(tmp_path: Path) -> None:
    folder = enqueue(tmp_path, RECIPE)
    begin(folder)
    one_epoch(folder, 0)
    one_epoch(folder, 1, auc=0.9)
    append_event(folder, "cancelled")

    waiting = resume(folder)
    begin(folder, epoch=1)
    lock_by_us(folder)
    one_epoch(folder, 1, auc=0.8, best=False)

    assert waiting.state is RunStatus.QUEUED
    run = read_run(folder)
    assert [p.metrics["auc"] for p in run.curves] == [0.7, 0.8]
    assert run.state is RunStatus.RUNNING


def test_one_run_works_at_a_time_in_the_order_of_the_queue(tmp_path: Path, monkeypatch) -> None:
    first, second = enqueue(tmp_path, RECIPE), enqueue(tmp_path, RECIPE)
    started: list[tuple[Path, bool]] = []

    def pretend(folder: Path, *, resume: bool) -> None:
        started.append((folder, resume))
        lock_by_us(folder)
        begin(folder)

    monkeypatch.setattr(queue, "start_child", pretend)

    assert start_next(tmp_path) == first
    assert start_next(tmp_path) is None
    append_event(first, "cancelled")
    HELD.pop(first).release()
    resume(first)
    assert start_next(tmp_path) == second
    append_event(second, "finished")
    assert start_next(tmp_path) == first
    assert started == [(first, False), (second, False), (first, True)]


def test_two_starters_at_once_start_one_run(tmp_path: Path, monkeypatch) -> None:
    enqueue(tmp_path, RECIPE)
    inner: list[Path | None] = []
    monkeypatch.setattr(queue, "start_child", lambda folder, resume: inner.append(start_next(tmp_path)))

    assert start_next(tmp_path) is not None
    assert inner == [None]


def test_cancelling_a_waiting_run_ends_it_at_once_and_a_working_one_by_its_control_file(tmp_path: Path) -> None:
    waiting, working = enqueue(tmp_path, RECIPE), enqueue(tmp_path, RECIPE)
    lock_by_us(working)
    begin(working)

    assert cancel(waiting).state is RunStatus.CANCELLED
    assert cancel(working).state is RunStatus.RUNNING
    assert json.loads((working / "control.json").read_text())["wish"] == "cancel"
    with pytest.raises(BadRequest, match="already"):
        cancel(waiting)


def test_a_run_can_wait_and_go_on(tmp_path: Path) -> None:
    folder = enqueue(tmp_path, RECIPE)
    with pytest.raises(BadRequest, match="not running"):
        pause(folder)
    lock_by_us(folder)
    begin(folder)

    pause(folder)
    append_event(folder, "paused")
    assert read_run(folder).state is RunStatus.PAUSED
    unpause(folder)
    append_event(folder, "unpaused")
    assert read_run(folder).state is RunStatus.RUNNING


def test_runs_are_found_by_id_start_path_and_shared_name(tmp_path: Path) -> None:
    folds = [enqueue(tmp_path, RECIPE.with_settings([f"fold={k}", "run_name=study"])) for k in (1, 0)]
    again = enqueue(tmp_path, RECIPE.with_settings(["fold=1", "run_name=study"]))

    assert find_run(tmp_path, folds[0].name) == folds[0]
    assert find_run(tmp_path, str(folds[0])) == folds[0]
    end = folds[0].name.rpartition("-")[2]
    assert find_run(tmp_path, end) == folds[0], "as the window calls it"
    with pytest.raises(Ambiguous):
        find_run(tmp_path, folds[0].name[:8])
    with pytest.raises(NotFound):
        find_run(tmp_path, "study9")
    newest = max(folds[0], again)
    assert find_runs(tmp_path, "study") == [folds[1], newest]
    assert len(list_runs(tmp_path)) == 3


def test_the_logs_end_is_read(tmp_path: Path) -> None:
    folder = enqueue(tmp_path, RECIPE)
    assert tail(folder, 5) == []
    (folder / "log.txt").write_text("\n".join(f"line {i}" for i in range(5000)))

    assert tail(folder, 2) == ["line 4998", "line 4999"]


def test_without_torch_training_names_what_to_install(tmp_path: Path, monkeypatch) -> None:
    folder = enqueue(tmp_path, RECIPE)
    monkeypatch.setattr(start.importlib.util, "find_spec", lambda name: None)

    with pytest.raises(MissingExtra, match=r"packaging/start\.py"):
        start_next(tmp_path)
    assert read_run(folder).state is RunStatus.QUEUED


def test_a_single_independent_label_can_wait_too(tmp_path: Path) -> None:
    recipe = default_recipe(
        task="finding", kind="classification", labels=("finding",), model="simple_cnn", exclusive=False
    )

    assert "--task" in train_command(tmp_path, recipe)
    assert read_run(enqueue(tmp_path, recipe)).state is RunStatus.QUEUED


def test_runs_of_a_folder_that_is_no_project_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from viewer.cli.main import main

    assert main(["runs", str(tmp_path)]) == 1
    assert "is no project" in capsys.readouterr().err


def test_a_run_that_somebody_works_on_is_not_started_a_second_time(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    folder = enqueue(tmp_path, RECIPE)
    lock_by_us(folder)
    before = (folder / EVENTS_FILE).read_bytes()

    with pytest.raises(NotWritable, match="this very program"):
        start.start_child(folder, resume=False)
    assert (folder / EVENTS_FILE).read_bytes() == before


def test_a_job_beside_another_says_nothing_in_its_name(tmp_path: Path) -> None:
    from ml.job import run_job

    folder = enqueue(tmp_path, RECIPE)
    lock_by_us(folder)
    before = (folder / EVENTS_FILE).read_bytes()

    with pytest.raises(Held):
        run_job(folder, resume=False)
    assert (folder / EVENTS_FILE).read_bytes() == before


@pytest.mark.skipif(os.name != "posix", reason="an open file cannot be removed on Windows")
def test_a_run_whose_lock_file_was_removed_still_counts_as_working(tmp_path: Path) -> None:
    folder = enqueue(tmp_path, RECIPE)
    lock_by_us(folder)
    begin(folder)
    (folder / LOCK_FILE).unlink()

    assert read_run(folder).state is RunStatus.RUNNING
    HELD.pop(folder).release()
    assert read_run(folder).state is RunStatus.FAILED


def test_a_gate_that_was_left_shut_stops_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A starter that was killed leaves its file; whether one starts now is asked of the system, not of the clock."""
    folder = enqueue(tmp_path, RECIPE)
    (folder.parent / queue.GATE).write_text("")
    monkeypatch.setattr(queue, "start_child", lambda folder, resume: None)

    assert start_next(tmp_path) == folder
