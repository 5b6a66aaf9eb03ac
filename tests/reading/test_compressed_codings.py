"""Every depth and sign through every codec, coded by encoders that are not ours."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import jpeg_ls
import numpy as np
import pydicom
import pytest
from pydicom.encaps import encapsulate

from tests.reading.made_jpegs import lossless_jpeg
from viewer.core.errors import UnsupportedFile
from viewer.core.windowing import default_voi, display_table
from viewer.reading.frame import Frame
from viewer.reading.frames import read_frame
from viewer.reading.series import FrameRef

MakeDicom = Callable[..., Path]
BASE = "1.2.840.10008.1.2."
ROWS, COLS = 12, 15


def values_of(bits: int, *, signed: bool) -> np.ndarray:
    """(row, col) int64 of the whole range, both ends among them."""
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    values = np.random.default_rng(bits).integers(low, high, (ROWS, COLS), dtype=np.int64, endpoint=True)
    values.flat[:2] = low, high
    return values


def words(values: np.ndarray, bits: int, allocated: int) -> np.ndarray:
    """Two's complement in the low bits, as a codec without a sign sees it."""
    return (values & ((1 << bits) - 1)).astype(f"u{allocated // 8}")


def rle(pixels: np.ndarray) -> bytes:
    """RLE Lossless of (row, col), one segment per byte from the highest down (PS3.5 G)."""
    raw = pixels.astype(pixels.dtype.newbyteorder(">")).tobytes()
    size = pixels.dtype.itemsize
    segments = [imagecodecs.packbits_encode(raw[byte::size]) for byte in range(size)]
    segments = [segment + b"\0" * (len(segment) % 2) for segment in segments]
    starts = np.cumsum([64, *(len(s) for s in segments[:-1])]).tolist()
    return struct.pack("<16L", size, *starts, *[0] * (15 - size)) + b"".join(segments)


def deflated(pixels: np.ndarray) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(pixels.tobytes()) + packer.flush()


def jpeg_2000(pixels: np.ndarray, bits: int, **more: object) -> bytes:
    return bytes(
        imagecodecs.jpeg2k_encode(pixels, codecformat="j2k", level=0, reversible=True, bitspersample=bits, **more)
    )


def jpeg_lossless(pixels: np.ndarray, bits: int, predictor: int = 1) -> bytes:
    return bytes(imagecodecs.jpeg8_encode(pixels, lossless=True, bitspersample=bits, predictor=predictor))


# Syntax -> (encoder of unsigned words and their bits, the depths it is asked for)
CODECS: dict[str, tuple[Callable[[np.ndarray, int], bytes], tuple[int, ...]]] = {
    "5": (lambda a, _: rle(a), (8, 10, 12, 16, 20, 32)),
    "8.1": (lambda a, _: deflated(a), (8, 12, 16, 32)),
    "1.98": (lambda a, _: a.tobytes(), (8, 12, 16, 32)),
    "4.57": (jpeg_lossless, (2, 7, 8, 10, 12, 14, 15, 16)),
    "4.70": (lambda a, bits: bytes(imagecodecs.ljpeg_encode(a, bitspersample=bits)), (9, 10, 12, 14, 16)),
    "4.80": (lambda a, bits: bytes(jpeg_ls.encode_buffer(a.tobytes(), ROWS, COLS, 1, bits)), (2, 7, 8, 10, 12, 15, 16)),
    "4.90": (jpeg_2000, (1, 7, 8, 10, 12, 13, 15, 16, 20, 24)),
    "4.201": (lambda a, _: bytes(imagecodecs.htj2k_encode(a)), (8, 12, 16, 24, 32)),
    "4.110": (lambda a, bits: bytes(imagecodecs.jpegxl_encode(a, lossless=True, bitspersample=bits)), (8, 10, 12, 16)),
}
CASES = [(syntax, bits) for syntax, (_, depths) in CODECS.items() for bits in depths]


def read(path: Path, frame: int = 0) -> Frame:
    return read_frame(FrameRef(path=path, frame_index=frame))


def write(make_dicom: MakeDicom, syntax: str, data: bytes, bits: int, *, signed: bool, **more: object) -> Path:
    allocated = next(size for size in (8, 16, 32) if size >= bits)
    attributes = {
        "BitsAllocated": allocated,
        "BitsStored": bits,
        "HighBit": bits - 1,
        "PixelRepresentation": int(signed),
        **more,
    }
    pixels = np.zeros((ROWS, COLS), np.uint8)
    return make_dicom("a.dcm", pixels, syntax=BASE + syntax, encoded=encapsulate([data]), **attributes)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize(("syntax", "bits"), CASES)
