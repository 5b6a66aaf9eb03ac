"""Which compressed frames are decoded where they are asked for, and which in a child (docs/decisions/0006)."""

import io
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from PIL import Image
from pydicom.encaps import encapsulate

from tests.reading.made_jpegs import lossless_jpeg
from viewer.reading.frames import read_frame
from viewer.reading.pixels import in_children as streams
from viewer.reading.series import FrameRef

BASE = "1.2.840.10008.1.2.4."
Y, X = np.mgrid[0:512, 0:512]
TWELVE = ((X * 7 + Y * 3) % 4096).astype(np.uint16)
EIGHT = (TWELVE >> 4).astype(np.uint8)


def larger(pixels: np.ndarray, rows: int) -> np.ndarray:
    return np.resize(pixels, (rows, pixels.shape[1]))


def progressive(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", progressive=True)
    return file.getvalue()


def one_scan_more(data: bytes, times: int) -> bytes:
    """The same scan so many times again, before the end marker."""
    start = data.index(b"\xff\xda")
    return data[:-2] + data[start:-2] * times + data[-2:]


WHERE = {
    "baseline": ("50", larger(EIGHT, 2048), imagecodecs.jpeg8_encode, True),
    "baseline over a megapixel": ("50", larger(EIGHT, 2049), imagecodecs.jpeg8_encode, False),
    "12 bits": ("51", TWELVE, lambda p: imagecodecs.jpeg8_encode(p, bitspersample=12), True),
    "12 bits, a row more": ("51", larger(TWELVE, 513), lambda p: imagecodecs.jpeg8_encode(p, bitspersample=12), False),
    "lossless": ("70", TWELVE, lambda p: lossless_jpeg(p, 12), True),
    "lossless, a row more": ("70", larger(TWELVE, 513), lambda p: lossless_jpeg(p, 12), False),
    "progressive": ("55", EIGHT, progressive, False),
    "progressive, called baseline": ("50", EIGHT, progressive, False),
    "progressive, called lossless": ("70", EIGHT, progressive, False),
    "a scan again and again": ("50", EIGHT, lambda p: one_scan_more(imagecodecs.jpeg8_encode(p), 4), False),
    "JPEG-LS": ("80", TWELVE, imagecodecs.jpegls_encode, True),
    "JPEG-LS, a row more": ("80", larger(TWELVE, 513), imagecodecs.jpegls_encode, False),
    "JPEG-LS, a scan again and again": ("80", EIGHT, lambda p: one_scan_more(imagecodecs.jpegls_encode(p), 4), False),
    "baseline, called JPEG-LS": ("80", EIGHT, imagecodecs.jpeg8_encode, False),
    "JPEG-LS, called lossless JPEG": ("70", TWELVE, imagecodecs.jpegls_encode, False),
    "JPEG 2000": ("90", TWELVE, lambda p: imagecodecs.jpeg2k_encode(p, level=0, codecformat="j2k"), False),
    "JPEG XL": ("110", EIGHT, lambda p: imagecodecs.jpegxl_encode(p, lossless=True), False),
}


@pytest.mark.parametrize("name", WHERE)
def test_only_what_is_short_and_bounded_stays_with_the_window(
    name: str, make_dicom: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    uid, pixels, encode, in_thread = WHERE[name]
    asked: list[str] = []

    def ask(kind: str, *_: object) -> None:
        asked.append(kind)
        raise streams.ChildEnded("not now")

    monkeypatch.setattr(streams.POOL, "ask", ask)
    bits = {"BitsStored": 12, "HighBit": 11} if pixels.dtype == np.uint16 else {}
    path = make_dicom("a.dcm", pixels, syntax=BASE + uid, encoded=encapsulate([bytes(encode(pixels))]), **bits)
    if in_thread:
        frame = read_frame(FrameRef(path=path))
        assert frame.stored.shape == pixels.shape
        assert not asked
    else:
        with pytest.raises(Exception, match=r"a\.dcm"):
            read_frame(FrameRef(path=path))
        assert asked[0] == "streams"
