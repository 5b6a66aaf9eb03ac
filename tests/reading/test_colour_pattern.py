"""A colour bar like the PM5644's, made here, through every codec and photometric interpretation: the right colour."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import jpeg_ls
import numpy as np
import pytest
from pydicom.encaps import encapsulate

from viewer.reading.frame import Frame
from viewer.reading.frames import read_frame
from viewer.reading.series import FrameRef

MakeDicom = Callable[..., Path]
BASE = "1.2.840.10008.1.2."
ROWS, COLS = 48, 128
LOSSY_LEVELS = 7


def bars() -> np.ndarray:
    """(48, 128, 3) uint8: eight bars of 16 columns, each mostly of 75 %, and a grey staircase below."""
    colours = [(191, 191, 191), (191, 191, 0), (0, 191, 191), (0, 191, 0), (191, 0, 191), (191, 0, 0), (0, 0, 191)]
    rgb = np.repeat(np.array([*colours, (0, 0, 0)], np.uint8)[None], ROWS, axis=0).repeat(16, axis=1)
    rgb[32:] = np.repeat(np.arange(0, 256, 34, np.uint8), 16)[None, :, None]
    return rgb


def ybr_of(rgb: np.ndarray) -> np.ndarray:
    """PS3.3 C.7.6.3.1.2, rounded."""
    forward = np.array([[0.299, 0.587, 0.114], [-0.1687, -0.3313, 0.5], [0.5, -0.4187, -0.0813]])
    return np.clip(np.rint(rgb @ forward.T + [0, 128, 128]), 0, 255).astype(np.uint8)


def rle(pixels: np.ndarray) -> bytes:
    segments = [imagecodecs.packbits_encode(np.ascontiguousarray(pixels[..., n]).tobytes()) for n in range(3)]
    segments = [segment + b"\0" * (len(segment) % 2) for segment in segments]
    starts = np.cumsum([64, *(len(s) for s in segments[:-1])]).tolist()
    return struct.pack("<16L", 3, *starts, *[0] * 12) + b"".join(segments)


def deflated(pixels: np.ndarray) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(pixels.tobytes()) + packer.flush()


def jpeg_2000(pixels: np.ndarray, *, mct: bool, level: int = 0) -> bytes:
    return bytes(imagecodecs.jpeg2k_encode(pixels, codecformat="j2k", level=level, reversible=level == 0, mct=mct))


def jls(pixels: np.ndarray, mode: int) -> bytes:
    ordered = pixels.transpose(2, 0, 1) if mode == 0 else pixels
    return bytes(jpeg_ls.encode_buffer(np.ascontiguousarray(ordered).tobytes(), ROWS, COLS, 3, 8, interleave_mode=mode))


def jpeg(pixels: np.ndarray, subsampling: str = "444", *, as_ycbcr: bool) -> bytes:
    """Baseline. as_ycbcr: libjpeg turns RGB into YCbCr and says JFIF; else RGB is coded with Adobe's marker."""
    space = "ycbcr" if as_ycbcr else "rgb"
    return bytes(
        imagecodecs.jpeg8_encode(pixels, level=98, colorspace="rgb", outcolorspace=space, subsampling=subsampling)
    )


def silent(data: bytes) -> bytes:
    """A JPEG without its APPn markers and with component numbers 0, 1, 2, so that only the header says the colour."""
    out, position = bytearray(data[:2]), 2
    while data[position + 1] != 0xDA:
        length = 2 + struct.unpack_from(">H", data, position + 2)[0]
        segment = bytearray(data[position : position + length])
        if segment[1] in (0xC0, 0xC1):
            segment[10:19:3] = bytes(range(3))
        if not 0xE0 <= segment[1] <= 0xEF:
            out += segment
        position += length
    rest = bytearray(data[position:])
    rest[5:11:2] = bytes(range(3))
    return bytes(out + rest)


def with_adobe(data: bytes, transform: int) -> bytes:
    """The stream with Adobe's marker in the place of others (ITU-T T.872 6.5.3)."""
    return data[:2] + b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0" + bytes([transform]) + silent(data)[2:]


