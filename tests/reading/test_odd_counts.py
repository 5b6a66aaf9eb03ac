"""Numbers of a header under odd spellings and VRs: read where they say one thing, else said and not guessed."""

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from viewer.core.errors import AppError
from viewer.reading.frames import file_frames, modality_values, read_frame
from viewer.reading.scan import all_series, scan
from viewer.reading.series import FrameRef

MakeDicom = Callable[..., Path]
PIXELS = np.arange(12, dtype=np.uint16).reshape(3, 4)


def put(path: Path, tag: int, vr: bytes, value: bytes) -> None:
    """Write an element with its VR and bytes just as given, in place of the one that is there or before the pixels."""
    data = path.read_bytes()
    key = struct.pack("<HH", tag >> 16, tag & 0xFFFF)
    old = data.find(key, 132)
    made = key + vr
    made += b"\0\0" + struct.pack("<L", len(value)) if vr in (b"OB", b"OW", b"UN") else struct.pack("<H", len(value))
    if old >= 0:
        (length,) = struct.unpack_from("<H", data, old + 6)
        data = data[:old] + made + value + data[old + 8 + length :]
    else:
        place = data.index(b"\xe0\x7f\x10\x00O")
        data = data[:place] + made + value + data[place:]
    path.write_bytes(data)


@pytest.mark.parametrize("text", ["0", "", "-1", "1.5", "0 ", " ", "+0", "00"])
def test_a_wrong_number_of_frames_refuses_no_image(make_dicom: MakeDicom, tmp_path: Path, text: str) -> None:
    path = make_dicom("a.dcm", PIXELS)
    put(path, 0x00280008, b"IS", text.encode() + b" " * (len(text) % 2))

    (series,) = all_series(scan([tmp_path]))
    frame = read_frame(series.frames[0])

    assert len(series.frames) == 1
    assert np.array_equal(frame.stored, PIXELS)
    assert ("Number of Frames" in frame.facts.banner) == bool(text.strip())


def test_frames_that_are_not_counted_are_those_that_the_pixels_fill(make_dicom: MakeDicom) -> None:
    three = np.stack([PIXELS, PIXELS + 1, PIXELS + 2])
    path = make_dicom("a.dcm", PIXELS, encoded=three.tobytes())
    put(path, 0x00280008, b"IS", b"0 ")

    frames = [read_frame(ref).stored for ref in file_frames(path)]

    assert np.array_equal(np.stack(frames), three)


@pytest.mark.parametrize(
    ("vr", "value"),
    [
        (b"UL", struct.pack("<L", 3)),
        (b"SS", struct.pack("<h", 3)),
        (b"SL", struct.pack("<l", 3)),
        (b"IS", b"3 "),
        (b"DS", b"3.0 "),
        (b"FL", struct.pack("<f", 3)),
        (b"OW", struct.pack("<H", 3)),
        (b"OB", struct.pack("<H", 3)),
        (b"UN", struct.pack("<H", 3)),
    ],
)
def test_rows_in_another_vr_are_the_same_rows(make_dicom: MakeDicom, vr: bytes, value: bytes) -> None:
    path = make_dicom("a.dcm", PIXELS)
    put(path, 0x00280010, vr, value)

    assert np.array_equal(read_frame(FrameRef(path=path)).stored, PIXELS)


@pytest.mark.parametrize(
    ("vr", "value"),
    [
        (b"SS", struct.pack("<h", -3)),
        (b"UL", struct.pack("<L", 0xFFFFFFFF)),
        (b"UL", struct.pack("<L", 0x10003)),  # the low word alone would be right
        (b"FL", struct.pack("<f", 2.5)),
        (b"LO", b"three "),
        (b"US", b""),
    ],
)
@pytest.mark.parametrize("tag", [0x00280010, 0x00280011])
def test_rows_that_are_no_count_never_become_pixels_of_something_else(
    make_dicom: MakeDicom, tag: int, vr: bytes, value: bytes
) -> None:
    path = make_dicom("a.dcm", PIXELS)
    put(path, tag, vr, value)

    try:
        frame = read_frame(FrameRef(path=path))
    except AppError as error:
        assert str(path) in str(error)
        return
    # What the file does not hold is blank, and said.
    assert "cut short" in frame.facts.banner
    assert not frame.stored[frame.facts.rows_there :].any()


