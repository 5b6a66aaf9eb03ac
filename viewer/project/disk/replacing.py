"""Files are replaced, not edited: written beside, then renamed; a failed write leaves the old file."""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from viewer.core.errors import BadRequest, NotWritable
from viewer.reading.sources.private_files import beside


def replace_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all. Raises NotWritable."""
    with replacing_file(path) as file:
        file.write(content)


@contextlib.contextmanager
def replacing_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write piece by piece, which appears whole when the block ends and not at all when anything raises.

    Raises NotWritable.
    """
    partial = beside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise NotWritable(
            f"{path} could not be written ({error.strerror}); the old file, if any, is unchanged."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)  # gone where it has replaced the old one


def fill_new_folder(folder: Path, fill: Callable[[Path], None]) -> None:
    """Let `fill` write into a folder that appears whole or not at all. Raises BadRequest when it is there and used."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadRequest(f"{folder} is there already and not empty; choose another folder.")
    partial = beside(folder)
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        fill(partial)
        if folder.exists():
            folder.rmdir()
        partial.rename(folder)
    except OSError as error:
        raise NotWritable(f"{folder} could not be written ({error.strerror}); nothing was kept of it.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
