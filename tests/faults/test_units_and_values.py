"""Faults 1 to 13: units with their source, and numbers after the modality step, from the file to the words shown."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.sequence import Sequence
from PySide6.QtCore import QSize
from pytestqt.qtbot import QtBot

from tests.dicom_items import item
from viewer.core.geometry import ViewTransform, standard_plane
from viewer.core.readout import read_out
from viewer.core.shapes.annotations import Measurement
from viewer.core.shapes.kinds.ellipse import Ellipse
from viewer.core.shapes.kinds.rectangle import Rectangle
from viewer.core.shapes.measurements import roi_statistics
from viewer.core.volume import reformat
from viewer.core.windowing import default_voi
from viewer.reading.frame import Frame
from viewer.reading.frames import read_frame
from viewer.reading.scan import all_series, scan
from viewer.reading.series import FrameRef
from viewer.reading.volumes import read_volume
from viewer.ui.canvas.scale_bar import scale_bar
from viewer.ui.canvas.texts import ViewState, corner_texts
from viewer.ui.canvas.view import ImageView

WriteDicom = Callable[..., Path]
CT, MR, PET = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.128"
XA, DX = "1.2.840.10008.5.1.4.1.1.12.1", "1.2.840.10008.5.1.4.1.1.1.1"
WHOLE = ViewTransform(view_width=400, view_height=400, scale_x=1, scale_y=1, center_x_px=200, center_y_px=200)


def read(path: Path, index: int = 0) -> Frame:
    return read_frame(FrameRef(path=path, frame_index=index))


def measured(frame: Frame, kind: str, *points: tuple[float, float]) -> tuple[str, ...]:
    """The lines of the value box of a measurement on the image."""
    return Measurement(measurement_id="m", image_id="i", kind=kind, points_px=points).shape.quantities(
        frame.stored, frame.facts
    )


def corners(frame: Frame) -> str:
    texts = corner_texts(frame.facts, frame.identity, ViewState(window=default_voi(frame.stored, frame.facts), zoom=1))
    return "\n".join((*texts.top_left, *texts.top_right, *texts.faults, *texts.bottom_left, *texts.bottom_right))


def value_at(frame: Frame, col: int, row: int) -> str:
    under = read_out(frame.stored, frame.facts, col + 0.5, row + 0.5)
    assert under is not None
    return under.value_text


FILM = np.zeros((400, 400), np.uint16)


@pytest.mark.parametrize("modality", ["CR", "OT", "US", "CT", "XA"])
def test_pixels_are_not_shown_as_mm(write_dicom: WriteDicom, modality: str) -> None:
    """Row 1: a file without any spacing measures in pixels, says so, and has no scale bar."""
    frame = read(write_dicom(FILM, Modality=modality, PixelAspectRatio=[1, 1]))

    assert measured(frame, "length", (10, 10), (40, 50)) == ("50.0 px",)
    assert measured(frame, "rectangle", (0, 0), (20, 30))[-1] == "Area 600.0 px²"
    assert frame.facts.spacing is None
    assert "mm" not in corners(frame)
    assert "in pixels" in corners(frame)


def test_imager_pixel_spacing_of_xa_is_not_body_size(write_dicom: WriteDicom) -> None:
    """Row 2: 30 pixels of 0.5 mm are 15 mm at the detector; only a calibrated Pixel Spacing makes 3 mm of them."""
    angiography = {"Modality": "XA", "SOPClassUID": XA, "ImagerPixelSpacing": [0.5, 0.5]}

    detector = read(write_dicom(FILM, **angiography))
    repeated = read(write_dicom(FILM, name="b.dcm", PixelSpacing=[0.5, 0.5], **angiography))
    fiducial = {"PixelSpacing": [0.1, 0.1], "PixelSpacingCalibrationType": "FIDUCIAL"}
    calibrated = read(write_dicom(FILM, name="c.dcm", **fiducial, **angiography))

    for frame in (detector, repeated):
        assert measured(frame, "length", (0, 0), (30, 0)) == ("15.0 mm at the detector",)
        assert "mm at the detector" in corners(frame)
        assert frame.facts.spacing is not None
        bar = scale_bar(frame.facts.spacing, WHOLE)
        assert bar is not None and bar.text.endswith("at the detector")
    (words,) = measured(calibrated, "length", (0, 0), (30, 0))
    assert words.startswith("3.0 mm") and "detector" not in words


def test_the_magnification_factor_is_not_ignored(write_dicom: WriteDicom) -> None:
    """Row 4: the detector's 0.2 mm over a factor of 1.25 are 0.16 mm: 100 pixels are 16 mm, and an estimate."""
    frame = read(
        write_dicom(
            FILM,
            Modality="DX",
            SOPClassUID=DX,
            ImagerPixelSpacing=[0.2, 0.2],
            EstimatedRadiographicMagnificationFactor="1.25",
        )
    )

    assert measured(frame, "length", (0, 0), (60, 80)) == ("16.0 mm (estimated)",)


