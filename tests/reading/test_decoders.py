"""Every compressed transfer syntax, against arrays we compressed ourselves."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from pydicom.encaps import encapsulate, encapsulate_extended

from viewer.core.errors import BadFile, UnsupportedFile
from viewer.core.registry import load
from viewer.reading.frame import Frame
from viewer.reading.frames import read_frame
from viewer.reading.pixels.decoders import DECODERS
from viewer.reading.series import FrameRef

MakeDicom = Callable[..., Path]
BASE = "1.2.840.10008.1.2."


def smooth(rows: int = 24, cols: int = 32, top: int = 4000) -> np.ndarray:
    """A picture without noise, so that lossy codecs stay near it. (row, col) uint16."""
    y, x = np.mgrid[0:rows, 0:cols]
    return (top * (0.5 + 0.25 * np.sin(x / 6) + 0.25 * np.cos(y / 5))).astype(np.uint16)


def smooth_rgb() -> np.ndarray:
    grey = smooth(top=255).astype(np.uint8)
    return np.stack([grey, 255 - grey, np.roll(grey, 7, axis=1)], axis=2)


def read(path: Path, frame: int = 0) -> Frame:
    return read_frame(FrameRef(path=path, frame_index=frame))


def rle(pixels: np.ndarray) -> bytes:
    """RLE Lossless of (row, col[, 3]), one segment per byte plane (PS3.5 G)."""
    planes = pixels[..., None] if pixels.ndim == 2 else pixels
    segments = []
    for sample in range(planes.shape[2]):
        raw = np.ascontiguousarray(planes[:, :, sample]).astype(pixels.dtype.newbyteorder(">")).tobytes()
        size = pixels.dtype.itemsize
        for byte in range(size):
            packed = imagecodecs.packbits_encode(raw[byte::size])
            segments.append(packed + b"\0" * (len(packed) % 2))
    starts = np.cumsum([64, *(len(s) for s in segments[:-1])]).tolist()
    return struct.pack("<16L", len(segments), *starts, *[0] * (15 - len(starts))) + b"".join(segments)


GREY_CASES = {
    "5": rle,
    "4.50": lambda a: imagecodecs.jpeg8_encode((a >> 4).astype(np.uint8), level=98),
    "4.57": lambda a: imagecodecs.ljpeg_encode(a, bitspersample=12),
    "4.70": lambda a: imagecodecs.jpeg8_encode(a, lossless=True, bitspersample=12, predictor=1),
    "4.80": imagecodecs.jpegls_encode,
    "4.90": lambda a: imagecodecs.jpeg2k_encode(a, codecformat="j2k", level=0, reversible=True),
    "4.201": lambda a: imagecodecs.htj2k_encode(a),
    "4.110": lambda a: imagecodecs.jpegxl_encode(a, lossless=True),
}


def deflated(a: np.ndarray) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(a.tobytes()) + packer.flush()


GREY_CASES["8.1"] = deflated
GREY_CASES["1.98"] = lambda a: a.tobytes()


@pytest.mark.parametrize("syntax", GREY_CASES)
def test_grey_frames_decode_to_what_was_encoded(make_dicom: MakeDicom, syntax: str) -> None:
    pixels = smooth()
    if syntax == "4.50":
        pixels = pixels >> 4 << 4
    data = bytes(GREY_CASES[syntax](pixels))
    size = (
        {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7} if syntax == "4.50" else {"BitsStored": 12, "HighBit": 11}
    )

    frame = read(make_dicom("a.dcm", pixels, syntax=BASE + syntax, encoded=encapsulate([data]), **size))

    if syntax == "4.50":
        assert np.abs(frame.stored.astype(int) - (pixels >> 4)).max() <= 7
    else:
        assert np.array_equal(frame.stored, pixels)
    assert frame.facts.banner == ""


@pytest.mark.parametrize("syntax", sorted(DECODERS))
def test_every_row_of_the_registry_loads(syntax: str) -> None:
    assert callable(load(DECODERS, syntax))


COLOUR_CASES = {
    "5": rle,
    "4.80": imagecodecs.jpegls_encode,
    "4.90": lambda a: imagecodecs.jpeg2k_encode(a, codecformat="j2k", level=0, reversible=True, mct=True),
    "4.110": lambda a: imagecodecs.jpegxl_encode(a, lossless=True),
    "8.1": deflated,
    "1.98": lambda a: a.tobytes(),
}


@pytest.mark.parametrize("syntax", COLOUR_CASES)
def test_colour_frames_decode_to_what_was_encoded(make_dicom: MakeDicom, syntax: str) -> None:
    pixels = smooth_rgb()
    data = bytes(COLOUR_CASES[syntax](pixels))

    frame = read(make_dicom("a.dcm", pixels, syntax=BASE + syntax, encoded=encapsulate([data])))

    assert np.array_equal(frame.stored, pixels)


def test_jpeg_components_are_not_converted_when_the_header_says_rgb(make_dicom: MakeDicom) -> None:
    pixels = smooth_rgb()
    data = imagecodecs.jpeg8_encode(pixels, level=98, colorspace="rgb", outcolorspace="rgb", subsampling="444")

    frame = read(make_dicom("a.dcm", pixels, syntax=BASE + "4.50", encoded=encapsulate([bytes(data)])))

    assert np.abs(frame.stored.astype(int) - pixels).max() <= 7


def test_jpeg_ybr_becomes_rgb_by_the_header(make_dicom: MakeDicom) -> None:
    pixels = smooth_rgb()
    data = imagecodecs.jpeg8_encode(pixels, level=98, colorspace="rgb", outcolorspace="ycbcr", subsampling="444")

    path = make_dicom(
        "a.dcm",
        pixels,
        syntax=BASE + "4.50",
        encoded=encapsulate([bytes(data)]),
        PhotometricInterpretation="YBR_FULL_422",
    )

    assert np.abs(read(path).stored.astype(int) - pixels).max() <= 7


def test_a_signed_header_over_an_unsigned_jpeg2000_stream_gives_signed_values(make_dicom: MakeDicom) -> None:
    values = smooth().astype(np.int16) - 2000
    coded = values.view(np.uint16) & 0x0FFF
    data = imagecodecs.jpeg2k_encode(coded, codecformat="j2k", level=0, reversible=True, bitspersample=12)

    path = make_dicom("a.dcm", values, syntax=BASE + "4.90", encoded=encapsulate([data]), BitsStored=12, HighBit=11)

    assert np.array_equal(read(path).stored, values)


def test_signed_jpeg_ls_is_extended_at_the_streams_precision(make_dicom: MakeDicom) -> None:
    values = smooth().astype(np.int16) - 2000

    data = imagecodecs.jpegls_encode(values.view(np.uint16))
    path = make_dicom("a.dcm", values, syntax=BASE + "4.80", encoded=encapsulate([data]))

    assert np.array_equal(read(path).stored, values)


@pytest.mark.parametrize("has_table", [True, False])
def test_frames_in_several_fragments_are_found_with_and_without_offset_table(
    make_dicom: MakeDicom, has_table: bool
) -> None:
    pixels = np.stack([smooth(), smooth()[::-1], smooth()[:, ::-1]])
    coded = [bytes(imagecodecs.jpegls_encode(frame)) for frame in pixels]

    path = make_dicom(
        "a.dcm",
        pixels[0],
        syntax=BASE + "4.80",
        encoded=encapsulate(coded, fragments_per_frame=2, has_bot=has_table),
        NumberOfFrames=3,
    )

    for index in range(3):
        assert np.array_equal(read(path, index).stored, pixels[index])


def test_the_offset_table_counts_where_fragments_do_not_tell_themselves(make_dicom: MakeDicom) -> None:
    pixels = np.stack([smooth(), smooth()[::-1], smooth()[:, ::-1]])
    coded = [rle(frame) for frame in pixels]

    path = make_dicom(
        "a.dcm",
        pixels[0],
        syntax=BASE + "5",
        encoded=encapsulate(coded, fragments_per_frame=2, has_bot=True),
        NumberOfFrames=3,
    )

    for index in range(3):
        assert np.array_equal(read(path, index).stored, pixels[index])


def test_an_extended_offset_table_is_used(make_dicom: MakeDicom) -> None:
    pixels = np.stack([smooth(), smooth()[::-1]])
    data, offsets, lengths = encapsulate_extended([rle(frame) for frame in pixels])

    path = make_dicom(
        "a.dcm",
        pixels[0],
        syntax=BASE + "5",
        encoded=data,
        NumberOfFrames=2,
        ExtendedOffsetTable=offsets,
        ExtendedOffsetTableLengths=lengths,
    )

    assert np.array_equal(read(path, 1).stored, pixels[1])


def test_a_stream_of_another_size_than_the_header_is_shown_with_a_banner(make_dicom: MakeDicom) -> None:
    pixels = smooth()
    data = bytes(imagecodecs.jpegls_encode(pixels))

    frame = read(make_dicom("a.dcm", pixels, syntax=BASE + "4.80", encoded=encapsulate([data]), Rows=23))

    assert frame.stored.shape == pixels.shape == (frame.facts.rows, frame.facts.cols)
    assert "23 x 32" in frame.facts.banner


def test_a_compressed_frame_that_is_cut_says_so(make_dicom: MakeDicom) -> None:
    pixels = smooth(200, 200)
    data = bytes(imagecodecs.jpeg8_encode((pixels >> 4).astype(np.uint8), level=95))
    path = make_dicom(
        "a.dcm", pixels, syntax=BASE + "4.50", encoded=encapsulate([data]), BitsAllocated=8, BitsStored=8, HighBit=7
    )
    path.write_bytes(path.read_bytes()[: -len(data) // 2])

    try:
        banner = read(path).facts.banner
    except BadFile as error:
        banner = str(error)

    assert "cut short" in banner


def test_rubbish_where_a_frame_should_be_is_refused_by_name(make_dicom: MakeDicom) -> None:
    path = make_dicom("a.dcm", smooth(), syntax=BASE + "4.90", encoded=encapsulate([bytes(range(256)) * 4]))

    with pytest.raises(BadFile, match=r"a\.dcm"):
        read(path)


def test_a_stream_far_larger_than_its_header_is_refused_before_decoding(make_dicom: MakeDicom) -> None:
    stream = bytearray(imagecodecs.jpeg8_encode((smooth() >> 4).astype(np.uint8)))
    at = stream.index(b"\xff\xc0") + 5
    stream[at : at + 4] = b"\xff\xdc\xff\xdc"  # 65,500 rows and columns

    path = make_dicom("a.dcm", smooth(), syntax=BASE + "4.50", encoded=encapsulate([bytes(stream)]))

    with pytest.raises(BadFile, match="65500 x 65500"):
        read(path)


def test_video_is_refused_in_words(make_dicom: MakeDicom) -> None:
    path = make_dicom("a.dcm", smooth_rgb(), syntax=BASE + "4.102", encoded=encapsulate([b"\0" * 100]))

    with pytest.raises(UnsupportedFile, match="MPEG-4 video"):
        read(path)


def test_the_second_decoder_in_a_child_gives_the_same_array(make_dicom: MakeDicom) -> None:
    from viewer.reading.frames import open_cached
    from viewer.reading.pixels.coding import read_coding
    from viewer.reading.pixels.fallback import decode_in_child

    pixels = smooth()
    data = bytes(imagecodecs.jpeg2k_encode(pixels, codecformat="j2k", level=0, reversible=True))
    path = make_dicom("a.dcm", pixels, syntax=BASE + "4.90", encoded=encapsulate([data]))

    decoded, name = decode_in_child(path, BASE + "4.90", read_coding(open_cached(path).header, path), data, first="")

    assert name
    assert np.array_equal(decoded.array, pixels)
