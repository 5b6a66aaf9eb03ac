"""A frame that an instance of the project does not have is called so, not "no such image"."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MultiFrameGrayscaleByteSecondaryCaptureImageStorage

from viewer.exchange.importer import Outcome
from viewer.exchange.importing import ImportReport
from viewer.project.project import Project

UID = "1.2.826.0.1.3680043.10.999.1"
Bring = Callable[..., ImportReport]


def three_frames(path: Path) -> None:
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = MultiFrameGrayscaleByteSecondaryCaptureImageStorage
    meta.MediaStorageSOPInstanceUID = UID
    dataset = pydicom.Dataset()
    dataset.file_meta = meta
    dataset.SOPClassUID, dataset.SOPInstanceUID = meta.MediaStorageSOPClassUID, UID
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = f"{UID}.2", f"{UID}.3"
    dataset.PatientID, dataset.Modality = "P1", "OT"
    dataset.Rows, dataset.Columns, dataset.NumberOfFrames = 5, 7, 3
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 8, 8, 7, 0
    dataset.PixelData = np.arange(105, dtype=np.uint8).tobytes() + b"\0"
    dataset.save_as(path, enforce_file_format=True)


@pytest.mark.parametrize("frame", [3, -1])
def test_a_frame_that_the_instance_has_not_is_out_of_range(
    project: Project, tmp_path: Path, bring_in: Bring, frame: int
) -> None:
    three_frames(tmp_path / "x.dcm")
    table = tmp_path / "t.csv"
    table.write_text("path,frame,label\n" + "".join(f"x.dcm,{number},n\n" for number in range(3)))
    bring_in(project, "csv", table)
    table.write_text(f"sop_instance_uid,frame,label\n{UID},1,m\n{UID},{frame},m\n")

    report = bring_in(project, "csv", table)

    (remark,) = [one for one in report.remarks if one.outcome.is_left_out]
    assert remark.outcome is Outcome.OUT_OF_RANGE
    assert f"no frame {frame}" in remark.sentence and UID in remark.sentence
    assert report.image_labels == 1
