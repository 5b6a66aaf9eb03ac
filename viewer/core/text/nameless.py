"""Log lines without names: what a log file may hold of files, patients and what libraries say of them.

A log outlives what it is about and is sent to strangers with a bug report. A path may hold a patient's name, and so may
nearly every exception's text (`KeyError: 'DOE^JOHN'`) and every library's warning. So nothing that is not known to be
ours gets through: numbers do, words marked `Word` do, the places in the source of a traceback do, and what is said in
words that stand in that source. A path becomes a short hash, which is the same for the same file within one process.
The sentence with the name is what the person sees in the window or on the terminal; it is in no file.
"""

import hashlib
import linecache
import logging
import os
import re
import secrets
import traceback
from collections.abc import Iterator
from pathlib import PurePath
from types import TracebackType

LEFT_OUT = "…"
OUR_LOGGERS = ("viewer", "ml", "__main__")
_SALT = secrets.token_bytes(16)
# What Qt says begins with its own words; a name stands in quotes or is a path.
_QT_WORDS = re.compile(r"[A-Za-z0-9 :,.()_-]*")

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Word(str):
    """A word of our own code in a log line, such as a command's id. Never one that was read from a file."""

    __slots__ = ()


def file_mark(path: str | PurePath) -> str:
    """8 hex digits that stand for a path in this process' lines; nobody can try names against them later."""
    return hashlib.sha256(_SALT + os.fsencode(path)).hexdigest()[:8]


class NamelessFormatter(logging.Formatter):
    """Formats a record for a file that may be read by others than its person."""

    def format(self, record: logging.LogRecord) -> str:
        shown = logging.makeLogRecord(record.__dict__)
        shown.msg, shown.args = _message(record), None
        shown.exc_text, shown.stack_info = None, None
        return super().format(shown)

    def formatException(self, ei: ExcInfo) -> str:
        return "\n".join(_traceback(ei[1])) if ei[1] is not None else ""


def log_without_names(line: str, level: int) -> None:
    """Send a child's log to its stderr, which a run folder or a desktop keeps. line: the format of a record."""
    handler = logging.StreamHandler()
    handler.setFormatter(NamelessFormatter(line))
    logging.basicConfig(level=level, handlers=[handler])


def _message(record: logging.LogRecord) -> str:
    root = record.name.partition(".")[0]
    if root == "qt":
        text = record.getMessage()
        known = _QT_WORDS.match(text)
        begin = known.group() if known is not None else ""
        return begin if begin == text else f"{begin}{LEFT_OUT}"
    if root not in OUR_LOGGERS:
        # The template is the library's own unless it is nothing but its argument, or was put together before.
        return str(record.msg) if record.args and record.msg != "%s" else LEFT_OUT
    if not record.args:
        return str(record.msg)
    if isinstance(record.args, dict):
        return str(record.msg) % {name: _argument(value) for name, value in record.args.items()}
    return str(record.msg) % tuple(map(_argument, record.args))


def _argument(value: object) -> object:
    if value is None or isinstance(value, (bool, int, float, Word)):
        return value
    if isinstance(value, PurePath):
        return f"<file {file_mark(value)}>"
    if isinstance(value, BaseException):
        return _kind(value)
    return LEFT_OUT


def _kind(error: BaseException) -> str:
    number = f" {error.errno}" if isinstance(error, OSError) and error.errno is not None else ""
    return f"{type(error).__name__}{number}"


def _traceback(error: BaseException) -> Iterator[str]:
    """The chain of exceptions, oldest first: where each came by, and its kind, never its text."""
    chain: list[tuple[BaseException, str]] = []
    seen: set[int] = set()
    current: BaseException | None = error
    link = ""
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        chain.append((current, link))
        if current.__cause__ is not None:
            current, link = current.__cause__, "The above was the cause of:"
        elif current.__context__ is not None and not current.__suppress_context__:
            current, link = current.__context__, "While that was handled:"
        else:
            current = None
    for one, after in reversed(chain):
        yield "Traceback (most recent call last):"
        frames = traceback.extract_tb(one.__traceback__)
        for frame in frames:
            yield f'  File "{_source(frame.filename)}", line {frame.lineno}, in {frame.name}'
            if frame.line:
                yield f"    {frame.line}"
        yield _kind(one) + _literal(one, frames)
        if after:
            yield f"\n{after}\n"


def _literal(error: BaseException, frames: traceback.StackSummary) -> str:
    """What an exception says, where that stands in quotes in the source that raised it: then it is of no file."""
    text = str(error)
    if not text or not frames:
        return ""
    source = "".join(linecache.getlines(frames[-1].filename))
    return f": {text}" if f'"{text}"' in source or f"'{text}'" in source else ""


def _source(path: str) -> str:
    """A source file from its package on: what is before names the person's folders."""
    parts = PurePath(path).parts
    for root in ("site-packages", "viewer", "ml", "resources", "tests"):
        if root in parts:
            place = len(parts) - 1 - parts[::-1].index(root)
            return "/".join(parts[place + (root == "site-packages") :])
    return parts[-1] if parts else ""
