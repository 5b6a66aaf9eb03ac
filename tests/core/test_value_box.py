"""What stands in a measurement's box, and where each unit comes from. Expected values by hand."""

from dataclasses import replace

import numpy as np
import pytest

from viewer.core.geometry import Spacing, SpacingLevel
from viewer.core.pixels import PixelFacts
from viewer.core.regions import UltrasoundRegion
from viewer.core.shapes.annotations import Measurement
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.ellipse import Ellipse
from viewer.core.shapes.kinds.rectangle import Rectangle
from viewer.core.shapes.measurements import (
    PART_IS_CUT,
    area,
    roi_box,
    roi_statistics,
    value_source,
    value_text,
)
from viewer.core.suv import Suv

TALL = Spacing(row_mm=4.0, col_mm=1.0, source="PixelSpacing")
CT = PixelFacts(rows=20, cols=20, signed=True, unit="HU", unit_source="Rescale Type (0028,1054)", spacing=TALL)
SUV = Suv(factor=0.5, source="from weight, dose")
ALREADY = Suv(factor=1.0, source="Units (0054,1001) GML", already=True)
REGION = UltrasoundRegion(
    number=2, kind="2D", x0_px=0, y0_px=0, x1_px=10, y1_px=10, unit_x="cm", unit_y="cm", delta_x=0.1, delta_y=0.2
)
SPECTRUM = replace(REGION, number=3, kind="spectral", x0_px=10, x1_px=20, unit_x="s", unit_y="cm/s")
STORED = np.arange(400, dtype=np.int16).reshape(20, 20)


def measured(kind: str, *points: tuple[float, float]) -> Measurement:
    return Measurement(measurement_id="m", image_id="i", kind=kind, points_px=points)


BOX = measured("rectangle", (2, 1), (4, 3))  # pixels 22, 23, 42, 43


def test_the_box_of_a_region_says_mean_spread_ends_and_area() -> None:
    assert BOX.shape.quantities(STORED, CT) == ("Mean 32.5 HU", "SD 10.0 HU", "Min 22 HU · Max 43 HU", "Area 16.0 mm²")


def test_suv_stands_beside_values_that_are_none_and_alone_where_they_are() -> None:
    beside = BOX.shape.quantities(STORED, replace(CT, unit="BQML", suv=SUV))
    alone = BOX.shape.quantities(STORED, replace(CT, unit="GML", suv=ALREADY))
    none = BOX.shape.quantities(STORED, replace(CT, unit="BQML", suv=Suv(reason="Patient's Weight is missing")))

    assert beside[0] == "Mean 32.5 Bq/ml" and beside[1].startswith(f"{SUV.label} Mean 16.25")
    assert beside[2] == f"{SUV.label} Min 11.00 · Max 21.50"
    assert alone[0].startswith("Mean 32.50") and alone[0].endswith(ALREADY.label) and len(alone) == 4
    assert none[1] == Suv(reason="Patient's Weight is missing").missing_text


def test_where_each_unit_comes_from() -> None:
    noted = replace(CT, spacing=replace(TALL, note="at the isocentre", level=SpacingLevel.CALIBRATED))

    assert BOX.shape.unit_sources(CT) == ("mm: PixelSpacing", "HU: Rescale Type (0028,1054)")
    assert measured("length", (0, 0), (3, 3)).shape.unit_sources(noted) == (
        "mm (calibrated): PixelSpacing, at the isocentre",
    )
    assert BOX.shape.unit_sources(replace(CT, spacing=None, unit="")) == ("px: not calibrated",)
    assert BOX.shape.unit_sources(replace(CT, suv=SUV))[-1] == f"{SUV.label} from weight, dose"
    assert BOX.shape.unit_sources(replace(CT, suv=ALREADY)) == (
        "mm: PixelSpacing",
        f"{ALREADY.label}: Units (0054,1001) GML",
    )
    assert BOX.shape.unit_sources(replace(CT, samples=3)) == ("mm: PixelSpacing",)
    assert BOX.shape.unit_sources(replace(CT, scale_note="one scale of two")) == (
        "mm: PixelSpacing", "HU: Rescale Type (0028,1054)", "one scale of two",
    )  # fmt: skip


