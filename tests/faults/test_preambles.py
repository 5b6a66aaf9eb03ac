"""The 128 bytes before a DICOM file's letters may hold anything, the beginning of a TIFF too (PS3.10 section 7.1).

It is read as DICOM wherever it is read: by itself, in a folder, for its tags, and into a project.
"""

from pathlib import Path

import numpy as np
import pytest

from tests.faults.conftest import WriteDicom
from viewer.project.project import Project
from viewer.project.register import add_frames, frames_of
from viewer.reading.frames import header_tags, read_frame
from viewer.reading.pictures.raster import is_raster, picture_kind
from viewer.reading.scan import scan
from viewer.reading.series import FrameRef
from viewer.reading.volume_files.file import is_volume_file

BEGINNINGS = {
    "nothing": b"",
    "tiff": b"II*\x00\x54\x18\x08\x00",
    "tiff, big-endian": b"MM\x00*\x00\x08\x18\x54",
    "big tiff": b"II+\x00\x08\x00\x00\x00",
    "png": b"\x89PNG\r\n\x1a\n",
    "jpeg": b"\xff\xd8\xff\xe0",
    "nrrd": b"NRRD0004\ntype: short\n",
    "metaimage": b"ObjectType = Image\nNDims = 3\n",
}


@pytest.mark.parametrize("beginning", BEGINNINGS.values(), ids=BEGINNINGS)
def test_what_stands_before_the_letters_of_a_dicom_file_makes_it_nothing_else(
    tmp_path: Path, write_dicom: WriteDicom, beginning: bytes
) -> None:
    pixels = np.arange(20 * 30, dtype=np.uint16).reshape(20, 30)
    path = write_dicom(pixels)
    data = path.read_bytes()
    assert data[128:132] == b"DICM"
    path.write_bytes(beginning + data[len(beginning) :])

    assert not is_raster(path) and picture_kind(path) == "" and not is_volume_file(path)
    assert np.array_equal(read_frame(FrameRef(path=path)).stored, pixels)
    assert any(row.keyword == "PatientID" for row in header_tags(path))
    found = scan([path])
    assert list(found.problems) == []
    series = [one for patient in found.patients for study in patient.studies for one in study.series]
    with Project.create(tmp_path / "project", name="P", author="A") as project:
        added, problems = add_frames(project, frames_of(series))
        assert (len(added), list(problems)) == (1, [])
