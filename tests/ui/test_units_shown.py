"""The unit of a number, and the attribute it comes from, as a person sees them."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tests.ui.pictures import Shown, pixels
from viewer.core.pixels import FrameIdentity, Palette, PixelFacts, RealWorldMapping
from viewer.core.readout import read_out
from viewer.core.regions import UltrasoundRegion
from viewer.core.shapes.annotations import Measurement
from viewer.core.suv import Suv
from viewer.project.edit_builders import add_measurement, new_id
from viewer.ui.canvas.view import ImageView
from viewer.ui.panels.measurements import MeasurementRow, MeasurementsPanel
from viewer.ui.window.main_window import MainWindow

STORED = np.full((200, 200), 4000, np.uint16)
PLAIN = PixelFacts(rows=200, cols=200)
PICTURE = UltrasoundRegion(
    number=1, kind="2D", x0_px=0, y0_px=0, x1_px=200, y1_px=150, unit_x="cm", unit_y="cm", delta_x=0.02, delta_y=0.02
)
SUV = Suv(factor=0.0005, source="from weight, dose")
ALREADY = Suv(factor=1.0, source="Units (0054,1001) GML", already=True)
NO_SUV = Suv(reason="Patient's Weight (0010,1030) is missing")


def show(view: ImageView, **facts: Any) -> None:
    view.show_frame(Shown(STORED, replace(PLAIN, **facts), FrameIdentity()), image_id="i")


def has_scale_bar(view: ImageView) -> bool:
    """Whether the band at the right edge, where the bar and its ticks stand, is anything but the flat image."""
    band = pixels(view.grab_view())[200:330, 380:390]
    return bool(np.unique(band).size > 1)


def test_the_scale_bar_is_that_of_the_region_in_the_middle_of_the_view(canvas: ImageView) -> None:
    show(canvas, regions=(PICTURE,))
    assert has_scale_bar(canvas)

    show(canvas, regions=(replace(PICTURE, y1_px=90),))  # the middle, row 100, lies outside
    assert not has_scale_bar(canvas)
    show(canvas, regions=(replace(PICTURE, unit_x="s"),))
    assert not has_scale_bar(canvas)


def test_pixels_that_are_not_square_are_shown_so_without_a_spacing(canvas: ImageView) -> None:
    show(canvas, pixel_aspect=2.0)

    transform = canvas.transform()
    assert transform.scale_y == pytest.approx(2 * transform.scale_x)


@pytest.mark.parametrize(
    ("facts", "value", "source", "missing"),
    [
        ({}, "value 4000", "", ""),
        (
            {"unit": "BQML", "unit_source": "Units (0054,1001)", "suv": SUV},
            "4000 Bq/ml · SUVbw 2.00 g/ml", "Bq/ml: Units (0054,1001)", "",
        ),
        (
            {"unit": "BQML", "unit_source": "Units (0054,1001)", "suv": NO_SUV},
            "4000 Bq/ml", "Bq/ml: Units (0054,1001)", "No SUVbw: Patient's Weight (0010,1030) is missing",
        ),
        (
            {"unit": "GML", "rescale_slope": 0.001, "suv": ALREADY},
            "4.00 g/ml SUVbw", "SUVbw: Units (0054,1001) GML", "",
        ),
        (
            {"real_world": (RealWorldMapping(slope=0.5, intercept=1, unit="mm2/s", label="ADC"),)},
            "value 4000 · ADC 2001 mm2/s", "", "",
        ),
        ({"real_world": (RealWorldMapping(slope=0.5, intercept=1, last=3999),)}, "value 4000", "", ""),
        ({"palette": Palette(rgb=np.zeros((4, 3), np.uint8), first_mapped=0)}, "index 4000", "", ""),
    ],
)  # fmt: skip
def test_the_readout_names_the_value_its_unit_and_its_source(
    facts: dict[str, Any], value: str, source: str, missing: str
) -> None:
    found = read_out(STORED, replace(PLAIN, **facts), 10.5, 20.5)

    assert found is not None
    assert (found.value_text, found.source, found.missing) == (value, source, missing)


def test_the_readout_tells_where_in_an_ultrasound_region_the_cursor_is() -> None:
    region = replace(PICTURE, zero_x_px=100.5, zero_y_px=0.5)

    inside = read_out(STORED, replace(PLAIN, regions=(region,)), 150.5, 100.5)
    outside = read_out(STORED, replace(PLAIN, regions=(region,)), 150.5, 160.5)

    assert inside is not None and inside.position_text == "x 150 y 100   1 cm, 2 cm"
    assert outside is not None and outside.position_text == "x 150 y 160"


def test_the_status_bar_says_which_attribute_a_unit_comes_from(reading: MainWindow, qtbot: QtBot) -> None:
    session = reading.session
    assert session.shown is not None

    session.readout_changed.emit(read_out(session.shown.frame.stored, session.shown.frame.facts, 30.5, 20.5))

    said = [label.text() for label in reading.statusBar().findChildren(QLabel)]
    assert "−921 HU" in said  # series 1, the fourth slice, beside its bright square: 103 - 1024
    assert "Rescale Type (0028,1054)" in said


def test_a_measurement_s_row_says_where_its_units_come_from(reading: MainWindow, qtbot: QtBot) -> None:
    panel = reading.docks.panel("measurements")
    assert isinstance(panel, MeasurementsPanel)
    image = reading.session.shown
    assert image is not None and image.image_id is not None
    for kind in ("length", "rectangle"):
        drawn = Measurement(
            measurement_id=new_id(), image_id=image.image_id, kind=kind, points_px=((17.0, 13.0), (19.0, 20.0))
        )
        with qtbot.waitSignal(reading.session.work_changed):
            reading.session.do(add_measurement(drawn))

    by_kind = {row.measurement.kind: row for row in panel.rows}

    assert by_kind["length"].small == ("mm: PixelSpacing",)
    assert by_kind["rectangle"].small[-1] == "mm: PixelSpacing · HU: Rescale Type (0028,1054)"
    assert "HU: Rescale Type (0028,1054)" in by_kind["rectangle"].toolTip()


@pytest.mark.parametrize("width", [200, 260, 400])
def test_a_row_of_the_measurements_shows_every_value(width: int, window: MainWindow, qtbot: QtBot) -> None:
    values = ("Mean 13.22 g/ml SUVbw", "SD 4.42 g/ml", "Min 5.68 g/ml · Max 20.15 g/ml", "Area 5.9 cm²")
    where = ("mm: PixelSpacing · SUVbw: Units (0054,1001) GML",)
    one = Measurement(measurement_id="a", image_id="i", kind="ellipse", points_px=((1, 1), (9, 9)))
    row = MeasurementRow(window.session, one, values, where)
    qtbot.addWidget(row)
    row.resize(width, row.height())
    row.show()

    shown = " · ".join(row.small)
    assert shown == " · ".join((*values[1:], *where))
    metrics = QFontMetrics(window.session.theme.font(12))
    parts = [line for line in row.small if metrics.horizontalAdvance(line) > width - 46]
    assert all(" · " not in part for part in parts)  # only what is one word too long for the panel
    assert row.height() >= 26 + 18 * len(row.small)
