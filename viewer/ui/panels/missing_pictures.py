"""The line over the list of cases that says that pictures are missing, with the way to find them."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from viewer.ui.look.chips import Paragraph
from viewer.ui.look.plain_text import set_text
from viewer.ui.look.row_painting import KeyButton

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk


class MissingPictures(QWidget):
    """Hidden while every picture of the project is where it was."""

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._relinking = session.relinking
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.words = Paragraph("warn")
        self.find_button = KeyButton(session.icons, "Find the pictures…", icon="folder")
        self.find_button.clicked.connect(lambda: session.person.offer_relinking())
        column.addWidget(self.words)
        column.addWidget(self.find_button)
        self._relinking.changed.connect(self._show)
        session.project_opened.connect(lambda _: self._show())
        self._show()

    def _show(self) -> None:
        set_text(self.words, self._relinking.sentence)
        self.find_button.setVisible(self._relinking.may_find)
        self.setVisible(bool(self._relinking.sentence))
