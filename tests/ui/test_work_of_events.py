"""How much the window works for one event, counted: what has not changed is not read, laid out or painted again."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject, QRect, QStringListModel, Qt
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication, QDockWidget, QStyledItemDelegate, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.test_review_ai import prediction
from tests.waiting import handled, settled
from viewer.app import make_window
from viewer.core.deciding import decision_rule
from viewer.core.readout import Readout
from viewer.core.shapes.kinds.box import Box
from viewer.core.task_kinds import TASK_KINDS
from viewer.project.at_hand import objects
from viewer.project.edit_builders import add_annotation
from viewer.ui.canvas import standing
from viewer.ui.flows.findings import image_findings
from viewer.ui.look.even_rows import EvenList
from viewer.ui.look.flow_layout import FlowArea
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.look.theme import Theme
from viewer.ui.panels.cases.rows import CaseDelegate
from viewer.ui.panels.finding_rows import FindingModel
from viewer.ui.panels.on_image import OnImagePanel
from viewer.ui.panels.readers_said import ReadersSaid
from viewer.ui.state.settings import Settings
from viewer.ui.window.docks import docks
from viewer.ui.window.main_window import MainWindow

STEPS = 4
NOWHERE = (10_000, 10_000)  # of the pointer: another test may have left it where the image comes


class Events(QObject):
    """Counts what Qt sends to widgets, by kind and class."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: Counter[tuple[str, str]] = Counter()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(watched, QWidget):
            self.sent[event.type().name, type(watched).__name__] += 1
        return False


@contextmanager
def _events() -> Iterator[Events]:
    app, events = QApplication.instance(), Events()
    assert app is not None
    app.installEventFilter(events)
    try:
        yield events
    finally:
        app.removeEventFilter(events)


def _counting(monkeypatch: pytest.MonkeyPatch, counts: Counter[str], of: Any, name: str) -> None:
    before: Callable[..., Any] = getattr(of, name)

    def counted(*given: Any, **named: Any) -> Any:
        counts[f"{of.__name__.rpartition('.')[2]}.{name}"] += 1
        return before(*given, **named)

    monkeypatch.setattr(of, name, counted)


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Calls of what an event may ask for, from before the window is made."""
    counts: Counter[str] = Counter()
    for of, name in (
        (OnImagePanel, "reload"), (CaseDelegate, "paint"), (FlowArea, "fit"), (ReadersSaid, "_fill"),
        (objects, "objects_of"),
    ):  # fmt: skip
        _counting(monkeypatch, counts, of, name)
    return counts


@pytest.fixture
def working(qtbot: QtBot, home: Path, project_folder: Path, counts: Counter[str]) -> Iterator[MainWindow]:
    QCursor.setPos(*NOWHERE)  # over an image it has the status bar say values, whose words are laid out
    made = make_window([project_folder], settings=Settings(home / "window.json"), author="tester")
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    session = made.session
    qtbot.waitUntil(lambda: session.shown is not None and session.shown.case_id is not None)
    made.enter("annotate")
    settled(session)
    session.case_step(1)
    settled(session)
    yield made
    made.close()


def test_the_next_case_lays_out_no_window_and_reads_each_list_once(working: MainWindow, counts: Counter[str]) -> None:
    """Each arrival of a case ahead had every list read again, and each word that was the same the window laid out."""
    session = working.session
    counts.clear()
    with _events() as events:
        for _ in range(STEPS):
            session.case_step(1)
            settled(session)
    # What is said below the views may ask for it; what the panels show may not.
    said = events.sent["LayoutRequest", "StatusBar"] + events.sent["LayoutRequest", "Banner"]
    assert events.sent["LayoutRequest", "MainWindow"] <= said
    assert events.sent["ToolTipChange", "CompleteButton"] == 0
    assert counts["OnImagePanel.reload"] == STEPS
    assert counts["ReadersSaid._fill"] == counts["FlowArea.fit"] == 0


def test_what_stands_on_the_image_is_found_once_for_a_paint(
    working: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Letters and values keep off the corners' words: for each of them these were worded and measured anew."""
    counts: Counter[str] = Counter()
    for name in ("corner_texts", "edge_letters", "side_letters", "scale_bar", "lines_size"):
        _counting(monkeypatch, counts, standing, name)
    view = working.session.active_view
    view.repaint()
    assert counts["standing.corner_texts"] == 1
    assert counts["standing.edge_letters"] + counts["standing.side_letters"] == 1
    assert counts["standing.lines_size"] == 5


