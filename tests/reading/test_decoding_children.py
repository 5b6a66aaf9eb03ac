"""Compressed pixels are decoded in children: a crash, an endless stream, a closed study cost one image and no wait."""

import os
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import psutil
import pytest
from pydicom.encaps import encapsulate

from tests.waiting import LIMIT_S, until
from viewer.core.errors import AppError, BadFile
from viewer.reading.decoding import child, streams
from viewer.reading.decoding.errand import Abandoned, Errand
from viewer.reading.decoding.pool import AHEAD, POOL
from viewer.reading.frames import Frame, file_frames, read_frame
from viewer.reading.series import FrameRef
from viewer.reading.store import PixelStore

MakeDicom = Callable[..., Path]
BASE = "1.2.840.10008.1.2."
ROOT = Path(__file__).resolve().parents[2]
PIXELS = (np.arange(64 * 64) % 4096).astype(np.uint16).reshape(64, 64)
EIGHT = PIXELS.astype(np.uint8)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are what these tests hold a codec up with")


@pytest.fixture(autouse=True)
def _own_children() -> Iterator[None]:
    """Each test begins and ends without children, so that none is held up by another's."""
    POOL.close()
    yield
    for kind in ("streams", "pictures", "fragile"):
        for pid in POOL.busy(kind):
            os.kill(pid, signal.SIGKILL)
    POOL.close()


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


def send(number: int, pids: list[int]) -> None:
    for pid in pids:
        os.kill(pid, number)


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL])
def test_a_codec_that_crashes_costs_its_image_and_nothing_else(make_dicom: MakeDicom, number: signal.Signals) -> None:
    bad, good = jpeg_2000(make_dicom, "bad.dcm"), jpeg_2000(make_dicom, "good.dcm")

    held = Held(lambda: read_frame(bad))
    held.signal(number)

    error = held.end()
    assert isinstance(error, BadFile)
    assert str(bad.path) in str(error)
    assert number.name in str(error)
    assert np.array_equal(read_frame(good).stored, PIXELS)


@pytest.mark.parametrize("times", [6, pytest.param(100, marks=pytest.mark.full)])
def test_however_many_decoders_die_the_store_goes_on(make_dicom: MakeDicom, times: int) -> None:
    refs = [jpeg_2000(make_dicom, f"{n}.dcm") for n in range(times)]
    store, ended = PixelStore(), threading.Semaphore(0)
    failed: list[FrameRef] = []

    for number in range(times):
        POOL.warm()
        stopped = POOL.pids()
        send(signal.SIGSTOP, stopped)
        store.request(
            [refs[number]], lambda _: ended.release(), on_failed=lambda ref, _: (failed.append(ref), ended.release())
        )
        (dying,) = until(POOL.busy, "a decode under way")
        os.kill(dying, signal.SIGKILL)
        assert ended.acquire(timeout=LIMIT_S)
        send(signal.SIGCONT, [pid for pid in stopped if pid != dying])

    assert failed == refs
    assert all(np.array_equal(store.load(ref).stored, PIXELS) for ref in refs)
    store.close()


def test_closing_the_store_does_not_wait_for_a_codec_that_stands_still(make_dicom: MakeDicom) -> None:
    store, ref = PixelStore(), jpeg_2000(make_dicom, "a.dcm")
    held = Held(lambda: store.load(ref))

    store.close()  # returns, though nobody has let the codec go on

    assert isinstance(held.end(), Abandoned)
    until(lambda: is_gone(held.pid), "the end of the child")
    with pytest.raises(Abandoned):
        store.load(ref)


def test_a_study_that_is_closed_ends_its_decodes_and_no_others(make_dicom: MakeDicom) -> None:
    store, ref, other = PixelStore(), jpeg_2000(make_dicom, "a.dcm"), jpeg_2000(make_dicom, "b.dcm")
    held = Held(lambda: store.load(ref))

    assert np.array_equal(store.load(other).stored, PIXELS)
    store.forget([ref])

    assert isinstance(held.end(), Abandoned)
    assert store.get(other) is not None
    assert np.array_equal(store.load(ref).stored, PIXELS), "it is read when it is opened again"
    store.close()