RGB, YBR = bars(), ybr_of(bars())
# name -> (syntax, photometric interpretation, stream, exact: back to RGB as it was)
EXACT = {
    "rle rgb": ("5", "RGB", rle(RGB)),
    "deflated rgb": ("8.1", "RGB", deflated(RGB)),
    "encapsulated rgb": ("1.98", "RGB", RGB.tobytes()),
    "lossless jpeg rgb": ("4.70", "RGB", bytes(imagecodecs.jpeg8_encode(RGB, lossless=True, predictor=1))),
    "jpeg-ls by plane": ("4.80", "RGB", jls(RGB, 0)),
    "jpeg-ls by line": ("4.80", "RGB", jls(RGB, 1)),
    "jpeg-ls by pixel": ("4.80", "RGB", jls(RGB, 2)),
    "jpeg 2000 rct": ("4.90", "YBR_RCT", jpeg_2000(RGB, mct=True)),
    "jpeg 2000 rct called rgb": ("4.90", "RGB", jpeg_2000(RGB, mct=True)),
    "jpeg 2000 rct called ybr": ("4.90", "YBR_FULL", jpeg_2000(RGB, mct=True)),
    "jpeg 2000 without transform": ("4.90", "RGB", jpeg_2000(RGB, mct=False)),
    "htj2k rct": ("4.201", "YBR_RCT", bytes(imagecodecs.htj2k_encode(RGB))),
    "jpeg xl": ("4.110", "RGB", bytes(imagecodecs.jpegxl_encode(RGB, lossless=True))),
}
# The same, whose components are YBR: back to RGB within the rounding of two matrices.
CONVERTED = {
    "rle ybr": ("5", "YBR_FULL", rle(YBR)),
    "deflated ybr": ("8.1", "YBR_FULL", deflated(YBR)),
    "encapsulated ybr": ("1.98", "YBR_FULL", YBR.tobytes()),
    "jpeg-ls ybr": ("4.80", "YBR_FULL", jls(YBR, 2)),
    "jpeg 2000 ybr": ("4.90", "YBR_FULL", jpeg_2000(YBR, mct=False)),
}
LOSSY = {
    "jpeg ycbcr": ("4.50", "YBR_FULL_422", jpeg(RGB, as_ycbcr=True)),
    "jpeg ycbcr called rgb": ("4.50", "RGB", jpeg(RGB, as_ycbcr=True)),
    "jpeg rgb": ("4.50", "RGB", jpeg(RGB, as_ycbcr=False)),
    "jpeg rgb called ybr": ("4.50", "YBR_FULL_422", jpeg(RGB, as_ycbcr=False)),
    "silent jpeg ycbcr": ("4.50", "YBR_FULL_422", silent(jpeg(RGB, as_ycbcr=True))),
    "silent jpeg ycbcr, full": ("4.50", "YBR_FULL", silent(jpeg(RGB, as_ycbcr=True))),
    "silent jpeg rgb": ("4.50", "RGB", silent(jpeg(RGB, as_ycbcr=False))),
    "adobe ycbcr called rgb": ("4.50", "RGB", with_adobe(jpeg(RGB, as_ycbcr=True), 1)),
    "adobe rgb called ybr": ("4.50", "YBR_FULL", with_adobe(jpeg(RGB, as_ycbcr=False), 0)),
    "extended jpeg ycbcr": ("4.51", "YBR_FULL", jpeg(RGB, as_ycbcr=True)),
    "jpeg 2000 ict": ("4.91", "YBR_ICT", jpeg_2000(RGB, mct=True, level=50)),
    "near lossless jpeg-ls": (
        "4.81",
        "RGB",
        bytes(jpeg_ls.encode_buffer(RGB.tobytes(), ROWS, COLS, 3, 8, lossy_error=2, interleave_mode=2)),
    ),
    "lossy jpeg xl": ("4.112", "XYB", bytes(imagecodecs.jpegxl_encode(RGB, distance=0.3))),
    "recompressed jpeg": ("4.111", "YBR_FULL_422", bytes(imagecodecs.jpegxl_encode_jpeg(jpeg(RGB, as_ycbcr=True)))),
}


def read(make_dicom: MakeDicom, syntax: str, photometric: str, data: bytes, **more: object) -> Frame:
    path = make_dicom(
        "a.dcm", RGB, syntax=BASE + syntax, encoded=encapsulate([data]), PhotometricInterpretation=photometric, **more
    )
    return read_frame(FrameRef(path=path, frame_index=0))


@pytest.mark.parametrize("name", EXACT)
def test_lossless_colour_is_the_pattern(make_dicom: MakeDicom, name: str) -> None:
    frame = read(make_dicom, *EXACT[name])

    assert np.array_equal(frame.stored, RGB)
    assert frame.facts.photometric == "RGB"


