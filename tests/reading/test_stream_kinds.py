"""A compressed frame of another kind than its transfer syntax says is read by what it is and said."""

from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from pydicom.encaps import encapsulate

from tests.reading.made_jpegs import lossless_jpeg
from viewer.reading.frames import read_frame
from viewer.reading.series import FrameRef

MakeDicom = Callable[..., Path]
BASE = "1.2.840.10008.1.2.4."
PIXELS = np.random.default_rng(4).integers(0, 4096, (12, 17)).astype(np.uint16)
STREAMS = {
    "JPEG": lossless_jpeg(PIXELS, 12, point=0),
    "JPEG-LS": bytes(imagecodecs.jpegls_encode(PIXELS)),
    "JPEG 2000": bytes(imagecodecs.jpeg2k_encode(PIXELS, codecformat="j2k", level=0, reversible=True)),
    "JPEG XL": bytes(imagecodecs.jpegxl_encode(PIXELS, lossless=True)),
}
SYNTAXES = {
    "50": "JPEG", "51": "JPEG", "57": "JPEG", "70": "JPEG", "80": "JPEG-LS", "81": "JPEG-LS", "90": "JPEG 2000",
    "91": "JPEG 2000", "201": "JPEG 2000", "110": "JPEG XL",
}  # fmt: skip


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("kind", STREAMS)
def test_a_stream_is_read_by_what_it_is(make_dicom: MakeDicom, kind: str, syntax: str) -> None:
    encoded = encapsulate([STREAMS[kind]])
    path = make_dicom("a.dcm", PIXELS, syntax=BASE + syntax, encoded=encoded, BitsStored=12, HighBit=11)

    frame = read_frame(FrameRef(path=path, frame_index=0))

    assert np.array_equal(frame.stored, PIXELS)
    said = f"The file says its pixels are {SYNTAXES[syntax]}; the compressed image is {kind}."
    assert frame.facts.banner == ("" if kind == SYNTAXES[syntax] else said)
