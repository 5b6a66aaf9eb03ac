"""What tells whether a file changed since it was read."""

from pathlib import Path

from viewer.core.errors import BadFile


def file_stamp(path: Path) -> tuple[int, int]:
    """(size in bytes, time of the last change in ns): what is remembered of a file holds as long as they do.

    Raises BadFile when the file cannot be asked.
    """
    try:
        stat = path.stat()
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror or error}.") from error
    return stat.st_size, stat.st_mtime_ns
