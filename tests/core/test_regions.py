"""Ultrasound regions: which one a point belongs to, and what a pixel is in it."""

from dataclasses import replace

import pytest

from viewer.core.geometry import Spacing
from viewer.core.pixels import PixelFacts
from viewer.core.regions import UltrasoundRegion, common_region, region_at
from viewer.core.shapes.annotations import Measurement
from viewer.core.shapes.measurements import angle, spacing_for

IMAGE = UltrasoundRegion(
    number=1, kind="2D", x0_px=10, y0_px=10, x1_px=60, y1_px=60, unit_x="cm", unit_y="cm", delta_x=0.1, delta_y=0.05,
    zero_x_px=35.5, zero_y_px=10.5,
)  # fmt: skip
DOPPLER = UltrasoundRegion(
    number=2, kind="spectral", x0_px=10, y0_px=60, x1_px=90, y1_px=90, unit_x="s", unit_y="cm/s", delta_x=0.01,
    delta_y=-2.0, zero_x_px=10.5, zero_y_px=75.5,
)  # fmt: skip
BAR = UltrasoundRegion(number=3, kind="", x0_px=12, y0_px=12, x1_px=16, y1_px=40)
FACTS = PixelFacts(rows=100, cols=100, regions=(IMAGE, DOPPLER, BAR))


def lines(kind: str, *points: tuple[float, float], facts: PixelFacts = FACTS) -> tuple[str, ...]:
    import numpy as np

    drawn = Measurement(measurement_id="m", image_id="i", kind=kind, points_px=points)
    return drawn.shape.quantities(np.zeros((100, 100), np.uint8), facts)


def why(kind: str, *points: tuple[float, float]) -> str:
    return Measurement(measurement_id="m", image_id="i", kind=kind, points_px=points).shape.unit_sources(FACTS)[0]


def test_the_smaller_of_two_regions_has_the_point_and_a_high_priority_before_all() -> None:
    low = replace(BAR, is_low_priority=True)

    assert region_at(FACTS.regions, 14, 20) is BAR
    assert region_at((IMAGE, low), 14, 20) is IMAGE
    assert region_at(FACTS.regions, 5, 5) is None


def test_an_edge_belongs_to_the_region_that_begins_there_or_to_the_one_that_ends() -> None:
    assert region_at(FACTS.regions, 30, 60) is DOPPLER
    assert region_at(FACTS.regions, 60, 30) is IMAGE
    assert common_region(FACTS.regions, ((30, 30), (60, 30))) is IMAGE


def test_a_length_in_a_2d_region_is_in_mm_with_each_direction_s_own_delta() -> None:
    # 30 px of 1.0 mm and 40 px of 0.5 mm.
    assert lines("length", (20, 15), (50, 55)) == ("36.1 mm",)
    assert why("length", (20, 15), (50, 55)) == "mm: Sequence of Ultrasound Regions (0018,6011), region 1"


def test_an_area_in_a_2d_region_is_in_mm2_and_one_that_reaches_out_is_not() -> None:
    assert lines("rectangle", (20, 20), (30, 40))[-1] == "Area 1.0 cm²"
    assert lines("rectangle", (20, 50), (30, 70))[-1] == "Area 200.0 px²"


def test_the_other_kinds_of_region_are_measured_along_their_axes() -> None:
    assert lines("length", (20, 65), (70, 80)) == ("52.2 px", "0.500 s · 30 cm/s")
    assert why("length", (20, 65), (70, 80)) == "px: ultrasound region 2 (spectral) has no millimetres"


@pytest.mark.parametrize(
    ("points", "words"),
    [
        (((20, 20), (20, 80)), "px: from one ultrasound region into another"),
        (((2, 20), (20, 20)), "px: outside the ultrasound regions"),
    ],
)
def test_there_is_no_millimetre_outside_a_region_and_across_two(
    points: tuple[tuple[float, float], ...], words: str
) -> None:
    assert spacing_for(points, FACTS) is None
    assert lines("length", *points)[0].endswith(" px")
    assert why("length", *points) == words


def test_regions_come_before_a_pixel_spacing() -> None:
    both = replace(FACTS, spacing=Spacing(row_mm=9, col_mm=9, source="PixelSpacing"))

    assert lines("length", (20, 15), (50, 55), facts=both) == ("36.1 mm",)
    assert lines("length", (2, 2), (2, 8), facts=both) == ("6.0 px",)


def test_a_point_is_told_in_its_region_s_units() -> None:
    # 10 px right of the zero and 20 below; 0.30 s, and 5 px above the base line is towards the probe.
    assert IMAGE.place_text(45.5, 30.5) == "1 cm, 1 cm"
    assert DOPPLER.place_text(40.5, 70.5) == "0.300 s, 10 cm/s"
    assert BAR.place_text(14, 20) == ""


def test_an_angle_is_measured_in_mm_where_there_are_any_and_by_the_pixels_shape_else() -> None:
    # Pixels twice as high as wide: one to the right and one down is 63.4 degrees below the row.
    assert angle([(1, 0), (0, 0), (1, 1)], None, aspect=2.0).value == pytest.approx(63.435, abs=1e-3)
    assert angle([(1, 0), (0, 0), (1, 1)], None).value == pytest.approx(45)
    # 1.0 mm to the right and 0.5 mm down.
    assert lines("angle", (50, 20), (20, 20), (50, 50))[0] == "26.6°"


