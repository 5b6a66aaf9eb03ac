"""Jobs: the run that works or was chosen, with its device and log; what waits; cancel and resume."""

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPlainTextEdit,
    QProgressBar,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from viewer.core.text.durations import duration_words, rate_words
from viewer.core.text.nameless import LEFT_OUT
from viewer.ui.flows.run_words import (
    OPEN,
    STATE_LOOKS,
    doing_words,
    elapsed_s,
    made_of,
    memory_words,
    model_title,
    progress,
    run_title,
)
from viewer.ui.flows.to_review import review_with
from viewer.ui.look.chips import ElidedLabel, EmptyState, Paragraph, pill, separator, text_label
from viewer.ui.look.plain_text import set_field, set_text, set_tip
from viewer.ui.look.row_painting import KeyButton, SectionTitle
from viewer.ui.panels.judging import Judging
from viewer.ui.panels.run_report import hold_focus

if TYPE_CHECKING:
    from viewer.jobs.runs import RunState
    from viewer.ui.flows.desk import Desk

FOREIGN_WORDS = "Queued on another computer or by somebody else. It runs here only when you start it."
LOG_LINES = 200
LOG_LINE = re.compile(r"\S+ (?P<time>\d\d:\d\d:\d\d),\d+ (?P<level>[A-Z]+) \S+ (?P<words>.*)")
LOG_POLL_MS = 2000
MOST_SCALE_IN_A_ROW = 1.15


class Fact(QWidget):
    """A figure with its caption below."""

    def __init__(self, caption: str) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.value = text_label("", "strong")
        self.caption = text_label(caption, "caption")
        column.addWidget(self.value)
        column.addWidget(self.caption)

    def set_words(self, value: str, caption: str = "") -> None:
        """A figure that is not known is a dash."""
        set_text(self.value, value or "–")
        if caption:
            set_text(self.caption, caption)
            set_tip(self.caption, caption)


