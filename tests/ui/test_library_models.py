"""A model of a library in the training dialog: found by a part of its name, chosen, trained as any other."""

import shlex
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ml import library_facts
from tests.ui.kept_library import keep_library_answers
from tests.waiting import is_shut
from viewer.project.records import Task
from viewer.project.snapshots.snapshot import make_snapshot
from viewer.ui.dialogs.last_used import keep_last
from viewer.ui.dialogs.library_models import LibraryModelsDialog
from viewer.ui.dialogs.train import LAST_WORDS, TrainDialog
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.run_words import model_title


@pytest.fixture(autouse=True)
def _asked_already(home: Path) -> None:
    keep_library_answers()


@pytest.fixture
def ready(session: Desk, complete_all: Callable[[], None]) -> Desk:
    complete_all()
    assert session.project is not None
    make_snapshot(session.project, Task(name="Light", kind="classification", labels=("Bright", "Dark")), folds=3)
    squares = Task(name="Squares", kind="detection", labels=("Square",), exclusive=False)
    make_snapshot(session.project, squares, split=(0.6, 0.2, 0.2))
    return session


def dialog_of(qtbot: QtBot, session: Desk, kind: str = "classification") -> TrainDialog:
    dialog = TrainDialog(session, kind=kind)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: bool(dialog.command.toPlainText()))
    return dialog


def search_of(qtbot: QtBot, dialog: TrainDialog) -> LibraryModelsDialog:
    qtbot.mouseClick(dialog.fields.library, Qt.MouseButton.LeftButton)
    found = dialog.findChildren(LibraryModelsDialog)[-1]
    qtbot.waitUntil(lambda: found.table.topLevelItemCount() > 0)
    assert " models found" in found.said.text() and ". It starts" not in found.said.text(), "of many, one is chosen"
    return found


def shown(search: LibraryModelsDialog) -> list[str]:
    rows = [search.table.topLevelItem(place) for place in range(search.table.topLevelItemCount())]
    return [row.text(0) for row in rows if row is not None]


def test_a_part_of_its_name_finds_a_model_and_return_takes_it_into_the_run(qtbot: QtBot, ready: Desk) -> None:
    dialog = dialog_of(qtbot, ready)
    search = search_of(qtbot, dialog)
    assert len(shown(search)) == 4

    qtbot.keyClicks(search.words, "resn test")
    assert shown(search) == ["timm:test_resnet", "timm:test_resnet.r160_in1k"]
    qtbot.keyClick(search.words, Qt.Key.Key_Down)
    assert search.table.currentItem().text(0) == "timm:test_resnet.r160_in1k"  # type: ignore[union-attr]
    qtbot.keyClick(search.words, Qt.Key.Key_Up)
    qtbot.keyClick(search.words, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.fields.model.currentData() == "timm:test_resnet")

    assert is_shut(search)
    assert dialog.recipe().model == "timm:test_resnet"
    words = shlex.split(dialog.command.command)
    assert words[words.index("--model") + 1] == "timm:test_resnet"
    note = dialog.fields.model_note.text()
    assert "input 160 px" in note and f"timm {metadata.version('timm')}" in note and "no heatmaps" not in note
    assert dialog.fields.input_px.value() == 160


def test_a_model_that_does_not_fit_is_refused_where_it_was_chosen(qtbot: QtBot, ready: Desk) -> None:
    dialog = dialog_of(qtbot, ready)
    before = dialog.recipe().model
    search = search_of(qtbot, dialog)
    qtbot.keyClicks(search.words, "odd")

    qtbot.mouseClick(search.choose, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(search.problem.text()))

    assert search.problem.text().startswith("timm:odd_net cannot be used here: it takes 5 channels")
    assert search.isVisible() and search.choose.isEnabled()
    assert dialog.recipe().model == before
    search.reject()


def test_the_model_of_a_library_of_last_time_comes_back_with_its_values(qtbot: QtBot, ready: Desk) -> None:
    assert ready.project is not None
    keep_last(ready.settings, ready.project, "run/classification/Light", {"model": "timm:test_resnet", "epochs": 3})

    dialog = dialog_of(qtbot, ready)
    qtbot.waitUntil(lambda: dialog.fields.model.currentData() == "timm:test_resnet")

    assert dialog.recipe().epochs == 3
    assert dialog.fields.last_note.text() == LAST_WORDS


def test_one_of_last_time_that_the_library_has_no_more_is_said(qtbot: QtBot, ready: Desk) -> None:
    assert ready.project is not None
    keep_last(ready.settings, ready.project, "run/classification/Light", {"model": "timm:gone_net", "epochs": 3})

    dialog = dialog_of(qtbot, ready)
    qtbot.waitUntil(lambda: "'timm:gone_net', is not offered here" in dialog.fields.last_note.text())

    assert dialog.recipe().model == "resnet18"


def test_only_a_task_that_its_models_do_offers_the_library(qtbot: QtBot, ready: Desk) -> None:
    assert dialog_of(qtbot, ready).fields.library.isEnabled()
    assert not dialog_of(qtbot, ready, "detection").fields.library.isEnabled()


def test_a_run_s_title_asks_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library_facts, "ask", None)

    assert model_title("timm:never_asked") == "timm never_asked"
