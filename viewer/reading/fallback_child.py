"""The child process of `viewer.reading.fallback`: one compressed frame on stdin, one NPY on stdout."""

import contextlib
import io
import json
import sys
import warnings
from typing import Any

import numpy as np

LOSSLESS_JPEG = ("1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70")


def main() -> int:
    """Decode with the codec asked for, or whichever of pydicom's plug-ins can. Exit code 1 when none can."""
    line, _, data = sys.stdin.buffer.read().partition(b"\n")
    asked = json.loads(line)
    warnings.simplefilter("ignore")
    if "codec" in asked:
        _limit_memory(asked["frame_bytes"])
        return _decode_with(asked["codec"], data)
    _limit_memory(asked["rows"] * asked["cols"] * asked["samples"] * asked["bits_allocated"] // 8)
    return _decode_with_plugins(asked, data)


def _decode_with_plugins(asked: dict[str, Any], data: bytes) -> int:
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.encaps import encapsulate
    from pydicom.pixels.decoders.base import get_decoder
    from pydicom.pixels.utils import pixel_array

    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = asked["uid"]
    dataset.Rows, dataset.Columns = asked["rows"], asked["cols"]
    dataset.SamplesPerPixel = asked["samples"]
    dataset.BitsAllocated, dataset.BitsStored = asked["bits_allocated"], asked["bits_stored"]
    dataset.HighBit = asked["bits_stored"] - 1
    dataset.PixelRepresentation = int(asked["signed"])
    dataset.PhotometricInterpretation = asked["photometric"]
    if asked["samples"] > 1:
        dataset.PlanarConfiguration = int(asked["planar"])
    dataset.PixelData = encapsulate([data])
    try:
        plugins = get_decoder(asked["uid"]).available_plugins
    except NotImplementedError:
        return 1
    # pyjpegls is the CharLS that has just failed, and can search a broken stream for 12 s.
    for plugin in sorted(plugins, key=lambda name: ("pylibjpeg" not in name, name == "pyjpegls")):
        try:
            array = pixel_array(dataset, raw=True, decoding_plugin=plugin)
        except (RuntimeError, ValueError, NotImplementedError, AttributeError, TypeError):
            continue
        return _answer(plugin, array)
    return _decode_with("ljpeg", data) if asked["uid"] in LOSSLESS_JPEG else 1


def _decode_with(codec: str, data: bytes) -> int:
    import imagecodecs

    try:
        return _answer(codec, getattr(imagecodecs, f"{codec}_decode")(data))
    except (RuntimeError, ValueError, MemoryError):
        return 1


def _answer(name: str, array: np.ndarray) -> int:
    out = io.BytesIO()
    np.save(out, array, allow_pickle=False)
    sys.stdout.buffer.write(name.encode() + b"\n" + out.getvalue())
    return 0


def _limit_memory(frame_bytes: int) -> None:
    """Codecs take what a broken stream asks for; where there are no limits (Windows) the time limit has to do."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        most = (4 << 30) + 8 * frame_bytes
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


if __name__ == "__main__":
    sys.exit(main())
