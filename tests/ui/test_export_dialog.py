"""The export's dialog: the options of each format are its fields, and what is lost is counted anew for each wish."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from tests.waiting import handled, is_shut
from viewer.core.registry import load
from viewer.core.shapes.annotations import CaseStatus
from viewer.exchange import EXPORTERS, IMPORTERS
from viewer.exchange.exporter import READINGS, options_of
from viewer.exchange.plan import options_of as options_of_import
from viewer.project.edit_builders import remove_label, set_status
from viewer.ui.dialogs.exchange import ExportDialog
from viewer.ui.dialogs.import_fields import OptionFields
from viewer.ui.flows.desk import Desk


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def dialog(session: Desk, parent: QWidget, complete_all: Callable[[], None]) -> ExportDialog:
    """Of a project whose cases are complete, but for the first one."""
    complete_all()
    assert session.project is not None
    first = session.project.cases.all()[0]
    session.do(set_status(first, CaseStatus.TO_DO))
    session.edits.wait()
    made = ExportDialog(session, parent)
    made.show()
    return made


def choose(dialog: ExportDialog, name: str) -> None:
    dialog.format.setCurrentIndex(dialog.format.findData(name))


def test_the_fields_are_the_options_of_the_format(dialog: ExportDialog) -> None:
    for name in EXPORTERS:
        choose(dialog, name)

        options = options_of(load(EXPORTERS, name))
        assert set(dialog.options.given()) == {option.name for option in options}
        for option in options:
            few = option.choices or option.name == READINGS  # whose rules are few words, and the project's readers
            kind = QCheckBox if option.flag else QComboBox if few else QLineEdit
            field = dialog.options.field(option.name)
            assert isinstance(field, kind)
            assert not isinstance(field, QLineEdit) or field.placeholderText() == option.hint != ""


def test_what_is_taken_of_several_readings_is_chosen_and_not_typed(dialog: ExportDialog) -> None:
    field = dialog.options.field(READINGS)
    assert isinstance(field, QComboBox)
    assert [field.itemText(place) for place in range(field.count())] == [
        "the reading that is open", "agreed", "majority", "union", "shared", "each",
    ]  # fmt: skip

    field.setCurrentIndex(2)
    assert dialog.options.given()[READINGS] == ["majority"]


def test_a_line_says_of_each_option_what_it_does(dialog: ExportDialog) -> None:
    for name in EXPORTERS:
        choose(dialog, name)
        handled()
        said = [label.text() for label in dialog.options.findChildren(QLabel) if label.isVisibleTo(dialog)]
        for option in options_of(load(EXPORTERS, name)):
            assert option.note.startswith(f"{option.title}: ") and option.note.endswith(".")
            assert option.note in said, (name, option.title)


def test_every_choice_of_every_format_says_what_holds_where_none_is_made() -> None:
    for options in (
        *(options_of(load(EXPORTERS, name)) for name in EXPORTERS),
        *(options_of_import(load(IMPORTERS, name)) for name in IMPORTERS),
    ):
        for option in options:
            assert bool(option.unsaid) == bool(option.choices), option.name


def test_what_was_chosen_is_written_and_stays_chosen_for_another_format(
    qtbot: QtBot, session: Desk, dialog: ExportDialog, tmp_path: Path
) -> None:
    choose(dialog, "csv")
    box = dialog.options.field("only-complete")
    assert isinstance(box, QCheckBox)
    box.click()
    choose(dialog, "coco")
    QTest.keyClicks(dialog.path, str(tmp_path / "out.json"))
    qtbot.waitUntil(dialog.start.isEnabled)
    with qtbot.waitSignal(session.announced):
        QTest.mouseClick(dialog.start, Qt.MouseButton.LeftButton)

    document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert len(document["images"]) == 7
    assert {one["case_status"] for one in document["images"]} == {"complete"}


def test_what_is_lost_is_counted_anew_for_each_wish(qtbot: QtBot, dialog: ExportDialog, tmp_path: Path) -> None:
    choose(dialog, "coco")
    QTest.keyClicks(dialog.path, str(tmp_path / "out.json"))
    qtbot.waitUntil(lambda: dialog.start.isEnabled() and "16 whole-image labels" in dialog.words.text())

    box = dialog.options.field("only-complete")
    assert isinstance(box, QCheckBox)
    box.click()

    assert not dialog.start.isEnabled()
    qtbot.waitUntil(lambda: "14 whole-image labels" in dialog.words.text())


def test_a_wish_that_cannot_be_met_is_said_as_the_fields_call_it(
    qtbot: QtBot, dialog: ExportDialog, tmp_path: Path
) -> None:
    choose(dialog, "coco")
    files = dialog.options.field("files")
    assert isinstance(files, QComboBox)
    files.setCurrentIndex(files.findData("per-part"))
    qtbot.waitUntil(lambda: bool(dialog.problem.text()))
    assert "Parts of the snapshot" in dialog.problem.text() and "--" not in dialog.problem.text()

    QTest.keyClicks(dialog.options.field("split"), "feed")
    qtbot.waitUntil(lambda: "no snapshot" in dialog.problem.text())
    QTest.keyClicks(dialog.path, str(tmp_path / "out.json"))
    assert "no snapshot" in dialog.problem.text() and not dialog.start.isEnabled()

    files.setCurrentIndex(0)
    dialog.options.field("split").clear()  # type: ignore[union-attr]
    qtbot.waitUntil(dialog.start.isEnabled)
    assert dialog.problem.text() == ""


def test_counting_ends_with_the_dialog_and_with_a_wish_that_is_past(
    qtbot: QtBot, session: Desk, dialog: ExportDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    from viewer.project.lists import taken_readings

    qtbot.waitUntil(lambda: not session.worker.is_busy)
    real, held, ends = taken_readings.readings_in_batches, threading.Event(), []

    def slow(*args: object) -> object:
        try:
            for one in real(*args):  # type: ignore[arg-type]
                held.wait(10)
                yield one
        finally:
            ends.append(len(ends))

    monkeypatch.setattr(taken_readings, "readings_in_batches", slow)
    choose(dialog, "csv")
    choose(dialog, "masks")
    dialog.reject()
    held.set()

    qtbot.waitUntil(lambda: not session.worker.is_busy)
    assert len(ends) == 1 and is_shut(dialog)


@pytest.mark.parametrize("name", list(EXPORTERS))
def test_a_tip_speaks_as_the_window_does(qtbot: QtBot, name: str) -> None:
    fields = OptionFields(options_of(load(EXPORTERS, name)))
    qtbot.addWidget(fields)

    tips = [one.toolTip() for one in (*fields.findChildren(QLabel), *fields.findChildren(QWidget))]
    assert any(tips)
    for tip in tips:
        assert not [word for word in ("may be repeated", "`", "--", "command") if word in tip], tip


def test_where_only_whole_images_have_labels_the_format_that_holds_them_is_proposed(
    session: Desk, parent: QWidget
) -> None:
    assert session.project is not None
    for label in [one for one in session.labels if one.scope == "region"]:
        session.do(remove_label(label))
        session.edits.wait()

    made = ExportDialog(session, parent)
    made.show()
    assert made.format_name() == "csv"
    made.reject()
