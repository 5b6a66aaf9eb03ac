"""The command of a run is broken between its words, and comes whole to the clipboard."""

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from tests.ui.scenes import program_fonts  # noqa: F401
from tests.waiting import handled
from viewer.ui.dialogs.command_field import CommandField

COMMAND = (
    "negatoscope train /data/films-of-2026 --task 'Findings of the chest' --model mobilenet-v3-large --snapshot "
    "1e1f49c4 --epochs 60 --batch-size 8 --set learning_rate=0.0002 --keep-every-epoch --seed 1"
)


def lines_of(field: CommandField) -> list[str]:
    """What stands on each line of the screen."""
    document, found = field.document(), []
    for number in range(document.blockCount()):
        block = document.findBlockByNumber(number)
        layout = block.layout()
        for place in range(layout.lineCount()):
            line = layout.lineAt(place)
            found.append(block.text()[line.textStart() : line.textStart() + line.textLength()])
    return found


@pytest.fixture
def field(qtbot: QtBot, program_fonts: None) -> CommandField:  # noqa: F811
    made = CommandField()
    qtbot.addWidget(made)
    made.resize(400, 120)
    made.show_command(COMMAND)
    made.show()
    handled()
    return made


def test_no_line_ends_in_a_hyphen_however_wide_the_field_is(field: CommandField) -> None:
    for width_px in range(300, 700, 7):
        field.resize(width_px, 120)
        handled()
        lines = lines_of(field)
        assert len(lines) > 1
        assert all(line.rstrip().replace("\N{WORD JOINER}", "")[-1] != "-" for line in lines), lines


def test_what_is_copied_is_what_is_typed(field: CommandField) -> None:
    field.selectAll()
    field.copy()
    assert QGuiApplication.clipboard().text() == COMMAND == field.command

    cursor = field.textCursor()
    cursor.setPosition(field.toPlainText().index("batch") - 4)
    cursor.setPosition(field.toPlainText().index(" 8 "), cursor.MoveMode.KeepAnchor)
    field.setTextCursor(cursor)
    field.copy()
    assert QGuiApplication.clipboard().text() == "--batch-size"


def test_three_lines_are_seen(field: CommandField) -> None:
    assert field.minimumSizeHint().height() >= 3 * field.fontMetrics().lineSpacing()
