"""Every setting of a recipe can be set in the training dialog, becomes part of the run and comes back with its task."""

import argparse
import dataclasses
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ml.recipe import FROM_THE_SNAPSHOT, Recipe
from tests.ui.scenes import program_fonts  # noqa: F401
from tests.ui.test_last_used import able, kept, started  # noqa: F401
from tests.ui.test_train_dialog import dialog_of, ready  # noqa: F401
from tests.waiting import handled
from viewer.cli import train as cli_train
from viewer.core.errors import BadRequest
from viewer.project.records import Task
from viewer.project.snapshots.snapshot import make_snapshot
from viewer.ui.dialogs.recipe.rows import ROWS
from viewer.ui.dialogs.train import TrainDialog, remembered_as
from viewer.ui.flows.desk import Desk
from viewer.ui.look.apply_theme import apply_theme

# Of each setting a value that no kind has as its own.
OTHER: dict[str, Any] = {
    "weight_decay": 0.123, "warmup_share": 0.37, "ema_decay": 0.987, "label_smoothing": 0.08, "select": "loss",
    "patience": 4, "class_weights": True, "operating_point": "recall:0.9", "fit": "letterbox", "window": "fixed",
    "window_center": -600.0, "window_width": 1500.0, "augment": True, "augment_flip": True, "augment_rotate_deg": 11.5,
    "augment_scale": 0.21, "augment_shift": 0.07, "augment_contrast": 0.33, "augment_brightness": 0.14,
    "augment_noise": 0.02, "threads": 3, "precision": "fp32", "checkpoint_every_s": 30.5,
}  # fmt: skip


def typed(qtbot: QtBot, field: QWidget, text: str) -> None:
    field.setFocus()
    field.selectAll()  # type: ignore[attr-defined]
    qtbot.keyClicks(field, text)


def choose(field: Any, value: object) -> None:
    field.setCurrentIndex(field.findData(value))


def set_all(qtbot: QtBot, dialog: TrainDialog) -> None:
    for name, value in OTHER.items():
        field: Any = dialog.more.fields[name]
        if name == "operating_point":
            choose(field.rule, "recall")
            typed(qtbot, field.number, "0.9")
        elif isinstance(value, bool):
            if field.isChecked() != value:
                field.setFocus()
                qtbot.keyClick(field, Qt.Key.Key_Space)
        elif isinstance(value, str):
            choose(field, value)
        else:
            typed(qtbot, field, f"{value:g}")


def test_every_setting_of_a_recipe_is_in_the_dialog(qtbot: QtBot, ready: Desk) -> None:  # noqa: F811
    dialog = dialog_of(qtbot, ready)

    shown = {*dialog.fields.values(), *dialog.more.values()}

    asked_elsewhere = {*FROM_THE_SNAPSHOT, "run_name"}  # of the snapshot; made for all folds
    assert {field.name for field in dataclasses.fields(Recipe)} - asked_elsewhere == shown
    assert {row.name for row in ROWS} == set(OTHER), "each is tried below"


def test_each_becomes_part_of_the_run_and_of_its_command(qtbot: QtBot, ready: Desk) -> None:  # noqa: F811
    dialog = dialog_of(qtbot, ready, "classification")
    qtbot.mouseClick(dialog.more.button, Qt.MouseButton.LeftButton)
    set_all(qtbot, dialog)

    recipe = dialog.recipe()

    assert {name: getattr(recipe, name) for name in OTHER} == OTHER
    parser = argparse.ArgumentParser()
    cli_train.add_arguments(parser)
    (again, *_), _ = cli_train.recipes_of(parser.parse_args(shlex.split(dialog.command.command)[2:]))
    assert {name: getattr(again, name) for name in OTHER} == OTHER


def test_they_are_folded_away_until_wanted_and_stay_as_they_were_left(qtbot: QtBot, ready: Desk) -> None:  # noqa: F811
    dialog = dialog_of(qtbot, ready)
    assert not dialog.more.body.isVisible()

    dialog.more.button.setFocus()
    qtbot.keyClick(dialog.more.button, Qt.Key.Key_Space)

    assert dialog.more.body.isVisible()
    assert dialog_of(qtbot, ready).more.body.isVisible()


def test_the_button_is_whole(qtbot: QtBot, ready: Desk, program_fonts: None, tmp_path: Path) -> None:  # noqa: F811
    """Its style makes it higher than it asked to be: its lower edge was cut."""
    apply_theme(ready.theme, tmp_path)
    dialog = dialog_of(qtbot, ready)
    handled()

    assert dialog.more.rect().contains(dialog.more.button.geometry())


def test_how_many_differ_is_said_while_they_are_folded_away(qtbot: QtBot, ready: Desk) -> None:  # noqa: F811
    dialog = dialog_of(qtbot, ready)
    assert dialog.more.differ.text() == ""

    typed(qtbot, dialog.more.fields["weight_decay"], "0.5")  # type: ignore[arg-type]
    choose(dialog.more.fields["select"], "loss")

    assert dialog.more.differ.text() == "2 settings other than the model's own"
    qtbot.mouseClick(dialog.fields.defaults, Qt.MouseButton.LeftButton)


