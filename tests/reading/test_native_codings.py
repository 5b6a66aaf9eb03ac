"""Every way in which an uncompressed value can lie in its word, against integer arithmetic."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from viewer.core.errors import UnsupportedFile
from viewer.reading.frame import Frame
from viewer.reading.frames import read_frame
from viewer.reading.series import FrameRef

MakeDicom = Callable[..., Path]
IMPLICIT, EXPLICIT, BIG = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"
DEFLATED = "1.2.840.10008.1.2.1.99"
NOISE = 0xA5C3_5A3C_A5C3_5A3C

# (Bits Allocated, Bits Stored, High Bit)
LAYOUTS = [
    (8, 8, 7), (8, 7, 6), (8, 4, 7), (8, 1, 0),
    (16, 16, 15), (16, 15, 14), (16, 14, 13), (16, 12, 11), (16, 12, 15), (16, 12, 13), (16, 10, 9), (16, 8, 7),
    (24, 24, 23), (24, 20, 19), (32, 32, 31), (32, 24, 23), (32, 20, 31), (64, 64, 63), (64, 40, 39),
]  # fmt: skip


def values_of(bits: int, *, signed: bool, shape: tuple[int, ...] = (5, 7)) -> np.ndarray:
    """Whole-range values of `bits` bits, both ends among them, in `shape`."""
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    dtype = np.int64 if signed else np.uint64
    values = np.random.default_rng(bits).integers(low, high, shape, dtype=dtype, endpoint=True)
    values.flat[:2] = low, high
    return values


def words_of(values: np.ndarray, *, bits: int, high_bit: int, allocated: int, noise: int = 0) -> list[int]:
    """One unsigned word per value: its two's complement below High Bit, `noise` in the bits that do not count."""
    shift = high_bit + 1 - bits
    mask = ((1 << bits) - 1) << shift
    full = (1 << allocated) - 1
    return [((int(value) & ((1 << bits) - 1)) << shift) | (noise & full & ~mask) for value in values.reshape(-1)]


def bytes_of(words: list[int], *, allocated: int, big_endian: bool = False) -> bytes:
    """Whole-byte words in file order."""
    order = "big" if big_endian else "little"
    data = b"".join(word.to_bytes(allocated // 8, order) for word in words)
    return data + b"\0" * (len(data) % 2)


def packed_of(words: list[int], *, allocated: int) -> bytes:
    """Words without gaps, the first in the lowest bits."""
    whole = sum(word << (allocated * place) for place, word in enumerate(words))
    size = (allocated * len(words) + 7) // 8
    return whole.to_bytes(size + size % 2, "little")


def read(path: Path, frame: int = 0) -> Frame:
    return read_frame(FrameRef(path=path, frame_index=frame))


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT, BIG, DEFLATED])
@pytest.mark.parametrize(("allocated", "bits", "high_bit"), LAYOUTS)
def test_a_value_is_what_lies_below_high_bit_and_nothing_else(
    make_dicom: MakeDicom, allocated: int, bits: int, high_bit: int, syntax: str, signed: bool
) -> None:
    values = values_of(bits, signed=signed, shape=(2, 5, 6))
    words = words_of(values, bits=bits, high_bit=high_bit, allocated=allocated, noise=NOISE)

    path = make_dicom(
        "a.dcm",
        np.zeros((5, 6), np.uint8),
        syntax=syntax,
        encoded=bytes_of(words, allocated=allocated, big_endian=syntax == BIG),
        NumberOfFrames=2,
        BitsAllocated=allocated,
        BitsStored=bits,
        HighBit=high_bit,
        PixelRepresentation=int(signed),
    )

    frame = read(path, 1)
    assert frame.stored.tolist() == values[1].tolist()
    assert frame.stored.dtype.kind == ("i" if signed else "u")
    assert frame.facts.banner == ""


@pytest.mark.parametrize("allocated", [1, 12])
def test_packed_frames_begin_inside_a_byte(make_dicom: MakeDicom, allocated: int) -> None:
    values = values_of(allocated, signed=False, shape=(3, 5, 7))
    words = words_of(values, bits=allocated, high_bit=allocated - 1, allocated=allocated)

    path = make_dicom(
        "a.dcm",
        np.zeros((5, 7), np.uint8),
        encoded=packed_of(words, allocated=allocated),
        NumberOfFrames=3,
        BitsAllocated=allocated,
        BitsStored=allocated,
        HighBit=allocated - 1,
    )

    for index in range(3):
        assert read(path, index).stored.tolist() == values[index].tolist()


