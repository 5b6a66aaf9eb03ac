"""What only a person knows of a study: a sheet of plain fields, which every report of the project shows as theirs."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from viewer.project.disk.about import QUESTIONS
from viewer.ui.dialogs.bounded import Body, BoundedDialog
from viewer.ui.dialogs.cancel import cancel_button
from viewer.ui.look.chips import Paragraph
from viewer.ui.look.plain_text import set_field, set_name, set_text, set_title
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.state.worker import sentence_of

if TYPE_CHECKING:
    from pathlib import Path

    from viewer.ui.flows.desk import Desk

WIDTH_PX, FIELD_PX = 560, 52
WORDS = (
    "Every report of this project shows it as your words, in the checklists CLAIM and TRIPOD+AI. The program fills "
    "the rest and invents nothing; no test part is opened for it. What is left empty stays the author's to write."
)


class AboutStudyDialog(BoundedDialog):
    """Read and kept beside the window's thread; what cannot be kept stands in the dialog, which stays."""

    def __init__(self, session: "Desk", folder: "Path", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._folder = session, folder
        set_title(self, "What only you know of this study")
        self.setMinimumWidth(WIDTH_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        about = Paragraph("second")
        set_text(about, WORDS)
        column.addWidget(about)
        self.fields: dict[str, QPlainTextEdit] = {}
        self._body = Body(self._built_fields())
        column.addWidget(self._body, 1)
        self.problem = Paragraph("err")
        self.problem.hide()
        column.addWidget(self.problem)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel_button(self, session.icons))
        self.keep = KeyButton(session.icons, "Keep", icon="accept", kind="primary")
        self.keep.setAutoDefault(False)  # Return is a new line in every field
        self.keep.setEnabled(False)  # what stands there is not known before it was read
        self.keep.clicked.connect(self._on_keep)
        buttons.addWidget(self.keep)
        column.addLayout(buttons)
        self._read()

    def _built_fields(self) -> QWidget:
        inner = QWidget()
        rows = QVBoxLayout(inner)
        rows.setContentsMargins(0, 0, 8, 0)
        rows.setSpacing(4)
        for name, question in QUESTIONS.items():
            asks = Paragraph("second")
            set_text(asks, question)
            field = QPlainTextEdit()
            field.installEventFilter(self)
            field.setProperty("kind", "field")
            field.setTabChangesFocus(True)
            field.setFixedHeight(self._session.theme.room(FIELD_PX))
            field.setEnabled(False)
            set_name(field, question)
            self.fields[name] = field
            rows.addWidget(asks)
            rows.addWidget(field)
            rows.addSpacing(6)
        return inner

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn and isinstance(watched, QPlainTextEdit):
            self._body.ensureWidgetVisible(watched)
        return super().eventFilter(watched, event)

    def _read(self) -> None:
        folder = self._folder

        def read() -> dict[str, str]:
            from viewer.project.disk.about import read_about

            return read_about(folder)

        self._session.run_in_background(read, self._show, self._on_failed, owner=self)

    def _show(self, about: dict[str, str]) -> None:
        for name, field in self.fields.items():
            set_field(field, about.get(name, ""))
            field.setEnabled(True)
        self.keep.setEnabled(True)
        next(iter(self.fields.values())).setFocus()

    def _on_keep(self) -> None:
        folder, about = self._folder, {name: field.toPlainText() for name, field in self.fields.items()}

        def keep() -> int:
            from viewer.jobs.telling_about import tell_reports
            from viewer.project.disk.about import write_about

            write_about(folder, about)
            return len(tell_reports(folder)[0])

        self.keep.setEnabled(False)
        self._session.run_in_background(keep, self._on_kept, self._on_refused, owner=self)

    def _on_kept(self, reports: int) -> None:
        from viewer.core.text.counting import counted

        told = f" {counted(reports, 'report')} {'shows' if reports == 1 else 'show'} it." if reports else ""
        self._session.announced.emit("info", f"What you know of this study is kept.{told}")
        self.accept()

    def _on_refused(self, error: Exception) -> None:
        self.keep.setEnabled(True)
        self._on_failed(error)

    def _on_failed(self, error: Exception) -> None:
        set_text(self.problem, sentence_of(error))
        self.problem.show()
