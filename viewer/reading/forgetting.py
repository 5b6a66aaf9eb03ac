"""Taking a study, or all of them, out of everything that this program keeps for itself on this computer.

The header index, unpacked archives, small pictures, the list of what was opened, last places, and with everything the
logs. Projects are a person's work and are left alone, the personal one among them; so are the studies themselves.
"""

import contextlib
import json
import logging
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from viewer.core.boundary import cannot_be_written
from viewer.core.errors import BadFile
from viewer.reading import header_index
from viewer.reading.sources import unpacking
from viewer.reading.sources.documents import read_json
from viewer.reading.sources.private_files import config_folder, log_folder, replaced
from viewer.reading.sources.remembered import SETTINGS_NAME, THUMBNAILS, without_names, without_studies

log = logging.getLogger(__name__)

# Of an earlier version, and of Qt's own file dialog, which remembers the folders it showed.
OLD_SETTINGS, QT_SETTINGS, QT_DIALOG, QT_PLACES = (
    "window.ini", "QtProject.conf", "[FileDialog]", ("history", "lastVisited"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """How much was taken out. headers: of files; archives: unpacked ones; entries: of the list of what was opened."""

    headers: int
    archives: int
    entries: int
    pictures: int

    @property
    def words(self) -> str:
        """One line for people."""
        return (
            f"{self.headers} headers, {self.archives} unpacked archives, {self.pictures} small pictures and "
            f"{self.entries} entries of the list of what was opened"
        )


def forget_studies(roots: Collection[Path], *, settings: Path | None = None) -> Forgotten:
    """Take out what is kept of studies at or below `roots` (folders, files, archives), whether they are there or not.

    settings: the window's file, else the user's own. Raises NotWritable.
    """
    place = settings if settings is not None else config_folder() / SETTINGS_NAME
    places = [root.absolute() for root in roots]
    try:
        archives = unpacking.forget(tuple(places), unpacked=places)
        index = header_index.HeaderIndex.of_user()
        headers = index.forget(places) if index is not None else 0
        left = without_studies(_values(place), places)
        _write(place, left.values)
        if place.name != OLD_SETTINGS:
            (place.parent / OLD_SETTINGS).unlink(missing_ok=True)
        pictures = _remove(place.parent / THUMBNAILS, left.thumbnails)
    except OSError as error:
        raise cannot_be_written(error.filename or place, error) from error
    return Forgotten(headers=headers, archives=archives, entries=left.entries, pictures=pictures)


def forget_everything(*, settings: Path | None = None) -> Forgotten:
    """Take out what is kept of every study, and the logs. How the window looks stays. Raises NotWritable."""
    place = settings if settings is not None else config_folder() / SETTINGS_NAME
    values = _values(place)
    try:
        archives = unpacking.forget_all()
        index = header_index.HeaderIndex.of_user()
        headers = index.forget_all() if index is not None else 0
        entries = without_studies(values, [Path(Path.cwd().anchor)]).entries
        _write(place, without_names(values))
        if place.name != OLD_SETTINGS:
            (place.parent / OLD_SETTINGS).unlink(missing_ok=True)
        pictures = len(list((place.parent / THUMBNAILS).glob("*.png")))
        _remove_folder(place.parent / THUMBNAILS)
        _forget_qt_s(config_folder().parent / QT_SETTINGS)
        _forget_logs()
    except OSError as error:
        raise cannot_be_written(error.filename or place, error) from error
    return Forgotten(headers=headers, archives=archives, entries=entries, pictures=pictures)


def _values(place: Path) -> dict[str, str]:
    try:
        document = read_json(place)
    except (FileNotFoundError, BadFile):
        return {}
    return (
        {name: value for name, value in document.items() if isinstance(value, str)}
        if isinstance(document, dict)
        else {}
    )


def _write(place: Path, values: Mapping[str, str]) -> None:
    if place.exists():
        with replaced(place) as beside:
            beside.write_text(json.dumps(values, indent=1, allow_nan=False), encoding="utf-8")


def _remove(folder: Path, names: Collection[str]) -> int:
    there = [folder / name for name in names if (folder / name).is_file()]
    for path in there:
        path.unlink(missing_ok=True)
    return len(there)


def _remove_folder(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _forget_qt_s(place: Path) -> None:
    """Take the folders that Qt's own file dialog showed out of Qt's settings; systems' own dialogs keep none there."""
    try:
        lines = place.read_text(encoding="utf-8").splitlines(keepends=True)
    except (OSError, UnicodeDecodeError):
        return
    section, kept = "", []
    for line in lines:
        if line.startswith("["):
            section = line.strip()
        if not (section == QT_DIALOG and line.partition("=")[0].strip() in QT_PLACES):
            kept.append(line)
    if kept != lines:
        with replaced(place) as beside:
            beside.write_text("".join(kept), encoding="utf-8")


def _forget_logs() -> None:
    """Remove the log and the ones before it; whoever writes one now begins anew."""
    folder = log_folder().absolute()
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.FileHandler) and Path(handler.baseFilename).is_relative_to(folder):
            handler.close()  # it opens its file again with its next line
    for path in folder.glob("*.log*") if folder.is_dir() else ():
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
