"""Scanning and reading against pydicom and SimpleITK, in one run: ratios, not seconds, tell something.

The suite runs a small version and counts; `-m full` measures. Rounds of all alternate and the shortest of each counts,
because other processes only ever make one longer. No test asserts a time.
"""

import gc
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pydicom
import pytest

from viewer.reading import store as stores
from viewer.reading.decoding.pool import POOL
from viewer.reading.header_index import HeaderIndex
from viewer.reading.pixels import in_children as streams
from viewer.reading.scan import all_series, scan
from viewer.reading.series import FrameRef
from viewer.reading.store import PixelStore

Anatomy = Callable[..., np.ndarray]
WriteStudy = Callable[..., int]
Say = Callable[[str], None]

J2K, JPEG_LS, RLE = "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.5"
LOSSLESS, JPEG_12, JPEG_8 = "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.50"


def _encode(syntax: str) -> Callable[[np.ndarray], bytes]:
    import imagecodecs
    from pydicom.pixels.encoders.base import EncodeRunner
    from pydicom.pixels.encoders.native import _encode_frame  # RLE has no other encoder in the test extras

    def rle(stored: np.ndarray) -> bytes:
        runner = EncodeRunner(RLE)
        runner.set_options(
            rows=stored.shape[0], columns=stored.shape[1], samples_per_pixel=1, bits_allocated=16, bits_stored=16,
            pixel_representation=0, photometric_interpretation="MONOCHROME2", number_of_frames=1,
        )  # fmt: skip
        return bytes(_encode_frame(stored.astype("<u2").tobytes(), runner))

    return {
        J2K: lambda stored: imagecodecs.jpeg2k_encode(stored, level=0, reversible=True, codecformat="j2k"),
        JPEG_LS: lambda stored: imagecodecs.jpegls_encode(stored),
        RLE: rle,
        LOSSLESS: lambda stored: imagecodecs.jpeg8_encode(stored, lossless=True, bitspersample=12, predictor=1),
        JPEG_12: lambda stored: imagecodecs.jpeg8_encode(stored, level=95, bitspersample=12),
        JPEG_8: lambda stored: imagecodecs.jpeg8_encode(stored, level=95),
    }[syntax]


def _shortest(rounds: int, *works: Callable[[], object]) -> list[float]:
    """Seconds of each, the shortest of `rounds` alternating ones; the collector, which stops every thread, is off.

    What a work returns is let go after its time was taken.
    """
    gc.collect()
    gc.disable()
    times: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for work, found in zip(works, times):
            began = time.perf_counter()
            made = work()
            found.append(time.perf_counter() - began)
            if isinstance(made, PixelStore):
                made.close()
            del made
    gc.enable()
    return [min(found) for found in times]


def _load(refs: tuple[FrameRef, ...]) -> PixelStore:
    """Every frame in a store, by its own two threads."""
    store, left = PixelStore(), threading.Semaphore(0)
    store.request(refs, lambda _ref: left.release(), on_failed=lambda _ref, _error: left.release())
    for _ in refs:
        left.acquire()
    return store


def _resident(folder: Path) -> PixelStore:
    (series,) = all_series(scan([folder]))
    return _load(series.frames)


def _pydicom_loop(folder: Path) -> np.ndarray:
    found = []
    for path in folder.iterdir():
        ds = pydicom.dcmread(path)
        found.append((float(ds.ImagePositionPatient[2]), ds.pixel_array))
    found.sort(key=lambda pair: pair[0])
    return np.stack([pixels for _, pixels in found])


def _simpleitk(folder: Path) -> object:
    import SimpleITK as sitk

    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    return reader.Execute()


