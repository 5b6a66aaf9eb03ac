"""Files after the advisories of 2026 against DICOM servers and libraries: nothing foreign becomes a pixel.

CVE-2026-5437 (file meta read past its end), -5441 (run lengths of a maker), -5442 (Rows and Columns as UL), -5443 and
-5445 (palettes) of Orthanc; CVE-2026-3650 (file meta in no standard VR) of GDCM. The values here are by hand.
"""

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest

from viewer.core.errors import AppError
from viewer.core.windowing import default_voi, display_table
from viewer.reading.dicom.opening import open_dicom
from viewer.reading.frames import header_tags, read_frame
from viewer.reading.scan import all_series, scan
from viewer.reading.series import FrameRef

MakeDicom = Callable[..., Path]
PIXELS = np.arange(1, 13, dtype=np.uint8).reshape(3, 4)


def shown_or_refused(path: Path) -> np.ndarray | None:
    """The stored values, or None where a sentence that names the file refuses it; nothing else may happen."""
    try:
        frame = read_frame(FrameRef(path=path))
        display_table(frame.facts, default_voi(frame.stored, frame.facts), invert=False).apply(frame.stored)
    except AppError as error:
        assert path.name in str(error)
        return None
    return frame.stored


def end_of_meta(data: bytes) -> int:
    (length,) = struct.unpack_from("<L", data, 140)
    return int(144 + length)


def test_a_file_that_ends_anywhere_in_its_meta_header_is_refused(make_dicom: MakeDicom) -> None:
    path = make_dicom("a.dcm", PIXELS)
    data = path.read_bytes()
    for end in range(end_of_meta(data)):
        path.write_bytes(data[:end])

        assert shown_or_refused(path) is None, end


@pytest.mark.parametrize("length", [0, 1, 7, 0xFFFF, 0xFFFFFFFE, 0xFFFFFFFF])
def test_a_wrong_group_length_of_the_meta_header_changes_no_pixel(make_dicom: MakeDicom, length: int) -> None:
    path = make_dicom("a.dcm", PIXELS)
    data = bytearray(path.read_bytes())
    data[140:144] = struct.pack("<L", length)
    path.write_bytes(data)

    found = shown_or_refused(path)

    assert found is None or np.array_equal(found, PIXELS)


@pytest.mark.parametrize("length", [3, 200, 0xFFFE])
@pytest.mark.parametrize("vr", [b"UI", b"OB", b"XX", b"\0\0", b"\xff\xff"])
def test_an_element_of_the_meta_header_that_reaches_past_it_changes_no_pixel(
    make_dicom: MakeDicom, vr: bytes, length: int
) -> None:
    path = make_dicom("a.dcm", PIXELS)
    data = path.read_bytes()
    head = struct.pack("<HH", 2, 0x0013) + vr + struct.pack("<H", length)
    path.write_bytes(data[:144] + head + data[144:])

    found = shown_or_refused(path)

    # Where a reader takes the element at its word, the pixels begin elsewhere, and what is missing of them is blank.
    assert found is None or found.shape == (3, 4)
    assert found is None or set(found.ravel().tolist()) <= {0, *PIXELS.ravel().tolist()}


