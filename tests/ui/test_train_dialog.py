"""The training dialog: sound defaults, the same run as a command, what it waits for."""

import argparse
import shlex
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ml.catalogue import default_spec
from viewer.cli import train as cli_train
from viewer.jobs.runs import list_runs
from viewer.project.records import Task
from viewer.project.snapshots import make_snapshot
from viewer.ui.dialogs import train
from viewer.ui.dialogs.train import TrainDialog
from viewer.ui.dialogs.train_fields import ALL_FOLDS
from viewer.ui.session import Session


@pytest.fixture
def ready(session: Session, complete_all: Callable[[], None]) -> Session:
    """A detection snapshot and one of three folds for classification."""
    complete_all()
    assert session.project is not None
    squares = Task(name="Squares", kind="detection", labels=("Square",), exclusive=False)
    make_snapshot(session.project, squares, split=(0.6, 0.2, 0.2))
    bright = Task(name="Light", kind="classification", labels=("Bright", "Dark"))
    make_snapshot(session.project, bright, folds=3)
    return session


def dialog_of(qtbot: QtBot, session: Session, kind: str = "detection") -> TrainDialog:
    dialog = TrainDialog(session, kind=kind)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: bool(dialog.command.toPlainText()))
    return dialog


def test_the_default_model_of_the_kind_is_chosen(qtbot: QtBot, ready: Session) -> None:
    dialog = dialog_of(qtbot, ready)

    assert dialog.recipe().model == default_spec("detection").name
    assert dialog.recipe().init == "scratch"


def test_the_command_asks_for_the_same_run(qtbot: QtBot, ready: Session) -> None:
    dialog = dialog_of(qtbot, ready)
    dialog.fields.epochs.setValue(3)
    dialog.fields.rate.setText("0.0002")

    words = shlex.split(dialog.command.toPlainText())

    assert words[:2] == ["negatoscope", "train"]
    assert words[words.index("--epochs") + 1] == "3"
    assert "learning_rate=0.0002" in words


def test_the_command_line_understands_the_copied_command(qtbot: QtBot, ready: Session) -> None:
    dialog = dialog_of(qtbot, ready)
    dialog.fields.seed.setValue(5)
    qtbot.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)

    copied = shlex.split(QGuiApplication.clipboard().text())
    parser = argparse.ArgumentParser()
    cli_train.add_arguments(parser)
    args = parser.parse_args(copied[2:])

    assert args.task == "Squares"
    assert args.seed == 5


def test_all_folds_become_one_run_each_under_one_name(
    qtbot: QtBot, ready: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("viewer.jobs.queue.start_next", lambda folder: None)
    monkeypatch.setattr(train, "has_torch", lambda: True)
    dialog = dialog_of(qtbot, ready, "classification")
    dialog.fields.fold.setCurrentIndex(dialog.fields.fold.findData(ALL_FOLDS))
    assert "--fold all" in dialog.command.toPlainText()

    with qtbot.waitSignal(dialog.accepted):
        qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)

    assert ready.project is not None
    runs = list_runs(ready.project.folder)
    assert sorted(run.fold for run in runs if run.fold is not None) == [0, 1, 2]
    assert len({run.name for run in runs}) == 1


def test_without_torch_it_says_what_it_waits_for(qtbot: QtBot, ready: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "has_torch", lambda: False)

    dialog = dialog_of(qtbot, ready)

    assert dialog.waits.isVisible()
    assert not dialog.start.isEnabled()


def test_a_learning_rate_that_is_no_number_is_said_at_once(qtbot: QtBot, ready: Session) -> None:
    dialog = dialog_of(qtbot, ready)

    dialog.fields.rate.setText("fast")

    assert "no number" in dialog.problem.text()
    assert not dialog.start.isEnabled()


def test_without_a_snapshot_it_names_the_way_to_one(qtbot: QtBot, session: Session) -> None:
    dialog = TrainDialog(session, kind="segmentation")
    qtbot.addWidget(dialog)

    qtbot.waitUntil(lambda: "New snapshot" in dialog.problem.text())


def test_time_is_not_guessed_before_it_was_measured(qtbot: QtBot, ready: Session) -> None:
    assert "not known yet" in dialog_of(qtbot, ready).measured.text()
