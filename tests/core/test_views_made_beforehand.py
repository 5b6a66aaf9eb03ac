"""A view that was resampled beforehand is shown where it is the very one that is asked for, and nowhere else."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.core.test_resample import whole
from viewer.core.resample import Pyramid

RNG = np.random.default_rng(7)


def _counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each resampling from now on."""
    done: list[int] = []
    resample = Pyramid._resample

    def counted(self: Pyramid, *given: Any, **named: Any) -> Any:
        done.append(1)
        return resample(self, *given, **named)

    monkeypatch.setattr(Pyramid, "_resample", counted)
    return done


@pytest.mark.parametrize("smooth", [False, True])
@pytest.mark.parametrize("padded", [False, True])
def test_a_view_made_beforehand_is_the_view(monkeypatch: pytest.MonkeyPatch, smooth: bool, padded: bool) -> None:
    stored = RNG.integers(0, 1000, (40, 50)).astype(np.uint16)
    padding = stored > 900 if padded else None
    transform = whole(40, 50, 1.7, quarter_turns=1, flipped=True)
    values, inside = Pyramid(stored, padding).view(transform, smooth=smooth)
    pyramid = Pyramid(stored, padding)
    pyramid.make_ready(transform, smooth=smooth)
    done = _counted(monkeypatch)

    shown, shown_inside = pyramid.view(replace(transform), smooth=smooth)

    assert not done and pyramid.has_ready(transform, smooth=smooth)
    assert np.array_equal(shown, values)
    assert (shown_inside is None) == (inside is None) and np.array_equal(shown_inside, inside)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "other",
    [
        {"scale_x": 1.6}, {"scale_y": 1.6}, {"center_x_px": 24.0}, {"center_y_px": 21.0}, {"view_width": 84},
        {"view_height": 70}, {"quarter_turns": 2}, {"flipped": True}, {"smooth": False},
    ],
)  # fmt: skip
def test_a_view_made_beforehand_is_shown_for_no_other(monkeypatch: pytest.MonkeyPatch, other: dict[str, Any]) -> None:
    stored = RNG.integers(0, 1000, (40, 50)).astype(np.uint16)
    ready = whole(40, 50, 1.7)
    smooth = bool(other.pop("smooth", True))
    asked = replace(ready, **other)
    pyramid = Pyramid(stored)
    pyramid.make_ready(ready, smooth=True)
    expected, _ = Pyramid(stored).view(asked, smooth=smooth)
    done = _counted(monkeypatch)

    shown, _ = pyramid.view(asked, smooth=smooth)

    assert done == [1] and np.array_equal(shown, expected)
    assert not pyramid.has_ready(ready, smooth=True), "what nobody looks at any more is not kept"
