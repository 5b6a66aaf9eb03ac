"""Where the real test images are."""

import os
from pathlib import Path

import viewer


def find_data() -> Path | None:
    """$NEGATOSCOPE_DATA when it names a folder, else ../shared/data beside the project's root; None without either."""
    named = os.environ.get("NEGATOSCOPE_DATA")
    if named:
        folder = Path(named).expanduser()
        return folder if folder.is_dir() else None
    root = Path(viewer.__file__).resolve().parent.parent
    folder = root.parent / "shared" / "data"
    return folder if folder.is_dir() else None
