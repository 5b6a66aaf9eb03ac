"""Thousands of damaged JPEGs, judged by libjpeg-turbo's own `djpeg -strict`, which takes every warning for an error."""

import io
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.reading.made_jpegs import cut_with_end, segment, without_block, zeroed
from tests.reading.test_jpeg_damage import ARITHMETIC, EIGHT, PROGRESSIVE, RGB
from viewer.core.errors import AppError
from viewer.reading.frames import read_frame
from viewer.reading.pixels.cut_files import DAMAGED
from viewer.reading.series import FrameRef

MUTANTS = 4000


def written(picture: np.ndarray, **more: object) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", **more)
    return out.getvalue()


STREAMS = [
    written(EIGHT, quality=90),
    written(EIGHT, quality=60, progressive=True),
    written(RGB, quality=90, subsampling=0),
    written(RGB, quality=75, subsampling=2, optimize=True),
    written(RGB, quality=85, progressive=True),
    written(RGB, quality=85, restart_marker_rows=1),
    written(EIGHT, quality=85, restart_marker_blocks=3),
    PROGRESSIVE,
    ARITHMETIC,
]


def one_bit(data: bytes, at: float) -> bytes:
    first = data.find(b"\xff\xda")
    place = int(first + at * (len(data) - 2 - first))
    return data[:place] + bytes([data[place] ^ 1 << place % 8]) + data[place + 1 :]


def doubled(data: bytes, at: float) -> bytes:
    first = data.find(b"\xff\xda")
    place = int(first + at * (len(data) - 2 - first))
    return data[:place] + data[max(first, place - 50) : place] + data[place:]


def cut(data: bytes, at: float) -> bytes:
    return data[: max(200, int(at * len(data)))]


def outside(data: bytes, at: float) -> bytes:
    """What changes no pixel."""
    harmless = (
        data + bytes(int(600 * at)),
        data[:2] + segment(0xFE, bytes(int(300 * at))) + data[2:],
        data[:2] + segment(0xED, b"\xff\xd8\xff\xd9") + bytes(3) + data[2:],
    )
    return harmless[int(at * 1000) % 3]


WAYS: tuple[Callable[[bytes, float], bytes], ...] = (
    zeroed, lambda data, at: zeroed(data, at, 20), without_block, cut_with_end, one_bit, doubled, cut, outside,
)  # fmt: skip


def shown(path: Path, data: bytes) -> tuple[np.ndarray | None, str]:
    """(the picture, what is said of it) as the window has it; None where it is refused."""
    path.write_bytes(data)
    try:
        frame = read_frame(FrameRef(path=path, frame_index=0))
    except AppError as error:
        return None, str(error)
    assert bool(frame.facts.banner) == (DAMAGED in frame.facts.doubts)
    return frame.stored, frame.facts.banner


@pytest.mark.full
def test_no_jpeg_is_plain_whose_pixels_changed_and_of_which_djpeg_warns(tmp_path: Path) -> None:
    djpeg = shutil.which("djpeg")
    if djpeg is None:
        pytest.skip("djpeg (libjpeg-turbo-progs) is not here")
    path = tmp_path / "a.jpg"
    whole = [shown(path, data)[0] for data in STREAMS]
    plain, said, wrongly_said = [], 0, []
    choose = random.Random(14)
    for number in range(MUTANTS):
        which, way, at = choose.randrange(len(STREAMS)), choose.choice(WAYS), choose.random()
        pixels, found = shown(path, way(STREAMS[which], at))
        said += bool(found)
        if way is outside and found:
            wrongly_said.append((number, found))
        if not found and not np.array_equal(pixels, whole[which]):
            done = subprocess.run(
                [djpeg, "-strict", "-outfile", str(tmp_path / "a.ppm"), str(path)], capture_output=True, check=False
            )
            if done.returncode:
                plain.append((number, done.stderr.decode(errors="replace").strip()))

    assert plain == []
    assert wrongly_said == []
    assert said > MUTANTS // 2
