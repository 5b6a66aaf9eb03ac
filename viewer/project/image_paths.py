"""Where the images of a project lie now: from its folder on first, then where they were.

A project that was moved together with its pictures (renamed, another mount, another machine) so finds them again. What
is found has the size that was registered; whether its pixels are those is looked at wherever they are used.
"""

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from viewer.core.errors import AppError, NotWritable
from viewer.project.revisions import RevisionKind, Touched, raise_revision
from viewer.project.store.database import Database
from viewer.project.store.dialect import dialect_of
from viewer.project.store.schema import image_files, images, meta
from viewer.reading.sources.archive import on_disk
from viewer.reading.sources.servers import is_foreign

log = logging.getLogger(__name__)

FOLDER = "folder"  # of `meta`: where the project lay when its rows were last written


def relative_to(folder: Path, path: Path) -> str:
    """`path` as seen from the project's folder, with slashes; "" where no way leads there (another drive).

    folder, path: both resolved.
    """
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        return ""


def has_size(path: Path, size_bytes: int) -> bool:
    """Whether a file (or a member of an archive) is there with this size; 0 is a size that nobody wrote down."""
    if is_foreign(path):
        return False
    try:
        return on_disk(path).stat().st_size == size_bytes or not size_bytes
    except (OSError, AppError, ValueError):
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Where an image lies from now on. relative: from the project's folder, "" where no way leads there."""

    image_id: str
    path: str
    relative: str


class ImagePaths:
    """Finds the files of one project. Asks the disk only where the project has been moved, once for each file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._found: dict[tuple[str, str], Path] = {}

    def of(self, row: Row[Any]) -> Path:
        """Where the file of a row of `images` or `image_files` lies now; where it was when it is at neither place."""
        here = self.from_folder(row.relative_path)
        if here is None or str(here) == row.path:
            return Path(row.path)
        key = row.path, row.relative_path
        if key not in self._found:
            self._found[key] = here if has_size(here, row.size_bytes) else Path(row.path)
        return self._found[key]

    def from_folder(self, relative: str) -> Path | None:
        """Where a relative path of the database leads; None for one that is not known, or is none."""
        if not relative or "\0" in relative or PurePosixPath(relative).is_absolute() or PureWindowsPath(relative).drive:
            return None
        return Path(os.path.normpath(self._folder / relative))

    def relative(self, path: Path) -> str:
        """See `relative_to`."""
        return relative_to(self._folder, path)

    def names(self, path: Path) -> tuple[set[str], set[str]]:
        """(paths, relative paths) by which rows may know a file."""
        whole = {str(path), str(path.resolve())}
        return whole, {self.relative(path.resolve())} - {""}

    def forget(self) -> None:
        """Look again: rows were written anew."""
        self._found.clear()


def present_paths(path: Path) -> dict[str, Path]:
    """Where each image of a project's database file lies now, by its id; empty where that cannot be read."""
    try:
        database = Database(dialect_of(path, ""), writable=False)
    except AppError:
        return {}
    try:
        with database.reading() as connection:
            rows = connection.execute(select(images)).all()
    except AppError:
        return {}
    finally:
        database.close()
    paths = ImagePaths(path.parent)
    return {row.image_id: paths.of(row) for row in rows}


def settle_paths(database: Database, folder: Path) -> None:
    """On opening for writing: give older rows their relative path, and those of a moved project their present path.

    A disk that takes no more keeps the project as it is: then each path is found as it is asked for.
    """
    paths = ImagePaths(folder)
    here = str(folder.resolve())
    with database.reading() as connection:
        was = connection.scalar(select(meta.c.value).where(meta.c.key == FOLDER))
    if was == here:
        return
    try:
        with database.writing() as connection:
            _settle(connection, paths, moved=was is not None and was != here)
            connection.execute(meta.delete().where(meta.c.key == FOLDER))
            connection.execute(meta.insert().values(key=FOLDER, value=here))
    except NotWritable as error:
        log.info("the paths of a project could not be written: %s", type(error.__cause__).__name__)


def _settle(connection: Connection, paths: ImagePaths, *, moved: bool) -> None:
    moves: list[Move] = []
    for row in connection.execute(select(images)):
        path, relative = _place_of(row, paths, moved=moved)
        moves.append(Move(image_id=row.image_id, path=path, relative=relative))
    write_image_paths(connection, moves)
    files = list(connection.execute(select(image_files)))
    taken = {(row.path, row.frame_index) for row in files}
    for row in files:
        path, relative = _place_of(row, paths, moved=moved)
        if path == row.path or (path, row.frame_index) not in taken:  # else that file is registered for itself
            here = (image_files.c.path == row.path) & (image_files.c.frame_index == row.frame_index)
            connection.execute(update(image_files).where(here).values(path=path, relative_path=relative))
    touched = tuple(move.image_id for move in moves) if moved else ()
    raise_revision(connection, RevisionKind.IMAGES, Touched(image_ids=touched))


def _place_of(row: Row[Any], paths: ImagePaths, *, moved: bool) -> tuple[str, str]:
    """(path, relative path) of a row from now on; of a file that is at neither place both stay."""
    path = paths.of(row) if moved else Path(row.path)
    if row.relative_path and not (moved and has_size(path, row.size_bytes)):
        return str(path), row.relative_path
    return str(path), paths.relative(path)


def write_image_paths(connection: Connection, moves: Sequence[Move]) -> None:
    """Say where images lie from now on."""
    rows = [{"of": move.image_id, "now": move.path, "from_folder": move.relative} for move in moves]
    if rows:
        new = update(images).where(images.c.image_id == bindparam("of"))
        connection.execute(new.values(path=bindparam("now"), relative_path=bindparam("from_folder")), rows)