def test_what_is_on_the_screen_does_not_wait_behind_what_is_read_ahead(make_dicom: MakeDicom) -> None:
    store, shown = PixelStore(), jpeg_2000(make_dicom, "shown.dcm")
    ahead = [jpeg_2000(make_dicom, f"{n}.dcm") for n in range(4)]
    POOL.warm()
    stopped = POOL.pids()
    send(signal.SIGSTOP, stopped)
    store.request(ahead, lambda _: None)
    until(lambda: len(POOL.busy()) == AHEAD, "as much reading ahead as there may be")
    send(signal.SIGCONT, [pid for pid in stopped if pid not in POOL.busy()])

    loaded: list[Frame] = []
    thread = threading.Thread(target=lambda: loaded.append(store.load(shown)), daemon=True)
    thread.start()
    thread.join(LIMIT_S)
    assert np.array_equal(loaded[0].stored, PIXELS)

    store.close()


def test_a_wait_for_a_child_ends_with_its_errand(make_dicom: MakeDicom) -> None:
    """More reads than there may be children: those that wait in line are let go too."""
    refs = [jpeg_2000(make_dicom, f"{n}.dcm") for n in range(3)]
    POOL.warm()
    stopped = POOL.pids()
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    errand, ended = Errand(), threading.Semaphore(0)

    def read(ref: FrameRef) -> None:
        with errand, pytest.raises(Abandoned):
            read_frame(ref)
        ended.release()

    threads = [threading.Thread(target=read, args=(ref,)) for ref in [*refs, *refs]]
    for thread in threads:
        thread.start()
    until(lambda: sorted(POOL.busy()) == sorted(stopped), "every child asked")
    errand.abandon()

    for _ in threads:
        assert ended.acquire(timeout=LIMIT_S)
    for thread in threads:
        thread.join(LIMIT_S)


def scans_without_end(rows: int, cols: int, scans: int) -> bytes:
    """A progressive JPEG (ITU-T T.81 annex G) of few bytes: each scan goes over the whole image, and brings nothing."""
    table = bytes([0x00, 1, *[0] * 15, 0]), bytes([0x10, 1, *[0] * 15, 0])
    frame = struct.pack(">BHHBBBB", 8, rows, cols, 1, 1, 0x11, 0)
    first = struct.pack(">BBBBBB", 1, 1, 0, 0, 0, 0)
    later = struct.pack(">BBBBBB", 1, 1, 0, 1, 63, 0)

    def segment(marker: int, body: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, 2 + len(body)) + body

    parts = [b"\xff\xd8", segment(0xDB, bytes([0, *[1] * 64])), segment(0xC2, frame)]
    parts += [segment(0xC4, one) for one in table]
    parts += [segment(0xDA, first), *([segment(0xDA, later)] * scans), b"\xff\xd9"]
    return b"".join(parts)


def test_a_stream_that_would_keep_a_codec_busy_for_minutes_is_ended(
    make_dicom: MakeDicom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "CPU_FLOOR_S", 0.5)
    monkeypatch.setattr(streams, "FRAME_BYTES_A_SECOND", 1 << 30)
    data = scans_without_end(11_000, 11_000, 99)
    path = make_dicom("a.dcm", EIGHT, syntax=BASE + "4.55", encoded=encapsulate([data]), Rows=11_000, Columns=11_000)
    (ref,) = file_frames(path)

    with pytest.raises(BadFile, match="takes over") as caught:
        read_frame(ref)

    assert str(path) in str(caught.value)


