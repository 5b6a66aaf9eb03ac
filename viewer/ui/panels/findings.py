"""Findings: what a model proposes on this case, decided one by one."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QListView,
    QSlider,
    QStackedWidget,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from viewer.core.annotations import Decision
from viewer.core.labels import LABEL_COLORS
from viewer.ui.chips import EmptyState, KeyChip, separator, text_label
from viewer.ui.findings import STATE_WORDS, THRESHOLD_STEP, Finding, count_words, empty_words
from viewer.ui.marks import KeyButton, draw_icon, draw_row, draw_score, draw_swatch, draw_text, low
from viewer.ui.review import review_of

if TYPE_CHECKING:
    from viewer.ui.session import Session

Index = QModelIndex | QPersistentModelIndex
ROW_PX = 46
# Decision: icon and token of the state word.
DECISION_LOOKS = {
    Decision.UNDECIDED: ("predict", "acc"),
    Decision.ACCEPTED: ("accept", "ok"),
    Decision.CORRECTED: ("correct", "ok"),
    Decision.REJECTED: ("reject", "low"),
}


class FindingModel(QAbstractListModel):
    """The findings above the threshold, and those decided."""

    def __init__(self) -> None:
        super().__init__()
        self.findings: list[Finding] = []

    def set_findings(self, findings: list[Finding]) -> None:
        """Show other findings; the same ones in the same order keep their rows."""
        ids = [f.proposal.proposal_id for f in findings]
        if ids and ids == [f.proposal.proposal_id for f in self.findings]:
            self.findings = findings
            self.dataChanged.emit(self.index(0), self.index(len(findings) - 1))
            return
        self.beginResetModel()
        self.findings = findings
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return len(self.findings)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        finding = self.findings[index.row()]
        proposal = finding.proposal
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            outside = " · outside its domain" if finding.prediction.outside_domain else ""
            return (
                f"{proposal.label}, score {proposal.score:.2f}, {STATE_WORDS[proposal.decision]}, {finding.place}, "
                f"proposed by {finding.prediction.model_name}{outside}"
            )
        return finding if role == Qt.ItemDataRole.UserRole else None


class FindingDelegate(QStyledItemDelegate):
    """Swatch (dashed while proposed), label and place, score bar and number, state word."""

    def __init__(self, session: "Session") -> None:
        super().__init__()
        self._session = session

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(220, ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        finding: Finding = index.data(Qt.ItemDataRole.UserRole)
        proposal, icons, rect, state = finding.proposal, self._session.icons, option.rect, option.state
        draw_row(icons, painter, rect, state)
        rejected = proposal.decision is Decision.REJECTED
        upper, lower, right = rect.top() + 14, rect.top() + 32, rect.right() - 10
        color = icons.theme.hex("line2") if rejected else finding_color(self._session, proposal.label)
        dashed = proposal.decision is Decision.UNDECIDED
        draw_swatch(icons, painter, QRect(rect.left() + 12, rect.center().y() - 6, 13, 13), color, dashed=dashed)
        score = draw_text(
            icons, painter, QRect(right - 40, upper - 9, 40, 18), f"{proposal.score:.2f}",
            weight=600, token=low(state) if rejected else "hi", right=True,
        )  # fmt: skip
        bar = QRect(right - score - 62, upper - 2, 52, 5)
        draw_score(icons, painter, bar, proposal.score, "line2" if rejected else "hi")
        icon, token = DECISION_LOOKS[proposal.decision]
        token = low(state) if token == "low" else token
        word = STATE_WORDS[proposal.decision]
        width = draw_text(icons, painter, QRect(right - 90, lower - 9, 90, 18), word, token=token, right=True)
        draw_icon(icons, painter, right - width - 20, lower, icon, token)
        left = rect.left() + 36
        name = QRect(left, upper - 9, bar.left() - left - 8, 18)
        draw_text(icons, painter, name, proposal.label, px=13, weight=600,
                  token=low(state) if rejected else "hi", strike=rejected)  # fmt: skip
        place = "outside its domain · " + finding.place if finding.prediction.outside_domain else finding.place
        token = "warn" if finding.prediction.outside_domain else low(state)
        draw_text(icons, painter, QRect(left, lower - 9, right - width - 26 - left, 18), place, token=token)


def finding_color(session: "Session", name: str) -> str:
    """A label's colour in this project; one the project does not know takes a stable place in the palette."""
    project = session.project
    for label in [] if project is None else project.labels:
        if label.name == name:
            return label.color
    return LABEL_COLORS[sum(name.encode()) % len(LABEL_COLORS)]


