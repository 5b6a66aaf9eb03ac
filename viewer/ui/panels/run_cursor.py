"""The values of one epoch of a run's curves, under the mouse or gone to by keys."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QMouseEvent

from ml.metric_words import metric_title, number_text

if TYPE_CHECKING:
    import pyqtgraph as pg

    from viewer.jobs.run_story import EpochPoint
    from viewer.jobs.runs import RunState

HINT = "Point at the curves, or press ← and →: the values of that epoch stand here."
PAGE_EPOCHS = 10
STEPS = {int(Qt.Key.Key_Left): -1, int(Qt.Key.Key_Right): 1, int(Qt.Key.Key_PageUp): -PAGE_EPOCHS,
         int(Qt.Key.Key_PageDown): PAGE_EPOCHS}  # fmt: skip


class EpochCursor(QObject):
    """A line at the same epoch in every plot of a run. epoch: the one it is at, None while it is nowhere."""

    moved = Signal()

    def __init__(self, plots: "tuple[pg.PlotWidget, ...]", parent: QObject) -> None:
        import pyqtgraph as pg  # 0.2 s: not before the first paint

        super().__init__(parent)
        self._plots = plots
        self._run: RunState | None = None
        self._points: Mapping[int, EpochPoint] = {}
        self.epoch: int | None = None
        self.lines = [pg.InfiniteLine(angle=90, movable=False) for _ in plots]
        for plot, line in zip(plots, self.lines, strict=True):
            line.hide()
            view_box = plot.getViewBox()
            view_box.addItem(line, ignoreBounds=True)
            plot.viewport().installEventFilter(self)  # pyqtgraph drops moves that come fast, the last one too

    def follow(self, run: "RunState | None") -> None:
        """The curves are another run's, or have grown."""
        other = run is None or self._run is None or run.folder != self._run.folder
        self._run = run
        self._points = {} if run is None else {point.epoch: point for point in run.curves}
        if other or self.epoch not in self._points:
            self.go(None)
        else:
            self.moved.emit()

    def go(self, epoch: int | None) -> None:
        """Stand at an epoch, or nowhere."""
        self.epoch = epoch
        for line in self.lines:
            line.setVisible(epoch is not None)
            if epoch is not None:
                line.setPos(epoch)
        self.moved.emit()

    def key(self, key: int) -> bool:
        """Go to another epoch by a key; whether it was one of those that do."""
        if not self._points:
            return False
        first, last = min(self._points), max(self._points)
        if key in STEPS:
            here = self.epoch if self.epoch is not None else (first - 1 if STEPS[key] > 0 else last + 1)
            self.go(self._near(min(last, max(first, here + STEPS[key]))))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.go(first if key == Qt.Key.Key_Home else last)
        else:
            return False
        return True

    @property
    def words(self) -> str:
        """The values there."""
        run, point = self._run, None if self.epoch is None else self._points.get(self.epoch)
        if run is None or point is None:
            return HINT
        metric = point.metrics.get(run.metric_name)
        parts = [f"Epoch {point.epoch}", f"training loss {_value(point.train_loss)}",
                 f"validation loss {_value(point.val_loss)}"]  # fmt: skip
        if run.metric_name:
            parts.append(f"{metric_title(run.metric_name)} {_value(metric)} on validation")
        if point.epoch == run.best_epoch:
            parts.append("the best")
        return " · ".join(parts)

    def _near(self, epoch: int) -> int:
        return epoch if epoch in self._points else min(self._points, key=lambda one: abs(one - epoch))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel:
            event.ignore()  # it goes to what scrolls around: the plots do nothing with it, and their axes keep it
            return True
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseMove and self._points:
            plot = next((one for one in self._plots if one.viewport() is watched), None)
            if plot is not None:
                box, at = plot.getViewBox(), plot.mapToScene(event.position().toPoint())
                if box.sceneBoundingRect().contains(at):
                    self.go(self._near(round(box.mapSceneToView(at).x())))
        return False


def _value(value: float | None) -> str:
    return "–" if value is None else number_text(value)