@pytest.mark.parametrize(("vr", "value"), [(b"IS", b"-2000 "), (b"DS", b"-2000.0 "), (b"SL", struct.pack("<l", -2000))])
def test_a_padding_value_in_another_vr_is_that_number(make_dicom: MakeDicom, vr: bytes, value: bytes) -> None:
    path = make_dicom("a.dcm", PIXELS.astype(np.int16))
    put(path, 0x00280120, vr, value)

    assert read_frame(FrameRef(path=path)).facts.padding == (-2000, -2000)


@pytest.mark.parametrize(
    ("slope", "factor"),
    [
        ("1,5", 1.5),
        ("+2", 2),
        ("002.50", 2.5),
        ("2e0", 2),
        ("2.5E+000", 2.5),
        (" 2 ", 2),
        ("", 1),
        (".5", 0.5),
        ("2.", 2),
    ],
)
def test_a_slope_is_read_however_it_is_written(make_dicom: MakeDicom, slope: str, factor: float) -> None:
    path = make_dicom("a.dcm", PIXELS)
    put(path, 0x00281053, b"DS", slope.encode() + b" " * (len(slope) % 2))

    frame = read_frame(FrameRef(path=path))

    assert np.allclose(modality_values(frame), PIXELS * factor)
    assert frame.facts.banner == ""


@pytest.mark.parametrize(
    ("tag", "text", "name"),
    [
        (0x00280030, "0.5\\wide", "Pixel Spacing"),
        (0x00280030, "0\\0", "Pixel Spacing"),
        (0x00280030, "1_0\\1_0", "Pixel Spacing"),
        (0x00200032, "1\\2", "Image Position (Patient)"),
        (0x00200037, "1\\0\\0\\1\\0\\0", "Image Orientation (Patient)"),
        (0x00181120, "steep", "Gantry/Detector Tilt"),
    ],
)
def test_a_value_that_is_left_because_it_is_odd_is_said(
    make_dicom: MakeDicom, tmp_path: Path, tag: int, text: str, name: str
) -> None:
    more = {
        0x00200032: {"ImageOrientationPatient": [1, 0, 0, 0, 1, 0]},
        0x00200037: {"ImagePositionPatient": [1, 2, 3]},
    }
    path = make_dicom("a.dcm", PIXELS, **more.get(tag, {}))
    put(path, tag, b"DS", text.encode() + b" " * (len(text) % 2))

    (series,) = all_series(scan([tmp_path]))

    assert name in read_frame(series.frames[0]).facts.banner
    assert [name in warning.text for warning in series.warnings if warning.code == "value-not-used"] == [True]


@pytest.mark.parametrize(
    ("tag", "text", "expected"),
    [
        (0x00280030, "0,5\\0,75", (0.5, 0.75)),
        (0x00280030, "5e-1\\+0.75", (0.5, 0.75)),
        (0x00280030, "000.5\\ 0.75 ", (0.5, 0.75)),
    ],
)
def test_a_spacing_is_read_however_it_is_written(
    make_dicom: MakeDicom, tag: int, text: str, expected: tuple[float, float]
) -> None:
    path = make_dicom("a.dcm", PIXELS)
    put(path, tag, b"DS", text.encode() + b" " * (len(text) % 2))

    facts = read_frame(FrameRef(path=path)).facts

    assert facts.spacing is not None
    assert (facts.spacing.row_mm, facts.spacing.col_mm) == expected
    assert facts.banner == ""


def test_a_position_with_decimal_commas_is_a_position(make_dicom: MakeDicom) -> None:
    path = make_dicom("a.dcm", PIXELS)
    put(path, 0x00200032, b"DS", b"-10,5\\20,25\\-3,0 ")
    put(path, 0x00200037, b"DS", b"1,0\\0,0\\0,0\\0,0\\1,0\\0,0 ")

    plane = read_frame(FrameRef(path=path)).facts.plane

    assert plane is not None
    assert plane.position_mm == (-10.5, 20.25, -3.0)


