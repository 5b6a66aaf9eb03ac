"""Import and export from the window: formats by their registry, one undoable edit, losses said first."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from viewer.core.annotations import CaseStatus
from viewer.core.labels import Verdict
from viewer.ui.dialogs.exchange import ExportDialog, ImportDialog, columns_of
from viewer.ui.session import Session


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


def table(folder: Path) -> Path:
    path = folder / "labels.csv"
    path.write_text("path,person,grade\nfilm_0.png,007,Bright\nfilm_1.png,008,Dark\n", encoding="utf-8")
    return path


def test_a_table_imports_with_its_columns_named_and_one_undo_takes_it_back(
    qtbot: QtBot, session: Session, parent: QWidget, tmp_path: Path
) -> None:
    dialog = ImportDialog(session, parent)
    dialog.show()
    QTest.keyClicks(dialog.path, str(table(tmp_path / "films")))
    assert dialog.words.text() == "Columns in this file: path, person, grade"
    QTest.keyClicks(dialog.columns, "image=path,patient=person,label=grade")
    dialog.complete.setChecked(True)
    with qtbot.waitSignal(session.announced) as said:
        QTest.keyClick(dialog, Qt.Key.Key_Return)

    project = session.project
    assert project is not None
    assert said.args[1].startswith("Imported 2 images (0 new), 0 annotations")
    first = project.images.find(path=(tmp_path / "films" / "film_0.png").resolve())
    record = first[0] if isinstance(first, list | tuple) else first
    assert record is not None
    assert project.work.image_labels(record.image_id)["Bright"] is Verdict.YES
    assert project.cases.progress()[CaseStatus.COMPLETE] == 2

    session.undo()
    session.edits.wait()
    assert project.cases.progress()[CaseStatus.COMPLETE] == 0
    assert project.work.image_labels(record.image_id) == {}


def test_a_column_that_is_not_there_is_refused_in_the_dialog(
    qtbot: QtBot, session: Session, parent: QWidget, tmp_path: Path
) -> None:
    dialog = ImportDialog(session, parent)
    dialog.show()
    QTest.keyClicks(dialog.path, str(table(tmp_path / "films")))
    QTest.keyClicks(dialog.columns, "picture=path")
    QTest.mouseClick(dialog.start, Qt.MouseButton.LeftButton)

    assert "does not understand 'picture=path'" in dialog.problem.text()
    assert dialog.isVisible()
    dialog.reject()


def test_a_json_file_is_taken_for_coco(qtbot: QtBot, session: Session, parent: QWidget, tmp_path: Path) -> None:
    dialog = ImportDialog(session, parent)
    dialog.path.setText(str(tmp_path / "boxes.json"))

    assert dialog.format_name() == "coco"


def test_export_says_what_is_left_out_and_writes_the_file(
    qtbot: QtBot, session: Session, parent: QWidget, complete_all: object, tmp_path: Path
) -> None:
    complete_all()  # type: ignore[operator]
    dialog = ExportDialog(session, parent)
    dialog.show()
    dialog.format.setCurrentIndex(dialog.format.findData("coco"))
    target = tmp_path / "out.json"
    QTest.keyClicks(dialog.path, str(target))
    assert dialog.words.text().startswith("Left out:")  # COCO holds no whole-image labels
    with qtbot.waitSignal(session.announced):
        QTest.mouseClick(dialog.start, Qt.MouseButton.LeftButton)

    assert len(json.loads(target.read_text())["annotations"]) == 8


def test_the_columns_of_what_is_no_table_are_none(tmp_path: Path) -> None:
    assert columns_of(tmp_path / "absent.csv") == []
    assert columns_of(tmp_path) == []
