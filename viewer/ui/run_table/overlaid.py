"""The curves of several runs over each other: the loss and the figure on validation, on the same axes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QWidget

from ml.metric_words import metric_title, number_text
from viewer.ui.flows.run_words import run_title
from viewer.ui.look.chips import text_label
from viewer.ui.look.flow_layout import FlowLayout
from viewer.ui.look.plain_text import set_name, set_text, set_tip
from viewer.ui.look.row_painting import draw_text, line_px
from viewer.ui.panels.run_plots import BOUNDED, curve_plot, dress_plot, epoch_ticks, metric_points

if TYPE_CHECKING:
    from viewer.jobs.runs import RunState
    from viewer.ui.flows.desk import Desk

# Told apart by every eye (Okabe and Ito, "Color universal design", 2008), as each ground lets them be seen.
COLOURS = {
    "dark": ("#56B4E9", "#E69F00", "#009E73", "#F0E442", "#CC79A7", "#D55E00"),
    "light": ("#0072B2", "#D55E00", "#222222", "#56B4E9", "#7A5AF8", "#009E73"),
}
DASHES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine)  # the seventh run has the first colour again, dashed
LINE_PX, GAP_PX = 22, 6


def pen_of(theme_name: str, place: int, *, width: float = 1.8) -> QPen:
    """How the run at a place is drawn."""
    colours = COLOURS[theme_name]
    pen = QPen(QColor(colours[place % len(colours)]), width, DASHES[place // len(colours) % len(DASHES)])
    pen.setCosmetic(True)  # in pixels of the screen, whatever the axes show
    return pen


class LegendEntry(QWidget):
    """A line as it is drawn, and whose it is."""

    def __init__(self, session: "Desk", words: str, place: int) -> None:
        super().__init__()
        self._session, self._words, self._place = session, words, place
        set_name(self, words)
        set_tip(self, words)

    def sizeHint(self) -> QSize:
        icons = self._session.icons
        return QSize(LINE_PX + GAP_PX + line_px(icons, self._words) + 2, icons.theme.room(20))

    def minimumSizeHint(self) -> QSize:
        return QSize(LINE_PX, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, icons = QPainter(self), self._session.icons
        painter.setPen(pen_of(icons.theme.name, self._place, width=2))
        middle = self.height() // 2
        painter.drawLine(0, middle, LINE_PX - 2, middle)
        room = self.rect().adjusted(LINE_PX + GAP_PX, 0, 0, 0)
        draw_text(icons, painter, room, self._words, token="mid")
        painter.end()


class OverlaidCurves(QWidget):
    """Two plots side by side with one axis of epochs, the best epoch of each run ringed, and the runs named above."""

    def __init__(self, session: "Desk", runs: "Sequence[RunState]") -> None:
        super().__init__()
        self._session, self._runs = session, tuple(runs)
        grid = QGridLayout(self)
        grid.setContentsMargins(16, 10, 16, 6)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        names = QWidget()
        flow = FlowLayout(gap_px=14)
        names.setLayout(flow)
        self.entries = [LegendEntry(session, legend_words(run), place) for place, run in enumerate(self._runs)]
        for entry in self.entries:
            flow.addWidget(entry)
        grid.addWidget(names, 0, 0, 1, 2)
        self.loss, self.figure = curve_plot(session), curve_plot(session)
        metrics = list(dict.fromkeys(run.metric_name for run in self._runs if run.metric_name))
        words = " and ".join(map(metric_title, metrics)) or "Figure"
        for place, (title, plot) in enumerate((("Loss, validation", self.loss), (f"{words}, validation", self.figure))):
            head = text_label("", "strong")
            set_text(head, title)
            set_name(plot, f"{title} of the compared runs over the epochs")
            grid.addWidget(head, 1, place)
            grid.addWidget(plot, 2, place)
            grid.setColumnStretch(place, 1)
        self.lines = [(self.loss.plot(antialias=True), self.figure.plot(antialias=True)) for _ in self._runs]
        self.rings = [
            self.figure.plot(pen=None, antialias=True, symbol="o", symbolSize=10, symbolBrush=None) for _ in self._runs
        ]
        self._draw()
        session.theme_changed.connect(self._dress)  # a method: what is closed is told no more
        self._dress()

    def _dress(self, *_: object) -> None:
        theme = self._session.theme
        for plot in (self.loss, self.figure):
            dress_plot(plot, theme)
        for place, (pair, ring) in enumerate(zip(self.lines, self.rings, strict=True)):
            for line in pair:
                line.setPen(pen_of(theme.name, place))
            ring.setSymbolPen(QPen(pen_of(theme.name, place)))
        for entry in self.entries:
            entry.updateGeometry()
            entry.update()

    def _draw(self) -> None:
        losses = [loss_points(run) for run in self._runs]
        figures = [metric_points(run, run.metric_name) for run in self._runs]
        epochs = max(1, *(run.epochs for run in self._runs))
        ticks = [(float(epoch), str(epoch)) for epoch in epoch_ticks(epochs)]
        for plot in (self.loss, self.figure):
            plot.setXRange(0, epochs, padding=0.04)
            plot.getPlotItem().getAxis("bottom").setTicks([ticks])
        for place, run in enumerate(self._runs):
            for line, points in zip(self.lines[place], (losses[place], figures[place]), strict=True):
                line.setData([x for x, _ in points], [y for _, y in points])
                line.setSymbol("o" if len(points) == 1 else None)
            best = [point for point in figures[place] if point[0] == run.best_epoch]
            self.rings[place].setData([x for x, _ in best], [y for _, y in best])
        self.loss.setYRange(0, 1.05 * max([y for points in losses for _, y in points] or [1.0]))
        values = [y for points in figures for _, y in points]
        bounded = all(run.metric_name in BOUNDED for run in self._runs if run.metric_name)
        self.figure.setYRange(min([0.0, *values]), 1.05 * max([1.0] if bounded else [0.0, *values]) or 1.0)


def loss_points(run: "RunState") -> list[tuple[float, float]]:
    """(epoch from 1, validation loss) wherever it was measured."""
    return [(float(point.epoch), point.val_loss) for point in run.curves if point.val_loss is not None]


def legend_words(run: "RunState") -> str:
    """Whose line it is, and its best epoch: "The good one · c6f8: AUC 0.812, epoch 7"."""
    point = run.best_point
    value = None if point is None else point.metrics.get(run.metric_name)
    if point is None or value is None:
        return f"{run_title(run)}: no figure"
    return f"{run_title(run)}: {metric_title(run.metric_name)} {number_text(value)}, epoch {point.epoch}"
