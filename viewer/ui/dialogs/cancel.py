"""The way out of a dialog."""

from PySide6.QtWidgets import QDialog

from viewer.ui.look.icons import Icons
from viewer.ui.look.row_painting import KeyButton


def cancel_button(dialog: QDialog, icons: Icons) -> KeyButton:
    """Cancel, by Esc. It never takes Return from the button that goes on."""
    button = KeyButton(icons, "Cancel", key="Esc")
    button.setAutoDefault(False)
    button.clicked.connect(dialog.reject)
    return button
