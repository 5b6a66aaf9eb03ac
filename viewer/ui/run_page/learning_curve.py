"""Would more labels help? The run's recipe on growing parts of its patients, as a card: asked for, at work, drawn."""

from math import ceil, log10
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from ml.metric_words import metric_title, number_text
from viewer.core.text.counting import counted
from viewer.ui.flows.run_words import REPORT_ASKED, REPORT_STOPPED
from viewer.ui.look.chips import Paragraph
from viewer.ui.look.plain_text import set_name, set_text, set_tip
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.panels.run_plots import TICK_PX, TRAIN, VALIDATION, Legend, curve_plot, dress_plot
from viewer.ui.panels.run_report import hold_focus
from viewer.ui.run_page.card import Card, Told
from viewer.ui.run_page.rows import Rows

if TYPE_CHECKING:
    from ml.learning_curve.kept import LearningCurve, Size
    from viewer.jobs.runs import RunState
    from viewer.ui.flows.desk import Desk

WHAT = (
    "The run's recipe is trained on growing parts of its training patients and judged on validation: does the figure "
    "still rise with the patients? The test part stays sealed."
)
ASK, AGAIN, GO_ON = "Learning curve…", "Another curve…", "Go on…"
NOT_YET = "A learning curve can be made once the run has finished."
STOPPED = "Stopped; what was trained is kept, and it goes on with what is missing."


class CurvePlot(QWidget):
    """The figure over the number of training patients, on a scale of powers: each training, their means with the
    interval over patients, and the curve that goes on with them."""

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self.legend = Legend(session, "", ())
        self.plot = curve_plot(session)
        column.addWidget(self.legend)
        column.addWidget(self.plot)
        self.law = self.plot.plot(antialias=True)
        # Lines and no ErrorBarItem: hidden, that ends the process as soon as the plot is painted.
        self.ahead = self.plot.plot(antialias=True, connect="pairs")
        self.whiskers = self.plot.plot(antialias=True, connect="pairs")
        self.trainings = self.plot.plot(pen=None, antialias=True, symbol="o", symbolSize=5, symbolPen=None)
        self.means = self.plot.plot(antialias=True, symbol="o", symbolSize=8, symbolPen=None)
        self._curve: LearningCurve | None = None
        session.theme_changed.connect(self._dress)

    def _dress(self, *_: object) -> None:
        import pyqtgraph as pg  # 0.2 s: not before the first paint

        theme = self._session.theme
        dress_plot(self.plot, theme)
        below = self.plot.getPlotItem().getAxis("bottom")
        below.setLabel("training patients")
        below.label.setFont(theme.font(TICK_PX))
        below.setHeight(2 * ceil(QFontMetricsF(theme.font(TICK_PX)).height()) + 4)
        own, gone_on = VALIDATION[theme.name], TRAIN[theme.name]
        self.means.setPen(pg.mkPen(own, width=1.5))
        self.means.setSymbolBrush(own)
        self.trainings.setSymbolBrush(theme.hex("low"))
        self.whiskers.setPen(pg.mkPen(own, width=1.5))
        self.law.setPen(pg.mkPen(gone_on, width=1.5, style=Qt.PenStyle.DashLine))
        self.ahead.setPen(pg.mkPen(gone_on, width=3))
        entries = [("validation, interval over patients", own, False)]
        if self._curve is not None and self._curve.outlook.ahead:
            entries.append(("extrapolated", gone_on, True))
        self.legend.entries = entries
        self.legend.fit()
        self.legend.update()

    def show_curve(self, curve: "LearningCurve") -> None:
        """Draw another one."""
        import numpy as np

        self._curve = curve
        sizes, ahead = curve.sizes, curve.outlook.ahead
        self.legend.title = f"{metric_title(curve.metric)}, validation"
        points = [(log10(max(1, one.patients)), one.value) for one in curve.points if one.value is not None]
        self.trainings.setData([x for x, _ in points], [y for _, y in points])
        at = [log10(max(1, size.patients)) for size in sizes]
        self.means.setData(at, [size.value for size in sizes])
        ends = [(x, size.low, size.high) for x, size in zip(at, sizes, strict=True) if size.low == size.low]
        self.whiskers.setData(*_bars(ends))
        self.law.setData([log10(x) for x, _ in curve.outlook.line], [y for _, y in curve.outlook.line])
        self.ahead.setData(*_bars([(log10(one.patients), one.low, one.high) for one in ahead]))
        ticks = [(x, str(size.patients)) for x, size in zip(at, sizes, strict=True)]
        ticks += [(log10(one.patients), str(one.patients)) for one in ahead]
        self.plot.getPlotItem().getAxis("bottom").setTicks([_apart(ticks)])
        values = [y for _, y in points] + [y for each in ends for y in each[1:]]
        values += [y for one in ahead for y in (one.low, one.high)]
        if ticks and values:
            low, high = float(np.min(values)), float(np.max(values))
            room = 0.06 * (high - low) or 0.05
            self.plot.setXRange(ticks[0][0], max(ticks[-1][0], ticks[0][0] + 0.1), padding=0.08)
            self.plot.setYRange(low - room, high + room, padding=0)
        set_name(self.plot, f"{metric_title(curve.metric)} over the number of training patients")
        self._dress()


