"""The training dialog: sound defaults, the same run as a command, what it waits for."""

import argparse
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ml.catalogue import default_spec
from ml.recipe import default_recipe
from viewer.cli import train as cli_train
from viewer.jobs.runs import RunState, RunStatus, list_runs
from viewer.project.records import Task
from viewer.project.snapshots.snapshot import make_snapshot
from viewer.ui.dialogs import train
from viewer.ui.dialogs.before_start import measured_words
from viewer.ui.dialogs.train import TrainDialog
from viewer.ui.dialogs.train_fields import ALL_FOLDS, left_out_words
from viewer.ui.flows.desk import Desk


@pytest.fixture
def ready(session: Desk, complete_all: Callable[[], None]) -> Desk:
    """A detection snapshot and one of three folds for classification."""
    complete_all()
    assert session.project is not None
    squares = Task(name="Squares", kind="detection", labels=("Square",), exclusive=False)
    make_snapshot(session.project, squares, split=(0.6, 0.2, 0.2))
    bright = Task(name="Light", kind="classification", labels=("Bright", "Dark"))
    make_snapshot(session.project, bright, folds=3)
    return session


def dialog_of(qtbot: QtBot, session: Desk, kind: str = "detection") -> TrainDialog:
    dialog = TrainDialog(session, kind=kind)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: bool(dialog.command.command))
    return dialog


def test_the_default_model_of_the_kind_is_chosen(qtbot: QtBot, ready: Desk) -> None:
    dialog = dialog_of(qtbot, ready)

    assert dialog.recipe().model == default_spec("detection").name
    assert dialog.recipe().init == "scratch"


def test_the_command_asks_for_the_same_run(qtbot: QtBot, ready: Desk) -> None:
    dialog = dialog_of(qtbot, ready)
    dialog.fields.epochs.setValue(3)
    dialog.fields.rate.setText("0.0002")

    words = shlex.split(dialog.command.command)

    assert words[:2] == ["negatoscope", "train"]
    assert words[words.index("--epochs") + 1] == "3"
    assert "learning_rate=0.0002" in words


def test_an_input_that_is_no_square_and_its_spacing_are_asked_for_here_too(qtbot: QtBot, ready: Desk) -> None:
    dialog = dialog_of(qtbot, ready)
    dialog.fields.cols.setValue(192)
    dialog.fields.spacing.setText("0.8 x 0.7")

    asked = dialog.recipe()
    assert (asked.input_cols_px, asked.spacing_row_mm, asked.spacing_col_mm) == (192, 0.8, 0.7)
    words = shlex.split(dialog.command.command)
    assert {"input_cols_px=192", "spacing_row_mm=0.8", "spacing_col_mm=0.7"} <= set(words)
    dialog.fields.spacing.setText("fine")
    qtbot.waitUntil(lambda: not dialog.start.isEnabled())


def test_the_command_line_understands_the_copied_command(qtbot: QtBot, ready: Desk) -> None:
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
    qtbot: QtBot, ready: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("viewer.jobs.queue.start_next", lambda folder: None)
    monkeypatch.setattr(train, "has_torch", lambda: True)
    dialog = dialog_of(qtbot, ready, "classification")
    dialog.fields.fold.setCurrentIndex(dialog.fields.fold.findData(ALL_FOLDS))
    assert "--fold all" in dialog.command.command

    with qtbot.waitSignal(dialog.accepted):
        qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)

    assert ready.project is not None
    runs = list_runs(ready.project.folder)
    assert sorted(run.fold for run in runs if run.fold is not None) == [0, 1, 2]
    assert len({run.name for run in runs}) == 1


def test_without_torch_it_says_what_it_waits_for(qtbot: QtBot, ready: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "has_torch", lambda: False)

    dialog = dialog_of(qtbot, ready)

    assert dialog.waits.isVisible()
    assert not dialog.start.isEnabled()


def test_a_learning_rate_that_is_no_number_is_said_at_once(qtbot: QtBot, ready: Desk) -> None:
    dialog = dialog_of(qtbot, ready)

    dialog.fields.rate.setText("fast")

    assert "no number" in dialog.problem.text()
    assert not dialog.start.isEnabled()


def test_without_a_snapshot_it_names_the_way_to_one(qtbot: QtBot, session: Desk) -> None:
    dialog = TrainDialog(session, kind="segmentation")
    qtbot.addWidget(dialog)

    qtbot.waitUntil(lambda: "There is no segmentation snapshot yet" in dialog.problem.text())

    assert not dialog.fields.isEnabled() and not dialog.start.isEnabled() and not dialog.make.isHidden()
    dialog.make.click()
    assert dialog.wants_snapshot


def test_time_is_not_guessed_before_it_was_measured(qtbot: QtBot, ready: Desk) -> None:
    assert "not known yet" in dialog_of(qtbot, ready).measured.text()


def test_a_number_out_of_its_range_stays_and_is_said(qtbot: QtBot, ready: Desk) -> None:
    dialog = dialog_of(qtbot, ready)
    for field, typed, sentence in (
        ("epochs", "0", "The number of epochs lies between 1 and 1,000,000, not 0."),
        ("batch", "70000", "The batch size lies between 1 and 65,536, not 70000."),
        ("seed", "-3", "The seed lies between 0 and 2,147,483,647, not -3."),
        ("input_px", "4", "The input size in pixels lies between 8 and 8,192, not 4."),
        ("freeze", "-1", "The number of frozen epochs lies between 0 and 1,000,000, not -1."),
    ):
        spin = getattr(dialog.fields, field)
        spin.selectAll()

        qtbot.keyClicks(spin, typed)
        qtbot.keyClick(spin, Qt.Key.Key_Tab)

        assert spin.text() == typed
        assert dialog.problem.text() == sentence
        assert not dialog.start.isEnabled(), sentence
        spin.stepBy(1)
        assert spin.low <= spin.value() <= spin.high, sentence


