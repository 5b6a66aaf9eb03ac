"""Tools that measure: lengths, angles and regions are kept, a probe is not."""

import pytest

from tests.ui.easel import FACTS, Easel
from viewer.core.overlays import OverlaySettings


def test_a_length_is_measured_and_kept(easel: Easel) -> None:
    easel.arm("length")
    easel.drag((10, 10), (40, 50))

    (kept,) = easel.measurements.values()
    assert (kept.kind, kept.points_px, kept.author) == ("length", ((10, 10), (40, 50)), "me")
    assert easel.view.work.values(kept, easel.view.context.stored, FACTS) == ("25.0 mm",)


def test_an_angle_takes_three_clicks_or_a_drag_and_a_click(easel: Easel) -> None:
    easel.arm("angle")
    easel.click((60, 20), (20, 20), (20, 60))
    easel.drag((60, 60), (20, 60))
    easel.click((60, 20))

    angles = [easel.view.work.values(m, easel.view.context.stored, FACTS) for m in easel.measurements.values()]
    assert angles == [("90.0°",), ("45.0°",)]


@pytest.mark.parametrize("kind", ["rectangle", "ellipse"])
def test_a_region_is_measured_and_its_values_follow_a_resize(easel: Easel, kind: str) -> None:
    easel.arm(kind)
    easel.drag((10, 10), (30, 50))
    (kept,) = easel.measurements.values()
    assert easel.view.work.values(kept, easel.view.context.stored, FACTS)[0] == "Mean 19.5 HU"

    easel.view.select(kept.measurement_id)
    easel.arm("select")
    easel.drag((30, 50), (50, 50))
    (resized,) = easel.measurements.values()
    assert resized.points_px == ((10, 10), (50, 50))
    assert easel.view.work.values(resized, easel.view.context.stored, FACTS)[0] == "Mean 29.5 HU"


def test_the_probe_keeps_nothing(easel: Easel) -> None:
    easel.arm("probe")
    easel.drag((10, 10), (40, 50))

    assert not easel.edits


def test_what_is_hidden_one_by_one_is_not_drawn(easel: Easel) -> None:
    easel.arm("length")
    empty = easel.view.grab_view()
    easel.drag((10, 60), (60, 60))
    assert easel.view.grab_view() != empty

    (name,) = easel.measurements
    easel.view.change_overlay_settings(OverlaySettings(hidden_ids=frozenset({name})))
    assert easel.view.grab_view() == empty
