"""Studies of two films, PA and LATERAL: what is true of the PA film shows on the lateral one alone."""

from collections.abc import Sequence
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
from viewer.project.records import ImageRecord
from viewer.project.register import add_to_project
from viewer.reading.scan import scan

SHAPES = {"PA": (40, 32), "LATERAL": (24, 48)}  # rows, cols


def write_film(
    path: Path, values: NDArray[np.uint16], *, patient: str, study: str, number: int, **said: object
) -> Path:
    """One film without a place in the patient, a series of its own. said: further attributes, such as ViewPosition."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ds = Dataset()
    ds.SOPClassUID, ds.Modality = "1.2.840.10008.5.1.4.1.1.1.1", "DX"
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.SOPInstanceUID = study, f"{study}.{number}", f"{study}.{number}.1"
    ds.PatientID, ds.PatientName, ds.StudyDate = patient, f"{patient}^Test", "20260312"
    ds.SeriesNumber, ds.InstanceNumber = number, 1
    ds.Rows, ds.Columns = values.shape
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    ds.PixelData = values.tobytes()
    for keyword, value in said.items():
        setattr(ds, keyword, value)
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.save_as(path, enforce_file_format=True)
    return path


def is_hot(patient: int) -> bool:
    """Every other one."""
    return patient % 2 == 0


def write_study(folder: Path, patient: int, views: Sequence[str] = ("PA", "LATERAL")) -> Path:
    """The films PATIENT/NUMBER_VIEW.dcm of one study; a lateral film of one who is hot has a bright square."""
    for number, view in enumerate(views, start=1):
        rows, cols = SHAPES[view]
        values = np.random.default_rng([patient, number]).normal(1000, 50, (rows, cols))
        if view == "LATERAL" and is_hot(patient):
            values[rows // 4 : rows // 2, cols // 4 : cols // 2] += 1500
        write_film(
            folder / f"{patient:02}" / f"{number}_{view}.dcm", values.astype(np.uint16),
            patient=f"P{patient:02}", study=f"1.2.5.{patient + 1}", number=number, ViewPosition=view,
        )  # fmt: skip
    return folder


def view_of(image: ImageRecord) -> str:
    return image.tags["ViewPosition"]


def say(project: Project, *views: str) -> None:
    """Every film of these views says whether its patient is hot, those of others say nothing; all are complete."""
    changes: list[ImageLabelChange | CaseStatusChange] = []
    for image in project.images.all():
        said = project.work.image_labels(image.image_id)
        wanted = "hot" if is_hot(int(image.patient_id[1:])) else "cold"
        for label in ("hot", "cold"):
            after = Verdict.YES if label == wanted and view_of(image) in views else None
            if said.get(label) != after:
                changes.append(
                    ImageLabelChange(image_id=image.image_id, label=label, before=said.get(label), after=after)
                )
    changes += [
        CaseStatusChange(case_id=case.case_id, before=case.status, after=CaseStatus.COMPLETE)
        for case in project.cases.all()
        if case.status is not CaseStatus.COMPLETE
    ]
    if changes:
        project.history.do(Edit(text="say", changes=tuple(changes)))


def labelled_project(folder: Path, studies: Path) -> Path:
    """A project of the studies in which each PA film says whether it is hot, and every film is complete."""
    with Project.create(folder, name="Views", author="tester") as project:
        add_to_project(project, scan([studies]))
        for name in ("hot", "cold"):
            project.history.do(add_label(name, "image", project.labels))
        say(project, "PA")
    return folder
