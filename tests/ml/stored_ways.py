"""One picture, written in every way that a file can store it in without losing a value."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, RLELossless, generate_uid

_NOISE = np.random.default_rng(8)
# Values from 60 to 139: neither black nor white, so that a depth's own range is not the picture's.
GREY: NDArray[np.uint8] = _NOISE.integers(60, 100, (50, 64)).astype(np.uint8)
GREY[10:30, 8:28] += 40

EXPLICIT = UID("1.2.840.10008.1.2.1")
JPEG_LS = UID("1.2.840.10008.1.2.4.80")


def grey_as_rgb(values: NDArray[Any]) -> NDArray[Any]:
    return np.stack([values] * 3, axis=2)


def png(values: NDArray[Any]) -> Callable[[Path], None]:
    return lambda path: path.with_suffix(".png").write_bytes(imagecodecs.png_encode(values)) and None


def tiff(values: NDArray[Any], **more: Any) -> Callable[[Path], None]:
    return lambda path: tifffile.imwrite(path.with_suffix(".tif"), values, **more)


def palette_png(*, order: NDArray[np.intp]) -> Callable[[Path], None]:
    """An indexed picture whose indices are in another order than its greys."""

    def write(path: Path) -> None:
        place = np.argsort(order)
        image = Image.fromarray(place[GREY].astype(np.uint8), "L")
        image = Image.frombytes("P", image.size, image.tobytes())
        image.putpalette(np.repeat(order.astype(np.uint8), 3).tobytes())
        image.save(path.with_suffix(".png"))

    return write


def dicom(values: NDArray[Any], photometric: str = "MONOCHROME2", **attributes: Any) -> Callable[[Path], None]:
    """An uncompressed file; attributes replace those made from `values`."""

    def write(path: Path) -> None:
        _data_set(values, photometric, attributes).save_as(path.with_suffix(".dcm"), enforce_file_format=True)

    return write


def rle(values: NDArray[Any], photometric: str = "MONOCHROME2") -> Callable[[Path], None]:
    def write(path: Path) -> None:
        data_set = _data_set(values, photometric, {})
        data_set.compress(RLELossless, generate_instance_uid=False)
        data_set.save_as(path.with_suffix(".dcm"), enforce_file_format=True)

    return write


def _data_set(values: NDArray[Any], photometric: str, attributes: dict[str, Any]) -> Dataset:
    bits = 8 * values.dtype.itemsize
    data_set = Dataset()
    data_set.file_meta = FileMetaDataset()
    data_set.file_meta.TransferSyntaxUID = EXPLICIT
    data_set.SOPClassUID = data_set.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    data_set.SOPInstanceUID = data_set.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    data_set.StudyInstanceUID, data_set.SeriesInstanceUID = generate_uid(), generate_uid()
    data_set.Modality, data_set.PatientID = "OT", "P"
    data_set.Rows, data_set.Columns = values.shape[:2]
    data_set.SamplesPerPixel = 3 if values.ndim == 3 else 1
    if values.ndim == 3:
        data_set.PlanarConfiguration = 0
    data_set.PhotometricInterpretation = photometric
    data_set.BitsAllocated = data_set.BitsStored = bits
    data_set.HighBit = bits - 1
    data_set.PixelRepresentation = int(values.dtype.kind == "i")
    data_set.PixelData = values.tobytes()
    for name, value in attributes.items():
        setattr(data_set, name, value)
    data_set.HighBit = data_set.BitsStored - 1
    return data_set


def _palette(shift: int) -> dict[str, Any]:
    """Index i is the grey i + shift, in 16-bit entries."""
    entries = (np.clip(np.arange(256) + shift, 0, 255) * 257).astype("<u2").tobytes()
    found: dict[str, Any] = {}
    for color in ("Red", "Green", "Blue"):
        found[f"{color}PaletteColorLookupTableDescriptor"] = [256, 0, 16]
        found[f"{color}PaletteColorLookupTableData"] = entries
    return found


_SHUFFLED = np.random.default_rng(3).permutation(256)
_YBR = np.stack([GREY, np.full_like(GREY, 128), np.full_like(GREY, 128)], axis=2)

# By what is different about each.
WAYS: dict[str, Callable[[Path], None]] = {
    "grey PNG": png(GREY),
    "RGB PNG": png(grey_as_rgb(GREY)),
    "RGBA PNG, opaque": png(np.concatenate([grey_as_rgb(GREY), np.full((*GREY.shape, 1), 255, np.uint8)], axis=2)),
    "palette PNG": palette_png(order=np.arange(256)),
    "palette PNG in another order": palette_png(order=_SHUFFLED),
    "8 bits in a 16-bit PNG": png(GREY.astype(np.uint16)),
    "16-bit PNG": png(GREY.astype(np.uint16) * 257),
    "16-bit RGB PNG": png(grey_as_rgb(GREY.astype(np.uint16) * 257)),
    "grey TIFF": tiff(GREY, photometric="minisblack"),
    "TIFF whose white is zero": tiff(255 - GREY, photometric="miniswhite"),
    "RGB TIFF": tiff(grey_as_rgb(GREY), photometric="rgb"),
    "TIFF of floats": tiff(GREY.astype(np.float32) / 4, photometric="minisblack"),
    "RGB TIFF of floats": tiff(grey_as_rgb(GREY.astype(np.float32) / 255), photometric="rgb"),
    "compressed TIFF": tiff(GREY, photometric="minisblack", compression="zlib"),
    "DICOM": dicom(GREY),
    "DICOM, 12 bits in 16": dicom(GREY.astype(np.uint16) * 16, BitsStored=12),
    "DICOM, signed": dicom(GREY.astype(np.int16) - 1000),
    "DICOM with a slope": dicom(GREY.astype(np.uint16), RescaleSlope="2.5", RescaleIntercept="-1024"),
    "DICOM with a falling slope": dicom(255 - GREY, RescaleSlope="-1", RescaleIntercept="0"),
    "MONOCHROME1": dicom(255 - GREY, "MONOCHROME1"),
    "MONOCHROME1, 12 bits": dicom(4095 - GREY.astype(np.uint16) * 16, "MONOCHROME1", BitsStored=12),
    "Presentation LUT Shape INVERSE": dicom(255 - GREY, PresentationLUTShape="INVERSE"),
    "RGB DICOM": dicom(grey_as_rgb(GREY), "RGB"),
    "YBR_FULL DICOM": dicom(_YBR, "YBR_FULL"),
    "PALETTE COLOR": dicom(GREY - 30, "PALETTE COLOR", **_palette(30)),
    "RLE": rle(GREY),
    "RLE, RGB": rle(grey_as_rgb(GREY), "RGB"),
    "with a padding value that no pixel has": dicom(GREY.astype(np.int16), PixelPaddingValue=-2000),
    "with a window of its own": dicom(GREY, WindowCenter="40", WindowWidth="400"),
}
