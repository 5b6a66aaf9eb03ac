"""The neighbours of a case are at the view's size before they are shown, and never another picture than their own."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.ui.pictures import pixels
from tests.waiting import settled
from viewer.core.resample import Pyramid
from viewer.reading.frames import read_frame
from viewer.reading.series import FrameRef
from viewer.ui.canvas import contrast, surface
from viewer.ui.canvas.camera import Camera
from viewer.ui.canvas.contrast import Contrast
from viewer.ui.canvas.next_view import NextView
from viewer.ui.flows.desk import Desk
from viewer.ui.state import views_ahead
from viewer.ui.state.frames import Frames
from viewer.ui.state.views_ahead import ViewsAhead

VIEW = NextView(camera=Camera(), contrast=Contrast(), width=300, height=200, smooth=True)


@pytest.fixture
def resampled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The name of the thread for each resampling, table and look-up in one from now on."""
    threads: list[str] = []
    for owner, name in ((Pyramid, "_resample"), (contrast, "display_table"), (surface, "displayed")):
        done = getattr(owner, name)

        def noted(*given: Any, done: Any = done, **named: Any) -> Any:
            threads.append(threading.current_thread().name)
            return done(*given, **named)

        monkeypatch.setattr(owner, name, noted)
    return threads


def _mine(threads: list[str]) -> int:
    """How many of them the window's thread did."""
    return threads.count(threading.current_thread().name)


def _films(folder: Path, count: int, side: int = 40) -> list[FrameRef]:
    folder.mkdir(parents=True, exist_ok=True)
    refs = []
    for number in range(count):
        path = folder / f"{number}.png"
        Image.fromarray(np.full((side, side), 10 + number, np.uint8)).save(path)
        refs.append(FrameRef(path=path, frame_index=0))
    return refs


def _next(session: Desk, step: int = 1) -> FrameRef:
    """The film of the case that comes next."""
    order = session.cases.order()
    assert session.cases.current is not None
    (record,) = session.at_hand.images.by_case(order[order.index(session.cases.current) + step])
    return next(ref for ref in session.frames.known() if ref.path == record.path)


def _is_ready(session: Desk, step: int = 1) -> bool:
    """Whether the film of the next case is in memory at the size that the view will show it."""
    view = session.active_view.next_view()
    try:
        ref = _next(session, step)
    except (StopIteration, ValueError):
        return False  # not read yet, or not at hand
    frame, pyramid = session.frames.get(ref), session.frames.pyramid(ref)
    return bool(frame and pyramid and pyramid.has_ready(view.transform(frame), smooth=view.smooth))


def _as_it_should_be(session: Desk) -> np.ndarray:
    """(row, col) levels of the shown film in the middle of its view, from its file alone."""
    assert session.shown is not None
    stored = np.asarray(Image.open(session.shown.ref.path))
    values, _ = Pyramid(stored).view(session.active_view.transform(), smooth=True)
    return values[100:-100, 60:-60]


def _seen(session: Desk) -> np.ndarray:
    return pixels(session.active_view.grab().toImage())[100:-100, 60:-60, 0]


def _shows_its_own(session: Desk) -> bool:
    # Films of 8 bits are shown from black to white as they are.
    if session.active_view.inverted:
        return bool(np.abs(255 - _seen(session).astype(int) - _as_it_should_be(session).astype(int)).max() <= 1)
    return bool(np.abs(_seen(session).astype(int) - _as_it_should_be(session).astype(int)).max() <= 1)


def test_a_key_to_the_next_case_works_out_no_pixel_on_the_windows_thread(
    shown_case: Desk, resampled: list[str], qtbot: QtBot
) -> None:
    for _ in range(4):
        qtbot.waitUntil(lambda: _is_ready(shown_case))
        resampled.clear()
        with qtbot.waitSignal(shown_case.active_view.painted):
            shown_case.case_step(1)

        assert _mine(resampled) == 0
        assert _shows_its_own(shown_case)


def test_a_key_back_finds_its_film_ready_too(shown_case: Desk, resampled: list[str], qtbot: QtBot) -> None:
    with qtbot.waitSignal(shown_case.active_view.painted):
        shown_case.case_step(1)
    qtbot.waitUntil(lambda: _is_ready(shown_case, -1))
    resampled.clear()

    with qtbot.waitSignal(shown_case.active_view.painted):
        shown_case.case_step(-1)

    assert _mine(resampled) == 0 and _shows_its_own(shown_case)