@pytest.mark.parametrize(
    ("attributes", "shown"),
    [
        ({"Modality": "MR", "SOPClassUID": MR, "RescaleSlope": "2", "RescaleIntercept": "-10"}, "value 190"),
        ({"Modality": "MR", "SOPClassUID": MR}, "value 100"),
        ({"Modality": "CR", "RescaleSlope": "1", "RescaleIntercept": "0", "RescaleType": "US"}, "value 100"),
        ({"Modality": "CT", "SOPClassUID": CT, "RescaleSlope": "2", "RescaleIntercept": "-1000"}, "−800 HU"),
        (
            {"Modality": "CT", "SOPClassUID": CT, "RescaleSlope": "2", "RescaleIntercept": "0", "RescaleType": "MGML"},
            "200 MGML",
        ),
    ],
)
def test_no_hu_on_mr_or_others(write_dicom: WriteDicom, attributes: dict[str, Any], shown: str) -> None:
    """Row 5: HU needs a CT with a rescale that names nothing else (PS3.3 C.8.2.1, C.11.1); an MR has no unit."""
    frame = read(write_dicom(np.full((4, 4), 100, np.uint16), **attributes))

    assert value_at(frame, 1, 1) == shown
    assert ("HU" in " ".join(measured(frame, "rectangle", (0, 0), (4, 4)))) == shown.endswith("HU")


@pytest.mark.parametrize(("units", "written"), [("PROPCNTS", "PROPCNTS"), ("CNTS", "CNTS"), ("BQML", "Bq/ml")])
def test_no_suv_label_on_propcnts(write_dicom: WriteDicom, units: str, written: str) -> None:
    """Row 6: without what a SUV needs the unit is that of Units (0054,1001), never SUV."""
    frame = read(
        write_dicom(
            np.full((4, 4), 100, np.uint16),
            Modality="PT",
            SOPClassUID=PET,
            Units=units,
            RescaleSlope="2",
            RescaleIntercept="0",
        )
    )

    assert value_at(frame, 1, 1) == f"200 {written}"
    lines = [line for line in measured(frame, "ellipse", (0, 0), (4, 4)) if "SUV" in line]
    assert [line.partition(": ")[0] for line in lines] == ["No SUVbw"]  # and then why


def test_hu_are_the_same_in_a_hundred_loads_of_any_order(write_dicom: WriteDicom) -> None:
    """Row 7: HU were seven times too high now and then, as one file's slope was applied to another's pixels."""
    slopes, values = (1, 7, 2, 0.5), np.arange(64, dtype=np.uint16).reshape(8, 8)
    paths = [
        write_dicom(
            values + n,
            name=f"{n}.dcm",
            Modality="CT",
            SOPClassUID=CT,
            RescaleSlope=str(slope),
            RescaleIntercept="-1024",
        )
        for n, slope in enumerate(slopes)
    ]
    expected = [float((values + n).mean() * slope - 1024) for n, slope in enumerate(slopes)]
    order = [int(n) for n in np.random.default_rng(7).integers(0, len(slopes), 100)]

    def mean(n: int) -> float | None:
        frame = read(paths[n])
        return roi_statistics(frame.stored, frame.facts, Rectangle(points_px=((0, 0), (8, 8)))).mean

    with ThreadPoolExecutor(6) as threads:
        found = list(threads.map(mean, order))

    assert found == pytest.approx([expected[n] for n in order], abs=1e-9)


