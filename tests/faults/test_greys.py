"""Faults 17 to 23 and 31: inversion, windows, tables and padding on the screen."""

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from tests.dicom_items import item
from viewer.cli.main import main
from viewer.core.compose import compose, native_view
from viewer.core.pixels import LookupTable, Window
from viewer.core.readout import read_out
from viewer.core.shapes.kinds.rectangle import Rectangle
from viewer.core.shapes.measurements import roi_statistics
from viewer.core.windowing import default_voi, display_table
from viewer.reading.frame import Frame
from viewer.reading.frames import read_frame
from viewer.reading.series import FrameRef
from viewer.ui.canvas.view import ImageView

WriteDicom = Callable[..., Path]
RAMP = np.tile(np.arange(0, 4096, 64, dtype=np.uint16), (64, 1))  # (row, col): darker stored values at the left
MIDDLE = (slice(90, 110), slice(20, 180))  # where neither corner text nor scale bar nor letter stands


def read(path: Path) -> Frame:
    return read_frame(FrameRef(path=path))


def shown(frame: Frame, *, invert: bool = False) -> np.ndarray:
    """(row, col) uint8 as it stands on the screen when it is opened, at one screen pixel per image pixel."""
    view, transform = native_view(frame.stored, frame.facts)
    table = display_table(frame.facts, default_voi(frame.stored, frame.facts), invert=invert)
    return compose(view, table, (), None, transform).rgb[:, :, 0]


def linear(values: np.ndarray, center: float, width: float) -> np.ndarray:
    """PS3.3 C.11.2.1.2.1 to 0..255."""
    share = np.clip((values - (center - 0.5)) / (width - 1) + 0.5, 0, 1)
    return np.floor(share * 255 + 0.5).astype(np.uint8)


@pytest.fixture
def view(qtbot: QtBot) -> ImageView:
    made = ImageView()
    qtbot.addWidget(made)
    made.resize(200, 200)
    made.names_hidden = True
    with qtbot.waitExposed(made):
        made.show()
    return made


def screen(view: ImageView) -> np.ndarray:
    """(row, col) of one channel of what a person sees in the middle of the view."""
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(bytes(image.constBits()), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3)[MIDDLE][:, :, 0].astype(int)


@pytest.mark.parametrize(
    ("photometric", "shape", "is_inverted"),
    [
        ("MONOCHROME2", None, False),
        ("MONOCHROME2", "IDENTITY", False),
        ("MONOCHROME2", "INVERSE", True),
        ("MONOCHROME1", None, True),
        ("MONOCHROME1", "INVERSE", True),
    ],
)
def test_monochrome1_with_inverse_is_inverted_once(
    write_dicom: WriteDicom, photometric: str, shape: str | None, is_inverted: bool
) -> None:
    """Row 17: MONOCHROME1 and Presentation LUT Shape INVERSE say the same thing (PS3.3 C.8.11.3.1.2)."""
    more = {} if shape is None else {"PresentationLUTShape": shape}
    frame = read(
        write_dicom(RAMP, PhotometricInterpretation=photometric, WindowCenter="2048", WindowWidth="4096", **more)
    )
    expected = linear(RAMP, 2048, 4096)

    assert np.array_equal(shown(frame), 255 - expected if is_inverted else expected)
    assert np.array_equal(shown(frame, invert=True), expected if is_inverted else 255 - expected)


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("shape", ["IDENTITY", "INVERSE"])
def test_monochrome1_through_a_presentation_state_is_inverted_by_the_state_alone(
    write_dicom: WriteDicom, tmp_path: Path, photometric: str, shape: str
) -> None:
    """Row 17: a state gives the P-values, so the image's own interpretation inverts no second time (PS3.4 N.2.1.4)."""
    film = write_dicom(RAMP, PhotometricInterpretation=photometric, WindowCenter="1000", WindowWidth="500")
    image = dcmread(film)
    state = Dataset()
    state.SOPClassUID, state.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.11.1", "1.2.826.0.1.17"
    state.Modality, state.ContentLabel, state.PresentationLUTShape = "PR", "MARKS", shape
    references = [item(ReferencedSOPClassUID=image.SOPClassUID, ReferencedSOPInstanceUID=image.SOPInstanceUID)]
    state.ReferencedSeriesSequence = Sequence(
        [item(SeriesInstanceUID=image.SeriesInstanceUID, ReferencedImageSequence=Sequence(references))]
    )
    state.SoftcopyVOILUTSequence = Sequence([item(WindowCenter="2048", WindowWidth="4096")])
    state.file_meta = FileMetaDataset()
    state.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    state.save_as(tmp_path / "state.dcm", enforce_file_format=True)
    out = tmp_path / "x.png"

    words = ["render", str(film), "--presentation-state", str(tmp_path / "state.dcm"), "--out", str(out)]
    assert main(words) == 0

    expected = linear(RAMP, 2048, 4096)
    with Image.open(out) as made:
        assert np.array_equal(np.asarray(made.convert("L")), 255 - expected if shape == "INVERSE" else expected)


def test_monochrome1_is_inverted_on_load_as_after_a_reset(write_dicom: WriteDicom, view: ImageView) -> None:
    """Row 18: what is seen first is what a reset gives, and small values are bright in both."""
    frame = read(write_dicom(RAMP, PhotometricInterpretation="MONOCHROME1", WindowCenter="2048", WindowWidth="4096"))
    view.show_frame(frame)
    first = screen(view)

    view.drag_window(100, 50)
    view.set_inverted(True)
    assert not np.array_equal(screen(view), first)
    view.restore()

    assert np.array_equal(screen(view), first)
    assert first[:, 0].mean() > 200 > 50 > first[:, -1].mean()


