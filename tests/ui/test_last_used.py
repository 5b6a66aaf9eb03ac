"""The dialogs of data sets and training come as they were last used in this project, and no value slips in unsaid."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ml.catalogue import default_spec, specs
from tests.ui.test_dataset_dialog import dialog_of as dataset_dialog_of
from tests.ui.test_dataset_dialog import settle
from tests.ui.test_train_dialog import dialog_of, ready  # noqa: F401
from viewer.jobs.runs import list_runs
from viewer.project.project import Project
from viewer.project.snapshots.snapshot import Snapshot
from viewer.ui.dialogs import train
from viewer.ui.dialogs.dataset import NAME_WORDS, DatasetDialog
from viewer.ui.dialogs.last_used import Range, keep_last, read_last
from viewer.ui.dialogs.train import LAST_WORDS, TrainDialog
from viewer.ui.dialogs.train_fields import ALL_FOLDS
from viewer.ui.flows.desk import Desk
from viewer.ui.state.settings import Settings


@pytest.fixture
def able(ready: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:  # noqa: F811
    """A session with a snapshot of each kind, in which a run can be queued and none starts."""
    monkeypatch.setattr("viewer.jobs.queue.start_next", lambda folder: None)
    monkeypatch.setattr(train, "has_torch", lambda: True)
    return ready


def typed(qtbot: QtBot, field: object, text: str) -> None:
    field.setFocus()  # type: ignore[attr-defined]
    field.selectAll()  # type: ignore[attr-defined]
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Tab)


def started(qtbot: QtBot, dialog: TrainDialog) -> None:
    qtbot.waitUntil(dialog.start.isEnabled)
    with qtbot.waitSignal(dialog.accepted):
        qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)


def kept(session: Desk, what: str, **values: object) -> None:
    assert session.project is not None
    keep_last(session.settings, session.project, what, values)


def other_model(kind: str) -> str:
    return next(spec.name for spec in specs(kind) if spec.name != default_spec(kind).name)


def test_the_next_run_of_a_kind_comes_as_the_last_was_started(qtbot: QtBot, able: Desk) -> None:
    dialog = dialog_of(qtbot, able)
    dialog.fields.model.setCurrentIndex(dialog.fields.model.findData(other_model("detection")))
    typed(qtbot, dialog.fields.epochs, "3")
    typed(qtbot, dialog.fields.batch, "2")
    typed(qtbot, dialog.fields.rate, "0.00037")
    typed(qtbot, dialog.fields.seed, "77")
    typed(qtbot, dialog.fields.input_px, "96")
    dialog.fields.device.setCurrentIndex(dialog.fields.device.findData("cpu"))
    dialog.fields.keep.setFocus()
    qtbot.keyClick(dialog.fields.keep, Qt.Key.Key_Space)
    wanted = dialog.recipe()
    started(qtbot, dialog)

    again = dialog_of(qtbot, able)

    assert again.recipe() == wanted
    assert (wanted.epochs, wanted.batch_size, wanted.learning_rate, wanted.seed) == (3, 2, 0.00037, 77)
    assert (wanted.input_px, wanted.device, wanted.keep_every_epoch) == (96, "cpu", True)
    assert again.fields.last_note.text() == LAST_WORDS and again.fields.last_note.isVisible()
    assert dialog_of(qtbot, able, "classification").recipe().epochs != 3, "each kind for itself"


def test_after_a_run_of_plain_defaults_nothing_is_said_to_be_refused(qtbot: QtBot, able: Desk) -> None:
    dialog = dialog_of(qtbot, able)
    plain = dialog.recipe()
    started(qtbot, dialog)

    again = dialog_of(qtbot, able)

    assert again.recipe() == plain and again.fields.last_note.text() == LAST_WORDS


def test_a_run_that_was_not_started_changes_nothing(qtbot: QtBot, able: Desk) -> None:
    dialog = dialog_of(qtbot, able)
    plain = dialog.recipe()
    typed(qtbot, dialog.fields.epochs, "3")
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)

    again = dialog_of(qtbot, able)

    assert again.recipe() == plain
    assert not again.fields.last_note.isVisible() and not again.fields.defaults.isVisible()


def test_the_defaults_come_back_by_one_button_and_with_another_model(qtbot: QtBot, able: Desk) -> None:
    plain = dialog_of(qtbot, able).recipe()
    first = default_spec("detection").name
    kept(able, "run/detection/Squares", model=first, epochs=3, batch_size=2, device="cpu", keep_every_epoch=True)
    dialog = dialog_of(qtbot, able)
    assert (dialog.recipe().epochs, dialog.recipe().device) == (3, "cpu")

    qtbot.mouseClick(dialog.fields.defaults, Qt.MouseButton.LeftButton)

    assert dialog.recipe() == plain and not dialog.fields.last_note.isVisible()
    dialog = dialog_of(qtbot, able)
    dialog.fields.model.setCurrentIndex(dialog.fields.model.findData(other_model("detection")))
    assert dialog.recipe().epochs != 3 and not dialog.fields.last_note.isVisible()
    dialog.fields.model.setCurrentIndex(dialog.fields.model.findData(first))
    assert dialog.recipe().epochs == 3 and dialog.fields.last_note.isVisible()


def test_a_value_that_no_longer_fits_is_said_and_not_taken(qtbot: QtBot, able: Desk) -> None:
    plain = dialog_of(qtbot, able).recipe()
    model = default_spec("detection").name
    for name, value, said in (
        ("epochs", 0, "The number of epochs of last time, 0, does not lie between 1 and 1,000,000: the default"),
        ("epochs", "9", "The number of epochs of last time, '9', does not lie between 1 and 1,000,000: the default"),
        ("batch_size", 70_000, "The batch size of last time, 70000, does not lie between 1 and 65,536"),
        ("batch_size", True, "The batch size of last time, True, does not lie between"),
        ("learning_rate", "fast", "The learning rate of last time, 'fast', does not lie between 0 and 1e+30"),
        ("input_px", 4, "The input size in pixels of last time, 4, does not lie between 8 and 8,192"),
        ("seed", 2**40, "The seed of last time, 1099511627776, does not lie between 0 and 2,147,483,647"),
        ("device", "abacus", "The device of last time, 'abacus', is not offered here: the default stands."),
        ("keep_every_epoch", 1, "The choice of weights to keep of last time, 1, is not offered here"),
        ("model", "no_such_net", "The model of last time, 'no_such_net', is not offered here: the default stands."),
        ("model", 5, "The model of last time, 5, is not offered here"),
    ):  # fmt: skip
        kept(able, "run/detection/Squares", **{"model": model, name: value})

        dialog = dialog_of(qtbot, able)

        assert dialog.recipe() == plain, said
        assert said in dialog.fields.last_note.text() and dialog.fields.last_note.isVisible(), said
        dialog.close()


def test_folds_are_taken_over_where_the_snapshot_has_them(qtbot: QtBot, able: Desk) -> None:
    model = default_spec("classification").name
    for fold, there in ((2, True), (ALL_FOLDS, True), (7, False)):
        kept(able, "run/classification/Light", model=model, fold=fold)
        dialog = dialog_of(qtbot, able, "classification")
        assert dialog.fields.fold_choice == (fold if there else 0)
        assert ("The fold of last time, 7, is not offered" in dialog.fields.last_note.text()) is not there

    kept(
        able, "run/detection/Squares", model=default_spec("detection").name, fold=2
    )  # a plain split has nothing to choose
    assert dialog_of(qtbot, able).fields.last_note.text() == LAST_WORDS


def test_settings_that_hold_no_such_thing_leave_the_defaults(qtbot: QtBot, able: Desk) -> None:
    plain = dialog_of(qtbot, able).recipe()
    assert able.project is not None
    for text in ("", "no json", "[1]", '"a"', "{", "null", json.dumps({"epochs": 10**400})):
        able.settings.set_word(f"last-used/{able.project.project_id}/run/detection/Squares", text)

        dialog = dialog_of(qtbot, able)
        assert dialog.recipe() == plain, text
        dialog.close()


def test_two_projects_of_one_name_remember_apart(tmp_path: Path, home: Path) -> None:
    settings = Settings(home / "settings.ini")
    ranges = {"epochs": Range(words="number of epochs", low=1, high=9)}
    with Project.create(tmp_path / "a" / "p") as one, Project.create(tmp_path / "b" / "p") as other:
        keep_last(settings, one, "run/x", {"epochs": 4})

        assert read_last(settings, one, "run/x", numbers=ranges, texts={}).values == {"epochs": 4}
        assert read_last(Settings(home / "settings.ini"), one, "run/x", numbers=ranges, texts={}).values == {
            "epochs": 4
        }
        assert read_last(settings, other, "run/x", numbers=ranges, texts={}).values == {}


# The split


@pytest.fixture
def complete(session: Desk, complete_all: Callable[[], None]) -> Iterator[Desk]:
    complete_all()
    yield session


def made(qtbot: QtBot, dialog: DatasetDialog) -> None:
    settle(qtbot, dialog)
    with qtbot.waitSignal(dialog.snapshot_made):
        qtbot.mouseClick(dialog.make, Qt.MouseButton.LeftButton)
    assert dialog.snapshot is not None
    task = dialog.snapshot.task  # the next dialog offers it as soon as it is read
    qtbot.waitUntil(lambda: task in dialog._session.at_hand.tasks.all())


def test_the_next_snapshot_is_divided_as_the_last_was(qtbot: QtBot, complete: Desk) -> None:
    dialog = dataset_dialog_of(qtbot, complete)
    dialog.name.setEditText("Zeta")
    for spin, text in zip(dialog.split.shares, ("50", "20", "30"), strict=True):
        typed(qtbot, spin, text)
    typed(qtbot, dialog.split.seed, "41")
    made(qtbot, dialog)
    dialog = dataset_dialog_of(qtbot, complete)  # another task, which comes first by its name
    dialog.name.setEditText("Alpha")
    made(qtbot, dialog)
    dialog = dataset_dialog_of(qtbot, complete)
    assert dialog.name.currentText() == "Alpha"
    dialog.name.setCurrentIndex(dialog.name.findText("Zeta"))
    typed(qtbot, dialog.split.seed, "42")
    made(qtbot, dialog)

    again = dataset_dialog_of(qtbot, complete)

    assert again.name.currentText() == "Zeta" and again.kind == "classification"
    assert again.split.options() == {"split": (0.5, 0.2, 0.3), "seed": 42}
    assert not again.split.refused.isVisible()


def test_folds_and_a_file_are_remembered_too(qtbot: QtBot, complete: Desk, tmp_path: Path) -> None:
    dialog = dataset_dialog_of(qtbot, complete)
    dialog.split.method.setCurrentIndex(1)
    typed(qtbot, dialog.split.folds, "3")
    made(qtbot, dialog)

    assert dataset_dialog_of(qtbot, complete).split.options() == {"folds": 3, "seed": 1}

    kept(complete, "split", method="file", file=str(tmp_path / "gone.csv"), column="part")
    again = dataset_dialog_of(qtbot, complete)
    qtbot.waitUntil(again.leaks.refusal.isVisible)
    qtbot.waitUntil(lambda: "gone.csv is not there" in again.leaks.refusal_words.text())
    assert not again.make.isEnabled()


def test_a_split_that_no_longer_fits_is_said_and_not_taken(qtbot: QtBot, complete: Desk) -> None:
    for name, value, said in (
        ("train", 99, "The share of training of last time, 99, does not lie between 1 and 98: the default stands."),
        ("test", -1, "The share of test of last time, -1, does not lie between 0 and 60"),
        ("val", 0.5, "The share of validation of last time, 0.5, does not lie between 0 and 60"),
        ("folds", 1, "The number of folds of last time, 1, does not lie between 2 and 50"),
        ("seed", 10**7, "The seed of last time, 10000000, does not lie between 0 and 999,999"),
        ("method", "dice", "The way to split of last time, 'dice', is not offered here: the default stands."),
    ):  # fmt: skip
        kept(complete, "split", **{"method": "ratio", name: value})

        dialog = dataset_dialog_of(qtbot, complete)

        assert dialog.split.options() == {"split": (0.7, 0.15, 0.15), "seed": 1}, said
        assert dialog.split.refused.isVisible() and said in dialog.split.refused.text(), said
        settle(qtbot, dialog)
        dialog.close()


def test_it_says_what_the_name_is_for_and_what_the_id_is_made_of(qtbot: QtBot, complete: Desk) -> None:
    dialog = dataset_dialog_of(qtbot, complete)
    words = [label.text() for label in dialog.findChildren(QLabel) if label.isVisible()]

    assert NAME_WORDS in words and "Task name" in words
    assert "made of its content" in NAME_WORDS and not any("hash" in word and "name" in word for word in words)

    made(qtbot, dialog)
    assert complete.project is not None
    first = Snapshot.load(complete.project.folder)
    dialog = dataset_dialog_of(qtbot, complete)
    made(qtbot, dialog)
    assert Snapshot.load(complete.project.folder).id == first.id, "the same content is the same snapshot"
    assert list_runs(complete.project.folder) == []
