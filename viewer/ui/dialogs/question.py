"""What dialogs that ask one question have in common: the question, and what it means, above their own fields."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QVBoxLayout

from viewer.ui.dialogs.cancel import cancel_button
from viewer.ui.look.chips import text_label

if TYPE_CHECKING:
    from viewer.ui.look.icons import Icons
    from viewer.ui.look.row_painting import KeyButton

LEAST_WIDTH_PX = 480


def question(dialog: QDialog, sentence: str, meaning: str) -> tuple[QVBoxLayout, QLabel]:
    """(the dialog's layout, the label of what the question means). The bar of the window says in a word what it is
    about; the sentence stands inside, however long it is."""
    dialog.setMinimumWidth(LEAST_WIDTH_PX)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(16, 16, 16, 16)
    column.setSpacing(10)
    column.addWidget(text_label(sentence, "title", wrap=True))
    words = text_label(meaning, "second", wrap=True)
    column.addWidget(words)
    return column, words


def add_final_row(dialog: QDialog, column: QVBoxLayout, icons: "Icons", act: "KeyButton") -> None:
    """The last row where nothing brings back what is done: the button that does it, and Cancel, which has Return."""
    row = QHBoxLayout()
    row.addStretch(1)
    act.setAutoDefault(False)
    row.addWidget(act)
    cancel = cancel_button(dialog, icons)
    cancel.setDefault(True)
    row.addWidget(cancel)
    column.addLayout(row)
    cancel.setFocus()