def test_every_depth_and_sign_comes_back(make_dicom: MakeDicom, syntax: str, bits: int, signed: bool) -> None:
    values = values_of(bits, signed=signed)
    allocated = next(size for size in (8, 16, 32) if size >= bits)
    data = CODECS[syntax][0](words(values, bits, allocated), bits)

    frame = read(write(make_dicom, syntax, data, bits, signed=signed))

    assert frame.stored.tolist() == values.tolist()
    assert frame.stored.dtype.kind == ("i" if signed else "u")
    assert frame.facts.banner == ""


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize(("syntax", "encode"), [("5", rle), ("8.1", deflated), ("1.98", lambda a: a.tobytes())])
def test_codecs_of_whole_words_keep_high_bit_and_drop_what_lies_above(
    make_dicom: MakeDicom, syntax: str, encode: Callable[[np.ndarray], bytes], signed: bool
) -> None:
    values = values_of(12, signed=signed)
    coded = (words(values, 12, 16) << 2) | np.uint16(0xC003)

    path = write(make_dicom, syntax, encode(coded), 12, signed=signed, HighBit=13)

    assert read(path).stored.tolist() == values.tolist()


@pytest.mark.parametrize("predictor", range(1, 8))
def test_jpeg_lossless_with_every_predictor(make_dicom: MakeDicom, predictor: int) -> None:
    values = values_of(12, signed=False)
    data = jpeg_lossless(words(values, 12, 16), 12, predictor)

    assert read(write(make_dicom, "4.57", data, 12, signed=False)).stored.tolist() == values.tolist()


@pytest.mark.parametrize("bits", [8, 12, 13, 16])
@pytest.mark.parametrize("stream_signed", [False, True])
@pytest.mark.parametrize("header_signed", [False, True])
def test_the_header_gives_the_sign_whatever_a_jpeg_2000_stream_says(
    make_dicom: MakeDicom, bits: int, stream_signed: bool, header_signed: bool
) -> None:
    values = values_of(bits, signed=header_signed)
    allocated = 8 if bits == 8 else 16
    coded = words(values, bits, allocated)
    if stream_signed:  # the same bits, read with a sign
        wide = coded.astype(np.int64)
        coded = np.where(wide >= 1 << (bits - 1), wide - (1 << bits), wide).astype(f"i{allocated // 8}")

    frame = read(write(make_dicom, "4.90", jpeg_2000(coded, bits), bits, signed=header_signed))

    assert frame.stored.tolist() == values.tolist()


def test_jpeg_extended_with_12_bits_is_near_what_was_encoded(make_dicom: MakeDicom) -> None:
    y, x = np.mgrid[0:ROWS, 0:COLS]
    pixels = (2000 + 1500 * np.sin(x / 6) * np.cos(y / 5)).astype(np.uint16)
    data = bytes(imagecodecs.jpeg8_encode(pixels, bitspersample=12, level=98))

    frame = read(write(make_dicom, "4.51", data, 12, signed=False))

    assert np.abs(frame.stored.astype(int) - pixels).max() <= 3 * 16  # 3 levels of 8 bits


def test_near_lossless_jpeg_ls_is_as_near_as_it_was_asked_for(make_dicom: MakeDicom) -> None:
    values = values_of(12, signed=False)
    data = bytes(jpeg_ls.encode_buffer(words(values, 12, 16).tobytes(), ROWS, COLS, 1, 12, lossy_error=3))

    frame = read(write(make_dicom, "4.81", data, 12, signed=False))

    assert np.abs(frame.stored.astype(np.int64) - values).max() <= 3
    assert frame.facts.lossy


def test_one_bit_rle_is_one_packed_segment(make_dicom: MakeDicom) -> None:
    values = values_of(1, signed=False).astype(np.uint8)
    packed = imagecodecs.packbits_encode(np.packbits(values.reshape(-1), bitorder="little").tobytes())
    data = struct.pack("<16L", 1, 64, *[0] * 14) + packed

    path = write(make_dicom, "5", data, 1, signed=False, BitsAllocated=1)

    assert read(path).stored.tolist() == values.tolist()


def test_values_over_24_bits_in_jpeg_2000_are_said_to_be_uncertain(make_dicom: MakeDicom) -> None:
    # OpenJPEG's own encoder and decoder do not agree on noise of more bits than that.
    data = jpeg_2000(values_of(26, signed=False).astype(np.uint32), 26)

    assert "26-bit values may be off" in read(write(make_dicom, "4.90", data, 26, signed=False)).facts.banner


# Encoders that are told the depth of the stream, which is more than the header's Bits Stored.
DEEPER = {name: CODECS[name][0] for name in ("5", "8.1", "1.98", "4.57", "4.80", "4.90", "4.201", "4.110")}


