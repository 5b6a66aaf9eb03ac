"""Where the values begin in a file that holds them behind its header."""

import re
from pathlib import Path

from viewer.core.errors import BadFile


def nrrd_data_start(path: Path, text: bytes, line_skip: str, *, detached: bool) -> int:
    """Behind the blank line of an NRRD header, and behind the lines to be skipped. text: the beginning of the file."""
    if detached:
        return 0
    blank = re.search(rb"\r?\n\r?\n", text)
    start = blank.end() if blank else 0
    skipped = int(line_skip) if line_skip.isdecimal() else 0
    lines = text[start:].split(b"\n", skipped) if skipped else [text[start:]]
    if len(lines) <= skipped:
        raise BadFile(f"{path} ends before its values begin; copy it again.")
    return len(text) - len(lines[-1])


def meta_data_start(text: bytes) -> int:
    """Behind the line of ElementDataFile, the last one of a MetaImage header."""
    last = re.search(rb"(?im)^[ \t]*ElementDataFile[ \t]*[=:][^\n]*\n", text)
    return last.end() if last else 0
