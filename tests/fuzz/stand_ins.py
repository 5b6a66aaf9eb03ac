"""Small files of every syntax that can be written here, so that a clone without the real images fuzzes too."""

import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels.encoders import RLELosslessEncoder
from pydicom.uid import UID

BASE = "1.2.840.10008.1.2"
# Syntaxes that this pydicom does not know by name are written under one of the same length and renamed there.
RENAMED = {".4.110": ".4.201", ".8.1": ".4.90", ".1.98": ".4.90"}

Array = Any


def _j2k(a: Array) -> bytes:
    return bytes(imagecodecs.jpeg2k_encode(a, codecformat="j2k", level=0, reversible=True, mct=a.ndim == 3))


def _jpeg(a: Array) -> bytes:
    low = a if a.dtype == np.uint8 else (a >> 4).astype(np.uint8)
    space = "ycbcr" if a.ndim == 3 else None
    return bytes(imagecodecs.jpeg8_encode(low, level=95, colorspace=space, outcolorspace=space))


def _deflate(a: Array) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(a.tobytes()) + packer.flush()


ENCODERS: dict[str, Callable[[Array], bytes]] = {
    ".1.98": lambda a: a.tobytes(),
    ".8.1": _deflate,
    ".4.50": _jpeg,
    ".4.57": lambda a: bytes(imagecodecs.ljpeg_encode(a, bitspersample=12)),
    ".4.70": lambda a: bytes(imagecodecs.jpeg8_encode(a, lossless=True, bitspersample=12, predictor=1)),
    ".4.80": lambda a: bytes(imagecodecs.jpegls_encode(a)),
    ".4.90": _j2k,
    ".4.201": lambda a: bytes(imagecodecs.htj2k_encode(a)),
    ".4.110": lambda a: bytes(imagecodecs.jpegxl_encode(a, lossless=True)),
}


def write_stand_ins(folder: Path) -> None:
    """One file for each syntax and form into `folder`."""
    rows, cols = np.mgrid[0:24, 0:32]
    grey = ((rows * 97 + cols * 41 + (rows * cols) % 53) % 4096).astype(np.uint16)
    signed = (grey.astype(np.int32) - 2000).astype(np.int16)
    colour = np.stack([grey >> 4, grey.T.reshape(24, 32) >> 4, (grey >> 5) + 7], axis=2).astype(np.uint8)
    for end in ("", ".1", ".2", ".1.99"):
        _write(folder / f"native{end}-grey.dcm", [grey], end)
        _write(folder / f"native{end}-signed.dcm", [signed, signed + 1], end)
        _write(folder / f"native{end}-colour.dcm", [colour], end)
    for end, encode in ENCODERS.items():
        _write(folder / f"packed{end}-grey.dcm", [grey, grey[::-1], grey[:, ::-1]], end, encode)
        if end in (".4.50", ".4.80", ".4.90"):
            _write(folder / f"packed{end}-colour.dcm", [colour], end, encode)
    _write(folder / "packed.5-grey.dcm", [grey, grey[::-1]], ".5")
    _write(folder / "packed.5-colour.dcm", [colour], ".5")
    _write(folder / "float.dcm", [grey.astype(np.float32) / 7], ".1")


def _write(path: Path, frames: Sequence[Array], end: str, encode: Callable[[Array], bytes] | None = None) -> None:
    ds = _data_set(frames)
    uid = UID(BASE + RENAMED.get(end, end))
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = uid
    ds.file_meta.MediaStorageSOPClassUID, ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPClassUID, ds.SOPInstanceUID
    if frames[0].dtype == np.float32:
        ds.FloatPixelData = b"".join(frame.tobytes() for frame in frames)
    elif encode is not None:
        lossy = end == ".4.50" and ds.SamplesPerPixel == 1
        if lossy:
            ds.BitsAllocated = ds.BitsStored = 8
            ds.HighBit = 7
        ds.PixelData = encapsulate([encode(np.ascontiguousarray(frame)) for frame in frames])
        ds["PixelData"].VR = "OB"
        ds["PixelData"].is_undefined_length = True
    elif end == ".5":
        ds.PixelData = encapsulate([_rle(ds, frame) for frame in frames])
        ds["PixelData"].VR = "OB"
        ds["PixelData"].is_undefined_length = True
    else:
        order = ">" if end == ".2" else "<"
        ds.PixelData = b"".join(frame.astype(frame.dtype.newbyteorder(order)).tobytes() for frame in frames)
        ds["PixelData"].VR = "OW" if frames[0].dtype.itemsize > 1 else "OB"
    ds.save_as(path, enforce_file_format=True)
    if end in RENAMED:
        before, after = (BASE + RENAMED[end]).encode(), (BASE + end).encode()
        path.write_bytes(path.read_bytes().replace(before, after.ljust(len(before), b"\0"), 1))


def _rle(ds: Dataset, frame: Array) -> bytes:
    return bytes(
        RLELosslessEncoder.encode(
            frame,
            rows=ds.Rows,
            columns=ds.Columns,
            samples_per_pixel=ds.SamplesPerPixel,
            number_of_frames=1,
            bits_allocated=ds.BitsAllocated,
            bits_stored=ds.BitsStored,
            photometric_interpretation=ds.PhotometricInterpretation,
            pixel_representation=ds.PixelRepresentation,
            planar_configuration=0,
        )
    )


def _data_set(frames: Sequence[Array]) -> Dataset:
    first = frames[0]
    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", "1.2.826.0.1.1"
    ds.StudyInstanceUID, ds.SeriesInstanceUID = "1.2.826.0.1.2", "1.2.826.0.1.3"
    ds.PatientID, ds.PatientName, ds.Modality = "007", "Doe^Jane", "CT"
    ds.StudyDate, ds.SeriesNumber, ds.InstanceNumber = "20260102", 3, 1
    ds.PixelSpacing, ds.RescaleSlope, ds.RescaleIntercept = [0.5, 0.75], 1, -1024
    ds.WindowCenter, ds.WindowWidth = 40, 400
    ds.ImagePositionPatient, ds.ImageOrientationPatient = [0, 0, 5], [1, 0, 0, 0, 1, 0]
    inner = Dataset()
    inner.CodeValue, inner.CodeMeaning = "T-D1100", "Head"
    ds.AnatomicRegionSequence = [inner]
    ds.Rows, ds.Columns = first.shape[:2]
    ds.SamplesPerPixel = 3 if first.ndim == 3 else 1
    ds.PhotometricInterpretation = "RGB" if first.ndim == 3 else "MONOCHROME2"
    if first.ndim == 3:
        ds.PlanarConfiguration = 0
    ds.BitsAllocated = 8 * first.dtype.itemsize
    ds.BitsStored = 12 if first.dtype == np.uint16 else ds.BitsAllocated
    ds.HighBit = ds.BitsStored - 1
    ds.PixelRepresentation = int(first.dtype.kind == "i")
    if len(frames) > 1:
        ds.NumberOfFrames = len(frames)
    return ds
