"""PNG, JPEG and TIFF: the file's own depth, EXIF orientation, pages, and a sentence for what is broken."""

import struct
import zlib
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image

from viewer.core.errors import BadFile, UnsupportedFile
from viewer.reading.frames import Frame, file_frames, read_frame
from viewer.reading.scan import all_series, scan

RNG = np.random.default_rng(3)
GREY_16 = RNG.integers(0, 65536, (5, 7), dtype=np.uint16)
COLOUR = RNG.integers(0, 256, (5, 7, 3), dtype=np.uint8)


def frames(path: Path) -> list[Frame]:
    return [read_frame(ref) for ref in file_frames(path)]


@pytest.mark.parametrize(
    "pixels", [GREY_16, (GREY_16 >> 8).astype(np.uint8), COLOUR, RNG.integers(0, 65536, (5, 7, 3), dtype=np.uint16)]
)
def test_a_png_keeps_its_depth(tmp_path: Path, pixels: np.ndarray) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(imagecodecs.png_encode(pixels))

    (frame,) = frames(path)

    assert frame.stored.dtype == pixels.dtype
    assert np.array_equal(frame.stored, pixels)
    assert frame.facts.spacing is None
    assert frame.facts.unit == ""


def test_a_png_with_a_palette_is_the_picture_of_its_palette(tmp_path: Path) -> None:
    image = Image.fromarray(np.array([[0, 1]], np.uint8), mode=None).convert("P")
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.save(tmp_path / "a.png")

    assert frames(tmp_path / "a.png")[0].stored.tolist() == [[[10, 20, 30], [40, 50, 60]]]


def test_transparency_is_left_out(tmp_path: Path) -> None:
    rgba = np.dstack([COLOUR, np.zeros((5, 7), np.uint8)])
    (tmp_path / "a.png").write_bytes(imagecodecs.png_encode(rgba))

    assert np.array_equal(frames(tmp_path / "a.png")[0].stored, COLOUR)


@pytest.mark.parametrize("pixels", [GREY_16, GREY_16.astype(np.int16), GREY_16.astype(np.float32), COLOUR])
def test_every_page_of_a_tiff_is_a_frame_in_its_own_depth(tmp_path: Path, pixels: np.ndarray) -> None:
    path = tmp_path / "a.tif"
    pages = np.stack([pixels, pixels[::-1]])
    tifffile.imwrite(path, pages, photometric="rgb" if pixels.ndim == 3 else "minisblack", metadata=None)

    found = frames(path)

    assert len(found) == 2
    assert all(np.array_equal(frame.stored, page) for frame, page in zip(found, pages))
    assert found[0].stored.dtype == pixels.dtype
    assert [len(series.frames) for series in all_series(scan([path]))] == [2]


def test_a_tiff_with_white_as_zero_keeps_its_values_and_says_monochrome1(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", GREY_16, photometric="miniswhite", metadata=None)

    (frame,) = frames(tmp_path / "a.tif")

    assert frame.facts.photometric == "MONOCHROME1"
    assert np.array_equal(frame.stored, GREY_16)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(tmp_path: Path, orientation: int) -> None:
    upright = np.zeros((16, 32), np.uint8)
    upright[:8, :8] = 255  # one bright corner, top left, on a picture wider than high
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.T,
        6: np.rot90(upright, 1),
        7: upright[::-1, ::-1].T,
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(np.ascontiguousarray(stored)).save(tmp_path / "a.jpg", exif=exif, quality=100)

    (frame,) = frames(tmp_path / "a.jpg")

    assert (frame.facts.rows, frame.facts.cols) == frame.stored.shape == (16, 32)
    assert np.abs(frame.stored.astype(int) - upright).max() < 10
    assert frame.facts.lossy
    assert [(s.rows, s.cols) for s in all_series(scan([tmp_path]))] == [(16, 32)]


def test_a_grey_jpeg_stays_grey_and_a_colour_one_is_rgb(tmp_path: Path) -> None:
    Image.fromarray(np.full((8, 8), 90, np.uint8)).save(tmp_path / "grey.jpg")
    Image.fromarray(np.full((8, 8, 3), (200, 30, 30), np.uint8)).save(tmp_path / "red.jpg", quality=95)

    assert frames(tmp_path / "grey.jpg")[0].stored.shape == (8, 8)
    assert np.abs(frames(tmp_path / "red.jpg")[0].stored[4, 4].astype(int) - (200, 30, 30)).max() < 4


def test_an_absurd_size_is_refused_before_anything_is_allocated(tmp_path: Path) -> None:
    header = struct.pack(">LLBBBBB", 1_000_000, 1_000_000, 16, 0, 0, 0, 0)
    chunk = b"IHDR" + header
    path = tmp_path / "huge.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + struct.pack(">L", 13) + chunk + struct.pack(">L", zlib.crc32(chunk)) + b"\0\0\0\0IDAT"
    )

    with pytest.raises((UnsupportedFile, BadFile), match=r"huge\.png"):
        file_frames(path)
    assert len(scan([tmp_path]).problems) == 1


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif"])
def test_a_cut_picture_is_refused_by_name(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"cut.{suffix}"
    Image.fromarray(RNG.integers(0, 256, (200, 200), dtype=np.uint8)).save(path)
    path.write_bytes(path.read_bytes()[:2000])

    with pytest.raises((BadFile, UnsupportedFile), match="cut"):
        frames(path)