def test_a_codec_that_sleeps_is_ended_too(make_dicom: MakeDicom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "WALL_FACTOR", 0)
    monkeypatch.setattr(child, "WALL_FLOOR_S", 0.05)
    ref = jpeg_2000(make_dicom, "a.dcm")
    POOL.warm(count=1)
    (pid,) = POOL.pids()
    os.kill(pid, signal.SIGSTOP)

    with pytest.raises(BadFile, match="takes over"):
        read_frame(ref)

    until(lambda: is_gone(pid), "the end of the child")


def test_a_decoder_gets_so_much_memory_and_no_more(make_dicom: MakeDicom, monkeypatch: pytest.MonkeyPatch) -> None:
    ref = jpeg_2000(make_dicom, "a.dcm", np.zeros((2048, 2048), np.uint16))
    assert read_frame(ref).stored.shape == (2048, 2048)
    monkeypatch.setattr(streams, "MEMORY_FLOOR_BYTES", 1 << 20)
    monkeypatch.setattr(streams, "MEMORY_FACTOR", 1)
    POOL.close()  # what a child holds already it may go on using

    with pytest.raises(BadFile) as caught:
        read_frame(ref)

    assert str(ref.path) in str(caught.value)


SHUT_IN = """
import socket, sys
from pathlib import Path
from viewer.reading.decoding.shut_in import shut_in
place = Path(sys.argv[1])
kept = place.read_text()
shut_in(opens_files=sys.argv[2] == "files")
said = []
def attempt(what, do):
    try:
        do()
        said.append(what)
    except OSError:
        pass
attempt("write", lambda: (place.parent / "new.txt").write_text("x"))
attempt("append", lambda: place.open("a").write("x" * 9999) and None)
attempt("connect", lambda: socket.create_connection(("127.0.0.1", int(sys.argv[3])), timeout=5))
attempt("read", lambda: place.read_text())
print(",".join(said))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can shut a process in without help")
@pytest.mark.parametrize(("files", "may"), [("files", "read"), ("none", "")])
def test_a_child_writes_nothing_and_connects_to_nothing(tmp_path: Path, files: str, may: str) -> None:
    import socket

    from py_landlock import LandlockError
    from py_landlock.landlock_sys import get_abi_version

    try:
        has_network_rules = int(get_abi_version()) >= 4
    except LandlockError:
        has_network_rules = False
    if files == "files" and not has_network_rules:
        pytest.skip("this system has no Landlock, or one without networks")
    place = tmp_path / "a.txt"
    place.write_text("a")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-c", SHUT_IN, str(place), files, port],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        )

    assert done.stdout.strip() == may
    assert place.read_text() == "a"
    assert not (tmp_path / "new.txt").exists()


LEFT_ALONE = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from viewer.reading.decoding.pool import POOL
POOL.warm()
print(*POOL.pids(), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_children_end_with_their_parent_even_when_it_is_killed() -> None:
    done = subprocess.run([sys.executable, "-c", LEFT_ALONE, str(ROOT)], capture_output=True, text=True, check=False)

    pids = [int(word) for word in done.stdout.split()]
    assert len(pids) == AHEAD + 1
    until(lambda: all(map(is_gone, pids)), "the end of the children")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
def test_a_forked_process_has_children_of_its_own(make_dicom: MakeDicom) -> None:
    """A data loader's worker must not read the answers of its parent."""
    ref = jpeg_2000(make_dicom, "a.dcm")
    read_frame(ref)
    mine = POOL.pids()

    pid = os.fork()
    if pid == 0:
        good = not POOL.pids() and np.array_equal(read_frame(ref).stored, PIXELS) and POOL.pids() != mine
        POOL.close()
        os._exit(0 if good else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert POOL.pids() == mine
    assert np.array_equal(read_frame(ref).stored, PIXELS)


def png(path: Path, pixels: np.ndarray = PIXELS) -> Path:
    path.write_bytes(imagecodecs.png_encode(pixels))
    return path


def test_a_picture_s_crash_names_it_as_it_was_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    png(Path("a.png"))
    ref = FrameRef(path=Path("a.png"))
    assert np.array_equal(read_frame(ref).stored, PIXELS), "a relative path, though the child stands elsewhere"
    (pid,) = POOL.pids("pictures")
    os.kill(pid, signal.SIGSTOP)
    caught: list[BaseException] = []

    def read() -> None:
        try:
            read_frame(ref)
        except BadFile as error:
            caught.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    until(lambda: POOL.busy("pictures") == [pid], "a decode under way")
    os.kill(pid, signal.SIGSEGV)
    os.kill(pid, signal.SIGCONT)
    thread.join(LIMIT_S)

    assert str(caught[0]).startswith("a.png ")
    assert "SIGSEGV" in str(caught[0])


def unwritten_byte(fill: int) -> int:
    """What a process of that setting finds in memory that it was just given."""
    code = "import numpy; print(numpy.empty(1 << 20, numpy.uint8)[12345])"
    surroundings = {**os.environ, "MALLOC_PERTURB_": str(fill)}
    return int(subprocess.run([sys.executable, "-c", code], env=surroundings, capture_output=True, check=True).stdout)


def frames_of(refs: list[FrameRef], fill: int) -> list[Any]:
    """What is read of each with memory that was full of `fill`: in the child, and between it and this process."""
    POOL.close()
    POOL.warm(count=1)
    read: list[Any] = []
    for ref in refs:
        for one in POOL._all:
            if one.memory is not None:
                one.memory.fill(fill)
        try:
            read.append(read_frame(ref))
        except AppError as error:
            read.append(str(error))
    return read


@pytest.mark.skipif(sys.platform != "linux", reason="only the C library of Linux can be asked to fill memory")
def test_what_a_codec_leaves_unwritten_is_never_a_pixel(make_dicom: MakeDicom, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole, cut and damaged streams of every codec, decoded over memory of two patterns: equal, or refused."""
    noise = np.random.default_rng(5).integers(0, 4096, (96, 96)).astype(np.uint16)
    eight = (noise >> 4).astype(np.uint8)
    streams_of = {
        "4.50": imagecodecs.jpeg8_encode(eight, level=90),
        "4.51": imagecodecs.jpeg8_encode(noise, level=90, bitspersample=12),
        "4.70": imagecodecs.jpeg8_encode(noise, lossless=True, bitspersample=12, predictor=1),
        "4.80": imagecodecs.jpegls_encode(noise),
        "4.90": imagecodecs.jpeg2k_encode(noise, level=0, reversible=True, codecformat="j2k"),
        "4.110": imagecodecs.jpegxl_encode(noise, lossless=True),
    }
    refs = []
    for number, (uid, data) in enumerate(streams_of.items()):
        middle = len(data) // 2
        pixels = eight if uid == "4.50" else noise
        damaged = data[:middle] + bytes(200) + data[middle + 200 :]
        for place, one in enumerate((data, damaged, data[:middle] + data[-2:], data[:-40])):
            one += b"\0" * (len(one) % 2)
            made = make_dicom(f"{number}-{place}.dcm", pixels, syntax=BASE + uid, encoded=encapsulate([one]))
            refs.append(FrameRef(path=made))

    found = []
    for fill in (0x5A, 0xA5):
        # The C library fills what it hands out with the complement of this byte (mallopt(3), M_PERTURB).
        monkeypatch.setitem(child.SURROUNDINGS, "MALLOC_PERTURB_", str(fill))
        assert unwritten_byte(fill) == 0xFF - fill, "the memory of a child is filled at all"
        found.append(frames_of(refs, fill))

    for ref, one, other in zip(refs, *found, strict=True):
        if isinstance(one, Frame):
            assert np.array_equal(one.stored, other.stored), ref.path.name
        else:
            assert one == other
    assert sum(isinstance(one, Frame) for one in found[0]) >= len(streams_of)
