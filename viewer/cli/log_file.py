"""The log file: private, bounded, without names."""

import logging
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import cast

from viewer.core.text.nameless import NamelessFormatter
from viewer.reading.sources.private_files import log_folder, opener, private_file, private_folder

NAME = "negatoscope.log"
MOST_BYTES, KEPT = 2_000_000, 2


class LogFile(RotatingFileHandler):
    """A rotating log that only its person may read, whatever the umask. It holds nothing below INFO."""

    def __init__(self, path: Path) -> None:
        private_folder(path.parent)
        for old in (path, *(path.with_name(f"{path.name}.{number}") for number in range(1, KEPT + 1))):
            if old.is_file():
                private_file(old)  # an earlier version left it to the umask
        with open(path, "a", opener=opener):  # Path.open takes no opener
            pass
        super().__init__(path, maxBytes=MOST_BYTES, backupCount=KEPT, encoding="utf-8", delay=True)
        self.setLevel(logging.INFO)
        self.setFormatter(NamelessFormatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"))

    def _open(self) -> TextIOWrapper:
        stream = open(self.baseFilename, self.mode, encoding=self.encoding, opener=opener)  # noqa: SIM115
        return cast(TextIOWrapper, stream)


def log_path() -> Path:
    """Where the log lies."""
    return log_folder() / NAME
