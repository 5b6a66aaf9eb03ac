"""Icons of buttons and the marks of boxes grow with the text beside them."""

import pytest
from PySide6.QtWidgets import QCheckBox, QRadioButton, QStyle, QStyleOptionButton
from pytestqt.qtbot import QtBot

from tests.ui.scenes import program_fonts  # noqa: F401
from tests.waiting import handled
from viewer.ui.commands.buttons import CommandButton
from viewer.ui.flows.desk import Desk
from viewer.ui.look.chips import IconButton, IconLabel
from viewer.ui.look.row_painting import KeyButton, tool_button
from viewer.ui.look.theme import Theme
from viewer.ui.window.main_window import MainWindow


@pytest.mark.usefixtures("program_fonts")
def test_marks_of_boxes_are_as_large_as_letters(window: MainWindow, qtbot: QtBot) -> None:
    sizes: dict[float, list[tuple[int, int]]] = {}
    for scale in (1.0, 1.5):
        window.session.set_theme(Theme(name="dark", font_scale=scale))
        sizes[scale] = []
        for made, part in (
            (QCheckBox("Every case", window), QStyle.SubElement.SE_CheckBoxIndicator),
            (QRadioButton("One of them", window), QStyle.SubElement.SE_RadioButtonIndicator),
        ):
            made.show()
            handled()
            option = QStyleOptionButton()
            made.initStyleOption(option)
            mark = made.style().subElementRect(part, option, made)
            sizes[scale].append((mark.width(), mark.height()))
            assert mark.height() <= made.height()

    assert sizes[1.0] == [(16, 16)] * 2, "14 and its border"
    assert sizes[1.5] == [(23, 23)] * 2, "21 and its border"


@pytest.mark.usefixtures("program_fonts")
def test_icons_of_buttons_grow_and_shrink_again_with_the_text(window: MainWindow, qtbot: QtBot) -> None:
    session = window.session
    key = KeyButton(session.icons, "Add", icon="plus")
    small, icon = tool_button(session.icons, "plus", "Add one"), IconButton(session.icons, "close")
    label = IconLabel(session.icons, "folder", size_px=20)
    for part in (key, small, icon, label):
        qtbot.addWidget(part)
        part.setParent(window)
        part.show()
    bar = next(one for one in window.findChildren(CommandButton) if one.objectName() == "button:file.open_folder")

    def sides(session: Desk, scale: float) -> tuple[float, ...]:
        session.set_theme(Theme(name="dark", font_scale=scale))
        handled()
        pixmap = label.pixmap()
        shown = pixmap.width() / pixmap.devicePixelRatio()
        return key._icon_px(), small.iconSize().width(), icon.iconSize().width(), shown, bar._icon_px()

    first, large, again = sides(session, 1.0), sides(session, 1.5), sides(session, 1.0)

    assert first == again == (16, 16, 16, 20, 20)
    assert large == (22, 20, 24, 30, 26)
    assert key.sizeHint().width() >= key._icon_px() + key.fontMetrics().horizontalAdvance("Add")
