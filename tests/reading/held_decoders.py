"""Decoders that stand still or die while something is read, for the tests of the children."""

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import psutil
from pydicom.encaps import encapsulate

from tests.waiting import LIMIT_S, until
from viewer.core.errors import AppError
from viewer.reading.decoding.errand import Abandoned
from viewer.reading.decoding.pool import POOL
from viewer.reading.series import FrameRef

MakeDicom = Callable[..., Path]
BASE = "1.2.840.10008.1.2."
PIXELS = (np.arange(64 * 64) % 4096).astype(np.uint16).reshape(64, 64)
EIGHT = PIXELS.astype(np.uint8)


def jpeg_2000(make_dicom: MakeDicom, name: str, pixels: np.ndarray = PIXELS) -> FrameRef:
    """A file whose pixels a child has to decode."""
    data = imagecodecs.jpeg2k_encode(pixels, level=0, reversible=True, codecformat="j2k")
    path = make_dicom(name, pixels, syntax=BASE + "4.90", encoded=encapsulate([data]), BitsStored=12, HighBit=11)
    return FrameRef(path=path)


class Held:
    """A read on a thread of its own, whose codec stands still: the child was stopped before it was asked."""

    def __init__(self, read: Callable[[], Any]) -> None:
        POOL.warm(count=1)
        (self.pid,) = POOL.pids()
        os.kill(self.pid, signal.SIGSTOP)
        self.result: Any = None
        self._thread = threading.Thread(target=self._run, args=(read,))
        self._thread.start()
        until(lambda: POOL.busy() == [self.pid], "a decode under way")

    def _run(self, read: Callable[[], Any]) -> None:
        try:
            self.result = read()
        except (AppError, Abandoned) as error:
            self.result = error

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)
        os.kill(self.pid, signal.SIGCONT)

    def end(self) -> Any:
        self._thread.join(LIMIT_S)
        assert not self._thread.is_alive()
        return self.result


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
