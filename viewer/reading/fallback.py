"""Second decoders (pylibjpeg, gdcm and pydicom's own), in a child process.

They hold the interpreter's lock for up to 0.4 s and can crash on damaged data, so they never run in this process.
"""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.errors import BadFile
from viewer.reading.coding import Coding
from viewer.reading.decoder import Decoded, DecodeFailed

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
    try:
        done = _ask(asked, data)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BadFile(
            f"{path} holds a compressed image that cannot be decoded ({error}); ask for a new copy."
        ) from error
    if done.returncode:
        raise BadFile(f"{path} holds a compressed image that cannot be decoded ({first}); ask for a new copy.")
    name, _, array = done.stdout.partition(b"\n")
    # The plug-ins apply the sign themselves, so only the bits above Bits Stored remain to be dropped.
    return Decoded(array=np.load(io.BytesIO(array), allow_pickle=False)), name.decode()


def codec_in_child(codec: str, data: bytes, frame_bytes: int) -> NDArray[Any]:
    """What imagecodecs' `codec` makes of a stream, for those that crash on broken ones. Raises DecodeFailed."""
    try:
        done = _ask({"codec": codec, "frame_bytes": frame_bytes}, data)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DecodeFailed(str(error)) from error
    if done.returncode:
        raise DecodeFailed(f"{codec} cannot decode it")
    array: NDArray[Any] = np.load(io.BytesIO(done.stdout.partition(b"\n")[2]), allow_pickle=False)
    return array


def _ask(asked: dict[str, Any], data: bytes) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, "-m", "viewer.reading.fallback_child"],
        input=json.dumps(asked).encode() + b"\n" + data,
        capture_output=True,
        timeout=TIMEOUT_S,
        check=False,
    )
