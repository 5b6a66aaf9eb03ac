"""Deleting runs: what goes and what stays is read first, and nothing brings a run back."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from viewer.core.text.counting import counted
from viewer.ui.dialogs.bounded import Body, BoundedDialog
from viewer.ui.dialogs.question import add_final_row
from viewer.ui.flows.run_edits import ask_what_hangs, remove
from viewer.ui.flows.run_words import run_title
from viewer.ui.look.chips import Paragraph, text_label
from viewer.ui.look.plain_text import set_text, set_tip
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.state.worker import sentence_of

if TYPE_CHECKING:
    from viewer.jobs.removing import Hanging
    from viewer.jobs.runs import RunState
    from viewer.ui.flows.desk import Desk

WIDTH_PX = 520
MODEL_TIP = "Its weights and card in the project; answers that it has given stay"


class DeleteRunsDialog(BoundedDialog):
    """Return cancels, since a deleted run does not come back."""

    def __init__(self, session: "Desk", runs: "Sequence[RunState]", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._runs = session, tuple(runs)
        self.found: list[Hanging] = []
        self.setWindowTitle("Delete")
        self.setMinimumWidth(WIDTH_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        asked = run_title(runs[0]) if len(runs) == 1 else counted(len(runs), "run")
        title = text_label("", "title", wrap=True)
        set_text(title, f"Delete {asked}? It cannot be brought back.".replace("It", "They" if len(runs) > 1 else "It"))
        column.addWidget(title)
        host = QWidget()
        inner = QVBoxLayout(host)
        inner.setContentsMargins(0, 0, 0, 0)
        self.words = Paragraph("second")
        set_text(self.words, "What hangs on it is being read.")
        inner.addWidget(self.words)
        inner.addStretch(1)
        column.addWidget(Body(host), 1)
        self.with_model = QCheckBox("Delete the kept model as well" if len(runs) == 1 else "Delete the kept models too")
        set_tip(self.with_model, MODEL_TIP)
        self.with_model.hide()
        self.with_model.toggled.connect(lambda _: self._tell())
        column.addWidget(self.with_model)
        self.problem = Paragraph("err")
        self.problem.hide()
        column.addWidget(self.problem)
        self.delete = KeyButton(session.icons, "Delete", icon="close", kind="danger")
        self.delete.setEnabled(False)
        self.delete.clicked.connect(self._on_delete)
        add_final_row(self, column, session.icons, self.delete)
        ask_what_hangs(session, self._runs, self._on_found, self._on_failed, self)

    def _on_found(self, found: "list[Hanging]") -> None:
        self.found = found
        self.with_model.setVisible(any(one.model is not None for one in found))
        self._tell()

    def _on_failed(self, error: Exception) -> None:
        set_text(self.words, "")
        self._refuse(sentence_of(error))

    def _tell(self) -> None:
        """What goes and what stays, as the tick stands; why it cannot go now, where that is so."""
        with_model = self.with_model.isChecked()
        parts = []
        for one in self.found:
            lines = [*one.goes, *one.stays_with(with_model=with_model)]
            head = [f"{one.title}:"] if len(self.found) > 1 else []
            parts.append("\n".join([*head, *lines]))
        set_text(self.words, "\n\n".join(parts))
        refused = [one.refused or (one.model_refused if with_model else "") for one in self.found]
        self._refuse("\n".join(filter(None, refused)))

    def _refuse(self, sentence: str) -> None:
        set_text(self.problem, sentence)
        self.problem.setVisible(bool(sentence))
        self.delete.setEnabled(not sentence and bool(self.found))

    def _on_delete(self) -> None:
        with_model = self.with_model.isChecked()
        self.accept()
        remove(self._session, self._runs, with_model=with_model)
