"""The files below a path, in a steady order, however the folders are linked."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from viewer.core.errors import AppError
from viewer.reading.sources.archive import is_archive, is_there

# How many names are listed before somebody may stop it: on a network drive each one can be a question to the server.
NAMES_AT_ONCE = 64


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
        elif is_archive(asked):
            yield from _members(asked, unreadable, cancelled)
        elif is_there(asked):
            if asked not in seen_files:
                seen_files.add(asked)
                yield asked, asked
        else:
            unreadable.append((asked, f"{asked} does not exist."))


def stands_for_many(path: Path) -> bool:
    """Whether a path means the files below it: a folder, an archive, or the DICOMDIR of a medium."""
    return path.is_dir() or is_archive(path) or asked_for(path) != path


def asked_for(path: Path) -> Path:
    """What is searched when `path` is asked for: for a DICOMDIR the folder that it lists."""
    return path.parent if path.name.upper().startswith("DICOMDIR") and path.is_file() else path


def _members(
    archive: Path, unreadable: list[tuple[Path, str]], cancelled: Callable[[], bool]
) -> Iterator[tuple[Path, Path]]:
    from viewer.reading.sources.unpacking import Stopped, unpack

    try:
        _, unpacked = unpack(archive, cancelled=cancelled)
    except Stopped:
        return
    except AppError as error:
        unreadable.append((archive, str(error)))
        return
    unreadable.extend((archive / name.lstrip("/"), reason) for name, reason in unpacked.problems)
    for name in unpacked.members:
        yield archive, archive / name


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
