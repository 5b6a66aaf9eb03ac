"""A slow disk loses no gesture: the next one waits, and is made from what the one before left."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.waiting import LIMIT_S, handled, settled
from viewer.core.edits import Edit
from viewer.core.errors import BadRequest
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.project.edit_builders import add_annotation
from viewer.project.history import History
from viewer.ui.dialogs.labels import LabelDialog
from viewer.ui.flows.desk import Desk
from viewer.ui.window.main_window import MainWindow

COMMIT_S = 0.15
LEFT, NONE, CTRL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def annotating(qtbot: QtBot, window: MainWindow, project_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A window in Annotate on its first case, over a disk that takes its time."""
    session = window.session
    session.open_paths([project_folder])
    qtbot.waitUntil(lambda: session.project is not None and session.project.folder == project_folder)
    assert session.project is not None
    window.enter("annotate")
    session.open_case(session.project.cases.all()[0].case_id)
    qtbot.waitUntil(lambda: session.shown is not None and session.shown.case_id is not None)
    real = session.project.history.do

    def slow(edit: Edit) -> Edit:
        time.sleep(COMMIT_S)
        done: Edit = real(edit)
        return done

    monkeypatch.setattr(session.project.history, "do", slow)
    return session


def said(session: Desk) -> list[str]:
    """Every warning and error from here on."""
    sentences: list[str] = []
    session.announced.connect(lambda level, text: sentences.append(text) if level in ("warn", "error") else None)
    return sentences


def drag(session: Desk, *points: tuple[float, float]) -> None:
    """Image points; a quick hand, which waits for nothing."""
    view, ratio = session.active_view, session.active_view.device_ratio
    places = [QPoint(*(round(v / ratio) for v in view.transform().to_view(x, y))) for x, y in points]
    QTest.mousePress(view, LEFT, NONE, places[0])
    for place in places[1:]:
        QTest.mouseMove(view, place)
    QTest.mouseRelease(view, LEFT, NONE, places[-1])


def test_complete_right_after_a_box_completes_the_case_that_the_box_began(annotating: Desk, qtbot: QtBot) -> None:
    assert annotating.project is not None and annotating.shown is not None and annotating.shown.image_id is not None
    here, sentences = annotating.shown.case_id, said(annotating)
    assert here is not None

    box = Box(x0_px=5, y0_px=5, x1_px=20, y1_px=20)
    annotating.do(add_annotation(annotating.shown.image_id, "Square", box, author="tester"))
    QTest.keyClick(annotating.active_view, Qt.Key.Key_Return, CTRL)

    qtbot.waitUntil(lambda: annotating.shown is not None and annotating.shown.case_id != here)
    qtbot.waitUntil(lambda: annotating.project.cases.get(here).status is CaseStatus.COMPLETE)
    assert sentences == [] and not annotating.edits.blocked


def test_strokes_in_quick_succession_are_all_kept(annotating: Desk, qtbot: QtBot) -> None:
    assert annotating.project is not None and annotating.shown is not None and annotating.shown.image_id is not None
    sentences = said(annotating)
    annotating.set_label("Square")
    annotating.set_tool("brush")
    annotating.set_brush_radius(2.0)

    for x in (10, 30, 50):
        drag(annotating, (x, 10), (x + 6, 10))
    annotating.edits.wait()

    (mask,) = annotating.project.work.annotations(annotating.shown.image_id)
    assert isinstance(mask.shape, MaskRuns)
    painted = mask.shape.to_array()
    assert painted[10, 10:16].all() and painted[10, 30:36].all() and painted[10, 50:56].all()
    assert sentences == [] and not annotating.edits.blocked