@pytest.mark.parametrize("largest", [4096, 4123, 65535])
@pytest.mark.parametrize("syntax", DEEPER)
def test_values_that_do_not_fit_in_bits_stored_are_shown_whole_and_said(
    make_dicom: MakeDicom, syntax: str, largest: int
) -> None:
    """Dropping the bits above would show 4123 as 27."""
    values = values_of(12, signed=False).astype(np.uint16)
    values[3, 4] = largest

    frame = read(write(make_dicom, syntax, DEEPER[syntax](values, 16), 12, signed=False))

    assert frame.stored.tolist() == values.tolist()
    assert "do not fit in Bits Stored, 12" in frame.facts.banner
    assert frame.facts.bits_stored == 16


@pytest.mark.parametrize("syntax", DEEPER)
def test_a_deeper_stream_whose_values_fit_is_no_doubt(make_dicom: MakeDicom, syntax: str) -> None:
    values = values_of(12, signed=False).astype(np.uint16)

    frame = read(write(make_dicom, syntax, DEEPER[syntax](values, 16), 12, signed=False))

    assert frame.stored.tolist() == values.tolist()
    assert (frame.facts.banner, frame.facts.bits_stored) == ("", 12)


@pytest.mark.parametrize("syntax", DEEPER)
@pytest.mark.parametrize("extended", [False, True])
def test_negative_values_in_a_deeper_stream_stand_in_12_or_in_16_bits(
    make_dicom: MakeDicom, syntax: str, extended: bool
) -> None:
    values = values_of(12, signed=True)
    coded = words(values, 16 if extended else 12, 16)

    frame = read(write(make_dicom, syntax, DEEPER[syntax](coded, 16), 12, signed=True))

    assert frame.stored.tolist() == values.tolist()
    assert frame.facts.banner == ""


@pytest.mark.parametrize("syntax", DEEPER)
@pytest.mark.parametrize("odd", [2048, 4123, -2049, -30000])
def test_signed_values_that_do_not_fit_are_shown_whole_and_said(make_dicom: MakeDicom, syntax: str, odd: int) -> None:
    values = values_of(12, signed=True)
    values[3, 4] = odd

    frame = read(write(make_dicom, syntax, DEEPER[syntax](words(values, 16, 16), 16), 12, signed=True))

    assert frame.stored.tolist() == values.tolist()
    assert "do not fit in Bits Stored, 12" in frame.facts.banner


@pytest.mark.parametrize("syntax", ["5", "4.57"])
@pytest.mark.parametrize("rubbish", [0xF000, 0x5000])
def test_the_same_above_every_value_is_no_part_of_it_and_said(make_dicom: MakeDicom, syntax: str, rubbish: int) -> None:
    """Codecs of whole words: PS3.5 8.1.1 leaves open what stands in bits that are not used."""
    values = values_of(12, signed=False).astype(np.uint16)

    frame = read(write(make_dicom, syntax, DEEPER[syntax](values | np.uint16(rubbish), 16), 12, signed=False))

    assert frame.stored.tolist() == values.tolist()
    assert "Above Bits Stored every pixel holds the same" in frame.facts.banner


@pytest.mark.parametrize("syntax", DEEPER)
def test_negative_values_only_are_their_sign_above_bits_stored(make_dicom: MakeDicom, syntax: str) -> None:
    values = -1 - values_of(11, signed=False)

    frame = read(write(make_dicom, syntax, DEEPER[syntax](words(values, 16, 16), 16), 12, signed=True))

    assert frame.stored.tolist() == values.tolist()
    assert frame.facts.banner == ""


@pytest.mark.parametrize("odd", [2048, 4123, -2049])
def test_a_signed_jpeg_2000_stream_of_more_bits_is_shown_whole(make_dicom: MakeDicom, odd: int) -> None:
    values = values_of(12, signed=True).astype(np.int16)
    values[3, 4] = odd

    frame = read(write(make_dicom, "4.90", jpeg_2000(values, 16), 12, signed=True))

    assert frame.stored.tolist() == values.tolist()
    assert "do not fit in Bits Stored, 12" in frame.facts.banner


def test_negative_values_of_a_stream_under_a_header_without_sign_stay_negative(make_dicom: MakeDicom) -> None:
    values = values_of(12, signed=True).astype(np.int16)

    frame = read(write(make_dicom, "4.90", jpeg_2000(values, 16), 12, signed=False))

    assert frame.stored.tolist() == values.tolist()
    assert "do not fit in Bits Stored, 12" in frame.facts.banner
    assert frame.facts.signed


