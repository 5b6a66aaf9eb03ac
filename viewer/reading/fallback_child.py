"""The child process of `viewer.reading.fallback`: one compressed frame on stdin, one NPY on stdout."""

import io
import json
import sys
import warnings

import numpy as np


def main() -> int:
    """Decode with whichever of pydicom's plug-ins can. Exit code 1 when none can."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.encaps import encapsulate
    from pydicom.pixels.decoders.base import get_decoder
    from pydicom.pixels.utils import pixel_array

    line, _, data = sys.stdin.buffer.read().partition(b"\n")
    asked = json.loads(line)
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
    warnings.simplefilter("ignore")
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
        out = io.BytesIO()
        np.save(out, array, allow_pickle=False)
        sys.stdout.buffer.write(plugin.encode() + b"\n" + out.getvalue())
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
