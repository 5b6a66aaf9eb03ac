"""F1: every command with its key, searchable."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from viewer.ui.commands.help_page import help_html
from viewer.ui.dialogs.bounded import BoundedDialog
from viewer.ui.dialogs.cancel import close_row
from viewer.ui.look.plain_text import OurPage, set_hint

if TYPE_CHECKING:
    from viewer.ui.commands.book import CommandBook
    from viewer.ui.flows.desk import Desk


class KeysDialog(BoundedDialog):
    """The help page."""

    def __init__(self, session: "Desk", book: "CommandBook", parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._book = session, book
        self.setWindowTitle("Keys and commands")
        self.resize(760, min(820, parent.height() - 60))
        self.field = QLineEdit()
        set_hint(self.field, "Search commands and keys")
        self.page = OurPage()
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(12)
        column.addWidget(self.field)
        column.addWidget(self.page, 1)
        column.addLayout(close_row(self, session.icons))
        self.field.textChanged.connect(self._show)
        self._show("")
        self.field.setFocus()

    def _show(self, text: str) -> None:
        self.page.show_page(help_html(self._book.rows.values(), self._session.theme, text.strip()))
