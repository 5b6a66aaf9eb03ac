"""Sizes of TIFF pages read from their directories agree with tifffile's, in both byte orders and both formats."""

import struct
from pathlib import Path

import numpy as np
import pytest
import tifffile

from viewer.reading.codestreams.tiff_sizes import page_sizes
from viewer.reading.pictures.raster import read_raster_info

SIZES = [(7, 5), (7, 5), (3, 9), (1, 70_000), (7, 5)]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("options", [{}, {"compression": "zlib"}, {"tile": (16, 16)}])
def test_they_agree(tmp_path: Path, order: str, big: bool, options: dict[str, object]) -> None:
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path, byteorder=order, bigtiff=big) as tiff:  # type: ignore[arg-type]
        for number, size in enumerate(SIZES):
            turn = [(274, 3, 1, 6, True)] if number == 2 else []
            tiff.write(np.zeros(size, np.uint8), metadata=None, extratags=turn, **options)  # type: ignore[arg-type]

    with tifffile.TiffFile(path) as tiff:
        wanted = [(page.imagelength, page.imagewidth) for page in tiff.pages]
    assert wanted == SIZES
    wanted[2] = (9, 3)  # orientation 6: its rows are columns
    assert list(page_sizes(path, 100)) == wanted
    assert list(page_sizes(path, 2)) == wanted[:2]
    assert read_raster_info(path).other_sizes == ((9, 3), (1, 70_000))


def directory(*tags: tuple[int, int, int], after: int) -> bytes:
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return struct.pack("<H", len(tags)) + entries + struct.pack("<I", after)


@pytest.mark.parametrize("after", [0, 10_000, 0xFFFFFFFF, 8])
def test_a_chain_that_leads_nowhere_ends(tmp_path: Path, after: int) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(b"II\x2a\x00" + struct.pack("<I", 8) + directory((256, 4, 6), (257, 3, 4), after=after))

    assert list(page_sizes(path, 3)) == [(4, 6)] * (3 if after == 8 else 1)


def test_more_tags_than_any_page_has_end_it_too(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(b"II\x2a\x00" + struct.pack("<I", 8) + directory(*[(256, 4, 6), (257, 4, 4)] * 2049, after=8))

    assert list(page_sizes(path, 60_000)) == []
