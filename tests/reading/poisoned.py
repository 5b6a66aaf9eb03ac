"""Files read twice in processes whose memory is filled with another byte each time before anybody writes to it.

The C library of Linux does so (mallopt(3), M_PERTURB); elsewhere the two runs only have to agree.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import viewer

ROOT = Path(viewer.__file__).resolve().parent.parent
FILLED_WITH = (0x55, 0xAA)

READ = """
import hashlib, json, sys
from pathlib import Path
import viewer.children
viewer.children.KEPT_BEGINNINGS = (*viewer.children.KEPT_BEGINNINGS, "MALLOC_")
from viewer.core.errors import AppError
from viewer.reading.frames import file_frames, read_frame
found = {}
for path in map(Path, json.load(sys.stdin)):
    try:
        digest = hashlib.sha256()
        for ref in file_frames(path):
            digest.update(read_frame(ref).stored.tobytes())
        found[str(path)] = digest.hexdigest()
    except AppError as error:
        found[str(path)] = f"refused: {error}"
json.dump(found, sys.stdout)
"""


def read_twice(paths: Sequence[Path]) -> tuple[dict[str, str], dict[str, str]]:
    """By path, what each run made of a file: a digest of its values, or why it was refused."""
    first, second = (_read(paths, byte) for byte in FILLED_WITH)
    return first, second


def _read(paths: Sequence[Path], byte: int) -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-P", "-c", READ],
        input=json.dumps([str(path) for path in paths]),
        env={**os.environ, "MALLOC_PERTURB_": str(byte), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, str] = json.loads(done.stdout)
    return found
