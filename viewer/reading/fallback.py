"""Second decoders (pylibjpeg, gdcm and pydicom's own), in a child process.

They hold the interpreter's lock for up to 0.4 s and can crash on damaged data, so they never run in this process.
"""

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from viewer.core.errors import BadFile
from viewer.reading.coding import Coding
from viewer.reading.decoder import Decoded

TIMEOUT_S = 20


def decode_in_child(path: Path, uid: str, coding: Coding, data: bytes, *, first: str) -> tuple[Decoded, str]:
    """(components, plug-in's name). first: why the own decoder failed. Raises BadFile when no other can either."""
    asked = {
        "uid": uid,
        "rows": coding.rows,
        "cols": coding.cols,
        "samples": coding.samples,
        "bits_allocated": coding.bits_allocated,
        "bits_stored": coding.bits_stored,
        "signed": coding.signed,
        "photometric": coding.photometric,
        "planar": coding.planar,
    }
    command = [sys.executable, "-m", "viewer.reading.fallback_child"]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(asked).encode() + b"\n" + data,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BadFile(
            f"{path} holds a compressed image that cannot be decoded ({error}); ask for a new copy."
        ) from error
    if done.returncode:
        raise BadFile(f"{path} holds a compressed image that cannot be decoded ({first}); ask for a new copy.")
    name, _, array = done.stdout.partition(b"\n")
    # The plug-ins apply the sign themselves, so only the bits above Bits Stored remain to be dropped.
    return Decoded(array=np.load(io.BytesIO(array), allow_pickle=False)), name.decode()
