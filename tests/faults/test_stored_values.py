"""Faults 24 to 30: sign and unused bits of stored values. Expected values are the numbers the test put in."""

import struct
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from viewer.core.compose import compose, native_view
from viewer.core.errors import AppError
from viewer.core.pixels import VoiFunction, Window
from viewer.core.readout import read_out
from viewer.core.windowing import default_voi, display_table
from viewer.reading.frame import Frame
from viewer.reading.frames import read_frame
from viewer.reading.series import FrameRef

WriteDicom = Callable[..., Path]
RLE, JPEG_LOSSLESS, JPEG_LS, JPEG_2000 = (f"1.2.840.10008.1.2.{end}" for end in ("5", "4.70", "4.80", "4.90"))


def rle(words: np.ndarray) -> bytes:
    """PS3.5 annex G by hand: one segment per byte, high byte first, literal runs only."""
    segments = []
    for shift in range(8 * (words.dtype.itemsize - 1), -1, -8):
        plain = ((words.ravel() >> shift) & 0xFF).astype(np.uint8).tobytes()
        runs = [plain[start : start + 128] for start in range(0, len(plain), 128)]
        segment = b"".join(bytes([len(run) - 1]) + run for run in runs)
        segments.append(segment + b"\0" * (len(segment) % 2))
    offsets = [64 + sum(map(len, segments[:number])) for number in range(len(segments))]
    return struct.pack("<16L", len(segments), *offsets, *[0] * (15 - len(segments))) + b"".join(segments)


def coded(words: np.ndarray, syntax: str, *, bits: int) -> tuple[bytes, ...]:
    """The code stream of unsigned words; () for a native file. bits: precision that the stream declares."""
    if syntax == RLE:
        return (rle(words),)
    if syntax == JPEG_LOSSLESS:
        return (imagecodecs.ljpeg_encode(words, bitspersample=bits),)
    if syntax == JPEG_LS:
        return (imagecodecs.jpegls_encode(words),)
    if syntax == JPEG_2000:
        return (j2k(words, bits=bits),)
    return ()


def j2k(values: np.ndarray, *, bits: int) -> bytes:
    """A reversible JPEG 2000 code stream, signed when the values' dtype is. Colour without a component transform."""
    stream = imagecodecs.jpeg2k_encode(
        values, codecformat="J2K", reversible=True, level=0, bitspersample=bits, mct=False
    )
    depth = stream[stream.find(b"\xff\x4f\xff\x51") + 42]
    assert (depth & 0x7F) + 1 == bits and bool(depth & 0x80) == (values.dtype.kind == "i")
    return bytes(stream)


def read(path: Path) -> Frame:
    return read_frame(FrameRef(path=path))


def shown(frame: Frame, window: Window | None = None) -> np.ndarray:
    """(row, col, 3) uint8 of the screen, through the file's own window or the one given."""
    view, transform = native_view(frame.stored, frame.facts)
    table = display_table(frame.facts, window or default_voi(frame.stored, frame.facts), invert=False)
    return compose(view, table, (), None, transform).rgb


SIGNED_12 = np.array([[-2048, -1000, -1, 0], [1, 999, 2046, 2047]])


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", RLE, JPEG_LOSSLESS, JPEG_LS])
def test_signed_12_bit_is_not_washed_out(write_dicom: WriteDicom, syntax: str) -> None:
    """Row 24: 12-bit two's complement has its sign in bit 11, so −1 is stored as 0FFF (PS3.5 8.1.1)."""
    words = (SIGNED_12 & 0xFFF).astype(np.uint16)
    path = write_dicom(
        words, syntax=syntax, coded=coded(words, syntax, bits=12), BitsStored=12, HighBit=11, PixelRepresentation=1,
        WindowCenter="0", WindowWidth="4096",
    )  # fmt: skip

    frame = read(path)

    assert frame.stored.tolist() == SIGNED_12.tolist()
    under = read_out(frame.stored, frame.facts, 2.5, 0.5)
    assert under is not None and under.value == -1
    # PS3.3 C.11.2.1.2.1: y = ((x - (c - 0.5)) / (w - 1) + 0.5) * 255; washed out, −2048 would be mid grey.
    expected = np.floor(np.clip((SIGNED_12 + 0.5) / 4095 + 0.5, 0, 1) * 255 + 0.5)
    assert np.array_equal(shown(frame)[:, :, 0], expected)


VALUES_12 = np.array([[0, 1, 2047, 2048], [4095, 1234, 77, 3000]])


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize(("high_bit", "rubbish"), [(11, 0xF000), (11, 0x5000), (15, 0x000F), (13, 0xC003)])
@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", RLE, JPEG_LOSSLESS])
def test_unused_high_bits_do_not_count(
    write_dicom: WriteDicom, syntax: str, high_bit: int, rubbish: int, signed: bool
) -> None:
    """Row 25: only Bits Stored bits below High Bit are the value; the others may hold anything (PS3.5 8.1.1)."""
    words = ((VALUES_12 << (high_bit - 11)) | rubbish).astype(np.uint16)
    path = write_dicom(
        words, syntax=syntax, coded=coded(words, syntax, bits=16), BitsStored=12, HighBit=high_bit,
        PixelRepresentation=int(signed),
    )  # fmt: skip

    expected = np.where(signed & (VALUES_12 > 2047), VALUES_12 - 4096, VALUES_12)

    assert read(path).stored.tolist() == expected.tolist()


