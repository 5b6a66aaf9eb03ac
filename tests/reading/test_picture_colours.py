"""Colours of any kind of number are shown alike, or refused by name: never black, on the screen or before a network."""

from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image

from viewer.core.errors import UnsupportedFile
from viewer.core.windowing import default_voi, display_table
from viewer.reading.frame import Frame
from viewer.reading.frames import read_frame
from viewer.reading.series import FrameRef

Y, X = np.mgrid[0:30, 0:40]
GREY = np.rint(128 + 90 * np.sin(X / 6) * np.cos(Y / 5))
RGB = np.stack([GREY, GREY[::-1], 255 - GREY], axis=2)


def tiff(values: np.ndarray, **more: object) -> Callable[[Path], None]:
    return lambda path: tifffile.imwrite(path, values, **{"photometric": "rgb", **more})


def png(values: np.ndarray) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(imagecodecs.png_encode(values))


def opaque(values: np.ndarray, full: float) -> np.ndarray:
    return np.concatenate([values, np.full((*values.shape[:2], 1), full)], axis=2)


def shown(frame: Frame) -> np.ndarray:
    return display_table(frame.facts, default_voi(frame.stored, frame.facts), invert=False).apply(frame.stored)


# What each picture is written as; all of them are the picture RGB / 255.
ALIKE: dict[str, tuple[str, Callable[[Path], object]]] = {
    "8 bits": ("", tiff(RGB.astype(np.uint8))),
    "16 bits": ("", tiff((RGB * 257).astype(np.uint16))),
    "16 bits with alpha": ("", tiff(opaque(RGB * 257, 65535).astype(np.uint16), extrasamples=["unassalpha"])),
    "16-bit PNG": ("", png((RGB * 257).astype(np.uint16))),
    "12 bits, said": ("", tiff((RGB * 16).astype(np.uint16), bitspersample=12)),
    "12 bits by Max Sample Value": ("", tiff((RGB * 16).astype(np.uint16), extratags=[(281, 3, 3, (4095,) * 3, True)])),
    "12 bits as JPEG": (
        "", tiff((RGB * 16).astype(np.uint16), compression="jpeg", compressionargs={"bitspersample": 12, "level": 99})
    ),
    "4 bits": ("", tiff((RGB / 17).round().astype(np.uint8), bitspersample=4)),
    "12 bits in 16": ("12 of their bits", tiff((RGB * 16).astype(np.uint16))),
    "12 bits in a 16-bit PNG": ("12 of their bits", png((RGB * 16).astype(np.uint16))),
    "10 bits in 16": ("10 of their bits", tiff((RGB * 4).astype(np.uint16))),
    "8 bits in 16": ("8 of their bits", tiff(RGB.astype(np.uint16))),
    "8 bits in signed 16": ("8 of their bits", tiff(RGB.astype(np.int16))),
    "signed 16": ("", tiff((RGB * 128).astype(np.int16))),
    "8 bits in 32": ("8 of their bits", tiff(RGB.astype(np.uint32))),
    "8 bits in signed 32": ("8 of their bits", tiff(RGB.astype(np.int32))),
    "16 bits in 64": ("", tiff((RGB * 257).astype(np.uint64))),
    "half": ("0 to 1", tiff((RGB / 255).astype(np.float16))),
    "float": ("0 to 1", tiff((RGB / 255).astype(np.float32))),
    "float with alpha": ("0 to 1", tiff(opaque(RGB / 255, 1).astype(np.float32), extrasamples=["unassalpha"])),
    "float by plane": (
        "0 to 1", tiff(np.moveaxis(RGB / 255, 2, 0).astype(np.float32), planarconfig="separate")
    ),
    "float a hair beyond": ("0 to 1", tiff((RGB / 255 * 1.002 - 0.001).astype(np.float32))),
    "double to 255": ("0 to 255", tiff(RGB)),
    "float to 65535": ("0 to 65535", tiff((RGB * 257).astype(np.float32))),
}  # fmt: skip

# Steps of 17; chroma at half the size.
COARSE = {"4 bits": 9, "12 bits as JPEG": 20}


@pytest.mark.parametrize("name", ALIKE)
def test_the_same_colours_in_other_numbers_are_the_same_picture(tmp_path: Path, name: str) -> None:
    said, write = ALIKE[name]
    write(tmp_path / "a.tif")

    frame = read_frame(FrameRef(path=tmp_path / "a.tif", frame_index=0))

    assert np.abs(shown(frame).astype(float) - RGB).max() <= COARSE.get(name, 3)
    assert said in frame.facts.banner
    assert bool(said) == bool(frame.facts.banner)


