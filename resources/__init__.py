"""Icons, fonts, presets, label catalogues and the small phantom models, found through `path` and nothing else."""

from importlib.resources import as_file, files
from pathlib import Path


def path(name: str) -> Path:
    """The file or folder `name` (e.g. "icons/box.svg"). Raises FileNotFoundError when it is not shipped."""
    found = files(__name__).joinpath(*name.split("/"))
    if not (found.is_file() or found.is_dir()):
        raise FileNotFoundError(f"{name} is not among the resources; install the program again.")
    # Installed as plain files, never from a zip: as_file hands back the place itself.
    with as_file(found) as place:
        return place


def read_text(name: str) -> str:
    """The text of one resource, UTF-8."""
    return path(name).read_text(encoding="utf-8")
