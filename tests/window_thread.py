"""The thread that owns the application neither reads nor writes a project's database while the window works, nor waits
for a thread that does.

`refusing` makes `Database` and `Future.result` refuse it: every use that the window's own code (`viewer.ui`,
`viewer.app`) makes on that thread is an error, told with the lines that led there. A test may look into the database
itself, on whatever thread.
"""

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from viewer.project.store.database import Database

_VIEWER = Path(sys.modules["viewer.project.store.database"].__file__ or "").resolve().parents[2]
_WINDOW = (str(_VIEWER / "ui"), str(_VIEWER / "app.py"))
_TESTS = str(Path(__file__).resolve().parent)


def led_there(frame: FrameType | None) -> list[str]:
    """The lines of the window's code that led to a use of the database; none where a test asked by itself."""
    lines: list[str] = []
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(_WINDOW):
            lines.append(f"{Path(name).name}:{frame.f_lineno} {frame.f_code.co_name}")
        elif name.startswith(_TESTS) and name != __file__:
            break
        frame = frame.f_back
    return lines


@contextmanager
def refusing() -> Iterator[list[str]]:
    """Refuse; gives the uses that were refused, also those whose error somebody caught."""
    refused: list[str] = []
    owner = threading.current_thread()

    def check(what: str) -> None:
        lines = led_there(sys._getframe(2)) if threading.current_thread() is owner else []
        if lines:
            refused.append(f"{what} on the window's thread: {' < '.join(lines[:4])}")
            raise AssertionError(refused[-1])

    result = Future.result

    def looked(future: Future[Any], timeout: float | None = None) -> Any:
        if not future.done():
            check("Waiting for a background thread")
        return result(future, timeout)

    originals = {name: getattr(Database, name) for name in ("reading", "writing")}

    def guarded(name: str) -> Any:
        def use(self: Database) -> Any:
            check(name)
            return originals[name](self)

        return use

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Future, "result", looked)
        for name in originals:
            patch.setattr(Database, name, guarded(name))
        yield refused