def test_a_region_is_finite_or_has_no_pixels(write_dicom: WriteDicom) -> None:
    """Row 8: mean NaN, min 3.4e38, max −3.4e38: what an empty region or a broken float left behind elsewhere."""
    values = np.array([[1, np.nan, np.inf], [2, -np.inf, 6]], np.float32)
    broken = read(
        write_dicom(
            np.zeros((2, 3), np.uint8),
            remove=("PixelData", "BitsStored", "HighBit", "PixelRepresentation"),
            BitsAllocated=32,
            FloatPixelData=values.tobytes(),
        )
    )
    padded = read(write_dicom(np.full((4, 4), 7, np.uint16), name="b.dcm", PixelPaddingValue=7))

    assert measured(broken, "rectangle", (0, 0), (3, 2))[:3] == ("Mean 3", "SD 2.2", "Min 1 · Max 6")
    for frame, start, end in ((padded, (0, 0), (4, 4)), (padded, (9, 9), (12, 12)), (broken, (1, 0), (2, 2))):
        assert measured(frame, "ellipse" if frame is padded else "rectangle", start, end)[0] == "no pixels"
        assert "NaN" not in str(measured(frame, "rectangle", start, end))
    assert read_out(broken.stored, broken.facts, 2.5, 0.5).value is None  # type: ignore[union-attr]


def test_an_ellipse_on_ct_has_no_infinity_in_any_layout(write_dicom: WriteDicom, qtbot: QtBot) -> None:
    """Row 9: the same ellipse gives the same finite numbers, those of numpy, however the view shows the image."""
    values = np.random.default_rng(9).integers(0, 3000, (60, 80)).astype(np.int16)
    values[:5] = -2000
    path = write_dicom(
        values, Modality="CT", SOPClassUID=CT, RescaleSlope="1", RescaleIntercept="-1024", PixelPaddingValue=-2000,
        PixelSpacing=[0.5, 0.5],
    )  # fmt: skip
    row, col = np.mgrid[0:60, 0:80] + 0.5
    inside = (((col - 40) / 30) ** 2 + ((row - 20) / 20) ** 2 <= 1) & (values != -2000)
    expected = values[inside] - 1024.0
    frame = read(path)

    found = roi_statistics(frame.stored, frame.facts, Ellipse(points_px=((10, 0), (70, 40))))

    assert (found.mean, found.sd) == pytest.approx((expected.mean(), expected.std()))
    assert (found.minimum, found.maximum, found.pixels) == (expected.min(), expected.max(), expected.size)
    words = measured(frame, "ellipse", (10, 0), (70, 40))
    for size, turns in ((QSize(300, 200), 0), (QSize(150, 400), 1)):
        view = ImageView()
        qtbot.addWidget(view)
        view.resize(size)
        view.show_frame(frame, image_id="i")
        for _ in range(turns):
            view.rotate_right()
            view.flip()
        assert view.frame is not None
        assert measured(frame, "ellipse", (70, 40), (10, 0)) == words
        assert np.array_equal(view.frame.stored, values)


def test_a_tiny_slope_is_applied(write_dicom: WriteDicom) -> None:
    """Row 10: diffusion coefficients of 1e-6 mm²/s a step: raw values had been shown for them."""
    frame = read(
        write_dicom(
            np.array([[0, 700], [1234, 3000]], np.uint16),
            Modality="MR",
            SOPClassUID=MR,
            RescaleSlope="0.000001",
            RescaleIntercept="0",
            WindowCenter="0.0015",
            WindowWidth="0.003",
            VOILUTFunction="LINEAR_EXACT",
        )
    )

    assert value_at(frame, 0, 1) == "value 0.00123"
    found = roi_statistics(frame.stored, frame.facts, Rectangle(points_px=((0, 0), (2, 2))))
    assert (found.mean, found.maximum) == pytest.approx((0.0012335, 0.003))


