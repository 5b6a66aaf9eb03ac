"""Uncompressed pixels of every depth, against arrays we made."""

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from viewer.core.errors import BadFile, UnsupportedFile
from viewer.reading.frame import Frame
from viewer.reading.frames import read_frame
from viewer.reading.series import FrameRef

MakeDicom = Callable[..., Path]
RNG = np.random.default_rng(8)


def read(path: Path, frame: int = 0) -> Frame:
    return read_frame(FrameRef(path=path, frame_index=frame))


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "uint32", "int32"])
def test_whole_words_come_as_they_were_written(make_dicom: MakeDicom, dtype: str) -> None:
    limits = np.iinfo(dtype)
    pixels = RNG.integers(limits.min, limits.max, (7, 5), dtype=dtype, endpoint=True)

    frame = read(make_dicom("a.dcm", pixels))

    assert frame.stored.dtype == pixels.dtype
    assert np.array_equal(frame.stored, pixels)


@pytest.mark.parametrize("cols", range(1, 18))
def test_one_bit_frames_need_not_begin_on_a_byte(make_dicom: MakeDicom, cols: int) -> None:
    pixels = RNG.integers(0, 2, (3, 3, cols), dtype=np.uint8)
    packed = np.packbits(pixels.reshape(-1), bitorder="little").tobytes()
    packed += b"\0" * (len(packed) % 2)

    path = make_dicom("seg.dcm", pixels[0], encoded=packed, NumberOfFrames=3, BitsAllocated=1, BitsStored=1, HighBit=0)

    for index in range(3):
        assert np.array_equal(read(path, index).stored, pixels[index])


def test_signed_12_bit_values_are_extended_from_bits_stored(make_dicom: MakeDicom) -> None:
    values = np.array([[-2048, -1, 0, 1, 2047]], np.int16)
    coded = (values.view(np.uint16) & 0x0FFF).view(np.int16)

    frame = read(make_dicom("a.dcm", coded, BitsStored=12, HighBit=11))

    assert frame.stored.tolist() == values.tolist()


def test_bits_above_bits_stored_are_dropped(make_dicom: MakeDicom) -> None:
    values = np.array([[0, 1, 4095]], np.uint16)

    frame = read(make_dicom("a.dcm", values | 0xA000, BitsStored=12, HighBit=11))

    assert frame.stored.tolist() == values.tolist()


def test_a_high_bit_above_the_usual_place_shifts_the_value_down(make_dicom: MakeDicom) -> None:
    values = np.array([[0, 1, 4095]], np.uint16)

    frame = read(make_dicom("a.dcm", values << 4, BitsStored=12, HighBit=15))

    assert frame.stored.tolist() == values.tolist()


def test_unsigned_16_bit_stays_positive_above_32767(make_dicom: MakeDicom) -> None:
    frame = read(make_dicom("a.dcm", np.array([[32768, 65535]], np.uint16)))

    assert frame.stored.tolist() == [[32768, 65535]]


def test_colour_by_plane_is_the_same_picture_as_colour_by_pixel(make_dicom: MakeDicom) -> None:
    pixels = RNG.integers(0, 256, (4, 6, 3), dtype=np.uint8)
    planes = np.ascontiguousarray(pixels.transpose(2, 0, 1)).tobytes()

    by_plane = make_dicom("planes.dcm", pixels, encoded=planes, PlanarConfiguration=1)

    assert np.array_equal(read(by_plane).stored, pixels)


def test_ybr_full_becomes_rgb_by_the_header(make_dicom: MakeDicom) -> None:
    # White, black and the JPEG primaries (ITU-T T.871).
    ybr = np.array([[[255, 128, 128], [0, 128, 128], [76, 85, 255]]], np.uint8)

    frame = read(make_dicom("a.dcm", ybr, PhotometricInterpretation="YBR_FULL"))

    assert frame.facts.photometric == "RGB"
    assert frame.stored.tolist() == [[[255, 255, 255], [0, 0, 0], [254, 0, 0]]]


def test_ybr_full_422_gives_both_pixels_of_a_pair_their_chroma(make_dicom: MakeDicom) -> None:
    data = bytes([76, 29, 128, 128, 255, 0, 128, 128])  # Y1 Y2 B R, twice

    path = make_dicom("a.dcm", np.zeros((2, 2, 3), np.uint8), encoded=data, PhotometricInterpretation="YBR_FULL_422")

    assert read(path).stored.tolist() == [[[76] * 3, [29] * 3], [[255] * 3, [0] * 3]]


def test_float_pixels_keep_their_values(make_dicom: MakeDicom) -> None:
    pixels = RNG.normal(size=(3, 4)).astype(np.float32)
    path = make_dicom(
        "a.dcm",
        np.zeros((3, 4), np.uint16),
        remove=("PixelData", "BitsStored", "HighBit", "PixelRepresentation"),
        FloatPixelData=pixels.tobytes(),
        BitsAllocated=32,
    )

    assert np.array_equal(read(path).stored, pixels)


def test_twelve_packed_bits_are_unpacked_low_byte_first(make_dicom: MakeDicom) -> None:
    # 0xABC and 0xDEF take the three bytes BC FA DE.
    path = make_dicom(
        "a.dcm", np.zeros((1, 2), np.uint16), encoded=b"\xbc\xfa\xde\0", BitsAllocated=12, BitsStored=12, HighBit=11
    )

    assert read(path).stored.tolist() == [[0xABC, 0xDEF]]