@pytest.mark.parametrize("name", CONVERTED)
def test_luma_and_chroma_become_the_pattern(make_dicom: MakeDicom, name: str) -> None:
    assert np.abs(read(make_dicom, *CONVERTED[name]).stored.astype(int) - RGB).max() <= 2


@pytest.mark.parametrize("name", LOSSY)
def test_lossy_colour_is_near_the_pattern(make_dicom: MakeDicom, name: str) -> None:
    inside = np.zeros((ROWS, COLS), bool)  # away from the edges, which every lossy codec blurs
    inside[4:28].reshape(24, 8, 16)[:, :, 4:12] = True
    inside[36:44].reshape(8, 8, 16)[:, :, 4:12] = True

    frame = read(make_dicom, *LOSSY[name])

    assert np.abs(frame.stored.astype(int) - RGB)[inside].max() <= LOSSY_LEVELS


@pytest.mark.parametrize("subsampling", ["422", "420"])
def test_jpeg_with_less_chroma_is_near_the_pattern_within_the_bars(make_dicom: MakeDicom, subsampling: str) -> None:
    frame = read(make_dicom, "4.50", "YBR_FULL_422", jpeg(RGB, subsampling, as_ycbcr=True))

    difference = np.abs(frame.stored.astype(int) - RGB)[4:24].reshape(20, 8, 16, 3)[:, :, 5:11]
    assert difference.max() <= LOSSY_LEVELS


@pytest.mark.parametrize("planar", [0, 1])
@pytest.mark.parametrize("syntax", ["8.1", "1.98"])
def test_plain_frames_obey_planar_configuration_within_a_codec(make_dicom: MakeDicom, syntax: str, planar: int) -> None:
    ordered = np.ascontiguousarray(RGB.transpose(2, 0, 1)) if planar else RGB
    data = deflated(ordered) if syntax == "8.1" else ordered.tobytes()

    assert np.array_equal(read(make_dicom, syntax, "RGB", data, PlanarConfiguration=planar).stored, RGB)


@pytest.mark.parametrize("planar", [0, 1])
@pytest.mark.parametrize("name", ["rle rgb", "lossless jpeg rgb", "jpeg-ls by plane", "jpeg 2000 rct", "jpeg xl"])
def test_other_codecs_have_an_order_of_their_own(make_dicom: MakeDicom, name: str, planar: int) -> None:
    assert np.array_equal(read(make_dicom, *EXACT[name], PlanarConfiguration=planar).stored, RGB)


@pytest.mark.parametrize("syntax", ["8.1", "1.98"])
def test_halved_chroma_is_unfolded_within_a_codec(make_dicom: MakeDicom, syntax: str) -> None:
    pairs = YBR.reshape(-1, 2, 3)
    packed = np.stack([pairs[:, 0, 0], pairs[:, 1, 0], pairs[:, 0, 1], pairs[:, 0, 2]], axis=1)
    data = deflated(packed) if syntax == "8.1" else packed.tobytes()

    assert np.abs(read(make_dicom, syntax, "YBR_FULL_422", data).stored.astype(int) - RGB).max() <= 2


def test_jpeg_2000_with_halved_chroma_is_not_converted_twice(make_dicom: MakeDicom) -> None:
    """Components 1 and 2 are 128 throughout and so take no bytes; their sampling in SIZ is then free to change."""
    grey = np.repeat(np.arange(0, 256, 2, np.uint8)[None], ROWS, axis=0)
    flat = np.full_like(grey, 128)
    stream = bytearray(jpeg_2000(np.stack([grey, flat, flat], axis=-1), mct=False))
    first = stream.index(b"\xff\x51") + 40
    stream[first + 4] = stream[first + 7] = 2

    frame = read(make_dicom, "4.90", "YBR_FULL_422", bytes(stream))

    assert np.array_equal(frame.stored, np.repeat(grey[..., None], 3, axis=-1))


def test_a_jp2_file_around_the_code_stream_changes_no_colour(make_dicom: MakeDicom) -> None:
    stream = bytes(imagecodecs.jpeg2k_encode(YBR, codecformat="jp2", level=0, reversible=True, mct=False))
    said_ycc = stream.replace(struct.pack(">L", 16), struct.pack(">L", 18), 1)  # EnumCS of the colr box
    assert said_ycc != stream

    for data in (stream, said_ycc):
        assert np.abs(read(make_dicom, "4.90", "YBR_FULL", data).stored.astype(int) - RGB).max() <= 2