@pytest.mark.parametrize(("files", "rounds"), [(40, 1), pytest.param(10_000, 3, marks=pytest.mark.full)])
def test_scan_against_pydicom(
    tmp_path: Path, anatomy: Anatomy, write_study: WriteStudy, say: Say, files: int, rounds: int
) -> None:
    folder, picture = tmp_path / "study", anatomy(128, 128)
    write_study(folder, (picture for _ in range(files)))
    index = HeaderIndex(tmp_path / "headers.sqlite")
    found = scan([folder], index=index)

    def loop() -> None:
        for path in folder.iterdir():
            pydicom.dcmread(path, stop_before_pixels=True)

    ours, theirs, again = _shortest(rounds, lambda: scan([folder]), loop, lambda: scan([folder], index=index))

    assert len(all_series(found)[0].frames) == files
    assert scan([folder], index=index) == found
    if files > 1000:
        say(
            f"scan of {files} files: {ours:.2f} s, {ours / theirs:.2f} of a dcmread(stop_before_pixels=True) loop; "
            f"{rounds} rounds"
        )
        say(f"re-scan of the unchanged folder: {again:.2f} s, {again / theirs:.3f} of the loop")


@pytest.mark.parametrize(("slices", "rounds"), [(12, 1), pytest.param(300, 5, marks=pytest.mark.full)])
def test_a_folder_to_fully_resident(
    tmp_path: Path, anatomy: Anatomy, write_study: WriteStudy, say: Say, slices: int, rounds: int
) -> None:
    folder, base = tmp_path / "study", [anatomy(512, 512, number) for number in range(4)]
    stored_bytes = write_study(folder, (base[number % 4] for number in range(slices)))

    def ours() -> PixelStore:
        store = _resident(folder)
        assert store.bytes_used == stored_bytes
        return store

    mine, loop, series_reader = _shortest(rounds, ours, lambda: _pydicom_loop(folder), lambda: _simpleitk(folder))

    if slices > 100:
        say(
            f"{slices} x 512 x 512 CT, folder to resident: {mine:.3f} s, {mine / series_reader:.2f} of SimpleITK's "
            f"series reader, {mine / loop:.2f} of a pydicom loop; {rounds} rounds"
        )


@pytest.mark.parametrize("counts", [(6, 12), pytest.param((300, 1200, 5000), marks=pytest.mark.full)])
def test_a_stack_is_read_in_linear_time_and_given_back(
    tmp_path: Path, anatomy: Anatomy, write_study: WriteStudy, say: Say, counts: tuple[int, ...]
) -> None:
    base, process = anatomy(512, 512), psutil.Process(os.getpid())
    write_study(tmp_path / "study", (base for _ in range(counts[-1])))
    (series,) = all_series(scan([tmp_path / "study"]))
    _load(series.frames[:6]).close()  # decoders and threads are there from now on
    for count in counts:
        gc.collect()
        before = process.memory_info().rss
        began = time.perf_counter()
        store = _load(series.frames[:count])
        seconds = time.perf_counter() - began
        held, stored_bytes = process.memory_info().rss - before, store.bytes_used
        assert stored_bytes == count * base.nbytes
        store.close()
        del store
        gc.collect()
        left = process.memory_info().rss - before
        if count > 100:
            say(
                f"{count} slices: {1000 * seconds / count:.2f} ms a slice, resident memory {held / stored_bytes:.2f} x "
                f"stored bytes, {left / stored_bytes:.2f} x after closing"
            )


