"""Scores along the series: each label's score on every image of the case; a click shows the image."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QShowEvent
from PySide6.QtWidgets import QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from viewer.core.deciding import cut_words, score_words
from viewer.core.shapes.annotations import Prediction
from viewer.ui.flows.findings import best_scores
from viewer.ui.look.chips import EmptyState
from viewer.ui.look.plain_text import draw_words, words_width
from viewer.ui.look.row_painting import draw_text
from viewer.ui.panels.finding_rows import finding_color

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

ROW_PX, AXIS_PX, NAME_PX, RIGHT_PX = 34, 22, 150, 16


class ScoreCurves(QWidget):
    """One row per label; dashed because the model proposed it, the threshold dotted where the label's score is held
    against it, the shown image a line. A label that is said of no image is faint."""

    image_asked = Signal(int)  # position in the case

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self.scores: list[dict[str, float] | None] = []
        self.labels: list[str] = []
        self.said: frozenset[str] = frozenset()
        self.cut: frozenset[str] = frozenset()
        self.threshold, self.here = 0.5, 0
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_answers(self, answers: Sequence[Prediction | None], threshold: float, here: int) -> None:
        """Show the scores of other answers, by image of the case; None where nothing was predicted yet."""
        scores = [None if one is None else best_scores(one) for one in answers]
        known = [one for one in answers if one is not None]
        self.said = frozenset(proposal.label for one in known for proposal in one.answer(threshold))
        self.cut = frozenset(label for one in known for label in best_scores(one) if one.rule.is_cut(label))
        self.scores, self.threshold, self.here = scores, threshold, here
        best: dict[str, float] = {}
        for one in scores:
            for label, score in (one or {}).items():
                best[label] = max(score, best.get(label, 0.0))
        self.labels = sorted(best, key=lambda label: -best[label])
        self._best = best
        self.setMinimumHeight(ROW_PX * len(self.labels) + AXIS_PX + 8)
        self.update()

    def score_words(self, label: str) -> str:
        """The best score of a label, told from the threshold where it is held against it."""
        return score_words(self._best[label], self.threshold if label in self.cut else None)

    @property
    def cut_words(self) -> str:
        """The threshold, told from every score that stands beside it."""
        return cut_words(self.threshold, [self._best[label] for label in self.labels if label in self.cut])

    def sizeHint(self) -> QSize:
        return QSize(500, ROW_PX * max(2, len(self.labels)) + AXIS_PX + 8)

    def _x(self, position: float) -> float:
        span = max(1, len(self.scores) - 1)
        return NAME_PX + (self.width() - NAME_PX - RIGHT_PX) * position / span

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        icons = self._session.icons
        for place, label in enumerate(self.labels):
            top = 4 + ROW_PX * place
            words, shown = self.score_words(label), label in self.said
            number_px = max(42, words_width(QFontMetrics(icons.theme.font(12)), words) + 2)
            name = QRect(12, top, NAME_PX - 22 - number_px, ROW_PX)
            draw_text(icons, painter, name, label, token="hi" if shown else "low")
            number = QRect(NAME_PX - 10 - number_px, top, number_px, ROW_PX)
            draw_text(icons, painter, number, words, token="mid", right=True)
            self._paint_curve(painter, label, top, faint=not shown)
        bottom = 4 + ROW_PX * len(self.labels)
        count = len(self.scores)
        for position in sorted({0, count // 4, count // 2, 3 * count // 4, count - 1}):
            room = QRect(round(self._x(position)) - 20, bottom, 40, AXIS_PX)
            painter.setFont(icons.theme.font(11))
            painter.setPen(icons.theme.color("low"))
            draw_words(painter, room, Qt.AlignmentFlag.AlignCenter, str(position + 1))
        x = self._x(self.here)
        painter.fillRect(QRectF(x - 0.75, 0, 1.5, bottom), icons.theme.color("hi"))
        painter.end()

    def _paint_curve(self, painter: QPainter, label: str, top: int, *, faint: bool) -> None:
        theme = self._session.theme
        base, high = top + ROW_PX - 4.0, ROW_PX - 8.0
        color = QColor(theme.hex("line2") if faint else finding_color(self._session, label))
        points = [
            QPointF(self._x(position), base - high * one.get(label, 0.0))
            for position, one in enumerate(self.scores)
            if one is not None
        ]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        dotted = QPen(theme.color("line2"), 1, Qt.PenStyle.DotLine)
        painter.setPen(dotted)
        if label in self.cut:
            line = base - high * self.threshold
            painter.drawLine(QPointF(NAME_PX, line), QPointF(self.width() - RIGHT_PX, line))
        if points:
            fill = QColor(color)
            fill.setAlphaF(0.3)
            ground = [QPointF(points[-1].x(), base), QPointF(points[0].x(), base)]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QBrush(fill))
            painter.drawPolygon(QPolygonF([*points, *ground]))
            painter.setPen(QPen(color, 1.5, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(QPolygonF(points))
        painter.restore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        span = max(1, self.width() - NAME_PX - RIGHT_PX)
        share = (event.position().x() - NAME_PX) / span
        if self.scores and share >= -0.05:
            self.image_asked.emit(min(len(self.scores) - 1, max(0, round(share * (len(self.scores) - 1)))))


class ScoresPanel(QWidget):
    """Below the views in Review AI, when a case has several images."""

    title = "Scores along the series"
    area = "bottom"
    workspaces: tuple[str, ...] = ()
    count_changed = Signal(str)

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self._review = session.review
        self.curves = ScoreCurves(session)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(self.curves)
        self.empty = EmptyState(session.icons, "predict", "")
        self.stack = QStackedWidget()
        self.stack.addWidget(scroll)
        self.stack.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.stack)
        self.setMinimumHeight(110)
        self.curves.image_asked.connect(self._on_image_asked)
        self._review.findings_changed.connect(self.reload)
        self.reload()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.reload()

    def reload(self) -> None:
        """Show the newest scores of the case."""
        review, shown = self._review, self._session.shown
        newest = [review.predictions.get(image_id) for image_id in review.images]
        here = review.images.index(shown.image_id) if shown is not None and shown.image_id in review.images else 0
        self.curves.set_answers(newest, review.threshold, here)
        several, scores = len(newest) > 1, self.curves.scores
        sentence = "Predict on the series first." if several else "This case has one image only."
        if any(one is not None and one.numbers for one in newest):
            sentence = "This model gives numbers and no scores: Findings shows the number of each image."
        self.empty.set_sentence(sentence)
        self.stack.setCurrentIndex(0 if several and any(scores) else 1)
        told = several and any(scores) and bool(self.curves.cut)
        self.count_changed.emit(f"dotted line: threshold {self.curves.cut_words}" if told else "")

    def _on_image_asked(self, position: int) -> None:
        self._session.show_image(self._review.images[position])
