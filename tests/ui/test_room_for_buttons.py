"""However much the panel above them lists, Skip and Complete are whole; a further whole-image label moves nothing."""

from collections.abc import Sequence
from itertools import product
from pathlib import Path

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QDockWidget, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.scenes import program_fonts  # noqa: F401
from tests.ui.test_adjudicating import settling  # noqa: F401  # a fixture
from tests.ui.test_project_members import entered
from tests.waiting import settled
from viewer.project.edit_builders import add_label, remove_label
from viewer.project.project import Project
from viewer.ui.look.theme import Theme
from viewer.ui.panels.case_buttons import CaseButtons
from viewer.ui.panels.labels import LabelsPanel
from viewer.ui.window.main_window import MainWindow

SIZES = [(1280, 720), (1280, 870), (1600, 1000)]  # as tabs, and all three above each other
NAMES = ("pneumonia, bacterial", "pneumonia, viral", "no finding", "rotated", "lordotic")


def arranged(window: MainWindow, size: tuple[int, int], scale: float) -> MainWindow:
    window.resize(*size)
    window.session.set_theme(Theme(name="dark", font_scale=scale))
    settled(window.session)
    window.docks.reset()
    settled(window.session)
    return window


def place(part: QWidget) -> QRect:
    return QRect(part.mapTo(QWidget.window(part), QPoint(0, 0)), part.size())


def test_with_readers_and_ever_more_labels_the_buttons_of_the_case_are_whole(
    program_fonts: None,  # noqa: F811
    settling: MainWindow,  # noqa: F811
) -> None:
    for size, scale in product(SIZES, (1.0, 1.5)):
        buttons_are_whole(arranged(settling, size, scale), f"{size}, text {scale}")
        taken_back(settling, NAMES)


def taken_back(window: MainWindow, names: Sequence[str]) -> None:
    """The labels that were added, the last first."""
    for _ in names:
        window.session.undo()
        settled(window.session)
    assert not {label.name for label in window.session.at_hand.labels} & set(names)


def buttons_are_whole(window: MainWindow, case: str) -> None:
    session = window.session
    for name in ("", *NAMES):
        if name:
            assert session.do(add_label(name, "image", session.at_hand.labels))
            settled(session)
        (foot,) = (one for one in window.findChildren(CaseButtons) if not one.visibleRegion().isEmpty())
        for button in (foot.skip, foot.complete):
            assert button.visibleRegion().boundingRect() == button.rect(), (case, name, button)


def test_the_first_labels_come_into_room_that_is_there_and_are_whole(
    program_fonts: None,  # noqa: F811
    window: MainWindow,
    qtbot: QtBot,
    project_folder: Path,
) -> None:
    with Project.open(project_folder, writable=True, author="tester") as project:
        for label in [one for one in project.labels if one.scope == "image"]:
            project.history.do(remove_label(label))
    entered(window, qtbot, project_folder)
    for size, scale in product(SIZES, (1.0, 1.5)):
        the_first_labels_come_into_room(arranged(window, size, scale), f"{size}, text {scale}")
        taken_back(window, NAMES[:2])


def the_first_labels_come_into_room(window: MainWindow, case: str) -> None:
    session, panel = window.session, window.docks.panel("labels")
    assert isinstance(panel, LabelsPanel) and not panel.answers

    def places() -> list[QRect]:
        docks = [one for one in window.findChildren(QDockWidget) if one.isVisible() and one.x() >= 0]
        return [place(one) for one in (*docks, panel.add, panel.add_answer, panel.list)]

    before = places()
    for name in NAMES[:2]:
        assert session.do(add_label(name, "image", session.at_hand.labels))
        settled(session)
        assert places() == before, (case, name)
        for chip in panel.answers.values():
            assert chip.visibleRegion().boundingRect() == chip.rect(), (case, name)
