"""Tools that measure: lengths, angles and regions are kept, a probe is not."""

import pytest

from tests.ui.desk import FACTS, Desk
from viewer.core.overlays import OverlaySettings


def test_a_length_is_measured_and_kept(desk: Desk) -> None:
    desk.arm("length")
    desk.drag((10, 10), (40, 50))

    (kept,) = desk.measurements.values()
    assert (kept.kind, kept.points_px, kept.author) == ("length", ((10, 10), (40, 50)), "me")
    assert desk.view.work.values(kept, desk.view.context.stored, FACTS) == ("25.0 mm",)


def test_an_angle_takes_three_clicks_or_a_drag_and_a_click(desk: Desk) -> None:
    desk.arm("angle")
    desk.click((60, 20), (20, 20), (20, 60))
    desk.drag((60, 60), (20, 60))
    desk.click((60, 20))

    angles = [desk.view.work.values(m, desk.view.context.stored, FACTS) for m in desk.measurements.values()]
    assert angles == [("90.0°",), ("45.0°",)]


@pytest.mark.parametrize("kind", ["rectangle", "ellipse"])
def test_a_region_is_measured_and_its_values_follow_a_resize(desk: Desk, kind: str) -> None:
    desk.arm(kind)
    desk.drag((10, 10), (30, 50))
    (kept,) = desk.measurements.values()
    assert desk.view.work.values(kept, desk.view.context.stored, FACTS)[0] == "Mean 19.5 HU"

    desk.view.select(kept.measurement_id)
    desk.arm("select")
    desk.drag((30, 50), (50, 50))
    (resized,) = desk.measurements.values()
    assert resized.points_px == ((10, 10), (50, 50))
    assert desk.view.work.values(resized, desk.view.context.stored, FACTS)[0] == "Mean 29.5 HU"


def test_the_probe_keeps_nothing(desk: Desk) -> None:
    desk.arm("probe")
    desk.drag((10, 10), (40, 50))

    assert not desk.edits


def test_what_is_hidden_one_by_one_is_not_drawn(desk: Desk) -> None:
    desk.arm("length")
    empty = desk.view.grab_view()
    desk.drag((10, 60), (60, 60))
    assert desk.view.grab_view() != empty

    (name,) = desk.measurements
    desk.view.change_overlay_settings(OverlaySettings(hidden_ids=frozenset({name})))
    assert desk.view.grab_view() == empty
