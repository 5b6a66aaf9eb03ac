"""Second decoders (pylibjpeg, gdcm and pydicom's own): in a child only. They hold the interpreter's lock for up to
0.4 s and can crash on damaged data."""

import contextlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.reading.pixels.coding import Coding
from viewer.reading.pixels.decoder import DecodeFailed

LOSSLESS_JPEG = ("1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70")
PLUGIN_ERRORS = (RuntimeError, ValueError, NotImplementedError, AttributeError, TypeError)


def decode_with_plugins(uid: str, coding: Coding, data: bytes) -> tuple[NDArray[Any], str]:
    """(components, plug-in's name) by whichever can. Raises DecodeFailed when none can."""
    from pydicom.pixels.decoders.base import get_decoder
    from pydicom.pixels.utils import pixel_array

    dataset = _dataset(uid, coding, data)
    try:
        plugins = get_decoder(uid).available_plugins
    except NotImplementedError as error:
        raise DecodeFailed(str(error)) from error
    # pyjpegls is the CharLS that has just failed, and can search a broken stream for 12 s.
    for plugin in sorted(plugins, key=lambda name: ("pylibjpeg" not in name, name == "pyjpegls")):
        with contextlib.suppress(*PLUGIN_ERRORS):
            return np.asarray(pixel_array(dataset, raw=True, decoding_plugin=plugin)), plugin
    if uid in LOSSLESS_JPEG:
        return decode_with_codec("ljpeg", data), "ljpeg"
    raise DecodeFailed("no other decoder can either")


def decode_with_codec(codec: str, data: bytes) -> NDArray[Any]:
    """What imagecodecs' `codec` makes of a stream. Raises DecodeFailed."""
    import imagecodecs

    try:
        return np.asarray(getattr(imagecodecs, f"{codec}_decode")(data))
    except (RuntimeError, ValueError, MemoryError) as error:
        raise DecodeFailed(f"{codec} cannot decode it") from error


def load_plugins() -> None:
    """Import what they need, so that a child that is forked for one image has it."""
    import imagecodecs
    import pydicom.pixels.decoders
    import pydicom.pixels.utils  # noqa: F401

    for name in ("ljpeg_decode", "htj2k_decode", "jpeg2k_decode"):
        getattr(imagecodecs, name)


def _dataset(uid: str, coding: Coding, data: bytes) -> Any:
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.encaps import encapsulate
    from pydicom.uid import UID

    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = UID(uid)
    dataset.Rows, dataset.Columns = coding.rows, coding.cols
    dataset.SamplesPerPixel = coding.samples
    dataset.BitsAllocated, dataset.BitsStored = coding.bits_allocated, coding.bits_stored
    dataset.HighBit = coding.bits_stored - 1
    dataset.PixelRepresentation = int(coding.signed)
    dataset.PhotometricInterpretation = coding.photometric
    if coding.samples > 1:
        dataset.PlanarConfiguration = int(coding.planar)
    dataset.PixelData = encapsulate([data])
    return dataset
