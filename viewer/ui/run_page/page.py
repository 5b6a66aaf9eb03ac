"""The page of the run that is chosen: its cards in a column that scrolls, each as wide as the page."""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QAbstractSlider, QFrame, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from viewer.core.registry import load
from viewer.ui.look.chips import EmptyState
from viewer.ui.run_page import CARDS
from viewer.ui.run_page.card import Card, Told
from viewer.ui.run_page.facts import RunFacts, read_facts

if TYPE_CHECKING:
    from viewer.jobs.runs import RunState
    from viewer.ui.flows.desk import Desk

SCROLLS = {
    int(Qt.Key.Key_Up): QAbstractSlider.SliderAction.SliderSingleStepSub,
    int(Qt.Key.Key_Down): QAbstractSlider.SliderAction.SliderSingleStepAdd,
    int(Qt.Key.Key_PageUp): QAbstractSlider.SliderAction.SliderPageStepSub,
    int(Qt.Key.Key_PageDown): QAbstractSlider.SliderAction.SliderPageStepAdd,
    int(Qt.Key.Key_Home): QAbstractSlider.SliderAction.SliderToMinimum,
    int(Qt.Key.Key_End): QAbstractSlider.SliderAction.SliderToMaximum,
}
NOTHING = "No run is chosen. The Train menu starts one from a snapshot."


class RunPage(QWidget):
    """Follows the chosen run. What its cards say of files is read again when the run, or its report, is another."""

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self._watch = session.jobs
        self._told: Told | None = None
        self._asked: tuple[object, ...] = ()  # of which run, and in which state, the facts were last asked for
        self.stack = QStackedWidget()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setAccessibleName("The chosen run")
        host = QWidget()
        host.setProperty("surface", "win")
        column = QVBoxLayout(host)
        column.setContentsMargins(16, 14, 16, 16)
        column.setSpacing(12)
        self.cards: dict[str, Card] = {name: load(CARDS, name)(session) for name in CARDS}
        for card in self.cards.values():
            column.addWidget(card)
        column.addStretch(1)
        self.area.setWidget(host)
        self.stack.addWidget(self.area)
        self.stack.addWidget(EmptyState(session.icons, "train", NOTHING))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._watch.runs_changed.connect(lambda _: self.reload())
        self._watch.run_selected.connect(lambda _: self.reload())
        self.reload()

    @property
    def told(self) -> Told | None:
        """What the cards show."""
        return self._told

    def reload(self) -> None:
        """Show the chosen run as it stands; its files are read beside the window's thread."""
        run = self._watch.selected
        self.stack.setCurrentIndex(0 if run is not None else 1)
        if run is None:
            self._told, self._asked = None, ()
            return
        folds = self._watch.folds
        judged = [*_reports(run), *(_reports(folds[0]) if folds else ())]
        judged += [run.curve] if run.curve is not None else []
        key = (run.folder, run.state, *((one.folder, one.state, one.said, one.ended) for one in judged))
        before = self._told
        if before is None or before.run.folder != run.folder:  # another one is read from its name on
            before = None
            self.area.verticalScrollBar().setValue(0)
        if before is None or (before.run, before.folds) != (run, folds):
            self._tell(Told(run=run, facts=None if before is None else before.facts, folds=folds))
        if key != self._asked:
            self._asked = key
            self._ask(run, folds[0] if folds else None, key)

    def _ask(self, run: "RunState", first: "RunState | None", key: tuple[object, ...]) -> None:
        def done(facts: RunFacts) -> None:
            if key == self._asked and self._told is not None:  # else another one was chosen meanwhile
                self._tell(replace(self._told, facts=facts))

        self._session.run_in_background(
            lambda: read_facts(run, first), done, self._session.announce_failure, owner=self
        )

    def _tell(self, told: Told) -> None:
        self._told = told
        for card in self.cards.values():
            card.tell(told)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys that scroll, wherever on the page the focus is."""
        action = SCROLLS.get(event.key())
        if action is None:
            event.ignore()
        else:
            self.area.verticalScrollBar().triggerAction(action)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.reload()


def _reports(run: "RunState") -> "list[RunState]":
    from viewer.jobs.runs import reports_of

    return reports_of(run)
