"""What a TIFF or PNG promises is held against what it holds: samples, chains of pages, turned pictures."""

import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import ImageFile

from tests.reading.made_jpegs import scans_without_end
from viewer.core.errors import AppError
from viewer.reading.frames import file_frames, read_frame
from viewer.reading.pictures import in_children as pictures
from viewer.reading.pictures import tiff_pages
from viewer.reading.pictures.raster import read_raster, read_raster_info
from viewer.reading.scan import scan
from viewer.reading.series import FrameRef


def sentence(call: Callable[[], object]) -> str:
    with pytest.raises(AppError) as caught:
        call()
    return str(caught.value)


def tiff(path: Path, pages: int, **tags: int) -> Path:
    """A TIFF made by hand (TIFF 6.0 section 2): pages of 8 x 8 bytes, all of the same strip."""
    numbers = {"cols": (256, 8), "rows": (257, 8), "bits": (258, 8), "compression": (259, 1), "photometric": (262, 1)}
    strips = {"strip": (273, 8), "samples": (277, 1), "strip_rows": (278, 8), "strip_bytes": (279, 64)}
    rows = [(tag, tags.get(name, usual)) for name, (tag, usual) in (numbers | strips).items()]
    out = bytearray(b"II*\0" + struct.pack("<L", 8 + 64) + bytes(range(64)))
    for page in range(pages):
        out += struct.pack("<H", len(rows)) + b"".join(struct.pack("<HHLL", tag, 4, 1, value) for tag, value in rows)
        out += struct.pack("<L", len(out) + 4 if page < pages - 1 else 0)
    path.write_bytes(out)
    return path


@pytest.mark.parametrize(
    "tags",
    [
        {"samples": 255, "bits": 16, "rows": 20_000, "cols": 20_000},
        {"samples": 255, "bits": 32, "rows": 3_000, "cols": 3_000},
        {"rows": 60_000, "cols": 60_000},
        {"rows": 20_000, "cols": 20_000, "compression": 5},
    ],
)
def test_a_tiff_is_held_to_its_bytes_with_samples_counted(tmp_path: Path, tags: dict[str, int]) -> None:
    path = tiff(tmp_path / "a.tif", 1, **tags)

    (problem,) = scan([path]).problems

    assert path.name in problem.reason
    assert path.name in sentence(lambda: file_frames(path))
    assert path.name in sentence(lambda: read_frame(FrameRef(path=path)))


@pytest.mark.parametrize("pages", [2_000, pytest.param(60_000, marks=pytest.mark.full)])
def test_a_long_chain_of_pages_is_read_to_its_last(tmp_path: Path, pages: int) -> None:
    path = tiff(tmp_path / "a.tif", pages)

    refs = file_frames(path)

    assert len(refs) == pages
    assert read_frame(refs[-1]).stored.ravel().tolist() == list(range(64))


def test_a_picture_may_not_cost_any_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "PICTURE", replace(pictures.PICTURE, cpu_s=0.1))
    monkeypatch.setattr(pictures, "BYTES_A_SECOND", 1 << 30)
    path = tmp_path / "a.jpg"
    path.write_bytes(scans_without_end(11_000, 11_000, 99))

    assert "takes over" in sentence(lambda: read_frame(FrameRef(path=path)))
    assert read_frame(FrameRef(path=tiff(tmp_path / "b.tif", 2), frame_index=1)).stored.shape == (8, 8)


def png_turned(path: Path, *, behind: bool) -> Path:
    """A PNG of 2 x 3 whose EXIF (orientation 6) stands before or behind its pixels (PNG 11.3.4.5)."""
    import imagecodecs

    data = imagecodecs.png_encode(np.arange(6, dtype=np.uint8).reshape(2, 3))
    body = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    chunk = struct.pack(">L", len(body)) + b"eXIf" + body + struct.pack(">L", zlib.crc32(b"eXIf" + body))
    at = data.index(b"IEND" if behind else b"IDAT") - 4
    path.write_bytes(data[:at] + chunk + data[at:])
    return path


@pytest.mark.parametrize("behind", [False, True])
def test_the_exif_of_a_png_is_read_without_its_pixels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, behind: bool
) -> None:
    """Pillow decoded the whole picture to look for it: three times for one image on the screen."""
    path = png_turned(tmp_path / "a.png", behind=behind)

    def refuse(*_: object) -> None:
        raise AssertionError("the picture was decoded")

    with monkeypatch.context() as patch:
        patch.setattr(ImageFile.ImageFile, "load", refuse)
        info = read_raster_info(path)

    assert (info.rows, info.cols) == (3, 2)
    assert read_frame(FrameRef(path=path)).stored.tolist() == [[3, 0], [4, 1], [5, 2]]


def test_a_png_that_is_cut_is_told_from_its_chunks(tmp_path: Path) -> None:
    path = png_turned(tmp_path / "a.png", behind=False)
    path.write_bytes(path.read_bytes()[:-14])

    (problem,) = scan([path]).problems

    assert path.name in problem.reason
    assert "cut short" in problem.reason


def test_a_child_that_is_asked_page_by_page_walks_the_chain_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []

    class Counted(tifffile.TiffFile):
        def __init__(self, path: Path) -> None:
            opened.append(path)
            super().__init__(path)

    monkeypatch.setattr(tifffile, "TiffFile", Counted)
    monkeypatch.setattr(tiff_pages, "_last", tiff_pages._Last())
    tiff_pages.keep_open()
    path = tiff(tmp_path / "a.tif", 5)

    for page in range(5):
        read_raster(FrameRef(path=path, frame_index=page))
    assert opened == [path]

    tiff(path, 2)  # another file under its name
    assert "no page 4" in sentence(lambda: read_raster(FrameRef(path=path, frame_index=4)))
    tiff_pages._last.tiff.close()
