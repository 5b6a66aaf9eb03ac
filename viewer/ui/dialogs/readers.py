"""Readers: whether all work together or each on their own, how far each is, and the way into another reading."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QRadioButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from viewer.core.shapes.annotations import CaseStatus
from viewer.project.readings import EACH_OWN, SHARED, TOGETHER
from viewer.ui.dialogs.bounded import Body, BoundedDialog
from viewer.ui.dialogs.cancel import close_button
from viewer.ui.dialogs.edges import edge_to_edge, foot
from viewer.ui.flows.cases.listing import STATUS_LOOKS
from viewer.ui.look.chips import Paragraph, separator, text_label
from viewer.ui.look.choice_box import ChoiceBox
from viewer.ui.look.plain_text import add_choice, add_field_choices, button_text, set_name, set_text, set_tip, tree_row
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.state.worker import sentence_of, while_there

if TYPE_CHECKING:
    from viewer.project.readings import Round
    from viewer.ui.flows.desk import Desk
    from viewer.ui.state.readings import Progress

WAYS = (
    (TOGETHER, "All work together", "There is one reading of each case, and everybody sees and changes what is in it."),
    (
        EACH_OWN, "Each on their own",
        "Each reader has a reading of every case for themselves, and sees nothing of what others say.",
    ),
)  # fmt: skip
WHOSE = (
    "The name says who you are: what you do stands under it in the history, and you take back only what was done under "
    "it. Where all work together, a name without a reading of its own works in the shared one. A snapshot takes the "
    "readings of several by the rule that its dialog names."
)
STAYS = "What was said stays where it is. This window goes on as it is until you read as somebody below."
LEAST_ROWS, ROW_PX = 4, 24
WORDS_LINES, LINE_PX = 3, 18
NUMBERS = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ReadersDialog(BoundedDialog):
    """What it changes is kept at once; it closes when another reading is open."""

    def __init__(self, session: "Desk", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._readings = session, session.readings
        self._rows: list[Round] = []
        self.setWindowTitle("Readers")
        self.resize(620, 480)
        layout = edge_to_edge(self)
        body = QWidget()
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(16, 12, 16, 12)
        self._column.setSpacing(8)
        self._build_ways()
        self._build_table()
        self._build_read_as()
        self._column.addWidget(self._build_words())
        layout.addWidget(Body(body), 1)
        layout.addWidget(separator())
        layout.addWidget(self._build_footer())
        self._readings.changed.connect(self._on_changed)
        self._show_way()
        self._fill()
        self.name.setFocus()

    # Parts

    def _build_ways(self) -> None:
        self.ways: dict[str, QRadioButton] = {}
        group = QButtonGroup(self)
        project = self._session.project
        for how, name, sentence in WAYS:
            button = QRadioButton(button_text(name))
            button.setEnabled(project is not None and not project.read_only)
            button.clicked.connect(lambda _=False, how=how: self._on_way(how))
            group.addButton(button)
            said = Paragraph("rowlow")
            said.setIndent(24)
            set_text(said, sentence)
            self._column.addWidget(button)
            self._column.addWidget(said)
            self.ways[how] = button

    def _build_table(self) -> None:
        self.table = QTreeWidget()
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setAccessibleName("Readings and how far each is")
        self._give_rows(1)
        self.table.currentItemChanged.connect(lambda now, _before: self._on_row(now))
        self._column.addWidget(self.table, 1)

    def _give_rows(self, rows: int) -> None:
        """Room below the head for the readings there are; more than a few are scrolled to."""
        self.table.setMinimumHeight(self._session.theme.room(ROW_PX) * (1 + min(rows, LEAST_ROWS)))

    def _build_read_as(self) -> None:
        session, said = self._session, Paragraph("rowlow")
        said.setText(WHOSE)
        self._column.addWidget(said)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(text_label("Read as", "second"))
        self.name = QComboBox()
        self.name.setEditable(True)
        self.name.setMinimumWidth(200)
        set_name(self.name, "Name of the reader")
        known = (session.author, session.projects.user_name, *self._readings.readers, *self._readings.authors)
        add_field_choices(self.name, [name for name in dict.fromkeys(known) if name])
        row.addWidget(self.name, 1)
        self.shared = KeyButton(session.icons, "Open the shared reading")
        self.shared.setAutoDefault(False)
        self.shared.clicked.connect(self._on_shared)
        row.addWidget(self.shared)
        self._column.addLayout(row)
        which = QHBoxLayout()
        which.setSpacing(8)
        which.addWidget(text_label("Reading", "second"))
        self.which = ChoiceBox()
        set_name(self.which, "Which reading of theirs")
        which.addWidget(self.which, 1)
        self._column.addLayout(which)
        self.name.currentTextChanged.connect(lambda _: self._offer())
        self._offer()

    def _offer(self, wanted: str = "") -> None:
        """The readings of whoever is named; what was chosen stays, where it is still there."""
        before = self.which.currentIndex()
        self.which.clear()
        offered = self._readings.offered(self.name.currentText())
        for words, asked in offered:
            add_choice(self.which, words, asked)
        asked_for = [asked for _, asked in offered]
        kept = before if 0 <= before < len(offered) else 0
        self.which.setCurrentIndex(asked_for.index(wanted) if wanted in asked_for else kept)

    def _build_footer(self) -> QFrame:
        bar, row = foot()
        row.addStretch(1)
        row.addWidget(close_button(self, self._session.icons))
        self.read = KeyButton(self._session.icons, "Read as", key="Return", icon="accept", kind="primary")
        self.read.setDefault(True)
        self.read.clicked.connect(self._on_read)
        row.addWidget(self.read)
        return bar

    def _build_words(self) -> QWidget:
        """What was done, or refused: its room is kept, for a line that came would move the fields above it."""
        room = QWidget()
        room.setMinimumHeight(WORDS_LINES * self._session.theme.room(LINE_PX))
        within = QVBoxLayout(room)
        within.setContentsMargins(0, 0, 0, 0)
        self.words = Paragraph("second")
        within.addWidget(self.words)
        within.addStretch(1)
        return room

    # Following

    def _on_changed(self) -> None:
        self._show_way()
        self._offer()
        self._fill()

    def _show_way(self) -> None:
        self.ways[EACH_OWN if self._readings.each_own else TOGETHER].setChecked(True)

    def _fill(self) -> None:
        self._readings.bring_progress(self._show, owner=self)

    def _show(self, progress: "Progress") -> None:
        """A round that was made between the two questions comes with the next."""
        project = self._session.project
        self._rows = [one for one in self._readings.rounds if one.round_id in progress]
        statuses = [status for status in CaseStatus if any(status in states for states in progress.values())]
        self._head(statuses)
        self._give_rows(max(1, len(self._rows)))
        for one in self._rows:
            name = "Shared reading" if one.round_id == SHARED else one.words
            here = project is not None and project.round_id == one.round_id
            states = progress[one.round_id]
            counts = [str(states.get(status, 0)) for status in statuses]
            words = f"{name} (open here)" if here else name
            row = tree_row(self.table, (words, *counts))
            set_tip(row, words)
            for column in range(1, len(counts) + 1):
                row.setTextAlignment(column, NUMBERS)

    def _head(self, statuses: Sequence[CaseStatus]) -> None:
        """Empty, with a column for each status."""
        self.table.clear()
        titles = tree_row(None, ("Reading", *(_word(status) for status in statuses)))
        for column in range(1, len(statuses) + 1):
            titles.setTextAlignment(column, NUMBERS)
        self.table.setHeaderItem(titles)
        head = self.table.header()
        head.setStretchLastSection(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)

    def _on_row(self, item: QTreeWidgetItem | None) -> None:
        place = -1 if item is None else self.table.indexOfTopLevelItem(item)
        if 0 <= place < len(self._rows) and self._rows[place].reader:
            self.name.setEditText(self._rows[place].reader)
            self._offer(self._rows[place].words)

    # Doing

    def _on_way(self, how: str) -> None:
        project = self._session.project

        refuse = while_there(self, self._refuse)

        def said() -> None:
            self._let_choose(on=True)
            words = self._readings.words
            set_text(self.words, f"{STAYS} It is in {words}." if words else STAYS)

        def done() -> None:
            if how == TOGETHER and project is not None and not project.reader:
                self._session.projects.read_shared("", while_there(self, back), refuse)  # by the name it is of itself
            else:
                said()

        def back() -> None:
            self.name.setEditText(self._session.author)
            said()

        self._let_choose(on=False)
        self._readings.let_read(how, while_there(self, done), refuse)

    def _on_read(self) -> None:
        self._wait()
        accept, refuse = while_there(self, self.accept), while_there(self, self._refuse)
        reading = self.which.currentData() if self.name.currentText().strip() else ""
        self._session.projects.go_on_as(self.name.currentText(), accept, refuse, reading=reading)

    def _on_shared(self) -> None:
        self._wait()
        accept, refuse = while_there(self, self.accept), while_there(self, self._refuse)
        self._session.projects.read_shared(self.name.currentText(), accept, refuse)

    def _wait(self) -> None:
        self._let_choose(on=False)
        set_text(self.words, "Opening the reading…")

    def _let_choose(self, *, on: bool) -> None:
        for button in (self.read, self.shared):
            button.setEnabled(on)

    def _refuse(self, error: Exception) -> None:
        self._let_choose(on=True)
        self._show_way()
        set_text(self.words, sentence_of(error))


def _word(status: CaseStatus) -> str:
    """What the list of cases calls a state."""
    return STATUS_LOOKS[status][0] if status in STATUS_LOOKS else status.value.capitalize()
