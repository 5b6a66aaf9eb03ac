"""A frame whose picture was worked out before it is shown: taken where it is what the view asks for, else made anew."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from tests.ui.pictures import IDENTITY, Shown, frame, pixels
from viewer.core.pixels import Palette, Shutter, Window
from viewer.core.presentation import Presented
from viewer.core.resample import Pyramid
from viewer.ui.canvas import contrast, next_view, surface
from viewer.ui.canvas.next_view import NextView
from viewer.ui.canvas.ready_levels import ReadyLevels
from viewer.ui.canvas.view import ImageView


def _another(**facts: object) -> Shown:
    """The next frame: another ramp, of another patient."""
    made = frame(**facts)
    made.stored = np.ascontiguousarray(made.stored[:, ::-1] // 2 + 300)
    made.identity = replace(IDENTITY, patient_id="0043", series_number="4")
    return made


def _colour() -> Shown:
    made = _another(samples=3, signed=False, bits_stored=8, windows=(), rescale_intercept=0.0)
    ramp = np.tile(np.arange(200, dtype=np.uint8), (200, 1))
    made.stored = np.stack((ramp, ramp.T, 255 - ramp), axis=2)
    return made


def _palette() -> Shown:
    rgb = np.stack([np.arange(256), 255 - np.arange(256), np.full(256, 40)], axis=1).astype(np.uint8)
    made = _another(palette=Palette(rgb=rgb, first_mapped=0), signed=False, bits_stored=8, windows=())
    made.stored = np.tile(np.arange(200, dtype=np.uint8), (200, 1))
    return made


def _ahead(view: NextView, coming: Shown) -> tuple[Pyramid, ReadyLevels | None]:
    """What a reading thread has ready of a frame for a view."""
    pyramid = Pyramid(coming.stored, indexed=coming.facts.palette is not None)
    pyramid.make_ready(view.transform(coming), smooth=view.smooth)
    return pyramid, view.levels(coming, pyramid, None)


def _painted(view: ImageView) -> np.ndarray:
    return pixels(view.grab().toImage())


@pytest.fixture
def worked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """How often a view makes a table, puts pixels through one, or resamples; from now on."""
    counts: Counter[str] = Counter()
    for owner, name in ((contrast, "display_table"), (surface, "displayed"), (Pyramid, "_resample")):
        made = getattr(owner, name)

        def counted(*given: object, name: str = name, made: Callable[..., object] = made, **named: object) -> object:
            counts[name] += 1
            return made(*given, **named)

        monkeypatch.setattr(owner, name, counted)
    yield counts


PLAIN: dict[str, Callable[[], Shown]] = {
    "grey": _another, "with a window of its own": lambda: _another(windows=(Window(center=-300, width=900),)),
    "without a window": lambda: _another(windows=()), "padded": lambda: _another(padding=(300, 500)),
    "inverse": lambda: _another(photometric="MONOCHROME1"), "colour": _colour, "palette": _palette,
}  # fmt: skip


@pytest.mark.parametrize("kind", PLAIN)
def test_what_is_ready_is_what_is_shown_and_nothing_is_worked_out(
    view: ImageView, qtbot: QtBot, worked: Counter[str], kind: str
) -> None:
    coming = PLAIN[kind]()
    view.grab()
    pyramid, ready = _ahead(view.next_view(), coming)
    worked.clear()

    view.show_frame(coming, image_id="n", pyramid=pyramid, ready=ready)
    shown = _painted(view)

    assert not worked
    view.show_frame(coming, image_id="n")
    assert np.array_equal(shown, _painted(view))


def _another_window(view: ImageView) -> None:
    view.contrast.keeps = True  # for the next series too
    view.window = Window(center=-100, width=300)


CHANGES: dict[str, Callable[[ImageView], object]] = {
    "zoomed": lambda view: view.zoom_by(0.5),
    "panned": lambda view: view.pan_by(20, 30),
    "turned": lambda view: view.rotate_right(),
    "flipped": lambda view: view.flip(),
    "smaller": lambda view: view.resize(300, 320),
    "inverted": lambda view: view.set_inverted(True),
    "another window": _another_window,
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_view_that_was_changed_since_is_shown_as_it_is(view: ImageView, qtbot: QtBot, change: str) -> None:
    coming = _another()
    pyramid, ready = _ahead(view.next_view(), coming)
    CHANGES[change](view)

    view.show_frame(coming, image_id="n", pyramid=pyramid, ready=ready)
    shown = _painted(view)

    view.show_frame(coming, image_id="n")
    assert np.array_equal(shown, _painted(view))


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_changed_after_it_was_shown_is_seen(view: ImageView, qtbot: QtBot, change: str) -> None:
    coming = _another()
    pyramid, ready = _ahead(view.next_view(), coming)
    view.show_frame(coming, image_id="n", pyramid=pyramid, ready=ready)
    before = _painted(view)
    CHANGES[change](view)
    after = _painted(view)

    view.show_frame(coming, image_id="n")

    assert np.array_equal(after, _painted(view)) and not np.array_equal(before, after)


@pytest.mark.parametrize("is_noticed", [True, False])
def test_what_a_shutter_covers_is_covered(
    view: ImageView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, is_noticed: bool
) -> None:
    """is_noticed: by who looks ahead; the view itself looks again."""
    coming = _another(shutter=Shutter(rectangle=(50, 60, 120, 130)))
    if not is_noticed:
        monkeypatch.setattr(next_view, "cover_of", lambda _facts: None)
    pyramid, ready = _ahead(view.next_view(), coming)
    assert (ready is None) == is_noticed

    view.show_frame(coming, image_id="n", pyramid=pyramid, ready=ready)

    # The upper left corner of the open part, two device pixels an image pixel.
    shown = _painted(view)
    assert (shown[150, 90] == 0).all() and (shown[150, 110] > 0).any()


@pytest.mark.parametrize("asked", [{"windows": (Window(center=-700, width=100),)}, {"inverse": True}])
def test_what_an_applied_state_shows_is_not_what_the_file_would(
    view: ImageView, qtbot: QtBot, asked: dict[str, Any]
) -> None:
    coming = _another()

    def state_of(shown: Shown) -> Presented:
        return Presented(key="s", label="state", facts=replace(shown.facts, **asked))

    view.show_frame(frame(), image_id="i", states=[state_of(frame())])
    view.step_presentation()
    pyramid, ready = _ahead(view.next_view(), coming)

    view.show_frame(coming, image_id="n", pyramid=pyramid, ready=ready, states=[state_of(coming)])
    shown = _painted(view)

    view.show_frame(coming, image_id="n", states=[state_of(coming)])
    assert view.presenting.applied is not None and np.array_equal(shown, _painted(view))


def test_the_levels_of_another_frame_are_never_taken(view: ImageView, qtbot: QtBot) -> None:
    coming, other = _another(), _another()
    other.stored = other.stored + 200
    _, ready = _ahead(view.next_view(), coming)
    pyramid, _ = _ahead(view.next_view(), other)

    view.show_frame(other, image_id="n", pyramid=pyramid, ready=ready)
    shown = _painted(view)

    view.show_frame(other, image_id="n")
    assert np.array_equal(shown, _painted(view))


def test_what_looks_ahead_holds_no_frame(view: ImageView) -> None:
    ahead = view.next_view().contrast

    assert ahead._stored is None and ahead._facts is None
    assert view.contrast._stored is not None, "the view's own goes on"


def test_what_is_ready_is_kept_as_long_as_it_is_right(view: ImageView, worked: Counter[str]) -> None:
    coming = _another()
    pyramid, ready = _ahead(view.next_view(), coming)
    worked.clear()

    again = view.next_view().levels(coming, pyramid, ready)
    assert again is ready and not worked
    view.set_inverted(True)
    inverted = view.next_view().levels(coming, pyramid, ready)

    assert inverted is not None and ready is not None and not np.array_equal(inverted.levels, ready.levels)
