"""New dataset snapshot: what is ready, divided by patient, frozen under the name of its content."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from viewer.core.errors import AppError, BadRequest, PatientInTwoParts
from viewer.core.task_kinds.kind import task_kind, task_kinds
from viewer.core.text.counting import counted
from viewer.project.cases import assure_kind
from viewer.project.records import Task
from viewer.project.snapshots.preview import Division, SnapshotPreview
from viewer.project.snapshots.task_checks import change_words
from viewer.project.snapshots.why_empty import stay_out_words, why_empty
from viewer.ui.dialogs.bounded import Body, BoundedDialog
from viewer.ui.dialogs.cancel import cancel_button
from viewer.ui.dialogs.dataset_rows import (
    LabelRow,
    LabelTable,
    label_rows,
    left_out_names,
)
from viewer.ui.dialogs.edges import edge_to_edge, foot
from viewer.ui.dialogs.last_used import keep_last, read_last
from viewer.ui.dialogs.readings_rule import ReadingsRule
from viewer.ui.dialogs.sample_fields import SAMPLE_TEXTS, SampleFields
from viewer.ui.dialogs.split_fields import LeakCheck, SplitFields
from viewer.ui.dialogs.task_labels import labels_to_choose, nothing_to_choose
from viewer.ui.flows.snapshots import made_words
from viewer.ui.look.chips import Paragraph, separator, text_label
from viewer.ui.look.plain_text import add_field_choices, set_text, set_tip
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.state.worker import sentence_of

if TYPE_CHECKING:
    from viewer.project.snapshots.snapshot import Snapshot
    from viewer.ui.flows.desk import Desk

DELAY_MS = 200
EXCLUSIVE_WORDS = "Exactly one per image"
PROMISE = "A snapshot never changes once it is made."
NAME_WORDS = (
    "The name is the task's: its snapshots and runs are listed under it, and its test patients stay in test. Each "
    "snapshot has an id of its own beside it, made of its content."
)
LAST = "split"  # under which the fields are remembered
LAST_TEXTS = {"task": "task", "method": "way to split", "file": "split file", "column": "column of the split file"}


class DatasetDialog(BoundedDialog):
    """Asks for a task and a split; every figure comes from the code that makes the snapshot."""

    snapshot_made = Signal(object)  # Snapshot

    def __init__(self, session: "Desk", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.preview: SnapshotPreview | None = None
        self.division: Division | None = None
        self._dividing: object = None  # the last wish, whose division alone counts
        self.snapshot: Snapshot | None = None
        self._reading: tuple[object, ...] | None = None
        self._busy = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY_MS)
        self._timer.timeout.connect(self._read)
        self.setWindowTitle("New dataset snapshot")
        self.resize(760, 480)
        layout = edge_to_edge(self)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(10)
        column.addLayout(self._build_task())
        self.readings = ReadingsRule(session)
        self.readings.rule_changed.connect(self._on_task)
        column.addWidget(self.readings)
        self._build_words(column)
        self.cases = text_label("", "body")
        self.cases_out = Paragraph("rowlow")  # wrapped: one line of every reason was wider than the screen
        line = QHBoxLayout()
        line.addWidget(_name("Cases"))
        line.addWidget(self.cases)
        line.addStretch(1)
        column.addLayout(line)
        column.addWidget(self.cases_out)
        self.table = LabelTable(session)
        self.table.choice_changed.connect(self._on_task)
        column.addWidget(self.table, 1)
        self.samples = SampleFields(session)
        self.samples.changed.connect(self._on_task)
        column.addWidget(self.samples)
        self.split = SplitFields(session)
        self.split.changed.connect(self._divide)
        column.addWidget(self.split)
        self.leaks = LeakCheck(session)
        column.addWidget(self.leaks)
        layout.addWidget(Body(body), 1)
        layout.addWidget(separator())
        layout.addWidget(self._build_footer())
        self._choose_first_kind(self._take_last())
        self._on_kind()

    # Parts

    def _build_task(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(_name("Task name"))
        self.name = QComboBox()
        self.name.setEditable(True)
        self.name.setMinimumWidth(190)
        self.name.setAccessibleName("Name of the task")
        self._tasks = self._session.at_hand.tasks.all()
        add_field_choices(self.name, [task.name for task in self._tasks])
        self.name.activated.connect(lambda place: self._take_task(self._tasks[place]))
        self.name.editTextChanged.connect(lambda _: self._on_task())
        row.addWidget(self.name)
        row.addSpacing(12)
        row.addWidget(text_label("Kind", "second"))
        group = QFrame()
        group.setProperty("surface", "segments")
        inner = QHBoxLayout(group)
        inner.setContentsMargins(2, 2, 2, 2)
        inner.setSpacing(2)
        self.kinds: dict[str, KeyButton] = {}
        for kind in task_kinds():
            button = KeyButton(self._session.icons, kind.word, kind="quiet", height_px=26)
            button.setCheckable(True)
            button.setAutoExclusive(True)
            button.clicked.connect(self._on_kind)
            self.kinds[kind.name] = button
            inner.addWidget(button)
        row.addWidget(group)
        self.exclusive = QCheckBox(EXCLUSIVE_WORDS)
        self.exclusive.setToolTip("Exclusive classes (softmax); else each label is yes or no for itself")
        self.exclusive.toggled.connect(lambda _: self._on_task())
        row.addWidget(self.exclusive)
        row.addStretch(1)
        return row

    def _build_words(self, column: QVBoxLayout) -> None:
        self.about_name = Paragraph("caption")
        self.about_name.setText(NAME_WORDS)
        self.changes, self.without = Paragraph("warn"), Paragraph("warn")
        for said in (self.about_name, self.changes, self.without):
            said.setHidden(said is not self.about_name)
            column.addWidget(said)

    def _build_footer(self) -> QFrame:
        bar, row = foot()
        row.addWidget(text_label(PROMISE, "rowmid"))
        row.addStretch(1)
        row.addWidget(cancel_button(self, self._session.icons))
        self.make = KeyButton(self._session.icons, "Make snapshot", key="Return", icon="lock", kind="primary")
        self.make.setDefault(True)
        self.make.clicked.connect(self._on_make)
        row.addWidget(self.make)
        return bar

    # What is asked for

    @property
    def kind(self) -> str:
        """The chosen kind of task."""
        return next((kind for kind, button in self.kinds.items() if button.isChecked()), next(iter(self.kinds)))

    def task(self) -> Task:
        """The task as the fields say. Raises BadRequest with the field that is missing."""
        labels = self.table.chosen()
        name = self.name.currentText().strip()
        if not name:
            raise BadRequest("Give the task a name.")
        if not labels:
            raise BadRequest("Choose at least one label." if self.table.rows else nothing_to_choose(self.kind))
        known = self._known(name)
        if known is not None:
            assure_kind(replace(known, kind=self.kind), known.kind)
            if set(labels) == set(known.labels):
                labels = list(known.labels)  # in another order it would be another task
        exclusive = self.exclusive.isChecked()
        if not task_kind(self.kind).asks_exclusive:
            exclusive = known is not None and known.exclusive  # the box is not there
        if len(labels) == 1 < task_kind(self.kind).least_labels(exclusive=exclusive):
            raise BadRequest(
                f"“{EXCLUSIVE_WORDS}” needs at least two labels: choose another one, or take the tick of "
                f"“{EXCLUSIVE_WORDS}” away, so that {labels[0]} is yes or no for itself."
            )
        return Task(
            name=name, kind=self.kind, labels=tuple(labels), exclusive=exclusive, readings=self.readings.rule
        )  # fmt: skip

    # Following the fields

    def _known(self, name: str) -> Task | None:
        """The task of the project that has this name."""
        return next((task for task in self._tasks if task.name == name), None)

    def _take_last(self) -> str:
        """Samples and split as of the last snapshot made here; returns the name of its task, "" before the first."""
        project = self._session.project
        if project is None:
            return ""
        numbers, texts = {**self.split.ranges, **self.samples.ranges}, {**LAST_TEXTS, **SAMPLE_TEXTS}
        last = read_last(self._session.settings, project, LAST, numbers=numbers, texts=texts)
        self.split.show_last(last)
        self.samples.show_last(last)
        return str(last.values.get("task", ""))

    def _choose_first_kind(self, name: str) -> None:
        if self._tasks:
            place = next((place for place, task in enumerate(self._tasks) if task.name == name), 0)
            self.name.setCurrentIndex(place)
            self._take_task(self._tasks[place])
            return
        scope = "image" if any(label.scope == "image" for label in self._session.at_hand.labels) else "region"
        self.kinds[next(kind.name for kind in task_kinds() if kind.scope == scope)].setChecked(True)
        self.exclusive.setChecked(True)
        self.name.setEditText("")

    def _take_task(self, task: Task) -> None:
        self.kinds[task.kind].setChecked(True)
        self.exclusive.setChecked(task.exclusive)
        self.readings.choose(task.readings)
        self._on_kind()
        self.table.choose(task.labels)
        self._on_task()

    def _on_kind(self) -> None:
        kind = task_kind(self.kind)
        self.exclusive.setVisible(kind.asks_exclusive)
        name = self.name.currentText()
        known = self._known(name)
        if name in ("", *(one.first_name for one in task_kinds())) and (known is None or known.kind != self.kind):
            self.name.setEditText(kind.first_name)
        self.table.set_rows([LabelRow(label=label) for label in labels_to_choose(self._session.at_hand, kind.scope)])
        self._on_task()

    def _on_task(self) -> None:
        self._timer.start()

    def _read(self) -> None:
        """Read what is ready for the task, off the window's thread."""
        project = self._session.project
        try:
            task, rule = self.task(), self.samples.rule()
        except AppError as error:
            self.changes.hide()
            self._reading, self.preview = None, None  # what was read, and is being read, is of another task
            set_text(self.cases, "not counted yet")
            self.cases_out.hide()
            self._refuse(str(error), "Fill in the fields")
            return
        if project is None:
            return
        self._say_change(task)
        wanted = (task.name, task.kind, task.labels, task.exclusive, task.readings, rule)
        self._reading = wanted

        def done(preview: SnapshotPreview) -> None:
            if self._reading == wanted:
                self.preview = preview
                self.samples.offer_views(offered=preview.has_views)
                self._divide()

        def failed(error: Exception) -> None:
            self._refuse(str(error), "Cannot be read")

        self._session.run_in_background(lambda: SnapshotPreview(project, task, rule), done, failed, owner=self)

    def _say_change(self, task: Task) -> None:
        """Before it is made: a task that is there is no other one in silence."""
        known = self._known(task.name)
        words = "" if known is None else change_words(known, task)
        set_text(self.changes, f"This changes the task {task.name}, also in Annotate: {words}." if words else "")
        self.changes.setVisible(bool(words))

    def _divide(self) -> None:
        """Divide as the fields say, off the window's thread: a split's file names images as the project knows them."""
        preview = self.preview
        if preview is None:
            return
        self._show_cases(preview)
        hidden = self._session.names_hidden or preview.is_blind
        try:
            self.task()
            if not preview.pairs:
                raise BadRequest(why_empty(preview.task, preview, {} if hidden else preview.left_out_of))
            options = self.split.options()
        except AppError as error:
            self._cannot_divide(error)
            return
        self._dividing = asked = object()
        self.division = None  # until the fields' own is there
        self.make.setEnabled(False)

        def done(division: Division) -> None:
            if self._dividing is asked:
                self.division = division
                self._show_division(division, preview)

        def failed(error: Exception) -> None:
            if self._dividing is asked:
                self._cannot_divide(error)

        divide: Callable[[], Division] = partial(preview.divide, **options)  # type: ignore[arg-type]  # its own keys
        self._session.run_in_background(divide, done, failed, owner=self)

    def _cannot_divide(self, error: Exception) -> None:
        self._dividing, self.division = None, None
        word = "Patient in two parts" if isinstance(error, PatientInTwoParts) else "Not possible"
        self._refuse(sentence_of(error), word)

    def _show_cases(self, preview: SnapshotPreview) -> None:
        ready = len(preview.pairs)
        patients = len({item.patient_id for _, item in preview.pairs})
        images = self._session.at_hand.images.count()
        set_text(self.cases, f"{counted(ready, 'ready image')} of {images} · {counted(patients, 'patient')}")
        set_text(self.cases_out, stay_out_words(preview.left_out))
        self.cases_out.setVisible(bool(preview.left_out))
        # Who reads on their own does not hear on which film another says something else.
        named = {} if self._session.names_hidden or preview.is_blind else preview.left_out_of
        set_tip(self.cases_out, "\n".join([self.cases_out.text(), *left_out_names(named)]))

    def _show_division(self, division: Division, preview: SnapshotPreview) -> None:
        self.table.set_rows(label_rows([row.label for row in self.table.rows], division, preview), keep_choice=True)
        self.split.show_division(division)
        set_text(self.without, division.without)
        self.without.setVisible(bool(division.without))
        self.leaks.say_sound(division)
        self.make.set_words("Make snapshot", "accept")
        self.make.setEnabled(not self._busy)

    def _refuse(self, sentence: str, word: str) -> None:
        leak = word == "Patient in two parts"
        self.without.hide()
        self.leaks.refuse(sentence, leak=leak)
        self.split.show_division(None)
        self.make.set_words("Mend the split first" if leak else "Make snapshot", "lock")
        self.make.setEnabled(False)

    # Making it

    def _on_make(self) -> None:
        project = self._session.project
        if project is None or self.division is None or self.preview is None:
            return
        from viewer.project.snapshots.snapshot import make_snapshot

        task, session = self.task(), self._session
        options = {**self.split.options(), "rule": self.preview.rule}
        self._busy = True
        self.make.setEnabled(False)
        self.make.set_words("Making it…", "lock")

        def build() -> "tuple[Snapshot, list[Task]]":
            before = project.tasks.all()
            session.worker.start_write(lambda: project.tasks.put(task)).result()
            return make_snapshot(project, task, **options), before  # type: ignore[arg-type]  # the keys are its own

        session.run_in_background(build, self._on_made, self._on_failed, owner=self)

    def _on_made(self, made: "tuple[Snapshot, list[Task]]") -> None:
        self._busy = False
        snapshot, before = made
        self.snapshot, words = snapshot, made_words(snapshot, before)
        self._session.announced.emit("done", words)
        project = self._session.project
        if project is not None:
            values = {"task": snapshot.task.name, **self.split.last_values, **self.samples.last_values}
            keep_last(self._session.settings, project, LAST, values)
        self._session.snapshots.made(snapshot.id)
        self._session.snapshots.audit(snapshot, words)
        self._session.keeping.follow()  # its task is one of the project's now
        self.snapshot_made.emit(snapshot)
        self.accept()

    def _on_failed(self, error: Exception) -> None:
        self._busy = False
        self._refuse(str(error), "Not possible")


def _name(text: str) -> QLabel:
    label = text_label(text, "second")
    label.ensurePolished()
    label.setMinimumWidth(max(48, label.sizeHint().width()))
    return label
