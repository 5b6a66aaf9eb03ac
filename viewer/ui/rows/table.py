"""The one command table: every command of the window, in menu order."""

from typing import TYPE_CHECKING

from viewer.ui.commands.command import Command
from viewer.ui.rows.case_reviews import case_review_rows
from viewer.ui.rows.cases import case_rows
from viewer.ui.rows.exchange import exchange_rows
from viewer.ui.rows.file_and_view import read_rows
from viewer.ui.rows.readers import reader_rows
from viewer.ui.rows.run_marks import run_mark_rows
from viewer.ui.rows.second_read import second_read_rows
from viewer.ui.rows.shapes import shape_rows
from viewer.ui.rows.side_tests import side_test_rows
from viewer.ui.rows.work import work_rows

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk
    from viewer.ui.window.main_window import MainWindow

ROWS = (
    read_rows,
    case_rows,
    reader_rows,
    exchange_rows,
    shape_rows,
    work_rows,
    second_read_rows,
    side_test_rows,
    run_mark_rows,
    case_review_rows,
)


def command_table(session: "Desk", window: "MainWindow") -> tuple[Command, ...]:
    """Every command of the window, in menu order."""
    return tuple(command for rows in ROWS for command in rows(session, window))
