"""PNG, JPEG and TIFF: the file's own depth, EXIF orientation, pages, and a sentence for what is broken."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image

from viewer.core.errors import BadFile, UnsupportedFile
from viewer.reading.frame import Frame
from viewer.reading.frames import file_frames, read_frame
from viewer.reading.grouping.slice_notes import image_notes
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


def test_pages_of_several_sizes_keep_theirs_and_are_said(tmp_path: Path) -> None:
    pages = [GREY_16, np.ascontiguousarray(GREY_16.T), GREY_16[:2], GREY_16]
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as out:
        for page in pages:
            out.write(page, photometric="minisblack", metadata=None)

    found = frames(path)
    (series,) = all_series(scan([path]))

    assert [(frame.facts.rows, frame.facts.cols) for frame in found] == [page.shape for page in pages]
    assert all(np.array_equal(frame.stored, page) for frame, page in zip(found, pages))
    (warning,) = series.warnings
    assert warning.code == "mixed-page-sizes"
    assert all(f"{rows} x {cols}" in warning.text for rows, cols in {page.shape for page in pages})
    assert image_notes(series, 1) == ("pages of several sizes",)


def test_a_page_that_says_it_is_huge_hides_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as out:
        for _ in range(2):
            out.write(GREY_16, photometric="minisblack", metadata=None)
    data = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as tiff:
        for name in ("ImageWidth", "ImageLength"):
            tag = tiff.pages[1].tags[name]
            data[tag.offset + 2 : tag.offset + 12] = struct.pack("<HLL", 4, 1, 1_000_000)
    path.write_bytes(data)

    first, second = file_frames(path)

    assert np.array_equal(read_frame(first).stored, GREY_16)
    with pytest.raises(UnsupportedFile, match="1000000 x 1000000"):
        read_frame(second)


def test_pages_of_one_size_are_no_warning_also_when_one_is_turned(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as out:
        out.write(GREY_16, photometric="minisblack", metadata=None)
        # Orientation 6: stored with rows and columns exchanged, shown as the others.
        out.write(GREY_16.T.copy(), photometric="minisblack", metadata=None, extratags=[(274, "H", 1, 6, True)])

    (series,) = all_series(scan([path]))

    assert series.warnings == ()


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


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["tif", "png"])
def test_orientation_of_tiff_and_png_is_applied_to_the_last_pixel(
    tmp_path: Path, orientation: int, suffix: str
) -> None:
    # TIFF 6.0, tag 274: where the first row and the first column of what is stored lie on the picture.
    first_row, first_col = {
        1: ("top", "left"), 2: ("top", "right"), 3: ("bottom", "right"), 4: ("bottom", "left"),
        5: ("left", "top"), 6: ("right", "top"), 7: ("right", "bottom"), 8: ("left", "bottom"),
    }[orientation]  # fmt: skip
    path = tmp_path / f"a.{suffix}"
    if suffix == "tif":
        tags = [(274, "H", 1, orientation, True)]
        tifffile.imwrite(path, GREY_16, photometric="minisblack", metadata=None, extratags=tags)
    else:
        exif = Image.Exif()
        exif[0x0112] = orientation
        Image.fromarray(GREY_16).save(path, exif=exif)

    stored = frames(path)[0].stored

    edges = {"top": stored[0], "bottom": stored[-1], "left": stored[:, 0], "right": stored[:, -1]}
    along_row = GREY_16[0] if first_col in ("left", "top") else GREY_16[0][::-1]
    along_col = GREY_16[:, 0] if first_row in ("left", "top") else GREY_16[:, 0][::-1]
    assert np.array_equal(edges[first_row], along_row)
    assert np.array_equal(edges[first_col], along_col)
    assert sorted(stored.ravel()) == sorted(GREY_16.ravel())


@pytest.mark.parametrize("compression", ["zlib", "lzw", "packbits", "lzma", "zstd", "jpeg2000"])
def test_compressed_and_tiled_tiffs_keep_every_value(tmp_path: Path, compression: str) -> None:
    pixels = RNG.integers(0, 65536, (70, 90), dtype=np.uint16)
    for name, options in (("strips", {"rowsperstrip": 16}), ("tiles", {"tile": (32, 32)}), ("big", {})):
        path = tmp_path / f"{name}.tif"
        with tifffile.TiffWriter(path, bigtiff=name == "big") as tiff:
            tiff.write(pixels, photometric="minisblack", compression=compression, metadata=None, **options)
        assert np.array_equal(frames(path)[0].stored, pixels), name


@pytest.mark.parametrize("dtype", ["float16", "float64", "int32", "uint32"])
def test_a_tiff_of_wide_numbers_keeps_them(tmp_path: Path, dtype: str) -> None:
    pixels = (GREY_16 / 7).astype(dtype)
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="minisblack", byteorder=">", metadata=None)

    stored = frames(tmp_path / "a.tif")[0].stored

    assert np.array_equal(stored, pixels)
    assert stored.dtype == np.dtype(dtype)


def test_one_bit_pictures_are_black_and_white(tmp_path: Path) -> None:
    bits = GREY_16 > 30000
    Image.fromarray(bits).save(tmp_path / "a.png")
    Image.fromarray(bits).save(tmp_path / "a.tif", compression="group4")

    assert np.array_equal(frames(tmp_path / "a.png")[0].stored, bits * 255)
    assert np.array_equal(frames(tmp_path / "a.tif")[0].stored, bits)


def test_planes_alpha_and_palettes_of_a_tiff_become_rgb(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "planes.tif", COLOUR.transpose(2, 0, 1), photometric="rgb", planarconfig="separate")
    rgba = np.dstack([COLOUR, COLOUR[:, :, 0]])
    tifffile.imwrite(tmp_path / "alpha.tif", rgba, photometric="rgb", extrasamples=["unassalpha"])
    table = RNG.integers(0, 256, (3, 256)).astype(np.uint16)
    indices = COLOUR[:, :, 0]
    tifffile.imwrite(tmp_path / "palette.tif", indices, photometric="palette", colormap=table << 8)

    for name in ("planes", "alpha"):
        assert np.array_equal(frames(tmp_path / f"{name}.tif")[0].stored, COLOUR)
    assert np.array_equal(frames(tmp_path / "palette.tif")[0].stored, table.T[indices])


@pytest.mark.parametrize("compression", [None, "lzw", "jpeg"])
def test_a_tiff_in_ycbcr_is_shown_in_its_colours(tmp_path: Path, compression: str | None) -> None:
    # ITU-R BT.601, the whole range, as TIFF 6.0 section 21 has it.
    red, green, blue = 200.0, 40.0, 90.0
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    ycbcr = np.round([luma, (blue - luma) / 1.772 + 128, (red - luma) / 1.402 + 128]).astype(np.uint8)
    path = tmp_path / "a.tif"
    if compression == "jpeg":
        rgb = np.full((16, 16, 3), (red, green, blue), np.uint8)
        tifffile.imwrite(path, rgb, photometric="rgb", compression="jpeg", compressionargs={"level": 98})
    else:
        tifffile.imwrite(path, np.tile(ycbcr, (16, 16, 1)), photometric="ycbcr", compression=compression)

    (frame,) = frames(path)

    assert np.abs(frame.stored.astype(int) - (red, green, blue)).max() <= 2
    assert frame.facts.lossy == (compression == "jpeg")


def test_a_resolution_tag_is_no_millimetre_of_a_patient(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", GREY_16, resolution=(300, 300), resolutionunit="INCH", metadata=None)
    Image.fromarray(COLOUR).save(tmp_path / "a.jpg", dpi=(300, 300))
    Image.fromarray(COLOUR).save(tmp_path / "a.png", dpi=(300, 300))

    for series in all_series(scan([tmp_path])):
        assert series.spacing is None
        assert read_frame(series.frames[0]).facts.spacing is None


def test_jpegs_in_cmyk_or_plain_rgb_show_their_colours(tmp_path: Path) -> None:
    flat = Image.new("RGB", (16, 16), (200, 40, 90))
    flat.convert("CMYK").save(tmp_path / "cmyk.jpg", quality=100)  # Adobe's: inverted, with its marker
    flat.save(tmp_path / "progressive.jpg", progressive=True, quality=98)
    plain = imagecodecs.jpeg8_encode(np.asarray(flat), level=98, colorspace="rgb", outcolorspace="rgb")
    (tmp_path / "rgb.jpg").write_bytes(plain)

    for name in ("cmyk", "progressive", "rgb"):
        stored = frames(tmp_path / f"{name}.jpg")[0].stored
        assert np.abs(stored[8, 8].astype(int) - (200, 40, 90)).max() <= 3, name


def test_the_content_and_not_the_name_says_what_a_file_is(tmp_path: Path, make_dicom: Callable[..., Path]) -> None:
    pixels = np.arange(12, dtype=np.int16).reshape(3, 4)
    make_dicom("really-dicom.jpg", pixels)
    make_dicom("really-dicom.nii", pixels + 1, SOPInstanceUID="1.2.9", SeriesInstanceUID="1.2.8")
    bare = make_dicom("bare", pixels + 2, SOPInstanceUID="1.2.7", SeriesInstanceUID="1.2.6")
    bare.write_bytes(bare.read_bytes()[132:])  # without preamble and prefix
    (tmp_path / "really-png.dcm").write_bytes(imagecodecs.png_encode(GREY_16))
    (tmp_path / "really-tiff.txt").write_bytes(b"")
    tifffile.imwrite(tmp_path / "really-tiff.txt", GREY_16, metadata=None)
    Image.fromarray(COLOUR).save(tmp_path / "really-jpeg", format="JPEG")

    result = scan([tmp_path])
    found = {series.frames[0].path.name: read_frame(series.frames[0]) for series in all_series(result)}

    assert result.problems == ()
    assert set(found) == {
        "really-dicom.jpg", "really-dicom.nii", "bare", "really-png.dcm", "really-tiff.txt", "really-jpeg"
    }  # fmt: skip
    assert np.array_equal(found["really-dicom.jpg"].stored, pixels)
    assert np.array_equal(found["really-dicom.nii"].stored, pixels + 1)
    assert np.array_equal(found["bare"].stored, pixels + 2)
    assert np.array_equal(found["really-png.dcm"].stored, GREY_16)
    assert np.array_equal(found["really-tiff.txt"].stored, GREY_16)


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