REFUSED = {
    "negative floats": tiff((RGB / 127 - 1).astype(np.float32)),
    "floats over 1 that may be anything": tiff((RGB / 100).astype(np.float32)),
    "floats without end": tiff((RGB * 1e6).astype(np.float32)),
    "negative numbers": tiff((RGB - 128).astype(np.int16)),
    "over 16 bits": tiff((RGB * 70000).astype(np.uint32)),
    "CMYK": tiff(opaque(255 - RGB, 0).astype(np.uint8), photometric="separated"),
    "Lab": tiff(RGB.astype(np.uint8), photometric="cielab"),
    "complex": tiff(GREY.astype(np.complex64), photometric="minisblack"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_colours_of_which_the_brightness_is_not_known_are_refused_by_name(tmp_path: Path, name: str) -> None:
    REFUSED[name](tmp_path / "a.tif")

    with pytest.raises(UnsupportedFile, match=r"a\.tif"):
        read_frame(FrameRef(path=tmp_path / "a.tif", frame_index=0))


def test_colours_that_are_no_number_are_black_and_said(tmp_path: Path) -> None:
    values = (RGB / 255).astype(np.float32)
    values[3, 4] = np.nan
    tifffile.imwrite(tmp_path / "a.tif", values, photometric="rgb")

    frame = read_frame(FrameRef(path=tmp_path / "a.tif", frame_index=0))

    assert not frame.stored[3, 4].any()
    assert "no number" in frame.facts.banner


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "int32", "uint32", "float16", "float32", "float64"])
def test_grey_of_any_kind_of_number_is_as_bright(tmp_path: Path, dtype: str) -> None:
    """Grey values keep their own numbers: a window from them makes the picture."""
    values = (GREY / 255 if dtype.startswith("f") else GREY).astype(dtype)
    tifffile.imwrite(tmp_path / "a.tif", values)

    frame = read_frame(FrameRef(path=tmp_path / "a.tif", frame_index=0))

    assert frame.stored.dtype == values.dtype
    assert np.array_equal(frame.stored, values)
    assert abs(shown(frame).mean() - GREY.mean()) <= 5


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_mode_of_a_png_is_as_bright(tmp_path: Path, mode: str) -> None:
    Image.fromarray(RGB.astype(np.uint8)).convert(mode).save(tmp_path / "a.png")

    frame = read_frame(FrameRef(path=tmp_path / "a.png", frame_index=0))

    luma = RGB @ (0.299, 0.587, 0.114)
    wanted = luma.mean() if frame.stored.ndim == 2 else RGB.mean()
    assert abs(shown(frame).mean() - wanted) <= 6


def with_alpha(values: np.ndarray, alpha: float, other: float) -> np.ndarray:
    """The colours or grey levels with an alpha that is one value, but for one pixel."""
    whole = opaque(values if values.ndim == 3 else values[..., None], alpha)
    whole[0, 0, -1] = other
    return whole


def pillow(mode: str, **options: object) -> Callable[[Path], object]:
    return lambda path: Image.fromarray(RGB.astype(np.uint8)).convert(mode).save(path, "PNG", **options)


# By whether something of the picture is transparent: what each is written as.
TRANSPARENT: dict[str, tuple[bool, Callable[[Path], object]]] = {
    "RGBA": (True, png(with_alpha(RGB, 255, 254).astype(np.uint8))),
    "RGBA, opaque": (False, png(with_alpha(RGB, 255, 255).astype(np.uint8))),
    "RGBA, half": (True, png(with_alpha(RGB, 128, 128).astype(np.uint8))),
    "RGBA of 16 bits": (True, png(with_alpha(RGB * 257, 65535, 0).astype(np.uint16))),
    "RGBA of 16 bits, opaque": (False, png(with_alpha(RGB * 257, 65535, 65535).astype(np.uint16))),
    "grey": (True, png(with_alpha(GREY, 255, 0).astype(np.uint8))),
    "grey, opaque": (False, png(with_alpha(GREY, 255, 255).astype(np.uint8))),
    "palette": (True, pillow("P", transparency=bytes([0]) + bytes([128]) * 255)),
    "palette, opaque": (False, pillow("P")),
    "one bit": (True, pillow("1", transparency=0)),
    "a colour of RGB": (True, pillow("RGB", transparency=tuple(int(level) for level in RGB[0, 0].astype(np.uint8)))),
    "TIFF": (True, tiff(with_alpha(RGB, 255, 0).astype(np.uint8), extrasamples=["unassalpha"])),
    "TIFF, opaque": (False, tiff(with_alpha(RGB, 255, 255).astype(np.uint8), extrasamples=["assocalpha"])),
    "TIFF of 12 bits, opaque": (False, tiff(with_alpha(RGB * 16, 4095, 4095).astype(np.uint16), bitspersample=12,
                                            extrasamples=["unassalpha"])),
    "TIFF of floats": (True, tiff(with_alpha(RGB / 255, 1, 0.5).astype(np.float32), extrasamples=["unassalpha"])),
}  # fmt: skip


@pytest.mark.parametrize("name", TRANSPARENT)
def test_transparency_that_is_not_shown_is_said(tmp_path: Path, name: str) -> None:
    transparent, write = TRANSPARENT[name]
    write(tmp_path / "a")

    frame = read_frame(FrameRef(path=tmp_path / "a", frame_index=0))

    assert ("transparency is not shown" in frame.facts.banner) is transparent
    assert frame.stored.shape in (GREY.shape, RGB.shape)


@pytest.mark.parametrize("factor", [1, 257])
def test_a_palette_may_have_8_or_16_bit_entries(tmp_path: Path, factor: int) -> None:
    """TIFF 6.0 has entries of 16 bits; files with 8-bit ones are read by their largest entry, as libtiff does."""
    index = (X % 4).astype(np.uint8)
    colours = np.zeros((3, 256), np.uint16)
    colours[:, :4] = np.array([[0, 255, 0, 128], [0, 0, 255, 64], [0, 32, 16, 200]]) * factor
    tifffile.imwrite(tmp_path / "a.tif", index, photometric="palette", colormap=colours)

    frame = read_frame(FrameRef(path=tmp_path / "a.tif", frame_index=0))

    assert np.array_equal(frame.stored[0, :4], [[0, 0, 0], [255, 0, 32], [0, 255, 16], [128, 64, 200]])
