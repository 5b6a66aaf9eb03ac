"""Compressed pixels are decoded in children: a crash, an endless stream, a closed study cost one image and no wait."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from tests.reading.held_decoders import PIXELS, Held, MakeDicom, is_gone, jpeg_2000
from tests.waiting import LIMIT_S, until
from viewer.core.errors import BadFile
from viewer.reading.decoding.errand import Abandoned, Errand
from viewer.reading.decoding.pool import AHEAD, POOL
from viewer.reading.frame import Frame
from viewer.reading.frames import read_frame
from viewer.reading.series import FrameRef
from viewer.reading.store import PixelStore

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [
    pytest.mark.usefixtures("own_children"),
    pytest.mark.skipif(sys.platform == "win32", reason="signals are what these tests hold a codec up with"),
]


def send(number: int, pids: list[int]) -> None:
    for pid in pids:
        os.kill(pid, number)


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
