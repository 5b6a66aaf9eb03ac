"""Fault 32: one colour pattern through every way of coding it; the expected colours are those of the pattern."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest

from viewer.core.compose import compose, native_view
from viewer.core.windowing import default_voi, display_table
from viewer.reading.frames import read_frame
from viewer.reading.series import FrameRef

WriteDicom = Callable[..., Path]
# (how to tell it to the file, what goes into it): see `ways`.
Way = dict[str, Any]

BASE = "1.2.840.10008.1.2."
NATIVE, RLE, JPEG, JPEG_LOSSLESS, JPEG_LS = (BASE + end for end in ("1", "5", "4.50", "4.70", "4.80"))
JPEG_2000, JPEG_2000_LOSSY, HTJ2K = (BASE + end for end in ("4.90", "4.91", "4.201"))
BARS = [(235, 235, 235), (235, 235, 16), (16, 235, 235), (16, 235, 16), (235, 16, 235), (235, 16, 16), (16, 16, 235)]
COLOURS = np.array([*BARS, (0, 0, 0), (255, 255, 255), (255, 0, 0), (0, 255, 0), (0, 0, 255)], np.uint8)
# (row, col, 3): twelve bars of 16 columns, so that halved chroma loses nothing inside a bar.
PATTERN = np.broadcast_to(np.repeat(COLOURS, 16, axis=0), (32, 192, 3)).copy()
INSIDE = np.flatnonzero((np.arange(192) % 16 >= 4) & (np.arange(192) % 16 < 12))


def ybr(rgb: np.ndarray) -> np.ndarray:
    """Full range Y, Cb, Cr by the equations of PS3.3 C.7.6.3.1.2."""
    r, g, b = (rgb[..., n].astype(np.float64) for n in range(3))
    y = 0.2990 * r + 0.5870 * g + 0.1140 * b
    cb = -0.1687 * r - 0.3313 * g + 0.5000 * b + 128
    cr = 0.5000 * r - 0.4187 * g - 0.0813 * b + 128
    return np.clip(np.rint(np.stack([y, cb, cr], axis=-1)), 0, 255).astype(np.uint8)


def halved_chroma(values: np.ndarray) -> bytes:
    """Y1 Y2 Cb Cr for each two pixels (PS3.3 C.7.6.3.1.2, YBR_FULL_422)."""
    pairs = values.reshape(-1, 2, 3)
    return np.column_stack([pairs[:, 0, 0], pairs[:, 1, 0], pairs[:, 0, 1], pairs[:, 0, 2]]).tobytes()


def rle(values: np.ndarray) -> bytes:
    """PS3.5 annex G: one segment per colour."""
    segments = [imagecodecs.packbits_encode(np.ascontiguousarray(values[:, :, n])) for n in range(3)]
    segments = [segment + b"\0" * (len(segment) % 2) for segment in segments]
    offsets = [64 + sum(map(len, segments[:n])) for n in range(3)]
    return np.array([3, *offsets, *[0] * 12], "<u4").tobytes() + b"".join(segments)


def jpeg(values: np.ndarray, inside: str, *, sampling: str = "444") -> bytes:
    """inside: "RGB" (an Adobe marker says so) or "YCBCR" (JFIF); the values are RGB in both cases."""
    return bytes(
        imagecodecs.jpeg8_encode(values, level=100, colorspace="RGB", outcolorspace=inside, subsampling=sampling)
    )


def lossless(values: np.ndarray) -> bytes:
    return bytes(imagecodecs.jpeg8_encode(values, lossless=True, predictor=1, colorspace="RGB", outcolorspace="RGB"))


def without_marker(stream: bytes, marker: int) -> bytes:
    """The stream without its first APPn segment of this kind."""
    start = stream.index(bytes([0xFF, marker]))
    return stream[:start] + stream[start + 2 + int.from_bytes(stream[start + 2 : start + 4], "big") :]


def j2k(values: np.ndarray, *, transform: bool, reversible: bool = True, level: int = 0) -> bytes:
    return bytes(
        imagecodecs.jpeg2k_encode(values, codecformat="J2K", mct=transform, reversible=reversible, level=level)
    )


def ways() -> dict[str, Way]:
    """Each way: syntax, Photometric Interpretation, coded stream or native bytes, tolerance of a lossy one."""
    planes = np.ascontiguousarray(PATTERN.transpose(2, 0, 1)).tobytes()
    coded = ybr(PATTERN)
    found: dict[str, Way] = {
        "native RGB": {},
        "native RGB by plane": {"PlanarConfiguration": 1, "PixelData": planes},
        "native YBR_FULL": {"pi": "YBR_FULL", "PixelData": coded.tobytes(), "off": 2},
        "native YBR_FULL by plane": {
            "pi": "YBR_FULL", "PlanarConfiguration": 1, "off": 2,
            "PixelData": np.ascontiguousarray(coded.transpose(2, 0, 1)).tobytes(),
        },
        "native YBR_FULL_422": {"pi": "YBR_FULL_422", "PixelData": halved_chroma(coded), "off": 2},
        "RLE RGB": {"syntax": RLE, "stream": rle(PATTERN), "PlanarConfiguration": 1},
        "RLE YBR_FULL": {"syntax": RLE, "pi": "YBR_FULL", "stream": rle(coded), "off": 2},
        "JPEG YBR_FULL_422": {"syntax": JPEG, "pi": "YBR_FULL_422", "stream": jpeg(PATTERN, "YCBCR", sampling="422")},
        "JPEG YBR_FULL_422 without JFIF": {
            "syntax": JPEG, "pi": "YBR_FULL_422",
            "stream": without_marker(jpeg(PATTERN, "YCBCR", sampling="422"), 0xE0),
        },
        "JPEG RGB": {"syntax": JPEG, "pi": "RGB", "stream": jpeg(PATTERN, "RGB")},
        "JPEG, RGB by its component letters, header YBR_FULL_422": {
            "syntax": JPEG, "pi": "YBR_FULL_422", "stream": without_marker(jpeg(PATTERN, "RGB"), 0xEE),
        },
        "JPEG, JFIF, header RGB": {"syntax": JPEG, "pi": "RGB", "stream": jpeg(PATTERN, "YCBCR")},
        "JPEG lossless RGB": {"syntax": JPEG_LOSSLESS, "stream": lossless(PATTERN), "off": 0},
        "JPEG-LS RGB": {"syntax": JPEG_LS, "stream": imagecodecs.jpegls_encode(PATTERN), "off": 0},
        "JPEG 2000 RGB": {"syntax": JPEG_2000, "stream": j2k(PATTERN, transform=False), "off": 0},
        "JPEG 2000 YBR_RCT": {"syntax": JPEG_2000, "pi": "YBR_RCT", "stream": j2k(PATTERN, transform=True), "off": 0},
        "JPEG 2000 YBR_RCT by plane": {
            "syntax": JPEG_2000, "pi": "YBR_RCT", "PlanarConfiguration": 1, "stream": j2k(PATTERN, transform=True),
            "off": 0,
        },
        "JPEG 2000 YBR_ICT": {
            "syntax": JPEG_2000_LOSSY, "pi": "YBR_ICT",
            "stream": j2k(PATTERN, transform=True, reversible=False, level=60),
        },
        "JPEG 2000 YBR_FULL": {
            "syntax": JPEG_2000, "pi": "YBR_FULL", "stream": j2k(coded, transform=False), "off": 2,
        },
        "HTJ2K YBR_RCT": {
            "syntax": HTJ2K, "pi": "YBR_RCT", "off": 0,
            "stream": imagecodecs.htj2k_encode(PATTERN, reversible=True),
        },
    }  # fmt: skip
    for way in found.values():
        way["off"] = way.get("off", 7 if "stream" in way and way["syntax"] in (JPEG, JPEG_2000_LOSSY) else 0)
    return found


WAYS = ways()


@pytest.mark.parametrize("name", WAYS)
def test_a_colour_pattern_has_its_colours_in_every_coding(write_dicom: WriteDicom, name: str) -> None:
    """Row 32: YBR_FULL_422 had come out green, JPEG 2000 with YBR_FULL or a wrong photometric interpretation false."""
    way = dict(WAYS[name])
    stream, off = way.pop("stream", None), way.pop("off")
    photometric = way.pop("pi", "RGB")
    path = write_dicom(
        PATTERN, coded=() if stream is None else (bytes(stream),), PhotometricInterpretation=photometric, **way
    )

    frame = read_frame(FrameRef(path=path))

    difference = np.abs(frame.stored.astype(int) - PATTERN)[:, INSIDE]
    assert difference.max() <= off, frame.stored[0, INSIDE][::8].tolist()
    view, transform = native_view(frame.stored, frame.facts)
    table = display_table(frame.facts, default_voi(frame.stored, frame.facts), invert=False)
    assert np.array_equal(compose(view, table, (), None, transform).rgb, frame.stored)