def test_a_value_s_unit_names_its_source_or_nothing() -> None:
    assert value_source(CT) == "HU: Rescale Type (0028,1054)"
    assert value_source(replace(CT, unit="BQML", unit_source="Units (0054,1001)")) == "Bq/ml: Units (0054,1001)"
    assert value_source(replace(CT, unit="")) == ""
    assert value_source(replace(CT, suv=ALREADY)) == f"{ALREADY.label}: Units (0054,1001) GML"
    assert value_source(replace(CT, suv=SUV)) == "HU: Rescale Type (0028,1054)"


@pytest.mark.parametrize(
    ("points", "said"),
    [
        (((1, 1), (5, 5)), "mm: Sequence of Ultrasound Regions (0018,6011), region 2"),
        (((5, 5), (15, 5)), "px: from one ultrasound region into another"),
        (((5, 5), (5, 15)), "px: outside the ultrasound regions"),
        (((12, 1), (15, 5)), "px: ultrasound region 3 (spectral) has no millimetres"),
    ],
)
def test_ultrasound_says_which_region_or_why_there_is_no_millimetre(
    points: tuple[tuple[float, float], ...], said: str
) -> None:
    facts = replace(CT, spacing=None, regions=(REGION, SPECTRUM))

    assert measured("length", *points).shape.unit_sources(facts) == (said,)


def test_a_length_in_a_region_of_time_is_told_along_its_axes() -> None:
    facts = replace(CT, spacing=None, regions=(REGION, SPECTRUM))

    in_cm, in_time = (
        measured("length", *points).shape.quantities(STORED, facts) for points in (((1, 1), (4, 1)), ((11, 1), (14, 6)))
    )
    assert in_cm == ("3.0 mm",)
    assert len(in_time) == 2 and "0.300 s" in in_time[1] and "1 cm/s" in in_time[1]


def test_a_region_that_reaches_below_a_cut_file_says_so() -> None:
    cut = replace(CT, rows_there=2)

    assert BOX.shape.quantities(STORED, cut)[-1] == PART_IS_CUT
    assert roi_statistics(STORED, cut, Rectangle(points_px=BOX.points_px)).mean == 22.5, "row 1 alone"
    assert measured("rectangle", (2, 0), (4, 2)).shape.quantities(STORED, cut)[-1] == "Area 16.0 mm²"


def test_colour_has_an_area_and_no_values() -> None:
    assert BOX.shape.quantities(np.zeros((20, 20, 3), np.uint8), replace(CT, samples=3)) == (
        "no values in colour", "Area 16.0 mm²",
    )  # fmt: skip


def test_areas_are_of_the_outline_in_mm_where_calibrated() -> None:
    box = Box(x0_px=0, y0_px=0, x1_px=10, y1_px=5)

    assert (area(box, TALL).value, area(box, TALL).unit) == (200.0, "mm²")
    assert area(box, TALL).text == "2.0 cm²", "from 100 mm² on"
    assert area(box, TALL, share=Ellipse.share).value == pytest.approx(157.0796)
    assert (area(box, None).value, area(box, None).text) == (50.0, "50.0 px²")
    assert area(box, None).source == "" and area(box, TALL).source == "PixelSpacing"
    estimated = replace(TALL, level=SpacingLevel.ESTIMATED)
    assert area(box, estimated).text == "2.0 cm² (estimated)"


def test_two_corners_make_a_box_whichever_way_they_were_drawn() -> None:
    expected = Box(x0_px=1, y0_px=2, x1_px=5, y1_px=9)

    assert roi_box(((5, 2), (1, 9))) == roi_box(((1, 9), (5, 2))) == roi_box(((1, 2), (5, 9))) == expected
    flat = roi_box(((3, 3), (3, 3)))
    assert 0 < flat.width_px < 1e-3 and 0 < flat.height_px < 1e-3


def test_a_value_carries_its_unit() -> None:
    assert value_text(-1000.0, CT) == "−1000 HU"
    assert value_text(2.345, replace(CT, suv=ALREADY)).startswith("2.35" if round(2.345, 2) == 2.35 else "2.3")
    assert value_text(2.0, replace(CT, unit="")) == "2"