def test_every_nudge_counts(annotating: Desk, qtbot: QtBot) -> None:
    assert annotating.project is not None and annotating.shown is not None and annotating.shown.image_id is not None
    image_id, sentences = annotating.shown.image_id, said(annotating)
    edit = add_annotation(image_id, "Square", Box(x0_px=5, y0_px=5, x1_px=20, y1_px=20), author="tester")
    annotating.do(edit)
    annotating.edits.wait()
    (drawn,) = annotating.project.work.annotations(image_id)
    annotating.set_tool("select")
    annotating.select_shape(drawn.annotation_id)

    for _ in range(4):
        QTest.keyClick(annotating.active_view, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    annotating.edits.wait()

    (moved,) = annotating.project.work.annotations(image_id)
    assert isinstance(moved.shape, Box)
    assert moved.shape.x0_px - 5 == pytest.approx(4)
    assert sentences == []


def test_a_gesture_that_does_not_fit_is_refused_and_blocks_nothing(annotating: Desk, qtbot: QtBot) -> None:
    assert annotating.project is not None and annotating.shown is not None and annotating.shown.case_id is not None
    from viewer.project.edit_builders import set_status

    stale = annotating.project.cases.get(annotating.shown.case_id)
    annotating.do(set_status(stale, CaseStatus.IN_PROGRESS))
    sentences = said(annotating)
    annotating.do(set_status(stale, CaseStatus.COMPLETE))
    annotating.edits.wait()

    assert len(sentences) == 1 and "changed since" in sentences[0]
    assert not annotating.edits.blocked and annotating.situation().may_edit


HeldUp = Callable[[Desk, Exception | None], threading.Event]


@pytest.fixture
def held_up(annotating: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[HeldUp]:
    """The disk takes nothing until the event is set; then it takes it, or this is what happens."""
    let, real = threading.Event(), History.do

    def hold(session: Desk, error: Exception | None) -> threading.Event:
        def do(edit: Edit) -> Edit:
            assert let.wait(LIMIT_S)
            if error is not None:
                raise error
            return real(session.project.history, edit)  # type: ignore[union-attr]  # it is open

        assert session.project is not None
        monkeypatch.setattr(session.project.history, "do", do)
        return let

    yield hold
    let.set()


def colors_of(session: Desk, *places: tuple[float, float]) -> list[str]:
    """Of image points, as they stand on the screen."""
    view, ratio = session.active_view, session.active_view.device_ratio
    handled()
    picture = view.grab().toImage()
    points = [QPoint(*(round(v / ratio) for v in view.transform().to_view(x, y))) for x, y in places]
    return [picture.pixelColor(point).name() for point in points]


EDGES, INSIDE = ((10.0, 25.0), (25.0, 10.0), (40.0, 25.0)), (25.0, 25.0)


@pytest.mark.parametrize("tool", ["box", "brush"])
def test_what_was_drawn_stands_while_it_is_written(annotating: Desk, held_up: HeldUp, tool: str) -> None:
    let = held_up(annotating, None)
    annotating.set_label("Square")
    annotating.set_tool(tool)
    annotating.set_brush_radius(4.0)
    places = EDGES if tool == "box" else (INSIDE,)
    before = colors_of(annotating, *places)

    drag(annotating, (10, 10), (25, 25), (40, 40))
    QTest.mouseMove(annotating.active_view, QPoint(1, 1))  # the brush's ring is elsewhere
    assert annotating.edits.is_pending, "the window goes on at once"
    standing = colors_of(annotating, *places)
    assert all(one != other for one, other in zip(standing, before, strict=True))

    let.set()
    settled(annotating)
    kept = colors_of(annotating, *places)
    assert all(one != other for one, other in zip(kept, before, strict=True))


@pytest.mark.parametrize("error", [BadRequest("It does not fit."), OSError("no space")])
def test_what_is_not_kept_does_not_stand(annotating: Desk, held_up: HeldUp, error: Exception) -> None:
    let, sentences = held_up(annotating, error), said(annotating)
    annotating.set_label("Square")
    annotating.set_tool("box")
    before = colors_of(annotating, *EDGES)
    drag(annotating, (10, 10), (25, 25), (40, 40))
    assert colors_of(annotating, *EDGES) != before

    let.set()
    settled(annotating)
    assert len(sentences) == 1
    assert colors_of(annotating, *EDGES) == before


def test_what_nobody_writes_does_not_stand(annotating: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a person is asked first, or the project is open for reading only."""
    annotating.set_label("Square")
    annotating.set_tool("box")
    before = colors_of(annotating, *EDGES)
    monkeypatch.setattr(type(annotating.edits), "do", lambda *_, **__: False)
    drag(annotating, (10, 10), (25, 25), (40, 40))

    assert colors_of(annotating, *EDGES) == before
    assert annotating.active_view.overlay_settings.selected_id == ""


def test_another_image_does_not_show_it(annotating: Desk, qtbot: QtBot, held_up: HeldUp) -> None:
    let = held_up(annotating, None)
    annotating.set_label("Square")
    annotating.set_tool("box")
    drag(annotating, (10, 10), (25, 25), (40, 40))
    annotating.active_view.cancel()
    here = annotating.shown

    let.set()
    annotating.case_step(1)
    qtbot.waitUntil(lambda: annotating.shown is not None and annotating.shown != here)
    settled(annotating)
    assert not annotating.active_view._preview().outlines  # what the tool shows


def test_what_was_refused_is_not_said_of_the_next_gesture(annotating: Desk, held_up: HeldUp) -> None:
    assert annotating.shown is not None and annotating.shown.image_id is not None
    spoken: list[str] = []
    annotating.said.connect(spoken.append)
    box = Box(x0_px=5, y0_px=5, x1_px=20, y1_px=20)
    edit = add_annotation(annotating.shown.image_id, "Square", box, author="tester")
    real = annotating.project.history.do  # type: ignore[union-attr]  # it is open
    held_up(annotating, BadRequest("It does not fit.")).set()
    assert annotating.edit_words.do(edit, "The finding is accepted.")
    settled(annotating)
    annotating.project.history.do = real  # type: ignore[union-attr,method-assign]  # the disk is sound again

    assert annotating.do(edit)
    settled(annotating)
    assert not any("accepted" in words for words in spoken)


@pytest.mark.parametrize("error", [None, BadRequest("It does not fit.")])
def test_who_comes_after_a_gesture_knows_whether_it_was_kept(
    annotating: Desk, held_up: HeldUp, error: Exception | None
) -> None:
    assert annotating.shown is not None and annotating.shown.image_id is not None
    held_up(annotating, error).set()
    box = Box(x0_px=5, y0_px=5, x1_px=20, y1_px=20)
    edit = add_annotation(annotating.shown.image_id, "Square", box, author="tester")

    assert annotating.keep(edit) is (error is None)
    assert not annotating.edits.is_pending
    assert len(annotating.at_hand.work.annotations(annotating.shown.image_id)) == (1 if error is None else 0)


def test_a_dialog_whose_change_was_refused_stays_open(annotating: Desk, held_up: HeldUp, qtbot: QtBot) -> None:
    square = next(label for label in annotating.labels if label.name == "Square")
    dialog = LabelDialog(annotating, scope="region", label=square)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.name.setText("Rectangle")
    held_up(annotating, BadRequest("It does not fit.")).set()
    dialog._on_keep()

    assert dialog.isVisible()
    assert "Square" in {label.name for label in annotating.labels}