def test_a_region_holds_its_upper_left_edge_and_not_its_lower_right_one() -> None:
    assert IMAGE.holds(10, 10) and IMAGE.holds(59.9, 10) and IMAGE.holds(30, 10) and IMAGE.holds(10, 30)
    assert not any(IMAGE.holds(x, y) for x, y in ((60, 30), (30, 60), (9.9, 30), (30, 9.9)))


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "M-mode"},
        {"kind": "3D"},
        {"kind": ""},
        {"unit_x": "s"},
        {"unit_y": "cm/s"},
        {"delta_x": 0.0},
        {"delta_y": 0.0},
    ],
)
def test_only_a_2d_region_of_centimetres_both_ways_has_millimetres(change: dict[str, object]) -> None:
    assert IMAGE.spacing is not None and (IMAGE.spacing.row_mm, IMAGE.spacing.col_mm) == (0.5, 1.0)
    assert replace(IMAGE, **change).spacing is None  # type: ignore[arg-type]


def test_of_two_regions_the_smaller_one_wins_whatever_its_shape_and_place() -> None:
    far_large = replace(BAR, number=4, x0_px=500.0, y0_px=500.0, x1_px=540.0, y1_px=540.0)
    far_flat = replace(BAR, number=5, x0_px=500.0, y0_px=510.0, x1_px=600.0, y1_px=511.0)

    for regions in ((far_large, far_flat), (far_flat, far_large)):
        assert region_at(regions, 510, 510.5) is far_flat, "100 against 1,600 square pixels"
        assert region_at(regions, 510, 520) is far_large
    last = replace(far_flat, is_low_priority=True)
    assert region_at((last, far_large), 510, 510.5) is far_large


@pytest.mark.parametrize("change", [{"unit_x": ""}, {"delta_x": 0.0}])
def test_an_axis_without_unit_or_step_is_not_told(change: dict[str, object]) -> None:
    region = replace(DOPPLER, **change)  # type: ignore[arg-type]

    assert DOPPLER.place_text(20.5, 80.5) == "0.100 s, −10 cm/s" and region.place_text(20.5, 80.5) == "−10 cm/s"
    assert DOPPLER.difference_text(-10, 5) == "0.100 s · 10 cm/s" and region.difference_text(10, -5) == "10 cm/s"
    assert replace(DOPPLER, zero_y_px=None).place_text(20.5, 80.5) == "0.100 s"
    assert replace(region, zero_y_px=None).place_text(20.5, 80.5) == ""


def test_an_ellipse_goes_by_its_four_ends_and_a_rectangle_by_its_corners() -> None:
    def area(kind: str) -> str:
        return lines(kind, (10, 10), (60, 60), facts=replace(FACTS, regions=(IMAGE, CORNER)))[-1]

    # All of the picture's region but its corner belongs to one region; 50 x 50 pixels of 0.5 mm2.
    assert "mm²" in area("ellipse") or "cm²" in area("ellipse")
    assert "px²" in area("rectangle")
    ends = Measurement(measurement_id="m", image_id="i", kind="ellipse", points_px=((10, 10), (60, 60)))
    facts = replace(FACTS, regions=(IMAGE, CORNER))
    assert ends.shape.unit_sources(facts)[0].startswith("mm: ")
    assert replace(ends, kind="rectangle").shape.unit_sources(facts)[0] == "px: from one ultrasound region into another"
    # An ellipse far from the middle of the picture: its ends are reckoned from its own middle.
    far = replace(ends, points_px=((50, 40), (58, 52)))
    assert far.shape.unit_sources(facts)[0].startswith("mm: ")


def test_the_ends_of_an_ellipse_lie_in_the_very_middle_of_its_sides() -> None:
    # Along the picture's upper and left edges all but half a pixel around 34.5 belongs to other regions.
    bars = [(10.0, 34.4), (34.6, 60.0)]
    upper = [replace(CORNER, number=20 + n, x0_px=a, x1_px=b, y0_px=10, y1_px=11) for n, (a, b) in enumerate(bars)]
    left = [replace(CORNER, number=30 + n, y0_px=a, y1_px=b, x0_px=10, x1_px=11) for n, (a, b) in enumerate(bars)]
    round_one = Measurement(measurement_id="m", image_id="i", kind="ellipse", points_px=((10, 10), (59, 59)))

    for others in (upper, left, [*upper, *left]):
        assert round_one.shape.unit_sources(replace(FACTS, regions=(IMAGE, *others)))[0].startswith("mm: ")
        beside = replace(round_one, points_px=((10, 10), (58, 58)))
        assert beside.shape.unit_sources(replace(FACTS, regions=(IMAGE, *others)))[0].startswith("px: ")


CORNER = UltrasoundRegion(number=9, kind="", x0_px=10, y0_px=10, x1_px=12, y1_px=12)
