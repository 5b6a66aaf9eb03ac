"""Damaged JPEG-LS frames, which are decoded beside the window (`streams.OF_ANY_PRECISION`): the process lives, and none
takes longer than a sound frame of that size does, several times over."""

import contextlib
import random
import time
from collections.abc import Callable

import imagecodecs
import numpy as np
import pytest

from viewer.reading.pixels.coding import Coding
from viewer.reading.pixels.decoder import DecodeFailed
from viewer.reading.pixels.decoders import jpeg_ls

# rows, columns, samples, bits, near-lossless error
SOUND = [(512, 512, 1, 12, 0), (512, 512, 1, 8, 0), (300, 400, 3, 8, 0), (64, 64, 1, 16, 2), (512, 512, 1, 12, 3)]
SEGMENTS = (
    b"\xff\xf8\x00\x0d\x01\xff\xff\x00\x02\x00\x03\x00\x05\x00\x40",  # LSE: thresholds of its own
    b"\xff\xda",
    b"\xff\xd0",
    b"\xff\xdd\x00\x04\x00\x01",
    b"\xff\xe8" * 50,
)
TIMES_A_SOUND_FRAME = 20
END = b"\xff\xd9"


def sound(rows: int, cols: int, samples: int, bits: int, near: int) -> tuple[bytes, Coding]:
    rng, most = np.random.default_rng(rows + bits), (1 << bits) - 1
    y, x = np.mgrid[:rows, :cols]
    grey = most / 2 + most / 4 * np.sin(x / 40) * np.cos(y / 50) + rng.normal(0, most / 200, (rows, cols))
    pixels = np.clip(grey, 0, most).astype(np.uint8 if bits == 8 else np.uint16)
    if samples == 3:
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    allocated = 8 * pixels.itemsize
    coding = Coding(
        rows=rows, cols=cols, frames=1, samples=samples, bits_allocated=allocated, bits_stored=bits, high_bit=bits - 1,
        signed=False, photometric="RGB" if samples == 3 else "MONOCHROME2", planar=False,
    )  # fmt: skip
    return imagecodecs.jpegls_encode(pixels, level=near or None), coding


def zeroed(data: bytearray, chance: random.Random, byte: int = 0) -> bytearray:
    start = chance.randrange(len(data))
    end = min(len(data) - 2, start + chance.randrange(5000))
    data[start:end] = bytes([byte]) * max(0, end - start)
    return data


def some_bytes(data: bytearray, chance: random.Random, most: int) -> bytearray:
    for _ in range(chance.randrange(1, 20)):
        data[chance.randrange(min(most, len(data)))] = chance.randrange(256)
    return data


def put_in(data: bytearray, chance: random.Random) -> bytearray:
    place = chance.randrange(len(data))
    return data[:place] + chance.choice([*SEGMENTS, bytes(data[:200])]) + data[place:]


DAMAGE: list[Callable[[bytearray, random.Random], bytearray]] = [
    lambda data, chance: some_bytes(data, chance, len(data)),
    lambda data, chance: some_bytes(data, chance, 60),
    lambda data, chance: data[: chance.randrange(4, len(data))] + END,
    lambda data, chance: data[: chance.randrange(4, len(data))],
    zeroed,
    lambda data, chance: zeroed(data, chance, 0xFF),
    put_in,
    lambda data, chance: data[:25] + data[25 + chance.randrange(1, 4000) : -2] + END,
]


def decode(data: bytes, coding: Coding) -> float:
    """Seconds of processor time of this thread."""
    began = time.thread_time()
    with contextlib.suppress(DecodeFailed):
        jpeg_ls.decode(data, coding)
    return time.thread_time() - began


@pytest.mark.parametrize("count", [200, pytest.param(20_000, marks=pytest.mark.full)])
def test_damaged_jpeg_ls_ends_soon(count: int) -> None:
    chance, bases = random.Random(14), [sound(*row) for row in SOUND]
    longest_s = max(decode(*base) for base in bases for _ in range(3))
    seen_s = []
    for number in range(count):
        data, coding = chance.choice(bases)
        damaged = DAMAGE[number % len(DAMAGE)](bytearray(data), chance)
        seen_s.append(decode(bytes(damaged), coding))
    assert len(seen_s) == count
    assert max(seen_s) < TIMES_A_SOUND_FRAME * longest_s
