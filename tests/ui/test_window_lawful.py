"""The window under a hand that presses and clicks anything: complete cases stay lawful, no shape is doubled or lost.

The same promise on the project's edits alone, over many thousand steps: `tests/project/test_decisions_lawful.py`.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.project.lawful_walk import KINDS, Book, make_task
from tests.ui.conftest import write_films
from tests.ui.hand import CTRL, LEFT, NONE, SHIFT, press
from tests.ui.painted import writing
from tests.waiting import settled
from viewer.app import make_window
from viewer.core.shapes.annotations import Prediction, Proposal
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.shape import Shape
from viewer.project.project import Project
from viewer.project.register import add_frames
from viewer.ui.panels.findings import FindingsPanel
from viewer.ui.state.settings import Settings
from viewer.ui.window.main_window import MainWindow

Key = Qt.Key
STEPS = 60  # of each kind and seed: 360 in every run, 720 in the full one
FILMS, ROWS, COLS = 3, 64, 80
ALT = Qt.KeyboardModifier.AltModifier
EVERYWHERE = [
    (Key.Key_Z, CTRL), (Key.Key_Z, CTRL), (Key.Key_Y, CTRL), (Key.Key_Return, CTRL), (Key.Key_Return, CTRL),
    (Key.Key_PageDown, NONE), (Key.Key_PageUp, NONE), (Key.Key_Space, NONE), (Key.Key_H, NONE), (Key.Key_Escape, NONE),
    (Key.Key_Down, NONE), (Key.Key_Right, CTRL),
]  # fmt: skip
REVIEW = [
    (Key.Key_Return, NONE), (Key.Key_Return, NONE), (Key.Key_Backspace, NONE), (Key.Key_C, NONE), (Key.Key_A, NONE),
    (Key.Key_D, NONE), (Key.Key_Comma, NONE), (Key.Key_Period, NONE), (Key.Key_Down, ALT), (Key.Key_Up, ALT),
]  # fmt: skip
ANNOTATE = [
    (Key.Key_1, SHIFT), (Key.Key_2, SHIFT), (Key.Key_3, SHIFT), (Key.Key_1, NONE), (Key.Key_2, NONE), (Key.Key_B, NONE),
    (Key.Key_V, NONE), (Key.Key_R, NONE), (Key.Key_E, NONE), (Key.Key_N, NONE), (Key.Key_Delete, NONE),
]  # fmt: skip


def answers_of(kind: str, random: np.random.Generator, image_id: str, number: int) -> Prediction:
    """What a model says of one image: each label once."""
    names = [f"L{place}" for place in range(3 if kind in ("three exclusive", "multi-label", "exclusive masks") else 2)]
    of = "classification" if kind in KINDS[:3] else "detection" if kind == "boxes" else "segmentation"
    scores = random.dirichlet(np.ones(len(names))) if "exclusive" in kind else random.random(len(names))
    proposals = []
    for place, (name, score) in enumerate(zip(names, scores)):
        x0, y0 = 20 * place + int(random.integers(8)), int(random.integers(30))
        mask = np.zeros((ROWS, COLS), bool)
        mask[y0 : y0 + 16, x0 : x0 + 16] = True
        box = Box(x0_px=x0, y0_px=y0, x1_px=x0 + 16, y1_px=y0 + 16)
        shape: Shape | None = (
            None if of == "classification" else box if of == "detection" else MaskRuns.from_array(mask)
        )
        proposals.append(
            Proposal(
                proposal_id=f"{number:03}-{place}", prediction_id=f"p{number}", image_id=image_id, label=name,
                score=float(score), shape=shape,
            )
        )  # fmt: skip
    return Prediction(
        prediction_id=f"p{number}", image_id=image_id, model_hash=f"{number % 2:064}", model_name="m", kind=of,
        created="2026-11-21T12:00:00", threshold=0.3, proposals=tuple(proposals), labels=tuple(names),
        scores=dict(zip(names, scores.tolist())) if of == "classification" else {}, exclusive="exclusive" in kind,
    )  # fmt: skip


class Hand:
    """Presses and clicks by chance, as far as the window lets it."""

    def __init__(self, window: MainWindow, random: np.random.Generator) -> None:
        self.window, self.session, self.random = window, window.session, random

    def act(self) -> str:
        """One thing; returns what it was."""
        dialog = QApplication.activeModalWidget()
        if dialog is not None:
            key = self._any([Key.Key_1, Key.Key_2, Key.Key_Escape, Key.Key_Return])
            QTest.keyClick(dialog, key)
            return "answer"
        what = self._any(["space", "key", "key", "key", "key", "button", "chip", "image", "image", "reopen"])
        getattr(self, f"_{what}")()
        return what

    def _any(self, things: list):  # type: ignore[no-untyped-def, type-arg]
        return things[self.random.integers(len(things))]

    def _space(self) -> None:
        self.window.enter(self._any(["annotate", "review", "review"]))

    def _key(self) -> None:
        here = REVIEW if self.session.workspace == "review" else ANNOTATE
        key, modifiers = self._any([*EVERYWHERE, *here, *here])
        self.window.focus_image()
        press(self.window, key, modifiers)

    def _button(self) -> None:
        if self.session.workspace == "review":
            panel = self.window.docks.panel("findings")
            assert isinstance(panel, FindingsPanel)
            button = self._any([panel.accept_button, panel.correct_button, panel.reject_button])
            QTest.mouseClick(button, LEFT)

    def _chip(self) -> None:
        if self.session.workspace == "annotate":
            chips = list(self.window.docks.panel("labels").answers.values())  # type: ignore[attr-defined]
            if chips:
                QTest.mouseClick(self._any(chips), LEFT)

    def _image(self) -> None:
        view = self.session.active_view
        start, end = (
            QPoint(int(self.random.integers(40, view.width() - 40)), int(self.random.integers(40, view.height() - 40)))
            for _ in range(2)
        )
        QTest.mousePress(view, LEFT, NONE, start)
        if self.random.random() < 0.6:
            QTest.mouseMove(view, end)
        QTest.mouseRelease(view, LEFT, NONE, end)

    def _reopen(self) -> None:
        self.window.book.run("annotate.reopen")


@pytest.fixture
def opened(qtbot: QtBot, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., MainWindow]:
    """A window in Review on films of which two models have said something."""
    monkeypatch.setattr("viewer.ui.flows.model_queries.model_choices", lambda folder: [])
    made: list[MainWindow] = []

    def open_window(kind: str, random: np.random.Generator) -> MainWindow:
        Project.create(tmp_path / "project", name="Films", author="tester").close()
        # By somebody else, whose steps the hand cannot take back.
        with Project.open(tmp_path / "project", writable=True, author="setup") as project:
            add_frames(project, write_films(tmp_path / "films", FILMS))
            make_task(project, kind)
            for number, record in enumerate([*project.images.all(), *project.images.all()]):
                project.predictions.add(answers_of(kind, random, record.image_id, number))
        window = make_window([tmp_path / "project"], settings=Settings(home / "window.ini"), author="tester")
        made.append(window)
        window.resize(1280, 720)
        window.activateWindow()
        qtbot.waitUntil(lambda: window.session.shown is not None and window.session.shown.case_id is not None)
        qtbot.waitUntil(window.isActiveWindow)
        window.enter("review")
        settled(window.session)
        return window

    yield open_window  # type: ignore[misc]
    for window in made:
        window.close()
        window.deleteLater()


def done(window: MainWindow) -> int:
    """How many gestures stand."""
    assert window.session.project is not None
    return sum(entry.state == "done" for entry in window.session.project.history.entries(0))


def step_to(window: MainWindow, key: Qt.Key, gestures: int) -> None:
    """Undo or redo by its key until so many gestures stand; an image is shown first, so one may take two presses."""
    for _ in range(4 * STEPS):
        if done(window) == gestures:
            return
        window.focus_image()
        press(window, key, CTRL)
        settled(window.session)
    raise AssertionError(f"{done(window)} gestures stand instead of {gestures}")


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.full)])
@pytest.mark.parametrize("kind", KINDS)
def test_no_sequence_of_keys_and_clicks_leaves_a_complete_case_unlawful(
    opened: Callable[..., MainWindow], kind: str, seed: int
) -> None:
    random = np.random.default_rng(seed)
    window = opened(kind, random)
    project = window.session.project
    assert project is not None
    book, hand = Book(project, kind), Hand(window, random)
    first, gestures = book.state(), done(window)
    before = first

    for _ in range(STEPS):
        what = hand.act()
        settled(window.session)
        after = book.state()
        come, gone = set(after.shapes) - set(before.shapes), set(before.shapes) - set(after.shapes)
        assert len(come) <= 1, f"{what} made several shapes"
        if what not in ("key", "answer"):  # Delete, undo, redo; "replace"
            assert not gone, f"{what} lost a shape"
        book.check()
        before = after

    while QApplication.activeModalWidget() is not None:
        QTest.keyClick(QApplication.activeModalWidget(), Key.Key_Escape)
        settled(window.session)
    end, made = book.state(), done(window)
    step_to(window, Key.Key_Z, gestures)
    assert book.state() == first, "undo did not give everything back"
    step_to(window, Key.Key_Y, made)
    assert book.state() == end, "redo did not do the same again"


def reviewing(opened: Callable[..., MainWindow], kind: str) -> tuple[MainWindow, Book]:
    """The window in Review with the first finding of the first film selected."""
    window = opened(kind, np.random.default_rng(1))
    project = window.session.project
    assert project is not None
    if kind == "multi-label":
        window.session.review.set_threshold(0.0)  # every label of it is there to decide
    review = window.session.review
    review.select(review.shown[0].proposal.proposal_id)
    settled(window.session)
    return window, Book(project, kind)


def strike(window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    window.focus_image()
    press(window, key, modifiers)
    settled(window.session)


def hold(window: MainWindow, key: Qt.Key, times: int) -> None:
    """The key goes down and repeats by itself."""
    target = QApplication.focusWidget() or window
    for number in range(times):
        QApplication.sendEvent(target, QKeyEvent(QEvent.Type.KeyPress, key, NONE, "", number > 0))
    QApplication.sendEvent(target, QKeyEvent(QEvent.Type.KeyRelease, key, NONE))
    settled(window.session)


def decided(book: Book) -> list[str]:
    return sorted(one.value for one in book.state().decisions.values() if one.value != "undecided")


def test_enter_accepts_backspace_rejects_and_the_keys_that_change_the_case_elsewhere_do_nothing(
    opened: Callable[..., MainWindow],
) -> None:
    window, book = reviewing(opened, "multi-label")
    case = window.session.shown.case_id  # type: ignore[union-attr]

    for key in (Key.Key_A, Key.Key_D):
        strike(window, key)
    assert decided(book) == []
    assert window.session.shown is not None and window.session.shown.case_id == case

    strike(window, Key.Key_Return)
    assert decided(book) == ["accepted"]
    strike(window, Key.Key_Down, ALT)
    strike(window, Key.Key_Backspace)
    assert decided(book) == ["accepted", "rejected"]


def test_enter_accepts_after_a_click_on_a_finding_and_on_the_button_of_another_decision(
    opened: Callable[..., MainWindow],
) -> None:
    window, book = reviewing(opened, "multi-label")
    panel = window.docks.panel("findings")
    assert isinstance(panel, FindingsPanel)

    QTest.mouseClick(panel.reject_button, LEFT)
    settled(window.session)
    assert decided(book) == ["rejected"]
    row = panel.list.visualRect(panel.list.model().index(1, 0)).center()
    QTest.mouseClick(panel.list.viewport(), LEFT, NONE, row)
    settled(window.session)
    press(window, Key.Key_Return)
    settled(window.session)

    assert decided(book) == ["accepted", "rejected"]


@pytest.mark.parametrize("key", [Key.Key_Return, Key.Key_Backspace])
def test_a_held_key_decides_once(opened: Callable[..., MainWindow], key: Qt.Key) -> None:
    window, book = reviewing(opened, "multi-label")
    window.focus_image()

    hold(window, key, 5)

    assert len(decided(book)) == 1


def test_correct_asks_which_one_holds_and_enter_alone_answers_nothing(opened: Callable[..., MainWindow]) -> None:
    window, book = reviewing(opened, "three exclusive")
    finding = window.session.situation().has("proposal_selected")
    assert finding

    strike(window, Key.Key_C)
    dialog = QApplication.activeModalWidget()
    assert dialog is not None
    QTest.keyClick(dialog, Key.Key_Return)
    assert QApplication.activeModalWidget() is dialog
    assert decided(book) == []
    QTest.keyClick(dialog, Key.Key_2)
    settled(window.session)

    assert decided(book) == ["corrected"]
    assert sorted(verdict.value for verdict in book.state().said.values()) == ["no", "no", "yes"]


def test_each_case_starts_at_the_operating_point_and_a_moved_threshold_is_said_on_the_image(
    opened: Callable[..., MainWindow],
) -> None:
    window, _ = reviewing(opened, "boxes")
    for _ in range(4):
        strike(window, Key.Key_Comma)

    with writing() as said:
        window.session.active_view.grab_view()
    assert "Threshold 0.26 · operating point 0.30" in [one.text for one in said]

    strike(window, Key.Key_PageDown)
    assert window.session.review.threshold == 0.3
    with writing() as said:
        window.session.active_view.grab_view()
    assert not any("operating point" in one.text for one in said)


def test_redo_shows_the_image_first_as_undo_does(opened: Callable[..., MainWindow]) -> None:
    window, book = reviewing(opened, "multi-label")
    first = window.session.shown.case_id  # type: ignore[union-attr]
    strike(window, Key.Key_Return)
    strike(window, Key.Key_Z, CTRL)
    strike(window, Key.Key_PageDown)

    strike(window, Key.Key_Y, CTRL)
    assert window.session.shown is not None and window.session.shown.case_id == first
    assert decided(book) == []
    strike(window, Key.Key_Y, CTRL)

    assert decided(book) == ["accepted"]


def test_overlays_hidden_by_h_are_hidden_in_every_view_and_said_on_each(opened: Callable[..., MainWindow]) -> None:
    window, _ = reviewing(opened, "boxes")
    window.grid.set_layout("1x2")
    for cell in window.session.cells:
        cell.show_series(window.session.shown.series)  # type: ignore[union-attr, arg-type]
    settled(window.session)

    window.focus_image()
    QTest.keyClick(window.session.active_view, Key.Key_H)
    window.session.active_view.flip()
    window.session.active_view.rotate_right()

    for cell in window.session.cells:
        with writing() as said:
            cell.view.grab_view()
        assert "Overlays hidden (H)" in [one.text for one in said]
    with writing() as said:
        window.session.active_view.grab_view()
    assert "View flipped and turned 90°" in " ".join(one.text for one in said)


def test_a_case_without_an_answer_is_not_completed_and_one_that_loses_it_is_open_again(
    opened: Callable[..., MainWindow],
) -> None:
    window, book = reviewing(opened, "two exclusive")
    heard: list[str] = []
    window.session.announced.connect(lambda _level, sentence: heard.append(sentence))
    case = window.session.shown.case_id  # type: ignore[union-attr]

    strike(window, Key.Key_Return, CTRL)
    assert "none of “L0”, “L1” is said. Say which one holds: press Shift+1 for “L0”, Shift+2 for “L1”," in heard[-1]
    assert window.session.shown is not None and window.session.shown.case_id == case
    window.enter("annotate")
    strike(window, Key.Key_1, SHIFT)
    strike(window, Key.Key_Return, CTRL)
    assert [status.value for status in book.state().statuses.values()].count("complete") == 1
    strike(window, Key.Key_PageUp)
    strike(window, Key.Key_1, SHIFT)

    assert (
        "is open again: none of “L0”, “L1” is said. Say which one holds: press Shift+1 for “L0”, Shift+2" in heard[-1]
    )
    assert heard[-1].endswith("until yes or not assessed stands there. Then complete it.")
    assert [status.value for status in book.state().statuses.values()].count("complete") == 0
