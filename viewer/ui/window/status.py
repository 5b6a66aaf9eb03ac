"""The status bar: what the mouse does, position and value || memory, what is saved, what this is not."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStatusBar, QWidget

from viewer.core.registry import load
from viewer.ui.flows.projects import project_words
from viewer.ui.look.chips import ElidedLabel, text_label
from viewer.ui.look.plain_text import plain_label, set_text, set_tip
from viewer.ui.panels.reading_line import ReadingLine
from viewer.ui.tools import TOOLS
from viewer.ui.views.spoken import spoken
from viewer.ui.window.own_row import GAP_PX, MARGIN_PX, OwnRow

if TYPE_CHECKING:
    from viewer.core.readout import Readout
    from viewer.reading.series import FrameRef
    from viewer.ui.flows.desk import Desk

SAID_MS = 6000
NOTICE = "Not a diagnosis · research software"
SHORT_PX = 1100  # below this width, at 100 % of text, what is saved and what this is not are said in fewer words
PROJECT_PX = 220  # a longer name ends in dots; the tool tip has it whole
GIB = 1024**3


class StatusBar(QStatusBar):
    """26 px at the bottom of the window.

    A sentence that is said takes the place of the mouse hint, and of the sentence before. It goes with what the hand
    does next (a gesture that is kept or taken back, another tool, label, work space or image), else after `SAID_MS`.
    """

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self._fit()
        self.setSizeGripEnabled(False)
        self._mouse = ElidedLabel("rowmid")  # a long sentence gives way, not the numbers and what is saved
        self._dot = text_label("·", "rowlow")
        self._place = text_label("", "rowmid")
        self._value = text_label("", "row")
        self._value.setFont(session.theme.font(12, 600))
        self._source = ElidedLabel("rowlow")
        self._memory = text_label("", "rowlow")
        self._memory.hide()  # until there is a store to tell of; without words it would still take a gap
        self._saved_icon, self._notice_icon = plain_label(), plain_label()
        self._saved = text_label("", "rowmid")
        self._notice = text_label(NOTICE, "rowmid")
        left = OwnRow(self._mouse, self._dot, self._place, self._value, self._source)
        self.project = ElidedLabel("rowmid")
        self.project.setMaximumWidth(PROJECT_PX)
        self._project_icon = plain_label()
        project = _pair(self._project_icon, self.project)
        self.reading = ReadingLine(session, "row")
        self.reading.setMaximumWidth(PROJECT_PX)
        right = self._row(
            self._memory,
            project,
            self.reading,
            _pair(self._saved_icon, self._saved),
            _pair(self._notice_icon, self._notice),
        )
        self.addWidget(left, 1)
        self.addPermanentWidget(right)
        self._is_new = False  # what is told in the same moment belongs to the sentence, and ends nothing
        self._shown = self._shown_ref  # when the sentence was said
        self._said = QTimer(self)
        self._said.setSingleShot(True)
        self._said.setInterval(SAID_MS)
        self._said.timeout.connect(self._tell_mouse)
        self._tick = QTimer(self)
        self._tick.setInterval(2000)
        self._tick.timeout.connect(self._tell_memory)
        self._tick.start()
        self._listen(session)
        self._on_readout(None)
        self._tell_mouse()
        self._tell_project()
        self._tell_saved()

    def _listen(self, session: "Desk") -> None:
        for done in (session.tool_changed, session.label_changed, session.workspace_changed, session.work_changed):
            done.connect(self._on_done)
        session.image_shown.connect(self._on_image_shown)
        session.image_gone.connect(self._tell_mouse)
        session.covered_changed.connect(self._on_done)
        session.new_object.changed.connect(self._tell_mouse)
        session.frames.forgotten.connect(self._tell_memory)
        for slot in (self._tell_saved, self._tell_project):
            session.project_opened.connect(slot)
        session.work_changed.connect(lambda _: self._tell_saved())
        session.edits.blocked_changed.connect(self._tell_saved)
        session.readout_changed.connect(self._on_readout)
        session.theme_changed.connect(self._fit)
        session.theme_changed.connect(self._tell_saved)
        session.theme_changed.connect(self._tell_project)
        session.said.connect(self.say)

    def _row(self, *widgets: QWidget) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(MARGIN_PX, 0, MARGIN_PX, 0)
        row.setSpacing(GAP_PX)
        for widget in widgets:
            row.addWidget(widget)
        row.addStretch(1)
        return holder

    def _fit(self, *_: object) -> None:
        """26 px, and with larger text as high as it."""
        self.setFixedHeight(max(26, self._session.theme.px(22)))

    @property
    def _is_short(self) -> bool:
        return self.width() < self._session.theme.px(SHORT_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._tell_saved()

    def say(self, sentence: str) -> None:
        """Show a sentence where the mouse hint stands, until something else is done."""
        self._hint(spoken(self._session, sentence))
        self._said.start()
        self._is_new, self._shown = True, self._shown_ref
        QTimer.singleShot(0, self, self._settle)

    def _settle(self) -> None:
        self._is_new = False

    def _on_done(self, *_: object) -> None:
        if not self._is_new:
            self._said.stop()
        self._tell_mouse()

    @property
    def _shown_ref(self) -> "FrameRef | None":
        return None if self._session.shown is None else self._session.shown.ref

    def _on_image_shown(self, _shown: object) -> None:
        """The same image is told again, too, when what is on it has come; that ends nothing."""
        if self._shown_ref == self._shown:
            self._tell_mouse()
        else:
            self._shown = self._shown_ref
            self._on_done()

    def _hint(self, words: str) -> None:
        set_text(self._mouse, words)
        set_tip(self._mouse, words)

    def _tell_mouse(self) -> None:
        if self._said.isActive():
            return
        if self._session.shown is None or self._session.covered:
            self._hint("Ready")
            return
        tool = load(TOOLS, self._session.tool)
        draws = tool.workspaces == ("annotate",)  # the others go by no label
        label = self._session.label if draws and self._session.workspace == "annotate" else ""
        series = self._session.shown.series
        parts = [(tool.hand or tool.title) + (f" {label}" if label else "")]
        goes_to = self._session.new_object.words if label else ""
        parts += [words for words in (tool.hand_after, goes_to) if words]
        if series is not None and len(series.frames) > 1:
            parts.append("Wheel: scroll")
        self._hint("   ·   ".join(parts))

    def _on_readout(self, readout: "Readout | None") -> None:
        set_text(self._place, readout.position_text if readout is not None else "")
        set_text(self._value, readout.value_text if readout is not None else "")
        # "HU: " stands beside the number already; what is left is the attribute it comes from.
        told = (readout.source.partition(": ")[2], readout.missing) if readout is not None else ()
        source = " · ".join(text for text in told if text)
        set_tip(self._source, source)
        set_text(self._source, source)
        self._dot.setVisible(readout is not None)

    def _tell_project(self, *_: object) -> None:
        project = self._session.project
        self._project_icon.setPixmap(self._session.icons.pixmap("dataset", "low", 16, 2.0))
        words = project_words(project)
        set_text(self.project, words)
        set_tip(self.project, "" if project is None else f"{words}\n{project.folder}")

    def _tell_saved(self, *_: object) -> None:
        session, icons = self._session, self._session.icons
        self._notice_icon.setPixmap(icons.pixmap("info", "low", 16, 2.0))
        set_text(self._notice, NOTICE.partition(" · ")[0] if self._is_short else NOTICE)
        set_tip(self._notice, NOTICE)
        if session.edits.blocked:
            self._saved_icon.setPixmap(icons.pixmap("error", "err", 16, 2.0))
            set_text(self._saved, "Not saved" if self._is_short else "The last gesture is not saved")
            set_tip(self._saved, "The last gesture is not saved. Edit, Try again keeps it once the disk is mended.")
        elif session.project is not None and session.project.read_only:
            self._saved_icon.setPixmap(icons.pixmap("lock", "warn", 16, 2.0))
            set_text(self._saved, "Reading only" if self._is_short else "Open for reading only")
            set_tip(self._saved, "Open for reading only: nothing that is drawn here would be kept.")
        else:
            self._saved_icon.setPixmap(icons.pixmap("accept", "ok", 16, 2.0))
            when = f" {session.saved_at:%H:%M:%S}" if session.saved_at is not None else ""
            set_text(self._saved, f"Saved{when}" if self._is_short else f"All changes saved{when}")
            set_tip(self._saved, f"All changes saved{when}")

    def _tell_memory(self) -> None:
        store = self._session.frames.store_if_made
        if store is not None:
            used, budget = store.bytes_used / GIB, store.budget_bytes / GIB
            set_text(self._memory, f"Memory {used:.1f} of {budget:.1f} GiB")
        self._memory.setVisible(store is not None and self.window().width() >= 1400)


def _pair(icon: QLabel, text: QLabel) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
    row.addWidget(icon)
    row.addWidget(text)
    return holder
