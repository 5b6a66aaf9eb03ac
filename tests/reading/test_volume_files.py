"""NIfTI, NRRD and MetaImage: the values and the places that the file gives."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
import SimpleITK
from PIL import Image

from tests.reading.made_volumes import NAMES, VALUES, nifti, oblique, only_series, write_volume
from viewer.cli.main import main
from viewer.core.errors import AppError, BadFile, UnsupportedFile
from viewer.project.project import Project
from viewer.project.verify import verify
from viewer.reading.frames import read_frame
from viewer.reading.scan import all_series, scan
from viewer.reading.series import FrameRef
from viewer.reading.volume_files.file import open_volume
from viewer.reading.volume_files.header import read_volume_header
from viewer.reading.volumes import read_volume


@pytest.mark.parametrize("name", NAMES)
def test_a_volume_is_a_series_of_its_slices_with_the_file_s_geometry(tmp_path: Path, name: str) -> None:
    path = write_volume(tmp_path / name)

    series = only_series(path)

    assert (len(series.frames), series.rows, series.cols, series.is_volume) == (4, 5, 6, True)
    assert series.spacing is not None
    assert (series.spacing.row_mm, series.spacing.col_mm) == pytest.approx((0.75, 0.5))
    assert series.slice_spacing_mm == pytest.approx(2.0)
    assert (series.patient_id, series.modality, series.description) == ("", "", name)
    axes = oblique()
    for number, ref in enumerate(series.frames):
        frame = read_frame(ref)
        assert frame.stored.dtype == np.int16
        assert np.array_equal(frame.stored, VALUES[number])
        assert frame.facts.unit == ""
        plane = frame.facts.plane
        assert plane is not None
        assert plane.position_mm == pytest.approx(np.array([11, -22, 33]) + number * 2.0 * axes[:, 2], abs=1e-4)
        assert plane.row_cosines == pytest.approx(axes[:, 0], abs=1e-6)
        assert plane.col_cosines == pytest.approx(axes[:, 1], abs=1e-6)
        assert ref.along_normal_mm == pytest.approx(float(np.dot(plane.position_mm, np.cross(axes[:, 0], axes[:, 1]))))


@pytest.mark.parametrize("name", ["v.nrrd", "v.nhdr", "v.mha", "v.mhd"])
def test_compressed_volumes_give_the_same_values(tmp_path: Path, name: str) -> None:
    series = only_series(write_volume(tmp_path / name, compress=True))

    assert [np.array_equal(read_frame(ref).stored, VALUES[n]) for n, ref in enumerate(series.frames)] == [True] * 4


@pytest.mark.parametrize("form", ["sform", "qform"])
@pytest.mark.parametrize("order", ["<", ">"])
def test_nifti_s_ras_becomes_lps(tmp_path: Path, form: str, order: str) -> None:
    # A rotation by the quaternion (b, c, d) of nifti1.h, method 2; the sform holds the same, method 3.
    b, c, d = 0.1, 0.2, -0.3
    a = (1 - b * b - c * c - d * d) ** 0.5
    turn = np.array(
        [
            [a * a + b * b - c * c - d * d, 2 * b * c - 2 * a * d, 2 * b * d + 2 * a * c],
            [2 * b * c + 2 * a * d, a * a + c * c - b * b - d * d, 2 * c * d - 2 * a * b],
            [2 * b * d - 2 * a * c, 2 * c * d + 2 * a * b, a * a + d * d - c * c - b * b],
        ]
    )
    affine = np.eye(4)
    affine[:3, :3] = turn * (0.5, 0.75, 2.0)
    affine[:3, 3] = (10.0, 20.0, 30.0)
    path = tmp_path / "v.nii"
    path.write_bytes(
        nifti(VALUES, order=order, affine_ras=affine)
        if form == "sform"
        else nifti(VALUES, order=order, qform=(b, c, d, 10.0, 20.0, 30.0))
    )
    to_lps = np.diag([-1.0, -1.0, 1.0, 1.0])

    for number, ref in enumerate(only_series(path).frames):
        frame = read_frame(ref)
        assert np.array_equal(frame.stored, VALUES[number])
        plane, spacing = frame.facts.plane, frame.facts.spacing
        assert plane is not None
        assert spacing is not None
        for col, row in ((0, 0), (5, 0), (0, 4), (3, 2)):
            expected = (to_lps @ affine @ (col, row, number, 1.0))[:3]
            assert plane.image_to_patient(col + 0.5, row + 0.5, spacing) == pytest.approx(expected, abs=1e-4)


def test_slices_that_run_against_their_normal_are_a_volume_in_its_place(tmp_path: Path) -> None:
    affine = np.array([[-0.5, 0, 0, 10], [0, 0.75, 0, 20], [0, 0, 2, 30], [0, 0, 0, 1]], float)  # LAS: as in radiology
    (tmp_path / "v.nii").write_bytes(nifti(VALUES, affine_ras=affine))

    series = only_series(tmp_path / "v.nii")
    volume = read_volume(series)

    assert series.is_volume
    assert series.frames[0].along_normal_mm > series.frames[1].along_normal_mm  # type: ignore[operator]
    assert np.array_equal(volume.values, VALUES)
    expected = (np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine @ (3, 2, 1, 1.0))[:3]
    assert volume.grid.voxel_to_patient(np.array([1.0, 2.0, 3.0])) == pytest.approx(expected, abs=1e-4)


def test_a_nifti_scale_is_applied_and_no_unit_is_guessed(tmp_path: Path) -> None:
    (tmp_path / "v.nii").write_bytes(nifti(VALUES, affine_ras=np.diag([0.5, 0.75, 2, 1]), slope=(2.5, -7.0)))
    (tmp_path / "one.nii").write_bytes(nifti(VALUES, affine_ras=np.diag([0.5, 0.75, 2, 1]), slope=(1.0, 0.0)))

    frame = read_frame(FrameRef(path=tmp_path / "v.nii", frame_index=2))
    plain = read_frame(FrameRef(path=tmp_path / "one.nii", frame_index=2))

    assert frame.stored.dtype == np.float32
    assert np.allclose(frame.stored, VALUES[2] * 2.5 - 7.0)
    assert (frame.facts.unit, frame.facts.rescale_slope) == ("", 1.0)
    assert plain.stored.dtype == np.int16
    assert np.array_equal(plain.stored, VALUES[2])


def test_time_points_are_series_of_their_own(tmp_path: Path) -> None:
    times = np.stack([VALUES, VALUES + 1, VALUES + 2])
    for name in ("t.nii.gz", "t.nii"):
        data = nifti(times, affine_ras=np.diag([0.5, 0.75, 2, 1]))
        (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)

        series = all_series(scan([tmp_path / name]))

        assert [s.description for s in series] == [f"{name} · time {n}" for n in (1, 2, 3)]
        assert all(s.is_volume and len(s.frames) == 4 for s in series)
        assert len({s.series_id for s in series}) == 3
        for time, one in enumerate(series):
            assert np.array_equal(np.stack([read_frame(ref).stored for ref in one.frames]), times[time])


@pytest.mark.parametrize("name", ["v.nii", "v.nrrd", "v.mha"])
def test_rgb_is_shown_and_other_vectors_are_refused(tmp_path: Path, name: str) -> None:
    colour = np.random.default_rng(1).integers(0, 256, (4, 5, 6, 3)).astype(np.uint8)
    path = write_volume(tmp_path / name, colour, colour=True)

    frame = read_frame(only_series(path).frames[3])

    assert frame.facts.photometric == "RGB"
    assert np.array_equal(frame.stored, colour[3])
    write_volume(path, colour.astype(np.float32), colour=True)
    (problem,) = scan([path]).problems
    assert "3 value(s) a voxel" in problem.reason
    assert name in problem.reason


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "i4", "f4", "f8"])
def test_a_volume_keeps_its_depth(tmp_path: Path, dtype: str) -> None:
    values = VALUES.astype(dtype)
    path = write_volume(tmp_path / "v.nrrd", values)

    frame = read_frame(only_series(path).frames[1])

    assert frame.stored.dtype == np.dtype(dtype)
    assert np.array_equal(frame.stored, values[1])
    assert frame.facts.signed == (dtype[0] == "i")


def test_where_the_file_does_not_say_where_it_lies_nothing_is_made_up(tmp_path: Path) -> None:
    (tmp_path / "v.nii").write_bytes(nifti(VALUES))  # neither qform nor sform
    (tmp_path / "v.mha").write_bytes(
        b"ObjectType = Image\nNDims = 3\nDimSize = 6 5 4\nElementType = MET_SHORT\nElementDataFile = LOCAL\n"
        + VALUES.tobytes()
    )
    (tmp_path / "v.nrrd").write_bytes(
        b"NRRD0004\ntype: short\ndimension: 3\nsizes: 6 5 4\nendian: little\nencoding: raw\n\n" + VALUES.tobytes()
    )

    for name in ("v.nii", "v.mha", "v.nrrd"):
        series = only_series(tmp_path / name)
        frame = read_frame(series.frames[1])
        assert np.array_equal(frame.stored, VALUES[1])
        assert frame.facts.plane is None, name
        assert not series.is_volume
        assert [warning.code for warning in series.warnings][:1] == ["no-position"]
        if name != "v.nii":
            assert frame.facts.spacing is None
            assert [warning.code for warning in series.warnings] == ["no-position", "no-spacing"]


@pytest.mark.parametrize("name", [*NAMES, "c.nrrd", "c.mha"])
def test_a_cut_volume_is_refused_by_name(tmp_path: Path, name: str) -> None:
    noise = np.random.default_rng(2).integers(-900, 900, (20, 30, 40)).astype(np.int16)
    path = write_volume(tmp_path / name, noise, compress=name.startswith("c"))
    data = path.with_suffix(".raw") if path.with_suffix(".raw").exists() else path
    data.write_bytes(data.read_bytes()[: -len(noise[0].tobytes())])

    refs = [FrameRef(path=path, frame_index=number) for number in range(20)]
    for ref in (refs[0], refs[19]):
        with pytest.raises(BadFile, match=name):
            read_frame(ref)


def test_a_cut_nifti_is_noticed_to_the_last_byte(tmp_path: Path) -> None:
    whole = nifti(VALUES, affine_ras=np.diag([0.5, 0.75, 2, 1]))
    (tmp_path / "v.nii").write_bytes(whole[:-1])
    (tmp_path / "v.nii.gz").write_bytes(gzip.compress(whole[:-1]))

    for name in ("v.nii", "v.nii.gz"):
        with pytest.raises(BadFile, match="cut short"):
            read_frame(FrameRef(path=tmp_path / name))


def test_a_nifti_pair_of_two_files_is_read(tmp_path: Path) -> None:
    series = only_series(write_volume(tmp_path / "v.hdr"))

    assert np.array_equal(read_frame(series.frames[3]).stored, VALUES[3])
    assert scan([tmp_path]).problems == ()


def test_a_flat_image_is_one_picture_without_a_place(tmp_path: Path) -> None:
    image = SimpleITK.GetImageFromArray(VALUES[0])
    image.SetSpacing((0.5, 0.75))
    for name in ("f.nii", "f.mha", "f.nrrd"):
        SimpleITK.WriteImage(image, str(tmp_path / name))
        series = only_series(tmp_path / name)
        frame = read_frame(series.frames[0])
        assert np.array_equal(frame.stored, VALUES[0])
        assert (frame.facts.plane, series.is_volume) == (None, False)


def test_the_index_gives_the_same_series(tmp_path: Path) -> None:
    from viewer.reading.header_index import HeaderIndex

    write_volume(tmp_path / "v.nii.gz")
    index = HeaderIndex(tmp_path / "index" / "headers.sqlite")

    first, second = scan([tmp_path / "v.nii.gz"], index=index), scan([tmp_path / "v.nii.gz"], index=index)

    assert first == second


def test_a_frame_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = write_volume(tmp_path / "v.nii")

    with pytest.raises(AppError, match="no image 4"):
        read_frame(FrameRef(path=path, frame_index=4))
    assert open_volume(path).slices == 4
    with pytest.raises(UnsupportedFile):
        (tmp_path / "x.nrrd").write_bytes(b"NRRD0004\ntype: block\ndimension: 1\nsizes: 3\nencoding: raw\n\nabc")
        read_volume_header(tmp_path / "x.nrrd")


def test_the_commands_take_a_volume(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = write_volume(tmp_path / "v.nii.gz"), tmp_path / "out"

    assert main(["scan", str(path), "--json", "--verify"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert main(["export", str(path), "--out", str(out / "v.npy")]) == 0
    assert main(["render", str(path), "--frame", "2", "--preset", "full range", "--out", str(out / "v.png")]) == 0
    assert main(["project", "create", str(tmp_path / "project"), "--case", "series"]) == 0
    assert main(["project", "add", str(tmp_path / "project"), str(path)]) == 0

    (series,) = document["patients"][0]["studies"][0]["series"]
    assert document["problems"] == []
    assert (series["frames"], series["rows"], series["cols"], series["is_volume"]) == (4, 5, 6, True)
    assert (series["modality"], series["spacing_source"]) == ("", "NIfTI pixdim")
    assert np.array_equal(np.load(out / "v.npy"), VALUES)
    grey = np.asarray(Image.open(out / "v.png")).astype(int)
    assert (grey.min(), grey.max()) == (0, 255)
    assert np.array_equal(np.argsort(grey, axis=None)[-1:], np.argsort(VALUES[2], axis=None)[-1:])
    with Project.open(tmp_path / "project", writable=False) as project:
        assert [record.frame_index for record in project.images.all()] == [0, 1, 2, 3]
        assert len(project.cases.all()) == 1
    assert verify(tmp_path / "project", pixels=True).problems == []