def test_the_window_comes_before_the_inversion(write_dicom: WriteDicom) -> None:
    """Row 19: inverted first, a low window would show the other end of the values."""
    frame = read(write_dicom(RAMP, PhotometricInterpretation="MONOCHROME1", WindowCenter="300", WindowWidth="400"))

    assert np.array_equal(shown(frame), 255 - linear(RAMP, 300, 400))


def test_inversion_changes_no_stored_value_and_leaves_no_window_behind(
    write_dicom: WriteDicom, view: ImageView
) -> None:
    """Row 20: to invert is to look at it otherwise; values, window and the next image stay as they are."""
    path = write_dicom(RAMP, PhotometricInterpretation="MONOCHROME1", WindowCenter="2048", WindowWidth="4096")
    before = path.read_bytes()
    frame = read(path)
    view.show_frame(frame)
    window = view.window

    view.set_inverted(True)

    assert np.array_equal(frame.stored, RAMP)
    assert view.window == window == Window(center=2048, width=4096)
    under = read_out(frame.stored, frame.facts, 10.5, 3.5)
    assert under is not None and under.value == 640
    assert path.read_bytes() == before
    assert not frame.stored.flags.writeable


def test_a_negative_slope_keeps_its_polarity(write_dicom: WriteDicom) -> None:
    """Row 21: with slope −1 the larger stored value is the smaller number, and darker."""
    frame = read(write_dicom(RAMP, RescaleSlope="-1", RescaleIntercept="4096", WindowCenter="2048", WindowWidth="4096"))

    assert np.array_equal(shown(frame), linear(4096.0 - RAMP, 2048, 4096))
    assert shown(frame)[0, 0] > shown(frame)[0, -1]
    without = read(write_dicom(RAMP, name="b.dcm", RescaleSlope="-1", RescaleIntercept="4096"))
    assert shown(without)[0, 0] > 250 > 5 > shown(without)[0, -1]


def test_a_drag_from_a_voi_lut_wider_than_the_data_is_steady(write_dicom: WriteDicom, view: ImageView) -> None:
    """Row 22: a table over all 16 bits whose slope lies within the data; the first pixel of a drag changes little."""
    entries = np.clip((np.arange(65536) - 30_000) / 4_000, 0, 1) * 65535
    table = item(LUTDescriptor=[0, 0, 16], LUTData=entries.astype("<u2").tobytes())
    table["LUTDescriptor"].VR, table["LUTData"].VR = "US", "OW"
    values = np.tile(np.linspace(29_500, 34_500, 64).astype(np.uint16), (64, 1))
    frame = read(write_dicom(values, VOILUTSequence=Sequence([table])))
    view.show_frame(frame)
    assert isinstance(view.window, LookupTable)
    seen = [screen(view)]

    for _ in range(20):
        view.drag_window(0, -1)
        seen.append(screen(view))

    changes = [np.abs(after - before).max() for before, after in itertools.pairwise(seen)]
    assert max(changes) <= 8
    assert seen[-1].mean() > seen[0].mean()  # a lower level is brighter


def test_each_image_of_a_diffusion_series_has_its_own_window(write_dicom: WriteDicom, view: ImageView) -> None:
    """Row 23: an untouched window is that of the file shown, not of the series' first file."""
    diffusion = {"Modality": "MR", "SeriesNumber": 4, "SOPClassUID": "1.2.840.10008.5.1.4.1.1.4"}
    first = read(write_dicom(RAMP, WindowCenter="2000", WindowWidth="4000", **diffusion))
    weighted = read(write_dicom(RAMP // 16, name="b.dcm", WindowCenter="120", WindowWidth="250", **diffusion))

    view.show_frame(first)
    view.show_frame(weighted)
    assert view.window == Window(center=120, width=250)
    view.show_frame(first)
    assert view.window == Window(center=2000, width=4000)


@pytest.mark.parametrize("photometric", ["MONOCHROME2", "MONOCHROME1"])
def test_padding_is_in_no_window_statistic_or_mean(write_dicom: WriteDicom, view: ImageView, photometric: str) -> None:
    """Row 31: padding is a stored value, taken out before the modality step; nothing is computed or mixed with it."""
    values = np.full((64, 64), 1000, np.int16) + np.arange(64, dtype=np.int16)
    values[:, :20] = -2000
    values[:, 20:22] = -1990
    frame = read(
        write_dicom(
            values,
            PhotometricInterpretation=photometric,
            Modality="CT",
            SOPClassUID="1.2.840.10008.5.1.4.1.1.2",
            RescaleSlope="1",
            RescaleIntercept="-1024",
            PixelPaddingValue=-2000,
            PixelPaddingRangeLimit=-1990,
        )
    )
    kept = values[:, 22:] - 1024.0

    found = roi_statistics(frame.stored, frame.facts, Rectangle(points_px=((0, 0), (64, 64))))
    assert (found.mean, found.minimum, found.pixels) == (pytest.approx(kept.mean()), kept.min(), kept.size)
    window = default_voi(frame.stored, frame.facts)
    assert isinstance(window, Window)
    assert kept.min() <= window.center - window.width / 2 < window.center + window.width / 2 <= kept.max()
    assert read_out(frame.stored, frame.facts, 5.5, 5.5).value_text == "padding"  # type: ignore[union-attr]

    view.show_frame(frame)
    view.window = Window(center=-2500, width=2000)  # were padding mixed in, the edge would be grey between the two
    picture = screen(view)
    edge = round(22 / 64 * 200) - MIDDLE[1].start
    dark, light = picture[:, : edge - 4], picture[:, edge + 4 :]
    assert set(np.unique(dark)) == {0}
    assert np.unique(picture).tolist() in ([0, 255], [0])
    assert set(np.unique(light)) == ({255} if photometric == "MONOCHROME2" else {0})
