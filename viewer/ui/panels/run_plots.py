"""The curves of a run: loss and its metric over the epochs, drawn by pyqtgraph."""

from collections import Counter
from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ml.metric_words import metric_title
from viewer.ui.flows.run_words import figure_sentence
from viewer.ui.look.chips import Paragraph, text_label
from viewer.ui.look.plain_text import set_name, set_text
from viewer.ui.look.row_painting import draw_text
from viewer.ui.panels.run_cursor import EpochCursor

if TYPE_CHECKING:
    import pyqtgraph as pg

    from viewer.jobs.runs import RunState
    from viewer.ui.flows.desk import Desk
    from viewer.ui.look.theme import Theme

# Of each theme: what is seen on the dark ground is lost on the light one.
TRAIN = {"dark": "#80C4FF", "light": "#1F63B5"}
VALIDATION = {"dark": "#EE901A", "light": "#B85F00"}
PLOT_PX, TICK_PX = 166, 11
BESIDE = 0.08  # of the axis of epochs, left and right of it: without half its width the last number is not drawn
WORDS_OFF_PX = 7  # of the words at the best point, from its middle: they stand clear of its ring
BOUNDED = ("auc", "dice", "iou", "f1", "map", "map50", "map75", "accuracy")  # figures that end at 1
STEPS_IN_EPOCH = 4  # with fewer steps told of an epoch, the epochs' means say more than the steps
MOST_MARKED = 30  # epochs of a run whose points are drawn as dots too
Points = Sequence[tuple[float, float]]


class Legend(QWidget):
    """Lines with their names, at the right above a plot: colour and dash as drawn."""

    def __init__(self, session: "Desk", title: str, entries: Sequence[tuple[str, str, bool]]) -> None:
        super().__init__()
        self._session = session
        self.title = title
        self.entries = list(entries)
        self.fit()

    def fit(self) -> None:
        """As high as its words are at the size of text."""
        self.setFixedHeight(self._session.theme.room(22))

    def sizeHint(self) -> QSize:
        return QSize(260, self._session.theme.room(22))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        icons, middle = self._session.icons, self.height() // 2
        right = self.width()
        metrics = QFontMetrics(icons.theme.font(11))
        for name, color, dashed in reversed(self.entries):
            width = metrics.horizontalAdvance(name)
            draw_text(icons, painter, QRect(right - width, 0, width + 2, self.height()), name, px=11, token="mid")
            pen = QPen(QColor(color), 2, Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine)
            painter.setPen(pen)
            painter.drawLine(right - width - 22, middle, right - width - 6, middle)
            right -= width + 34
        draw_text(icons, painter, QRect(0, 0, right, self.height()), self.title, px=13, weight=600)
        painter.end()


def curve_plot(session: "Desk") -> "pg.PlotWidget":
    """An empty plot in the theme's colours, which the mouse does not move."""
    import pyqtgraph as pg  # 0.2 s: not before the first paint

    theme = session.theme
    plot = pg.PlotWidget(background=theme.hex("card"))
    plot.setMouseEnabled(x=False, y=False)
    plot.setMenuEnabled(False)
    plot.hideButtons()
    plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    item = plot.getPlotItem()
    item.showGrid(x=False, y=True, alpha=0.12)
    for side in ("left", "bottom"):
        axis = item.getAxis(side)
        axis.setStyle(tickLength=0)
    dress_plot(plot, theme)
    return plot


def dress_plot(plot: "pg.PlotWidget", theme: "Theme") -> None:
    """Colours, size of text and the room for it, of the theme as it is now."""
    import pyqtgraph as pg  # 0.2 s: not before the first paint

    plot.setBackground(theme.hex("card"))
    plot.setFixedHeight(theme.room(PLOT_PX))
    for side in ("left", "bottom"):
        axis = plot.getPlotItem().getAxis(side)
        axis.setPen(pg.mkPen(theme.hex("line")))
        axis.setTextPen(pg.mkPen(theme.hex("low")))
        axis.setTickFont(theme.font(TICK_PX))
    plot.getPlotItem().getAxis("left").setWidth(theme.room(34))
    # What pyqtgraph keeps free for the numbers below, and for the axis' name, is that of its own font.
    below = plot.getPlotItem().getAxis("bottom")
    below.setLabel("epoch")
    below.label.setFont(theme.font(TICK_PX))
    below.setHeight(2 * ceil(QFontMetricsF(theme.font(TICK_PX)).height()) + 4)


