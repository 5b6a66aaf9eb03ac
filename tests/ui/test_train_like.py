"""The training dialog that begins with the recipe of a run: all as it was, and only what is changed is another."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ml.recipe import Recipe, default_recipe
from tests.ui.test_train_dialog import ready as ready
from viewer.jobs.cloning import cloned_recipe
from viewer.jobs.queue import enqueue
from viewer.jobs.runs import read_run
from viewer.project.records import Task
from viewer.project.snapshots.snapshot import make_snapshot
from viewer.ui.dialogs.train import TrainDialog
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.snapshots import snapshot_rows


def snapshot_id(session: Desk, task: str) -> str:
    """The oldest of the task."""
    assert session.project is not None
    return [row.id for row in snapshot_rows(session.project.folder) if row.task == task][-1]


def odd_recipe(session: Desk) -> Recipe:
    """Nothing in it is as a new run of the task would have it."""
    return default_recipe(
        task="Light", kind="classification", labels=("Bright", "Dark"), model="resnet18",
        snapshot_id=snapshot_id(session, "Light"), fold=2, epochs=7, batch_size=5, learning_rate=0.0123,
        weight_decay=0.03, input_px=96, seed=11, freeze_epochs=1, augment_flip=True, label_smoothing=0.1,
        select="loss", patience=4, keep_every_epoch=True, device="cpu", operating_point="recall:0.9",
    )  # fmt: skip


def shown(qtbot: QtBot, session: Desk, like: Recipe) -> TrainDialog:
    dialog = TrainDialog(session, like=like)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: bool(dialog.command.command))
    return dialog


def test_all_is_as_in_the_run(qtbot: QtBot, ready: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("viewer.jobs.queue.start_next", lambda folder: None)  # the window starts what waits
    assert ready.project is not None
    like = odd_recipe(ready)
    # A newer snapshot of the task does not take the place of the run's own.
    light = Task(name="Light", kind="classification", labels=("Bright", "Dark"))
    make_snapshot(ready.project, light, folds=4)
    assert len([row for row in snapshot_rows(ready.project.folder) if row.task == "Light"]) == 2
    folder = enqueue(ready.project.folder, replace(like, run_name="of-monday"))

    dialog = shown(qtbot, ready, cloned_recipe(read_run(folder)))

    assert dialog.recipe() == like
    assert "those of the run that is cloned" in dialog.fields.last_note.text()


def test_what_is_changed_is_another_and_the_rest_stays(qtbot: QtBot, ready: Desk) -> None:
    like = odd_recipe(ready)
    dialog = shown(qtbot, ready, like)

    dialog.fields.epochs.setValue(30)

    assert dialog.recipe() == replace(like, epochs=30)


def test_a_snapshot_that_is_not_there_any_more_is_told(qtbot: QtBot, ready: Desk) -> None:
    like = replace(odd_recipe(ready), snapshot_id="ab" * 32)

    dialog = shown(qtbot, ready, like)

    assert dialog.recipe() == replace(like, snapshot_id=snapshot_id(ready, "Light"))
    assert "another snapshot than its own, abababab" in dialog.fields.last_note.text()


def test_a_start_that_is_not_there_any_more_is_told(qtbot: QtBot, ready: Desk) -> None:
    like = replace(odd_recipe(ready), init="20261121-1415-light-3f2a")

    dialog = shown(qtbot, ready, like)

    assert dialog.recipe().init == "scratch"
    assert "20261121-1415-light-3f2a, is not here any more" in dialog.fields.last_note.text()


def test_a_file_of_weights_is_the_start_again(qtbot: QtBot, ready: Desk, tmp_path: Path) -> None:
    (tmp_path / "start.safetensors").touch()
    like = replace(odd_recipe(ready), init=str(tmp_path / "start.safetensors"))

    assert shown(qtbot, ready, like).recipe().init == like.init


@pytest.mark.parametrize("named", ["whole", "beginning"])
def test_a_run_is_the_start_again(named: str, qtbot: QtBot, ready: Desk) -> None:
    from tests.cli.test_predict_explain import a_model

    assert ready.project is not None
    folder = ready.project.folder / "runs" / "20261121-1415-light-3f2a"
    folder.parent.mkdir(exist_ok=True)
    a_model(folder)
    init = folder.name if named == "whole" else folder.name[:15]
    like = replace(odd_recipe(ready), model="simple_cnn", init=init, input_px=0)

    assert shown(qtbot, ready, like).recipe().init == folder.name


def test_the_snapshot_may_be_of_another_task(qtbot: QtBot, ready: Desk, complete_all: Callable[[], None]) -> None:
    dialog = shown(qtbot, ready, odd_recipe(ready))
    place = next(place for place, row in enumerate(dialog.snapshots) if row.task == "Squares")

    dialog.fields.snapshot.setCurrentIndex(place)

    assert dialog.recipe().task == "Squares" and dialog.recipe().epochs != 7
