"""The files below a path, in a steady order, however the folders are linked."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

# How many names are listed before somebody may stop it: on a network drive each one can be a question to the server.
NAMES_AT_ONCE = 64

# What lies beside images on CDs and in downloads; quietly passed over inside a folder, named when asked for directly.
COMPANIONS = frozenset((
    ".txt", ".md", ".rst", ".csv", ".tsv", ".json", ".jsonl", ".xml", ".html", ".htm", ".css", ".js", ".ini",
    ".inf", ".cfg", ".toml", ".yaml", ".yml", ".log", ".pdf", ".doc", ".docx", ".xls", ".xlsx", ".exe", ".dll",
    ".so", ".jar", ".class", ".py", ".pyc", ".sh", ".bat", ".cmd", ".zip", ".gz", ".tar", ".7z", ".rar", ".ico",
    ".icns", ".svg", ".gif", ".bmp", ".webp", ".mp4", ".avi", ".mov", ".npy", ".npz", ".h5", ".pt", ".pth",
    ".safetensors", ".db", ".sqlite", ".sqlite3", ".db-wal", ".db-shm",
    ".raw", ".zraw", ".img", ".url", ".lnk", ".sha256", ".md5", ".lock", ".pkl",
))  # fmt: skip
COMPANION_NAMES = frozenset(("thumbs.db", "desktop.ini", "license", "readme", "version", "lockfile", "autorun.inf"))


def is_companion(path: Path) -> bool:
    """Whether a file is of a kind that is expected beside images."""
    if path.name.lower().endswith(".nii.gz"):
        return False
    return path.suffix.lower() in COMPANIONS or path.name.lower() in COMPANION_NAMES or path.name.startswith(".")


def _never() -> bool:
    return False


def files_below(
    paths: Sequence[Path], unreadable: list[tuple[Path, str]], *, cancelled: Callable[[], bool] = _never
) -> Iterator[tuple[Path, Path]]:
    """(the path asked for, file) for every file; each file once. Folders that cannot be read go to `unreadable`.

    Lazy: a folder is listed when it is its turn. cancelled: asked between files and while a long folder is listed.
    """
    seen_folders: set[tuple[int, int]] = set()
    seen_files: set[Path] = set()
    for asked in paths:
        if cancelled():
            return
        if asked.is_dir():
            for file in _walk(asked, seen_folders, unreadable, cancelled):
                if file not in seen_files:
                    seen_files.add(file)
                    yield asked, file
        elif asked.exists():
            if asked not in seen_files:
                seen_files.add(asked)
                yield asked, asked
        else:
            unreadable.append((asked, f"{asked} does not exist."))


def _walk(
    root: Path, seen: set[tuple[int, int]], unreadable: list[tuple[Path, str]], cancelled: Callable[[], bool]
) -> Iterator[Path]:
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
            found = _entries(folder, cancelled)
        except OSError as error:
            unreadable.append((Path(folder), f"{folder} cannot be read: {error.strerror or error}."))
            continue
        below = []
        for entry in found:
            if cancelled():
                return
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


def _entries(folder: str, cancelled: Callable[[], bool]) -> "list[os.DirEntry[str]]":
    """What one folder holds, in the order of names; none once cancelled. Raises OSError."""
    found = []
    with os.scandir(folder) as entries:
        for number, entry in enumerate(entries):
            if number % NAMES_AT_ONCE == 0 and cancelled():
                return []
            found.append(entry)
    found.sort(key=lambda entry: entry.name)
    return found
