"""The tag panel's rows of files that are not DICOM: the header of a volume, what a picture says of itself."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
import SimpleITK
import tifffile
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.reading.made_volumes import VALUES, nifti
from viewer.core.errors import BadFile
from viewer.reading.dicom.tag_rows import MAX_CHARACTERS
from viewer.reading.frames import header_tags

GREY = np.arange(20, dtype=np.uint8).reshape(4, 5)


def rows(path: Path) -> dict[str, str]:
    return {row.keyword: row.value for row in header_tags(path) if row.level == 0}


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_nifti_header_is_listed_by_the_names_of_nifti1_h(tmp_path: Path, order: str, packed: bool) -> None:
    affine = np.array([[-0.5, 0, 0, 11], [0, 0.75, 0, -22.5], [0, 0, 2, 33], [0, 0, 0, 1]], float)
    data = bytearray(nifti(VALUES.astype(order + "i2"), order=order, affine_ras=affine, slope=(2.5, -7.0)))
    data[148:158] = b"made here\0"
    struct.pack_into(order + "h", data, 252, 1)
    struct.pack_into(order + "6f", data, 256, 0, 0, 1, 11, -22.5, 33)
    path = tmp_path / ("v.nii.gz" if packed else "v.nii")
    path.write_bytes(gzip.compress(bytes(data)) if packed else bytes(data))

    found = rows(path)

    assert found["dim"] == "3 6 5 4 1 1 1 1"
    assert found["pixdim"].split()[1:4] == ["0.5", "0.75", "2"]
    assert found["xyzt_units"] == "2 (mm)"
    assert found["datatype"] == "4 (int16)"
    assert (found["scl_slope"], found["scl_inter"]) == ("2.5", "-7")
    assert (found["qform_code"], found["sform_code"]) == ("1 (scanner)", "1 (scanner)")
    assert [found[name] for name in ("srow_x", "srow_y", "srow_z")] == ["-0.5 0 0 11", "0 0.75 0 -22.5", "0 0 2 33"]
    assert [found[f"quatern_{name}"] for name in "bcd"] == ["0", "0", "1"]
    assert [found[f"qoffset_{name}"] for name in "xyz"] == ["11", "-22.5", "33"]
    assert found["descrip"] == "made here"


@pytest.mark.parametrize("name", ["v.nrrd", "v.nhdr", "v.mha", "v.mhd"])
def test_nrrd_and_metaimage_are_listed_as_they_stand_in_the_file(tmp_path: Path, name: str) -> None:
    image = SimpleITK.GetImageFromArray(VALUES)
    image.SetSpacing((0.5, 0.75, 2.0))
    image.SetMetaData("made by", "a test: of colons = and signs")
    SimpleITK.WriteImage(image, str(tmp_path / name))

    found = rows(tmp_path / name)

    assert found["made by"] == "a test: of colons = and signs"
    if "m" in name:
        assert found["DimSize"] == "6 5 4"
        assert found["ElementSpacing"] == "0.5 0.75 2"
        assert found["ElementDataFile"] == ("LOCAL" if name == "v.mha" else "v.raw")
        assert list(found)[-1] == "ElementDataFile"  # what follows are values
    else:
        assert found["magic"].startswith("NRRD000")
        assert found["sizes"] == "6 5 4"
        assert found["space directions"] == "(0.5,0,0) (0,0.75,0) (0,0,2)"


def test_a_jpeg_says_its_size_resolution_and_exif(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x013B] = 6, "A. Painter"
    Image.fromarray(GREY).save(tmp_path / "a.jpg", dpi=(300, 150), exif=exif)

    found = rows(tmp_path / "a.jpg")

    assert [found[name] for name in ("Format", "Columns", "Rows", "Mode", "dpi")] == ["JPEG", "5", "4", "L", "300 150"]
    assert (found["Orientation"], found["Artist"]) == ("6", "A. Painter")


def test_a_png_says_its_texts(tmp_path: Path) -> None:
    texts = PngInfo()
    texts.add_text("Description", "x" * 1000)
    Image.fromarray(GREY.astype(np.uint16)).save(tmp_path / "a.png", pnginfo=texts)

    found = rows(tmp_path / "a.png")

    assert (found["Format"], found["Mode"]) == ("PNG", "I;16")
    assert found["Description"] == "x" * MAX_CHARACTERS + " … (1000 characters)"


def test_every_page_of_a_tiff_lists_its_tags(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as out:
        out.write(GREY, metadata=None, software="one")
        out.write(np.zeros((90, 5), np.uint16), metadata=None, rowsperstrip=2)

    found = header_tags(tmp_path / "a.tif")

    assert rows(tmp_path / "a.tif")["Pages"] == "2"
    widths = [row.value for row in found if row.keyword == "ImageWidth"]
    lengths = [row.value for row in found if row.keyword == "ImageLength"]
    assert (widths, lengths) == (["5", "5"], ["4", "90"])
    assert "one" in [row.value for row in found if row.keyword == "Software"]
    (strips,) = [row.value for row in found if row.keyword == "StripOffsets" and "values" in row.value]
    assert strips.endswith("… (45 values)")


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_broken_exif_hides_nothing_else(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(GREY).save(tmp_path / "a.jpg", exif=exif)
    data = (tmp_path / "a.jpg").read_bytes()
    (tmp_path / "a.jpg").write_bytes(data.replace(b"MM\0*\0\0\0\x08", b"MM\0*\xff\xff\xff\xff"))

    assert rows(tmp_path / "a.jpg")["Columns"] == "5"


def test_a_broken_picture_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 40)

    with pytest.raises(BadFile, match=r"a\.png"):
        header_tags(tmp_path / "a.png")
