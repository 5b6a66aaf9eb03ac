"""The window under a hand that presses and clicks anything: complete cases stay lawful, no shape is doubled or lost.

The same promise on the project's edits alone, over many thousand steps: `tests/project/test_decisions_lawful.py`.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.project.lawful_walk import KINDS, Book, make_task
from tests.ui.conftest import write_films
from tests.ui.hand import CTRL, LEFT, NONE, SHIFT, press
from tests.waiting import settled
from viewer.app import make_window
from viewer.core.annotations import Prediction, Proposal
from viewer.core.masks import MaskRuns
from viewer.core.shapes import Box, Shape
from viewer.project.project import Project
from viewer.project.register import add_frames
from viewer.ui.panels.findings import FindingsPanel
from viewer.ui.settings import Settings
from viewer.ui.window import MainWindow

Key = Qt.Key
STEPS = 60  # of each kind and seed: 720 in all
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
    monkeypatch.setattr("viewer.ui.asking.model_choices", lambda folder: [])
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


@pytest.mark.parametrize("seed", [1, 2])
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
