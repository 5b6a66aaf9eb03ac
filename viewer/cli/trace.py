"""The trace: JSON lines that say when things happened, counted from the start of the process."""

import json
import logging
import os
import time
from pathlib import Path
from typing import Any, TextIO

from viewer.core.errors import NotWritable

log = logging.getLogger(__name__)


def _process_start_s() -> float:
    """Seconds since the epoch at which this process was made; now, where the system does not say."""
    import psutil

    now = time.time()
    try:
        started = float(psutil.Process().create_time())
    except psutil.Error:
        return now
    # The kernel counts from boot, so a clock set since then gives nonsense.
    return started if now - 60 <= started <= now else now


class Trace:
    """Appends `{"event", "t_ms", ...}` lines to a file; without a file it does nothing.

    Call it: `trace("paint", cause="window", ms=1.4)`. t_ms: milliseconds since the process was made.
    Raises NotWritable when the file cannot be opened.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._file: TextIO | None = None
        self._start = 0.0
        if path is None:
            return
        try:
            self._file = path.open("a", encoding="utf-8", buffering=1)
        except OSError as error:
            raise NotWritable(f"The trace {path} cannot be written: {error.strerror}.") from error
        # The wall clock is read once; what follows is counted by the monotonic clock.
        self._start = time.perf_counter() - (time.time() - _process_start_s())
        try:
            self._write("process_start", 0.0, {"pid": os.getpid(), "now_ms": round(self._elapsed_ms(), 3)})
        except OSError as error:
            self.close()
            raise NotWritable(f"The trace {path} cannot be written: {error.strerror}.") from error

    def __call__(self, event: str, **facts: Any) -> None:
        """Append one line. A disk that became full ends the trace, and nothing else."""
        if self._file is None:
            return
        try:
            self._write(event, self._elapsed_ms(), facts)
        except OSError as error:
            log.warning("The trace %s ends here: %s.", self.path, error.strerror)
            self.close()

    def close(self) -> None:
        """Close the file; later calls do nothing."""
        file, self._file = self._file, None
        if file is None:
            return
        try:
            file.close()
        except OSError:  # what could not be written is tried again, and was told before
            log.info("The last lines of the trace %s are lost", self.path)

    def _elapsed_ms(self) -> float:
        return (time.perf_counter() - self._start) * 1000

    def _write(self, event: str, t_ms: float, facts: dict[str, Any]) -> None:
        assert self._file is not None
        self._file.write(
            json.dumps({"event": event, "t_ms": round(t_ms, 3), **facts}, default=str, allow_nan=False) + "\n"
        )