def test_signed_packed_12_bit_values_are_extended(make_dicom: MakeDicom) -> None:
    values = values_of(12, signed=True)
    words = words_of(values, bits=12, high_bit=11, allocated=12)

    path = make_dicom(
        "a.dcm",
        np.zeros((5, 7), np.int8),
        encoded=packed_of(words, allocated=12),
        BitsAllocated=12,
        BitsStored=12,
        HighBit=11,
    )

    assert read(path).stored.tolist() == values.tolist()


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT, BIG])
@pytest.mark.parametrize(("keyword", "dtype"), [("FloatPixelData", "f4"), ("DoubleFloatPixelData", "f8")])
def test_floats_keep_their_values_and_what_is_no_number(
    make_dicom: MakeDicom, keyword: str, dtype: str, syntax: str
) -> None:
    values = np.random.default_rng(1).normal(size=(2, 3, 4)).astype(dtype)
    values[1, 0, :3] = np.nan, np.inf, -np.inf
    order = ">" if syntax == BIG else "<"

    path = make_dicom(
        "a.dcm",
        np.zeros((3, 4), np.uint16),
        syntax=syntax,
        remove=("PixelData", "BitsStored", "HighBit", "PixelRepresentation"),
        NumberOfFrames=2,
        BitsAllocated=8 * values.dtype.itemsize,
        **{keyword: values.astype(order + dtype).tobytes()},
    )

    frame = read(path, 1)
    assert frame.stored.dtype == values.dtype
    assert np.array_equal(frame.stored, values[1], equal_nan=True)


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT, BIG])
@pytest.mark.parametrize("planar", [0, 1])
@pytest.mark.parametrize(("allocated", "bits"), [(8, 8), (16, 16), (16, 12)])
def test_both_planar_configurations_give_the_same_colours(
    make_dicom: MakeDicom, allocated: int, bits: int, planar: int, syntax: str
) -> None:
    values = values_of(bits, signed=False, shape=(2, 4, 6, 3))
    ordered = values.transpose(0, 3, 1, 2) if planar else values
    words = words_of(np.ascontiguousarray(ordered), bits=bits, high_bit=bits - 1, allocated=allocated)

    path = make_dicom(
        "a.dcm",
        np.zeros((4, 6, 3), np.uint8),
        syntax=syntax,
        encoded=bytes_of(words, allocated=allocated, big_endian=syntax == BIG),
        NumberOfFrames=2,
        BitsAllocated=allocated,
        BitsStored=bits,
        HighBit=bits - 1,
        PlanarConfiguration=planar,
    )

    assert read(path, 1).stored.tolist() == values[1].tolist()


def test_colours_have_no_sign_whatever_the_header_says(make_dicom: MakeDicom) -> None:
    values = values_of(8, signed=False, shape=(4, 4, 3)).astype(np.uint8)

    frame = read(make_dicom("a.dcm", values, PixelRepresentation=1))

    assert frame.stored.tolist() == values.tolist()
    assert not frame.facts.signed


def test_eight_bit_pixels_in_big_endian_words_are_put_in_order(make_dicom: MakeDicom) -> None:
    values = values_of(8, signed=False, shape=(3, 3, 3)).astype(np.uint8)  # an odd number of bytes a frame
    raw = np.frombuffer(values.tobytes() + b"\0", ">u2").astype("<u2").tobytes()
    path = make_dicom("a.dcm", values[0], syntax=BIG, NumberOfFrames=3, PixelData=raw)

    import pydicom

    dataset = pydicom.dcmread(path)
    dataset["PixelData"].VR = "OW"
    dataset.save_as(path)

    for index in range(3):
        assert read(path, index).stored.tolist() == values[index].tolist()


def test_colour_by_plane_that_is_cut_shows_no_row_whose_last_colour_is_missing(make_dicom: MakeDicom) -> None:
    values = values_of(8, signed=False, shape=(6, 4, 3)).astype(np.uint8)
    planes = np.ascontiguousarray(values.transpose(2, 0, 1)).tobytes()
    path = make_dicom("a.dcm", values, encoded=planes, PlanarConfiguration=1)
    path.write_bytes(path.read_bytes()[:-6])  # a row and a half of blue

    frame = read(path)

    assert "4 of 6 rows" in frame.facts.banner
    assert frame.stored[:4].tolist() == values[:4].tolist()
    assert not frame.stored[4:].any()


def test_colour_with_deeper_chroma_is_centred_on_half_of_its_range(make_dicom: MakeDicom) -> None:
    # White, black and a grey in 12 bits: Y alone counts when both chromas stand at 2048 (PS3.3 C.7.6.3.1.2).
    ybr = np.array([[[4095, 2048, 2048], [0, 2048, 2048], [1000, 2048, 2048]]], np.uint16)

    path = make_dicom("a.dcm", ybr, BitsStored=12, HighBit=11, PhotometricInterpretation="YBR_FULL")

    assert read(path).stored.tolist() == [[[4095] * 3, [0] * 3, [1000] * 3]]


@pytest.mark.parametrize("photometric", ["YBR_RCT", "YBR_ICT"])
def test_a_word_of_jpeg_2000_left_on_uncompressed_pixels_is_said(make_dicom: MakeDicom, photometric: str) -> None:
    values = values_of(8, signed=False, shape=(4, 4, 3)).astype(np.uint8)

    frame = read(make_dicom("a.dcm", values, PhotometricInterpretation=photometric))

    assert frame.stored.tolist() == values.tolist()
    assert photometric in frame.facts.banner


@pytest.mark.parametrize("photometric", ["YBR_PARTIAL_420", "XYB"])
def test_colours_that_only_a_codec_knows_are_refused_uncompressed(make_dicom: MakeDicom, photometric: str) -> None:
    path = make_dicom("a.dcm", np.zeros((4, 4, 3), np.uint8), PhotometricInterpretation=photometric)

    with pytest.raises(UnsupportedFile, match=rf"a\.dcm is {photometric}"):
        read(path)
