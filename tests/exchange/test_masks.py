"""What a mask picture means: every kind that tools write, with the pixels counted by hand.

The region is 20 x 10 = 200 pixels in a picture of 60 x 80 (rows x columns).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.exchange.mask_pictures import (
    CLASSES,
    COLS,
    FLAT,
    INSIDE,
    ROWS,
    Brought,
    areas,
    grey_png,
    palette,
    saved,
    tiff,
    with_alpha,
)
from viewer.core.errors import BadRequest
from viewer.exchange.importing import ImportReport
from viewer.project.project import Project

PLAIN = {
    "0 and 255": (saved(INSIDE * 255), "png"),
    "0 and 1": (saved(INSIDE), "png"),
    "0 and 128": (saved(INSIDE * 128), "png"),
    "1 bit": (saved(INSIDE.astype(bool)), "png"),
    "grey with alpha": (saved(with_alpha(INSIDE * 255, FLAT)), "png"),
    "RGB": (saved(np.dstack([INSIDE * 255] * 3)), "png"),
    "red on black": (saved(np.dstack([INSIDE * 255, INSIDE * 0, INSIDE * 0])), "png"),
    "RGBA, all opaque": (saved(np.dstack([INSIDE * 255] * 3 + [FLAT])), "png"),
    "indexed": (palette(INSIDE, 0, 0, 0, 200, 10, 10), "png"),
    "16 bits": (saved(INSIDE.astype(np.uint16) * 65535), "png"),
    "16 bits, value 1": (saved(INSIDE.astype(np.uint16)), "png"),
    "2 bits": (grey_png(INSIDE * 3, 2), "png"),
    "TIFF": (tiff(INSIDE * 255), "tif"),
    "TIFF of floats": (tiff(INSIDE.astype(np.float32)), "tiff"),
    "TIFF, white is 0": (tiff(255 - INSIDE * 255, photometric="miniswhite"), "tif"),
    "TIFF of a fax": (lambda path: Image.fromarray(INSIDE.astype(bool)).save(path, compression="group4"), "tif"),
    "BMP": (saved(INSIDE * 255), "bmp"),
    "GIF": (saved(INSIDE), "gif"),
}


@pytest.mark.parametrize("kind", PLAIN)
def test_a_mask_of_inside_and_outside_is_read_without_a_word(bring: Brought, kind: str) -> None:
    write, suffix = PLAIN[kind]

    found, report = bring(write, suffix)

    assert found == {"mask": 200}
    assert (report.problems, report.notes) == ((), ())


@pytest.mark.parametrize(
    "pixels",
    [
        with_alpha(INSIDE * 0, INSIDE * 255),  # black, opaque inside
        with_alpha(np.dstack([INSIDE * 255, INSIDE * 0, INSIDE * 0]), INSIDE * 255),  # a red layer of a painter
        with_alpha(np.dstack([FLAT * 0] * 3), INSIDE * 255),
        with_alpha(FLAT, INSIDE * 128),  # half transparent
    ],
)
def test_a_mask_in_the_alpha_channel_is_read_there_and_said(bring: Brought, pixels: NDArray[Any]) -> None:
    found, report = bring(saved(pixels))

    assert found == {"mask": 200}
    assert "opaque is inside" in report.notes[0]


def test_transparent_pixels_of_several_colours_are_outside(bring: Brought) -> None:
    white = np.dstack([np.where(INSIDE, 255, 0)] * 3)
    white[:5] = 77  # what lies below a wholly transparent pixel is not seen
    alpha = FLAT.copy()
    alpha[:5] = 0

    found, report = bring(saved(with_alpha(white, alpha)))

    assert found == {"mask": 200}
    assert "transparent pixels are outside" in report.notes[0]


@pytest.mark.parametrize("quality", [30, 75, 95])
def test_a_jpeg_mask_is_cut_at_half_and_said_to_be_lossy(bring: Brought, quality: int) -> None:
    found, report = bring(saved(INSIDE * 255, quality=quality), "jpg")

    assert abs(found["mask"] - 200) <= 4
    assert "lossy" in report.notes[0] and "127.5" in report.notes[0]


def test_classes_in_a_jpeg_are_left_out(bring: Brought) -> None:
    found, report = bring(saved(CLASSES * 80, quality=90), "jpg", {"mask": ["classes"]})

    assert found == {}
    assert "compression" in report.problems[0][1] and "a.jpg" in report.problems[0][1]


def test_a_soft_edge_is_cut_at_half_and_said(bring: Brought) -> None:
    # 30 x 30 pixels moved by a third of one: each edge is 2/3 or 1/3 covered, and the first corner 4/9.
    fine = np.zeros((ROWS * 3, COLS * 3))
    fine[31:121, 61:151] = 255
    soft = fine.reshape(ROWS, 3, COLS, 3).mean(axis=(1, 3)).round().astype(np.uint8)

    found, report = bring(saved(soft))

    assert found == {"mask": 900 - 1}
    assert "soft" in report.notes[0]


@pytest.mark.parametrize("kind", ["classes", "instances"])
def test_a_soft_edge_does_not_become_a_hundred_classes(bring: Brought, kind: str) -> None:
    y, x = np.mgrid[:ROWS, :COLS]
    disc = np.clip((15 - np.hypot(y - 30.31, x - 40.17)) * 255, 0, 255).astype(np.uint8)
    assert len(np.unique(disc)) > 20

    found, report = bring(saved(disc), options={"mask": [kind]})

    assert found == {}
    assert "soft" in report.problems[0][1]


def test_a_soft_brush_does_not_grow(bring: Brought) -> None:
    y, x = np.mgrid[:ROWS, :COLS]
    distance = np.hypot(y - 30, x - 40)
    brush = np.clip((20 - distance) / 8 * 255, 0, 255).astype(np.uint8)  # full up to 12 pixels, 0 from 20 on

    found, report = bring(saved(brush))

    assert found["mask"] == (brush >= 128).sum() == pytest.approx(np.pi * 16**2, rel=0.02)
    assert "soft" in report.notes[0]


@pytest.mark.parametrize("settle", [{"mask-threshold": ["200"]}, {"mask-value": ["255"]}, {"mask-value": ["0"]}])
def test_a_threshold_or_an_end_settles_a_soft_edge(bring: Brought, settle: dict[str, list[str]]) -> None:
    ramp = np.zeros((ROWS, COLS), np.uint8)
    ramp[20:40] = np.clip(np.arange(COLS) * 64 - 1280, 0, 255)  # 0 up to column 20, then 64, 128, 192, 255 from 24 on

    found, _ = bring(saved(ramp), options=settle)

    from_column = {"200": 24, "255": 22, "0": 22}[next(iter(settle.values()))[0]]
    inside = 20 * (COLS - from_column)
    assert found == {"mask": ROWS * COLS - inside if settle == {"mask-value": ["0"]} else inside}


def test_an_inverted_mask_is_not_taken_as_it_stands(bring: Brought) -> None:
    found, report = bring(saved(255 - INSIDE * 255))

    assert found == {}
    assert "inside out" in report.problems[0][1]
    assert report.settle[0] == "--mask-value 255 or --mask-value 0"


@pytest.mark.parametrize(("value", "area"), [("0", 200), ("255", ROWS * COLS - 200)])
def test_the_value_asked_for_settles_an_inverted_mask(bring: Brought, value: str, area: int) -> None:
    assert bring(saved(255 - INSIDE * 255), options={"mask-value": [value]})[0] == {"mask": area}


def test_a_mask_without_a_0_is_left_out_until_a_value_is_asked_for(
    bring: Brought, project: Project, tmp_path: Path, bring_in: Callable[..., ImportReport]
) -> None:
    found, report = bring(saved(np.where(INSIDE, 200, 100).astype(np.uint8)))

    assert found == {}
    assert "100 and 200 and no 0" in report.problems[0][1]
    bring_in(project, "masks", tmp_path / "set", {"mask-value": ["200"]})
    assert areas(project) == {"mask": 200}


def test_not_a_number_is_outside_and_said(bring: Brought) -> None:
    values = INSIDE.astype(np.float32)
    values[50:60, 0:10] = np.nan

    found, report = bring(tiff(values), "tif")

    assert found == {"mask": 200}
    assert "100 pixels that are no number" in report.notes[0]


def test_probabilities_need_a_threshold(
    bring: Brought, project: Project, tmp_path: Path, bring_in: Callable[..., ImportReport]
) -> None:
    ramp = np.linspace(0, 1, COLS, dtype=np.float32)[None].repeat(ROWS, 0)

    found, report = bring(tiff(ramp), "tif")
    assert found == {}
    assert report.settle[0] == "--mask-threshold 0.5"

    bring_in(project, "masks", tmp_path / "set", {"mask-threshold": ["0.25"]})
    assert areas(project) == {"mask": ROWS * 60}


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (np.where(INSIDE, np.inf, 0).astype(np.float32), "infinite"),
        (-INSIDE.astype(np.int16), "negative"),
        (np.stack([INSIDE] * 5, axis=2), "5 channels"),
    ],
)
def test_what_a_mask_cannot_hold_is_left_out_by_name(bring: Brought, values: NDArray[Any], why: str) -> None:
    options = {"photometric": "minisblack", "planarconfig": "contig"} if values.ndim == 3 else {}

    found, report = bring(tiff(values, **options), "tif")

    assert found == {}
    assert why in report.problems[0][1] and "a.tif" in report.problems[0][1]


def test_a_palette_whose_black_is_not_first_is_left_out(bring: Brought) -> None:
    found, report = bring(palette(1 - INSIDE, 255, 255, 255, 0, 0, 0))

    assert found == {}
    assert "#ffffff at 0 and black at 1" in report.problems[0][1]


def test_a_mask_that_is_all_inside_is_taken_and_said(bring: Brought) -> None:
    found, report = bring(saved(FLAT))

    assert found == {"mask": ROWS * COLS}
    assert "the whole picture is inside" in report.notes[0]


def test_an_empty_mask_is_no_annotation_and_said(bring: Brought) -> None:
    found, report = bring(saved(INSIDE * 0))

    assert (found, report.images) == ({}, 1)
    assert "1 masks" in report.notes[0] and "empty" in report.notes[0]


def test_a_value_that_is_not_there_is_said(bring: Brought) -> None:
    found, report = bring(saved(INSIDE), options={"mask-value": ["255"]})

    assert found == {}
    assert "no pixel of the values asked for (it has 0, 1)" in report.notes[0]


def test_a_mask_of_another_size_is_named(bring: Brought) -> None:
    found, report = bring(saved(INSIDE.T * 255))

    assert found == {}
    assert "80 x 60" in report.problems[0][1] and "60 x 80" in report.problems[0][1]


@pytest.mark.parametrize("cut", [8, 0.5, 0.9, 1.0])
def test_a_mask_that_is_cut_is_named(bring: Brought, tmp_path: Path, cut: float) -> None:
    saved(np.random.default_rng(1).integers(0, 2, (ROWS, COLS)).astype(np.uint8) * 255)(tmp_path / "whole.png")
    whole = (tmp_path / "whole.png").read_bytes()
    length = int(cut) if cut == 8 else int((len(whole) - 20) * cut)

    found, report = bring(lambda path: path.write_bytes(whole[:length]))

    assert (found, report.images) == ({}, 1)
    assert "a.png" in report.problems[0][1]


def test_a_jpeg_mask_that_lost_data_is_left_out(bring: Brought, tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    blobs = np.kron(rng.integers(0, 2, (ROWS // 4, COLS // 4)), np.ones((4, 4))).astype(np.uint8) * 255
    saved(blobs, quality=90)(tmp_path / "whole.jpg")
    data = bytearray((tmp_path / "whole.jpg").read_bytes())
    start = int(len(data) * 0.7)
    data[start : start + 200] = bytes(200)

    found, report = bring(lambda path: path.write_bytes(bytes(data)), "jpg")

    assert found == {}
    assert "damaged" in report.problems[0][1] and "a.jpg" in report.problems[0][1]


def test_a_png_mask_whose_checksum_is_wrong_is_left_out(bring: Brought, tmp_path: Path) -> None:
    saved(INSIDE * 255, compress_level=0)(tmp_path / "whole.png")
    data = bytearray((tmp_path / "whole.png").read_bytes())
    at = data.index(b"IDAT") + 40
    data[at] ^= 0xFF  # stored, not compressed: one pixel, and the checksums

    found, report = bring(lambda path: path.write_bytes(bytes(data)))

    assert found == {}
    assert "damaged" in report.problems[0][1] and "a.png" in report.problems[0][1]


def test_a_turned_mask_is_turned_as_it_is_shown(bring: Brought) -> None:
    # Orientation 6: shown turned clockwise by a quarter; stored it is 80 x 60.
    stored = np.rot90(INSIDE, 1) * 255
    exif = Image.Exif()
    exif[0x0112] = 6

    found, report = bring(saved(stored, exif=exif))

    assert (found, report.problems) == ({"mask": 200}, ())


@pytest.mark.parametrize(
    "options",
    [
        {"mask-value": ["lung"]},
        {"mask-value": ["#ff00"]},
        {"mask": ["several"]},
        {"mask": ["one"], "mask-value": ["1"]},
        {"mask": ["classes"], "mask-threshold": ["1"]},
        {"mask-threshold": ["half"]},
    ],
)
def test_options_that_cannot_be_are_refused_in_one_sentence(bring: Brought, options: dict[str, list[str]]) -> None:
    with pytest.raises(BadRequest, match="--mask"):
        bring(saved(INSIDE), options=options)