def test_a_learning_rate_that_cannot_be_is_said_in_words(qtbot: QtBot, ready: Desk) -> None:
    dialog = dialog_of(qtbot, ready)
    for typed in ("inf", "nan", "-1", "1e40", "0"):
        dialog.fields.rate.setText("0.01")
        assert not dialog.problem.text().startswith("The learning rate "), "before each"

        dialog.fields.rate.setText(typed)

        assert dialog.problem.text().startswith("The learning rate "), typed
        assert not dialog.start.isEnabled(), typed


def test_what_cannot_work_is_not_started(qtbot: QtBot, ready: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "has_torch", lambda: True)
    assert ready.project is not None
    nothing = Task(name="Rings", kind="detection", labels=("Ring",), exclusive=False)
    # Programs before this one made such snapshots.
    monkeypatch.setattr("viewer.project.snapshots.snapshot.assure_shown", lambda *_: None)
    newest = make_snapshot(ready.project, nothing, split=(0.6, 0.2, 0.2))
    dialog = dialog_of(qtbot, ready)
    dialog.fields.snapshot.setCurrentIndex(dialog.fields.snapshot.findData(newest.id))

    qtbot.waitUntil(lambda: bool(dialog.problem.text()))

    assert dialog.problem.text() == "No training image holds a box of Ring: there is nothing to learn."
    assert not dialog.start.isEnabled()


def test_what_is_doubtful_is_said_and_can_be_started(
    qtbot: QtBot, ready: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "has_torch", lambda: True)
    assert ready.project is not None
    squares = Task(name="Squares", kind="detection", labels=("Square", "Ring"), exclusive=False)
    newest = make_snapshot(ready.project, squares, split=(1, 0, 0))
    dialog = dialog_of(qtbot, ready)
    dialog.fields.snapshot.setCurrentIndex(dialog.fields.snapshot.findData(newest.id))

    qtbot.waitUntil(lambda: bool(dialog.doubts.text()))

    assert "No training image shows Ring: it has no weight in the loss" in dialog.doubts.text()
    assert "There is no validation part" in dialog.doubts.text()
    assert dialog.start.isEnabled()


def test_an_estimate_holds_for_the_size_that_is_set() -> None:
    recipe = default_recipe(task="t", kind="detection", labels=("a",), model="center_point", batch_size=4, input_px=128)
    run = RunState(
        run_id="20260101-0000-t-abcd", folder=Path("x"), task="t", model="center_point", state=RunStatus.FINISHED,
        images_per_s=10.0, device="cpu", recipe=recipe.to_json(),
    )  # fmt: skip

    assert "about 30 s an epoch of 300 images" in measured_words([run], recipe, 300)
    assert measured_words([run], recipe, 5) == (
        "Measured in run abcd at this size: 10.0 images a second, under a second an epoch of 5 images."
    )
    slow = replace(run, images_per_s=0.02)
    assert "1.2 images a minute, about 25 min an epoch of 30 images" in measured_words([slow], recipe, 30)
    for other in ("input_px=256", "input_cols_px=64", "batch_size=8", "device=cuda"):
        words = measured_words([run], recipe.with_settings([other]), 300)
        assert "not known for these settings" in words and "128 px, 4 images a step" in words


def starts(dialog: TrainDialog) -> list[str]:
    box = dialog.fields.start_from
    return [box.itemData(place) for place in range(box.count())]


def test_only_models_of_the_same_network_are_offered_as_a_start(qtbot: QtBot, ready: Desk) -> None:
    """The three models that ship are of a network each; what is left out is said in one line."""
    dialog = dialog_of(qtbot, ready, "classification")
    qtbot.waitUntil(lambda: len(dialog.choices) == 3)
    (simple,) = (choice for choice in dialog.choices if choice.model == "simple_cnn")
    assert dialog.recipe().model == "resnet18"
    assert starts(dialog) == ["scratch"]
    assert dialog.fields.start_note.isVisible()
    said = dialog.fields.start_note.text()
    assert said == "3 models are not offered: they are other networks than ResNet-18."

    dialog.fields.model.setCurrentIndex(dialog.fields.model.findData("simple_cnn"))

    assert starts(dialog) == ["scratch", simple.name]
    words = dialog.fields.start_from.itemText(1)
    assert words.startswith(f"{simple.title} · SimpleCNN") and simple.metric in words, "its network and its figure"
    assert dialog.fields.start_note.text().startswith("2 models are not offered: they are other networks than Simple")
    assert left_out_words(0, "U-Net") == ""
    assert left_out_words(1, "U-Net") == "1 model is not offered: it is another network than U-Net."


def test_a_chosen_start_stays_while_it_fits(qtbot: QtBot, ready: Desk, tmp_path: Path) -> None:
    dialog = dialog_of(qtbot, ready, "classification")
    qtbot.waitUntil(lambda: len(dialog.choices) == 3)
    model, start = dialog.fields.model, dialog.fields.start_from
    model.setCurrentIndex(model.findData("simple_cnn"))
    start.setCurrentIndex(1)
    bundled = dialog.recipe().init
    assert bundled != "scratch"

    model.setCurrentIndex(model.findData("resnet34"))
    assert dialog.recipe().init == "scratch"
    (tmp_path / "w.safetensors").write_bytes(b"")
    dialog.fields.add_weights(str(tmp_path / "w.safetensors"))
    model.setCurrentIndex(model.findData("resnet50"))
    assert dialog.recipe().init == str(tmp_path / "w.safetensors"), "nobody knows what a file fits before it is read"
