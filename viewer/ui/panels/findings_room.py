"""How the parts of the list of findings share its height: a refusal above, what is told below, the list between."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from viewer.core.values import value_words
from viewer.ui.flows.findings import short_words
from viewer.ui.look.chips import Paragraph
from viewer.ui.look.icons import Icons
from viewer.ui.look.plain_text import elide, set_text, set_tip, words_width
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.look.two_lines import TwoLines, two_lines
from viewer.ui.panels.finding_rows import ROW_PX, ScoreRows
from viewer.ui.views.spoken import spoken

if TYPE_CHECKING:
    from viewer.core.shapes.annotations import Prediction
    from viewer.ui.flows.desk import Desk

CUT = Qt.TextElideMode.ElideRight
LEAST_SCORES = 2  # rows of class probabilities that are seen in the lowest dock
MOST_ROWS = 4  # of findings that a dock is made higher for: more are scrolled to
TOLD_LINES, TOLD_LINE_PX = 4, 16  # of what a decision has done to labels and case; their edge among them


class MismatchFrame(QFrame):
    """Why an image was refused, and the way to ask all the same: where the dock is low the sentence scrolls beside the
    button, which is always whole."""

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session, self._sentence = session, ""
        session.names_hidden_changed.connect(lambda _: self.say(self._sentence))
        self.setProperty("surface", "warn")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 5, 8, 5)
        row.setSpacing(8)
        self.words = Paragraph("warn")
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        inner = QWidget()  # its layout tells the room that the words need more
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.words)
        self.room = Room(inner)
        row.addWidget(self.room, 1)
        self.run_anyway = KeyButton(session.icons, "Run anyway", icon="warning")
        self.run_anyway.setToolTip("Every overlay, row and result of it says: outside its domain")
        self.run_anyway.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row.addWidget(self.run_anyway, 0, Qt.AlignmentFlag.AlignTop)

    def say(self, sentence: str) -> None:
        """Show a refusal from its beginning; "" hides it."""
        self._sentence = sentence
        said = spoken(self._session, sentence)
        set_text(self.words, said)
        set_tip(self.room, said)
        self.room.verticalScrollBar().setValue(0)
        self.setVisible(bool(sentence))


class OriginLabel(TwoLines):
    """What the threshold decides, where it comes from and of which model; in short words where there is no room for the
    whole."""

    def __init__(self) -> None:
        super().__init__("caption")

    def shown_words(self, width_px: int) -> str:
        """What is drawn, before it is cut with dots."""
        whole = self.text()
        metrics = self.fontMetrics()
        has_two = self.height() >= 2 * metrics.lineSpacing()
        lines = two_lines(metrics, whole, width_px) if has_two else (elide(metrics, whole, CUT, width_px),)
        return whole if " ".join(lines) == whole else short_words(whole)


class Room(QScrollArea):
    """As high as what it holds, and lower where there is less room: then it scrolls."""

    def __init__(self, inner: QWidget) -> None:
        super().__init__()
        self._inner = inner
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setWidget(inner)
        for part in (inner, self.viewport()):  # it has the ground of what it lies in
            part.setAutoFillBackground(False)
        inner.installEventFilter(self)
        self.verticalScrollBar().rangeChanged.connect(self._keep_width)
        self._keep_width(0, 0)

    def _keep_width(self, _least: int, most: int) -> None:
        """The scroll bar has its room also while it is not there, so that no button grows or shrinks with it."""
        self.setViewportMargins(0, 0, 0 if most else self.verticalScrollBar().sizeHint().width(), 0)

    def sizeHint(self) -> QSize:
        inner = self._inner
        return QSize(inner.sizeHint().width(), max(inner.sizeHint().height(), inner.minimumSizeHint().height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(
            self._inner.minimumSizeHint().width(), min(self.fontMetrics().lineSpacing(), self.sizeHint().height())
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)


class ScoresRoom(Room):
    """The class probabilities, and what people have said of the image, whether or not a model was asked: in the lowest
    dock two rows are seen, and the others scrolled to."""

    def __init__(self, session: "Desk", scores: ScoreRows) -> None:
        super().__init__(scores)
        scores.setProperty("surface", "panel")
        self._session, self._scores = session, scores
        session.theme_changed.connect(lambda _: self.updateGeometry())

    def show_image(self, prediction: "Prediction | None", threshold: float) -> None:
        """Of the shown image: its answer, and what is said of it in the reading that is open."""
        shown, work = self._session.shown, self._session.at_hand.work
        image_id = None if shown is None else shown.image_id
        of_image = prediction if prediction is not None and prediction.rule.is_of_image else None
        verdicts = {} if image_id is None else work.image_labels(image_id)
        answers = {} if image_id is None else work.answers(image_id)
        rows_px = self._scores.height()
        self._scores.set_answer(
            of_image, threshold, verdicts, {question: value_words(value) for question, value in answers.items()}
        )
        if self._scores.height() != rows_px:
            self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self._scores.rows_px(LEAST_SCORES))


class ListRoom(QWidget):
    """The list, above it a refusal, below it what is told of the last decision: one row of it is seen beside either.

    It has that room whether anything is told or not, so that no button moves. A refusal stands in place of what an
    empty list says, and of what is told: it came after.
    """

    def __init__(self, session: "Desk", stack: QStackedWidget, told: QWidget, mismatch: MismatchFrame) -> None:
        super().__init__()
        self._session, self._stack, self._mismatch = session, stack, mismatch
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        beside = QVBoxLayout()
        beside.setContentsMargins(10, 4, 10, 4)
        beside.addWidget(mismatch)
        column.addLayout(beside)
        column.addWidget(stack, 1)
        column.addWidget(told)
        stack.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)

    def hasHeightForWidth(self) -> bool:
        return False  # a wrapped sentence in the empty list would ask for more height, and push the buttons

    def keep_row(self, findings: int) -> int:
        """Whether the list has a row, which is seen beside a refusal. Returns what it would take beside its least, in
        px, so that a few rows are seen above what is told."""
        refused, room = not self._mismatch.isHidden(), self._session.theme.room
        self._stack.setMinimumHeight(room(ROW_PX) if refused and findings else 0)
        wanted_px = min(findings, MOST_ROWS) * room(ROW_PX) + TOLD_LINES * room(TOLD_LINE_PX)
        return max(0, wanted_px - self.sizeHint().height())

    def sizeHint(self) -> QSize:
        room = self._session.theme.room
        return QSize(super().sizeHint().width(), max(2 * ROW_PX, room(ROW_PX) + TOLD_LINES * room(TOLD_LINE_PX)))

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), self.sizeHint().height())


class UndoButton(KeyButton):
    """What it says comes and goes with what was done: it takes the room that is left, so that no button beside it moves
    with its words."""

    def __init__(self, icons: Icons) -> None:
        super().__init__(icons, "Undo", key="Ctrl+Z", icon="undo", kind="quiet", height_px=24, short="Undo")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def _shown(self) -> tuple[str, str]:
        """Where not all has room, what was done is said before what it was done to: its end gives way first."""
        key, words = super()._shown()
        if words == self._words:
            return key, words
        gesture = " ".join(self._words.split()[:2])
        room_px = self.width() - 8 - self._parts_width("", "")
        metrics = QFontMetrics(self._icons.theme.font(13, self._font_weight()))
        cut = elide(metrics, self._words, Qt.TextElideMode.ElideRight, room_px)
        if cut.startswith(gesture) and words_width(metrics, cut) <= room_px:
            return "", cut
        return "", gesture if self._parts_width("", gesture) + 8 <= self.width() else words


def keeps_its_place(widget: QWidget) -> None:
    """What comes and goes leaves its room, so that no button moves under the hand."""
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    widget.setSizePolicy(policy)
