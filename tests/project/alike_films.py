"""Films that look alike and are none of the same person, and what is done to a film on its way into another set."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian, generate_uid
from scipy.ndimage import gaussian_filter

Grey = NDArray[np.float32]


def film(number: int, rows: int = 300, cols: int = 260, *, later: int = 0) -> Grey:
    """(row, col) 0 to 255: two dark lungs between bright sides, as every film has, and detail that is its own.

    later: another film of the same person: the same shape of all, and of the detail what bones leave the same.
    """
    rng = np.random.default_rng(number)
    y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : cols * 1j]
    shift = rng.normal(0, 0.03, 4)
    lungs = sum(
        np.exp(-(((x - side * 0.45 - shift[0]) / 0.32) ** 2) - ((y - shift[1]) / 0.65) ** 2) for side in (-1, 1)
    )
    ribs = np.sin(7 * y + 3 * np.abs(x) + rng.normal(0, 0.2)) * 0.15
    noise = rng.normal(0, 1, (rows, cols))
    if later:
        noise = 0.72 * noise + 0.69 * np.random.default_rng([number, later]).normal(0, 1, (rows, cols))
    detail = sum(gaussian_filter(noise, sigma) * sigma * weight for sigma, weight in ((3, 0.3), (6, 0.1)))
    grey = 0.75 - 0.5 * lungs + ribs + 0.3 * detail
    return np.asarray(255 * np.clip((grey - grey.min()) / np.ptp(grey), 0, 1), np.float32)


def whole(grey: Grey) -> NDArray[np.uint8]:
    return np.clip(np.rint(grey), 0, 255).astype(np.uint8)


def jpeg(grey: Grey, quality: int) -> Grey:
    stream = io.BytesIO()
    Image.fromarray(whole(grey)).save(stream, "JPEG", quality=quality)
    return np.asarray(Image.open(stream), np.float32)


def resized(grey: Grey, share: float) -> Grey:
    rows, cols = grey.shape
    size = round(cols * share), round(rows * share)
    return np.asarray(Image.fromarray(whole(grey)).resize(size, Image.Resampling.LANCZOS), np.float32)


def cropped(grey: Grey, share: float) -> Grey:
    """share: of each side, at each of its ends."""
    down, across = (round(count * share) for count in grey.shape)
    return grey[down : len(grey) - down, across : grey.shape[1] - across]


# What becomes of a film that is the same film to a person.
DONE: dict[str, Callable[[Grey], Grey]] = {
    "half the size": lambda grey: resized(grey, 0.5),
    "three quarters of the size": lambda grey: resized(grey, 0.75),
    "twice the size": lambda grey: resized(grey, 2),
    "JPEG of quality 30": lambda grey: jpeg(grey, 30),
    "JPEG of quality 60": lambda grey: jpeg(grey, 60),
    "JPEG of quality 90": lambda grey: jpeg(grey, 90),
    "half the size, JPEG of quality 60": lambda grey: jpeg(resized(grey, 0.5), 60),
    "brighter": lambda grey: np.clip(grey + 30, 0, 255),
    "darker": lambda grey: grey * 0.7,
    "more contrast": lambda grey: np.clip((grey - 128) * 1.3 + 128, 0, 255),
    "gamma 0.6": lambda grey: 255 * (grey / 255) ** 0.6,
    "gamma 1.6": lambda grey: 255 * (grey / 255) ** 1.6,
    "cropped by 2 % at each end": lambda grey: cropped(grey, 0.02),
    "negative": lambda grey: 255 - grey,
    "mirrored": lambda grey: grey[:, ::-1],
    "black bars at the sides": lambda grey: np.pad(grey, ((0, 0), (grey.shape[1] // 10,) * 2)),
}


def write_png(path: Path, grey: Grey) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(whole(grey)).save(path)
    return path


def write_dicom(path: Path, grey: Grey, *, patient: str, **facts: str) -> Path:
    """A film of 12 bits, MONOCHROME2. facts: by keyword, such as PatientName."""
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID = ComputedRadiographyImageStorage
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID = facts.pop("SOPInstanceUID", generate_uid())
    data.PatientID, data.Modality = patient, "CR"
    data.StudyInstanceUID = facts.pop("StudyInstanceUID", generate_uid())
    data.SeriesInstanceUID = facts.pop("SeriesInstanceUID", generate_uid())
    data.SpecificCharacterSet = "ISO_IR 192"
    for keyword, value in facts.items():
        setattr(data, keyword, value)
    data.Rows, data.Columns = grey.shape
    data.SamplesPerPixel, data.PhotometricInterpretation, data.PixelRepresentation = 1, "MONOCHROME2", 0
    data.BitsAllocated, data.BitsStored, data.HighBit = 16, 12, 11
    data.PixelData = np.rint(grey * (4095 / 255)).astype("<u2").tobytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    data.save_as(path, enforce_file_format=True)
    return path
