"""Name, rename, colour, order or remove a label of the catalogue."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from viewer.core.codes import read_code
from viewer.core.edits import Edit
from viewer.core.errors import AppError
from viewer.core.labels import Label
from viewer.project.edit_builders import code_label, colour_label, move_label
from viewer.ui.dialogs.agree import AgreeDialog
from viewer.ui.dialogs.bounded import BoundedDialog
from viewer.ui.dialogs.cancel import cancel_button
from viewer.ui.dialogs.colour_row import ColourRow
from viewer.ui.flows.label_edits import add_label, labels_of, rename_label
from viewer.ui.look.chips import text_label
from viewer.ui.look.plain_text import set_text, set_tip, set_title
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.state.worker import sentence_of

if TYPE_CHECKING:
    from viewer.project.removing_labels import Removal
    from viewer.ui.flows.desk import Desk

KEEP_THE_NAME = "Snapshots, runs and what models propose keep the name that they have."
COMES_BACK = "Ctrl+Z brings everything back."
SCOPE_WORDS = {"region": "region label", "image": "whole-image label"}


class LabelDialog(BoundedDialog):
    """Asks for a label's name; with `label`, also its colour and place, or removes it. A refused name stays, with the
    reason below."""

    def __init__(
        self, session: "Desk", *, scope: str, label: Label | None = None, parent: QWidget | None = None
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
        self.name = QLineEdit("" if label is None else label.name)
        self.name.setPlaceholderText("Name")
        self.name.setAccessibleName("Name of the label")
        layout.addWidget(self.name)
        self.reason = text_label("", "err", wrap=True)
        layout.addWidget(self.reason)
        row = QHBoxLayout()
        if label is not None:
            self._build_look(layout, label)
            self.remove = KeyButton(session.icons, "Remove…", icon="close")
            self.remove.setAutoDefault(False)
            self.remove.clicked.connect(self._on_remove)
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

    def _build_look(self, layout: QVBoxLayout, label: Label) -> None:
        """Twelve colours, and the ways up and down the list; each is a step of its own."""
        self.swatches = ColourRow(self._session, label)
        self.swatches.chosen.connect(lambda tint: self._change(lambda own: colour_label(own, tint)))
        layout.addWidget(self.swatches)
        row = QHBoxLayout()
        self.code = QLineEdit("" if label.code is None else label.code.words)
        self.code.setPlaceholderText("Code, such as SCT:27925004:Nodule")
        self.code.setAccessibleName("Code of the label in a terminology")
        set_tip(self.code, "What the label is for other programs: scheme, value and meaning (DICOM PS3.3 8.8).")
        layout.addWidget(self.code)
        self.up = KeyButton(self._session.icons, "Move up")
        self.down = KeyButton(self._session.icons, "Move down")
        for button, step in ((self.up, -1), (self.down, 1)):
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, step=step: self._move(step))
            row.addWidget(button)
        self.ask = KeyButton(self._session.icons, "Asked of it…")
        self.ask.setAutoDefault(False)
        set_tip(self.ask, "A number, a choice or a text that is asked of whatever carries the label.")
        self.ask.clicked.connect(self._on_ask)
        row.addWidget(self.ask)
        row.addStretch(1)
        layout.addLayout(row)
        self.follows = text_label(KEEP_THE_NAME, "caption", wrap=True)
        layout.addWidget(self.follows)
        self._show_place()

    def _own(self) -> tuple[Label | None, list[Label], int]:
        """The label as it is now, the labels of its scope, and its place among them."""
        name = "" if self._label is None else self._label.name
        labels = labels_of(self._session.at_hand, self._scope)
        place = next((place for place, one in enumerate(labels) if one.name == name), -1)
        return (labels[place] if place >= 0 else None), labels, place

    def _show_place(self) -> None:
        own, labels, place = self._own()
        self.up.setEnabled(place > 0)
        self.down.setEnabled(0 <= place < len(labels) - 1)
        if own is not None:
            self.swatches.show_label(own)

    def _change(self, edit_of: Callable[[Label], Edit]) -> None:
        self._session.edits.wait()
        own, _, _ = self._own()
        if own is not None and self._session.keep(edit_of(own)):
            self._label = self._own()[0]
            self._show_place()

    def _move(self, step: int) -> None:
        _, labels, place = self._own()
        if 0 <= place + step < len(labels):
            self._change(lambda own: move_label(own, labels[place + step]))

    def _on_keep(self) -> None:
        facts, name = self._session.at_hand, self.name.text()
        self._session.edits.wait()
        try:
            self._keep_code()
        except AppError as error:
            self._say(str(error))
            return
        own = self._own()[0]
        if own is not None and own.name == name.strip():
            self.accept()  # its colour, code or place was all that was wanted
            return
        try:
            edit = add_label(facts, name, self._scope) if own is None else rename_label(facts, own, name)
        except AppError as error:
            self._say(str(error))
            return
        if self._session.keep(edit):
            if self._scope == "region":
                self._session.set_label(name.strip())
            self.accept()

    def _keep_code(self) -> None:
        """Keep what is typed as the label's code, a step of its own. Raises BadRequest for what is none."""
        own = self._own()[0]
        if own is None:
            return
        typed = self.code.text().strip()
        code = read_code(typed) if typed else None
        if code != own.code:
            self._change(lambda label: code_label(label, code))

    def _on_ask(self) -> None:
        """Its attributes; its name may have changed meanwhile."""
        from viewer.ui.dialogs.attributes import AttributeDialog

        own, _, _ = self._own()
        if own is not None:
            AttributeDialog(self._session, scope=self._scope, label=own.name, parent=self).exec()

    def _on_remove(self) -> None:
        from viewer.project.removing_labels import removing_label

        project = self._session.project
        self._session.edits.wait()
        own, _, _ = self._own()
        if project is None or own is None:
            return
        self.setEnabled(False)  # nothing else is changed while it is counted

        def failed(error: Exception) -> None:
            self.setEnabled(True)
            self._say(sentence_of(error))

        self._session.run_in_background(lambda: removing_label(project, own), self._on_counted, failed, owner=self)

    def _on_counted(self, plan: "Removal") -> None:
        self.setEnabled(True)
        if plan.uses or plan.attributes:
            dialog = AgreeDialog(
                self._session, title=f"Remove {plan.label.name}?",
                words=f"{plan.sentence} {KEEP_THE_NAME} {COMES_BACK}", verb="Remove", icon="close", parent=self,
            )  # fmt: skip
            if not dialog.exec():
                return
        if self._session.keep(plan.edit):
            self.accept()

    def _say(self, sentence: str) -> None:
        self.reason.setProperty("role", "err")
        self.reason.style().polish(self.reason)
        set_text(self.reason, sentence)
