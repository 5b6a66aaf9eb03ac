"""Files and folders that only their person may read: what holds names or pixels outside of a chosen folder.

On POSIX a file is 0600 in a folder that is 0700, whatever the umask says; what was made wider by an earlier version is
narrowed when it is next used. On Windows the profile's own access list does the same for everything below it.
What a person asks for by name (`--out`, an export, a project in a shared folder) is theirs, and goes by their umask.
"""

import contextlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

FOLDER_MODE, FILE_MODE = 0o700, 0o600


def cache_folder() -> Path:
    """What can be made again: the header index, unpacked archives, the sample study."""
    from platformdirs import user_cache_path

    return user_cache_path("negatoscope", appauthor=False)


def config_folder() -> Path:
    """What the window remembers, and small pictures of what was opened last."""
    from platformdirs import user_config_path

    return user_config_path("negatoscope", appauthor=False)


def data_folder() -> Path:
    """The personal project."""
    from platformdirs import user_data_path

    return user_data_path("negatoscope", appauthor=False)


def state_folder() -> Path:
    """What was queued here."""
    from platformdirs import user_state_path

    return user_state_path("negatoscope", appauthor=False)


def log_folder() -> Path:
    """The log."""
    from platformdirs import user_log_path

    return user_log_path("negatoscope", appauthor=False)


def our_folders() -> tuple[Path, ...]:
    """Every folder of a person that is this program's alone."""
    return (cache_folder(), config_folder(), data_folder(), state_folder(), log_folder())


def private_folder(folder: Path) -> Path:
    """The folder, made 0700 with what is missing above it. One that is ours is narrowed; another's is left as it is.

    Raises OSError.
    """
    missing = []
    place = folder
    while not place.exists():
        missing.append(place)
        place = place.parent
    for place in reversed(missing):
        with contextlib.suppress(FileExistsError):  # another process was quicker
            place.mkdir(mode=FOLDER_MODE)
        _narrow(place, FOLDER_MODE)
    ours = _roots(our_folders())
    for place in (folder, *folder.parents):
        if any(place == root or root in place.parents for root in ours):
            _narrow(place, FOLDER_MODE)
    return folder


@cache
def _roots(folders: tuple[Path, ...]) -> tuple[Path, ...]:
    return tuple(folder.absolute() for folder in folders)


def opener(path: str, flags: int) -> int:
    """For `open(..., opener=opener)`: a file that is made is 0600, and one that is there is narrowed."""
    handle = os.open(path, flags, FILE_MODE)
    with contextlib.suppress(OSError, AttributeError):  # another's file, or a system without modes
        os.fchmod(handle, FILE_MODE)
    return handle


def private_file(path: Path) -> Path:
    """Make the file, empty, where it is not there, and narrow it; for libraries that open by name. Raises OSError."""
    private_folder(path.parent)
    # One that is there is not opened: closing it would give up this process' locks on it (POSIX), SQLite's among them.
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE))
    _narrow(path, FILE_MODE)
    return path


def narrow_files(folder: Path) -> None:
    """Make the files of a folder 0600; none is opened, and one that goes meanwhile is not made again."""
    with contextlib.suppress(OSError):
        for path in list(folder.iterdir()):
            if path.is_file():
                _narrow(path, FILE_MODE)


def temporary_folder(within: Path, *, prefix: str = "", suffix: str = "") -> Path:
    """A new 0700 folder under a name that nobody can foretell. Raises OSError."""
    return Path(tempfile.mkdtemp(prefix=prefix, suffix=suffix, dir=private_folder(within)))


def beside(path: Path, suffix: str = ".part") -> Path:
    """A name in the same folder that nobody can foretell, for what is written first and then takes the path's place.

    In a folder that others may write to, a name made of the process' number can be a link of theirs before it is used;
    this one cannot. Whether others may read it is left to the umask.
    """
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}{suffix}")


@contextlib.contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """A new 0600 file beside `path` under a name that nobody can foretell, which then takes its place.

    Raises OSError; the old file stays when the writing fails.
    """
    private_folder(path.parent)
    beside = path.with_name(f".{secrets.token_hex(8)}.part{path.suffix}")
    os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE))
    try:
        yield beside
        _narrow(beside, FILE_MODE)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _narrow(path: Path, mode: int) -> None:
    with contextlib.suppress(OSError):
        if path.stat().st_mode & 0o777 != mode:
            path.chmod(mode)