def test_big_endian_values_come_in_native_order(make_dicom: MakeDicom, tmp_path: Path) -> None:
    path = tmp_path / "big.dcm"
    path.write_bytes(big_endian_file(np.array([[1, 258, -2]], np.int16)))

    frame = read(path)

    assert frame.big_endian
    assert frame.stored.tolist() == [[1, 258, -2]]


def big_endian_file(pixels: np.ndarray) -> bytes:
    def element(group: int, number: int, vr: bytes, value: bytes, order: str = ">") -> bytes:
        if vr == b"OW":
            return struct.pack(f"{order}HH2sHL", group, number, vr, 0, len(value)) + value
        return struct.pack(f"{order}HH2sH", group, number, vr, len(value)) + value

    meta = element(2, 0x10, b"UI", b"1.2.840.10008.1.2.2\0", "<")
    words = {0x02: 1, 0x10: pixels.shape[0], 0x11: pixels.shape[1], 0x100: 16, 0x101: 16, 0x102: 15, 0x103: 1}
    body = element(8, 0x16, b"UI", b"1.2.840.10008.5.1.4.1.1.2\0")
    for number, value in words.items():
        body += element(0x28, number, b"US", struct.pack(">H", value))
        if number == 0x02:
            body += element(0x28, 0x04, b"CS", b"MONOCHROME2 ")
    body += element(0x7FE0, 0x10, b"OW", pixels.astype(">i2").tobytes())
    return b"\0" * 128 + b"DICM" + meta + body


def test_a_cut_file_shows_its_rows_and_says_so(make_dicom: MakeDicom) -> None:
    pixels = np.arange(1, 41, dtype=np.uint16).reshape(8, 5)
    path = make_dicom("a.dcm", pixels)
    path.write_bytes(path.read_bytes()[: -3 * 10 - 4])  # three rows and a bit

    frame = read(path)

    assert "4 of 8 rows" in frame.facts.banner
    assert np.array_equal(frame.stored[:4], pixels[:4])
    assert not frame.stored[5:].any()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"BitsStored": 17}, "17 of 16 bits"),
        ({"Rows": 0}, "0 rows"),
        ({"PhotometricInterpretation": "FUNNY"}, "FUNNY"),
        ({"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB", "PlanarConfiguration": 0}, "holds one"),
        ({"BitsAllocated": 13, "BitsStored": 13, "HighBit": 12}, "13 bits"),
        ({"Rows": 65535, "Columns": 65535}, "not read"),
    ],
)
def test_what_cannot_be_shown_is_refused_by_name(make_dicom: MakeDicom, changes: dict[str, object], words: str) -> None:
    path = make_dicom("a.dcm", np.ones((4, 4), np.uint16), **changes)

    with pytest.raises((BadFile, UnsupportedFile), match=words) as caught:
        read(path)

    assert "a.dcm" in str(caught.value)


def test_a_missing_bits_allocated_is_one_sentence(make_dicom: MakeDicom) -> None:
    with pytest.raises(BadFile, match="Bits Allocated"):
        read(make_dicom("a.dcm", np.ones((4, 4), np.uint16), remove=("BitsAllocated",)))


def test_a_deflated_data_set_is_read(make_dicom: MakeDicom) -> None:
    pixels = RNG.integers(0, 4096, (9, 9), dtype=np.uint16)

    assert np.array_equal(read(make_dicom("a.dcm", pixels, syntax="1.2.840.10008.1.2.1.99")).stored, pixels)


def test_the_same_file_reads_the_same_a_hundred_times(make_dicom: MakeDicom) -> None:
    path = make_dicom(
        "a.dcm", RNG.integers(-1000, 1000, (5, 5), dtype=np.int16), RescaleSlope="7", RescaleIntercept="1"
    )

    first = read(path)

    for _ in range(100):
        again = read(path)
        assert np.array_equal(again.stored, first.stored)
        assert again.facts.rescale_slope == 7


@pytest.mark.parametrize("signed", [False, True])
def test_values_that_do_not_fit_in_bits_stored_are_said(make_dicom: MakeDicom, signed: bool) -> None:
    """PS3.5 8.1.1: what stands above High Bit does not count; 4123 is then 27, which is not passed in silence."""
    values = np.array([[5, 4123, 700, 2000]], np.int16 if signed else np.uint16)

    frame = read(make_dicom("a.dcm", values, BitsStored=12, HighBit=11))

    assert frame.stored.tolist() == [[5, 27, 700, 2000]]
    assert "more than the 12 bits" in frame.facts.banner


@pytest.mark.parametrize("above", [0x0000, 0xF000, 0x5000])
def test_the_same_above_every_value_and_a_sign_are_not_said(make_dicom: MakeDicom, above: int) -> None:
    values = np.array([[5, 27, 700, 4000]], np.uint16)
    negative = np.array([[-2048, -1, 0, 2047]], np.int16)
    both = np.array([[-2048, -1, 4095, 2047]], np.int16)  # one of the two -1 without its sign above; known from files

    plain = read(make_dicom("a.dcm", values | np.uint16(above), BitsStored=12, HighBit=11))
    signed = read(make_dicom("b.dcm", negative, BitsStored=12, HighBit=11))
    mixed = read(make_dicom("c.dcm", both, BitsStored=12, HighBit=11))

    assert (plain.stored.tolist(), plain.facts.banner) == (values.tolist(), "")
    assert (signed.stored.tolist(), signed.facts.banner) == (negative.tolist(), "")
    assert (mixed.stored.tolist(), mixed.facts.banner) == ([[-2048, -1, -1, 2047]], "")
