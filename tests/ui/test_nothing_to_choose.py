"""What is no choice has no button to choose it with."""

from pathlib import Path

from PySide6.QtWidgets import QButtonGroup, QLabel, QRadioButton
from pytestqt.qtbot import QtBot

from tests.ui.conftest import write_films
from tests.ui.scenes import Scenes, program_fonts, scenes  # noqa: F401
from tests.waiting import handled
from viewer.ui.dialogs.add_images import AddImagesDialog
from viewer.ui.window.main_window import MainWindow


def test_no_dialog_shows_a_lone_radio_button(scenes: Scenes) -> None:  # noqa: F811
    alone = []
    for name, dialog in scenes.dialogs():
        for group in dialog.findChildren(QButtonGroup):
            if sum(isinstance(one, QRadioButton) and one.isVisible() for one in group.buttons()) == 1:
                alone.append(name)
        if [one for one in dialog.findChildren(QRadioButton) if one.group() is None]:
            alone.append(name)
    assert alone == []


def test_what_is_added_where_one_study_is_open_is_said_and_is_no_choice(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    write_films(tmp_path / "films")
    window.session.open_paths([tmp_path / "films"])
    qtbot.waitUntil(lambda: window.session.shown is not None and not window.session.opening.scanning)

    dialog = AddImagesDialog(window.session, window)
    dialog.show()
    handled()

    said = [label.text() for label in dialog.findChildren(QLabel)]
    assert "Everything that is open: 8 images of 1 study, 8 without a patient id" in said
    assert dialog.findChildren(QRadioButton) == [] and dialog.add.text() == "Add 8 images"
