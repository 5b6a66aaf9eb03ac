"""A second read of a snapshot: drawing its cases and who reads them, how far it is, and how far two readings agree."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from viewer.core.text.titles import short_id
from viewer.ui.dialogs.bounded import Body, BoundedDialog
from viewer.ui.dialogs.cancel import close_button
from viewer.ui.dialogs.question import question
from viewer.ui.look.chips import Paragraph, text_label
from viewer.ui.look.plain_text import set_field, set_name, set_text, set_tip, set_title
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.state.worker import sentence_of, while_there

if TYPE_CHECKING:
    from ml.evaluation.agreeing.second_read import SecondReadTold
    from viewer.ui.flows.desk import Desk
    from viewer.ui.flows.snapshots import SnapshotRow

MEANING = (
    "Some patients of the snapshot {} are read once more, by the same or another reader, who sees nothing of what was "
    "said the first time. How far the two agree is what no model can be known to be better than. Nothing of a second "
    "read is trained on."
)
READS = "It is being read."
FEWEST = "At least 30 patients are drawn, where there are as many: of fewer there is no interval."


class SecondReadDialog(BoundedDialog):
    """Return begins or goes on: the drawn cases stand in the list, in a reading of their own."""

    def __init__(self, session: "Desk", row: "SnapshotRow", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._row = session, row
        self.told: SecondReadTold | None = None
        set_title(self, "Second read")
        self.resize(520, 330)
        column, _ = question(
            self, "How far do two readings agree?", MEANING.format(f"{row.task} {short_id(row.id)}")
        )  # fmt: skip
        host = QWidget()
        inner = QVBoxLayout(host)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(8)
        self.progress, self.said = Paragraph("strong"), Paragraph("second")
        set_text(self.progress, READS)
        inner.addWidget(self.progress)
        inner.addWidget(self.said)
        self._build_fields()
        inner.addWidget(self.fields)
        self.note = Paragraph("caption")
        self.share.valueChanged.connect(lambda _: self._tell_drawn())
        self._tell_drawn()
        inner.addWidget(self.note)
        inner.addStretch(1)
        column.addWidget(Body(host), 1)
        self.problem = Paragraph("err")
        self.problem.hide()
        column.addWidget(self.problem)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(close_button(self, session.icons))
        self.other = KeyButton(session.icons, "Another reader…", icon="patient")
        set_tip(self.other, "Draw a second read for another reader too; the newest one is told")
        self.other.setAutoDefault(False)
        self.other.hide()
        self.other.clicked.connect(lambda: self._on_told(None))
        self.go = KeyButton(session.icons, "Draw and read", key="Return", icon="accept", kind="primary")
        self.go.setDefault(True)
        self.go.setEnabled(False)
        self.go.clicked.connect(self._on_go)
        buttons.insertWidget(0, self.other)
        buttons.addWidget(self.go)
        column.addLayout(buttons)
        self._ask()

    def _build_fields(self) -> None:
        """Who reads, and how much is drawn."""
        self.fields = QWidget()
        form = QFormLayout(self.fields)
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        self.name, self.share, self.seed = QLineEdit(), QSpinBox(), QSpinBox()
        set_field(self.name, self._session.author)
        self.share.setRange(1, 100)
        self.share.setValue(5)
        self.share.setSuffix(" %")
        self.seed.setRange(0, 2**31 - 1)
        self.seed.setValue(1)
        rows: tuple[tuple[str, str, QWidget], ...] = (
            ("Reader", "Who reads a second time: the same reader, to see how steady they are, or another", self.name),
            ("Patients", FEWEST, self.share),
            ("Seed", "The same seed draws the same patients", self.seed),
        )
        for words, tip, field in rows:
            set_name(field, words)
            set_tip(field, tip)
            label = text_label(words, "second")
            set_tip(label, tip)
            form.addRow(label, field)

    def _tell_drawn(self) -> None:
        """What the share comes to here, as it is typed."""
        from viewer.project.snapshots.second_read import drawn_words

        set_text(self.note, drawn_words(self._row.patients, self.share.value()))

    def _ask(self) -> None:
        """How far the second read of the snapshot is, where there is one."""
        project, wanted = self._session.project, self._row.id

        def read() -> "SecondReadTold | None":
            from ml.evaluation.agreeing.second_read import tell_second_read
            from viewer.project.snapshots.second_read import second_read_of

            found = None if project is None else second_read_of(project.folder, wanted)
            return None if project is None or found is None else tell_second_read(project, found)

        self._session.run_in_background(read, self._on_told, self._on_failed, owner=self)

    def _on_told(self, told: "SecondReadTold | None") -> None:
        self.told = told
        self.fields.setVisible(told is None)
        self.other.setVisible(told is not None)
        self.note.setVisible(told is None)
        set_text(self.progress, "" if told is None else told.progress)
        set_text(self.said, "" if told is None else told.said)
        for words in (self.progress, self.said):
            words.setVisible(told is not None)
        self.go.set_words("Draw and read" if told is None else "Go on reading")
        self.go.setEnabled(told is None or told.waits > 0)
        if told is not None and not told.waits:
            set_tip(self.go, "Every drawn case is read a second time")
        if told is None:
            self.name.setFocus()
            self.name.selectAll()

    def _on_failed(self, error: Exception) -> None:
        self.progress.setVisible(self.told is not None)
        self.go.setEnabled(True)
        set_text(self.problem, sentence_of(error))
        self.problem.show()

    def _on_go(self) -> None:
        self.problem.hide()
        self.go.setEnabled(False)
        if self.told is not None:
            self._open(self.told.read.reader)
            return
        session, project, wanted = self._session, self._session.project, self._row.id
        name, share, seed = self.name.text(), self.share.value(), self.seed.value()
        if project is None:
            return

        def draw() -> str:
            from viewer.project.snapshots.second_read import draw_second_read
            from viewer.project.snapshots.snapshot import Snapshot

            snapshot = Snapshot.load(project.folder, wanted)
            write = session.worker.start_write(
                lambda: draw_second_read(project, snapshot, name, share=share, seed=seed).reader
            )
            return str(write.result())

        session.run_in_background(draw, self._open, self._on_failed, owner=self)

    def _open(self, reader: str) -> None:
        """The reading of the second read, with its cases in the list."""
        from viewer.project.readings import asked_round

        session, row = self._session, self._row
        session.set_workspace("annotate")  # before the reading is theirs: of it Review would show what AI says

        def opened() -> None:
            session.snapshots.choose(row.id)
            session.snapshots.cases_asked.emit("part:second")
            session.snapshots.when_read(session.cases.open_first_waiting, anew=True)
            self.accept()

        session.projects.read_as(
            asked_round(reader).name, while_there(self, opened), while_there(self, self._on_failed), reading=reader
        )  # fmt: skip
