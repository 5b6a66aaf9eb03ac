"""A model of a library by its name: a few letters of it find it; what is known of the one that is chosen comes back."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHeaderView, QLineEdit, QTreeWidget, QVBoxLayout, QWidget

from ml.catalogue import FamilyRow, ModelSpec, find_in_families, load_spec, serves
from viewer.core.text.counting import counted
from viewer.ui.dialogs.bounded import Body, BoundedDialog
from viewer.ui.dialogs.cancel import cancel_button
from viewer.ui.dialogs.edges import edge_to_edge, foot
from viewer.ui.look.chips import Paragraph, separator
from viewer.ui.look.plain_text import set_text, set_tip, tree_row
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.state.worker import sentence_of

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk
    from viewer.ui.state.worker import Job

MOST_SHOWN = 200
LEAST_ROWS, ROW_PX = 8, 24
ASKS = "The library is asked for its models; the first time takes some seconds."
ASKS_ONE = "The library is asked for this model; the first time takes some seconds."
WEIGHTS = "from scratch, or from a weights file that you have; nothing is downloaded."
NONE = "No model of the library is called that."
TITLES = ("Name", "Input, px", "Licence")


class LibraryModelsDialog(BoundedDialog):
    """kind: of the task; `then` gets the spec of the model that was chosen, once."""

    def __init__(
        self, session: "Desk", kind: str, then: Callable[[ModelSpec], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._kind, self._then = session, kind, then
        self._rows: list[FamilyRow] = []
        self._job: Job | None = None
        self.setWindowTitle("Model of a library")
        self.resize(620, 480)
        layout = edge_to_edge(self)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        self.words = QLineEdit()
        self.words.setPlaceholderText("For example resnet10")
        self.words.setAccessibleName("A part of the model's name")
        self.words.textChanged.connect(lambda _: self._show())
        self.words.installEventFilter(self)
        column.addWidget(self.words)
        column.addWidget(self._build_table(), 1)
        self.said = Paragraph("second")
        column.addWidget(self.said)
        self.problem = Paragraph("err")
        column.addWidget(self.problem)
        layout.addWidget(Body(body), 1)
        layout.addWidget(separator())
        bar, row = foot()
        row.addStretch(1)
        row.addWidget(cancel_button(self, session.icons))
        self.choose = KeyButton(session.icons, "Choose", key="Return", icon="accept", kind="primary")
        self.choose.setDefault(True)
        self.choose.setEnabled(False)
        self.choose.clicked.connect(self._on_choose)
        row.addWidget(self.choose)
        layout.addWidget(bar)
        self.finished.connect(lambda _: self._stop())
        self.words.setFocus()
        self._ask()

    def _build_table(self) -> QTreeWidget:
        self.table = QTreeWidget()
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setAccessibleName("Models of libraries")
        self.table.setMinimumHeight(self._session.theme.room(ROW_PX) * (LEAST_ROWS + 1))
        self.table.setHeaderItem(tree_row(None, TITLES))
        head = self.table.header()
        head.setStretchLastSection(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.currentItemChanged.connect(lambda now, _before: self._on_row(now is not None))
        self.table.itemDoubleClicked.connect(lambda *_: self._on_choose())
        return self.table

    # Asking

    def _ask(self) -> None:
        set_text(self.said, ASKS)
        self._job = self._session.run_in_background(
            lambda: find_in_families(""), self._on_rows, self._on_failed, owner=self
        )

    def _on_rows(self, rows: list[FamilyRow]) -> None:
        self._job = None
        self._rows = [row for row in rows if serves(row.kind, self._kind)]
        self._show()

    def _on_failed(self, error: Exception) -> None:
        self._job = None
        set_text(self.said, "")
        set_text(self.problem, sentence_of(error))
        self._on_row(self.table.currentItem() is not None)

    def _stop(self) -> None:
        """What is still asked for is not wanted any more."""
        if self._job is not None:
            self._job.cancel()

    # Showing

    def _show(self) -> None:
        wanted = self.words.text().casefold().split()
        found = [row for row in self._rows if all(word in row.name.casefold() for word in wanted)]
        self.table.clear()
        for row in found[:MOST_SHOWN]:
            item = tree_row(self.table, (row.name, str(row.input_px), row.licence))
            set_tip(item, row.name)
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._go_to(0)
        if not self._rows:
            return
        more = f", {MOST_SHOWN} of them here" if len(found) > MOST_SHOWN else ""
        starts = "It starts" if len(found) == 1 else "The one that is chosen starts"
        set_text(self.said, f"{counted(len(found), 'model')} found{more}. {starts} {WEIGHTS}" if found else NONE)

    def _on_row(self, chosen: bool) -> None:  # noqa: FBT001  # whether there is one
        self.choose.setEnabled(chosen and self._job is None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows go through the rows while the field has the keys; the body would scroll by them."""
        if watched is self.words and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            steps = {int(Qt.Key.Key_Down): 1, int(Qt.Key.Key_Up): -1}
            step, item = steps.get(event.key()), self.table.currentItem()
            if step is not None and item is not None:
                self._go_to(self.table.indexOfTopLevelItem(item) + step)
                return True
        return super().eventFilter(watched, event)

    def _go_to(self, place: int) -> None:
        """Choose a row; none where there is none."""
        item = self.table.topLevelItem(place)
        if item is not None:
            self.table.setCurrentItem(item)

    # Choosing

    def _on_choose(self) -> None:
        item = self.table.currentItem()
        if item is None or self._job is not None:
            return
        name = item.text(0)
        set_text(self.problem, "")
        set_text(self.said, ASKS_ONE)
        self._job = self._session.run_in_background(lambda: load_spec(name), self._on_spec, self._on_failed, owner=self)
        self._on_row(chosen=True)

    def _on_spec(self, spec: ModelSpec) -> None:
        self._job = None
        then = self._then
        self.accept()
        then(spec)