# Attributes beside the pixels: each is there and cannot be used, so that nothing of it is on the screen.
BESIDE = {
    "shutter": {"ShutterShape": "RECTANGULAR", "ShutterLeftVerticalEdge": 1},
    "unknown shutter": {"ShutterShape": "TRIANGULAR"},
    "overlay": {0x60003000: ("OW", b"\1\0")},
    "shape": {"PresentationLUTShape": "CURVED"},
    "high bit": {"HighBit": 99},
    "aspect": {"PixelAspectRatio": [1, 0]},
    "end of a range": {0x00280121: ("US", 5)},
    "magnified": {"EstimatedRadiographicMagnificationFactor": "-1", "ImagerPixelSpacing": [0.1, 0.1]},
}
NAMES = {
    "shutter": "Shutter Shape (RECTANGULAR)", "unknown shutter": "Shutter Shape (TRIANGULAR)", "overlay": "(6000,3000)",
    "end of a range": "Pixel Padding Range Limit (5)", "shape": "Presentation LUT Shape (CURVED)",
    "magnified": "Estimated Radiographic Magnification Factor (-1)", "high bit": "High Bit (99)",
    "aspect": "Pixel Aspect Ratio (1\\0)",
}  # fmt: skip


@pytest.mark.parametrize("name", BESIDE)
def test_what_is_not_drawn_because_it_is_odd_is_said(make_dicom: MakeDicom, name: str) -> None:
    import pydicom

    path = make_dicom("a.dcm", PIXELS)
    ds = pydicom.dcmread(path)
    for key, value in BESIDE[name].items():
        if isinstance(key, int):
            ds.add_new(key, *value)
        else:
            setattr(ds, key, value)
    ds.save_as(path)

    banner = read_frame(FrameRef(path=path)).facts.banner
    assert f"The header's {NAMES[name]}" in banner
    assert "cannot be used; the image is shown as if it was not there." in banner


def test_a_damaged_sequence_is_said(make_dicom: MakeDicom) -> None:
    path = make_dicom("a.dcm", PIXELS)
    put(path, 0x00283010, b"SQ", b"")
    data = path.read_bytes()
    # A sequence of 12 bytes that holds no item.
    start = data.index(struct.pack("<HH", 0x0028, 0x3010))
    item = struct.pack("<HHL", 0x1234, 0x5678, 4) + b"\xff\xff\xff\xff"
    path.write_bytes(data[:start] + struct.pack("<HH2sHL", 0x28, 0x3010, b"SQ", 0, 12) + item + data[start + 8 :])

    frame = read_frame(FrameRef(path=path))

    assert np.array_equal(frame.stored, PIXELS)
    assert "VOI LUT Sequence" in frame.facts.banner


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1"])
def test_rows_of_two_words_are_said(make_dicom: MakeDicom, syntax: str) -> None:
    # Where nothing tells the VR, a long number is two words; the first of them alone is another number.
    path = make_dicom("a.dcm", PIXELS, syntax=syntax, Rows=[3, 1])

    frame = read_frame(FrameRef(path=path))

    assert np.array_equal(frame.stored, PIXELS)
    assert "Rows has 2 values in the header; the first, 3, is used." in frame.facts.banner


@pytest.mark.parametrize(
    ("elements", "said"),
    [
        ({0x00281053: b"2\\3 ", 0x00281052: b"0 "}, "Rescale Slope has 2 values in the header; the first, 2"),
        ({0x00281053: b"1 ", 0x00281052: b"-5\\7"}, "Rescale Intercept has 2 values in the header"),
        ({0x00280030: b"0.5 "}, "Pixel Spacing has 1 value in the header instead of 2"),
        ({0x00280030: b"0.5\\0.5\\9 "}, "Pixel Spacing has 3 values in the header instead of 2"),
        ({0x00181164: b"0.2 "}, "Imager Pixel Spacing has 1 value in the header instead of 2"),
    ],
)
def test_a_number_of_values_that_is_another_is_said(
    make_dicom: MakeDicom, elements: dict[int, bytes], said: str
) -> None:
    path = make_dicom("a.dcm", PIXELS)
    for tag, value in elements.items():
        put(path, tag, b"DS", value)

    assert said in read_frame(FrameRef(path=path)).facts.banner


def test_a_slope_of_nothing_makes_no_hounsfield_units(make_dicom: MakeDicom) -> None:
    path = make_dicom("a.dcm", PIXELS, Modality="CT", SOPClassUID="1.2.840.10008.5.1.4.1.1.2")
    put(path, 0x00281053, b"DS", b"")
    put(path, 0x00281052, b"DS", b"-1024 ")

    facts = read_frame(FrameRef(path=path)).facts

    assert facts.unit == ""
