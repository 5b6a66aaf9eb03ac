"""Open a project, or make one."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLayout,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from viewer.ui.dialogs.bounded import BoundedDialog
from viewer.ui.dialogs.cancel import cancel_button
from viewer.ui.look.chips import Paragraph, text_label
from viewer.ui.look.plain_text import button_text, set_field, set_text, set_tip
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.state.typed_path import typed_path

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

ROW_PX, FIELD_PX = 22, 430
UNITS = (
    ("film", "A film", "each image for itself: radiographs"),
    ("study", "A study of films", "all films of one examination"),
    ("series", "A series", "a CT or MR stack as a whole"),
)

MOST_OF_PATH = 45  # characters of a folder in a sentence; the whole is in the field and in the tip


class OpenProjectDialog(BoundedDialog):
    """One field for the folder; the words below say what will happen with it."""

    def __init__(self, session: "Desk", parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.setWindowTitle("Open or make a project")
        self.field = QLineEdit(self._offered())
        self.field.setPlaceholderText("Folder of the project")
        self.field.setMinimumWidth(FIELD_PX)
        browse = QPushButton("Choose…")
        browse.clicked.connect(self._on_browse)
        self.word = Paragraph("second")
        self._units = QButtonGroup(self)
        self._unit_box = QWidget()
        units = QFormLayout(self._unit_box)
        units.setContentsMargins(0, 0, 0, 0)
        for number, (_, name, words) in enumerate(UNITS):
            button = QRadioButton(button_text(name))
            button.setMinimumHeight(ROW_PX)
            button.setChecked(number == 0)
            self._units.addButton(button, number)
            units.addRow(button, text_label(words, "rowlow"))
        self.go = KeyButton(session.icons, "Open", key="Return", kind="primary")
        self.go.setDefault(True)
        self.go.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(cancel_button(self, session.icons))
        buttons.addWidget(self.go)
        row = QHBoxLayout()
        row.addWidget(self.field, 1)
        row.addWidget(browse)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(12)
        column.setSizeConstraint(QLayout.SizeConstraint.SetMinimumSize)  # grows with the rows that are shown late
        what = Paragraph("second")
        what.setText("A project keeps annotations, snapshots, runs and models; images stay where they are.")
        column.addWidget(what)
        column.addLayout(row)
        column.addWidget(self.word)
        self._title = text_label("One case is", "strong")
        column.addWidget(self._title)
        column.addWidget(self._unit_box)
        column.addStretch(1)
        column.addLayout(buttons)
        self.field.textChanged.connect(self._on_text_changed)
        self._on_text_changed(self.field.text())
        self.field.setFocus()
        self.field.selectAll()  # what is typed replaces the folder of the last time

    @property
    def folder(self) -> Path:
        """The folder that was named, whole."""
        return typed_path(self.field.text())

    @property
    def creates(self) -> bool:
        """Whether a new project is made there."""
        return not (self.folder / "project.db").exists()

    @property
    def case_unit(self) -> str:
        """What a new project takes as one case: film, study or series."""
        return UNITS[self._units.checkedId()][0]

    def accept(self) -> None:
        self._session.settings.set_word("last_project", str(self.folder))
        super().accept()

    def _offered(self) -> str:
        """The project that is open, else the one named last, whole; "" where none is there: Enter must make none."""
        projects, last = self._session.projects, self._session.settings.word("last_project", "")
        opened = self._session.project
        if opened is not None and not projects.is_personal:
            return str(opened.folder.absolute())
        folder = typed_path(last)
        return str(folder) if last.strip() and (folder / "project.db").exists() else ""

    def _on_browse(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder of the project", self.field.text() or str(Path.home()))
        if folder:
            set_field(self.field, folder)

    def _on_text_changed(self, text: str) -> None:
        named = bool(text.strip())
        self.go.setEnabled(named)
        self.go.set_words("Open" if named and not self.creates else "Make")
        for widget in (self._title, self._unit_box):
            widget.setVisible(named and self.creates)
        if not named:
            self.word.setText("")
        elif not self.creates:
            there = f"The project in {self._place()}"
            is_open = self._session.projects.is_open(self.folder)
            set_text(self.word, f"{there} is open; you go on in it." if is_open else f"{there} will be opened.")
        elif self.folder.is_dir() and any(self.folder.iterdir()):
            set_text(
                self.word,
                f"{self._place()} is not empty and holds no project. "
                "A project will be made in it, beside what is there.",
            )
        else:
            set_text(self.word, f"A new project will be made in {self._place()}.")
        set_tip(self.word, str(self.folder) if named else "")

    def _place(self) -> str:
        """The folder as the sentence names it: a long path has no place to break, so its middle gives way."""
        place = str(self.folder)
        if len(place) <= MOST_OF_PATH:
            return place
        return f"{place[: MOST_OF_PATH // 3]}…{place[-2 * MOST_OF_PATH // 3 :]}"
