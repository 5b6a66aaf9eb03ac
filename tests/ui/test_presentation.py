"""Overlay planes, shutters, presentation states and the file's own windows, as a person meets them in the window."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.dicom_items import item
from viewer.core.overlays import OverlayMode
from viewer.core.pixels import Window
from viewer.ui.window.main_window import MainWindow

ROWS, COLS = 40, 60
STATE_CLASS = "1.2.840.10008.5.1.4.1.1.11.1"


def save(ds: Dataset, path: Path) -> None:
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    ds.save_as(path, enforce_file_format=True)


def write_image(path: Path, uid: str, **attributes: object) -> None:
    """A ramp from left to right, two windows, a shutter of columns 11 to 50 and an overlay plane of one bit."""
    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", uid
    ds.PatientID, ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.Modality = "P", "1.2.1", "1.2.2", "OT"
    ds.InstanceNumber = uid.rpartition(".")[2]
    ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.PhotometricInterpretation = ROWS, COLS, 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    ds.PixelData = np.tile(np.arange(COLS, dtype=np.uint16) * 10 + 100, (ROWS, 1)).tobytes()
    ds.WindowCenter, ds.WindowWidth = ["400", "300"], ["600", "100"]
    ds.WindowCenterWidthExplanation = ["WIDE", "NARROW"]
    ds.ShutterShape, ds.ShutterLeftVerticalEdge, ds.ShutterRightVerticalEdge = "RECTANGULAR", 11, 50
    ds.ShutterUpperHorizontalEdge, ds.ShutterLowerHorizontalEdge = 1, ROWS
    bits = np.zeros((ROWS, COLS), np.uint8)
    bits[20, 30] = 1
    for element, vr, value in (
        (0x10, "US", ROWS), (0x11, "US", COLS), (0x40, "CS", "G"), (0x50, "SS", [1, 1]), (0x100, "US", 1),
        (0x102, "US", 0), (0x3000, "OW", np.packbits(bits, bitorder="little").tobytes()),
    ):  # fmt: skip
        ds.add_new((0x6000, element), vr, value)
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    save(ds, path)


def write_state(path: Path, uid: str, label: str, **attributes: object) -> None:
    """A state that inverts, turns by 90 degrees, has a window of its own and draws a line and a word."""
    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID, ds.Modality = STATE_CLASS, f"1.9.{len(label)}.{path.stem.__len__()}", "PR"
    ds.PatientID, ds.ContentLabel, ds.PresentationLUTShape = "P", label, "INVERSE"
    images = Sequence([item(ReferencedSOPClassUID="1.2", ReferencedSOPInstanceUID=uid)])
    ds.ReferencedSeriesSequence = Sequence([item(SeriesInstanceUID="1.2.2", ReferencedImageSequence=images)])
    ds.SoftcopyVOILUTSequence = Sequence([item(WindowCenter="350", WindowWidth="400")])
    ds.ImageRotation, ds.ImageHorizontalFlip = 90, "N"
    line = item(
        GraphicAnnotationUnits="PIXEL", GraphicDimensions=2, NumberOfGraphicPoints=2, GraphicType="POLYLINE",
        GraphicData=[5.0, 10.0, 55.0, 10.0], GraphicFilled="N",
    )  # fmt: skip
    word = item(
        UnformattedTextValue="word", BoundingBoxAnnotationUnits="PIXEL", BoundingBoxTopLeftHandCorner=[5.0, 30.0],
        BoundingBoxBottomRightHandCorner=[50.0, 36.0], BoundingBoxTextHorizontalJustification="LEFT",
    )  # fmt: skip
    ds.GraphicAnnotationSequence = Sequence(
        [item(GraphicLayer="A", GraphicObjectSequence=Sequence([line]), TextObjectSequence=Sequence([word]))]
    )
    ds.GraphicLayerSequence = Sequence(
        [item(GraphicLayer="A", GraphicLayerOrder=1, GraphicLayerRecommendedDisplayRGBValue=[0, 65535, 0])]
    )
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    save(ds, path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "presented"
    made.mkdir()
    write_image(made / "a.dcm", "1.2.3.1")
    write_image(made / "b.dcm", "1.2.3.2")
    write_state(made / "one.dcm", "1.2.3.1", "MARKS")
    return made


@pytest.fixture
def shown(qtbot: QtBot, window: MainWindow, folder: Path) -> MainWindow:
    """The window with the first of the two images, which has a state, in its one view."""
    session = window.session
    session.open_paths([folder])
    qtbot.waitUntil(lambda: session.shown is not None)
    go(qtbot, window, 0)
    return window


def go(qtbot: QtBot, window: MainWindow, index: int) -> None:
    session = window.session
    cell = session.active_cell
    assert cell is not None and cell.series is not None
    cell.go(index)
    ref = cell.series.frames[index]
    qtbot.waitUntil(lambda: session.shown is not None and session.shown.ref == ref)


def run(qtbot: QtBot, window: MainWindow, command: str) -> None:
    qtbot.waitUntil(lambda: window.book.may_run(command))
    window.book.run(command)


def picture(window: MainWindow) -> np.ndarray:
    image = window.session.active_view.grab_view().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def at(window: MainWindow, x_px: float, y_px: float) -> list[int]:
    x, y = window.session.active_view.transform().to_view(x_px, y_px)
    return [int(v) for v in picture(window)[int(y), int(x)]]


def corner(window: MainWindow) -> str:
    """What the lower left corner says of presentation states."""
    return " | ".join(line for line in window.session.active_view.presenting.words() if "Shutter" not in line)


def shutter_word(window: MainWindow) -> str:
    return " | ".join(line for line in window.session.active_view.presenting.words() if "Shutter" in line)


def test_an_overlay_plane_is_drawn_over_its_pixel_and_goes_with_the_other_overlays(shown: MainWindow) -> None:
    view = shown.session.active_view

    with_planes = at(shown, 30.5, 20.5)
    assert with_planes[0] > with_planes[2] + 60  # amber
    beside = at(shown, 31.5, 21.5)
    assert beside[0] == beside[2]
    view.set_bare(True)
    assert len(set(at(shown, 30.5, 20.5))) == 1
    view.set_bare(False)
    for mode in (OverlayMode.OUTLINES, OverlayMode.NONE):
        assert view.step_overlays() is mode
    assert len(set(at(shown, 30.5, 20.5))) == 1


def test_a_shutter_is_black_until_it_is_taken_away_and_values_under_it_can_be_read(
    qtbot: QtBot, shown: MainWindow
) -> None:
    view = shown.session.active_view
    open_before = at(shown, 40.5, 5.5)

    assert at(shown, 55.5, 30.5) == [0, 0, 0] and shutter_word(shown) == "Shutter drawn"
    under = read(shown, 55.5, 30.5)
    assert under.value == 650 and under.value_text.endswith("(under the shutter)")
    assert not read(shown, 40.5, 30.5).is_covered

    QTest.keyClick(view, Qt.Key.Key_S, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: shutter_word(shown) == "Shutter removed")
    # 650 through LINEAR 400 / 600: (650 - 399.5) / 599 + 0.5 = 0.918
    assert at(shown, 55.5, 30.5) == pytest.approx([234] * 3, abs=6)
    assert at(shown, 40.5, 5.5) == open_before and not read(shown, 55.5, 30.5).is_covered


def read(window: MainWindow, x_px: float, y_px: float):  # type: ignore[no-untyped-def]  # a Readout
    from PySide6.QtCore import QPointF

    view = window.session.active_view
    x, y = view.transform().to_view(x_px, y_px)
    found = view.readout_at(QPointF(x / view.device_ratio, y / view.device_ratio))
    assert found is not None
    return found


def test_one_key_applies_a_state_and_gives_back_what_was_before(qtbot: QtBot, shown: MainWindow) -> None:
    view = shown.session.active_view
    view.window = Window(center=333, width=222)
    view.zoom_by(1.5)
    before, camera = picture(shown), view.transform()
    assert corner(shown) == "Presentation state: MARKS · not applied"

    QTest.keyClick(view, Qt.Key.Key_P, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: corner(shown) == "Presentation state: MARKS")
    assert (view.window.center, view.window.width) == (350, 400)
    assert view.transform().quarter_turns == 1
    # Stored 100 + 10 * 20 = 300: (300 - 349.5) / 399 + 0.5 = 0.376, inverted 159. No shutter in the state.
    assert at(shown, 20.5, 25.5) == pytest.approx([159] * 3, abs=4)
    assert max(at(shown, 58.5, 25.5)) < 30 and at(shown, 2.5, 25.5)[0] > 225
    line = at(shown, 30.0, 10.0)
    assert line[1] > line[0] + 80

    QTest.keyClick(view, Qt.Key.Key_P, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: corner(shown).endswith("not applied"))
    assert np.array_equal(picture(shown), before) and view.transform() == camera


def test_values_stay_the_images_own_under_a_state(qtbot: QtBot, shown: MainWindow) -> None:
    before = read(shown, 20.5, 5.5)

    run(qtbot, shown, "image.presentation_state")

    assert read(shown, 20.5, 5.5).value == before.value == 300


def test_a_state_stays_with_its_image_while_scrolling(qtbot: QtBot, shown: MainWindow) -> None:
    view = shown.session.active_view
    run(qtbot, shown, "image.presentation_state")

    go(qtbot, shown, 1)
    assert corner(shown) == "" and view.transform().quarter_turns == 0
    assert (view.window.center, view.window.width) == (400, 600)

    go(qtbot, shown, 0)
    assert corner(shown) == "Presentation state: MARKS" and view.transform().quarter_turns == 1
    assert (view.window.center, view.window.width) == (350, 400)


def test_the_key_steps_through_several_states_and_says_what_is_not_done(
    qtbot: QtBot, window: MainWindow, folder: Path
) -> None:
    area = item(
        DisplayedAreaTopLeftHandCorner=[11, 11], DisplayedAreaBottomRightHandCorner=[30, 20],
        PresentationSizeMode="MAGNIFY", PresentationPixelMagnificationRatio=2.0,
    )  # fmt: skip
    write_state(
        folder / "other_state.dcm", "1.2.3.1", "OTHER", ImageRotation=0, PresentationLUTShape="IDENTITY",
        DisplayedAreaSelectionSequence=Sequence([area]),
    )  # fmt: skip
    session, said = window.session, []
    session.announced.connect(lambda kind, sentence: said.append((kind, sentence)))
    session.open_paths([folder])
    qtbot.waitUntil(lambda: session.shown is not None)
    go(qtbot, window, 0)

    names = []
    for _ in range(3):
        run(qtbot, window, "image.presentation_state")
        names.append(corner(window))

    assert names == ["Presentation state: MARKS", "Presentation state: OTHER",
                     "Presentation state: MARKS, OTHER · not applied"]  # fmt: skip
    assert any(kind == "info" and "fixed magnification" in sentence for kind, sentence in said)


def test_the_displayed_area_fills_the_view(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    made = tmp_path / "area"
    made.mkdir()
    write_image(made / "a.dcm", "1.2.3.1")
    area = item(
        DisplayedAreaTopLeftHandCorner=[11, 11], DisplayedAreaBottomRightHandCorner=[30, 20],
        PresentationSizeMode="SCALE TO FIT", PresentationPixelAspectRatio=[1, 1],
    )  # fmt: skip
    write_state(made / "s.dcm", "1.2.3.1", "AREA", ImageRotation=0, DisplayedAreaSelectionSequence=Sequence([area]))
    session = window.session
    session.open_paths([made])
    qtbot.waitUntil(lambda: session.shown is not None)
    view = session.active_view
    run(qtbot, window, "image.presentation_state")

    transform = view.transform()
    width, height = view.device_size()
    corners = transform.to_view(10, 10), transform.to_view(30, 20)
    # 20 x 10 pixels as large as they go, in the middle of the view.
    assert transform.scale_x == pytest.approx(min(width / 20, height / 10))
    assert (corners[0][0] + corners[1][0]) / 2 == pytest.approx(width / 2, abs=1)
    assert (corners[0][1] + corners[1][1]) / 2 == pytest.approx(height / 2, abs=1)


def test_restore_takes_state_and_removed_shutter_back(qtbot: QtBot, shown: MainWindow) -> None:
    view = shown.session.active_view
    start = picture(shown)
    run(qtbot, shown, "image.shutter")
    run(qtbot, shown, "image.presentation_state")

    run(qtbot, shown, "image.restore")

    assert np.array_equal(picture(shown), start) and view.presenting.applied is None


def test_nothing_is_written_into_the_folder(qtbot: QtBot, shown: MainWindow, folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    run(qtbot, shown, "image.presentation_state")
    run(qtbot, shown, "image.presentation_state")

    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_the_panel_offers_the_files_windows_by_name(qtbot: QtBot, shown: MainWindow) -> None:
    view = shown.session.active_view
    panel = shown.docks.panel("window_level").file_windows
    assert [row.preset.name for row in panel.rows] == ["WIDE", "NARROW"] and panel.rows[0].isChecked()

    panel.rows[1].click()
    assert (view.window.center, view.window.width, view.window.name) == (300, 100, "NARROW")
    assert panel.rows[1].isChecked() and not panel.rows[0].isChecked()

    run(qtbot, shown, "image.file_window")
    assert view.window.name == "WIDE"


def test_a_picture_has_no_states_no_shutter_and_no_rows(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "plain.png"
    Image.fromarray(np.zeros((20, 20), np.uint8)).save(path)
    window.session.open_paths([path])
    qtbot.waitUntil(lambda: window.session.shown is not None)

    for command in ("image.presentation_state", "image.shutter", "image.file_window"):
        assert not window.book.may_run(command)
    assert corner(window) == shutter_word(window) == ""
