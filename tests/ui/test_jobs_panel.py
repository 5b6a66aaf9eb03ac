"""Runs and jobs as their folders tell them."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ml.events import append_event
from ml.recipe import default_recipe
from viewer.jobs.queue import enqueue
from viewer.jobs.runs import read_run
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.run_words import epoch_words, progress
from viewer.ui.panels.jobs import JobsPanel, log_words
from viewer.ui.panels.runs import RunsPanel


@pytest.fixture
def run(session: Desk, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run of two epochs, alive, in the middle of the second."""
    monkeypatch.setattr("viewer.jobs.queue.start_next", lambda folder: None)
    monkeypatch.setattr("viewer.jobs.runs.is_alive", lambda folder: True)
    assert session.project is not None
    recipe = default_recipe(task="Squares", kind="detection", labels=("Square",), model="center_point", epochs=2)
    folder = enqueue(session.project.folder, recipe)
    append_event(folder, "started", device="cpu", device_reason="no GPU was found", precision="fp32", threads=2,
                 steps_per_epoch=4, epochs=2, epoch=0, metric="map50")  # fmt: skip
    append_event(folder, "step", epoch=0, step=4, loss=1.5, images_per_s=3.4, left_s=840.0, memory_bytes=2 << 30)
    append_event(folder, "epoch", epoch=0, train_loss=1.4, val_loss=1.2, metrics={"map50": 0.4}, best=True, seconds=9)
    append_event(folder, "step", epoch=1, step=2, loss=1.1, images_per_s=3.4, left_s=420.0, memory_bytes=2 << 30)
    return folder


def show(qtbot: QtBot, session: Desk) -> JobsPanel:
    panel = JobsPanel(session)
    qtbot.addWidget(panel)
    panel.resize(380, 800)
    panel.show()
    session.jobs.look()
    qtbot.waitUntil(lambda: bool(session.jobs.runs))
    return panel


def looked_at_nothing(qtbot: QtBot, session: Desk, *, again: bool = False) -> None:
    """Wait for the watch's first look, which somebody may have asked for. again: as if the project opened now."""
    watch = session.jobs
    watch.look()
    qtbot.waitUntil(lambda: watch._reading is None and not watch._first_look)
    if again:
        watch.runs, watch._first_look = (), True


def test_a_running_job_says_epoch_step_time_device_and_why(qtbot: QtBot, session: Desk, run: Path) -> None:
    panel = show(qtbot, session)

    assert panel.state.text() == "Running"
    assert panel.epoch.text() == "Epoch 2 of 2"
    assert panel.step.text() == "step 2 of 4"
    assert panel.left.text() == "7 min left"
    assert panel.device.value.text() == "CPU, fp32"
    assert panel.device.caption.text() == "no GPU was found"
    assert panel.bar.value() == 750


def test_cancel_asks_the_run_to_stop(qtbot: QtBot, session: Desk, run: Path) -> None:
    panel = show(qtbot, session)

    qtbot.mouseClick(panel.cancel, Qt.MouseButton.LeftButton)

    qtbot.waitUntil(lambda: (run / "control.json").is_file())


def test_a_failed_run_shows_its_reason_and_offers_to_resume(qtbot: QtBot, session: Desk, run: Path) -> None:
    append_event(run, "failed", error="The disk is full; make room and resume.", kind="NotWritable")

    panel = show(qtbot, session)

    assert panel.error.isVisible()
    assert "disk is full" in panel.error_words.text()
    assert panel.resume.isVisible() and not panel.cancel.isVisible()


def test_the_list_of_runs_names_state_and_figure_with_its_part(qtbot: QtBot, session: Desk, run: Path) -> None:
    append_event(run, "finished", best_epoch=0, metrics={"map50": 0.4}, model_hash="a" * 64)
    panel = RunsPanel(session)
    qtbot.addWidget(panel)
    session.jobs.look()

    qtbot.waitUntil(lambda: panel.list.model().rowCount() == 1)

    row = panel.list.model().index(0, 0).data()
    assert "Finished" in row and row.endswith("mAP@0.5 0.400 val")


