"""Thumbnails are small views: pixels of their shape, black where there is no image."""

from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid
from PySide6.QtGui import QImage

from tests.ui.painted import writing
from viewer.reading.scan import all_series, scan
from viewer.ui.canvas.series_picture import series_picture
from viewer.ui.flows.cases.pictures import PICTURE_PX, small_picture
from viewer.ui.views.thumbnails import THUMBNAIL_PX


def write_film(path: Path, *, rows: int, cols: int, cut_rows: int = 0, **more: object) -> Path:
    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", generate_uid()
    ds.StudyInstanceUID, ds.SeriesInstanceUID = generate_uid(), generate_uid()
    ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.PhotometricInterpretation = rows, cols, 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 8, 8, 7, 0
    ds.WindowCenter, ds.WindowWidth = -10, 2  # every value is white, the nought of missing rows too
    ds.PixelData = np.full((rows, cols), 90, np.uint8).tobytes()
    for keyword, value in more.items():
        setattr(ds, keyword, value)
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.save_as(path, enforce_file_format=True)
    if cut_rows:
        path.write_bytes(path.read_bytes()[: -cols * cut_rows])
    return path


def picture(path: Path) -> QImage:
    (series,) = all_series(scan([path]))
    return series_picture(series)


def test_pixels_twice_as_high_as_wide_make_a_picture_twice_as_high(tmp_path: Path) -> None:
    image = picture(write_film(tmp_path / "tall.dcm", rows=40, cols=40, PixelSpacing=[2.0, 1.0]))

    assert (image.width(), image.height()) == (40, 80)


def test_rows_that_a_cut_file_lacks_are_black(tmp_path: Path) -> None:
    image = picture(write_film(tmp_path / "cut.dcm", rows=40, cols=40, cut_rows=20))

    assert image.pixelColor(20, 10).value() == 255
    assert image.pixelColor(20, 30).value() == 0


@pytest.mark.parametrize("kind", ["studies", "welcome", "cases"])
def test_small_pictures_of_a_film_have_its_side_and_view_at_the_upper_right(
    qapp: object, tmp_path: Path, kind: str
) -> None:
    path = write_film(tmp_path / "film.dcm", rows=300, cols=300, ImageLaterality="L", ViewPosition="CC")
    (series,) = all_series(scan([path]))

    with writing() as said:
        made = (
            small_picture(path, 0, 2 * PICTURE_PX) if kind == "cases"
            else series_picture(series) if kind == "welcome"
            else series_picture(series, 2 * THUMBNAIL_PX)
        )  # fmt: skip

    assert [one.text for one in said] == ["L CC"]
    dark = [
        (x, y) for x in range(made.width()) for y in range(made.height()) if made.pixelColor(x, y).value() < 200
    ]  # fmt: skip
    assert dark and all(x > made.width() / 3 and y < made.height() / 3 for x, y in dark)


def test_a_picture_without_a_side_has_no_letters(tmp_path: Path) -> None:
    with writing() as said:
        picture(write_film(tmp_path / "plain.dcm", rows=300, cols=300))

    assert said == []
