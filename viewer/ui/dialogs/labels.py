"""Name, rename or remove a label of the catalogue."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from viewer.core.errors import AppError
from viewer.core.labels import Label
from viewer.project.counts import label_uses
from viewer.ui.chips import text_label
from viewer.ui.dialogs.cancel import cancel_button
from viewer.ui.label_edits import add_label, remove_label, rename_label
from viewer.ui.marks import KeyButton
from viewer.ui.plain_text import set_text, set_title

if TYPE_CHECKING:
    from viewer.ui.session import Session

SCOPE_WORDS = {"region": "region label", "image": "whole-image label"}


class LabelDialog(QDialog):
    """Asks for a label's name; with `label`, renames or removes it. A refused name stays, with the reason below."""

    def __init__(
        self, session: "Session", *, scope: str, label: Label | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._scope = scope
        self._label = label
        what = SCOPE_WORDS[scope]
        set_title(self, f"New {what}" if label is None else f"Rename {label.name}")
        self.setMinimumWidth(360)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(text_label(self.windowTitle(), "title"))
        self.name = QLineEdit("" if label is None else label.name)
        self.name.setPlaceholderText("Name")
        self.name.setAccessibleName("Name of the label")
        layout.addWidget(self.name)
        self.reason = text_label("", "err", wrap=True)
        layout.addWidget(self.reason)
        row = QHBoxLayout()
        if label is not None:
            self.remove = KeyButton(session.icons, "Remove", icon="close")
            self.remove.clicked.connect(self._on_remove)
            uses = 0 if session.project is None else label_uses(session.project, label.name, label.scope)
            self.remove.setEnabled(not uses)
            if uses:
                set_text(self.reason, f"In use {uses} times, so it cannot be removed.")
                self.reason.setProperty("role", "caption")
            row.addWidget(self.remove)
        row.addStretch(1)
        row.addWidget(cancel_button(self, session.icons))
        self.keep = KeyButton(session.icons, "Add" if label is None else "Rename", key="Return", kind="primary")
        self.keep.setDefault(True)
        self.keep.clicked.connect(self._on_keep)
        self.name.textChanged.connect(lambda text: self.keep.setEnabled(bool(text.strip())))
        self.keep.setEnabled(bool(self.name.text().strip()))
        row.addWidget(self.keep)
        layout.addLayout(row)
        self.name.selectAll()
        self.name.setFocus()

    def _on_keep(self) -> None:
        project, name = self._session.project, self.name.text()
        if project is None:
            return
        self._session.edits.wait()
        try:
            edit = (
                add_label(project, name, self._scope)
                if self._label is None
                else rename_label(project, self._label, name)
            )
        except AppError as error:
            self._say(str(error))
            return
        if self._session.do(edit):
            if self._scope == "region":
                self._session.set_label(name.strip())
            self.accept()

    def _on_remove(self) -> None:
        project = self._session.project
        if project is None or self._label is None:
            return
        self._session.edits.wait()
        try:
            edit = remove_label(project, self._label)
        except AppError as error:
            self._say(str(error))
            return
        if self._session.do(edit):
            self.accept()

    def _say(self, sentence: str) -> None:
        self.reason.setProperty("role", "err")
        self.reason.style().polish(self.reason)
        set_text(self.reason, sentence)
