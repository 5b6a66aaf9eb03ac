"""The line that says whose reading is open."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from viewer.ui.look.chips import ElidedLabel
from viewer.ui.look.on_screen import show_inside
from viewer.ui.look.plain_text import set_text, set_tip

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

TIP = "Dataset, Readers… says who reads this project, and goes on in another reading."


class ReadingLine(ElidedLabel):
    """Hidden in a project that is read together and has no other reading."""

    def __init__(self, session: "Desk", role: str = "caption") -> None:
        super().__init__(role)
        self._readings = session.readings
        self._readings.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        words = self._readings.title
        set_text(self, words)
        set_tip(self, f"{words}. {TIP}" if words else "")
        show_inside(self, on=bool(words))


def over_reading(project: QWidget, session: "Desk") -> QVBoxLayout:
    """The name of the project over the line of its reading."""
    column = QVBoxLayout()
    column.setSpacing(2)
    column.addWidget(project)
    column.addWidget(ReadingLine(session))
    return column