class ScoreRows(QWidget):
    """Class probabilities of a classification: name, bar, number; the threshold as a line."""

    def __init__(self, session: "Session") -> None:
        super().__init__()
        self._session = session
        self.scores: dict[str, float] = {}
        self.threshold = 0.5

    def set_scores(self, scores: dict[str, float], threshold: float) -> None:
        """Show other probabilities."""
        self.scores, self.threshold = scores, threshold
        self.setFixedHeight(24 * len(scores) + 8 if scores else 0)
        self.setVisible(bool(scores))
        self.setAccessibleName(", ".join(f"{name} {score:.2f}" for name, score in scores.items()))
        self.update()

    def paintEvent(self, event: Any) -> None:
        painter = QPainter(self)
        icons = self._session.icons
        for place, (name, score) in enumerate(sorted(self.scores.items(), key=lambda item: -item[1])):
            middle = 4 + 24 * place + 12
            draw_text(icons, painter, QRect(12, middle - 10, self.width() // 2 - 20, 20), name)
            bar = QRect(self.width() // 2, middle - 3, self.width() // 2 - 62, 6)
            draw_score(icons, painter, bar, score, "hi" if score >= self.threshold else "line2")
            line = bar.left() + round(bar.width() * self.threshold)
            painter.fillRect(QRect(line, middle - 6, 1, 12), icons.theme.color("acc"))
            draw_text(
                icons, painter, QRect(self.width() - 52, middle - 10, 42, 20), f"{score:.2f}", weight=600, right=True
            )
        painter.end()


class FindingsPanel(QWidget):
    """The list at the right of Review AI."""

    title = "Findings"
    area = "right"
    workspaces = ("review",)
    count_changed = Signal(str)

    def __init__(self, session: "Session") -> None:
        super().__init__()
        self._session = session
        self.review = review_of(session)
        self._model = FindingModel()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._build_model_row())
        layout.addWidget(self._build_mismatch())
        layout.addWidget(self._build_threshold())
        self.scores = ScoreRows(session)
        layout.addWidget(self.scores)
        layout.addWidget(separator())
        self._build_list()
        layout.addWidget(self.stack, 1)
        layout.addWidget(separator())
        layout.addWidget(self._build_decisions())
        self._connect()
        self.reload()
        self._on_models()
        self.review.asking.find_models()

    def _build_model_row(self) -> QWidget:
        host = QWidget()
        column = QVBoxLayout(host)
        column.setContentsMargins(12, 8, 10, 6)
        column.setSpacing(6)
        first = QHBoxLayout()
        first.addWidget(text_label("Model", "rowmid"))
        self.model = QComboBox()
        self.model.setAccessibleName("Model")
        self.model.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        first.addWidget(self.model, 1)
        column.addLayout(first)
        self.model_detail = text_label("", "caption", wrap=True)
        column.addWidget(self.model_detail)
        second = QHBoxLayout()
        second.setSpacing(6)
        icons = self._session.icons
        self.predict = KeyButton(icons, "Predict on this image", icon="predict")
        self.predict_series = KeyButton(icons, "Series", icon="series")
        self.predict_series.setToolTip("Predict on every image of this series")
        self.stop = KeyButton(icons, "Stop", icon="stop")
        second.addWidget(self.predict, 1)
        second.addWidget(self.predict_series)
        second.addWidget(self.stop)
        column.addLayout(second)
        self.asking = text_label("", "caption")
        column.addWidget(self.asking)
        return host

    def _build_mismatch(self) -> QFrame:
        self.mismatch = QFrame()
        self.mismatch.setProperty("surface", "warn")
        column = QVBoxLayout(self.mismatch)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(6)
        self.mismatch_words = text_label("", "warn", wrap=True)
        column.addWidget(self.mismatch_words)
        row = QHBoxLayout()
        self.run_anyway = KeyButton(self._session.icons, "Run anyway", icon="warning")
        self.run_anyway.setToolTip("Every overlay, row and result of it says: outside its domain")
        row.addWidget(self.run_anyway)
        row.addStretch(1)
        column.addLayout(row)
        self.mismatch.hide()
        return self.mismatch

    def _build_threshold(self) -> QWidget:
        host = QWidget()
        column = QVBoxLayout(host)
        column.setContentsMargins(12, 6, 10, 6)
        column.setSpacing(2)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(text_label("Threshold", "rowmid"))
        self.threshold = QSlider(Qt.Orientation.Horizontal)
        self.threshold.setRange(0, 100)
        self.threshold.setAccessibleName("Threshold")
        self.threshold.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row.addWidget(self.threshold, 1)
        self.threshold_value = text_label("0.50", "strong")
        row.addWidget(self.threshold_value)
        row.addWidget(KeyChip("Comma", self._session.icons))
        row.addWidget(KeyChip("Period", self._session.icons))
        column.addLayout(row)
        self.threshold_origin = text_label("", "caption")
        column.addWidget(self.threshold_origin)
        return host

    def _build_list(self) -> None:
        self.list = QListView()
        self.list.setModel(self._model)
        self.list.setItemDelegate(FindingDelegate(self._session))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setAccessibleName("Findings")
        self.list.setMinimumHeight(2 * ROW_PX)
        self.empty = EmptyState(self._session.icons, "predict", empty_words(0, 0.5))
        self.stack = QStackedWidget()
        self.stack.addWidget(self.list)
        self.stack.addWidget(self.empty)

    def _build_decisions(self) -> QWidget:
        host = QWidget()
        column = QVBoxLayout(host)
        column.setContentsMargins(10, 10, 10, 8)
        column.setSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(6)
        icons = self._session.icons
        self.accept_button = KeyButton(icons, "Accept", key="A", icon="accept", kind="review", height_px=34)
        self.correct_button = KeyButton(icons, "Correct", key="C", icon="correct", kind="review", height_px=34)
        self.reject_button = KeyButton(icons, "Reject", key="D", icon="reject", kind="review", height_px=34)
        for button in (self.accept_button, self.correct_button, self.reject_button):
            row.addWidget(button, 1)
        column.addLayout(row)
        line = QHBoxLayout()
        line.setSpacing(6)
        self.undo = KeyButton(icons, "Undo", key="Ctrl+Z", icon="undo", kind="quiet", height_px=24)
        line.addWidget(self.undo)
        line.addStretch(1)
        self.left_words = text_label("", "rowmid")
        line.addWidget(self.left_words)
        column.addLayout(line)
        return host

    def _connect(self) -> None:
        review, asking, session = self.review, self.review.asking, self._session
        self.model.activated.connect(lambda place: asking.choose_model(asking.models[place]))
        self.predict.clicked.connect(asking.predict_image)
        self.predict_series.clicked.connect(asking.predict_series)
        self.stop.clicked.connect(asking.cancel)
        self.run_anyway.clicked.connect(asking.run_anyway)
        self.threshold.valueChanged.connect(self._on_slider)
        self.list.clicked.connect(
            lambda index: review.select(index.data(Qt.ItemDataRole.UserRole).proposal.proposal_id)
        )
        self.list.activated.connect(
            lambda index: review.select(index.data(Qt.ItemDataRole.UserRole).proposal.proposal_id)
        )
        self.accept_button.clicked.connect(review.accept)
        self.correct_button.clicked.connect(review.correct)
        self.reject_button.clicked.connect(review.reject)
        self.undo.clicked.connect(session.undo)
        review.findings_changed.connect(self.reload)
        review.finding_selected.connect(lambda _: self._mark())
        review.threshold_changed.connect(lambda _: self._show_threshold())
        asking.models_found.connect(self._on_models)
        asking.model_chosen.connect(lambda _: self._on_models())
        asking.asking_changed.connect(self._on_asking)
        asking.mismatch_found.connect(self._on_mismatch)
        session.situation_changed.connect(self._on_situation)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.reload()

    def reload(self) -> None:
        """Show the findings of the case as they stand."""
        review = self.review
        self._model.set_findings(review.shown)
        prediction = review.prediction
        scores = prediction.scores if prediction is not None and prediction.kind == "classification" else {}
        self.scores.set_scores(scores, review.threshold)
        self.empty.set_sentence(empty_words(1 if prediction is not None else 0, review.threshold))
        self.stack.setCurrentWidget(self.list if self._model.findings else self.empty)
        self.count_changed.emit(count_words(review.findings, review.threshold) if review.findings else "")
        left = review.left
        self.left_words.setText(f"{left} left in this case" if review.findings else "")
        self._show_threshold()
        self._mark()

    def _mark(self) -> None:
        selected = self.review.selected
        undecided = selected is not None and selected.proposal.decision is Decision.UNDECIDED
        may = undecided and self._session.project is not None and not self._session.project.read_only
        for button in (self.accept_button, self.correct_button, self.reject_button):
            button.setEnabled(may)
        for place, finding in enumerate(self._model.findings):
            if selected is not None and finding.proposal.proposal_id == selected.proposal.proposal_id:
                self.list.setCurrentIndex(self._model.index(place))
                return
        self.list.clearSelection()

    def _show_threshold(self) -> None:
        review = self.review
        self.threshold.blockSignals(True)
        self.threshold.setValue(round(review.threshold / THRESHOLD_STEP))
        self.threshold.blockSignals(False)
        self.threshold_value.setText(f"{review.threshold:.2f}")
        self.threshold_origin.setText(threshold_words(review.threshold_origin, review.chosen_threshold))

    def _on_slider(self, value: int) -> None:
        self.review.set_threshold(value * THRESHOLD_STEP)

    def _on_models(self) -> None:
        asking = self.review.asking
        self.model.clear()
        for choice in asking.models:
            self.model.addItem(choice.title)
            self.model.setItemData(self.model.count() - 1, choice.detail, Qt.ItemDataRole.ToolTipRole)
        chosen = asking.model
        if chosen is not None:
            folders = [choice.folder for choice in asking.models]
            self.model.setCurrentIndex(folders.index(chosen.folder) if chosen.folder in folders else -1)
            self.model_detail.setText(" · ".join(part for part in (chosen.detail, chosen.metric) if part))
        else:
            self.model_detail.setText("No model yet. Train one from the Train menu.")
        self._on_situation(self._session.situation())

    def _on_asking(self, words: str) -> None:
        self.asking.setText(words)
        self._on_situation(self._session.situation())

    def _on_mismatch(self, sentence: str) -> None:
        self.mismatch_words.setText(sentence)
        self.mismatch.setVisible(bool(sentence))

    def _on_situation(self, situation: Any) -> None:
        asking = bool(self.asking.text())
        ready = situation.has_image and self.review.asking.model is not None and not asking
        self.predict.setEnabled(ready)
        self.predict_series.setEnabled(ready and situation.has_series)
        self.stop.setVisible(asking)
        self.asking.setVisible(asking)
        # Only a decision is offered here; what else can be undone stands in the Edit menu.
        text = situation.undo_text
        decided = text.startswith(("accept ", "correct ", "reject "))
        self.undo.set_words(f"Undo {text}" if decided else "Undo")
        self.undo.setVisible(decided)


def threshold_words(origin: str, chosen: float | None) -> str:
    """Where the threshold comes from, beside its number."""
    if chosen is None:
        return "No operating point: no model has answered yet."
    if origin == "chosen on validation":
        return "Operating point chosen on validation"
    return f"Set here · chosen on validation: {chosen:.2f}"
