"""Stacks of one TIFF directory show every image; what is promised and not there, or not shown, is said."""

import struct
from pathlib import Path

import numpy as np
import pytest
import tifffile

from viewer.core.errors import BadFile
from viewer.reading.frames import file_frames, read_frame
from viewer.reading.scan import all_series, scan
from viewer.reading.series import FrameRef


def write_one_directory(path: Path, images: np.ndarray, description: str, *, order: str = ">") -> Path:
    """A TIFF by hand (TIFF 6.0 section 2): one directory that describes images[0], all values behind each other."""
    colours = images.ndim == 4
    rows, cols = images.shape[1:3]
    text = description.encode() + b"\0"
    samples = 3 if colours else 1
    tags = [
        (256, 4, 1, cols), (257, 4, 1, rows), (258, 3, 1, 8 * images.dtype.itemsize), (259, 3, 1, 1),
        (262, 3, 1, 2 if colours else 1), (277, 3, 1, samples), (278, 4, 1, rows),
        (279, 4, 1, rows * cols * samples * images.dtype.itemsize),
        (339, 3, 1, {"u": 1, "i": 2, "f": 3}[images.dtype.kind]),
    ]  # fmt: skip
    head = 8 + 2 + 12 * (len(tags) + 2) + 4
    tags += [(270, 2, len(text), head), (273, 4, 1, head + len(text) + len(text) % 2)]
    if colours:
        tags = [tag for tag in tags if tag[0] != 258]
        tags.append((258, 3, 3, head + len(text) + len(text) % 2 + images.nbytes))
    out = struct.pack(order + "2sHL", b"MM" if order == ">" else b"II", 42, 8) + struct.pack(order + "H", len(tags))
    for number, kind, count, value in sorted(tags):
        packed = struct.pack(order + "HH", value, 0) if kind == 3 and count == 1 else struct.pack(order + "L", value)
        out += struct.pack(order + "HHL", number, kind, count) + packed
    out += struct.pack(order + "L", 0) + text + b"\0" * (len(text) % 2)
    out += images.astype(images.dtype.newbyteorder(order)).tobytes()
    if colours:
        out += struct.pack(order + "3H", *[8 * images.dtype.itemsize] * 3)
    path.write_bytes(out)
    return path


def read_all(path: Path) -> np.ndarray:
    return np.stack([read_frame(ref).stored for ref in file_frames(path)])


IMAGES = np.arange(6 * 3 * 5, dtype=np.uint16).reshape(6, 3, 5) * 7
DESCRIPTIONS = {
    "images": "ImageJ=1.53t\nimages=6\n",
    "slices": "ImageJ=1.53t\nimages=6\nslices=6\nloop=false\n",
    "frames": "ImageJ=1.53t\nimages=6\nframes=6\n",
    "channels": "ImageJ=1.53t\nimages=6\nchannels=6\nmode=grayscale\n",
    "hyperstack": "ImageJ=1.53t\nimages=6\nchannels=2\nslices=3\nhyperstack=true\nmode=composite\n",
    "channels of three": "ImageJ=1.53t\nimages=6\nchannels=3\nframes=2\nhyperstack=true\n",
    "without a count": "ImageJ=1.53t\nslices=3\nframes=2\n",
}


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_every_image_of_an_imagej_stack_is_shown(tmp_path: Path, name: str, order: str) -> None:
    path = write_one_directory(tmp_path / "a.tif", IMAGES, DESCRIPTIONS[name], order=order)

    (series,) = all_series(scan([path]))

    assert len(series.frames) == 6
    assert np.array_equal(read_all(path), IMAGES)
    assert read_frame(series.frames[3]).facts.banner == ""


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32])
def test_the_images_of_a_stack_keep_their_kind_of_number(tmp_path: Path, dtype: type) -> None:
    images = (IMAGES % 100).astype(dtype) - (50 if np.dtype(dtype).kind != "u" else 0)
    images = images.astype(dtype)

    found = read_all(write_one_directory(tmp_path / "a.tif", images, DESCRIPTIONS["images"]))

    assert np.array_equal(found, images)


def test_a_stack_in_colour_is_shown_in_colour(tmp_path: Path) -> None:
    images = np.arange(2 * 3 * 5 * 3, dtype=np.uint8).reshape(2, 3, 5, 3)

    found = read_all(write_one_directory(tmp_path / "a.tif", images, "ImageJ=1.53t\nimages=2\nslices=2\n"))

    assert np.array_equal(found, images)


def test_a_stack_that_tifffile_shortened_is_shown(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", IMAGES, truncate=True, photometric="minisblack")

    assert np.array_equal(read_all(tmp_path / "a.tif"), IMAGES)


def test_a_stack_with_a_directory_for_each_image_stays_what_it_was(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", IMAGES, imagej=True)

    assert np.array_equal(read_all(tmp_path / "a.tif"), IMAGES)


def test_images_that_a_stack_lacks_are_said(tmp_path: Path) -> None:
    path = write_one_directory(tmp_path / "a.tif", IMAGES[:4], DESCRIPTIONS["slices"])

    (series,) = all_series(scan([path]))

    assert len(series.frames) == 4
    assert np.array_equal(read_all(path), IMAGES[:4])
    assert "6 images; 4 can be read" in read_frame(series.frames[0]).facts.banner
    assert [warning.code for warning in series.warnings] == ["missing-images"]


def test_a_stack_whose_first_image_is_compressed_says_what_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, IMAGES[0], description=DESCRIPTIONS["images"], metadata=None, compression="zlib")

    (series,) = all_series(scan([path]))

    assert len(series.frames) == 1
    assert "6 images; 1 can be read" in series.warnings[0].text


@pytest.mark.parametrize("number", ["-3", "1e99", "99999999999", "six", ""])
def test_an_odd_count_leaves_the_image_that_is_there(tmp_path: Path, number: str) -> None:
    path = write_one_directory(tmp_path / "a.tif", IMAGES[:1], f"ImageJ=1.53t\nimages={number}\n")

    assert np.array_equal(read_all(path), IMAGES[:1])


def test_an_image_past_the_end_of_a_stack_is_refused(tmp_path: Path) -> None:
    path = write_one_directory(tmp_path / "a.tif", IMAGES, DESCRIPTIONS["images"])

    with pytest.raises(BadFile, match="no page 6"):
        read_frame(FrameRef(path=path, frame_index=6))


@pytest.mark.parametrize("name", ["a.png", "a.mpo"])
def test_a_picture_that_holds_others_says_so(tmp_path: Path, name: str) -> None:
    from PIL import Image

    first, *others = (Image.fromarray(np.full((8, 8), value, np.uint8)) for value in (10, 200, 30))
    first.save(tmp_path / name, save_all=True, append_images=others)

    (series,) = all_series(scan([tmp_path]))
    frame = read_frame(series.frames[0])

    assert abs(int(frame.stored[4, 4]) - 10) <= 2
    assert "holds 3 pictures" in frame.facts.banner
    assert [warning.code for warning in series.warnings] == ["missing-images"]
