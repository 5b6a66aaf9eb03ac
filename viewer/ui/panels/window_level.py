"""Window and level of the active view: histogram, typed numbers, presets with their digits."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from viewer.core.pixels import LookupTable, Window
from viewer.core.units import unit_text, window_numbers
from viewer.core.windowing import apply_modality, held_rows, names_voi, padding_mask
from viewer.reading.window_presets import AUTOMATIC, AUTOMATIC_HELP, FROM_FILE_KEY, read_presets
from viewer.ui.look.chips import text_label
from viewer.ui.look.plain_text import set_field, set_name, set_text, set_tip
from viewer.ui.panels.voi_rows import FileWindows, PresetRow
from viewer.ui.state.announcing import announce_until

if TYPE_CHECKING:
    from viewer.reading.frame import Frame
    from viewer.ui.flows.desk import Desk
    from viewer.ui.state.shown import ShownImage

BINS = 200
SAMPLE = 262_144  # values a histogram looks at; more changes nothing that can be seen
PLOT_PX = 84
REFUSED = "A window needs a width of 1 or more and a centre, both numbers."
RESTS_MS = 60  # without another image: nobody reads a histogram while scrolling


class Histogram(QWidget):
    """How often each value occurs, with the window's ramp; the plot is made with the first image."""

    dragged = Signal(float, float)  # low, high

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self._plot: Any = None
        self._quiet = False
        self.setFixedHeight(PLOT_PX)
        session.theme_changed.connect(lambda _: self._recolour())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)

    def show_counts(self, edges: NDArray[np.float64], counts: NDArray[np.float64]) -> None:
        """edges: (n + 1,) in modality units. counts: (n,)."""
        if self._plot is None:
            self._make()
        self._curve.setData(edges, np.sqrt(counts))
        self._plot.setXRange(float(edges[0]), float(edges[-1]), padding=0.01)
        self._plot.setYRange(0, float(np.sqrt(counts).max(initial=1.0)) * 1.05, padding=0)

    def show_nothing(self) -> None:
        """No counts: colours have none, and those of the image before are not this one's."""
        if self._plot is not None:
            self._curve.setData([0.0, 1.0], [0.0])
            self._plot.setXRange(0.0, 255.0, padding=0.01)

    def clear(self) -> None:
        """Neither counts nor a window: there is no image."""
        self.show_nothing()
        if self._plot is not None:
            self._ramp.setData([], [])
            for line in (self._low, self._high):
                line.hide()

    def show_window(self, low: float, high: float) -> None:
        """Draw the ramp from black at `low` to white at `high`."""
        if self._plot is None:
            return
        self._quiet = True
        top = self._plot.viewRange()[1][1]
        self._ramp.setData([low, high], [0, top])
        for line in (self._low, self._high):
            line.show()
        self._low.setValue(low)
        self._high.setValue(high)
        self._quiet = False

    def _make(self) -> None:
        import pyqtgraph as pg

        theme = self._session.theme
        self._plot = pg.PlotWidget(background=theme.color("win"))
        self._plot.setMouseEnabled(x=False, y=False)
        self._plot.setMenuEnabled(False)
        self._plot.hideButtons()
        for axis in ("left", "bottom"):
            self._plot.hideAxis(axis)
        self._plot.getPlotItem().setContentsMargins(0, 2, 0, 0)
        self._curve = pg.PlotCurveItem(
            x=[0.0, 1.0],
            y=[0.0],
            stepMode="center",
            fillLevel=0,
            pen=pg.mkPen(theme.color("line2")),
            brush=theme.color("ctlh"),
        )
        self._ramp = pg.PlotCurveItem(pen=pg.mkPen(theme.color("acc"), width=1.5))
        self._plot.addItem(self._curve)
        self._plot.addItem(self._ramp)
        self._low, self._high = (
            pg.InfiniteLine(
                angle=90, movable=True, pen=pg.mkPen(theme.color("acc")), hoverPen=pg.mkPen(theme.color("hi"), width=2)
            )
            for _ in range(2)
        )
        for line in (self._low, self._high):
            self._plot.addItem(line)
            line.sigPositionChanged.connect(self._on_moved)
        layout = self.layout()
        assert layout is not None
        layout.addWidget(self._plot)

    def _recolour(self) -> None:
        if self._plot is None:
            return
        import pyqtgraph as pg

        theme = self._session.theme
        self._plot.setBackground(theme.color("win"))
        self._curve.setPen(pg.mkPen(theme.color("line2")))
        self._curve.setBrush(theme.color("ctlh"))
        for item in (self._ramp, self._low, self._high):
            item.setPen(pg.mkPen(theme.color("acc"), width=1.5))

    def _on_moved(self, _line: object) -> None:
        if not self._quiet:
            low, high = sorted((float(self._low.value()), float(self._high.value())))
            self.dragged.emit(low, high)