def test_what_does_nothing_cannot_be_set_and_is_not_sent(qtbot: QtBot, ready: Desk) -> None:  # noqa: F811
    dialog = dialog_of(qtbot, ready)
    plain = dialog.recipe()
    fields: dict[str, Any] = dialog.more.fields
    assert not fields["window_center"].isEnabled()

    choose(fields["window"], "fixed")
    typed(qtbot, fields["window_center"], "40")
    typed(qtbot, fields["window_width"], "400")
    assert (dialog.recipe().window_center, dialog.recipe().window_width) == (40, 400)
    choose(fields["window"], "")
    assert dialog.recipe() == plain, "a window that is not fixed has no centre"

    fields["augment"].setChecked(False)
    assert not fields["augment_rotate_deg"].isEnabled() and not fields["augment_flip"].isEnabled()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("weight_decay", "-1", "The weight decay lies between 0 and 1,000, not -1"),
        ("weight_decay", "much", "The weight decay is no number; write for example 0.1."),
        ("warmup_share", "1", "The share of warm-up is below 1."),
        ("augment_scale", "2", "The augmentation's scale lies between 0 and 0.99, not 2"),
        ("patience", "-3", "The patience in epochs lies between 0 and 1,000,000, not -3"),
        ("augment_noise", "nan", "The augmentation's noise lies between 0 and 10, not nan"),
    ],
)
def test_what_cannot_be_is_said_and_not_started(
    qtbot: QtBot, ready: Desk, name: str, text: str, said: str  # noqa: F811
) -> None:  # fmt: skip
    dialog = dialog_of(qtbot, ready)
    field: Any = dialog.more.fields[name]

    typed(qtbot, field, text)

    assert said in dialog.problem.text()
    assert not dialog.start.isEnabled()
    with pytest.raises(BadRequest):
        dialog.recipe()


def test_an_operating_point_without_its_number_is_said(qtbot: QtBot, ready: Desk) -> None:  # noqa: F811
    dialog = dialog_of(qtbot, ready)
    field: Any = dialog.more.fields["operating_point"]
    choose(field.rule, "precision")
    assert dialog.recipe().operating_point == "precision:0.9"

    typed(qtbot, field.number, "2")
    assert "takes a number from 0 to 1, not '2'" in dialog.problem.text()
    field.number.clear()
    assert "takes a number from 0 to 1" in dialog.problem.text()
    choose(field.rule, "")
    assert dialog.recipe().operating_point == ""


def test_each_task_remembers_its_own(
    qtbot: QtBot, able: Desk, complete_all: Callable[[], None]  # noqa: F811
) -> None:  # fmt: skip
    assert able.project is not None
    again = Task(name="Again/Squares", kind="detection", labels=("Square",), exclusive=False)
    make_snapshot(able.project, again, split=(0.6, 0.2, 0.2))
    dialog = dialog_of(qtbot, able)
    squares = next(place for place, row in enumerate(dialog.snapshots) if row.task == "Squares")
    other = next(place for place, row in enumerate(dialog.snapshots) if row.task == "Again/Squares")
    dialog.fields.snapshot.setCurrentIndex(squares)
    plain = dialog.recipe()
    dialog.fields.device.setCurrentIndex(dialog.fields.device.findData("cpu"))
    typed(qtbot, dialog.more.fields["weight_decay"], "0.25")  # type: ignore[arg-type]
    choose(dialog.more.fields["select"], "loss")
    wanted = dialog.recipe()
    assert wanted != plain
    started(qtbot, dialog)

    dialog = dialog_of(qtbot, able)
    dialog.fields.snapshot.setCurrentIndex(squares)
    assert dialog.recipe() == wanted
    dialog.fields.snapshot.setCurrentIndex(other)
    found = dialog.recipe()
    assert (found.weight_decay, found.select) == (plain.weight_decay, plain.select)
    assert not dialog.fields.last_note.isVisible()
    dialog.fields.snapshot.setCurrentIndex(squares)
    assert dialog.recipe() == wanted


def test_a_choice_of_last_time_that_is_none_any_more_is_said(qtbot: QtBot, able: Desk) -> None:  # noqa: F811
    dialog = dialog_of(qtbot, able)
    plain, row = dialog.recipe(), dialog.chosen_snapshot
    assert row is not None
    kept(able, remembered_as(row), model=plain.model, precision="fp8", weight_decay=5000, operating_point="luck:1")

    dialog = dialog_of(qtbot, able)

    assert dialog.recipe() == plain
    said = dialog.fields.last_note.text()
    assert "The precision of last time, 'fp8', is not offered here" in said
    assert "The weight decay of last time, 5000, does not lie between 0 and 1,000" in said
    assert "The operating point of last time, 'luck:1', is not offered here" in said