def _apart(ticks: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """Those that do not run into each other; of two that would the later one stands."""
    wide = max(1e-9, ticks[-1][0] - ticks[0][0]) if ticks else 1.0
    kept: list[tuple[float, str]] = []
    for tick in reversed(ticks):
        if not kept or kept[-1][0] - tick[0] > 0.05 * wide:
            kept.append(tick)
    return kept[::-1]


def _bars(ends: list[tuple[float, float, float]]) -> tuple[list[float], list[float]]:
    """(x, y) of the two ends of each (x, low, high), to be joined two by two."""
    return [x for x, _, _ in ends for _ in range(2)], [y for _, low, high in ends for y in (low, high)]


class LearningCurveCard(Card):
    """What can be done, a bar while it works; then the plot, a row for each part, and what more labels would bring."""

    title = "Would more labels help?"

    def __init__(self, session: "Desk") -> None:
        super().__init__(session)
        self._run: RunState | None = None
        self._drawn: LearningCurve | None = None
        icons = session.icons
        self.words, self.sentence = Paragraph("second"), Paragraph("strong")
        self.problem = Paragraph("err")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("How much of the learning curve is done")
        self.ask = KeyButton(icons, ASK, icon="play")
        set_tip(self.ask, "Parts of the patients, how often each is trained, and from which seed")
        self.cancel = KeyButton(icons, "Cancel", icon="stop")
        set_tip(self.cancel, "Stop after this step; what was trained is kept")
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in (self.ask, self.cancel):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch(1)
        self.rows, self.notes, self.ceiling = Rows(4), Paragraph("caption"), Paragraph("second")
        self._host = QVBoxLayout()
        self.plot: CurvePlot | None = None
        for widget in (self.problem, self.sentence, self.words, self.bar):
            self.body.addWidget(widget)
        self.body.addLayout(self._host)
        self.body.addWidget(self.rows)
        self.body.addWidget(self.ceiling)
        self.body.addWidget(self.notes)
        self.body.addLayout(buttons)
        self.ask.clicked.connect(self._on_ask)
        self.cancel.clicked.connect(self._on_cancel)

    def tell(self, told: Told) -> None:
        """How it is with the run's learning curve."""
        run, facts = told.run, told.facts
        self._run, job = run, told.run.curve
        state = "" if job is None else str(job.state)
        curve = None if facts is None or state != "finished" else facts.curve
        why = "" if run.state == "finished" or job is not None else NOT_YET
        self.lack(why or ("" if facts is None or state != "finished" else facts.no_curve))
        hold_focus(self, (self.ask, self.cancel))
        self.problem.setVisible(state == "failed")
        set_text(self.problem, job.error if job is not None and state == "failed" else "")
        words = job_words(job)
        set_text(self.words, words)
        self.words.setVisible(bool(words) and not why)
        self.bar.setVisible(state in REPORT_ASKED)
        works = job is not None and state == "running" and job.steps > 0
        self.bar.setRange(0, job.steps if job is not None and works else 1)
        self.bar.setValue(job.step if job is not None and works else 0)
        self.ask.setVisible(not why and state not in REPORT_ASKED)
        self.ask.set_words(GO_ON if state in REPORT_STOPPED else AGAIN if state == "finished" else ASK)
        self.cancel.setVisible(state in REPORT_ASKED)
        self._show(curve)
        ceiling = "" if facts is None or curve is None else facts.ceiling
        set_text(self.ceiling, ceiling)
        self.ceiling.setVisible(bool(ceiling))

    def _show(self, curve: "LearningCurve | None") -> None:
        for widget in (self.sentence, self.rows, self.notes):
            widget.setVisible(curve is not None)
        if self.plot is not None:
            self.plot.setVisible(curve is not None)
        self.say_beside("" if curve is None else metric_title(curve.metric))
        if curve is None or curve == self._drawn:
            return
        self._drawn = curve
        if self.plot is None:
            self.plot = CurvePlot(self._session)
            self._host.addWidget(self.plot)
        self.plot.show_curve(curve)
        set_text(self.sentence, curve.outlook.said)
        self.rows.show_rows([size_row(size) for size in curve.sizes])
        set_text(self.notes, " ".join((f"{curve.head}", *curve.notes)))

    def _on_ask(self) -> None:
        from viewer.ui.dialogs.learning_curve import LearningCurveDialog

        if self._run is not None:
            LearningCurveDialog(self._session, self._run, self.window()).open()

    def _on_cancel(self) -> None:
        if self._run is not None:
            self._session.jobs.cancel_curve(self._run)


def job_words(job: "RunState | None") -> str:
    """How it is with the job of a curve; "" where its error or its curve says it."""
    if job is None:
        return WHAT
    words = {
        "queued": "It waits until what works now is done.",
        "running": f"{job.loading[:1].upper()}{job.loading[1:]}." if job.loading else "It begins.",
        "paused": "It pauses.",
        "failed": "What was trained is kept.",
        "cancelled": STOPPED,
        "elsewhere": "It was asked for on another computer or by somebody else, and waits there.",
        "finished": "",
    }
    return words[job.state]


def size_row(size: "Size") -> tuple[str, str, str, str]:
    """A part as cells: its share, what it holds, the figure, and the spread of its trainings."""
    interval = "no interval" if size.low != size.low else f"{number_text(size.low)} to {number_text(size.high)}"
    apart = ""
    if size.trainings > 1:
        spread = f"{number_text(size.least)} to {number_text(size.most)}"
        apart = f"{counted(size.trainings, 'training')} from {spread}"
    return (
        f"{size.share} %", f"{counted(size.patients, 'patient')}, {counted(size.cases, 'case')}",
        f"{number_text(size.value)} ({interval})", apart,
    )  # fmt: skip
