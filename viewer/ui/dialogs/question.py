"""What dialogs that ask one question have in common: the question, and what it means, above their own fields."""

from PySide6.QtWidgets import QDialog, QLabel, QVBoxLayout

from viewer.ui.look.chips import text_label

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
