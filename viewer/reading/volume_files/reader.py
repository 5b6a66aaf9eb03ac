"""SimpleITK at arm's length: one child process that reads volume files, started when the first one is opened."""

import atexit
import json
import logging
import subprocess
import threading
from typing import Any

from viewer import children
from viewer.reading.decoding.errand import current

log = logging.getLogger(__name__)

# A volume of two gigabytes inflates in half a minute; what takes longer than this has lost its way.
TIMEOUT_S = 180.0


class ReaderFailed(Exception):
    """The library refused the file, or died of it."""


class VolumeReader:
    """Asks the child one question at a time, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def ask(self, **question: Any) -> tuple[dict[str, Any], bytes]:
        """(the answer, the bytes that belong to it). Raises ReaderFailed, or Abandoned with this thread's errand."""
        line = json.dumps(question, allow_nan=False).encode() + b"\n"
        errand = current()
        with self._lock:
            errand.check()
            if self._child is not None and self._child.poll() is not None:
                self._end()  # somebody else ended it
            self._child = self._child or _start()
            try:
                with errand.ended_by(self._kill):
                    said, data = self._exchange(line)
            except (OSError, ValueError) as error:
                self._end()
                errand.check()
                raise ReaderFailed(f"its reader ended: {error}") from error
        if "error" in said:
            raise ReaderFailed(str(said["error"]))
        return said, data

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._end()

    def _exchange(self, line: bytes) -> tuple[dict[str, Any], bytes]:
        child = self._child
        assert child is not None
        assert child.stdin is not None
        assert child.stdout is not None
        watch = threading.Timer(TIMEOUT_S, child.kill)
        watch.daemon = True
        watch.start()
        try:
            child.stdin.write(line)
            child.stdin.flush()
            said: dict[str, Any] = json.loads(child.stdout.readline())
            wanted = int(said.get("bytes", 0))
            data = child.stdout.read(wanted) if wanted else b""
        finally:
            watch.cancel()
            watch.join()
        if len(data) < wanted:
            raise ValueError("its answer was cut short")
        return said, data

    def _kill(self) -> None:
        """From another thread: the one that asks gets an end of file, and replaces the child."""
        child = self._child
        if child is not None:
            child.kill()

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    log.debug("the pipe to a dead reader could not be flushed")


def _start() -> "subprocess.Popen[bytes]":
    return children.start(
        "viewer.reading.volume_files.child", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )


READER = VolumeReader()
atexit.register(READER.close)
