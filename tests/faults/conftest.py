"""Small DICOM files that carry one fault each, written by pydicom from numbers that the test chose."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

WriteDicom = Callable[..., Path]


@pytest.fixture(scope="session")
def corpus(data_folder: Path) -> Path:
    """The folder of real DICOM files; tests of it are left out without, and have a built file beside them."""
    if not (data_folder / "dicom" / "manifest.csv").exists():
        pytest.skip("the real DICOM files are not here (NEGATOSCOPE_DATA)")
    return data_folder / "dicom"


@pytest.fixture
def write_dicom(tmp_path: Path) -> WriteDicom:
    """write_dicom(pixels, name="image.dcm", syntax=..., coded=..., remove=..., **attributes) gives the file's path.

    pixels: (row, col) or (row, col, 3), stored as they are, Bits Stored as wide as the dtype. A plain MONOCHROME2 or
    RGB secondary capture unless the attributes say otherwise. coded: the code streams of the frames, one each.
    """

    def write(
        pixels: np.ndarray,
        *,
        name: str = "image.dcm",
        syntax: str = ExplicitVRLittleEndian,
        coded: tuple[bytes, ...] = (),
        remove: tuple[str, ...] = (),
        **attributes: Any,
    ) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        ds = Dataset()
        ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", generate_uid(entropy_srcs=["i", name])
        ds.StudyInstanceUID, ds.SeriesInstanceUID = generate_uid(entropy_srcs=["s"]), generate_uid(entropy_srcs=["e"])
        ds.PatientID, ds.PatientName, ds.Modality, ds.InstanceNumber = "007", "Doe^Jane", "OT", 1
        colour = pixels.ndim == 3
        ds.Rows, ds.Columns = pixels.shape[:2]
        ds.SamplesPerPixel, ds.PhotometricInterpretation = (3, "RGB") if colour else (1, "MONOCHROME2")
        if colour:
            ds.PlanarConfiguration = 0
        ds.BitsAllocated = ds.BitsStored = 8 * pixels.dtype.itemsize
        ds.HighBit, ds.PixelRepresentation = ds.BitsStored - 1, int(pixels.dtype.kind == "i")
        plain = pixels.astype(pixels.dtype.newbyteorder("<")).tobytes()
        ds.PixelData = encapsulate(list(coded)) if coded else plain + b"\0" * (len(plain) % 2)
        ds["PixelData"].VR = "OB" if coded or ds.BitsAllocated == 8 else "OW"
        ds["PixelData"].is_undefined_length = bool(coded)
        for keyword, value in attributes.items():
            setattr(ds, keyword, value)
        for keyword in remove:
            delattr(ds, keyword)
        ds.file_meta = FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = syntax
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pydicom warns of what these files get wrong on purpose
            ds.save_as(path, enforce_file_format=True)
        return path

    return write
