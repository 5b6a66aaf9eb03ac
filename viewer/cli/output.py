"""Where a sub-command's words go: people's lines, one JSON document, events and the trace.

The one place that writes to a terminal. Lines may name files and patients, so what steers a terminal is spelt out;
JSON is ASCII and needs nothing.
"""

import json
import math
import sys
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from enum import Enum
from pathlib import PurePath
from typing import Any, TextIO

from viewer.cli.trace import Trace
from viewer.core.text.counting import counted as counted  # the sub-commands take it from here
from viewer.core.text.shown_text import for_terminal


def plain(value: Any) -> Any:
    """The value as JSON can hold it: paths and enumerations as text, arrays as lists, NaN and infinity as null."""
    if value is None or (isinstance(value, (bool, int, str)) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, PurePath):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):  # numpy arrays and scalars, without importing numpy here
        return plain(value.tolist())
    return str(value)


class Output:
    """What a sub-command says.

    stdout holds people's lines, or with --json exactly one document, printed by `finish`; everything else goes to
    stderr. exit_code: what the process ends with.
    """

    def __init__(
        self,
        *,
        as_json: bool = False,
        with_events: bool = False,
        trace: Trace | None = None,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
    ) -> None:
        self.as_json = as_json
        self.with_events = with_events
        self.trace = trace if trace is not None else Trace()
        self.exit_code = 0
        self._stdout = stdout if stdout is not None else sys.stdout
        self._stderr = stderr if stderr is not None else sys.stderr
        self._document: Any = None
        self._has_document = False

    def line(self, text: str = "") -> None:
        """One line for people: on stdout, or on stderr where stdout is kept for the JSON document."""
        stream = self._stderr if self.as_json else self._stdout
        stream.write(for_terminal(text) + "\n")
        stream.flush()

    def note(self, text: str) -> None:
        """One line for people that is no result (a warning, a hint): always on stderr."""
        self._stderr.write(for_terminal(text) + "\n")
        self._stderr.flush()

    def progress(self, text: str) -> None:
        """A line that the next one overwrites: only on a terminal, on stderr."""
        if self._stderr.isatty():
            self._stderr.write(f"\r{for_terminal(text)}\x1b[K")
            self._stderr.flush()

    def step(self, text: str) -> None:
        """A piece of progress that stays, on stderr: only where no terminal shows `progress`."""
        if not self._stderr.isatty() and not self.with_events:
            self.note(text)

    def progress_done(self) -> None:
        """Leave the line that `progress` wrote."""
        if self._stderr.isatty():
            self._stderr.write("\r\x1b[K")
            self._stderr.flush()

    def event(self, facts: Mapping[str, Any]) -> None:
        """One JSON line on stderr when --events was given."""
        if self.with_events:
            self._stderr.write(json.dumps(plain(facts), allow_nan=False) + "\n")
            self._stderr.flush()

    def json(self, document: Any) -> None:
        """Keep the document that `finish` prints; the last one counts."""
        self._document = document
        self._has_document = True

    def fail(self, sentence: str) -> None:
        """Say on stderr that the command did not do what was asked; it ends with exit code 1."""
        self.note(sentence)
        self.exit_code = 1

    def error(self, kind: str, sentence: str, *, exit_code: int) -> None:
        """One clear line on stderr and, with --json, {"error": {"kind", "message"}} as the document."""
        self.note(f"negatoscope: {sentence}")
        self.json({"error": {"kind": kind, "message": sentence}})
        self.exit_code = exit_code

    def finish(self) -> None:
        """Print the document when --json was given. Called once, by `main`."""
        if self.as_json and self._has_document:
            self._stdout.write(json.dumps(plain(self._document), allow_nan=False, indent=1) + "\n")
        self._stdout.flush()
