"""Numbers with a unit, and the unit with a source."""

from dataclasses import replace

import numpy as np
import pytest

from viewer.core.geometry import Spacing, SpacingLevel
from viewer.core.pixels import LookupTable, PixelFacts
from viewer.core.shapes.annotations import Measurement
from viewer.core.shapes.kinds.ellipse import Ellipse
from viewer.core.shapes.kinds.rectangle import Rectangle
from viewer.core.shapes.measurements import Quantity, angle, length, roi_statistics

SQUARE = Spacing(row_mm=0.5, col_mm=0.5, source="PixelSpacing")
TALL = Spacing(row_mm=4.0, col_mm=1.0, source="PixelSpacing")
FACTS = PixelFacts(rows=20, cols=20, signed=True, unit="HU", spacing=SQUARE)


def test_a_length_is_in_mm_with_its_source_where_calibrated() -> None:
    found = length([(10, 10), (13, 14)], SQUARE)

    assert (found.value, found.unit, found.source) == (2.5, "mm", "PixelSpacing")
    assert found.text == "2.5 mm"


def test_a_length_is_in_pixels_where_nothing_is_calibrated() -> None:
    found = length([(10, 10), (13, 14)], None)

    assert (found.value, found.unit, found.source) == (5.0, "px", "")


def test_non_square_pixels_change_lengths_and_angles() -> None:
    assert length([(0, 0), (3, 1)], TALL).value == 5.0
    assert angle([(4, 0), (0, 0), (4, 1)], TALL).value == pytest.approx(45)
    assert angle([(4, 0), (0, 0), (4, 1)], None).value == pytest.approx(14.036, abs=1e-3)


@pytest.mark.parametrize(("level", "unit"), [
    (SpacingLevel.DETECTOR, "mm at the detector"), (SpacingLevel.ESTIMATED, "mm (estimated)"),
])  # fmt: skip
def test_a_millimetre_that_is_not_one_in_the_patient_says_so(level: SpacingLevel, unit: str) -> None:
    assert length([(0, 0), (2, 0)], replace(SQUARE, level=level)).text == f"1.0 {unit}"


def test_region_values_go_through_the_modality_step() -> None:
    stored = np.arange(400, dtype=np.int16).reshape(20, 20)
    facts = replace(FACTS, rescale_slope=2.0, rescale_intercept=-1000.0)

    found = roi_statistics(stored, facts, Rectangle(points_px=((2, 1), (4, 3))))

    # Pixels 22, 23, 42, 43 -> -956, -954, -916, -914.
    assert (found.mean, found.minimum, found.maximum, found.pixels) == (-935.0, -956.0, -914.0, 4)
    assert found.sd == pytest.approx(np.std([-956, -954, -916, -914]))
    assert found.area.text == "1.0 mm²"


def test_region_values_go_through_a_modality_lut() -> None:
    lut = LookupTable(values=np.asarray([100, 300], np.uint16), first_mapped=0, bits=16)
    stored = np.asarray([[0, 1], [1, 1]], np.int16)

    assert roi_statistics(stored, replace(FACTS, modality_lut=lut), Rectangle(points_px=((0, 0), (2, 2)))).mean == 250


def test_padding_is_in_no_statistic() -> None:
    stored = np.full((20, 20), 7, np.int16)
    stored[:, :10] = -2000
    facts = replace(FACTS, padding=(-2000, -2000))

    found = roi_statistics(stored, facts, Rectangle(points_px=((5, 5), (15, 15))))

    assert (found.mean, found.minimum, found.pixels) == (7.0, 7.0, 50)


