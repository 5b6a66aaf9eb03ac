"""`negatoscope export` of every real file: the manifest's array in the .npy, byte order included."""

import csv
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from viewer.cli.main import main
from viewer.reading.sources.data_folder import find_data

LOSSY = {f"1.2.840.10008.1.2.4.{n}" for n in (50, 51, 53, 81, 91, 112, 203)}


@pytest.fixture
def corpus() -> Path:
    data = find_data()
    if data is None or not (data / "dicom" / "manifest.csv").exists():
        pytest.skip("the real images are not here (NEGATOSCOPE_DATA)")
    return data / "dicom"


def test_every_exported_array_is_the_manifests(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (corpus / "manifest.csv").open(encoding="utf-8") as file:
        known = {str(corpus / row["path"]): row for row in csv.DictReader(file) if row["sha256_array"]}

    assert main(["export", *known, "--out", str(tmp_path), "--json"]) == 0

    written = json.loads(capsys.readouterr().out)["written"]
    other, lossless = [], 0
    for one in written:
        row = known.pop(one["source"])
        array = np.load(one["path"])
        Path(one["path"]).unlink()
        # The manifest has the array of a JPEG XL stream without the sign that the header gives it.
        same_dtype = array.dtype == np.dtype(row["dtype"]) or row["path"] == "made/jpegxl_lossless_mono16.dcm"
        if "x".join(map(str, array.shape)) != row["shape"] or not same_dtype or one["dtype"] != array.dtype.str:
            other.append(f"{row['path']}: {array.shape} {array.dtype.str}")
        elif row["transfer_syntax_uid"] not in LOSSY:
            lossless += 1
            if hashlib.sha256(array.tobytes()).hexdigest() != row["sha256_array"]:
                other.append(f"{row['path']}: other pixels")
    assert (other, known) == ([], {})
    assert lossless > 300


def test_the_arrays_of_lossy_files_are_those_that_are_shown(corpus: Path, tmp_path: Path) -> None:
    from viewer.reading.frames import file_frames, read_frame

    path = corpus / "syntax/jpeg/SC_rgb_dcmtk_+eb+cy+n1.dcm"

    assert main(["export", str(path), "--out", str(tmp_path / "x.npy")]) == 0

    assert np.array_equal(np.load(tmp_path / "x.npy"), read_frame(file_frames(path)[0]).stored)
