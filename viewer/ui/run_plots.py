"""The curves of a run: loss and its metric over the epochs, drawn by pyqtgraph."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ml.metric_words import metric_title
from viewer.ui.chips import text_label
from viewer.ui.marks import draw_text
from viewer.ui.plain_text import set_text

if TYPE_CHECKING:
    import pyqtgraph as pg

    from viewer.jobs.runs import RunState
    from viewer.ui.session import Session

TRAIN, VALIDATION, EARLIER = "#80C4FF", "#EE901A", "#6D767E"
PLOT_PX = 150
Points = Sequence[tuple[float, float]]


class Legend(QWidget):
    """Lines with their names, at the right above a plot: colour and dash as drawn."""

    def __init__(self, session: "Session", title: str, entries: Sequence[tuple[str, str, bool]]) -> None:
        super().__init__()
        self._session = session
        self.title = title
        self.entries = list(entries)
        self.setFixedHeight(22)

    def sizeHint(self) -> QSize:
        return QSize(260, 22)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        icons, middle = self._session.icons, self.height() // 2
        draw_text(icons, painter, QRect(0, 0, self.width(), self.height()), self.title, px=13, weight=600)
        right = self.width()
        metrics = QFontMetrics(icons.theme.font(11))
        for name, color, dashed in reversed(self.entries):
            width = metrics.horizontalAdvance(name)
            draw_text(icons, painter, QRect(right - width, 0, width + 2, self.height()), name, px=11, token="mid")
            pen = QPen(QColor(color), 2, Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine)
            painter.setPen(pen)
            painter.drawLine(right - width - 22, middle, right - width - 6, middle)
            right -= width + 34
        painter.end()


def curve_plot(session: "Session") -> "pg.PlotWidget":
    """An empty plot in the theme's colours, which the mouse does not move."""
    import pyqtgraph as pg  # 0.2 s: not before the first paint

    theme = session.theme
    plot = pg.PlotWidget(background=theme.hex("panel"))
    plot.setFixedHeight(PLOT_PX)
    plot.setMouseEnabled(x=False, y=False)
    plot.setMenuEnabled(False)
    plot.hideButtons()
    plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    item = plot.getPlotItem()
    item.showGrid(x=False, y=True, alpha=0.12)
    for side in ("left", "bottom"):
        axis = item.getAxis(side)
        axis.setPen(pg.mkPen(theme.hex("line")))
        axis.setTextPen(pg.mkPen(theme.hex("low")))
        axis.setTickFont(theme.font(11))
        axis.setStyle(tickLength=0)
    item.getAxis("left").setWidth(34)
    return plot


class RunPlots(QWidget):
    """Loss (train sky, validation orange dashed) above, the metric (validation orange) below."""

    def __init__(self, session: "Session") -> None:
        import pyqtgraph as pg  # 0.2 s: not before the first paint

        super().__init__()
        self._session = session
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 6, 10, 6)
        layout.setSpacing(2)
        self.loss_legend = Legend(session, "Loss", (("train", TRAIN, False), ("validation", VALIDATION, True)))
        self.metric_legend = Legend(session, "Metric", (("validation", VALIDATION, False),))
        self.loss, self.metric_plot = curve_plot(session), curve_plot(session)
        self.note = text_label("", "caption", wrap=True)
        for widget in (self.loss_legend, self.loss, self.metric_legend, self.metric_plot, self.note):
            layout.addWidget(widget)
        self._train = self.loss.plot(pen=pg.mkPen(TRAIN, width=1.5), antialias=True)
        self._validation = self.loss.plot(
            pen=pg.mkPen(VALIDATION, width=1.5, style=Qt.PenStyle.DashLine),
            antialias=True, symbol="o", symbolSize=5, symbolBrush=VALIDATION, symbolPen=None,
        )  # fmt: skip
        self._figure = self.metric_plot.plot(
            pen=pg.mkPen(VALIDATION, width=1.5),
            antialias=True,
            symbol="o",
            symbolSize=5,
            symbolBrush=VALIDATION,
            symbolPen=None,
        )
        self._best = self.metric_plot.plot(pen=None, antialias=True, symbol="o", symbolSize=11, symbolBrush=None)
        self._best_words = pg.TextItem(anchor=(0.5, 1.2))
        self._best_words.setFont(session.theme.font(11, 600))
        self.metric_plot.addItem(self._best_words)
        session.theme_changed.connect(lambda _: self._on_theme())
        self._on_theme()

    def _on_theme(self) -> None:
        import pyqtgraph as pg  # 0.2 s: not before the first paint

        theme = self._session.theme
        for plot in (self.loss, self.metric_plot):
            plot.setBackground(theme.hex("panel"))
            for side in ("left", "bottom"):
                plot.getPlotItem().getAxis(side).setPen(pg.mkPen(theme.hex("line")))
                plot.getPlotItem().getAxis(side).setTextPen(pg.mkPen(theme.hex("low")))
        self._best.setSymbolPen(pg.mkPen(theme.hex("hi"), width=1.5))
        self._best_words.setColor(theme.color("hi"))

    def show_run(self, run: "RunState | None") -> None:
        """Draw a run's curves; nothing without one."""
        losses: Points = () if run is None else run.steps_loss
        if run is not None and not losses:
            losses = [(float(point.epoch), loss) for point in run.curves if (loss := point.train_loss) is not None]
        _set(self._train, losses)
        validation = [] if run is None else [(float(p.epoch), p.val_loss) for p in run.curves if p.val_loss is not None]
        _set(self._validation, validation)
        name = "" if run is None else run.metric_name
        figures = metric_points(run, name)
        _set(self._figure, figures)
        self.metric_legend.title = f"{metric_title(name)}, validation" if name else "Metric, validation"
        self.metric_legend.update()
        best = [] if run is None else [point for point in figures if point[0] == run.best_epoch]
        _set(self._best, best)
        set_text(self._best_words, f"{best[0][1]:.3f} best" if best else "")
        if best:
            epochs_done = best[0][0] / max(1, run.epochs if run is not None else 1)
            self._best_words.setAnchor((1.0 if epochs_done > 0.85 else 0.0 if epochs_done < 0.15 else 0.5, 1.2))
            self._best_words.setPos(*best[0])
        why = "" if run is None or not run.why_no_figure else f"No figure: {run.why_no_figure}."
        set_text(self.note, " ".join(filter(None, (why, *(() if run is None else run.notes)))))
        epochs = 1 if run is None else max(1, run.epochs)
        for plot in (self.loss, self.metric_plot):
            plot.setXRange(0, epochs, padding=0.02)
        self.metric_plot.setYRange(
            0, max([1.0] if name in ("auc", "dice", "iou") else [f[1] for f in figures] or [1.0]) * 1.15
        )
        top = max([value for _, value in (*losses, *validation)] or [1.0])
        self.loss.setYRange(0, top * 1.05)


def metric_points(run: "RunState | None", name: str) -> list[tuple[float, float]]:
    """(epoch from 1, value) of a metric wherever it was measured."""
    if run is None:
        return []
    return [(float(p.epoch), value) for p in run.curves if (value := p.metrics.get(name)) is not None]


def _set(curve: "pg.PlotDataItem", points: Points) -> None:
    curve.setData([x for x, _ in points], [y for _, y in points])
