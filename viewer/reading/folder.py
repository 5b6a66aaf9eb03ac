"""The files below a path, in a steady order, however the folders are linked."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

# What lies beside images on CDs and in downloads; quietly passed over inside a folder, named when asked for directly.
COMPANIONS = frozenset((
    ".txt", ".md", ".rst", ".csv", ".tsv", ".json", ".jsonl", ".xml", ".html", ".htm", ".css", ".js", ".ini",
    ".inf", ".cfg", ".toml", ".yaml", ".yml", ".log", ".pdf", ".doc", ".docx", ".xls", ".xlsx", ".exe", ".dll",
    ".so", ".jar", ".class", ".py", ".pyc", ".sh", ".bat", ".cmd", ".zip", ".gz", ".tar", ".7z", ".rar", ".ico",
    ".icns", ".svg", ".gif", ".bmp", ".webp", ".mp4", ".avi", ".mov", ".npy", ".npz", ".h5", ".pt", ".pth",
    ".safetensors", ".db", ".sqlite", ".sqlite3", ".db-wal", ".db-shm", ".nii", ".nrrd", ".nhdr", ".mha", ".mhd",
    ".raw", ".url", ".lnk", ".sha256", ".md5", ".lock", ".pkl",
))  # fmt: skip
COMPANION_NAMES = frozenset(("thumbs.db", "desktop.ini", "license", "readme", "version", "lockfile", "autorun.inf"))


def is_companion(path: Path) -> bool:
    """Whether a file is of a kind that is expected beside images."""
    return path.suffix.lower() in COMPANIONS or path.name.lower() in COMPANION_NAMES or path.name.startswith(".")


def files_below(paths: Sequence[Path], unreadable: list[tuple[Path, str]]) -> Iterator[tuple[Path, Path]]:
    """(the path asked for, file) for every file; each file once. Folders that cannot be read go to `unreadable`."""
    seen_folders: set[tuple[int, int]] = set()
    seen_files: set[Path] = set()
    for asked in paths:
        if asked.is_dir():
            for file in _walk(asked, seen_folders, unreadable):
                if file not in seen_files:
                    seen_files.add(file)
                    yield asked, file
        elif asked.exists():
            if asked not in seen_files:
                seen_files.add(asked)
                yield asked, asked
        else:
            unreadable.append((asked, f"{asked} does not exist."))


def _walk(root: Path, seen: set[tuple[int, int]], unreadable: list[tuple[Path, str]]) -> Iterator[Path]:
    """Depth first without recursion (any depth); a folder met twice, by a link or otherwise, is entered once."""
    waiting = [str(root)]
    while waiting:
        folder = waiting.pop()
        try:
            stat = Path(folder).stat()
            identity = (stat.st_dev, stat.st_ino)
            if identity in seen and stat.st_ino:
                continue
            seen.add(identity)
            with os.scandir(folder) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            unreadable.append((Path(folder), f"{folder} cannot be read: {error.strerror or error}."))
            continue
        below = []
        for entry in found:
            try:
                if entry.is_dir():
                    below.append(entry.path)
                elif entry.is_file():
                    yield Path(entry.path)
                elif entry.is_symlink():
                    unreadable.append((Path(entry.path), f"{entry.path} is a link that leads nowhere."))
            except OSError as error:
                unreadable.append((Path(entry.path), f"{entry.path} cannot be read: {error.strerror or error}."))
        waiting.extend(reversed(below))
