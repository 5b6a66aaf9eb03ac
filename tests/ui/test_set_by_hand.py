"""What a person set in the dialog of a new run stays when another model or snapshot is chosen."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ml.catalogue import load_spec
from tests.ui.test_train_dialog import dialog_of
from tests.ui.test_train_dialog import ready as ready
from viewer.project.records import Task
from viewer.project.snapshots.snapshot import make_snapshot
from viewer.ui.dialogs import train
from viewer.ui.dialogs.train import TrainDialog
from viewer.ui.flows.desk import Desk


def typed(field: QWidget, text: str) -> None:
    """By keys, as a person does it."""
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Tab)


def choose(dialog: TrainDialog, model: str) -> None:
    dialog.fields.model.setCurrentIndex(dialog.fields.model.findData(model))


def test_another_model_leaves_what_was_set_and_brings_its_own_of_the_rest(qtbot: QtBot, ready: Desk) -> None:
    dialog = dialog_of(qtbot, ready, "classification")
    choose(dialog, "simple_cnn")
    own_rate = dialog.fields.rate.text()
    typed(dialog.fields.epochs, "5")
    typed(dialog.fields.input_px, "96")
    typed(dialog.more.by_words["Weight decay"], "0.07")

    choose(dialog, "resnet18")

    recipe = dialog.recipe()
    assert (recipe.model, recipe.epochs, recipe.input_px, recipe.weight_decay) == ("resnet18", 5, 96, 0.07)
    assert dialog.fields.last_note.text() == "What you set by hand stays: epochs; input size, px; weight decay."
    choose(dialog, "simple_cnn")
    assert dialog.fields.rate.text() == own_rate
    assert (dialog.recipe().epochs, dialog.recipe().input_px) == (5, 96)


def test_what_nobody_touched_follows_the_model(qtbot: QtBot, ready: Desk) -> None:
    dialog = dialog_of(qtbot, ready, "classification")
    choose(dialog, "simple_cnn")
    assert dialog.fields.input_px.value() == load_spec("simple_cnn").input_px == 128

    choose(dialog, "resnet18")

    assert dialog.fields.input_px.value() == load_spec("resnet18").input_px == 224
    assert dialog.fields.last_note.text() == ""


def test_defaults_brings_the_own_values_of_the_model_for_good(qtbot: QtBot, ready: Desk) -> None:
    dialog = dialog_of(qtbot, ready, "classification")
    own = dialog.fields.epochs.value()
    typed(dialog.fields.epochs, "5")
    choose(dialog, "resnet18")

    QTest.mouseClick(dialog.fields.defaults, Qt.MouseButton.LeftButton)

    assert dialog.fields.epochs.value() == own
    choose(dialog, "simple_cnn")
    assert dialog.fields.epochs.value() == own and dialog.fields.last_note.text() == ""


def test_a_size_that_the_model_does_not_take_is_told(
    qtbot: QtBot, ready: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = dialog_of(qtbot, ready, "classification")
    choose(dialog, "simple_cnn")
    typed(dialog.fields.input_px, "96")
    typed(dialog.fields.epochs, "5")
    monkeypatch.setattr(train, "load_spec", lambda name: replace(load_spec(name), fixed_px=True))

    choose(dialog, "resnet18")

    assert (dialog.fields.input_px.value(), dialog.fields.epochs.value()) == (224, 5)
    assert "takes images of 224 px and no other size, not 96. It is 224 now." in dialog.fields.last_note.text()


def test_a_fold_of_ones_own_stays_with_another_snapshot(qtbot: QtBot, ready: Desk) -> None:
    assert ready.project is not None
    make_snapshot(ready.project, Task(name="Light", kind="classification", labels=("Bright", "Dark")), folds=4)
    dialog = dialog_of(qtbot, ready, "classification")
    dialog.fields.fold.setCurrentIndex(2)
    typed(dialog.fields.epochs, "5")

    dialog.fields.snapshot.setCurrentIndex(1)

    assert (dialog.recipe().fold, dialog.recipe().epochs) == (2, 5)
