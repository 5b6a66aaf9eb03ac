"""A command line to be read and copied: it breaks between its words and at slashes, never inside an option."""

from PySide6.QtCore import QMimeData, QSize
from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import QPlainTextEdit

from viewer.ui.look.plain_text import WORD_JOINER, set_command, text_to_copy

LINES = 3  # that are seen without scrolling


class CommandField(QPlainTextEdit):
    """Read only. command: as it is typed into a terminal. What holds its words together is never copied."""

    def __init__(self) -> None:
        super().__init__()
        self.command = ""
        self.setReadOnly(True)
        self.setProperty("role", "mono")
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)

    def show_command(self, command: str) -> None:
        """Show another one."""
        self.command = command
        set_command(self, command)

    def createMimeDataFromSelection(self) -> QMimeData:
        chosen, whole = self.textCursor().selection().toPlainText(), self.toPlainText()
        return text_to_copy(self.command if chosen == whole else chosen.replace(WORD_JOINER, ""))

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.minimumSizeHint().height())

    def minimumSizeHint(self) -> QSize:
        around = 2 * (self.frameWidth() + round(self.document().documentMargin()))
        return QSize(super().minimumSizeHint().width(), LINES * self.fontMetrics().lineSpacing() + around)