class WindowLevelPanel(QWidget):
    """The active view's window."""

    title = "Window / level"
    area = "right"
    workspaces = ("read",)
    title_commands = ("image.invert",)

    window_taken = Signal()  # what was typed is a window

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self._told = ("", "")  # the numbers of the window as they were last shown
        self._view: Any = None
        self._counting = QTimer(self, singleShot=True)
        self._counting.timeout.connect(self._count)
        self.histogram = Histogram(session)
        self.width_field, self.center_field = _number_field("Window width"), _number_field("Window centre")
        self._unit = text_label("", "rowlow")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 8)
        column.setSpacing(0)
        top = QVBoxLayout()
        top.setContentsMargins(10, 0, 10, 8)
        top.setSpacing(10)
        top.addWidget(self.histogram)
        row = QHBoxLayout()
        row.setSpacing(8)
        for word, field in (("W", self.width_field), ("C", self.center_field)):
            row.addWidget(text_label(word, "second"))
            row.addWidget(field, 1)
            field.returnPressed.connect(self._on_typed)
        row.addWidget(self._unit)
        top.addLayout(row)
        column.addLayout(top)
        self.rows = [PresetRow(session, preset) for preset in read_presets()]
        for preset_row in self.rows:
            column.addWidget(preset_row)
            preset_row.clicked.connect(lambda _=False, one=preset_row: self._on_preset(one))
        self.file_windows = FileWindows(session)
        column.addWidget(self.file_windows)
        column.addStretch(1)
        self.histogram.dragged.connect(self._on_dragged)
        session.image_shown.connect(self._on_image_shown)
        session.image_gone.connect(self._on_image_gone)
        session.active_view_changed.connect(self._on_active_view_changed)
        if session.active_cell is not None:
            self._on_active_view_changed(session.active_cell.view)
        if session.shown is not None:
            self._on_image_shown(session.shown)
        elif session.active_cell is not None:
            self._on_image_gone()

    def _on_active_view_changed(self, view: Any) -> None:
        if self._view is not None:
            try:
                self._view.window_changed.disconnect(self._on_window_changed)
            except RuntimeError:  # the cell is gone
                self._view = None
        self._view = view
        view.window_changed.connect(self._on_window_changed)
        self.file_windows.follow(view)
        self._on_window_changed(view.window)

    def _on_image_shown(self, shown: "ShownImage") -> None:
        frame = shown.frame
        self.file_windows.follow(self._session.active_view)
        set_text(self._unit, unit_text(frame.facts.unit))
        for field in (self.width_field, self.center_field):
            field.setEnabled(True)
        for row in self.rows:
            fits = frame.facts.unit == "HU" or not row.preset.width
            row.setEnabled(fits)
            row.setToolTip("" if fits else "This window is in HU, and these values are not")
        self._counting.start(RESTS_MS)
        self._on_window_changed(self._session.active_view.window)

    def _on_image_gone(self) -> None:
        """No numbers without an image: they would be those of the one before."""
        self._counting.stop()
        self.histogram.clear()
        self._unit.setText("")
        self._name_own()
        for field in (self.width_field, self.center_field):
            field.clear()
            field.setPlaceholderText("")
            field.setEnabled(False)
        for row in self.rows:
            row.setChecked(False)
            row.setEnabled(False)
        self.file_windows.follow(self._session.active_view)

    def _count(self) -> None:
        """Draw the histogram of the image at which the person came to rest."""
        shown = self._session.shown
        if shown is None:
            return
        frame, ref = shown.frame, shown.ref

        def done(found: "tuple[NDArray[np.float64], NDArray[np.float64]] | None") -> None:
            now = self._session.shown
            if now is None or now.ref != ref:
                return
            if found is not None:
                self.histogram.show_counts(*found)
            else:
                self.histogram.show_nothing()
            self._on_window_changed(self._session.active_view.window)

        def work() -> "tuple[NDArray[np.float64], NDArray[np.float64]] | None":
            import pyqtgraph  # noqa: F401  # 0.4 s, in which the window would stand still

            return histogram_of(frame)

        self._session.run_in_background(work, done, lambda _: None, at_rest=True)

    def _on_window_changed(self, window: Window | LookupTable) -> None:
        if self._session.shown is None:
            return
        name = window.name
        self.file_windows.show_choice(window)
        self._name_own()
        if isinstance(window, LookupTable):
            for field in (self.width_field, self.center_field):
                field.setText("")
                field.setPlaceholderText("LUT")
        else:
            shown = window_numbers(window.width, window.center)
            for field, text in zip((self.width_field, self.center_field), shown, strict=True):
                if not field.hasFocus():
                    set_field(field, text)
            self._told = shown
            self.histogram.show_window(window.center - window.width / 2, window.center + window.width / 2)
        follows = self._view is not None and not self._view.contrast.touched
        for row in self.rows:
            if row.preset.width and not isinstance(window, LookupTable):
                fits = (window.center, window.width) == (row.preset.center, row.preset.width)
                row.setChecked(fits and not follows)
            else:
                row.setChecked(follows if row.preset.key == FROM_FILE_KEY else name == row.preset.name)

    def _name_own(self) -> None:
        """Say that the untouched window is the file's, or that the file has none and it is made from the values."""
        facts = self._view.presenting.presented_facts if self._view is not None else None
        own = facts is None or names_voi(facts)
        for row in self.rows:
            if row.preset.key == FROM_FILE_KEY:
                row.call(row.preset.name if own else AUTOMATIC, "" if own else AUTOMATIC_HELP)

    def _refuse(self) -> None:
        session = self._session
        announce_until(session, "warn", REFUSED, session.image_shown, session.image_gone, self.window_taken)

    def _on_typed(self) -> None:
        now = self._session.active_view.window
        # What nobody typed into stays as it is: a field shows fewer digits than the window has.
        kept = (now.width, now.center) if isinstance(now, Window) else (None, None)
        width, center = (
            _value(field.text()) if field.text() != text or value is None else value
            for field, text, value in zip((self.width_field, self.center_field), self._told, kept, strict=True)
        )
        if width is None or center is None or width < 1:
            self._refuse()
            return
        self.window_taken.emit()
        self._session.active_view.window = Window(center=center, width=width)
        self._session.active_view.setFocus()

    def _on_dragged(self, low: float, high: float) -> None:
        self._session.active_view.window = Window(center=(low + high) / 2, width=max(1.0, high - low))

    def _on_preset(self, row: PresetRow) -> None:
        self._session.preset_asked.emit(row.preset)
        self._on_window_changed(self._session.active_view.window)


def histogram_of(frame: "Frame") -> "tuple[NDArray[np.float64], NDArray[np.float64]] | None":
    """(edges, counts) over values in modality units, padding left out; None for colour."""
    stored, facts = frame.stored, frame.facts
    if stored.ndim == 3 or facts.palette is not None:
        return None
    stored = held_rows(stored, facts)
    step = max(1, int(np.sqrt(stored.size / SAMPLE)))
    part = stored[::step, ::step]
    values = apply_modality(part, facts)
    padding = padding_mask(part, facts)
    if padding is not None:
        values = values[~padding]
    values = values[np.isfinite(values)]
    if not values.size:
        return None
    counts, edges = np.histogram(values, bins=BINS)
    return edges.astype(np.float64), counts.astype(np.float64)


def _number_field(name: str) -> QLineEdit:
    field = QLineEdit()
    set_name(field, name)
    set_tip(field, f"{name}; Enter takes it")
    field.setMinimumWidth(60)
    return field


def _value(text: str) -> float | None:
    try:
        return float(text.strip().replace("−", "-").replace(",", "."))
    except ValueError:
        return None
