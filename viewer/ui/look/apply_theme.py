"""The application's palette, font and style sheet, all of one theme."""

from pathlib import Path

from PySide6.QtWidgets import QApplication

from viewer.ui.look.style_sheet import style_sheet
from viewer.ui.look.theme import Theme


def apply_theme(theme: Theme, folder: Path) -> None:
    """Give the application palette, font and style sheet. folder: where the sheet's drawings may be written."""
    app, sheet = QApplication.instance(), style_sheet(theme, folder / "pictures")
    assert isinstance(app, QApplication)
    app.setPalette(theme.palette())
    app.setFont(theme.font())
    if app.styleSheet() != sheet:  # Qt would dress every widget of the application anew
        app.setStyleSheet(sheet)