@pytest.mark.parametrize("points", [
    ((30.0, 30.0), (40.0, 40.0)),  # beside the image
    ((3.1, 3.1), (3.3, 3.3)),  # between pixel centres
    ((1.0, 1.0), (5.0, 5.0)),  # all padding
])  # fmt: skip
def test_a_region_without_pixels_says_so_and_gives_no_number(points: tuple[tuple[float, float], ...]) -> None:
    facts = replace(FACTS, padding=(0, 0))
    stored = np.zeros((20, 20), np.int16)

    found = roi_statistics(stored, facts, Ellipse(points_px=points))
    lines = Measurement(measurement_id="m", image_id="i", kind="ellipse", points_px=points).shape.quantities(
        stored, facts
    )

    assert found.mean is found.sd is found.minimum is found.maximum is None and found.pixels == 0
    assert lines[0] == "no pixels" and not any("nan" in line.lower() for line in lines)


def test_broken_floats_are_in_no_statistic() -> None:
    stored = np.asarray([[1.0, np.nan], [np.inf, 3.0]], np.float32)

    assert roi_statistics(stored, FACTS, Rectangle(points_px=((0, 0), (2, 2)))).mean == 2.0


def test_an_ellipse_has_the_area_of_its_outline() -> None:
    found = roi_statistics(np.zeros((20, 20), np.int16), FACTS, Ellipse(points_px=((0, 0), (20, 10))))

    assert found.area.value == pytest.approx(np.pi / 4 * 10 * 5)


def test_the_value_box_says_value_and_unit() -> None:
    stored = np.full((20, 20), -40, np.int16)
    box = Measurement(measurement_id="m", image_id="i", kind="rectangle", points_px=((0.0, 0.0), (20.0, 20.0)))

    assert box.shape.quantities(stored, FACTS) == ("Mean −40 HU", "SD 0 HU", "Min −40 HU · Max −40 HU", "Area 1.0 cm²")
    assert box.shape.quantities(stored, replace(FACTS, unit="", spacing=None))[0] == "Mean −40"


@pytest.mark.parametrize(("rows_there", "is_cut"), [(None, False), (8, False), (6, True)])
@pytest.mark.parametrize("kind", ["rectangle", "ellipse"])
def test_a_region_that_reaches_beyond_a_cut_file_says_that_part_of_it_has_no_pixels(
    rows_there: int | None, is_cut: bool, kind: str
) -> None:
    drawn = Measurement(measurement_id="m", image_id="i", kind=kind, points_px=((2, 4), (8, 8)))

    lines = drawn.shape.quantities(np.ones((20, 20), np.int16), replace(FACTS, rows_there=rows_there))

    assert (lines[-1] == "Part of it has no pixels") == is_cut
    assert "Mean 1 HU" in lines and sum("Area" in line for line in lines) == 1


def test_a_region_near_the_long_side_of_an_image_has_all_its_pixels() -> None:
    for rows, cols in ((4, 30), (30, 4)):
        stored = np.arange(120, dtype=np.int16).reshape(rows, cols)
        found = roi_statistics(
            stored, PixelFacts(rows=rows, cols=cols), Rectangle(points_px=((cols - 3, rows - 3), (cols, rows)))
        )
        assert (found.pixels, found.maximum, found.minimum) == (9, 119, stored[-3, -3])


def test_an_area_becomes_square_centimetres_by_its_hundredth() -> None:
    assert Quantity(value=12340.0, unit="mm²").text == "123.4 cm²"
    assert Quantity(value=99.9, unit="mm²").text == "99.9 mm²"
    assert Quantity(value=12340.0, unit="px²").text == "12340.0 px²"


def test_a_region_with_ends_within_pixels_takes_those_whose_centre_it_holds() -> None:
    stored = np.arange(400, dtype=np.int16).reshape(20, 20)

    found = roi_statistics(stored, PixelFacts(rows=20, cols=20), Rectangle(points_px=((10.2, 5.6), (13.4, 7.6))))

    # Columns 10, 11 and 12 (12.5 is before 13.4, 13.5 is not); rows 6 and 7 (5.5 is before 5.6; 7.5 is not past 7.6).
    assert (found.pixels, found.minimum, found.maximum) == (6, 6 * 20 + 10, 7 * 20 + 12)
