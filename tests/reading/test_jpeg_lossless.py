"""JPEG lossless as the standard has it, in streams written from the standard: what was coded comes back."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom.encaps import encapsulate

from tests.reading.made_jpegs import lossless_jpeg, segment
from viewer.core.errors import BadFile
from viewer.reading.frame import Frame
from viewer.reading.frames import read_frame
from viewer.reading.series import FrameRef

MakeDicom = Callable[..., Path]
LOSSLESS, FIRST_ORDER = "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"
ROWS, COLS = 12, 17
JFIF = segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")


def noise(precision: int, *shape: int) -> np.ndarray:
    """The whole range, both ends among it."""
    values = np.random.default_rng(precision).integers(0, 1 << precision, shape or (ROWS, COLS))
    values.flat[:2] = 0, (1 << precision) - 1
    return values.astype(np.uint8 if precision <= 8 else np.uint16)


def read(
    make_dicom: MakeDicom, pixels: np.ndarray, data: bytes, precision: int, syntax: str = LOSSLESS, **more: object
) -> Frame:
    size = {"BitsStored": precision, "HighBit": precision - 1}
    path = make_dicom("a.dcm", pixels, syntax=syntax, encoded=encapsulate([data]), **size, **more)
    return read_frame(FrameRef(path=path, frame_index=0))


@pytest.mark.parametrize("predictor", range(1, 8))
@pytest.mark.parametrize(("precision", "point"), [(8, 1), (8, 3), (10, 2), (12, 2), (16, 0), (16, 3), (16, 9)])
def test_the_point_transform_is_undone(make_dicom: MakeDicom, precision: int, point: int, predictor: int) -> None:
    """ITU-T T.81 A.4: the decoder multiplies its output by 2^Pt."""
    pixels = noise(precision) >> point << point

    frame = read(make_dicom, pixels, lossless_jpeg(pixels, precision, predictor=predictor, point=point), precision)

    assert np.array_equal(frame.stored, pixels)
    assert frame.facts.banner == ""


@pytest.mark.parametrize("point", [0, 2])
@pytest.mark.parametrize("scans", [((0, 1, 2),), ((0,), (1,), (2,)), ((2,), (0,), (1,)), ((0, 2), (1,))])
@pytest.mark.parametrize("predictor", [1, 4, 7])
def test_colour_comes_back_from_one_scan_and_from_several(
    make_dicom: MakeDicom, scans: tuple[tuple[int, ...], ...], predictor: int, point: int
) -> None:
    pixels = noise(8, ROWS, COLS, 3) >> point << point
    data = lossless_jpeg(pixels, 8, predictor=predictor, point=point, scans=scans)

    frame = read(make_dicom, pixels, data, 8)

    assert np.array_equal(frame.stored, pixels)
    assert frame.facts.banner == ""


def test_colour_of_16_bits_in_three_scans(make_dicom: MakeDicom) -> None:
    pixels = noise(16, ROWS, COLS, 3)

    frame = read(make_dicom, pixels, lossless_jpeg(pixels, 16, scans=((0,), (1,), (2,))), 16)

    assert np.array_equal(frame.stored, pixels)


def test_lossless_ybr_is_converted_after_the_point_transform(make_dicom: MakeDicom) -> None:
    ybr = np.full((ROWS, COLS, 3), (76, 84, 252), np.uint8)  # all multiples of 4

    frame = read(
        make_dicom, ybr, lossless_jpeg(ybr, 8, point=2), 8, PhotometricInterpretation="YBR_FULL", PlanarConfiguration=0
    )

    # By ITU-T T.871 section 7: 76 + 1.402 * 124, 76 + 0.344 * 44 - 0.714 * 124, 76 - 1.772 * 44.
    assert np.abs(frame.stored.astype(int) - (250, 3, 0)).max() <= 1


def test_a_lossless_stream_of_jfif_is_ycbcr_whatever_the_header_says(make_dicom: MakeDicom) -> None:
    """JFIF has no other colours (ITU-T T.871); letters as component numbers say RGB outright."""
    ybr = np.full((ROWS, COLS, 3), (76, 85, 255), np.uint8)

    jfif = read(make_dicom, ybr, lossless_jpeg(ybr, 8, before=JFIF), 8)
    letters = read(make_dicom, ybr, lossless_jpeg(ybr, 8, ids=(82, 71, 66)), 8, PhotometricInterpretation="YBR_FULL")

    assert np.abs(jfif.stored.astype(int) - (254, 0, 0)).max() <= 2
    assert np.array_equal(letters.stored, ybr)


@pytest.mark.parametrize("every", [1, 4, 5])
@pytest.mark.parametrize("precision", [8, 12, 16])
@pytest.mark.parametrize("predictor", [1, 6])
def test_restart_intervals(make_dicom: MakeDicom, every: int, precision: int, predictor: int) -> None:
    pixels = noise(precision)
    data = lossless_jpeg(pixels, precision, predictor=predictor, restart_rows=every)

    frame = read(make_dicom, pixels, data, precision, FIRST_ORDER)

    assert np.array_equal(frame.stored, pixels)
    assert frame.facts.banner == ""


def test_restart_intervals_in_colour_and_in_three_scans(make_dicom: MakeDicom) -> None:
    pixels = noise(8, ROWS, COLS, 3)

    for scans in ((), ((0,), (1,), (2,))):
        frame = read(make_dicom, pixels, lossless_jpeg(pixels, 8, restart_rows=2, scans=scans), 8)
        assert np.array_equal(frame.stored, pixels)


@pytest.mark.parametrize("precision", [8, 12])
def test_the_number_of_lines_may_follow_the_first_scan(make_dicom: MakeDicom, precision: int) -> None:
    """A frame header of 0 lines and a DNL segment (B.2.5)."""
    pixels = noise(precision)

    frame = read(make_dicom, pixels, lossless_jpeg(pixels, precision, with_dnl=True), precision)

    assert np.array_equal(frame.stored, pixels)
    assert frame.facts.banner == ""


def test_a_colour_that_is_not_there_is_refused_by_name(make_dicom: MakeDicom) -> None:
    pixels = noise(8, ROWS, COLS, 3)
    data = lossless_jpeg(pixels, 8, scans=((0,), (1,)))

    with pytest.raises(BadFile, match=r"a\.dcm .*colours"):
        read(make_dicom, pixels, data, 8)


def test_a_signed_image_with_a_point_transform_keeps_its_sign(make_dicom: MakeDicom) -> None:
    values = ((np.arange(ROWS * COLS).reshape(ROWS, COLS) * 37 % 4096) - 2048 >> 2 << 2).astype(np.int16)
    data = lossless_jpeg((values & 0xFFF).astype(np.uint16), 12, point=2)

    frame = read(make_dicom, values, data, 12, PixelRepresentation=1)

    assert np.array_equal(frame.stored, values)