@pytest.mark.parametrize("syntax", [J2K, JPEG_LS, RLE])
@pytest.mark.parametrize(("slices", "rounds"), [(4, 1), pytest.param(48, 3, marks=pytest.mark.full)])
def test_two_threads_decode_a_compressed_series(
    tmp_path: Path, anatomy: Anatomy, write_study: WriteStudy, say: Say, monkeypatch: pytest.MonkeyPatch,
    syntax: str, slices: int, rounds: int,
) -> None:  # fmt: skip
    base = [anatomy(512, 512, number) for number in range(4)]
    write_study(tmp_path / "study", (base[n % 4] for n in range(slices)), syntax=syntax, encode=_encode(syntax))
    (series,) = all_series(scan([tmp_path / "study"]))

    gaps_ms: list[float] = []

    def decode(threads: int) -> None:
        monkeypatch.setattr(stores, "THREADS", threads)
        with _Heartbeat() as beside:
            store = _load(series.frames)
        gaps_ms.extend(beside.gaps_ms)
        assert store.bytes_used == slices * base[0].nbytes
        store.close()

    with _Heartbeat() as alone:
        time.sleep(0.2 if slices < 10 else 2.0)
    one, two = _shortest(rounds, lambda: decode(1), lambda: decode(2))
    assert gaps_ms and alone.gaps_ms

    if slices > 10:
        say(
            f"{pydicom.uid.UID(syntax).name}: two threads {one / two:.2f} x as fast as one, "
            f"{slices * base[0].nbytes / two / 1e6:.0f} MB/s; a thread that wakes each ms waits {max(gaps_ms):.1f} ms "
            f"at the most and {np.percentile(gaps_ms, 99):.1f} ms at the 99th percentile ({max(alone.gaps_ms):.1f} and "
            f"{np.percentile(alone.gaps_ms, 99):.1f} ms with nothing decoding); {rounds} rounds"
        )


@pytest.mark.parametrize("syntax", [J2K, JPEG_LS, LOSSLESS, JPEG_12, JPEG_8])
@pytest.mark.parametrize(("slices", "rounds"), [(4, 1), pytest.param(300, 3, marks=pytest.mark.full)])
def test_children_against_threads(
    tmp_path: Path, anatomy: Anatomy, write_study: WriteStudy, say: Say, monkeypatch: pytest.MonkeyPatch,
    syntax: str, slices: int, rounds: int,
) -> None:  # fmt: skip
    """A whole series into the store, decoded in children and in threads; which a codec has is said in `streams.py`."""
    base = [anatomy(512, 512, number) for number in range(4)]
    if syntax == JPEG_8:
        base = [(picture >> 4).astype(np.uint8) for picture in base]
    write_study(tmp_path / "study", (base[n % 4] for n in range(slices)), syntax=syntax, encode=_encode(syntax))
    (series,) = all_series(scan([tmp_path / "study"]))
    cpu_s: dict[bool, list[float]] = {True: [], False: []}

    def decode(in_threads: bool) -> PixelStore:
        monkeypatch.setattr(streams, "stays_in_thread", lambda *_: in_threads)
        before = _processor_s()
        store = _load(series.frames)
        cpu_s[in_threads].append(_processor_s() - before)
        assert store.bytes_used == slices * base[0].nbytes
        return store

    POOL.warm()
    decode(False).close()  # they are there from now on
    children, threads = _shortest(rounds, lambda: decode(False), lambda: decode(True))

    if slices > 10:
        say(
            f"{pydicom.uid.UID(syntax).name}: {slices} frames in children {children / threads:.2f} x the time of "
            f"threads ({1000 * threads / slices:.2f} ms a frame), {min(cpu_s[False]) / min(cpu_s[True]):.2f} x the "
            f"processor time ({1000 * min(cpu_s[True]) / slices:.2f} ms); {rounds} rounds"
        )


def _processor_s() -> float:
    """Seconds of processor time of this process and its decoding children so far."""
    times = [psutil.Process(pid).cpu_times() for pid in POOL.pids()]
    return time.process_time() + sum(one.user + one.system for one in times)


class _Heartbeat:
    """How long a thread that wants to run each millisecond waits for its turn: what the window's thread would feel."""

    def __enter__(self) -> "_Heartbeat":
        self.gaps_ms: list[float] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _beat(self) -> None:
        last = time.perf_counter()
        while not self._stop.is_set():
            time.sleep(0.001)
            now = time.perf_counter()
            self.gaps_ms.append((now - last) * 1000 - 1)
            last = now