def test_unused_high_bits_of_an_embedded_overlay_do_not_count(write_dicom: WriteDicom) -> None:
    """Row 25: an overlay of a retired kind lies in bit 12 of the pixels themselves (PS3.5 8.1.2)."""
    words = (VALUES_12 | np.array([[0x1000, 0, 0x1000, 0], [0, 0x1000, 0, 0x1000]])).astype(np.uint16)
    path = write_dicom(words, BitsStored=12, HighBit=11)

    assert read(path).stored.tolist() == VALUES_12.tolist()


@pytest.mark.parametrize("bits", [8, 12, 13, 16])
def test_a_j2k_sign_that_differs_from_the_header(write_dicom: WriteDicom, bits: int) -> None:
    """Row 26: the same bits, with the sign the header gives them; both cases of pydicom #1149."""
    half, size = 2 ** (bits - 1), np.uint8 if bits == 8 else np.uint16
    as_unsigned = np.array([[0, 1, half - 1], [half, half + 1, 2 * half - 1]])
    as_signed = np.array([[0, 1, half - 1], [-half, 1 - half, -1]])
    more = {"BitsStored": bits, "HighBit": bits - 1, "syntax": JPEG_2000}
    words = as_unsigned.astype(size)

    said_signed = write_dicom(words, coded=(j2k(words, bits=bits),), PixelRepresentation=1, **more)
    assert read(said_signed).stored.tolist() == as_signed.tolist()

    values = as_signed.astype(f"i{words.itemsize}")
    said_unsigned = write_dicom(words, name="b.dcm", coded=(j2k(values, bits=bits),), PixelRepresentation=0, **more)
    assert read(said_unsigned).stored.tolist() == as_unsigned.tolist()

    both = write_dicom(words, name="c.dcm", coded=(j2k(values, bits=bits),), PixelRepresentation=1, **more)
    assert read(both).stored.tolist() == as_signed.tolist()


@pytest.mark.parametrize("header_signed", [0, 1])
def test_signed_j2k_colour_does_not_go_black(write_dicom: WriteDicom, header_signed: int) -> None:
    """Row 27: colour is unsigned whatever stream and header say (PS3.3 C.7.6.3.1.2); bright parts had gone black."""
    rgb = np.random.default_rng(27).integers(0, 256, (9, 7, 3)).astype(np.uint8)
    path = write_dicom(
        rgb, syntax=JPEG_2000, coded=(j2k(rgb.view(np.int8), bits=8),), PixelRepresentation=header_signed
    )

    frame = read(path)

    assert np.array_equal(frame.stored, rgb)
    assert np.array_equal(shown(frame), rgb)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", RLE, JPEG_LOSSLESS, JPEG_LS, JPEG_2000])
def test_uint16_above_32767_is_not_negative(write_dicom: WriteDicom, syntax: str) -> None:
    """Row 28: the full range 0 to 65535, in the values, in the readout and in the order of the greys."""
    values = np.array([[0, 32767, 32768], [40000, 65534, 65535]], np.uint16)
    path = write_dicom(values, syntax=syntax, coded=coded(values, syntax, bits=16))

    frame = read(path)

    assert frame.stored.tolist() == values.tolist()
    under = read_out(frame.stored, frame.facts, 2.5, 1.5)
    assert under is not None and under.value == 65535
    whole = Window(center=32767.5, width=65535, function=VoiFunction.LINEAR_EXACT)
    assert np.array_equal(shown(frame, whole)[:, :, 0], np.floor(values / 65535 * 255 + 0.5))


def test_the_sign_of_the_intensity_relationship_is_no_signedness(write_dicom: WriteDicom) -> None:
    """Row 29: (0028,1041) says whether higher means more X-ray; it changes no stored value and no grey."""
    values = np.array([[0, 40000], [65535, 1]], np.uint16)
    facts = {"PixelIntensityRelationship": "LOG", "WindowCenter": "32768", "WindowWidth": "65536"}

    with_sign = read(write_dicom(values, PixelIntensityRelationshipSign=-1, **facts))
    without = read(write_dicom(values, name="b.dcm", **facts))

    assert with_sign.stored.tolist() == values.tolist()
    assert np.array_equal(shown(with_sign), shown(without))


@pytest.mark.parametrize("missing", ["BitsStored", "BitsAllocated", "HighBit"])
def test_bits_stored_missing_is_one_sentence(write_dicom: WriteDicom, missing: str) -> None:
    """Row 30: a crash elsewhere; here one sentence that names what is missing, and no value that was guessed unsaid."""
    values = np.array([[0, 1], [4095, 65535]], np.uint16)
    path = write_dicom(values, remove=(missing,))

    try:
        frame = read(path)
    except AppError as error:
        said = str(error)
        assert path.name in said
    else:
        assert frame.stored.tolist() == values.tolist()
        said = frame.facts.banner

    # High Bit can be nothing but Bits Stored less one (PS3.3 C.7.6.3), so nothing is guessed without it.
    wanted = {"BitsStored": "Bits Stored", "BitsAllocated": "Bits Allocated", "HighBit": ""}[missing]
    assert wanted in said
    assert said.count(".") - said.count(".dcm") == (1 if wanted else 0)
