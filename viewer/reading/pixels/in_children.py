"""One compressed frame of a DICOM file, decoded in a child."""

from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from viewer.core.errors import BadFile
from viewer.core.registry import load
from viewer.reading.codestreams.jpeg import JPEG_LS, LOSSLESS, read_jpeg_stream
from viewer.reading.decoding.child import ChildEnded, Limits
from viewer.reading.decoding.pool import POOL
from viewer.reading.pixels.coding import Coding
from viewer.reading.pixels.decoder import Decoded, DecodeFailed, StreamCut, StreamTooLarge
from viewer.reading.pixels.decoders import DECODERS


class OnlyAlone(DecodeFailed):
    """The codec that could decode it crashes on broken streams; it runs only where it has a process for one image."""


# What a child may say was raised there; any other name is DecodeFailed.
RAISED: dict[str, type[DecodeFailed]] = {
    "OnlyAlone": OnlyAlone,
    "StreamCut": StreamCut,
    "StreamTooLarge": StreamTooLarge,
}
# Decoders whose work is so short that the way to a child and back (0.5 ms) costs more than a tenth of it: they stay on
# the reading thread. Theirs is the simplest arithmetic there is, bounded by the frame's size before it begins.
IN_THREADS = frozenset({"uncompressed", "rle", "deflated_frame"})
# So do small JPEGs of one pass, whose work ends with the frame: frame marker, bits, and up to how many pixels the way
# there and back is more than a tenth. Measured for 512 x 512: baseline 1.3 to 1.4, 12 bits 1.15, lossless 1.15, JPEG-LS
# 1.12 to 1.15 of the time in threads. The codec of JPEG-LS was seen to search for 12 s in a stream of 3 kB without an
# end; such a one is refused before it (`has_end`), and `tests/fuzz/test_jpeg_ls.py` finds no other that takes longer
# than a sound one. Progressive JPEGs and whatever takes longer are decoded in children.
IN_THREADS_JPEG = {(0xC0, 8): 1 << 20, (0xC1, 8): 1 << 20, (0xC1, 12): 1 << 18}
OF_ANY_PRECISION = {LOSSLESS: 1 << 18, JPEG_LS: 1 << 18}
MARKERS = {"jpeg": (0xC0, 0xC1, LOSSLESS), "jpeg_lossless": (0xC0, 0xC1, LOSSLESS), "jpeg_ls": (JPEG_LS,)}
# A sequential stream has a scan for each component at the most; one that says more goes over its picture for nothing.
MOST_SCANS_IN_THREADS = 4
START_OF_SCAN = b"\xff\xda"
# A film of 40 MB, 20 of them compressed, takes the slowest codec two seconds; a tenth of that speed is still allowed.
# Counted by what is there, and little by what is promised: a bomb is small. A frame of 512 x 512 has three seconds.
CPU_FLOOR_S, DATA_BYTES_A_SECOND, FRAME_BYTES_A_SECOND = 3.0, 1 << 20, 32 << 20
# OpenJPEG holds four bytes for each sample and copies twice.
MEMORY_FLOOR_BYTES, MEMORY_FACTOR = 192 << 20, 6
# A stream may be larger than its header says; see `check_stream_size`.
RESULT_FLOOR_BYTES, RESULT_FACTOR = 16 << 20, 4


def decode_frame(path: Path, uid: str, coding: Coding, data: bytes) -> Decoded:
    """What the transfer syntax' own decoder makes of the bytes. Raises DecodeFailed, or BadFile naming `path`."""
    if stays_in_thread(uid, data):
        decoded: Decoded = load(DECODERS, uid)(data, coding)
        return decoded
    asked = question(uid, coding)
    try:
        said, array = ask(path, "streams", asked, data, limits_of(coding, data))
    except OnlyAlone:
        said, array = ask(path, "fragile", asked, data, limits_of(coding, data))
    return Decoded(array=array, **{str(name): _plain(value) for name, value in said["decoded"].items()})


def stays_in_thread(uid: str, data: bytes) -> bool:
    """Whether a frame is decoded by whoever asks for it, not in a child."""
    name = decoder_name(uid)
    if name not in MARKERS:
        return name in IN_THREADS
    stream = read_jpeg_stream(data)
    if stream.frame_marker not in MARKERS[name]:
        return False
    most = OF_ANY_PRECISION.get(stream.frame_marker, IN_THREADS_JPEG.get((stream.frame_marker, stream.precision), 0))
    # Within coded data no FF is followed by anything but zeros and restart markers (ISO 10918-1 B.1.1.5), in that of
    # JPEG-LS by nothing over 7F (ISO 14495-1 A.1).
    return 0 < stream.rows * stream.cols <= most and data.count(START_OF_SCAN) <= MOST_SCANS_IN_THREADS


@lru_cache(maxsize=8)
def question(uid: str, coding: Coding) -> dict[str, Any]:
    """What a child is asked; the same for all frames of a series."""
    return {"uid": uid, "coding": asdict(coding)}


def decoder_name(uid: str) -> str:
    """The file of `viewer.reading.pixels.decoders` that reads a transfer syntax."""
    return DECODERS[uid].partition(":")[0].rpartition(".")[2]


def limits_of(coding: Coding, data: bytes) -> Limits:
    """What the decoding of one frame may take, by what its header says and how much there is of it."""
    frame_bytes = coding.pixels_per_frame * coding.samples * coding.dtype.itemsize
    return Limits(
        cpu_s=CPU_FLOOR_S + len(data) / DATA_BYTES_A_SECOND + frame_bytes / FRAME_BYTES_A_SECOND,
        memory_bytes=MEMORY_FLOOR_BYTES + MEMORY_FACTOR * frame_bytes,
        most_bytes=RESULT_FLOOR_BYTES + RESULT_FACTOR * frame_bytes,
    )


def ask(
    path: Path, kind: str, asked: dict[str, Any], data: bytes, limits: Limits
) -> tuple[dict[str, Any], NDArray[Any]]:
    """(what a child says of a compressed image, its components). Raises what a decoder raises, or BadFile."""
    try:
        said, array = POOL.ask(kind, asked, data, limits)
    except ChildEnded as ended:
        raise BadFile(ended_on(path, "a compressed image", ended, limits)) from ended
    if "error" in said or array is None:
        raise RAISED.get(str(said.get("error")), DecodeFailed)(str(said.get("said")))
    return said, array


def ended_on(path: Path, what: str, ended: ChildEnded, limits: Limits) -> str:
    """The sentence for an image on which a decoder died."""
    if ended.of_time:
        return f"{path} holds {what} that takes over {limits.cpu_s:.0f} s to decode; ask for a new copy."
    return f"{path} holds {what} on which its decoder ended ({ended}); ask for a new copy."


def is_alone() -> bool:
    """Whether this process decodes one image and ends."""
    return _alone


def be_alone() -> None:
    """Say so, in a process that was made for it."""
    global _alone
    _alone = True


_alone = False


def _plain(value: Any) -> Any:
    """What JSON made a list was a tuple."""
    return tuple(map(_plain, value)) if isinstance(value, list) else value
