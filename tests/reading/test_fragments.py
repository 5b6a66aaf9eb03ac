"""Which bytes are a frame: fragments, tables that are empty, wrong or extended, and frames that nobody promised."""

import struct
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from pydicom.encaps import encapsulate, encapsulate_extended

from viewer.core.errors import BadFile
from viewer.reading.frame import Frame
from viewer.reading.frames import read_frame
from viewer.reading.series import FrameRef

MakeDicom = Callable[..., Path]
BASE = "1.2.840.10008.1.2."
BAD_TABLES = {
    "all zero": [0, 0, 0],
    "falling": [900, 400, 0],
    "between items": [0, 7, 13],
    "far outside": [0, 1 << 30, 1 << 31],
    "too short": [0],
}


def pictures(count: int = 3) -> list[np.ndarray]:
    rng = np.random.default_rng(7)
    return [rng.integers(0, 4096, (12, 15), dtype=np.uint16) for _ in range(count)]


def rle(pixels: np.ndarray) -> bytes:
    raw = pixels.astype(">u2").tobytes()
    segments = [imagecodecs.packbits_encode(raw[byte::2]) for byte in range(2)]
    segments = [segment + b"\0" * (len(segment) % 2) for segment in segments]
    return struct.pack("<16L", 2, 64, 64 + len(segments[0]), *[0] * 13) + b"".join(segments)


CODECS = {"5": rle, "4.80": lambda a: bytes(imagecodecs.jpegls_encode(a))}


def read(path: Path, frame: int = 0) -> Frame:
    return read_frame(FrameRef(path=path, frame_index=frame))


def with_table(encoded: bytes, offsets: list[int]) -> bytes:
    """Encapsulated frames with another Basic Offset Table."""
    size = struct.unpack_from("<L", encoded, 4)[0]
    table = struct.pack(f"<{len(offsets)}L", *offsets)
    return encoded[:4] + struct.pack("<L", len(table)) + table + encoded[8 + size :]


def write(make_dicom: MakeDicom, syntax: str, encoded: bytes, frames: int, **more: object) -> Path:
    attributes = {"BitsStored": 12, "HighBit": 11, "NumberOfFrames": frames, **more}
    return make_dicom("a.dcm", np.zeros((12, 15), np.uint16), syntax=BASE + syntax, encoded=encoded, **attributes)


@pytest.mark.parametrize("syntax", CODECS)
@pytest.mark.parametrize("table", BAD_TABLES)
def test_a_wrong_table_does_not_count_where_each_frame_is_one_fragment(
    make_dicom: MakeDicom, syntax: str, table: str
) -> None:
    frames = pictures()
    encoded = with_table(encapsulate([CODECS[syntax](one) for one in frames]), BAD_TABLES[table])

    path = write(make_dicom, syntax, encoded, 3)

    for index, one in enumerate(frames):
        assert np.array_equal(read(path, index).stored, one)


@pytest.mark.parametrize("table", BAD_TABLES)
def test_a_wrong_table_does_not_count_where_fragments_tell_themselves(make_dicom: MakeDicom, table: str) -> None:
    frames = pictures()
    encoded = encapsulate([CODECS["4.80"](one) for one in frames], fragments_per_frame=2)

    path = write(make_dicom, "4.80", with_table(encoded, BAD_TABLES[table]), 3)

    for index, one in enumerate(frames):
        assert np.array_equal(read(path, index).stored, one)


def test_a_table_that_leads_into_the_middle_of_a_frame_does_not_count(make_dicom: MakeDicom) -> None:
    frames = pictures()
    data = [CODECS["4.80"](one) for one in frames]
    encoded = encapsulate(data, fragments_per_frame=2)
    second_piece = 8 + struct.unpack_from("<L", encoded, 8 + 12 + 4)[0]

    path = write(make_dicom, "4.80", with_table(encoded, [0, second_piece, 3 * second_piece]), 3)

    assert np.array_equal(read(path, 1).stored, frames[1])


def test_a_wrong_table_of_frames_that_do_not_tell_themselves_is_refused(make_dicom: MakeDicom) -> None:
    encoded = encapsulate([rle(one) for one in pictures()], fragments_per_frame=2)

    with pytest.raises(BadFile, match=r"a\.dcm does not say which fragments"):
        read(write(make_dicom, "5", with_table(encoded, [0, 7, 13]), 3), 1)


@pytest.mark.parametrize("syntax", CODECS)
@pytest.mark.parametrize("promised", [1, 2])
def test_frames_beyond_those_promised_are_left_out_and_said(make_dicom: MakeDicom, syntax: str, promised: int) -> None:
    frames = pictures()

    path = write(make_dicom, syntax, encapsulate([CODECS[syntax](one) for one in frames]), promised)

    for index in range(promised):
        frame = read(path, index)
        assert np.array_equal(frame.stored, frames[index])
        assert f"3 compressed images, its header says {promised}" in frame.facts.banner
    with pytest.raises(BadFile, match=rf"a\.dcm has {promised} frame"):
        read(path, promised)


def test_an_empty_last_fragment_is_no_frame_of_its_own(make_dicom: MakeDicom) -> None:
    frames = pictures(1)
    encoded = encapsulate([CODECS["4.80"](frames[0])]) + struct.pack("<HHL", 0xFFFE, 0xE000, 0)

    frame = read(write(make_dicom, "4.80", encoded, 1))

    assert np.array_equal(frame.stored, frames[0])
    assert frame.facts.banner == ""


@pytest.mark.parametrize("syntax", CODECS)
def test_frames_that_are_missing_are_refused_one_by_one(make_dicom: MakeDicom, syntax: str) -> None:
    frames = pictures(2)
    path = write(make_dicom, syntax, encapsulate([CODECS[syntax](one) for one in frames]), 4)

    assert np.array_equal(read(path, 1).stored, frames[1])
    with pytest.raises(BadFile, match=r"a\.dcm holds 2 of 4 frames"):
        read(path, 3)


@pytest.mark.parametrize("spoilt", ["none", "lengths", "offsets", "far"])
def test_an_extended_offset_table_counts_only_where_it_fits_the_items(make_dicom: MakeDicom, spoilt: str) -> None:
    frames = pictures()
    data, offsets, lengths = encapsulate_extended([rle(one) for one in frames])
    if spoilt == "lengths":
        lengths = struct.pack("<3Q", *(value // 2 for value in struct.unpack("<3Q", lengths)))
    if spoilt == "offsets":
        offsets = struct.pack("<3Q", *(value + 2 for value in struct.unpack("<3Q", offsets)))
    if spoilt == "far":
        lengths = struct.pack("<3Q", 1 << 62, 1 << 62, 1 << 62)

    path = write(make_dicom, "5", data, 3, ExtendedOffsetTable=offsets, ExtendedOffsetTableLengths=lengths)

    for index, one in enumerate(frames):
        assert np.array_equal(read(path, index).stored, one)
