"""JPEG 2000 streams that end early: whole tiles are shown, all else is refused, because a part gives wrong values."""

import io
import struct
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.encaps import encapsulate, generate_frames

from viewer.core.errors import BadFile
from viewer.reading.frame import Frame
from viewer.reading.frames import read_frame
from viewer.reading.series import FrameRef

MakeDicom = Callable[..., Path]
BASE = "1.2.840.10008.1.2.4."
Y, X = np.mgrid[0:64, 0:48]
PIXELS = (2000 + 1900 * np.sin(X / 6) * np.cos(Y / 5)).astype(np.uint16)
EIGHT = (PIXELS >> 4).astype(np.uint8)
SOT, END = b"\xff\x90\x00\x0a", b"\xff\xd9"
ONE_TILE = bytes(imagecodecs.jpeg2k_encode(PIXELS, codecformat="j2k", level=0, reversible=True, bitspersample=12))
HIGH_THROUGHPUT = bytes(imagecodecs.htj2k_encode(PIXELS))


def read(make_dicom: MakeDicom, data: bytes, syntax: str = "90") -> Frame:
    path = make_dicom("a.dcm", PIXELS, syntax=BASE + syntax, encoded=encapsulate([data]), BitsStored=12, HighBit=11)
    return read_frame(FrameRef(path=path))


def read_tiled(make_dicom: MakeDicom, data: bytes) -> Frame:
    return read_frame(FrameRef(path=make_dicom("a.dcm", EIGHT, syntax=BASE + "90", encoded=encapsulate([data]))))


def tiled() -> bytes:
    """EIGHT in 4 x 3 tiles of 16 x 16."""
    out = io.BytesIO()
    Image.fromarray(EIGHT).save(out, "JPEG2000", no_jp2=True, irreversible=False, tile_size=(16, 16))
    assert out.getvalue().count(SOT) == 12
    return out.getvalue()


@pytest.mark.parametrize(("data", "syntax"), [(ONE_TILE, "90"), (HIGH_THROUGHPUT, "201")])
@pytest.mark.parametrize("keep", [0.3, 0.9, 0.99])
def test_a_cut_stream_of_one_tile_is_refused_by_name(
    make_dicom: MakeDicom, data: bytes, syntax: str, keep: float
) -> None:
    with pytest.raises(BadFile, match=r"a\.dcm .* ends early"):
        read(make_dicom, data[: int(len(data) * keep)], syntax)


def test_a_cut_stream_whose_tile_says_no_length_is_refused_also_where_the_codec_takes_it(make_dicom: MakeDicom) -> None:
    # Psot = 0: the tile runs to the end marker, so the codec cannot see that packets are missing behind a whole one.
    open_ended = bytearray(ONE_TILE)
    struct.pack_into(">L", open_ended, ONE_TILE.index(SOT) + 6, 0)
    taken = []
    for length in range(ONE_TILE.index(SOT) + 14, len(ONE_TILE) - 2):
        try:
            taken.append((length, imagecodecs.jpeg2k_decode(bytes(open_ended[:length]))))
        except RuntimeError:
            continue
    assert any(not np.array_equal(array, PIXELS) for _, array in taken)

    for length, _ in taken:
        with pytest.raises(BadFile, match="ends early"):
            read(make_dicom, bytes(open_ended[:length]))


@pytest.mark.parametrize("lost", [1, 2])
def test_a_stream_that_only_lacks_its_end_marker_is_read_exactly(make_dicom: MakeDicom, lost: int) -> None:
    assert ONE_TILE.endswith(END)
    assert tiled().endswith(END)

    one, many = read(make_dicom, ONE_TILE[:-lost]), read_tiled(make_dicom, tiled()[:-lost])

    assert np.array_equal(one.stored, PIXELS)
    assert np.array_equal(many.stored, EIGHT)
    assert one.facts.rows_there is many.facts.rows_there is None


@pytest.mark.parametrize(("tiles", "rows"), [(3, 16), (5, 16), (6, 32), (11, 48)])
@pytest.mark.parametrize("more", [0, 30])
def test_a_cut_tiled_stream_shows_its_whole_rows_of_tiles(
    make_dicom: MakeDicom, tiles: int, rows: int, more: int
) -> None:
    data = tiled()
    starts = [n for n in range(len(data)) if data.startswith(SOT, n)]

    frame = read_tiled(make_dicom, data[: starts[tiles] + more])

    assert frame.facts.rows_there == rows
    assert f"{rows} of 64 rows are there" in frame.facts.banner
    assert np.array_equal(frame.stored[:rows], EIGHT[:rows])
    assert not frame.stored[rows:].any()


def test_a_cut_tiled_stream_without_a_whole_row_of_tiles_is_refused(make_dicom: MakeDicom) -> None:
    data = tiled()
    starts = [n for n in range(len(data)) if data.startswith(SOT, n)]

    with pytest.raises(BadFile, match="ends early"):
        read_tiled(make_dicom, data[: starts[2] + 30])


@pytest.mark.parametrize(
    "name",
    [
        "syntax/jpeg2000/MR_small_jp2klossless.dcm",
        "syntax/jpeg2000/J2K_pixelrep_mismatch.dcm",
        "syntax/jpeg2000/ELSCINT1_JP2vsJ2K.dcm",
        "syntax/jpeg2000/VL6_J2KI",
        "syntax/htj2k/HTJ2KLossless_08_RGB.dcm",
        "syntax/htj2k/HTJ2K_08_RGB.dcm",
    ],
)
def test_real_streams_that_are_cut_are_refused_by_name(corpus: Path, tmp_path: Path, name: str) -> None:
    dataset = pydicom.dcmread(corpus / name)
    data = next(generate_frames(dataset.PixelData, number_of_frames=1))
    for keep in (0.5, 0.9, 0.97):
        dataset.PixelData = encapsulate([data[: int(len(data) * keep)]])
        path = tmp_path / f"cut_{keep}.dcm"
        dataset.save_as(path)

        with pytest.raises(BadFile, match=rf"cut_{keep}\.dcm .* ends early"):
            read_frame(FrameRef(path=path))
