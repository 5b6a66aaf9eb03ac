"""Adding images to the project: first it is said how many, of what, and into which."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from tests.ui.conftest import write_films
from tests.ui.hand import LEFT
from tests.waiting import settled
from viewer.ui.dialogs.add_images import AddImagesDialog
from viewer.ui.window.main_window import MainWindow


def answer(window: MainWindow, key: Qt.Key, choose: int | None = None) -> list[str]:
    """Run the command as the menu does and press a key in its dialog. Returns what the dialog said."""
    said: list[str] = []

    def press() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, AddImagesDialog)
        if choose is not None:
            QTest.mouseClick(dialog.choices[choose], LEFT, pos=dialog.choices[choose].rect().center())
        said.extend(label.text() for label in dialog.findChildren(QLabel))
        said.extend(choice.text() for choice in dialog.choices)
        said.append(dialog.add.text())
        QTest.keyClick(dialog, key)

    QTimer.singleShot(0, press)
    window.book.run("dataset.add_opened")
    return said


def images_in(window: MainWindow) -> int:
    project = window.session.project
    assert project is not None
    return project.images.count()


def test_it_is_said_how_many_images_of_what_go_into_which_project(reading: MainWindow) -> None:
    said = answer(reading, Qt.Key.Key_Escape)

    # The fixture writes: ONE 12 slices in a study, TWO2 6 slices, FILMS 2 films.
    assert "Into: Personal project" in said
    assert "The study in the active view: 12 images of 1 study and 1 patient" in said
    assert "Everything that is open: 20 images of 3 studies and 3 patients" in said
    assert any("Ctrl+Z takes them out again" in words for words in said)


def test_escape_adds_nothing(reading: MainWindow) -> None:
    answer(reading, Qt.Key.Key_Escape)

    settled(reading.session)
    assert images_in(reading) == 0


@pytest.mark.parametrize(("choose", "count"), [(None, 12), (1, 20)])
def test_what_is_chosen_is_added_and_no_more(reading: MainWindow, qtbot: QtBot, choose: int | None, count: int) -> None:
    said = answer(reading, Qt.Key.Key_Return, choose)

    qtbot.waitUntil(lambda: "are in" in reading.banner.sentence)
    assert said[-1] == f"Add {count} images"
    assert images_in(reading) == count
    assert reading.banner.sentence.startswith(f"{count} images are in")
    reading.session.undo()
    settled(reading.session)
    assert images_in(reading) == 0, "adding can be undone"
    reading.session.redo()
    settled(reading.session)
    assert images_in(reading) == count


def test_what_the_project_has_is_not_offered_again_and_is_said(reading: MainWindow, qtbot: QtBot) -> None:
    answer(reading, Qt.Key.Key_Return)  # the study of 12 images
    qtbot.waitUntil(lambda: "are in" in reading.banner.sentence)

    dialog = AddImagesDialog(reading.session, reading)
    dialog.show()
    settled(reading.session)

    assert [one.text() for one in dialog.choices] == [
        "The study in the active view: 12 images are in the project already",
        "Everything that is open: 8 images of 2 studies and 2 patients; 12 images are in the project already",
    ]
    assert not dialog.add.isEnabled() and dialog.series == []
    dialog.choices[1].click()
    assert dialog.add.isEnabled() and dialog.add.text() == "Add 8 images"
    assert sum(len(one.frames) for one in dialog.series) == 8
    dialog.close()


def test_images_without_a_patient_id_are_counted_apart(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    write_films(tmp_path / "films")
    window.session.open_paths([tmp_path / "films"])
    qtbot.waitUntil(lambda: window.session.shown is not None and not window.session.opening.scanning)

    said = answer(window, Qt.Key.Key_Escape)

    assert "Everything that is open: 8 images of 1 study, 8 without a patient id" in said
    assert not any("The study in the active view" in words for words in said), "it is all that is open"