@pytest.mark.parametrize("rows", [0x0003, 0x10003, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
@pytest.mark.parametrize("cols", [0x0004, 0x10004, 0x40000000])
def test_rows_and_columns_as_long_numbers_are_never_cut_to_words(make_dicom: MakeDicom, rows: int, cols: int) -> None:
    path = make_dicom("a.dcm", PIXELS)
    data = path.read_bytes()
    for element, old, new in ((0x10, 3, rows), (0x11, 4, cols)):
        was = struct.pack("<HH2sHH", 0x28, element, b"US", 2, old)
        assert was in data
        data = data.replace(was, struct.pack("<HH2sHL", 0x28, element, b"UL", 4, new))
    path.write_bytes(data)

    found = shown_or_refused(path)

    assert (found is not None) == ((rows, cols) == (3, 4))
    assert found is None or np.array_equal(found, PIXELS)
    assert bool(all_series(scan([path]))) == (found is not None)


def test_a_palette_image_larger_than_its_pixels_is_blank_where_none_are(make_dicom: MakeDicom) -> None:
    table = {"PhotometricInterpretation": "PALETTE COLOR"}
    for number, color in enumerate(("Red", "Green", "Blue")):
        table[f"{color}PaletteColorLookupTableDescriptor"] = [2, 0, 8]
        table[f"{color}PaletteColorLookupTableData"] = bytes([10 * number, 200 + number])
    path = make_dicom("a.dcm", np.ones((64, 4), np.uint8), encoded=b"\1" * 12, **table)

    frame = read_frame(FrameRef(path=path))
    shown = display_table(frame.facts, default_voi(frame.stored, frame.facts), invert=False).apply(frame.stored)

    assert frame.facts.rows_there == 3
    assert "cut short" in frame.facts.banner
    assert {tuple(colour) for colour in shown.reshape(-1, 3).tolist()} == {(200, 201, 202), (0, 10, 20)}


def test_run_lengths_of_a_maker_are_refused_by_name(make_dicom: MakeDicom) -> None:
    path = make_dicom("a.dcm", PIXELS)
    ds = pydicom.dcmread(path)
    ds.private_block(0x07A1, "ELSCINT1", create=True).add_new(0x11, "CS", "PMSCT_RLE1")
    ds.save_as(path)

    with pytest.raises(AppError, match="PMSCT_RLE1"):
        read_frame(FrameRef(path=path))


def test_a_window_of_grey_levels_does_not_change_colours(make_dicom: MakeDicom) -> None:
    colours = np.arange(48, dtype=np.uint8).reshape(4, 4, 3) * 5
    path = make_dicom("a.dcm", colours, WindowCenter="40", WindowWidth="80")

    frame = read_frame(FrameRef(path=path))
    shown = display_table(frame.facts, default_voi(frame.stored, frame.facts), invert=False).apply(frame.stored)

    assert np.array_equal(shown, colours)
    assert "is not applied to colours" in frame.facts.banner


def test_frames_of_a_file_without_groups_do_not_all_lie_at_the_first_ones_place(
    make_dicom: MakeDicom, tmp_path: Path
) -> None:
    frames = np.arange(48, dtype=np.uint8).reshape(3, 4, 4)
    make_dicom(
        "a.dcm", frames[0], encoded=frames.tobytes(), NumberOfFrames=3, PixelSpacing=[0.3, 0.3], SliceThickness="0.3",
        ImagePositionPatient=[1, 2, 3], ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
    )  # fmt: skip

    (series,) = all_series(scan([tmp_path]))
    facts = [read_frame(ref).facts for ref in series.frames]

    assert [fact.plane for fact in facts] == [None] * 3
    assert {fact.sides for fact in facts} == {("L", "P")}  # which way rows and columns run is known all the same
    assert all(fact.spacing is not None for fact in facts)
    assert not series.is_volume


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1"])
@pytest.mark.parametrize("explicit", [False, True])
def test_a_stray_meta_element_in_front_of_the_data_set_is_stepped_over(
    make_dicom: MakeDicom, syntax: str, explicit: bool
) -> None:
    path = make_dicom("a.dcm", PIXELS, syntax=syntax)
    data = path.read_bytes()
    stray = struct.pack("<HH", 2, 3) + (b"UI" + struct.pack("<H", 6) if explicit else struct.pack("<L", 6)) + b"1.2.9\0"
    path.write_bytes(data[: end_of_meta(data)] + stray + data[end_of_meta(data) :])

    frame = read_frame(FrameRef(path=path))

    assert np.array_equal(frame.stored, PIXELS)
    assert frame.identity.patient_id == "007"
    assert not open_dicom(path).is_recoded  # however long its header is


def test_the_tag_panel_shows_what_a_number_field_holds_that_is_no_number(make_dicom: MakeDicom) -> None:
    path = make_dicom("a.dcm", PIXELS, RescaleSlope="1.5")
    path.write_bytes(path.read_bytes().replace(b"DS\4\x001.5 ", b"DS\4\x001,5 "))

    values = {row.tag: row.value for row in header_tags(path)}

    assert values["(0028,1053)"] == "1,5"
