"""Streams that end early, lie about their size, or need the second decoder: shown with a banner, or refused by name."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import jpeg_ls
import numpy as np
import pytest
from pydicom.encaps import encapsulate

from viewer.core.errors import BadFile
from viewer.reading.frame import Frame
from viewer.reading.frames import read_frame
from viewer.reading.pixels.cut_files import DAMAGED
from viewer.reading.series import FrameRef

MakeDicom = Callable[..., Path]
BASE = "1.2.840.10008.1.2."
Y, X = np.mgrid[0:64, 0:48]
PIXELS = (2000 + 1900 * np.sin(X / 6) * np.cos(Y / 5)).astype(np.uint16)
EIGHT = (PIXELS >> 4).astype(np.uint8)
TWELVE = {"BitsStored": 12, "HighBit": 11}


def read(path: Path, frame: int = 0) -> Frame:
    return read_frame(FrameRef(path=path, frame_index=frame))


def rle(pixels: np.ndarray, *, keep_last: float = 1.0) -> bytes:
    """RLE of (row, col[, 3]) without runs (PS3.5 G), of whose last segment only a part is kept."""
    planes = pixels[..., None] if pixels.ndim == 2 else pixels
    segments = []
    for sample in range(planes.shape[2]):
        raw = np.ascontiguousarray(planes[:, :, sample]).astype(pixels.dtype.newbyteorder(">")).tobytes()
        for byte in range(pixels.dtype.itemsize):
            part = raw[byte :: pixels.dtype.itemsize]
            segments.append(
                b"".join(bytes([len(part[at : at + 48]) - 1]) + part[at : at + 48] for at in range(0, len(part), 48))
            )
    segments[-1] = segments[-1][: int(len(segments[-1]) * keep_last)]
    starts = np.cumsum([64, *(len(s) for s in segments[:-1])]).tolist()
    return struct.pack("<16L", len(segments), *starts, *[0] * (15 - len(starts))) + b"".join(segments)


def deflated(pixels: np.ndarray) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(pixels.tobytes()) + packer.flush()


@pytest.mark.parametrize("keep", [0.25, 0.5, 0.9])
def test_rle_without_the_end_of_its_low_bytes_shows_whole_values_only(make_dicom: MakeDicom, keep: float) -> None:
    path = make_dicom("a.dcm", PIXELS, syntax=BASE + "5", encoded=encapsulate([rle(PIXELS, keep_last=keep)]), **TWELVE)

    frame = read(path)

    there = int(64 * keep)
    assert frame.facts.rows_there == there
    assert f"{there} of 64 rows are there" in frame.facts.banner
    assert np.array_equal(frame.stored[:there], PIXELS[:there])
    assert not frame.stored[there:].any()


@pytest.mark.parametrize("lost", range(2, 60, 8))
def test_rle_that_breaks_off_inside_a_run_keeps_the_bytes_before_it(make_dicom: MakeDicom, lost: int) -> None:
    data = rle(EIGHT)[:-lost]

    frame = read(make_dicom("a.dcm", EIGHT, syntax=BASE + "5", encoded=encapsulate([data])))

    there = (EIGHT.size - lost) // 48  # a literal of 48 and its length byte are one row here
    assert f"{max(there, 62)} of 64 rows" in frame.facts.banner
    assert np.array_equal(frame.stored[:62], EIGHT[:62])


def test_rle_that_holds_more_than_it_should_is_said_to_be_damaged(make_dicom: MakeDicom) -> None:
    longer = np.vstack([PIXELS, PIXELS[:3]])

    facts = read(make_dicom("a.dcm", PIXELS, syntax=BASE + "5", encoded=encapsulate([rle(longer)]), **TWELVE)).facts

    assert "more pixels than it should" in facts.banner
    assert facts.doubts == (DAMAGED,)


def test_rle_colour_without_the_end_of_its_blue_shows_no_false_colour(make_dicom: MakeDicom) -> None:
    rgb = np.stack([EIGHT, 255 - EIGHT, EIGHT // 2], axis=-1)
    path = make_dicom("a.dcm", rgb, syntax=BASE + "5", encoded=encapsulate([rle(rgb, keep_last=0.5)]))

    frame = read(path)

    assert np.array_equal(frame.stored[:32], rgb[:32])
    assert not frame.stored[32:].any()
    assert "32 of 64 rows" in frame.facts.banner


@pytest.mark.parametrize("syntax", ["8.1", "1.98"])
def test_a_plain_frame_that_ends_early_shows_its_rows(make_dicom: MakeDicom, syntax: str) -> None:
    part = PIXELS[:20]
    data = deflated(part) if syntax == "8.1" else part.tobytes()

    frame = read(make_dicom("a.dcm", PIXELS, syntax=BASE + syntax, encoded=encapsulate([data]), **TWELVE))

    assert np.array_equal(frame.stored[:20], part)
    assert not frame.stored[20:].any()
    assert "20 of 64 rows" in frame.facts.banner


@pytest.mark.parametrize("keep", [0.5, 0.7, 0.99])
def test_a_jpeg_that_ends_early_is_never_shown_without_saying_so(make_dicom: MakeDicom, keep: float) -> None:
    data = bytes(imagecodecs.jpeg8_encode(EIGHT, level=95))
    cut = data[: int(len(data) * keep)]

    frame = read(make_dicom("a.dcm", EIGHT, syntax=BASE + "4.50", encoded=encapsulate([cut])))

    assert "has no end" in frame.facts.banner
    first_rows = 8 * int(8 * (keep - 0.35))
    assert np.array_equal(frame.stored[:first_rows], imagecodecs.jpeg8_decode(data)[:first_rows])


STREAMS = {
    "4.57": lambda: bytes(imagecodecs.jpeg8_encode(PIXELS, lossless=True, bitspersample=12, predictor=1)),
    "4.80": lambda: bytes(jpeg_ls.encode_buffer(PIXELS.tobytes(), 64, 48, 1, 12)),
    "4.90": lambda: bytes(
        imagecodecs.jpeg2k_encode(PIXELS, codecformat="j2k", level=0, reversible=True, bitspersample=12)
    ),
    "4.201": lambda: bytes(imagecodecs.htj2k_encode(PIXELS)),
    "4.110": lambda: bytes(imagecodecs.jpegxl_encode(PIXELS, lossless=True)),
}


@pytest.mark.parametrize("syntax", STREAMS)
def test_a_lossless_stream_that_ends_early_has_a_banner_or_is_refused(make_dicom: MakeDicom, syntax: str) -> None:
    data = STREAMS[syntax]()
    path = make_dicom("a.dcm", PIXELS, syntax=BASE + syntax, encoded=encapsulate([data[: len(data) // 2]]), **TWELVE)

    try:
        assert read(path).facts.banner
    except BadFile as error:
        assert "a.dcm" in str(error)


@pytest.mark.parametrize("syntax", STREAMS)
def test_a_file_that_ends_inside_its_frame_has_a_banner_or_is_refused(make_dicom: MakeDicom, syntax: str) -> None:
    path = make_dicom("a.dcm", PIXELS, syntax=BASE + syntax, encoded=encapsulate([STREAMS[syntax]()]), **TWELVE)
    path.write_bytes(path.read_bytes()[:-600])

    try:
        assert "cut short" in read(path).facts.banner
    except BadFile as error:
        assert "a.dcm is cut short" in str(error)


def jpeg_xl_of(rows: int, cols: int) -> bytes:
    """A small JPEG XL stream with another size written into its header (ISO 18181-1 D.2): no ratio, 30-bit sides."""
    bits, position = 0, 0

    def put(value: int, count: int) -> None:
        nonlocal bits, position
        bits |= value << position
        position += count

    for side in (rows, cols):
        if side == rows:
            put(0, 1)  # not a small size
        put(3, 2)
        put(side - 1, 30)
        if side == rows:
            put(0, 3)  # the width is written out
    return b"\xff\x0a" + bits.to_bytes(24, "little") + bytes(40)


BOMBS = {
    "4.110": jpeg_xl_of(1_000_000, 900_000),
    "4.112": b"\0\0\0\x0cJXL \r\n\x87\n" + struct.pack(">L4s", 0, b"jxlc") + jpeg_xl_of(1_000_000, 900_000),
    "4.90": STREAMS["4.90"]().replace(struct.pack(">LL", 48, 64), struct.pack(">LL", 900_000, 1_000_000), 1),
}


@pytest.mark.parametrize("syntax", BOMBS)
def test_a_stream_that_says_it_is_huge_is_refused_before_it_is_decoded(
    make_dicom: MakeDicom, syntax: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_args: object, **_more: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(imagecodecs, "jpegxl_decode", never)
    monkeypatch.setattr(imagecodecs, "jpeg2k_decode", never)
    path = make_dicom("a.dcm", PIXELS, syntax=BASE + syntax, encoded=encapsulate([BOMBS[syntax]]), **TWELVE)

    with pytest.raises(BadFile, match=r"a\.dcm .* 1000000 x 900000"):
        read(path)


@pytest.mark.parametrize("rows", [1, 8, 24, 77, 512, 1080])
@pytest.mark.parametrize("cols", [3, 8, 32, 200, 1024])
@pytest.mark.parametrize("in_container", [False, True])
def test_the_size_of_a_jpeg_xl_stream_is_read_from_its_header(rows: int, cols: int, in_container: bool) -> None:
    from viewer.reading.codestreams.jpeg_xl import jpeg_xl_size

    data = imagecodecs.jpegxl_encode(np.zeros((rows, cols), np.uint8), effort=1, usecontainer=in_container)

    assert jpeg_xl_size(bytes(data)) == (rows, cols)


def test_a_stream_that_the_first_decoder_refuses_is_decoded_by_the_next_and_said(make_dicom: MakeDicom) -> None:
    # Without its end marker: CharLS refuses it, libjpeg reads every value.
    data = STREAMS["4.80"]()[:-2]
    with pytest.raises(RuntimeError):
        imagecodecs.jpegls_decode(data)

    frame = read(make_dicom("a.dcm", PIXELS, syntax=BASE + "4.80", encoded=encapsulate([data]), **TWELVE))

    assert frame.decoder not in ("", "jpeg_ls")
    assert f"decoded by {frame.decoder}" in frame.facts.banner
    assert DAMAGED in frame.facts.doubts
    assert np.array_equal(frame.stored, PIXELS)


@pytest.mark.parametrize("syntax", ["4.50", "4.57"])
def test_a_jpeg_ls_stream_under_another_name_is_not_read_as_what_it_is_not(make_dicom: MakeDicom, syntax: str) -> None:
    path = make_dicom("a.dcm", PIXELS, syntax=BASE + syntax, encoded=encapsulate([STREAMS["4.80"]()]), **TWELVE)

    try:
        frame = read(path)
        assert np.array_equal(frame.stored, PIXELS)
        assert frame.facts.banner
    except BadFile as error:
        assert "a.dcm" in str(error)