def test_overlays_above_the_values_of_a_compressed_image_are_no_part_of_them(make_dicom: MakeDicom) -> None:
    """Retired, PS3.5-2004 8.1.2: a bit of each word is an overlay plane."""
    values = values_of(12, signed=False).astype(np.uint16)
    plane = (np.arange(values.size).reshape(values.shape) % 3 == 0).astype(np.uint16)

    def with_overlay(path: Path) -> Path:
        dataset = pydicom.dcmread(path)
        for tag, vr, value in (
            (0x60000010, "US", ROWS), (0x60000011, "US", COLS), (0x60000040, "CS", "G"), (0x60000050, "SS", [1, 1]),
            (0x60000100, "US", 16), (0x60000102, "US", 12),
        ):  # fmt: skip
            dataset.add_new(tag, vr, value)
        dataset.save_as(path)
        return path

    for syntax in ("5", "4.57", "4.90"):
        path = with_overlay(write(make_dicom, syntax, DEEPER[syntax](values | plane << 12, 16), 12, signed=False))
        frame = read(path)
        assert frame.stored.tolist() == values.tolist(), syntax
        assert frame.facts.banner == ""
        assert frame.facts.overlay_planes[0].bits.tolist() == plane.astype(bool).tolist()


@pytest.mark.parametrize("syntax", ["4.57", "4.80", "4.90"])
def test_a_stream_of_more_bits_than_the_headers_words_is_shown_whole_and_said(
    make_dicom: MakeDicom, syntax: str
) -> None:
    values = values_of(12, signed=False)
    data = CODECS[syntax][0](words(values, 12, 16), 12)

    frame = read(write(make_dicom, syntax, data, 8, signed=False))

    assert frame.stored.tolist() == values.tolist()
    assert "header says 8 bits, the compressed image has 12" in frame.facts.banner
    assert frame.facts.bits_stored == 12


COLOURS = np.stack([np.arange(ROWS * COLS).reshape(ROWS, COLS) * n % 4096 for n in (17, 23, 31)], axis=2)


@pytest.mark.parametrize("bits", [8, 12])
@pytest.mark.parametrize("syntax", ["4.57", "4.80", "4.90"])
def test_colours_of_fewer_bits_than_the_header_says_are_as_bright_as_they_were(
    make_dicom: MakeDicom, syntax: str, bits: int
) -> None:
    """16 bits would make a 12-bit image black."""
    values = (COLOURS >> (12 - bits)).astype(np.uint8 if bits == 8 else np.uint16)
    encode = {
        "4.57": lambda: lossless_jpeg(values, bits),
        "4.80": lambda: bytes(jpeg_ls.encode_buffer(values.tobytes(), ROWS, COLS, 3, bits, interleave_mode=2)),
        "4.90": lambda: jpeg_2000(values, bits, mct=False),
    }[syntax]
    size = {"BitsAllocated": 16, "BitsStored": 16, "HighBit": 15}
    encoded = encapsulate([encode()])
    path = make_dicom("a.dcm", np.zeros((ROWS, COLS, 3), np.uint16), syntax=BASE + syntax, encoded=encoded, **size)

    frame = read(path)
    shown = display_table(frame.facts, default_voi(frame.stored, frame.facts), invert=False).apply(frame.stored)

    assert np.array_equal(frame.stored, values)
    assert f"the compressed image has {bits}" in frame.facts.banner
    assert np.abs(shown.astype(float) - COLOURS / 4095 * 255).max() <= 1.1


def test_ybr_of_fewer_bits_than_the_header_says_is_converted_at_its_own(make_dicom: MakeDicom) -> None:
    ybr = np.full((ROWS, COLS, 3), (76, 85, 255), np.uint8)  # pure red (ITU-T T.871 section 7)
    size = {"BitsAllocated": 16, "BitsStored": 16, "HighBit": 15, "PhotometricInterpretation": "YBR_FULL"}
    encoded = encapsulate([lossless_jpeg(ybr, 8)])

    frame = read(make_dicom("a.dcm", ybr.astype(np.uint16), syntax=BASE + "4.57", encoded=encoded, **size))

    assert np.abs(frame.stored.astype(int) - (254, 0, 0)).max() <= 2


def test_floating_point_colours_are_refused_by_name(make_dicom: MakeDicom) -> None:
    path = make_dicom("a.dcm", np.zeros((ROWS, COLS, 3), np.uint8), BitsAllocated=32, BitsStored=32, HighBit=31)
    dataset = pydicom.dcmread(path)
    del dataset.PixelData
    dataset.FloatPixelData = np.ones((ROWS, COLS, 3), np.float32).tobytes()
    dataset.save_as(path)

    with pytest.raises(UnsupportedFile, match=r"a\.dcm has floating point colours"):
        read(path)