class RunPlots(QWidget):
    """Loss (train sky, validation orange dashed) above, the metric (validation orange) below."""

    def __init__(self, session: "Desk") -> None:
        import pyqtgraph as pg  # 0.2 s: not before the first paint

        super().__init__()
        self._session = session
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 6, 10, 6)
        layout.setSpacing(2)
        self.loss_legend = Legend(session, "Loss", ())
        self.metric_legend = Legend(session, "Metric", ())
        self.loss, self.metric_plot = curve_plot(session), curve_plot(session)
        self.meaning, self.note = Paragraph("caption"), Paragraph("caption")
        self.values = text_label("", "strong", wrap=True)
        for widget in (
            self.values, self.loss_legend, self.loss, self.metric_legend, self.metric_plot, self.meaning, self.note,
        ):  # fmt: skip
            layout.addWidget(widget)
        self._train = self.loss.plot(antialias=True, symbolSize=5, symbolPen=None)
        self._validation = self.loss.plot(antialias=True, symbolSize=5, symbolPen=None)
        self._figure = self.metric_plot.plot(antialias=True, symbolSize=5, symbolPen=None)
        self._best = self.metric_plot.plot(pen=None, antialias=True, symbol="o", symbolSize=11, symbolBrush=None)
        self._best_words = pg.TextItem(anchor=(0.5, 1.2))
        self._best_at: tuple[float, float] | None = None
        self._top, self._low = 1.0, 0.0
        self.metric_plot.addItem(self._best_words, ignoreBounds=True)
        self.cursor_line = EpochCursor((self.loss, self.metric_plot), self)
        self.cursor_line.moved.connect(self._tell_values)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        for plot in (self.loss, self.metric_plot):
            plot.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
            plot.setFocusProxy(self)  # a click on a plot gives the keys to both
        self._tell_values()
        self.metric_plot.getViewBox().sigResized.connect(lambda _: self._place_best())
        session.theme_changed.connect(lambda _: self._on_theme())
        self._on_theme()

    def _on_theme(self) -> None:
        import pyqtgraph as pg  # 0.2 s: not before the first paint

        theme = self._session.theme
        for plot in (self.loss, self.metric_plot):
            dress_plot(plot, theme)
        train, validation = TRAIN[theme.name], VALIDATION[theme.name]
        dashed = Qt.PenStyle.DashLine
        for curve, color, style in (
            (self._train, train, Qt.PenStyle.SolidLine),
            (self._validation, validation, dashed),
            (self._figure, validation, Qt.PenStyle.SolidLine),
        ):
            curve.setPen(pg.mkPen(color, width=1.5, style=style))
            curve.setSymbolBrush(color)
        self.loss_legend.entries = [("train", train, False), ("validation", validation, True)]
        for legend in (self.loss_legend, self.metric_legend):
            legend.fit()
            legend.update()
        for line in self.cursor_line.lines:
            line.setPen(pg.mkPen(theme.hex("acc"), width=1))
        self._best.setSymbolPen(pg.mkPen(theme.hex("hi"), width=1.5))
        self._best_words.setColor(theme.color("hi"))
        self._best_words.setFont(theme.font(TICK_PX, 600))
        self._place_best()

    def _tell_values(self) -> None:
        set_text(self.values, self.cursor_line.words)
        set_name(self, f"Curves of the run. {self.cursor_line.words}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go along the epochs."""
        if not self.cursor_line.key(event.key()):
            event.ignore()

    @property
    def best_words(self) -> "pg.TextItem":
        """The words at the best point."""
        return self._best_words

    def show_run(self, run: "RunState | None") -> None:
        """Draw a run's curves; nothing without one."""
        losses = train_points(run)
        _set(self._train, losses)
        validation = [] if run is None else [(float(p.epoch), p.val_loss) for p in run.curves if p.val_loss is not None]
        _set(self._validation, validation)
        name = "" if run is None else run.metric_name
        figures = metric_points(run, name)
        _set(self._figure, figures)
        epochs = 1 if run is None else max(1, run.epochs)
        # A line of one point is none, and among few points each is to be seen; where one curve has too many, none has.
        few = epochs <= MOST_MARKED
        few_losses = few and len(losses) <= MOST_MARKED
        for curve, points, marked in (
            (self._train, losses, few_losses), (self._validation, validation, few_losses), (self._figure, figures, few),
        ):  # fmt: skip
            curve.setSymbol("o" if marked or len(points) == 1 else None)
        self.metric_legend.title = f"{metric_title(name)}, validation" if name else "Metric, validation"
        self.metric_legend.update()
        best = [] if run is None else [point for point in figures if point[0] == run.best_epoch]
        _set(self._best, best)
        self._best_at = best[0] if best else None
        set_text(self._best_words, f"{best[0][1]:.3f} best" if best else "")
        why = "" if run is None or not run.why_no_figure else f"No figure: {run.why_no_figure}."
        said = "" if run is None else figure_sentence(run)
        set_text(self.meaning, said)
        self.meaning.setVisible(bool(said))
        set_text(self.note, " ".join(filter(None, (why, *(() if run is None else run.notes)))))
        ticks = [(float(epoch), str(epoch)) for epoch in epoch_ticks(epochs)]
        for plot in (self.loss, self.metric_plot):
            plot.setXRange(0, epochs, padding=BESIDE)
            plot.getPlotItem().getAxis("bottom").setTicks([ticks])
        values = [value for _, value in figures]
        self._top = max([1.0] if name in BOUNDED else [0.0, *values])
        self._low = min([0.0, *values])  # what explains less than nothing is below 0
        self._place_best()
        self.cursor_line.follow(run)
        top = max([value for _, value in (*losses, *validation)] or [1.0])
        self.loss.setYRange(0, top * 1.05)

    def _place_best(self) -> None:
        """The words above the best point, and room for them: the scale ends higher, and they keep off both sides."""
        box = self.metric_plot.getViewBox()
        words, top = self._best_words.boundingRect(), self._top * 1.05
        need = words.height() + WORDS_OFF_PX + 1
        if self._best_at is not None and box.height() > need:
            top = max(top, self._best_at[1] / (1 - need / box.height()))
        self.metric_plot.setYRange(self._low, top or 1.0, padding=0)
        if self._best_at is None or not words.width():
            return
        (left, right), x = box.viewRange()[0], self._best_at[0]
        x_px = (x - left) / ((right - left) or 1.0) * box.width()
        begins_px = min(max(0.0, x_px - words.width() / 2), max(0.0, box.width() - words.width()))
        self._best_words.setAnchor(((x_px - begins_px) / words.width(), 1 + WORDS_OFF_PX / (words.height() or 1.0)))
        self._best_words.setPos(*self._best_at)


def epoch_ticks(epochs: int) -> list[int]:
    """The numbers of the axis of epochs, about ten: there is no half epoch, the steps are of a size that people count
    in, and the last epoch stands there, in the place of a step too near to it."""
    step = next(one * ten for ten in (1, 10, 100, 1000, 10_000) for one in (1, 2, 5) if epochs <= 10 * one * ten)
    return [*(tick for tick in range(0, epochs, step) if tick == 0 or epochs - tick >= step * 0.75), epochs]


def train_points(run: "RunState | None") -> Points:
    """(epochs done, training loss) at the steps; where they do not tell of every epoch, the means of the closed ones.

    A run tells of a step about once a second, so epochs that are shorter would be missing from the line.
    """
    if run is None:
        return ()
    means = [(float(point.epoch), loss) for point in run.curves if (loss := point.train_loss) is not None]
    told = Counter(ceil(done) for done, _ in run.steps_loss)  # by epoch, from 1
    if all(told[int(epoch)] >= STEPS_IN_EPOCH for epoch, _ in means):
        return run.steps_loss
    over = max((epoch for epoch, _ in means), default=0.0)
    return [*means, *(point for point in run.steps_loss if point[0] > over)]


def metric_points(run: "RunState | None", name: str) -> list[tuple[float, float]]:
    """(epoch from 1, value) of a metric wherever it was measured."""
    if run is None:
        return []
    return [(float(p.epoch), value) for p in run.curves if (value := p.metrics.get(name)) is not None]


def _set(curve: "pg.PlotDataItem", points: Points) -> None:
    curve.setData([x for x, _ in points], [y for _, y in points])