CHANGES: dict[str, Callable[[Desk], object]] = {
    "zoomed": lambda session: session.active_view.zoom_by(1.4),
    "panned": lambda session: session.active_view.pan_by(30, 10),
    "turned": lambda session: session.active_view.rotate_right(),
    "flipped": lambda session: session.active_view.flip(),
    "one to one": lambda session: session.active_view.one_to_one(),
    "inverted": lambda session: session.active_view.set_inverted(True),
    "another size": lambda session: QWidget.window(session.active_view).resize(640, 480),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_view_that_was_changed_meanwhile_shows_the_next_film_as_it_is_now(
    shown_case: Desk, qtbot: QtBot, change: str
) -> None:
    qtbot.waitUntil(lambda: _is_ready(shown_case))
    CHANGES[change](shown_case)
    settled(shown_case)

    with qtbot.waitSignal(shown_case.active_view.painted):
        shown_case.case_step(1)

    assert _shows_its_own(shown_case)


def test_what_is_made_ready_follows_the_view(shown_case: Desk, resampled: list[str], qtbot: QtBot) -> None:
    shown_case.active_view.zoom_by(1.4)
    with qtbot.waitSignal(shown_case.active_view.painted):
        shown_case.case_step(1)  # the films are of one size, so the zoom stays
    qtbot.waitUntil(lambda: _is_ready(shown_case))
    resampled.clear()

    with qtbot.waitSignal(shown_case.active_view.painted):
        shown_case.case_step(1)

    assert shown_case.active_view.camera.zoom != shown_case.active_view.camera.fitting_zoom(400, 400)
    assert _mine(resampled) == 0 and _shows_its_own(shown_case)


def test_closing_forgets_what_was_made_ready(shown_case: Desk, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: _is_ready(shown_case))
    frames, known = shown_case.frames, shown_case.frames.known()
    assert frames._views.known()

    with qtbot.waitSignal(frames.forgotten):
        frames.forget(known)

    assert not set(frames._views.known()) & set(known)


def test_a_film_that_is_another_picture_now_is_shown_as_that(session: Desk, tmp_path: Path, qtbot: QtBot) -> None:
    (ref,) = _films(tmp_path / "own", 1)
    frames = Frames(session.worker, session)
    frames.read_ahead([ref], owner="test", view=VIEW)
    qtbot.waitUntil(lambda: frames.pyramid(ref) is not None)
    Image.fromarray(np.full((40, 40), 200, np.uint8)).save(ref.path)

    frames.store.forget([ref])  # as when memory is short
    assert frames.pyramid(ref) is None
    frames.load(ref)

    pyramid = frames.pyramid(ref)
    assert pyramid is None or (pyramid.stored == 200).all()
    frames.close()


def test_a_large_film_that_is_another_picture_now_is_shown_as_that(
    session: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("viewer.ui.state.frames.LARGE_PX", 100)
    (ref,) = _films(tmp_path / "own", 1)
    frames = Frames(session.worker, session)
    frames.load(ref)
    Image.fromarray(np.full((40, 40), 200, np.uint8)).save(ref.path)

    frames.store.forget([ref])  # as when memory is short
    frames.load(ref)

    pyramid = frames.pyramid(ref)
    assert pyramid is not None and (pyramid.stored == 200).all()
    frames.close()


def test_only_so_many_views_are_held_and_those_wished_for_stay(tmp_path: Path) -> None:
    refs, views = _films(tmp_path, views_ahead.MOST_VIEWS + 4), ViewsAhead()
    first, then = refs[:4], refs[4:]
    views.wish(first)
    for ref in first:
        views.make(ref, read_frame(ref), None, VIEW)

    views.wish(then)
    for ref in then:
        views.make(ref, read_frame(ref), None, VIEW)

    assert views.known() == tuple(then)


def test_what_has_no_room_beside_what_comes_sooner_is_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A view of 300 x 200 takes three bytes a pixel: its value, whether there is image, and its level.
    monkeypatch.setattr(views_ahead, "MOST_BYTES", 2 * 3 * 300 * 200)
    refs, views = _films(tmp_path, 3), ViewsAhead()

    views.wish(refs)
    for ref in refs:
        views.make(ref, read_frame(ref), None, VIEW)

    assert views.known() == tuple(refs[:2])


def test_what_is_ready_is_not_made_again(tmp_path: Path, resampled: list[str]) -> None:
    (ref,), views = _films(tmp_path, 1), ViewsAhead()
    frame = read_frame(ref)

    views.make(ref, frame, None, VIEW)
    resampled.clear()
    for _ in range(3):
        views.make(ref, frame, None, VIEW)

    assert not resampled
