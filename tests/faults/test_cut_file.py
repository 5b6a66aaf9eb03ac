"""A file that is cut short: what it does not hold is black, has no value and counts in no statistic."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from viewer.core.compose import compose, native_view
from viewer.core.readout import read_out
from viewer.core.shapes.kinds.rectangle import Rectangle
from viewer.core.shapes.measurements import roi_statistics
from viewer.core.windowing import default_voi, display_table, full_range
from viewer.reading.frame import Frame
from viewer.reading.frames import file_frames, read_frame

ROWS, COLS, HELD = 20, 16, 12


@pytest.fixture
def cut(tmp_path: Path) -> Frame:
    """12 of 20 rows of a film whose values run from 500 up; no window in the file."""
    pixels = (500 + np.arange(ROWS * COLS).reshape(ROWS, COLS)).astype("<i2")
    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", generate_uid()
    ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.PhotometricInterpretation = ROWS, COLS, 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 1
    ds.PixelData = pixels.tobytes()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    path = tmp_path / "cut.dcm"
    ds.save_as(path, enforce_file_format=True)
    path.write_bytes(path.read_bytes()[: -2 * COLS * (ROWS - HELD)])
    return read_frame(file_frames(path)[0])


def test_missing_rows_are_black_also_where_nought_would_be_grey(cut: Frame) -> None:
    view, transform = native_view(cut.stored, cut.facts)
    # A window in which 0, the value the blank rows are filled with, is white.
    window = replace(full_range(cut.stored, cut.facts), center=-1000.0, width=10.0)

    rgb = compose(view, display_table(cut.facts, window, invert=False), (), None, transform).rgb

    assert (rgb[:HELD] == 255).all()
    assert (rgb[HELD:] == 0).all()


def test_missing_rows_have_no_value_under_the_cursor(cut: Frame) -> None:
    last = read_out(cut.stored, cut.facts, 3.5, HELD - 0.5)

    assert last is not None
    assert last.value == 500 + (HELD - 1) * COLS + 3
    assert read_out(cut.stored, cut.facts, 3.5, HELD + 0.5) is None


def test_missing_rows_count_in_no_statistic_and_no_window(cut: Frame) -> None:
    held = 500 + np.arange(HELD * COLS)

    found = roi_statistics(cut.stored, cut.facts, Rectangle(points_px=((0, 0), (COLS, ROWS))))
    window = full_range(cut.stored, cut.facts)
    first = default_voi(cut.stored, cut.facts)

    assert found.pixels == HELD * COLS
    assert found.mean == pytest.approx(held.mean()) and found.minimum == 500 and found.maximum == held[-1]
    assert window.center - window.width / 2 == 500 and window.center + window.width / 2 == held[-1]
    assert getattr(first, "center", 0) - getattr(first, "width", 0) / 2 >= 500
