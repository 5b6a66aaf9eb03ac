"""The ways out of a dialog."""

from PySide6.QtWidgets import QDialog, QHBoxLayout

from viewer.ui.look.icons import Icons
from viewer.ui.look.row_painting import KeyButton


def cancel_button(dialog: QDialog, icons: Icons) -> KeyButton:
    """Cancel, by Esc. It never takes Return from the button that goes on."""
    button = KeyButton(icons, "Cancel", key="Esc")
    button.setAutoDefault(False)
    button.clicked.connect(dialog.reject)
    return button


def close_button(dialog: QDialog, icons: Icons) -> KeyButton:
    """Close, by Esc; of a dialog in which there is nothing to give up."""
    button = KeyButton(icons, "Close", key="Esc")
    button.setAutoDefault(False)
    button.clicked.connect(dialog.reject)
    return button


def close_row(dialog: QDialog, icons: Icons) -> QHBoxLayout:
    """That button alone, at the right of its line."""
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(close_button(dialog, icons))
    return row
