"""Studies of two series, CT and PET, of one frame of reference: what is true of a CT slice shows in the PET alone.

A mark is a bright square. Whether a slice has one is chance, alike in both series; the label "hot" of a CT slice says
whether the PET slice after its place has one (the last PET slice, where there is none after it).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from viewer.core.edits import CaseStatusChange, Edit, ImageLabelChange
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus
from viewer.project.edit_builders import add_label
from viewer.project.project import Project
from viewer.project.register import add_to_project
from viewer.reading.scan import scan

SLICES = 6
GAP_MM = 4.0
CT_CLASS, PET_CLASS = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.128"


@dataclass(frozen=True, kw_only=True)
class Look:
    """One kind of series of a study. side: rows and columns. first: of its slices, in gaps from the study's lowest."""

    modality: str
    description: str
    number: int
    side: int
    pixel_mm: float
    first: int = 0
    slices: int = SLICES
    frame_of_reference: str = "1.2.9"


CT = Look(modality="CT", description="Thorax", number=1, side=48, pixel_mm=1.0)
PET = Look(modality="PT", description="PET corrected", number=2, side=24, pixel_mm=2.0)


def write_slice(path: Path, values: NDArray[np.int16], look: Look, *, patient: int, place: int) -> None:
    """One axial slice; the corner of every first pixel lies at the same point of the patient."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ds = Dataset()
    study = f"1.2.7.{patient + 1}"
    ds.SOPClassUID = CT_CLASS if look.modality == "CT" else PET_CLASS
    ds.StudyInstanceUID, ds.SeriesInstanceUID = study, f"{study}.{look.number}"
    ds.SOPInstanceUID = f"{study}.{look.number}.{place + 1}"
    ds.FrameOfReferenceUID = f"{look.frame_of_reference}.{patient + 1}"
    ds.PatientID, ds.PatientName = f"P{patient:02}", f"P{patient:02}^Test"
    ds.StudyDate, ds.SeriesDescription, ds.Modality = "20260312", look.description, look.modality
    ds.SeriesNumber, ds.InstanceNumber = look.number, place + 1
    ds.Rows, ds.Columns = values.shape
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 1
    ds.PixelSpacing, ds.ImageOrientationPatient = [look.pixel_mm] * 2, [1, 0, 0, 0, 1, 0]
    ds.ImagePositionPatient = [look.pixel_mm / 2, look.pixel_mm / 2, GAP_MM * (look.first + place)]
    ds.RescaleSlope, ds.RescaleIntercept, ds.Units = 1, 0, "CNTS"
    ds.PixelData = values.tobytes()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.save_as(path, enforce_file_format=True)


def has_mark(patient: int, look: Look, place: int) -> bool:
    """By chance, half and half."""
    return bool(np.random.default_rng([patient, look.number, place]).random() < 0.5)


def is_hot(patient: int, place: int, pet: Look = PET) -> bool:
    """What is true of a CT slice. place: its number from below."""
    return has_mark(patient, pet, min(place + 1, SLICES - 1))


def write_series(folder: Path, patient: int, look: Look) -> None:
    """Noise, and the marks."""
    for place in range(look.slices):
        values = np.random.default_rng([7, patient, look.number, place]).normal(100, 10, (look.side, look.side))
        if has_mark(patient, look, place):
            quarter = look.side // 4
            values[quarter : 3 * quarter, quarter : 3 * quarter] += 300
        path = folder / f"{patient:02}" / look.modality / f"{look.number}_{place}.dcm"
        write_slice(path, values.astype(np.int16), look, patient=patient, place=place)


def write_studies(folder: Path, patients: int, *looks: Look) -> Path:
    """So many patients with these series each."""
    for patient in range(patients):
        for look in looks or (CT, PET):
            write_series(folder, patient, look)
    return folder


def labelled_project(folder: Path, studies: Path) -> Path:
    """A project of the studies in which each CT slice says whether it is hot, and every CT is complete."""
    with Project.create(folder, name="PET", author="tester") as project:
        add_to_project(project, scan([studies]))
        for name in ("hot", "cold"):
            project.history.do(add_label(name, "image", project.labels))
        changes: list[ImageLabelChange | CaseStatusChange] = []
        for image in project.images.all():
            if image.modality == "CT":
                hot = is_hot(int(image.patient_id[1:]), int(image.tags["InstanceNumber"]) - 1)
                label = "hot" if hot else "cold"
                changes.append(ImageLabelChange(image_id=image.image_id, label=label, before=None, after=Verdict.YES))
        cases = {one.case_id for one in project.images.all() if one.modality == "CT"}
        changes += [
            CaseStatusChange(case_id=case, before=CaseStatus.TO_DO, after=CaseStatus.COMPLETE) for case in sorted(cases)
        ]
        project.history.do(Edit(text="say", changes=tuple(changes)))
    return folder
