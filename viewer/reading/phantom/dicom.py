"""Phantom pixels as valid DICOM: CT Image Storage and Digital X-Ray Image Storage (PS3.3 A.3, A.26)."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset, dcmwrite
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from viewer.reading.phantom.anatomy import Anatomy

MANUFACTURER = "Negatoscope phantom"
CT_IMAGE, DX_FOR_PRESENTATION = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.1.1"
RESCALE_INTERCEPT_HU = -1024


def uid(*parts: object) -> str:
    """The same parts give the same UID (derived, root 2.25 style of pydicom)."""
    return str(generate_uid(entropy_srcs=[MANUFACTURER, *map(str, parts)]))


def write_ct(
    folder: Path,
    hu: NDArray[np.float32],
    anatomy: Anatomy,
    *,
    first_voxel_mm: tuple[float, float, float],
    steps_mm: tuple[float, float, float],
    seed: int,
) -> None:
    """One file a slice. hu: (slice, row, col), slice 0 at the feet; first_voxel_mm: (x, y, z)."""
    folder.mkdir(parents=True, exist_ok=True)
    stored = np.clip(np.rint(hu) - RESCALE_INTERCEPT_HU, 0, 4095).astype(np.uint16)
    for index in range(len(stored)):
        data = _patient_and_study(anatomy, seed, modality="CT", description="Chest phantom")
        data.SOPClassUID = CT_IMAGE
        data.SOPInstanceUID = uid(seed, anatomy.patient_id, "CT", index)
        data.SeriesInstanceUID = uid(seed, anatomy.patient_id, "CT")
        data.FrameOfReferenceUID = uid(seed, anatomy.patient_id, "frame")
        data.SeriesNumber, data.InstanceNumber = 2, index + 1
        data.SeriesDescription, data.BodyPartExamined = "Lung 4 mm", "CHEST"
        data.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
        data.PatientPosition, data.KVP, data.PositionReferenceIndicator = "HFS", 120, ""
        data.ImagePositionPatient = [first_voxel_mm[0], first_voxel_mm[1], first_voxel_mm[2] + index * steps_mm[0]]
        data.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        data.SliceLocation = data.ImagePositionPatient[2]
        data.PixelSpacing, data.SliceThickness = [steps_mm[1], steps_mm[2]], steps_mm[0]
        data.RescaleIntercept, data.RescaleSlope, data.RescaleType = RESCALE_INTERCEPT_HU, 1, "HU"
        data.WindowCenter, data.WindowWidth = [-500, 40], [1500, 400]
        data.WindowCenterWidthExplanation = ["Lung", "Soft tissue"]
        _set_pixels(data, stored[index], "MONOCHROME2")
        _write(folder / f"ct{index + 1:03d}.dcm", data)


def write_film(
    path: Path,
    stored: NDArray[np.uint16],
    anatomy: Anatomy,
    *,
    pixel_mm: tuple[float, float],
    seed: int,
    photometric: str = "MONOCHROME2",
) -> None:
    """One film. stored: (row, col) 12 bit, dense tissue bright, whatever `photometric` says. pixel_mm: (row, col)."""
    data = _patient_and_study(anatomy, seed, modality="DX", description="Chest phantom")
    data.SOPClassUID = DX_FOR_PRESENTATION
    data.SOPInstanceUID = uid(seed, anatomy.patient_id, "DX", path.stem)
    data.SeriesInstanceUID = uid(seed, anatomy.patient_id, "DX")
    data.SeriesNumber, data.InstanceNumber = 1, 1
    data.SeriesDescription, data.BodyPartExamined, data.ViewPosition = "Chest PA", "CHEST", "PA"
    data.ImageType = ["ORIGINAL", "PRIMARY", ""]
    data.PatientOrientation = ["L", "F"]
    data.ImagerPixelSpacing = list(pixel_mm)
    data.PresentationIntentType, data.KVP = "FOR PRESENTATION", 110
    data.PixelIntensityRelationship, data.PixelIntensityRelationshipSign = "LOG", 1
    data.BurnedInAnnotation, data.LossyImageCompression = "NO", "00"
    data.RescaleIntercept, data.RescaleSlope, data.RescaleType = 0, 1, "US"
    low, high = (float(v) for v in np.percentile(stored, (1, 99.5)))
    data.PresentationLUTShape = "IDENTITY"
    if photometric == "MONOCHROME1":
        stored, low, high = (4095 - stored).astype(np.uint16), 4095 - high, 4095 - low
        data.PixelIntensityRelationshipSign, data.PresentationLUTShape = -1, "INVERSE"
    data.WindowCenter, data.WindowWidth = round((low + high) / 2), max(1, round(high - low))
    _set_pixels(data, stored, photometric)
    _write(path, data)


def _patient_and_study(anatomy: Anatomy, seed: int, *, modality: str, description: str) -> Dataset:
    number = int(anatomy.patient_id.removeprefix("PH-"))
    data = Dataset()
    data.SpecificCharacterSet = "ISO_IR 192"
    data.PatientName, data.PatientID = f"Phantom^{number:03d}", anatomy.patient_id
    data.PatientBirthDate, data.PatientSex = f"{2026 - anatomy.age_years}0101", anatomy.sex
    data.PatientAge = f"{anatomy.age_years:03d}Y"
    data.StudyInstanceUID = uid(seed, anatomy.patient_id, "study")
    data.StudyDate, data.StudyTime = f"2026{1 + number % 12:02d}{1 + number % 28:02d}", "090000"
    data.SeriesDate, data.ContentDate = data.StudyDate, data.StudyDate
    data.ContentTime = data.StudyTime
    data.StudyID, data.AccessionNumber, data.ReferringPhysicianName = str(number), f"PHA{number:03d}", ""
    data.StudyDescription, data.Modality = description, modality
    data.Manufacturer, data.ManufacturerModelName = MANUFACTURER, "Chest 1"
    return data


def _set_pixels(data: Dataset, stored: NDArray[np.uint16], photometric: str) -> None:
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, photometric
    data.Rows, data.Columns = stored.shape
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 12, 11, 0
    data.PixelData = np.ascontiguousarray(stored, "<u2").tobytes()


def _write(path: Path, data: Dataset) -> None:
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    dcmwrite(path, data, enforce_file_format=True)
