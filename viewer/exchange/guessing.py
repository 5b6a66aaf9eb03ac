"""Which format a file or folder looks like, by its name and what lies in it; nothing is read."""

import os
from itertools import islice
from pathlib import Path

from viewer.exchange.mask_pairs import MASK_ENDING

TABLES, JSON = (".csv", ".tsv", ".txt"), (".json",)
PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".dcm", ".nii", ".gz", ".nrrd", ".mha")
MASK_FOLDERS = frozenset(("mask", "masks", "seg", "segmentation", "segmentations", "groundtruth", "labelmaps"))
MOST_ENTRIES = 500  # of a folder: enough to see what it is


def guess_by_name(path: Path) -> str:
    """The same by the name alone: no disk is asked."""
    suffix = path.suffix.lower()
    return "csv" if suffix in TABLES else "coco" if suffix in JSON else ""


def guess_format(path: Path) -> str:
    """The name of a format of IMPORTERS, "" where nothing speaks for one."""
    if named := guess_by_name(path):
        return named
    try:
        return _of_folder(path) if path.is_dir() else ""
    except OSError:
        return ""


def _of_folder(folder: Path) -> str:
    files, folders = _entries(folder)
    names = {one.name.casefold() for one in folders}
    if names & MASK_FOLDERS or any(MASK_ENDING.search(one.stem) for one in files if _is_picture(one)):
        return "masks"
    with_pictures = sum(any(_is_picture(file) for file in _entries(one)[0]) for one in folders[:20])
    if with_pictures >= 2 and not any(_is_picture(one) for one in files):
        return "image-folder"
    if names & {"train", "training"} and names & {"test", "testing", "val", "valid", "validation"}:
        return "image-folder"
    return ""


def _entries(folder: Path) -> tuple[list[Path], list[Path]]:
    """(files, folders) of a folder, the first ones."""
    with os.scandir(folder) as found:
        some = list(islice(found, MOST_ENTRIES))
    return (
        [Path(one.path) for one in some if one.is_file()],
        sorted(Path(one.path) for one in some if one.is_dir()),
    )


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in PICTURES
