"""Small valid DICOM files, so that a clone alone can test reading; real images where there are some."""

import os
import signal
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

from viewer.reading.decoding.pool import POOL
from viewer.reading.sources.data_folder import find_data

STAND_INS = {21: "1.2.840.10008.1.2.4.90", 22: "1.2.840.10008.1.2.4.90", 23: "1.2.840.10008.1.2.4.201"}

MakeDicom = Callable[..., Path]


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real DICOM files; tests of it are left out without."""
    data = find_data()
    if data is None or not (data / "dicom" / "manifest.csv").exists():
        pytest.skip("the real images are not here (NEGATOSCOPE_DATA)")
    return data / "dicom"


@pytest.fixture(scope="session")
def study_uid() -> str:
    return generate_uid(entropy_srcs=["study"])


@pytest.fixture
def make_dicom(tmp_path: Path, study_uid: str) -> Iterator[MakeDicom]:
    """make_dicom(name, pixels, syntax=..., **attributes) writes one file below tmp_path and gives its path.

    pixels: (row, col), (row, col, 3) or, with NumberOfFrames, one dimension more; None for a file without pixels.
    encoded: bytes for PixelData instead of those of `pixels`. remove: keywords to leave out.
    """

    def write(
        name: str,
        pixels: np.ndarray | None,
        *,
        syntax: str = ExplicitVRLittleEndian,
        encoded: bytes | None = None,
        remove: tuple[str, ...] = (),
        **attributes: Any,
    ) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        ds = _data_set(pixels, study_uid, name)
        if encoded is not None:
            ds.PixelData = encoded
        for keyword, value in attributes.items():
            setattr(ds, keyword, value)
        for keyword in remove:
            if keyword in ds:
                delattr(ds, keyword)
        ds.file_meta = FileMetaDataset()
        known = UID(syntax).is_transfer_syntax
        # Syntaxes that pydicom cannot write yet stand in for one of the same length and are put in afterwards.
        ds.file_meta.TransferSyntaxUID = syntax if known else STAND_INS[len(syntax)]
        ds.file_meta.MediaStorageSOPClassUID = ds.get("SOPClassUID", "1.2.840.10008.5.1.4.1.1.7")
        ds.file_meta.MediaStorageSOPInstanceUID = ds.get("SOPInstanceUID") or "1.2.3"
        if encoded is not None and "PixelData" in ds:
            ds["PixelData"].VR = "OB"
            ds["PixelData"].is_undefined_length = encoded[:4] == b"\xfe\xff\x00\xe0"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pydicom warns of what these files get wrong on purpose
            ds.save_as(path, enforce_file_format=True)
        if not known:
            before, after = STAND_INS[len(syntax)].encode(), syntax.encode()
            path.write_bytes(path.read_bytes().replace(before, after.ljust(len(before), b"\0"), 1))
        return path

    yield write


def _data_set(pixels: np.ndarray | None, study_uid: str, name: str) -> Dataset:
    ds = Dataset()
    ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    ds.SOPInstanceUID = generate_uid(entropy_srcs=["instance", name])
    ds.StudyInstanceUID = study_uid
    ds.SeriesInstanceUID = generate_uid(entropy_srcs=["series"])
    ds.PatientID, ds.PatientName, ds.Modality = "007", "Doe^Jane", "CT"
    ds.StudyDate, ds.SeriesNumber, ds.InstanceNumber = "20260102", 3, 1
    if pixels is None:
        return ds
    colour = pixels.ndim >= 3 and pixels.shape[-1] == 3
    ds.Rows, ds.Columns = pixels.shape[-3:-1] if colour else pixels.shape[-2:]
    ds.SamplesPerPixel = 3 if colour else 1
    ds.PhotometricInterpretation = "RGB" if colour else "MONOCHROME2"
    if colour:
        ds.PlanarConfiguration = 0
    ds.BitsAllocated = ds.BitsStored = 8 * pixels.dtype.itemsize
    ds.HighBit = ds.BitsStored - 1
    ds.PixelRepresentation = int(pixels.dtype.kind == "i")
    data = pixels.tobytes()
    ds.PixelData = data + b"\0" * (len(data) % 2)
    ds["PixelData"].VR = "OW" if pixels.dtype.itemsize > 1 else "OB"
    return ds


@pytest.fixture
def make_slices(make_dicom: MakeDicom) -> Callable[..., list[Path]]:
    """make_slices(places, folder="s", **attributes): axial CT slices at these z positions, millimetres."""

    def write(places: list[float], folder: str = "s", **attributes: Any) -> list[Path]:
        return [
            make_dicom(
                f"{folder}/{number:03}.dcm",
                np.full((8, 6), number, np.int16),
                InstanceNumber=number + 1,
                ImagePositionPatient=[-10.0, -20.0, place],
                **{"ImageOrientationPatient": [1, 0, 0, 0, 1, 0], "PixelSpacing": [0.5, 0.75], **attributes},
            )
            for number, place in enumerate(places)
        ]

    return write


@pytest.fixture
def own_children() -> Iterator[None]:
    """A test that begins and ends without decoding children, so that none is held up by another's."""
    POOL.close()
    yield
    for kind in ("streams", "pictures", "fragile"):
        for pid in POOL.busy(kind):
            os.kill(pid, signal.SIGKILL)
    POOL.close()