class JobsPanel(QWidget):
    """The column at the right of Train."""

    title = "Jobs"
    area = "right"
    workspaces = ("train",)
    count_changed = Signal(str)

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self._watch = session.jobs
        self._log_of = ""
        self._shown_run = ""
        self._log_told = ("", "", "")
        self._reading_log = False
        self.setMinimumWidth(340)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self.stack = QStackedWidget()
        outer.addWidget(self.stack)
        self.empty = EmptyState(session.icons, "train", "Nothing trains. Start a run from the Train menu.")
        self.body_scroll = scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        body = QWidget()
        body.setProperty("surface", "panel")
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._build_head())
        # What can be done and what came out stand where no scrolling is needed.
        layout.addWidget(self._build_buttons())
        layout.addWidget(separator())
        self.judging = Judging(session)
        layout.addWidget(self.judging)
        layout.addWidget(SectionTitle("Log"))
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
        self.log.setProperty("role", "mono")
        self.log.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.log.setMinimumHeight(110)
        self.log.setMaximumBlockCount(LOG_LINES)
        self.log.setAccessibleName("Log")
        layout.addWidget(self.log, 1)
        self.waiting_title = SectionTitle("Queue")
        layout.addWidget(self.waiting_title)
        self.waiting = QVBoxLayout()
        self.waiting.setContentsMargins(10, 4, 10, 6)
        layout.addLayout(self.waiting)
        scroll.setWidget(body)
        self.stack.addWidget(scroll)
        self.stack.addWidget(self.empty)
        self._log_timer = QTimer(self)
        self._log_timer.setInterval(LOG_POLL_MS)
        self._log_timer.timeout.connect(self._read_log)
        self._watch.runs_changed.connect(lambda _: self.reload())
        self._watch.run_selected.connect(lambda _: self.reload())
        self.reload()

    def _build_head(self) -> QWidget:
        head = QWidget()
        column = QVBoxLayout(head)
        column.setContentsMargins(12, 10, 10, 10)
        column.setSpacing(6)
        first = QHBoxLayout()
        first.setSpacing(10)
        names = QVBoxLayout()
        names.setSpacing(0)
        self.job_name, self.job_model = ElidedLabel("title"), ElidedLabel("rowlow")
        names.addWidget(self.job_name)
        names.addWidget(self.job_model)
        first.addLayout(names, 1)
        self.state = pill("", "mute")
        first.addWidget(self.state, 0, Qt.AlignmentFlag.AlignVCenter)
        column.addLayout(first)
        second = QHBoxLayout()
        self.folds = ElidedLabel("rowlow")
        names.addWidget(self.folds)
        self.epoch = text_label("", "strong")
        self.step = text_label("", "rowlow")
        self.left = text_label("", "strong")
        second.addWidget(self.epoch)
        second.addStretch(1)
        second.addWidget(self.step)
        column.addLayout(second)
        third = QHBoxLayout()
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        third.addWidget(self.bar, 1)
        third.addWidget(self.left)
        column.addLayout(third)
        self.elapsed, self.speed = Fact("so far"), Fact("images")
        self.memory, self.device = Fact("memory"), Fact("")
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(14)
        self._lay_facts()
        self._session.theme_changed.connect(self._lay_facts)
        column.addLayout(self._facts)
        self.error = QFrame()
        self.error.setProperty("surface", "err")
        inner = QVBoxLayout(self.error)
        inner.setContentsMargins(10, 6, 10, 6)
        self.error_words = Paragraph("err")
        inner.addWidget(self.error_words)
        column.addWidget(self.error)
        return head

    def _lay_facts(self, *_: object) -> None:
        """Four figures in a row, or two rows of them where the text is larger than the column has room for."""
        columns = 4 if self._session.theme.font_scale <= MOST_SCALE_IN_A_ROW else 2
        for place, fact in enumerate((self.elapsed, self.speed, self.memory, self.device)):
            self._facts.addWidget(fact, *divmod(place, columns))
        for place, share in enumerate((2, 2, 2, 3) if columns == 4 else (2, 3, 0, 0)):
            self._facts.setColumnStretch(place, share)

    def _build_buttons(self) -> QWidget:
        self.buttons = host = QWidget()
        row = QHBoxLayout(host)
        row.setContentsMargins(12, 4, 10, 10)
        row.setSpacing(6)
        icons = self._session.icons
        self.cancel = KeyButton(icons, "Cancel", icon="stop")
        self.cancel.setToolTip("Stop after this step; what was learnt is kept and can be resumed")
        self.resume = KeyButton(icons, "Resume", icon="play")
        self.review = KeyButton(icons, "Review with this model", icon="predict")
        for button in (self.cancel, self.resume, self.review):
            row.addWidget(button)
        row.addStretch(1)
        self.cancel.clicked.connect(self._on_cancel)
        self.resume.clicked.connect(self._on_resume)
        self.review.clicked.connect(self._on_review)
        return host

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.reload()

    def reload(self) -> None:
        """Show the chosen run as it stands."""
        run = self._watch.selected
        self.stack.setCurrentIndex(0 if run is not None else 1)
        beside = [(other, one) for other in self._watch.runs for one in other.beside]
        working = [(other, one) for other, one in beside if one.state in ("running", "paused")]
        running = sum(other.state in ("running", "paused") for other in self._watch.runs) + len(working)
        queued = [other for other in self._watch.runs if other.state == "queued"]
        words = [f"{running} running"] if running else []
        waiting = len(queued) + sum(one.state == "queued" for _, one in beside)
        words += [f"{waiting} waiting"] if waiting else []
        self.count_changed.emit(" · ".join(words))
        self._show_waiting(queued)
        self.judging.show_runs(self._watch.runs)
        if run is None:
            self._log_timer.stop()
            return
        if run.run_id != self._shown_run:  # another one is read from its name on
            self._shown_run = run.run_id
            self.body_scroll.verticalScrollBar().setValue(0)
        self._show_head(run)
        # Once more after it ended: its last lines came after the last look.
        if (run.run_id, run.state, run.error) != self._log_told or run.state == "running":
            self._read_log()
        if run.state == "running":
            self._log_timer.start()
        else:
            self._log_timer.stop()

    def _show_head(self, run: "RunState") -> None:
        set_text(self.job_name, run_title(run))
        set_tip(self.job_name, run_title(run))
        set_text(self.job_model, made_of(run))
        set_tip(self.job_model, made_of(run))
        folds = self._watch.folds
        self._show_folds(run, folds)
        word, kind = STATE_LOOKS[run.state]
        set_text(self.state, word)
        self.state.setProperty("pill", kind)
        self.state.style().unpolish(self.state)
        self.state.style().polish(self.state)
        self.state.setFixedHeight(self._session.theme.room(18))
        self.state.updateGeometry()  # the pill's padding came with the style, after the words
        epoch = doing_words(run)
        set_text(self.epoch, epoch[:1].upper() + epoch[1:])
        stepping = run.state == "running" and run.steps and not run.loading
        set_text(self.step, f"step {run.step} of {run.steps}" if stepping else "")
        left = duration_words(run.left_s) if run.state == "running" else ""
        set_text(self.left, f"{left} left" if left else "")
        self.bar.setValue(round(1000 * progress(run)))
        self.elapsed.set_words(duration_words(elapsed_s(run)), "so far" if run.state == "running" else "in all")
        speed, unit = rate_words(run.images_per_s)
        self.speed.set_words(f"{speed:.1f} / {unit}" if unit else "")
        self.memory.set_words(memory_words(run.memory_bytes))
        self.device.set_words(device_words(run), run.device_reason or "device")
        foreign = run.state == "elsewhere"
        self.error.setVisible(bool(run.error))
        for widget, name in ((self.error, "surface"), (self.error_words, "role")):
            widget.setProperty(name, "warn" if foreign else "err")  # it has not failed
            widget.style().unpolish(widget)
            widget.style().polish(widget)
        set_text(self.error_words, FOREIGN_WORDS if foreign else run.error or "")
        hold_focus(self.buttons, (self.cancel, self.resume, self.review))
        together = folds or (run,)  # all folds are one job
        self.cancel.setVisible(any(one.state in OPEN for one in together))
        self.resume.setVisible(any(one.state in ("cancelled", "failed", "elsewhere") for one in together))
        # A run that this person did not queue here starts only when asked for.
        self.cancel.set_words("Cancel all folds" if folds else "Cancel")
        self.resume.set_words("Start here" if foreign else "Resume all folds" if folds else "Resume")
        self.resume.setToolTip("Start this run on this computer" if foreign else "Go on from the last finished epoch")
        self.review.setVisible(run.state == "finished")

    def _show_folds(self, run: "RunState", folds: "tuple[RunState, ...]") -> None:
        self.folds.setVisible(bool(folds))
        if folds:
            from viewer.jobs.folds import folds_words

            others = (one for one in folds if one.state == "running" and one.run_id != run.run_id)
            at_work = [f"fold {one.fold} is at {doing_words(one) or 'work'}" for one in others]
            words = "; ".join((folds_words(run, folds), *at_work))
            set_text(self.folds, words[:1].upper() + words[1:])
            set_tip(self.folds, words)

    def _show_waiting(self, queued: "list[RunState]") -> None:
        while self.waiting.count():
            item = self.waiting.takeAt(0)
            widget = None if item is None else item.widget()
            if widget is not None:
                widget.deleteLater()
        self.waiting_title.setVisible(bool(queued))
        for place, run in enumerate(sorted(queued, key=lambda run: run.run_id), start=1):
            row = ElidedLabel("rowmid")
            fold = "" if run.fold is None else f"   fold {run.fold}"
            set_text(row, f"{place}   {run_title(run)}   {model_title(run.model)}{fold}")
            set_tip(row, run_title(run))
            self.waiting.addWidget(row)

    def _read_log(self) -> None:
        run = self._watch.selected
        if run is None or self._reading_log:
            return
        self._reading_log = True
        folder, run_id = run.folder, run.run_id
        told = (run.run_id, run.state, run.error)
        # The file holds no names, so a failure's sentence is not in it.
        reason = [f"failed: {run.error}"] if run.state == "failed" and run.error else []

        def read() -> list[str]:
            from viewer.jobs.runs import tail

            words = [log_words(line) for line in tail(folder, LOG_LINES)]
            return [line for line in words if not line.endswith(f" {LEFT_OUT}")] + reason

        def done(lines: list[str]) -> None:
            self._reading_log = False
            self._log_told = told
            self._show_log(run_id, lines)
            now = self._watch.selected
            if now is not None and (now.run_id, now.state, now.error) != told:  # it went on while the file was read
                self._read_log()

        def failed(_error: Exception) -> None:
            self._reading_log = False

        self._session.run_in_background(read, done, failed)

    def _show_log(self, run_id: str, lines: list[str]) -> None:
        text = "\n".join(lines)
        if run_id == self._log_of and text == self.log.toPlainText():
            return
        bar = self.log.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - 2 or run_id != self._log_of
        self._log_of = run_id
        set_field(self.log, text)
        if at_end:
            bar.setValue(bar.maximum())

    def _on_cancel(self) -> None:
        run, folds = self._watch.selected, self._watch.folds
        if folds:
            self._session.side_tests.cancel_folds(folds)
        elif run is not None:
            self._watch.cancel(run)

    def _on_resume(self) -> None:
        run, folds = self._watch.selected, self._watch.folds
        if folds:
            self._session.side_tests.resume_folds(folds)
        elif run is not None:
            self._watch.resume(run)

    def _on_review(self) -> None:
        run = self._watch.selected
        if run is not None:
            review_with(self._session, run)


def device_words(run: "RunState") -> str:
    """Device and precision, as the run chose them."""
    device = {"cpu": "CPU", "cuda": "CUDA", "mps": "Apple GPU"}.get(run.device, run.device)
    return ", ".join(part for part in (device, run.precision.replace("_", " ")) if part)


def log_words(line: str) -> str:
    """A log line without its date and its logger's name, which the file keeps."""
    found = LOG_LINE.match(line)
    if found is None:
        return line
    level = "" if found["level"] == "INFO" else f"{found['level'].lower()} "
    return f"{found['time']} {level}{found['words']}"
