"""Studies, window and level, measurements and tags: what they show and what they change."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTreeWidgetItem
from pytestqt.qtbot import QtBot

from tests.reading.made_volumes import VALUES, nifti
from viewer.core.pixels import Window
from viewer.core.shapes.annotations import Measurement
from viewer.project.edit_builders import add_measurement, new_id
from viewer.ui.panels.measurements import MeasurementsPanel
from viewer.ui.panels.studies import ROLE, StudiesPanel
from viewer.ui.panels.tags import TagsPanel
from viewer.ui.panels.window_level import WindowLevelPanel, histogram_of
from viewer.ui.window.main_window import MainWindow


@pytest.fixture
def studies(reading: MainWindow) -> StudiesPanel:
    panel = reading.docks.panel("studies")
    assert isinstance(panel, StudiesPanel)
    return panel


@pytest.fixture
def window_level(reading: MainWindow) -> WindowLevelPanel:
    panel = reading.docks.panel("window_level")
    assert isinstance(panel, WindowLevelPanel)
    return panel


def leaves(panel: StudiesPanel) -> list[QTreeWidgetItem]:
    found = []
    root = panel.tree.invisibleRootItem()
    for top in (root.child(place) for place in range(root.childCount())):
        for study in (top.child(place) for place in range(top.childCount())):
            found += [study.child(place) for place in range(study.childCount()) if not study.child(place).isHidden()]
    return found


def shown(window: MainWindow) -> tuple[float, float]:
    found = window.session.active_view.window
    assert isinstance(found, Window)
    return found.center, found.width


def test_series_are_listed_by_patient_and_study(studies: StudiesPanel) -> None:
    names = [leaf.data(0, ROLE).description for leaf in leaves(studies)]

    assert sorted(names) == ["Series 1", "Series 2", "Series 5", "Series 7", "Series 8"]


def test_the_filter_keeps_what_holds_the_words(studies: StudiesPanel) -> None:
    studies.field.setText("two2")
    assert [leaf.data(0, ROLE).description for leaf in leaves(studies)] == ["Series 5"]

    studies.field.setText("2026-03-12")
    assert len(leaves(studies)) == 5


def test_a_double_click_shows_a_series(studies: StudiesPanel, reading: MainWindow, qtbot: QtBot) -> None:
    leaf = next(leaf for leaf in leaves(studies) if leaf.data(0, ROLE).description == "Series 2")
    studies.tree.scrollToItem(leaf)
    place = studies.tree.visualItemRect(leaf).center()

    QTest.mouseClick(studies.tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseDClick(studies.tree.viewport(), Qt.MouseButton.LeftButton, pos=place)

    qtbot.waitUntil(lambda: reading.session.active_cell.series.description == "Series 2")


def test_a_series_is_dragged_by_its_id(studies: StudiesPanel) -> None:
    leaf = leaves(studies)[0]

    data = studies.tree.mimeData([leaf])

    assert bytes(data.data("application/x-negatoscope-series").data()).decode() == leaf.data(0, ROLE).series_id


def test_typed_numbers_change_the_window_and_it_survives_scrolling(
    window_level: WindowLevelPanel, reading: MainWindow
) -> None:
    window_level.width_field.setText("350")
    window_level.center_field.setText("−40.5")
    QTest.keyClick(window_level.center_field, Qt.Key.Key_Return)
    assert shown(reading) == (-40.5, 350)

    reading.session.active_cell.scroll_to(0)

    assert shown(reading) == (-40.5, 350)


def test_a_width_that_is_no_number_is_said_and_changes_nothing(
    window_level: WindowLevelPanel, reading: MainWindow
) -> None:
    before = shown(reading)
    window_level.width_field.setText("wide")

    QTest.keyClick(window_level.width_field, Qt.Key.Key_Return)

    assert shown(reading) == before
    assert "width" in reading.banner.sentence


def test_the_preset_in_use_is_marked(window_level: WindowLevelPanel, reading: MainWindow) -> None:
    marked = [row.preset.name for row in window_level.rows if row.isChecked()]
    assert marked == ["From the file"]

    bone = next(row for row in window_level.rows if row.preset.name == "Bone")
    QTest.mouseClick(bone, Qt.MouseButton.LeftButton, pos=QPoint(60, 10))

    assert [row.preset.name for row in window_level.rows if row.isChecked()] == ["Bone"]
    assert shown(reading) == (300, 1500)


def test_the_histogram_counts_values_in_their_unit(reading: MainWindow) -> None:
    assert reading.session.shown is not None

    found = histogram_of(reading.session.shown.frame)

    assert found is not None
    edges, counts = found
    assert counts.sum() == 48 * 64
    assert edges[0] == 100 + 3 - 1024  # series 1, the fourth slice, in HU
    assert edges[-1] == 700 - 1024


def test_a_measurement_is_listed_with_value_and_unit_and_goes_by_delete(reading: MainWindow, qtbot: QtBot) -> None:
    panel = reading.docks.panel("measurements")
    assert isinstance(panel, MeasurementsPanel)
    image = reading.session.shown
    assert image is not None and image.image_id is not None
    measurement = Measurement(
        measurement_id=new_id(), image_id=image.image_id, kind="length", points_px=((10.0, 10.0), (20.0, 10.0))
    )

    with qtbot.waitSignal(reading.session.work_changed):
        reading.session.do(add_measurement(measurement))
    assert panel.lines() == ["Length 8.0 mm"]

    row = panel.rows[0]
    with qtbot.waitSignal(reading.session.work_changed):
        QTest.keyClick(row, Qt.Key.Key_Delete)
    assert panel.lines() == []


def test_tags_are_searched_and_names_hidden(reading: MainWindow, qtbot: QtBot) -> None:
    reading.book.run("window.tags")
    panel = reading.docks.panel("tags")
    assert isinstance(panel, TagsPanel)
    qtbot.waitUntil(lambda: panel.list.topLevelItemCount() > 10)

    panel.field.setText("PatientName")
    listed = [panel.list.topLevelItem(place) for place in range(panel.list.topLevelItemCount())]
    values = [item.text(3) for item in listed if not item.isHidden()]
    assert values == ["ONE^Test"]

    reading.session.set_names_hidden(hidden=True)
    listed = [panel.list.topLevelItem(place) for place in range(panel.list.topLevelItemCount())]
    assert [item.text(3) for item in listed if not item.isHidden()] == ["hidden"]


def test_the_tag_panel_says_who_decoded_the_shown_image(reading: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    reading.book.run("window.tags")
    panel = reading.docks.panel("tags")
    assert isinstance(panel, TagsPanel)
    qtbot.waitUntil(lambda: panel.decoded.text() == "Read as stored: not compressed")

    show_compressed(reading, tmp_path / "c", qtbot)

    qtbot.waitUntil(lambda: panel.decoded.text() == "Decoded by imagecodecs: JPEG 2000")
    assert panel.decoded.isVisible()


def test_the_header_of_a_volume_and_a_picture_is_listed_and_its_free_text_hidden(
    reading: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[0x013B] = "A. Painter"
    (tmp_path / "other").mkdir()
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(tmp_path / "other" / "film.jpg", exif=exif)
    volume = bytearray(nifti(VALUES))
    volume[148:158] = b"made here\0"
    (tmp_path / "other" / "v.nii").write_bytes(volume)
    reading.book.run("window.tags")
    panel = reading.docks.panel("tags")
    assert isinstance(panel, TagsPanel)
    session = reading.session
    session.open_paths([tmp_path / "other"])

    def value_of(name: str) -> str:
        every = (panel.list.topLevelItem(place) for place in range(panel.list.topLevelItemCount()))
        return next((item.text(3) for item in every if item is not None and item.text(1) == name), "")

    for file, name, text, plain in (
        ("v.nii", "descrip", "made here", ("dim", "3 6 5 4 1 1 1 1")),
        ("film.jpg", "Artist", "A. Painter", ("Columns", "8")),
    ):
        session.set_names_hidden(hidden=False)
        qtbot.waitUntil(lambda file=file: any(one.description == file for one in session.series_list()))
        session.open_series(next(one for one in session.series_list() if one.description == file))
        qtbot.waitUntil(lambda name=name, text=text: value_of(name) == text)
        assert value_of(plain[0]) == plain[1]
        assert not panel.decoded.isVisible()  # SimpleITK and Pillow are no second choice
        assert [panel.list.isColumnHidden(column) for column in range(4)] == [True, False, True, False]
        session.set_names_hidden(hidden=True)
        assert value_of(name) == "hidden"
        assert value_of(plain[0]) == plain[1]


def show_compressed(window: MainWindow, folder: Path, qtbot: QtBot) -> None:
    """Open a JPEG 2000 file of its own patient."""
    import imagecodecs
    import numpy as np
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.encaps import encapsulate

    folder.mkdir()
    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID, ds.Modality = "1.2.840.10008.5.1.4.1.1.7", "1.2.9.1", "OT"
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.PatientID = "1.2.9.2", "1.2.9.3", "J2K"
    ds.SeriesDescription = "Compressed"
    ds.Rows = ds.Columns = 32
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 8, 8, 7, 0
    pixels = np.arange(1024, dtype=np.uint16).reshape(32, 32).astype(np.uint8)
    ds.PixelData = encapsulate([bytes(imagecodecs.jpeg2k_encode(pixels, codecformat="j2k", level=0, reversible=True))])
    ds["PixelData"].VR = "OB"
    ds["PixelData"].is_undefined_length = True
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.90"
    ds.save_as(folder / "j2k.dcm", enforce_file_format=True)
    session = window.session
    session.open_paths([folder])
    qtbot.waitUntil(lambda: any(one.description == "Compressed" for one in session.series_list()))
    session.open_series(next(one for one in session.series_list() if one.description == "Compressed"))
