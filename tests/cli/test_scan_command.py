"""`negatoscope scan`: one JSON document, and no window library behind it."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from viewer.cli.main import main

KEYS = {
    "series_id", "series_uid", "modality", "description", "files", "frames", "rows", "cols", "spacing_mm",
    "spacing_source", "slice_spacing_mm", "is_volume", "warnings",
}  # fmt: skip


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three slices, a broken file and one cut in its pixels."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = tmp_path / "study"
    folder.mkdir()
    for number in range(3):
        write_slice(folder / f"{number}.dcm", number)
    (folder / "broken.dcm").write_bytes(b"\0" * 128 + b"DICM")
    return folder


def write_slice(path: Path, number: int) -> None:
    from pydicom.dataset import Dataset, FileMetaDataset

    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", f"1.2.3.{number}"
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.PatientID, ds.Modality = "1.2.1", "1.2.2", "007", "CT"
    ds.ImagePositionPatient, ds.ImageOrientationPatient = [0, 0, number * 2.5], [1, 0, 0, 0, 1, 0]
    ds.PixelSpacing, ds.Rows, ds.Columns, ds.SamplesPerPixel = [0.5, 0.75], 4, 6, 1
    ds.PhotometricInterpretation, ds.BitsAllocated, ds.BitsStored, ds.HighBit = "MONOCHROME2", 16, 16, 15
    ds.PixelRepresentation, ds.RescaleSlope, ds.RescaleIntercept = 1, "1", "-1000"
    ds.PixelData = np.full((4, 6), number - 1, np.int16).tobytes()
    ds["PixelData"].VR = "OW"
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    ds.save_as(path, enforce_file_format=True)


def test_the_document_has_the_promised_shape(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", str(study), "--json"]) == 0

    document = json.loads(capsys.readouterr().out)
    (patient,) = document["patients"]
    (series,) = patient["studies"][0]["series"]
    assert {"source", "patient_id", "studies"} <= set(patient)
    assert (patient["source"], patient["patient_id"], patient["studies"][0]["study_uid"]) == ("study", "007", "1.2.1")
    assert set(series) >= KEYS
    assert (series["spacing_mm"], series["spacing_source"]) == ([0.5, 0.75], "PixelSpacing")
    assert (series["files"], series["frames"], series["slice_spacing_mm"], series["is_volume"]) == (3, 3, 2.5, True)
    assert [Path(problem["path"]).name for problem in document["problems"]] == ["broken.dcm"]


def test_verify_puts_a_file_that_cannot_be_decoded_into_problems(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = study / "1.dcm"
    cut.write_bytes(cut.read_bytes()[:-20])

    main(["scan", str(study), "--json"])
    quick = json.loads(capsys.readouterr().out)["problems"]
    main(["scan", str(study), "--verify", "--json"])
    verified = json.loads(capsys.readouterr().out)["problems"]

    assert [Path(problem["path"]).name for problem in quick] == ["broken.dcm"]
    assert [Path(problem["path"]).name for problem in verified] == ["broken.dcm", "1.dcm"]
    assert "cut short" in verified[1]["reason"]

    main(["scan", str(study), "--verify"])
    said = capsys.readouterr().out
    assert f"not shown: {study / 'broken.dcm'}" in said
    assert f"damaged: {cut}" in said  # it is in the list above, so it is not "not shown"


def test_people_read_lines(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["scan", str(study)])

    said = capsys.readouterr().out
    assert "007" in said
    assert "3 images of 4 rows × 6 cols, a volume" in said
    assert "broken.dcm" in said


def test_a_path_that_is_not_there_is_one_line_and_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scan", str(tmp_path / "gone")]) == 1

    assert capsys.readouterr().err.count("\n") == 1


def test_an_empty_folder_is_no_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", str(tmp_path), "--json"]) == 0

    assert json.loads(capsys.readouterr().out) == {"patients": [], "problems": []}


@pytest.mark.parametrize("command", [["scan"], ["export", "--out", "{out}"]])
def test_neither_qt_nor_torch_nor_scipy_is_loaded(study: Path, tmp_path: Path, command: list[str]) -> None:
    words = [word.format(out=tmp_path / "out") for word in command]
    code = (
        "import sys; from viewer.cli.main import main; code = main(sys.argv[1:]);"
        "print(code, [m for m in ('PySide6', 'pyqtgraph', 'torch', 'scipy', 'skimage', 'pydicom') if m in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, *words, str(study / "0.dcm")], capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "0 []"
