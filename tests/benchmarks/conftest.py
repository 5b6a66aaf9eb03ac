"""Studies for the benchmarks: made in seconds from one template, with headers as long as a scanner's."""

import platform
import sys
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path

import numpy as np
import psutil
import pytest
from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, ExplicitVRLittleEndian

CT_CLASS = "1.2.840.10008.5.1.4.1.1.2"
ROOT_UID = "1.2.826.0.1.3680043.8.498.7"
NUMBER = 700_000  # in the template where each slice's own number goes: six digits, so that no length changes

Encode = Callable[[np.ndarray], bytes]


@pytest.fixture(scope="session", autouse=True)
def _statements_are_compiled_once() -> None:
    """Not here: what is measured compiles its own, as a program that was just started does."""


def _anatomy(rows: int, cols: int, number: int = 0, *, bits: int = 12) -> np.ndarray:
    """(row, col) uint16: soft shapes under noise of the strength that detectors have."""
    y, x = np.mgrid[:rows, :cols].astype(np.float32)
    shapes = 0.45 + 0.3 * np.sin(x / 37 + number / 9) * np.cos(y / 29) + 0.15 * ((x - cols / 2) ** 2 < (rows / 3) ** 2)
    noise = np.random.default_rng(number).normal(0, 0.008, (rows, cols)).astype(np.float32)
    return np.asarray(np.clip((shapes + noise) * 2**bits, 0, 2**bits - 1), np.uint16)


def _write_study(
    folder: Path,
    pixels: Iterable[np.ndarray],
    *,
    series: int = 1,
    syntax: str = ExplicitVRLittleEndian,
    encode: Encode | None = None,
) -> int:
    """One file for each (row, col) array, named 000000.dcm and on. Returns the bytes of pixels, uncompressed."""
    folder.mkdir(parents=True, exist_ok=True)
    total, head = 0, b""
    for number, stored in enumerate(pixels):
        if not head:
            head = _template(stored, series, syntax, compressed=encode is not None)
        data = stored.astype(f"<u{stored.itemsize}").tobytes() if encode is None else encapsulate([encode(stored)])
        tail = b"\xe0\x7f\x10\x00OW\0\0" + len(data).to_bytes(4, "little")
        if encode is not None:
            tail = b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff"
            data += b"\xfe\xff\xdd\xe0\0\0\0\0"
        own = head.replace(str(NUMBER).encode(), str(NUMBER + number).encode())
        (folder / f"{number:06}.dcm").write_bytes(own + tail + data)
        total += stored.nbytes
    return total


def _template(stored: np.ndarray, series: int, syntax: str, *, compressed: bool) -> bytes:
    """A CT header of about 5 kB without its pixels; NUMBER stands wherever slices differ."""
    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID = CT_CLASS, f"{ROOT_UID}.{series}.{NUMBER}"
    ds.StudyInstanceUID, ds.SeriesInstanceUID = f"{ROOT_UID}.1000", f"{ROOT_UID}.1000.{series}"
    ds.FrameOfReferenceUID = f"{ROOT_UID}.1001"
    ds.PatientID, ds.PatientName, ds.Modality = "BENCH", "Bench^Mark", "CT"
    ds.PatientBirthDate, ds.PatientSex, ds.PatientAge = "19600101", "F", "066Y"
    ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = "20261101"
    ds.StudyTime = ds.SeriesTime = ds.AcquisitionTime = ds.ContentTime = "101112"
    ds.ImageType, ds.SpecificCharacterSet = ["ORIGINAL", "PRIMARY", "AXIAL"], "ISO_IR 100"
    ds.Manufacturer, ds.ManufacturerModelName, ds.InstitutionName = "Benchmark", "Template", "None"
    ds.StudyDescription, ds.SeriesDescription, ds.BodyPartExamined = "CT of a benchmark", "thin", "CHEST"
    ds.SeriesNumber, ds.InstanceNumber, ds.AcquisitionNumber = series, NUMBER, 1
    ds.SliceThickness, ds.KVP, ds.GantryDetectorTilt = "1.25", "120", "0"
    ds.ReconstructionDiameter, ds.ExposureTime, ds.XRayTubeCurrent = "400", "800", "220"
    ds.ConvolutionKernel, ds.PatientPosition = "STANDARD", "HFS"
    ds.ImagePositionPatient = [-200.0, -200.0, NUMBER]
    ds.ImageOrientationPatient, ds.PixelSpacing = [1, 0, 0, 0, 1, 0], [0.78125, 0.78125]
    ds.SliceLocation = NUMBER
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = "-1024", "1", "HU"
    ds.WindowCenter, ds.WindowWidth = "40", "400"
    ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.PixelRepresentation = 1, "MONOCHROME2", 0
    ds.Rows, ds.Columns = stored.shape
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = (16, 12, 11) if stored.itemsize == 2 else (8, 8, 7)
    if stored.max(initial=0) > 4095:
        ds.BitsStored, ds.HighBit = 16, 15
    step = Dataset()
    step.ReferencedSOPClassUID, step.ReferencedSOPInstanceUID = "1.2.840.10008.3.1.2.3.3", f"{ROOT_UID}.1002"
    ds.ReferencedPerformedProcedureStepSequence = [step]
    private = ds.private_block(0x0019, "BENCHMARK", create=True)
    for element in range(60):
        private.add_new(element, "LO", f"a value of the scanner's own, number {element:02}")
    meta = ds.file_meta = FileMetaDataset()
    meta.TransferSyntaxUID = UID(syntax)
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = CT_CLASS, ds.SOPInstanceUID
    out = BytesIO()
    dcmwrite(out, ds, enforce_file_format=True)
    return out.getvalue()


@pytest.fixture(scope="session")
def anatomy() -> Callable[..., np.ndarray]:
    """anatomy(rows, cols, number, bits=12): a (row, col) uint16 picture."""
    return _anatomy


@pytest.fixture(scope="session")
def write_study() -> Callable[..., int]:
    """write_study(folder, pictures, series=1, syntax=..., encode=...) writes one file for each picture."""
    return _write_study


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest) -> Callable[[str], None]:
    """say(line) prints one line of a benchmark's report, with the machine it was measured on before the first."""
    told: list[str] = []

    def write(line: str) -> None:
        with capsys.disabled():
            if not told:
                memory_gib = psutil.virtual_memory().total / 2**30
                machine = f"{psutil.cpu_count()} cores, {memory_gib:.0f} GiB, Python {platform.python_version()}"
                sys.stdout.write(f"\n{request.node.name} on {platform.machine()}, {machine}\n")
            sys.stdout.write(f"  {line}\n")
        told.append(line)

    return write
