"""Every dialog lies on the smallest screen with its frame, its buttons in sight, and Return has one meaning."""

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QAbstractButton, QDialog, QFileDialog, QLabel, QLineEdit, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot

from tests.ui.scenes import Scenes, program_fonts, scenes  # noqa: F401
from tests.waiting import handled
from viewer.ui.dialogs.agree import AgreeDialog
from viewer.ui.dialogs.dataset import DatasetDialog
from viewer.ui.dialogs.importing import ImportDialog
from viewer.ui.dialogs.patients import PatientsDialog
from viewer.ui.dialogs.train import TrainDialog
from viewer.ui.look.theme import Theme

SCREEN = QRect(0, 0, 1280, 720)
TITLE_BAR_PX, EDGE_PX = 29, 5  # of a plain window manager


def footer(dialog: QDialog) -> list[QPushButton]:
    """The buttons that end a dialog."""
    words = ("Cancel", "Close", "Copy as text", "Start", "Make", "Export", "Preview", "Import", "Give", "Add", "Open")
    return [one for one in dialog.findChildren(QPushButton) if one.text().replace("&", "").startswith(words)]


def test_every_dialog_lies_on_the_smallest_screen(scenes: Scenes) -> None:  # noqa: F811
    """And four films are seen of what a rule on names gives: one and a half were, with large text."""
    scenes.window.resize(1280, 720)
    for scale in (1.0, 1.5):
        scenes.window.session.set_theme(Theme(name="dark", font_scale=scale))
        every_dialog_lies_on_the_smallest_screen(scenes, scale)


def every_dialog_lies_on_the_smallest_screen(scenes: Scenes, scale: float) -> None:  # noqa: F811
    found: list[str] = []
    for called, dialog in scenes.dialogs(as_they_come=True):
        name = f"{called}, text {scale}"
        if isinstance(dialog, DatasetDialog):  # what stays out, and why, comes with its preview
            scenes.bot.waitUntil(lambda asked=dialog: asked.leaks.refusal.isVisible() or asked.division is not None)
            handled()
            assert dialog.cases_out.text()
        wide, high = dialog.width() + 2 * EDGE_PX, dialog.height() + TITLE_BAR_PX + EDGE_PX
        if wide > SCREEN.width() or high > SCREEN.height():
            found.append(f"{name}: {wide} x {high} px with its frame")
        if isinstance(dialog, PatientsDialog):
            films = dialog.list
            scenes.bot.waitUntil(lambda films=films: films.topLevelItemCount() >= 4)
            handled()
            assert films.viewport().rect().contains(films.visualItemRect(films.topLevelItem(3))), scale
            assert dialog.height() + TITLE_BAR_PX + EDGE_PX <= SCREEN.height(), scale
        ends = footer(dialog)
        assert ends, name
        for button in ends:
            place = QRect(button.mapTo(dialog, QPoint(0, 0)), button.size())
            if button.isVisible() and not dialog.rect().contains(place):
                found.append(f"{name}: {button.text()} is out of sight")

    assert not found, "\n".join(found)


def test_a_name_of_any_length_in_a_question_gives_way(scenes: Scenes) -> None:  # noqa: F811
    """A task, a project, a label are as long as a person called them."""
    session, name = scenes.window.session, " ".join(["bronchopneumonia"] * 20)
    long = AgreeDialog(session, title=f"Remove {name}?", words="", verb="Remove", icon="close", parent=scenes.window)

    assert long.minimumSizeHint().width() < SCREEN.width() // 2


def test_no_dialog_says_the_title_of_its_window_again_or_hears_what_comes_after_it(scenes: Scenes) -> None:  # noqa: F811
    again = [
        name
        for name, dialog in scenes.dialogs()
        if any(label.isVisible() and label.text() == dialog.windowTitle() for label in dialog.findChildren(QLabel))
    ]

    assert again == []
    # The text grows after all of them are gone: none of their parts hears it.
    scenes.window.session.set_theme(Theme(name="light", font_scale=1.5))


def test_one_button_of_a_dialog_at_most_is_pressed_by_return_and_in_a_number_it_starts_the_run(
    scenes: Scenes,  # noqa: F811
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: asked.append("weights") or ("", ""))
    monkeypatch.setattr(TrainDialog, "_on_start", lambda _: asked.append("start"))
    found: list[str] = []
    for name, dialog in scenes.dialogs(as_they_come=True):
        buttons = [one for one in dialog.findChildren(QPushButton) if one.isVisible()]
        by_return = [one.text() for one in buttons if one.autoDefault() or one.isDefault()]
        if len(by_return) > 1:
            found.append(f"{name}: {', '.join(by_return)}")
        if isinstance(dialog, TrainDialog):
            qtbot.waitUntil(dialog.start.isEnabled)
            spin = dialog.fields.epochs
            assert isinstance(spin, QSpinBox)
            line = spin.findChild(QLineEdit)
            dialog.activateWindow()
            spin.setFocus()
            spin.selectAll()
            qtbot.keyClicks(line, "12")
            qtbot.waitUntil(dialog.start.isEnabled)
            qtbot.keyClick(line, Qt.Key.Key_Return)
            handled()

    assert not found, "\n".join(found)
    assert asked == ["start"]


def test_what_is_folded_away_takes_its_room_along_unless_a_hand_made_the_dialog_so_high(
    scenes: Scenes,  # noqa: F811
    qtbot: QtBot,
) -> None:
    """An import kept the height of its sixteen settings after they were folded away again."""
    folds: list[str] = []
    for name, dialog in scenes.dialogs(as_they_come=True):
        for button in dialog.findChildren(QAbstractButton):
            if not (button.isVisible() and button.isEnabled() and button.isCheckable()) or button.autoExclusive():
                continue
            before = dialog.height()
            button.click()
            handled()
            if dialog.height() > before:
                folds.append(name)
            button.click()
            handled()
            assert dialog.height() == before, f"{name}, {button.text()}"
        if isinstance(dialog, ImportDialog):
            low = dialog.height()
            dialog.options.more.click()
            handled()
            high = dialog.height()
            dialog.options.more.click()
            for late in (high, low):  # X tells of each size that was asked for, when another one is asked for already
                dialog.windowHandle().resize(dialog.width(), late)
                handled()
            dialog.options.more.click()
            handled()
            dialog.format.setCurrentIndex(dialog.format.findData("coco"))
            handled()
            assert dialog.height() == low, "the fold of another format is closed"
            dialog.windowHandle().resize(dialog.width(), low + 60)  # as a hand does it at the edge
            handled()
            assert dialog.height() == low + 60
            dialog.options.more.click()
            handled()
            open_px = dialog.height()
            dialog.options.more.click()
            handled()
            assert open_px >= low + 60 and dialog.height() == open_px, "a hand's size is not taken back"
    assert folds == ["ImportDialog"]