def test_the_end_of_a_run_is_told_once(qtbot: QtBot, session: Desk, run: Path) -> None:
    show(qtbot, session)
    watch = session.jobs
    append_event(run, "finished", best_epoch=0, metrics={}, model_hash="a" * 64)

    heard: list[str] = []
    watch.run_ended.connect(lambda ended: heard.append(ended.run_id))
    with qtbot.waitSignal(watch.run_ended):
        watch.look()
    assert session.project is not None
    recipe = default_recipe(task="Squares", kind="detection", labels=("Square",), model="center_point", epochs=2)
    enqueue(session.project.folder, recipe)
    watch.look()
    qtbot.waitUntil(lambda: len(watch.runs) == 2)

    assert heard == [run.name]


def test_the_trace_tells_once_that_a_run_began(qtbot: QtBot, session: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, dict[str, object]]] = []
    session.trace = lambda event, **facts: told.append((event, facts))
    monkeypatch.setattr("viewer.jobs.queue.start_next", lambda folder: None)
    monkeypatch.setattr("viewer.jobs.runs.is_alive", lambda folder: True)
    watch = session.jobs
    looked_at_nothing(qtbot, session)
    assert session.project is not None
    recipe = default_recipe(task="Squares", kind="detection", labels=("Square",), model="center_point", epochs=2)
    folder = enqueue(session.project.folder, recipe)
    append_event(folder, "started", device="cpu", precision="fp32", threads=1, steps_per_epoch=4, epochs=2, epoch=0)
    watch.look()
    qtbot.waitUntil(lambda: watch.running is not None)

    append_event(folder, "step", epoch=0, step=4, loss=1.5, images_per_s=3.4, left_s=840.0, memory_bytes=2 << 30)
    with qtbot.waitSignal(watch.runs_changed):
        watch.look()

    begun = [facts for event, facts in told if event == "job_started"]
    assert begun == [{"run": folder.name, "model": "center_point", "device": "cpu"}]


def test_a_run_that_works_already_is_not_traced_as_begun(qtbot: QtBot, session: Desk, run: Path) -> None:
    told: list[str] = []
    looked_at_nothing(qtbot, session, again=True)
    session.trace = lambda event, **_facts: told.append(event)

    show(qtbot, session)

    assert "job_started" not in told


def test_epochs_are_counted_from_one_for_people(run: Path) -> None:
    state = read_run(run)

    assert (epoch_words(state), progress(state)) == ("epoch 2 of 2", 0.75)


def test_a_log_line_loses_its_date_and_logger() -> None:
    assert log_words("2026-11-21 13:05:16,247 INFO ml.training.loop: epoch 1: loss 1.2") == "13:05:16 epoch 1: loss 1.2"
    assert log_words("Traceback (most recent call last):") == "Traceback (most recent call last):"


def test_a_run_from_elsewhere_says_so_and_starts_when_asked(
    qtbot: QtBot, session: Desk, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from viewer.jobs.orders import drop_order

    monkeypatch.setattr("viewer.jobs.runs.is_alive", lambda folder: False)
    (run / "events.jsonl").write_text('{"event": "queued", "t": "2026-01-01T00:00:00.000+00:00", "resume": false}\n')
    drop_order(run)
    panel = show(qtbot, session)
    assert panel.state.text() == "Queued elsewhere"
    assert panel.error_words.text().endswith("It runs here only when you start it.")
    assert panel.error.property("surface") == "warn"  # nothing failed
    assert panel.resume.isVisible()
    assert panel.resume.text() == "Start here"

    qtbot.mouseClick(panel.resume, Qt.MouseButton.LeftButton)

    qtbot.waitUntil(lambda: read_run(run).state == "queued")


def test_the_log_has_the_last_lines_of_a_run_and_the_reason_of_a_failed_one(
    qtbot: QtBot, session: Desk, run: Path
) -> None:
    (run / "log.txt").write_text("2026-03-09 12:00:00,000 INFO ml.training.loop: epoch 1: loss 1.4\n")
    panel = show(qtbot, session)
    qtbot.waitUntil(lambda: "epoch 1" in panel.log.toPlainText())
    panel._log_timer.stop()  # the run ends between two looks

    with (run / "log.txt").open("a") as file:
        file.write("2026-03-09 12:00:09,000 INFO ml.training.loop: epoch 2: loss 1.1\n")
    append_event(run, "failed", error="The disk is full; make room and resume.", kind="NotWritable")
    session.jobs.look()

    qtbot.waitUntil(lambda: panel.log.toPlainText().endswith("failed: The disk is full; make room and resume."))
    assert "epoch 2: loss 1.1" in panel.log.toPlainText()
