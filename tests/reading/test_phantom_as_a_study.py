"""The sample study goes through the program's own doors: scan, frames, importers, the cache folder."""

import csv
import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.reading.frames import read_frame
from viewer.reading.phantom import sample as sample_module
from viewer.reading.phantom import write_radiographs
from viewer.reading.scan import all_series, scan


def _hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_scan_finds_each_patients_volume_and_film_without_a_warning(sample_made_once: Path) -> None:
    result = scan([sample_made_once])
    dicom = [problem for problem in result.problems if problem.path.suffix == ".dcm"]
    series = [one for one in all_series(result) if one.modality in ("CT", "DX")]

    assert dicom == []
    assert sorted({one.patient_id for one in series}) == ["PH-001", "PH-002", "PH-003"]
    volumes = [one for one in series if one.is_volume]
    assert [(one.files, one.rows, one.cols, one.slice_spacing_mm) for one in volumes] == [(60, 256, 256, 4.0)] * 3
    assert [one.warnings for one in series] == [()] * 6
    assert len({one.frame_of_reference for one in volumes}) == 3


def test_a_patient_without_a_nodule_is_among_them(sample_made_once: Path) -> None:
    truth = json.loads((sample_made_once / "truth.json").read_text())
    with (sample_made_once / "films.csv").open() as stream:
        labels = {row["patient_id"]: row["label"] for row in csv.DictReader(stream)}

    assert {study["patient_id"]: bool(study["nodules"]) for study in truth["studies"]} == {
        patient: label == "nodule" for patient, label in labels.items()
    }
    assert set(labels.values()) == {"nodule", "clear"}


def test_mask_pictures_have_the_size_of_their_film_and_the_true_pixels(tmp_path: Path) -> None:
    made = write_radiographs(tmp_path, 2, size_px=64)

    for film in made.films:
        picture = np.asarray(Image.open(tmp_path / "masks" / f"{film.patient_id}.png")) > 0
        assert MaskRuns.from_array(picture) == film.lungs
        frame = read_frame(all_series(scan([film.path]))[0].frames[0])
        assert frame.stored.shape == picture.shape


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    write_radiographs(tmp_path / "a", 3, size_px=64, seed=4)
    write_radiographs(tmp_path / "b", 3, size_px=64, seed=4)
    write_radiographs(tmp_path / "c", 3, size_px=64, seed=5)

    assert _hashes(tmp_path / "a") == _hashes(tmp_path / "b")
    assert _hashes(tmp_path / "a")["films/PH-001.dcm"] != _hashes(tmp_path / "c")["films/PH-001.dcm"]


def test_the_sample_folder_is_made_once_and_lies_in_the_cache(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Path] = []

    def write(folder: Path) -> None:
        made.append(folder)
        (folder / "truth.json").write_text("{}")

    monkeypatch.setattr(sample_module, "write_sample", write)

    first, second = sample_module.sample_folder(), sample_module.sample_folder()

    assert first == second
    assert home in first.parents
    assert len(made) == 1
    assert [path.name for path in first.parent.iterdir()] == [first.name]


def test_a_sample_that_could_not_be_finished_leaves_nothing_that_looks_whole(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_folder: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sample_module, "write_sample", fail)

    with pytest.raises(OSError, match="No space"):
        sample_module.sample_folder()
    assert not list(home.rglob("sample-*"))
