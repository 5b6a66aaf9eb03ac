"""Elements that stand twice with different values, and a second data set in one file, are said."""

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import ImplicitVRLittleEndian, RLELossless

from tests.dicom_items import item
from viewer.cli.main import main
from viewer.reading.frames import read_frame
from viewer.reading.scan import all_series, scan

MakeDicom = Callable[..., Path]
PIXELS = np.arange(12, dtype=np.uint16).reshape(3, 4)
RLE_STREAM = struct.pack("<16L", 1, 64, *[0] * 14) + bytes([3, 1, 2, 3, 4])


def said(folder: Path) -> tuple[str, str]:
    """(what stands on the image, what a scan says of the values) of the one image below a folder."""
    (series,) = all_series(scan([folder]))
    words = [warning.text for warning in series.warnings if warning.code == "value-not-used"]
    return read_frame(series.frames[0]).facts.banner, " ".join(words)


def twice(path: Path, tag: int, vr: bytes, value: bytes) -> None:
    """Put another element of the same tag right behind the one that is there."""
    data = path.read_bytes()
    key = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + vr
    start = data.index(key, 132)
    end = start + 8 + struct.unpack_from("<H", data, start + 6)[0]
    path.write_bytes(data[:end] + key + struct.pack("<H", len(value)) + value + data[end:])


@pytest.mark.parametrize(
    ("tag", "vr", "value", "name"),
    [
        (0x00100020, b"LO", b"OTHER ", "Patient ID"),
        (0x00100010, b"PN", b"Roe^Ann ", "Patient's Name"),
        (0x00280103, b"US", b"\1\0", "Pixel Representation"),
        (0x00200013, b"IS", b"77", "Instance Number"),
    ],
)
def test_an_element_that_stands_twice_with_two_values_is_said(
    make_dicom: MakeDicom, tmp_path: Path, tag: int, vr: bytes, value: bytes, name: str
) -> None:
    twice(make_dicom("a.dcm", PIXELS), tag, vr, value)

    for words in said(tmp_path):
        assert "In the header twice with different values" in words
        assert name in words


@pytest.mark.parametrize("value", [b"007 ", b"007\0"])
def test_an_element_that_stands_twice_with_one_value_is_no_doubt(
    make_dicom: MakeDicom, tmp_path: Path, value: bytes
) -> None:
    twice(make_dicom("a.dcm", PIXELS), 0x00100020, b"LO", value)

    assert said(tmp_path) == ("", "")


def test_an_element_that_stands_twice_in_an_item_is_said(make_dicom: MakeDicom, tmp_path: Path) -> None:
    region = item(RegionLocationMinX0=0, RegionLocationMinY0=0, RegionLocationMaxX1=3, RegionLocationMaxY1=2)
    path = make_dicom("a.dcm", PIXELS, Modality="US", SequenceOfUltrasoundRegions=Sequence([region]))
    data = path.read_bytes()
    start = data.index(struct.pack("<HH", 0x0018, 0x601C) + b"UL")
    other = data[start : start + 8] + struct.pack("<L", 1)
    data = data[:start] + other + data[start:]
    # The item and the sequence are longer by it.
    place = data.index(struct.pack("<HH", 0x0018, 0x6011) + b"SQ")
    for at in (place + 8, place + 16):
        (length,) = struct.unpack_from("<L", data, at)
        if length != 0xFFFFFFFF:
            data = data[:at] + struct.pack("<L", length + len(other)) + data[at + 4 :]
    path.write_bytes(data)

    assert "In the header twice with different values, the last one counts: (0018,601C)" in said(tmp_path)[0]


def without_preamble(data: bytes) -> bytes:
    """The data set alone: behind the preamble, the prefix and the file meta by its group length."""
    (length,) = struct.unpack_from("<L", data, 140)
    return data[144 + length :]


@pytest.mark.parametrize("part", ["whole file", "from its prefix", "data set alone"])
@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", ImplicitVRLittleEndian])
def test_a_second_data_set_behind_the_first_is_said(
    make_dicom: MakeDicom, tmp_path: Path, syntax: str, part: str
) -> None:
    first = make_dicom("a/a.dcm", PIXELS, syntax=syntax)
    second = make_dicom("b/b.dcm", PIXELS + 1, PatientID="OTHER", syntax=syntax).read_bytes()
    cut = {"whole file": second, "from its prefix": second[128:], "data set alone": without_preamble(second)}[part]
    first.write_bytes(first.read_bytes() + cut)

    (series,) = all_series(scan([tmp_path / "a"]))

    assert np.array_equal(read_frame(series.frames[0]).stored, PIXELS)
    for words in said(tmp_path / "a"):
        assert "A second data set follows in the same file" in words


def test_a_second_data_set_behind_compressed_pixels_is_said(
    make_dicom: MakeDicom, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = encapsulate([RLE_STREAM])
    paths = [
        make_dicom(name, np.zeros((1, 4), np.uint8), encoded=stream, syntax=RLELossless) for name in ("a.dcm", "b")
    ]
    paths[0].write_bytes(paths[0].read_bytes() + paths[1].read_bytes())
    paths[1].unlink()

    assert "A second data set follows" in said(tmp_path)[0]
    main(["scan", str(tmp_path), "--verify", "--no-index"])
    assert "A second data set follows" in capsys.readouterr().out


def test_pixels_that_stand_twice_are_said(make_dicom: MakeDicom, tmp_path: Path) -> None:
    path = make_dicom("a.dcm", PIXELS)
    data = path.read_bytes()
    path.write_bytes(data + data[data.index(b"\xe0\x7f\x10\x00OW") :])

    assert all("pixels twice" in words for words in said(tmp_path))


@pytest.mark.parametrize(
    "tail",
    [b"\0" * 400, b"\xfc\xff\xfc\xffOB\0\0\4\0\0\0\0\0\0\0", b"\xfa\xff\xfa\xffSQ\0\0\0\0\0\0", b"\xff" * 200, b"\0"],
    ids=["zeros", "trailing padding", "signatures", "ones", "one byte"],
)
def test_what_may_follow_the_pixels_is_no_second_data_set(make_dicom: MakeDicom, tmp_path: Path, tail: bytes) -> None:
    path = make_dicom("a.dcm", PIXELS)
    path.write_bytes(path.read_bytes() + tail)

    assert said(tmp_path) == ("", "")
