"""What a decoding child may take and touch: time, memory, files, connections, and no byte that was another's."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from pydicom.encaps import encapsulate

from tests.reading.held_decoders import BASE, EIGHT, MakeDicom, is_gone, jpeg_2000
from tests.reading.made_jpegs import scans_without_end
from tests.waiting import until
from viewer.core.errors import AppError, BadFile
from viewer.reading.decoding import child
from viewer.reading.decoding.pool import POOL
from viewer.reading.frame import Frame
from viewer.reading.frames import file_frames, read_frame
from viewer.reading.pixels import in_children as streams
from viewer.reading.series import FrameRef

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [
    pytest.mark.usefixtures("own_children"),
    pytest.mark.skipif(sys.platform == "win32", reason="signals are what these tests hold a codec up with"),
]


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
