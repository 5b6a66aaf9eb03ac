"""What a volume's header says: units, places that disagree, files beside it, and a sentence for what is refused."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from tests.reading.made_volumes import VALUES, nifti, only_series, write_volume
from viewer.core.errors import AppError, BadFile
from viewer.core.geometry import SpacingLevel
from viewer.reading.frames import read_frame
from viewer.reading.scan import scan
from viewer.reading.volume_files.header import read_volume_header


@pytest.mark.parametrize(("units", "level"), [(2, SpacingLevel.PATIENT), (0, SpacingLevel.ESTIMATED)])
def test_millimetres_are_those_of_the_file_s_unit(tmp_path: Path, units: int, level: SpacingLevel) -> None:
    (tmp_path / "v.nii").write_bytes(nifti(VALUES, units=units, affine_ras=np.diag([0.5, 0.75, 2, 1])))

    spacing = only_series(tmp_path / "v.nii").spacing

    assert spacing is not None
    assert spacing.level is level
    assert spacing.source.startswith("NIfTI pixdim")


def test_micrometres_become_millimetres(tmp_path: Path) -> None:
    affine = np.diag([500.0, 750.0, 2000.0, 1.0])
    (tmp_path / "v.nii").write_bytes(nifti(VALUES, units=3, affine_ras=affine, steps=(500.0, 750.0, 2000.0)))

    series = only_series(tmp_path / "v.nii")

    assert series.spacing is not None
    assert (series.spacing.row_mm, series.spacing.col_mm) == pytest.approx((0.75, 0.5))
    assert series.slice_spacing_mm == pytest.approx(2.0)


def test_two_descriptions_of_its_place_that_differ_are_said(tmp_path: Path) -> None:
    turned = np.diag([-0.5, 0.75, 2.0, 1.0])
    same = nifti(VALUES, affine_ras=np.diag([0.5, 0.75, 2, 1]), qform=(0, 0, 0, 0, 0, 0))
    (tmp_path / "same.nii").write_bytes(same)
    (tmp_path / "other.nii").write_bytes(nifti(VALUES, affine_ras=turned, qform=(0, 0, 0, 0, 0, 0)))

    assert only_series(tmp_path / "same.nii").warnings == ()
    assert [w.code for w in only_series(tmp_path / "other.nii").warnings] == ["two-geometries"]


def test_a_skewed_volume_is_refused_by_name(tmp_path: Path) -> None:
    affine = np.array([[0.5, 0.4, 0, 0], [0, 0.75, 0, 0], [0, 0, 2, 0], [0, 0, 0, 1]], float)
    (tmp_path / "skew.nii").write_bytes(nifti(VALUES, affine_ras=affine))

    (problem,) = scan([tmp_path]).problems

    assert "skew.nii" in problem.reason
    assert "right angles" in problem.reason


CLIMBING = ["../secret.raw", "/etc/passwd", "sub/../../secret.raw", "..\\secret.raw", "C:\\secret.raw", "link.raw"]


@pytest.mark.parametrize("name", CLIMBING)
@pytest.mark.parametrize("kind", ["mhd", "nhdr", "mhd LIST", "nhdr LIST"])
def test_a_header_that_leads_out_of_its_folder_is_refused(tmp_path: Path, name: str, kind: str) -> None:
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    (tmp_path / "secret.raw").write_bytes(VALUES.tobytes())
    (folder / "link.raw").symlink_to(tmp_path / "secret.raw")
    header = folder / f"v.{kind[:4].strip()}"
    named = f"LIST\n{name}" if kind.endswith("LIST") else name
    if kind.startswith("mhd"):
        text = f"ObjectType = Image\nNDims = 3\nDimSize = 6 5 4\nElementType = MET_SHORT\nElementDataFile = {named}\n"
    else:
        text = (
            f"NRRD0004\ntype: short\ndimension: 3\nsizes: 6 5 4\nendian: little\nencoding: raw\ndata file: {named}\n\n"
        )
    header.write_text(text)

    (problem,) = scan([header]).problems

    assert "outside its own folder" in problem.reason
    assert header.name in problem.reason


def test_numbered_data_files_are_followed_and_other_patterns_are_not(tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / f"s{number:02}.raw").write_bytes(VALUES[number].tobytes())
    text = "ObjectType = Image\nNDims = 3\nDimSize = 6 5 4\nElementType = MET_SHORT\nElementDataFile = {}\n"
    (tmp_path / "v.mhd").write_text(text.format("s%02d.raw 0 3 1"))
    (tmp_path / "bad.mhd").write_text(text.format("s%n%s.raw 0 3 1"))

    frames = only_series(tmp_path / "v.mhd").frames

    assert np.array_equal(np.stack([read_frame(ref).stored for ref in frames]), VALUES)
    with pytest.raises(BadFile, match="not followed"):
        read_volume_header(tmp_path / "bad.mhd")


def test_headers_that_bring_the_library_down_are_refused_before(tmp_path: Path) -> None:
    # SimpleITK 2.5.7 ends with "free(): invalid pointer" on both.
    for name, before, after in (
        ("v.mha", b"BinaryData = True", b"BinaryData = {rue"),
        ("v.nrrd", b"endian: little", b"endilittle"),
    ):
        path = write_volume(tmp_path / name)
        path.write_bytes(path.read_bytes().replace(before, after))
        with pytest.raises(AppError, match=name):
            read_volume_header(path)


def test_a_missing_data_file_is_named(tmp_path: Path) -> None:
    path = write_volume(tmp_path / "v.mhd")
    (tmp_path / "v.raw").unlink()

    (problem,) = scan([tmp_path]).problems

    assert problem.path == path
    assert "v.raw" in problem.reason


def test_an_absurd_size_is_refused_before_anything_is_allocated(tmp_path: Path) -> None:
    data = bytearray(nifti(VALUES, affine_ras=np.diag([0.5, 0.75, 2, 1])))
    struct.pack_into("<4h", data, 40, 3, 16000, 16000, 32767)
    (tmp_path / "v.nii.gz").write_bytes(gzip.compress(bytes(data)))
    (tmp_path / "v.nii").write_bytes(data)
    struct.pack_into("<4h", data, 40, 3, -3, 5, 4)
    (tmp_path / "minus.nii").write_bytes(data)

    reasons = {problem.path.name: problem.reason for problem in scan([tmp_path]).problems}

    assert set(reasons) == {"v.nii.gz", "v.nii", "minus.nii"}
    assert "cut short" in reasons["v.nii"]
    assert "inflates to 15" in reasons["v.nii.gz"]


def test_a_wrong_extension_and_nifti_2_are_said(tmp_path: Path) -> None:
    (tmp_path / "brain.img.dat").write_bytes(nifti(VALUES))
    (tmp_path / "two.nii").write_bytes(struct.pack("<i8s", 540, b"n+2\0\r\n\x1a\n") + bytes(600))
    (tmp_path / "empty.nii").touch()
    (tmp_path / "text.nii.gz").write_text("no")

    reasons = {problem.path.name: problem.reason for problem in scan([tmp_path]).problems}

    assert "rename it to end in .nii" in reasons["brain.img.dat"]
    assert "NIfTI-2" in reasons["two.nii"]
    assert set(reasons) == {"brain.img.dat", "two.nii", "empty.nii", "text.nii.gz"}


@pytest.mark.parametrize("slope", [np.nan, np.inf])
def test_a_scale_that_is_no_number_is_not_applied_and_said(tmp_path: Path, slope: float) -> None:
    (tmp_path / "v.nii").write_bytes(nifti(VALUES, slope=(slope, 0.0)))

    frame = read_frame(only_series(tmp_path / "v.nii").frames[0])

    assert np.array_equal(frame.stored, VALUES[0])
    assert f"scl_slope) is {slope:g} in the file and was not applied" in frame.facts.banner


@pytest.mark.parametrize(
    "scale", [(2.0, np.nan), (2.0, np.inf), (np.nan, 5.0), (0.0, 5.0), (1e38, 0.0), (1.0, -1e38), (np.inf, 1e30)]
)
def test_a_scale_that_would_be_applied_by_half_or_beyond_all_numbers_is_refused(
    tmp_path: Path, scale: tuple[float, float]
) -> None:
    (tmp_path / "v.nii").write_bytes(nifti(VALUES, slope=scale))

    (problem,) = scan([tmp_path]).problems

    assert "v.nii scales its values by" in problem.reason


@pytest.mark.parametrize("value", ["1,5 2,5 3,5", "a b c", "1 2 nothing"])
@pytest.mark.parametrize("name", ["ElementSpacing", "ElementSize", "Offset", "Position", "TransformMatrix", "Rotation"])
def test_a_metaimage_whose_numbers_are_none_is_refused_by_the_field(tmp_path: Path, name: str, value: str) -> None:
    path = tmp_path / "a.mha"
    head = f"ObjectType = Image\nNDims = 3\nDimSize = 2 2 2\n{name} = {value}\nElementType = MET_UCHAR\n"
    path.write_bytes(head.encode() + b"ElementDataFile = LOCAL\n" + bytes(8))

    with pytest.raises(BadFile, match=name.lower()):
        read_volume_header(path)
