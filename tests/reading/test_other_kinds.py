"""A picture of a kind that is not read is called by its kind, not "no DICOM file" and not damaged."""

from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from viewer.core.errors import AppError
from viewer.reading.frames import read_frame
from viewer.reading.scan import scan
from viewer.reading.series import FrameRef

GREY = np.arange(256, dtype=np.uint8).reshape(16, 16)


@pytest.mark.parametrize(
    ("ending", "said"),
    [("bmp", "BMP"), ("gif", "GIF"), ("webp", "WebP"), ("pgm", "PGM"), ("jp2", "JPEG 2000"), ("pdf", "PDF")],
)
def test_a_picture_of_another_kind_is_called_so(tmp_path: Path, ending: str, said: str) -> None:
    path = tmp_path / f"a.{ending}"
    Image.fromarray(GREY).save(path)

    (problem,) = scan([path]).problems

    assert said in problem.reason and "not read" in problem.reason and path.name in problem.reason


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (imagecodecs.jpeg_encode(GREY.astype(np.uint16) * 16, bitspersample=12), "12 bits"),
        (imagecodecs.ljpeg_encode(GREY.astype(np.uint16) * 16, bitspersample=12), "lossless"),
        (imagecodecs.jpegls_encode(GREY), "JPEG-LS"),
    ],
    ids=["12 bits", "lossless", "JPEG-LS"],
)
def test_a_jpeg_that_only_dicom_holds_is_called_so(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(data)

    with pytest.raises(AppError, match=r"a\.jpg") as error:
        read_frame(FrameRef(path=path))

    assert said in str(error.value) and "ask for a new copy" not in str(error.value)


def test_any_other_file_is_no_dicom_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("BMI,height\n22.5,1.80\n")

    (problem,) = scan([path]).problems

    assert problem.reason == f"{path} is no DICOM file."
