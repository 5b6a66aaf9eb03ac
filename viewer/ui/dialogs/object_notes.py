"""What is said of an object: how far it is, a comment, and which objects of the patient's other cases are the same."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QHeaderView, QLineEdit, QTreeWidget, QVBoxLayout, QWidget

from viewer.core.shapes.objects import MOST_LETTERS, ObjectNote, ObjectState
from viewer.core.text.counting import counted
from viewer.ui.dialogs.bounded import BoundedDialog
from viewer.ui.dialogs.cancel import cancel_button
from viewer.ui.flows.cases.listing import place_title
from viewer.ui.look.chips import Paragraph, text_label
from viewer.ui.look.choice_box import ChoiceBox
from viewer.ui.look.plain_text import add_choice, set_field, set_name, set_text, set_tip, tree_row
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.state.worker import sentence_of

if TYPE_CHECKING:
    from viewer.project.at_hand.objects import ObjectAtHand
    from viewer.project.objects.listing import ObjectRow
    from viewer.ui.flows.desk import Desk

STATES = (
    (ObjectState.UNSAID, "Nothing said"),
    (ObjectState.IN_QUESTION, "In question"),
    (ObjectState.SETTLED, "Settled"),
)
SAME = "The same in other cases of this patient:"
LEAST_ROWS, ROW_PX = 3, 24
Then = Callable[[ObjectNote, Sequence[str]], None]


class ObjectNotesDialog(BoundedDialog):
    """`then` gets what is said and the keys of the objects that are the same, once."""

    def __init__(self, session: "Desk", found: "ObjectAtHand", then: Then, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._then = session, then
        self._linked = [one.key for one in found.linked]
        self._rows: list[ObjectRow] = []
        self.setWindowTitle("What is said of an object")
        self.setMinimumWidth(480)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        title = text_label("", "title", wrap=True)
        set_text(title, f"{found.name} on {found.slices}" if found.slices else found.name)
        column.addWidget(title)
        self._build_words(column, found.note)
        self._build_list(column)
        self._build_buttons(column)
        self._ask(found.key)
        self.comment.setFocus()

    def _build_words(self, column: QVBoxLayout, note: ObjectNote) -> None:
        form = QFormLayout()
        self.state = ChoiceBox()
        for state, words in STATES:
            add_choice(self.state, words, state)
        self.state.setCurrentIndex([state for state, _ in STATES].index(note.state))
        set_name(self.state, "State")
        form.addRow(text_label("State", "second"), self.state)
        self.comment = QLineEdit()
        self.comment.setMaxLength(MOST_LETTERS)
        set_field(self.comment, note.comment)
        set_name(self.comment, "Comment")
        form.addRow(text_label("Comment", "second"), self.comment)
        column.addLayout(form)

    def _build_list(self, column: QVBoxLayout) -> None:
        self.words = Paragraph("second")
        set_text(self.words, SAME)
        column.addWidget(self.words)
        self.list = QTreeWidget()
        self.list.setHeaderLabels(("Study", "Case", "Images"))
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        set_name(self.list, "Objects that may be the same")
        self.list.setMinimumHeight(self._session.theme.room(ROW_PX) * (LEAST_ROWS + 1))
        head = self.list.header()
        head.setStretchLastSection(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        column.addWidget(self.list, 1)

    def _build_buttons(self, column: QVBoxLayout) -> None:
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel_button(self, self._session.icons))
        self.keep = KeyButton(self._session.icons, "Keep", key="Return", icon="accept", kind="primary")
        self.keep.setDefault(True)
        self.keep.setEnabled(False)  # what is linked is not known before the list is there
        self.keep.clicked.connect(self._on_keep)
        buttons.addWidget(self.keep)
        column.addLayout(buttons)

    def _ask(self, key: str) -> None:
        project = self._session.project
        if project is None:
            return

        def work() -> "tuple[list[ObjectRow], bool]":
            from viewer.project.objects.listing import may_be_one, object_row

            row = object_row(project, key)
            offered = may_be_one(project, row)
            known = {one.key for one in offered}
            # What was linked, and has another label since, is listed too: it can be unlinked.
            further = [object_row(project, one.key) for one in row.linked if one.key not in known]
            return [*offered, *further], bool(project.images.get(row.image_id).patient_id)

        self._session.run_in_background(
            work, lambda found: self._show(*found), lambda error: set_text(self.words, sentence_of(error)), owner=self
        )

    def _show(self, rows: "Sequence[ObjectRow]", has_patient: bool) -> None:  # noqa: FBT001  # from the worker
        self._rows = list(rows)
        order = self._session.cases.order()  # "Case 3" is the third of the list, as it is filtered
        for row in rows:
            film, place, case = row.film, row.place, row.case
            if self._session.names_hidden:  # where no date is known, the place is the case's name or the film's
                film, case = "a film", place_title(order.index(row.case_id)) if row.case_id in order else "Another case"
                place = case if place in (row.case, row.film) else place
            item = tree_row(self.list, (place, case, str(row.images)))
            item.setCheckState(0, Qt.CheckState.Checked if row.key in self._linked else Qt.CheckState.Unchecked)
            item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            said = f"{counted(row.images, 'image')} from {film} on"
            set_tip(item, ", ".join(part for part in (row.label, said, row.note.words) if part))
        if not rows:
            none = "No other case of this patient has one of this label, so nothing can be said to be the same."
            nobody = "The image has no patient id, so no other case is known to be of the same patient (Dataset menu)."
            set_text(self.words, none if has_patient else nobody)
            self.list.hide()
        self.keep.setEnabled(True)

    def _on_keep(self) -> None:
        note = ObjectNote(state=ObjectState(self.state.currentData()), comment=self.comment.text().strip())
        checked = Qt.CheckState.Checked
        items = [self.list.topLevelItem(place) for place in range(len(self._rows))]
        same = [row.key for row, item in zip(self._rows, items, strict=True) if item and item.checkState(0) == checked]
        self.accept()
        self._then(note, same)
