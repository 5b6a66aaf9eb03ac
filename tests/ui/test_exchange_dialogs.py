"""Import and export from the window: formats by their registry, one undoable edit, losses said first."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.waiting import handled, is_shut
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus
from viewer.ui.dialogs.exchange import ExportDialog
from viewer.ui.dialogs.import_fields import columns_of
from viewer.ui.dialogs.importing import ImportDialog
from viewer.ui.flows.desk import Desk
from viewer.ui.look.apply_theme import apply_theme
from viewer.ui.look.theme import Theme


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def large_text(session: Desk, qapp: QApplication, tmp_path: Path) -> Iterator[None]:
    """Text of 150 %, as long as the test."""
    font, palette, sheet = qapp.font(), qapp.palette(), qapp.styleSheet()
    session.set_theme(Theme(font_scale=1.5))
    apply_theme(session.theme, tmp_path)
    yield
    qapp.setFont(font)
    qapp.setPalette(palette)
    qapp.setStyleSheet(sheet)


def table(folder: Path) -> Path:
    path = folder / "labels.csv"
    path.write_text("path,person,grade\nfilm_0.png,007,Bright\nfilm_1.png,008,Dark\n", encoding="utf-8")
    return path


def plan_shown(qtbot: QtBot, dialog: ImportDialog) -> list[tuple[str, ...]]:
    """Press Preview and wait for the plan; its rows."""
    QTest.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    return plan_rows(qtbot, dialog)


def plan_rows(qtbot: QtBot, dialog: ImportDialog) -> list[tuple[str, ...]]:
    """Wait for the plan; its rows, what settles one with the words of its link."""
    qtbot.waitUntil(lambda: dialog.start.text() == "Import" or bool(dialog.problem.text()))
    rows = [dialog.table.topLevelItem(row) for row in range(dialog.table.topLevelItemCount())]
    links = [dialog.table.itemWidget(row, 3) for row in rows if row is not None]
    settled = [link.text() if isinstance(link, QPushButton) else "" for link in links]
    found = zip(filter(None, rows), settled, strict=True)
    return [(*(row.text(column) for column in range(3)), row.text(3) + link) for row, link in found]


def test_a_table_imports_with_its_columns_named_and_one_undo_takes_it_back(
    qtbot: QtBot, session: Desk, parent: QWidget, tmp_path: Path
) -> None:
    dialog = ImportDialog(session, parent)
    dialog.show()
    QTest.keyClicks(dialog.path, str(table(tmp_path / "films")))
    assert dialog.words.text() == "Columns in this file: path, person, grade"
    QTest.keyClicks(dialog.options.field("map"), "image=path,patient=person,label=grade")
    dialog.complete.setChecked(True)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.start.text() == "Import")
    project = session.project
    assert project is not None
    assert project.cases.progress()[CaseStatus.COMPLETE] == 0  # nothing is written before it was seen
    assert "Read 2 records: to take 2 images (0 new)" in dialog.words.text()
    with qtbot.waitSignal(session.announced) as said:
        QTest.keyClick(dialog, Qt.Key.Key_Return)

    assert said.args[1].startswith("Imported 2 images (0 new), 0 annotations")
    first = project.images.find(path=(tmp_path / "films" / "film_0.png").resolve())
    record = first[0] if isinstance(first, list | tuple) else first
    assert record is not None
    assert project.work.image_labels(record.image_id)["Bright"] is Verdict.YES

    session.undo()
    session.edits.wait()
    assert project.cases.progress()[CaseStatus.COMPLETE] == 0
    assert project.work.image_labels(record.image_id) == {}


def test_the_plan_shows_what_is_left_out_and_why_before_anything_is_written(
    qtbot: QtBot, session: Desk, parent: QWidget, tmp_path: Path
) -> None:
    path = tmp_path / "films" / "t.csv"
    path.write_text("path,Edema\nfilm_0.png,1.0\nfilm_1.png,0.0\nfilm_2.png,-1.0\nfilm_3.png,-1.0\ngone.png,1.0\n")
    assert session.project is not None
    before = session.project.history.undo_text
    dialog = ImportDialog(session, parent)
    dialog.show()
    QTest.keyClicks(dialog.path, str(path))
    QTest.keyClicks(dialog.options.field("map"), "image=path,label=Edema")

    rows = plan_shown(qtbot, dialog)

    assert rows == [
        ("taken", "1", "Edema: yes", ""),
        ("taken", "1", "Edema: no", ""),
        ("left out", "1", "the image is not there", "Folder of the pictures"),
        ("ambiguous", "2", "-1.0 in the column Edema", "Means uncertain: -1.0"),
    ]
    row = dialog.table.topLevelItem(3)
    assert row is not None and row.childCount() == 2
    child = row.child(0)
    assert child is not None and "line 4" in child.text(0)
    project = session.project
    assert project is not None and project.history.undo_text == before
    QTest.keyClicks(dialog.options.field("uncertain"), "-1")
    assert dialog.start.text() == "Preview" and not dialog.table.isVisible()  # another plan was asked for
    assert ("ambiguous", "2", "-1.0 in the column Edema", "Means uncertain: -1.0") not in plan_shown(qtbot, dialog)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert is_shut(dialog)
    assert project.history.undo_text == before and project.work.image_labels(project.images.all()[0].image_id) == {}


def test_into_whose_readings_an_import_goes_is_said_before_and_after(
    qtbot: QtBot, session: Desk, parent: QWidget, tmp_path: Path
) -> None:
    path = tmp_path / "films" / "t.csv"
    path.write_text("path,reader,finding\nfilm_0.png,Ada,1\nfilm_0.png,Bob,0\n")
    dialog = ImportDialog(session, parent)
    dialog.show()
    QTest.keyClicks(dialog.path, str(path))
    plan_shown(qtbot, dialog)
    assert "2 whole-image labels into the readings of Ada, Bob; " in dialog.words.text()
    with qtbot.waitSignal(session.announced) as said:
        QTest.keyClick(dialog, Qt.Key.Key_Return)

    assert "2 whole-image labels into the readings of Ada, Bob; " in said.args[1]
    qtbot.waitUntil(lambda: session.readings.readers == ["Ada", "Bob"])


def test_an_import_of_which_nothing_is_left_out_closes_the_dialog(
    qtbot: QtBot, session: Desk, parent: QWidget, tmp_path: Path
) -> None:
    path = tmp_path / "films" / "t.csv"
    path.write_text("path,label\nfilm_0.png,Bright\n")
    dialog = ImportDialog(session, parent)
    dialog.show()
    QTest.keyClicks(dialog.path, str(path))
    fields = dialog.options_area.height()
    rows = plan_shown(qtbot, dialog)
    assert [row[0] for row in rows] == ["taken"]
    qtbot.waitUntil(lambda: dialog.options_area.height() == fields)  # they give way only where the screen is small

    with qtbot.waitSignal(session.announced) as said:
        QTest.mouseClick(dialog.start, Qt.MouseButton.LeftButton)

    assert said.args == [
        "info",
        "Imported 1 image (0 new), 0 annotations and 1 whole-image label; 0 more cases are complete.",
    ]
    assert is_shut(dialog)


def test_the_options_of_a_format_are_its_fields(qtbot: QtBot, session: Desk, parent: QWidget) -> None:
    from viewer.core.registry import load
    from viewer.exchange import IMPORTERS
    from viewer.exchange.plan import options_of

    dialog = ImportDialog(session, parent)
    for name in IMPORTERS:
        dialog.format.setCurrentIndex(dialog.format.findData(name))

        for option in options_of(load(IMPORTERS, name)):
            field = dialog.options.field(option.name)
            assert field.accessibleName() == option.title
            if isinstance(field, QComboBox):
                assert [field.itemData(row) for row in range(field.count())] == ["", *option.choices]


def test_no_option_of_the_command_line_is_named_in_the_dialog(qtbot: QtBot, session: Desk, parent: QWidget) -> None:
    dialog = ImportDialog(session, parent)
    said = {
        "--mask classes, --mask instances or --mask one, or --mask-threshold 90": "Values of a mask: classes, "
        "instances or one, or Mask threshold: 90",
        "--negative nan": "Means no: nan",
        "--images FOLDER": "Folder of the pictures",
        "two answers, settled by --on-conflict": 'two answers, settled by "Where it contradicts itself"',
        "1,234 may be a thousand (--decimal comma settles it)": "1,234 may be a thousand (Decimal sign: comma settles "
        "it)",
        "these were kept (--map label=COLUMN reads one as labels).": "these were kept (Columns: label=COLUMN reads one "
        "as labels).",
        "--mask-threshold makes one region; it does not go with --mask-value, classes": "Mask threshold",
        "a -- b, c--d, film--1.png": "a -- b, c--d, film--1.png",
    }
    for text, words in said.items():
        assert dialog.options.words_of(text).startswith(words), text
        assert "--mask" not in dialog.options.words_of(text)


@pytest.mark.usefixtures("large_text")
def test_a_plan_fits_on_a_small_screen_with_large_text(
    qtbot: QtBot, session: Desk, parent: QWidget, tmp_path: Path
) -> None:
    dialog = ImportDialog(session, parent)
    dialog.show()
    dialog.options.more.click()
    path = tmp_path / "films" / "t.csv"
    path.write_text("path,Edema\nfilm_0.png,1.0\ngone.png,1.0\n")
    QTest.keyClicks(dialog.path, str(path))
    plan_shown(qtbot, dialog)

    assert dialog.minimumSizeHint().height() <= 600  # of the 720 of the smallest screen, less bars and frames
    handled()
    high = dialog.height()
    dialog.options.field("negative").setText("gone")  # type: ignore[union-attr]  # another plan, of as many lines
    plan_shown(qtbot, dialog)
    handled()
    assert abs(dialog.height() - high) <= 4  # no higher with every look; a frame of the focus apart
    row = dialog.table.topLevelItem(0)
    header = dialog.table.headerItem()
    assert row is not None and header is not None
    for column in (0, 1):
        words = max(dialog.table.fontMetrics().horizontalAdvance(item.text(column)) for item in (row, header))
        assert dialog.table.columnWidth(column) > words
    dialog.reject()


def test_a_column_that_is_not_there_is_refused_in_the_dialog(
    qtbot: QtBot, session: Desk, parent: QWidget, tmp_path: Path
) -> None:
    dialog = ImportDialog(session, parent)
    dialog.show()
    QTest.keyClicks(dialog.path, str(table(tmp_path / "films")))
    QTest.keyClicks(dialog.options.field("map"), "picture=path")

    plan_shown(qtbot, dialog)

    assert "does not understand 'picture=path'" in dialog.problem.text()
    assert dialog.isVisible()
    dialog.reject()
    assert is_shut(dialog)


def test_a_json_file_is_taken_for_coco(qtbot: QtBot, session: Desk, parent: QWidget, tmp_path: Path) -> None:
    dialog = ImportDialog(session, parent)
    dialog.path.setText(str(tmp_path / "boxes.json"))

    assert dialog.format_name() == "coco"


def test_a_format_that_a_person_chose_is_not_guessed_over(session: Desk, parent: QWidget, tmp_path: Path) -> None:
    dialog = ImportDialog(session, parent)
    place = dialog.format.findData("csv")
    dialog.format.setCurrentIndex(place)
    dialog.format.activated.emit(place)  # as a hand does it, not the program

    dialog.path.setText(str(tmp_path / "boxes.json"))

    assert dialog.format_name() == "csv"


def test_export_says_what_is_left_out_and_writes_the_file(
    qtbot: QtBot, session: Desk, parent: QWidget, complete_all: object, tmp_path: Path
) -> None:
    complete_all()  # type: ignore[operator]
    dialog = ExportDialog(session, parent)
    dialog.show()
    dialog.format.setCurrentIndex(dialog.format.findData("coco"))
    target = tmp_path / "out.json"
    QTest.keyClicks(dialog.path, str(target))
    qtbot.waitUntil(lambda: dialog.words.text().startswith("Left out:"))  # COCO holds no whole-image labels
    with qtbot.waitSignal(session.announced):
        QTest.mouseClick(dialog.start, Qt.MouseButton.LeftButton)

    assert len(json.loads(target.read_text())["annotations"]) == 8


def test_the_columns_of_what_is_no_table_are_none(tmp_path: Path) -> None:
    assert columns_of(tmp_path / "absent.csv") == []
    assert columns_of(tmp_path) == []
