"""What a person writes on a run: its name, its tags, a note; and the tags of several runs at once."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from viewer.core.errors import AppError
from viewer.core.text.counting import counted
from viewer.ui.dialogs.bounded import BoundedDialog
from viewer.ui.dialogs.cancel import cancel_button
from viewer.ui.flows.run_edits import Written, write_on
from viewer.ui.flows.run_words import made_of, run_title
from viewer.ui.look.chips import Paragraph, text_label
from viewer.ui.look.plain_text import set_field, set_hint, set_name, set_text, set_tip, set_title
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.state.worker import sentence_of

if TYPE_CHECKING:
    from viewer.jobs.runs import RunState
    from viewer.ui.flows.desk import Desk

WIDTH_PX, NOTE_PX, MOST_OFFERED = 460, 96, 12
TAGS_TIP = "Words of your own, blanks between; runs are found by them: tag:best"
NAME_TIP = "The run keeps its four digits behind it, by which the command line and other runs know it"


class MarksDialog(BoundedDialog):
    """Return keeps what is typed, once it is on the disk; what cannot be kept stands in the dialog, which stays."""

    def __init__(self, session: "Desk", title: str, words: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._session = session
        set_title(self, title)
        self.setMinimumWidth(WIDTH_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        about = Paragraph("second")
        set_text(about, words)
        column.addWidget(about)
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(10)
        self.form.setVerticalSpacing(8)
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        column.addLayout(self.form)
        self.build_fields()
        self.known = Paragraph("caption")
        words = " ".join(known_tags(session.jobs.runs)[:MOST_OFFERED])
        set_text(self.known, f"Tags of this project: {words}")
        self.known.setVisible(bool(words))
        column.addWidget(self.known)
        self.problem = Paragraph("err")
        self.problem.hide()
        column.addWidget(self.problem)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel_button(self, session.icons))
        self.keep = KeyButton(session.icons, "Keep", key="Return", icon="accept", kind="primary")
        self.keep.setDefault(True)
        self.keep.clicked.connect(self._on_keep)
        buttons.addWidget(self.keep)
        column.addLayout(buttons)

    def build_fields(self) -> None:
        """Fill the form."""
        raise NotImplementedError

    def written(self) -> "list[tuple[RunState, Written]]":
        """What the fields say. Raises BadRequest."""
        raise NotImplementedError

    def field(self, words: str, tip: str, text: str = "") -> QLineEdit:
        """One line of the form."""
        made = QLineEdit()
        set_field(made, text)
        set_name(made, words)
        set_tip(made, tip)
        label = text_label(words, "second")
        set_tip(label, tip)
        self.form.addRow(label, made)
        return made

    def _on_keep(self) -> None:
        try:
            written = self.written()
        except AppError as error:
            self._on_failed(error)
            return
        self.keep.setEnabled(False)
        write_on(self._session, written, kept=self.accept, failed=self._on_failed, owner=self)

    def _on_failed(self, error: Exception) -> None:
        self.keep.setEnabled(True)
        set_text(self.problem, sentence_of(error))
        self.problem.show()


class RunMarksDialog(MarksDialog):
    """Name, tags and note of one run. first: the field that has the cursor, "title", "tags" or "note"."""

    def __init__(self, session: "Desk", run: "RunState", first: str = "title", parent: QWidget | None = None) -> None:
        self._run = run
        super().__init__(session, f"Name, tags and note of {run_title(run)}", f"{run.task} · {made_of(run)}", parent)
        chosen = {"title": self.title, "tags": self.tags, "note": self.note}[first]
        chosen.setFocus()
        if isinstance(chosen, QLineEdit):
            chosen.selectAll()

    def build_fields(self) -> None:
        """See `MarksDialog`."""
        run = self._run
        self.title = self.field("Name", NAME_TIP, run.title)
        set_hint(self.title, "A name of your own")
        self.tags = self.field("Tags", TAGS_TIP, " ".join(run.tags))
        self.note = QPlainTextEdit()
        self.note.setProperty("kind", "field")
        self.note.setTabChangesFocus(True)
        self.note.setFixedHeight(self._session.theme.room(NOTE_PX))
        set_field(self.note, run.note)
        set_name(self.note, "Note")
        self.form.addRow(text_label("Note", "second"), self.note)

    def written(self) -> "list[tuple[RunState, Written]]":
        """See `MarksDialog`."""
        from viewer.jobs.run_marks import RunMarks, checked_marks, tags_typed

        said = RunMarks(title=self.title.text(), note=self.note.toPlainText(), tags=tags_typed(self.tags.text()))
        marks = checked_marks(said)
        return [(self._run, Written(title=marks.title, note=marks.note, tags=marks.tags))]


class TagsOfRunsDialog(MarksDialog):
    """Tags that several runs get, and tags that are taken from them."""

    def __init__(self, session: "Desk", runs: "Sequence[RunState]", parent: QWidget | None = None) -> None:
        self._runs = runs
        super().__init__(session, f"Tags of {counted(len(runs), 'run')}", ", ".join(map(run_title, runs)), parent)
        self.more.setFocus()

    def build_fields(self) -> None:
        """See `MarksDialog`."""
        self.more = self.field("Add", TAGS_TIP)
        self.fewer = self.field("Take away", "Tags that none of these runs shall have any more")

    def written(self) -> "list[tuple[RunState, Written]]":
        """See `MarksDialog`."""
        from viewer.jobs.run_marks import checked_tags, tags_typed

        more, fewer = tags_typed(self.more.text()), {tag.casefold() for tag in tags_typed(self.fewer.text())}
        left = [(run, [tag for tag in run.tags if tag.casefold() not in fewer]) for run in self._runs]
        return [(run, Written(tags=checked_tags([*tags, *more]))) for run, tags in left]


def known_tags(runs: "Sequence[RunState]") -> list[str]:
    """Those that runs of the project bear, the most frequent first."""
    counts: dict[str, int] = {}
    for run in runs:
        for tag in run.tags:
            counts[tag] = counts.get(tag, 0) + 1
    return sorted(counts, key=lambda tag: (-counts[tag], tag))
