"""A scan says of uncompressed files whether their pixels are all there, without reading any."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from viewer.reading.frames import file_frames, read_frame
from viewer.reading.scan import all_series, scan

MakeDicom = Callable[..., Path]


def cut_words(path: Path) -> list[tuple[str, str]]:
    found = [warning for series in all_series(scan([path])) for warning in series.warnings]
    return [(warning.text, warning.short) for warning in found if warning.code == "cut-short"]


def shorten(path: Path, lost_bytes: int) -> Path:
    path.write_bytes(path.read_bytes()[:-lost_bytes])
    return path


def test_a_whole_file_has_no_such_warning(make_dicom: MakeDicom) -> None:
    assert cut_words(make_dicom("one.dcm", np.zeros((10, 8), np.uint16))) == []


@pytest.mark.parametrize(("lost_bytes", "rows"), [(1, 9), (16, 9), (17, 8), (150, 0)])  # a row takes 16 bytes
def test_the_rows_that_are_there_are_counted(make_dicom: MakeDicom, lost_bytes: int, rows: int) -> None:
    path = shorten(make_dicom("one.dcm", np.ones((10, 8), np.uint16)), lost_bytes)

    assert cut_words(path) == [(f"one.dcm is cut short: {rows} of 10 rows are there.", "file cut short")]
    if rows:
        assert read_frame(file_frames(path)[0]).facts.rows_there == rows


def test_the_frames_of_a_multi_frame_file_are_counted(make_dicom: MakeDicom) -> None:
    path = shorten(make_dicom("many.dcm", np.ones((5, 10, 8), np.uint16), NumberOfFrames=5), 161)

    assert cut_words(path) == [("many.dcm is cut short: 3 of 5 frames are there.", "file cut short")]


def test_several_cut_files_of_a_series_are_one_warning(make_dicom: MakeDicom, tmp_path: Path) -> None:
    for number in range(4):
        path = make_dicom(
            f"s/{number}.dcm", np.ones((10, 8), np.uint16), InstanceNumber=number,
            ImagePositionPatient=[0, 0, 3 * number], ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
        )  # fmt: skip
        if number in (1, 2):
            shorten(path, 40)

    ((text, short),) = cut_words(tmp_path / "s")

    assert text == "1.dcm is cut short: 7 of 10 rows are there (1 more like it)." and short == "2 files cut short"


def test_pixels_that_share_their_colour_or_their_bytes_are_whole(make_dicom: MakeDicom) -> None:
    """YBR_FULL_422 takes two samples a pixel in place of three (PS3.3 C.7.6.3.1.2); 1-bit pixels eight to a byte."""
    shared = make_dicom(
        "ybr.dcm", np.zeros((4, 6, 3), np.uint8), encoded=bytes(4 * 6 * 2), PhotometricInterpretation="YBR_FULL_422"
    )
    bits = make_dicom(
        "bits.dcm", np.zeros((5, 7), np.uint8), encoded=bytes(6), BitsAllocated=1, BitsStored=1, HighBit=0
    )

    assert cut_words(shared) == [] and cut_words(bits) == []


def test_no_whole_file_of_the_corpus_is_called_cut(corpus: Path) -> None:
    series = all_series(scan([corpus / "series"]))

    assert series and not [one for one in series if any(warning.code == "cut-short" for warning in one.warnings)]
