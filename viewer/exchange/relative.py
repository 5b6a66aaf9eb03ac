"""Paths in an export: relative to the file that names them, so that a folder which is moved as a whole comes back."""

import os
from pathlib import Path


def relative_path(path: Path, folder: Path) -> str:
    """`path` as seen from `folder`, with slashes; whole where no way leads there (another drive)."""
    try:
        return Path(os.path.relpath(path, folder.resolve())).as_posix()
    except ValueError:
        return path.as_posix()