def test_a_value_under_the_mouse_lays_out_no_window(working: MainWindow) -> None:
    """Each other width of a number had Qt lay out the whole window, for every move of the mouse."""
    status, session = working.statusBar(), working.session

    def readout(text: str) -> Readout:
        return Readout(row=3, col=4, x_px=4.5, y_px=3.5, stored=(1.0,), value=1.0, unit="", number_text=text)

    session.readout_changed.emit(readout("a wide value of 1,234.5"))
    handled()
    with _events() as events:
        for text in ("1", "12", "123.4 HU", "9"):
            session.readout_changed.emit(readout(text))
            handled()
            assert status._value.text() == text
            assert status._value.width() == status._value.sizeHint().width()
    assert events.sent["LayoutRequest", "MainWindow"] == events.sent["LayoutRequest", "StatusBar"] == 0


def test_docks_are_measured_once_for_what_happens_together(
    working: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, counts = working.session, Counter[str]()
    _counting(monkeypatch, counts, docks, "needs_px")
    for panel in map(working.docks.panel, ("cases", "on_image")):
        panel.count_changed.emit("7")
    session.situation_changed.emit(session.situation())
    handled()
    assert counts["docks.needs_px"] == 1


def test_a_picture_that_is_made_paints_its_own_row(working: MainWindow, counts: Counter[str]) -> None:
    session, panel = working.session, working.docks.panel("cases")
    image_ids = [row.first_image_id for row in panel._model.rows]
    counts.clear()
    panel._pictures.picture_made.emit(image_ids[0])
    handled()
    assert counts["CaseDelegate.paint"] == 1
    panel._delegate.came.emit(frozenset(image_ids[:2]))
    handled()
    assert counts["CaseDelegate.paint"] == 3
    panel._pictures.picture_made.emit("of no row")
    settled(session)
    assert counts["CaseDelegate.paint"] == 3


def test_an_answer_lays_out_no_window_and_reads_no_hidden_list(working: MainWindow, counts: Counter[str]) -> None:
    """The list of what is on the image was read for each answer, though Review shows none."""
    session = working.session
    working.enter("review")
    settled(session)
    assert session.shown is not None and session.shown.image_id is not None
    image_id = session.shown.image_id
    asking = session.review.asking
    asking.predicted.emit(prediction(image_id, (0.9, 0.8), "p0"))  # the first that is listed
    settled(session)
    counts.clear()
    with _events() as events:
        for number in range(1, STEPS + 1):
            asking.predicted.emit(prediction(image_id, (0.9, 0.4 + number / 10), f"p{number}"))
            settled(session)
    assert len(session.review.findings) == 2
    assert events.sent["LayoutRequest", "MainWindow"] == 0
    assert counts["OnImagePanel.reload"] == counts["FlowArea.fit"] == 0
    assert events.sent["ToolTipChange", "CompleteButton"] == events.sent["ToolTipChange", "QSlider"] == 0

    box = Box(x0_px=4, y0_px=6, x1_px=40, y1_px=30)
    assert session.do(add_annotation(image_id, "Square", box, author="tester"))
    settled(session)
    working.enter("annotate")
    settled(session)
    assert [one.label for one in working.docks.panel("on_image")._model.annotations] == ["Square"]


def test_a_panel_lays_out_the_window_only_when_it_needs_other_room(working: MainWindow) -> None:
    """Each word of a panel, and each count in its title, had every dock laid out."""
    app, panel = QApplication.instance(), working.docks.panel("labels")
    assert app is not None
    app.sendEvent(panel, QEvent(QEvent.Type.LayoutRequest))
    handled()
    with _events() as events:
        app.sendEvent(panel, QEvent(QEvent.Type.LayoutRequest))
        panel.count_changed.emit("1")
        handled()
        assert events.sent["LayoutRequest", "MainWindow"] == 0
        panel.add.setFixedHeight(80)
        handled()
        assert events.sent["LayoutRequest", "MainWindow"] > 0
    count = working.findChild(QDockWidget, "dock:labels").titleBarWidget().count
    assert count.words == "1"
    count.say("1000 shown · 40 below threshold")
    handled()
    wide_px = count.width()
    assert count.minimumSizeHint().width() <= wide_px
    with _events() as events:
        count.say("9 shown")
        handled()
        assert events.sent["LayoutRequest", "MainWindow"] == 0


def test_objects_are_counted_when_their_case_has_changed(working: MainWindow, counts: Counter[str]) -> None:
    session = working.session
    assert session.shown is not None and session.shown.case_id is not None and session.shown.image_id is not None
    case_id, image_id = session.shown.case_id, session.shown.image_id
    session.objects.of_case(case_id)
    counts.clear()
    other = next(one for one in session.cases.order() if session.at_hand.cases.at_hand(one) is None)
    before = session.at_hand
    session.keeping.bring(case_ids=[other])
    settled(session)
    assert session.at_hand is not before
    session.objects.of_case(case_id)
    assert counts["objects.objects_of"] == 0

    box = Box(x0_px=4, y0_px=6, x1_px=40, y1_px=30)
    assert session.do(add_annotation(image_id, "Square", box, author="tester"))
    settled(session)
    assert [one.name for one in session.objects.of_case(case_id).values()] == ["Square"]
    assert counts["objects.objects_of"] == 1


def test_further_findings_leave_the_rows_that_are_there(qtbot: QtBot) -> None:
    """Each answer filled the list anew, so that it was laid out twice and scrolled back to what is selected."""
    model = FindingModel()
    first, second, third = (image_findings([prediction(name, (0.9, 0.8), name)]) for name in "abc")
    told: list[str] = []
    model.modelReset.connect(lambda: told.append("reset"))
    model.rowsInserted.connect(lambda _, start, end: told.append(f"{start} to {end}"))
    model.dataChanged.connect(lambda start, end: told.append(f"changed {start.row()} to {end.row()}"))
    for findings, words in (
        (first, "reset"), (first, "changed 0 to 1"), (first + third, "2 to 3"), (first + second + third, "2 to 3"),
        (second + third, "reset"), (first + second + third, "0 to 1"), (third, "reset"), ([], "reset"), ([], "reset"),
    ):  # fmt: skip
        told.clear()
        model.set_findings(findings)
        assert told == [words]
        assert [model.index(row).data(Qt.ItemDataRole.UserRole) for row in range(model.rowCount())] == findings
        assert [model.place(one.proposal.proposal_id) for one in findings] == list(range(len(findings)))


def test_a_row_that_is_scrolled_in_is_painted_alone(qtbot: QtBot) -> None:
    painted: list[int] = []

    class Rows(QStyledItemDelegate):
        def sizeHint(self, *_: Any) -> Any:
            return QRect(0, 0, 100, 40).size()

        def paint(self, _painter: Any, _option: Any, index: Any) -> None:
            painted.append(index.row())

    holder = QWidget()
    holder.setStyleSheet("QAbstractItemView { background: #102030; border: none; }")  # with one Qt fills no ground
    qtbot.addWidget(holder)
    shown, model, delegate = EvenList(), QStringListModel([str(row) for row in range(60)]), Rows()
    QVBoxLayout(holder).addWidget(shown)
    shown.setModel(model)
    shown.setItemDelegate(delegate)
    shown.setUniformItemSizes(True)
    shown.setVerticalScrollMode(EvenList.ScrollMode.ScrollPerPixel)
    holder.resize(200, 430)
    holder.show()
    qtbot.waitExposed(holder)
    handled()
    shown.setCurrentIndex(model.index(10))
    handled()
    painted.clear()
    shown.setCurrentIndex(model.index(11))
    handled()
    assert {10, 11} <= set(painted) and len(set(painted)) <= 3  # of ten in sight: both, and one that is half in sight


def test_the_same_words_again_change_nothing(qtbot: QtBot, working: MainWindow) -> None:
    button = KeyButton(working.session.icons, "Complete", key="C", icon="accept")
    qtbot.addWidget(button)
    with _events() as events:
        button.set_words("Complete")
        assert events.sent["ToolTipChange", "KeyButton"] == 0
        button.set_words("Done, next")
        assert events.sent["ToolTipChange", "KeyButton"] == 1
    assert button.toolTip() == "Done, next  C"


def test_rules_and_fonts_are_made_once_for_each_value(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = decision_rule("segmentation", ("a", "b"), exclusive=True)
    assert decision_rule("segmentation", ("a", "b"), exclusive=True) is rule
    assert decision_rule("segmentation", ("a", "b"), exclusive=False) != rule
    monkeypatch.setitem(TASK_KINDS, "segmentation", TASK_KINDS["detection"])
    assert decision_rule("segmentation", ("a", "b"), exclusive=True) == decision_rule(
        "detection", ("a", "b"), exclusive=True
    )

    theme = Theme()
    changed = theme.font(12)
    changed.setStrikeOut(True)
    assert not theme.font(12).strikeOut()
    sizes = [one.font(12).pixelSize() for one in (theme, Theme(font_scale=1.5))]
    assert sizes == [12, 18]
    assert theme.font(12, 600).weight() != theme.font(12).weight()
