"""ZIP archives: their members as files, under names like study.zip/CT/1.dcm.

Such a name is what is shown and what a project keeps; it needs the archive and not the place where `unpacking` put its
members. A file is taken for an archive when its name ends in .zip.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from viewer.core.errors import AppError, BadFile
from viewer.reading.sources.servers import is_foreign, refuse_foreign

SUFFIX = ".zip"


def is_archive(path: Path) -> bool:
    """Whether a path is a ZIP archive by its name."""
    return path.suffix.lower() == SUFFIX and path.is_file()


def is_there(path: Path) -> bool:
    """Whether a file, a folder or a member of an archive is there. A server that nobody named is not asked."""
    if is_foreign(path):
        return False
    if path.exists():
        return True
    try:
        return on_disk(path) is not path
    except AppError:
        return False


def on_disk(path: Path) -> Path:
    """Where the bytes of `path` lie: the path itself, or the unpacked member of an archive. Raises BadFile."""
    refuse_foreign(path)
    found = _archive_above(path)
    if found is None:
        return path
    from viewer.reading.sources.unpacking import FILES, unpack

    archive, member = found
    folder, unpacked = unpack(archive)
    file = folder / FILES / member
    if file.is_file() and ".." not in member:
        return file
    if member in unpacked.members:
        shutil.rmtree(folder, ignore_errors=True)  # somebody cleaned a part of it away
        folder, unpacked = unpack(archive)
        file = folder / FILES / member
    if member not in unpacked.members:
        reason = next((reason for name, reason in unpacked.problems if name == member), "")
        raise BadFile(reason or f"{archive} holds no {member}.")
    return file


@contextmanager
def under_its_name(path: Path) -> Iterator[Path]:
    """Where the bytes of `path` lie; errors raised inside name `path` and not that place. Raises BadFile."""
    place = on_disk(path)
    try:
        yield place
    except AppError as error:
        if place is path:
            raise
        raise type(error)(str(error).replace(str(place), str(path))) from error


def _archive_above(path: Path) -> tuple[Path, str] | None:
    """(archive, member) of a path that leads into an archive."""
    if SUFFIX not in str(path).lower():
        return None  # nearly every path, at no cost
    for parent in path.parents:
        if parent.suffix.lower() == SUFFIX and parent.is_file():
            return parent, path.relative_to(parent).as_posix()
    return None