def test_a_modality_lut_counts_in_statistics(write_dicom: WriteDicom) -> None:
    """Row 11: statistics go through the Modality LUT like the picture does (PS3.3 C.11.1.1)."""
    table = item(LUTDescriptor=[4, 10, 16], ModalityLUTType="OD", LUTData=np.array([0, 5, 50, 500], "<u2").tobytes())
    table["LUTDescriptor"].VR, table["LUTData"].VR = "US", "OW"
    frame = read(write_dicom(np.array([[9, 10, 11], [12, 13, 99]], np.uint16), ModalityLUTSequence=Sequence([table])))

    found = roi_statistics(frame.stored, frame.facts, Rectangle(points_px=((0, 0), (3, 2))))

    # 9 is below the first mapped value and 99 past the last: they take the first and the last entry.
    assert found.mean == pytest.approx(np.mean([0, 0, 5, 50, 500, 500]))
    assert measured(frame, "rectangle", (0, 0), (3, 2))[2] == "Min 0 OD · Max 500 OD"


def test_a_slope_that_differs_per_slice_is_applied_per_slice(write_dicom: WriteDicom, tmp_path: Path) -> None:
    """Row 12: each file, and each frame of an enhanced file, has a rescale of its own."""
    slopes = (0.5, 3.0, 11.0)
    for n, slope in enumerate(slopes):
        write_dicom(
            np.full((4, 4), 100, np.uint16), name=f"s/{n}.dcm", Modality="PT", SOPClassUID=PET, Units="BQML",
            RescaleSlope=str(slope), RescaleIntercept="0", ImagePositionPatient=[0, 0, 2.0 * n],
            ImageOrientationPatient=[1, 0, 0, 0, 1, 0], PixelSpacing=[1, 1],
        )  # fmt: skip
    groups = [
        item(PixelValueTransformationSequence=Sequence([item(RescaleSlope=str(s), RescaleIntercept="1")]))
        for s in slopes
    ]
    enhanced = write_dicom(
        np.full((4, 4), 100, np.uint16), name="e/e.dcm", PixelData=np.full((3, 4, 4), 100, "<u2").tobytes(),
        NumberOfFrames=3, PerFrameFunctionalGroupsSequence=Sequence(groups),
    )  # fmt: skip
    (series,) = all_series(scan([tmp_path / "s"]))

    def mean(frame: Frame) -> float | None:
        return roi_statistics(frame.stored, frame.facts, Rectangle(points_px=((0, 0), (4, 4)))).mean

    assert [mean(read_frame(ref)) for ref in series.frames] == [50, 300, 1100]
    assert [mean(read(enhanced, n)) for n in range(3)] == [51, 301, 1101]


def test_an_ellipse_has_the_same_numbers_in_stack_and_cut_plane(write_dicom: WriteDicom, tmp_path: Path) -> None:
    """Row 9: −Infinity in one layout, Infinity in another; both are numpy's finite numbers of the same pixels."""
    values = np.random.default_rng(99).integers(0, 3000, (3, 40, 40)).astype(np.int16)
    values[:, :6] = -2000
    for n in range(3):
        write_dicom(
            values[n], name=f"s/{n}.dcm", Modality="CT", SOPClassUID=CT, RescaleSlope="1", RescaleIntercept="-1024",
            PixelPaddingValue=-2000, PixelSpacing=[1, 1], ImagePositionPatient=[0, 0, 1.0 * n],
            ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
        )  # fmt: skip
    (series,) = all_series(scan([tmp_path / "s"]))
    frame = read_frame(series.frames[1])
    volume = read_volume(series)
    cut = reformat(volume, standard_plane(volume.grid, "axial", 1.0))
    row, col = np.mgrid[0:40, 0:40] + 0.5
    inside = (((col - 20) / 12) ** 2 + ((row - 12) / 10) ** 2 <= 1) & (values[1] != -2000)
    expected = values[1][inside] - 1024.0

    for stored, facts in ((frame.stored, frame.facts), (cut.values, cut.facts)):
        found = roi_statistics(stored, facts, Ellipse(points_px=((8, 2), (32, 22))))
        assert (found.mean, found.sd) == pytest.approx((expected.mean(), expected.std()))
        assert (found.minimum, found.maximum, found.pixels) == (expected.min(), expected.max(), expected.size)
        assert facts.unit == "HU"
        padding = roi_statistics(stored, facts, Ellipse(points_px=((0, 0), (6, 5))))
        assert (padding.pixels, padding.mean, padding.maximum) == (0, None, None)
