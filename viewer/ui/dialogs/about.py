"""About: what this is, and what it is not."""

import importlib.metadata
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from viewer.core.heat import NOT_A_DIAGNOSIS
from viewer.ui.dialogs.bounded import BoundedDialog
from viewer.ui.dialogs.cancel import close_row
from viewer.ui.look.chips import separator, text_label
from viewer.ui.look.plain_text import plain_label

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

IS = (
    "Opens DICOM studies and films as they are stored, windows and measures them.",
    "Keeps annotations the moment they are drawn; undo goes on after a restart.",
    "Builds datasets split by patient, trains models on this computer and shows what they propose.",
)
IS_NOT = (
    "It is not a medical device and makes no diagnosis.",
    "No model here was tested for use on patients; the ones that come with it know only the phantom.",
    "A score is not a probability of disease, and a heatmap is no proof of where something is.",
)


WIDTH_PX, EDGE_PX = 560, 24


class AboutDialog(BoundedDialog):
    """Version, purpose, limits, licences."""

    def __init__(self, session: "Desk", parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Negatoscope")
        self.setFixedWidth(WIDTH_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(EDGE_PX, EDGE_PX, EDGE_PX, 16)
        column.setSpacing(10)
        head = QHBoxLayout()
        head.setSpacing(16)
        picture = plain_label()
        picture.setPixmap(session.icons.pixmap("app", "hi", 48, 2.0))
        head.addWidget(picture)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(text_label("Negatoscope", "figure"))
        words.addWidget(text_label(f"Version {version()} · research software", "second"))
        head.addLayout(words)
        head.addStretch(1)
        column.addLayout(head)
        column.addSpacing(6)
        for title, lines in (("What it does", IS), ("What it is not", IS_NOT)):
            column.addWidget(text_label(title, "title"))
            for line in lines:
                column.addWidget(_paragraph(line, "second"))
            column.addSpacing(6)
        column.addWidget(_paragraph(NOT_A_DIAGNOSIS, "warn"))
        column.addSpacing(4)
        column.addWidget(separator())
        fonts = "Fonts: Inter and JetBrains Mono (SIL Open Font License 1.1). Qt for Python under the LGPL 3."
        column.addWidget(_paragraph(fonts, "caption"))
        column.addLayout(close_row(self, session.icons))


def _paragraph(text: str, role: str) -> QLabel:
    """Wrapped words as high as they are at the dialog's width: left to itself, Qt guesses, and spreads what is over."""
    label = text_label(text, role, wrap=True)
    label.ensurePolished()
    label.setFixedHeight(label.heightForWidth(WIDTH_PX - 2 * EDGE_PX))
    return label


def version() -> str:
    """The installed version."""
    try:
        return importlib.metadata.version("negatoscope")
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
