"""A project that cannot be made whole leaves nothing behind: no half database, no empty folder."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from viewer.core.boundary import cannot_be_written


@contextlib.contextmanager
def whole_or_nothing(folder: Path, *files: str) -> Iterator[Callable[[Path], None]]:
    """Yields what makes a folder with those above it. When anything raises, all that was made is removed.

    files: how the names of the files begin that are made in `folder`. What lay there before stays, as do folders that
    were there. Raises NotWritable where a folder cannot be made.
    """
    before = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    made: list[Path] = []

    def make(path: Path) -> None:
        try:
            for step in [*reversed(path.parents), path]:
                if not step.is_dir():
                    step.mkdir()
                    made.append(step)
        except OSError as error:
            raise cannot_be_written(path, error) from error

    try:
        yield make
    except BaseException:
        with contextlib.suppress(OSError):
            for path in folder.iterdir():
                if path.name.startswith(files) and path.name not in before:
                    path.unlink()
        for path in reversed(made):
            with contextlib.suppress(OSError):
                path.rmdir()
        raise
