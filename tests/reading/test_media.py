"""DICOMDIR: a list of a medium, however its names are spelled; the files themselves are the truth."""

import shutil
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.dataset import FileMetaDataset

from viewer.cli.main import main
from viewer.reading.scan import all_series, scan

MakeSlices = Callable[..., list[Path]]
MakeDicom = Callable[..., Path]


def write_list(path: Path, names: list[list[str]]) -> Path:
    """A DICOMDIR whose records name these files (PS3.3 F.3)."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    ds.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.1.3.10"
    ds.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    ds.FileSetID = "TEST"
    ds.DirectoryRecordSequence = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom warns of names that no medium may have
        for name in names:
            record = Dataset()
            record.DirectoryRecordType = "IMAGE"
            record.ReferencedFileID = name
            ds.DirectoryRecordSequence.append(record)
        ds.save_as(path, enforce_file_format=True)
    return path


@pytest.fixture
def medium(make_slices: MakeSlices, tmp_path: Path) -> Path:
    """Three slices under names as a CD driver may give them, the list in their folder, one slice not listed."""
    slices = make_slices([0, 3, 6, 9], folder="cd/images")
    folder = slices[0].parent
    for path, name in zip(slices, ("im0", "IM1;1", "im2.;1", "loose")):
        path.rename(folder / name)
    write_list(tmp_path / "cd" / "DICOMDIR", [["IMAGES", f"IM{n}"] for n in range(3)])
    return tmp_path / "cd"


@pytest.mark.parametrize("asked", ["", "DICOMDIR"])
def test_listed_and_loose_files_are_found_whatever_the_case_and_version(medium: Path, asked: str) -> None:
    result = scan([medium / asked])

    (series,) = all_series(result)
    assert (len(series.frames), series.source) == (4, "cd")
    assert result.problems == ()


def test_missing_files_are_named_and_the_rest_is_read(medium: Path) -> None:
    (medium / "images" / "IM1;1").unlink()

    result = scan([medium / "DICOMDIR"])

    assert len(all_series(result)[0].frames) == 3
    (problem,) = result.problems
    assert problem.path == medium / "IMAGES" / "IM1"
    assert problem.reason.endswith(f"is listed in {medium / 'DICOMDIR'} and not there.")


@pytest.mark.parametrize("parts", [["..", "SECRET"], ["IMAGES", "..", "..", "SECRET"], ["/SECRET"], ["C:", "SECRET"]])
def test_a_list_that_leads_out_of_its_folder_is_refused_by_name(medium: Path, parts: list[str]) -> None:
    shutil.copy(medium / "images" / "im0", medium.parent / "SECRET")
    write_list(medium / "DICOMDIR", [["IMAGES", "IM0"], parts])

    result = scan([medium])

    (problem,) = result.problems
    assert "leads out of its folder" in problem.reason
    assert "SECRET" in problem.reason
    assert len(all_series(result)[0].frames) == 4


def test_a_list_without_its_medium_is_one_sentence(tmp_path: Path) -> None:
    write_list(tmp_path / "DICOMDIR", [["A", f"IM{n}"] for n in range(40)])

    (problem,) = scan([tmp_path / "DICOMDIR"]).problems

    assert "lists 40 files and none is there" in problem.reason


def test_a_cut_list_does_not_hide_the_files(medium: Path) -> None:
    data = (medium / "DICOMDIR").read_bytes()
    (medium / "DICOMDIR").write_bytes(data[: len(data) * 2 // 3])

    assert len(all_series(scan([medium / "DICOMDIR"]))[0].frames) == 4


def test_export_of_a_list_is_that_of_its_folder(medium: Path, tmp_path: Path) -> None:
    assert main(["export", str(medium / "DICOMDIR"), "--out", str(tmp_path / "a.npy")]) == 0

    assert np.load(tmp_path / "a.npy").shape == (4, 8, 6)


@pytest.mark.parametrize("name", ["DICOMDIR", "DICOMDIR-nooffset", "DICOMDIR-reordered", "DICOMDIR-bigEnd"])
def test_spoilt_lists_of_real_media_are_read(corpus: Path, tmp_path: Path, name: str) -> None:
    real = corpus / "objects" / "dicomdir"
    shutil.copytree(real, tmp_path / "cd")
    variant = corpus / "objects" / "dicomdir_variants" / name
    shutil.copyfile(variant if variant.exists() else real / name, tmp_path / "cd" / "DICOMDIR")
    listed = [
        record.ReferencedFileID
        for record in dcmread(tmp_path / "cd" / "DICOMDIR").DirectoryRecordSequence
        if "ReferencedFileID" in record
    ]
    gone = tmp_path / "cd" / Path(*listed[5])
    gone.unlink()

    result = scan([tmp_path / "cd" / "DICOMDIR"])

    assert sum(len(series.frames) for series in all_series(result)) == len(listed) - 1 == 30
    assert [problem.path for problem in result.problems] == [gone]


@pytest.mark.parametrize(
    ("listed", "there", "missing"),
    [
        ("IM1", "IM1.dcm", False),
        ("IM1", "im1.DCM", False),
        ("IM1", "IM1.IMA", False),
        ("IM1", "IM10.dcm", True),
        ("IM1", "IM1copy", True),
        ("IM1", "IM1.dcm/other", True),  # a folder of that name
    ],
)
def test_a_listed_file_is_there_under_its_name_with_an_ending(
    make_dicom: MakeDicom, tmp_path: Path, listed: str, there: str, missing: bool
) -> None:
    make_dicom(f"IMAGES/{there}", np.zeros((4, 4), np.uint8))
    write_list(tmp_path / "DICOMDIR", [["IMAGES", listed], ["IMAGES", listed]])

    result = scan([tmp_path / "DICOMDIR"])

    assert len(all_series(result)) == 1
    assert bool(result.problems) == missing
