"""What a picture looks like, in a few bytes: small copies, and a perceptual hash of each.

The hash holds the signs of the lowest spatial frequencies (after Zauner, "Implementation and benchmarking of perceptual
image hash functions", 2010, whose pHash is 8 x 8 of them), here of the ranks of the grey values: whatever window,
gamma or depth a film was saved with keeps the order of its values, so it keeps the hash. A negative has every sign
turned round; a mirrored picture those of the odd horizontal frequencies.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.pixels import PixelFacts
from viewer.core.windowing import default_voi, display_table

SIDE = 64  # px of a small copy
FREQUENCIES = 16  # in each direction
BITS = FREQUENCIES**2 - 1  # all but the mean
FINER = 4  # times as fine as a small copy: what a large picture is made to first
WORDS = FREQUENCIES**2 // 64
# A border is what differs by no more than this share of the picture's range: JPEG's noise is below it.
FLAT = 0.06
LEAST_LEFT = 0.5  # of each side, for a border to be cut away: what is darker inside is no border
LEAST_SPREAD = 8  # grey levels between the 1st and 99th percentile: an empty slice looks like any other
_RED, _GREEN, _BLUE = 0.299, 0.587, 0.114  # of luminance, ITU-R BT.601


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Look:
    """copies: (copy, row, col) uint8, ranks of the grey values in a small copy; the first of the whole picture, a
    second, where it has a border, of what is inside. (0, SIDE, SIDE) of a picture that shows nothing."""

    copies: NDArray[np.uint8]


def look_of(stored: NDArray[Any], facts: PixelFacts) -> Look:
    """How a frame looks in its ordinary window. stored: (row, col) or (row, col, 3), as `read_frame` gives it."""
    shown = display_table(facts, default_voi(stored, facts), invert=False).apply(stored)
    grey = _reduced(shown)
    if grey.ndim == 3:
        grey = grey @ np.array([_RED, _GREEN, _BLUE], np.float32)
    low, high = np.percentile(grey, [1, 99])
    if high - low < LEAST_SPREAD:
        return Look(copies=np.zeros((0, SIDE, SIDE), np.uint8))
    pieces = [grey]
    inner = _inside(grey)
    if inner.shape != grey.shape:
        pieces.append(inner)
    return Look(copies=np.stack([_ranks(_small(piece)) for piece in pieces]))


def hashes(copies: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """(copy, WORDS): the perceptual hash of each copy. copies: (copy, row, col)."""
    waves = _cosines()
    values = copies.astype(np.float32) - 127.5
    spectrum = np.einsum("fr,nrc,gc->nfg", waves, values, waves, optimize=True)
    signs = (spectrum > 0).reshape(len(copies), -1)
    signs[:, 0] = False  # the mean, which says nothing
    return np.packbits(signs, axis=1).view(">u8").astype(np.uint64)


@lru_cache(maxsize=1)
def mirror_mask() -> NDArray[np.uint64]:
    """(WORDS,): the bits that a mirrored picture has turned round."""
    odd = np.zeros((1, FREQUENCIES, FREQUENCIES), np.bool_)
    odd[:, :, 1::2] = True
    return np.asarray(np.packbits(odd.reshape(1, -1), axis=1).view(">u8").astype(np.uint64)[0])


@lru_cache(maxsize=1)
def negative_mask() -> NDArray[np.uint64]:
    """(WORDS,): the bits that a negative has turned round: all but the mean's."""
    every = np.ones((1, FREQUENCIES**2), np.bool_)
    every[0, 0] = False
    return np.asarray(np.packbits(every, axis=1).view(">u8").astype(np.uint64)[0])


@lru_cache(maxsize=1)
def _cosines() -> NDArray[np.float32]:
    """(frequency, pixel): the DCT-II's first rows."""
    places, waves = np.arange(SIDE), np.arange(FREQUENCIES)[:, None]
    return np.cos(np.pi * (places + 0.5) * waves / SIDE).astype(np.float32)


def _reduced(shown: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The means of whole blocks of pixels, where the picture is so large that its small copies lose nothing by it."""
    block = max(1, min(shown.shape[:2]) // (FINER * SIDE))
    if block == 1:
        return shown.astype(np.float32)
    rows, cols = (count // block for count in shown.shape[:2])
    rest = shown.shape[2:]
    whole = shown[: rows * block, : cols * block]
    sums = whole.reshape(rows, block, cols * block, *rest).sum(axis=1, dtype=np.uint32)
    sums = sums.reshape(rows, cols, block, *rest).sum(axis=2)
    return np.asarray(sums.astype(np.float32) / np.float32(block**2))


def _inside(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """The picture without rows and columns at its edges that show nothing."""
    span = FLAT * float(np.ptp(grey))
    rows = np.flatnonzero(np.ptp(grey, axis=1) > span)
    cols = np.flatnonzero(np.ptp(grey, axis=0) > span)
    if not rows.size or not cols.size:
        return grey
    inner = grey[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    enough = all(now >= LEAST_LEFT * was for now, was in zip(inner.shape, grey.shape, strict=True))
    return inner if enough else grey


def _small(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """(SIDE, SIDE): each pixel the mean of what it covers, stretched to a square."""
    return np.asarray(_shrunk(_shrunk(grey).T).T)


def _shrunk(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """(SIDE, col) of (row, col): means of rows; where there are fewer, between rows.

    By running sums and not by a product of matrices: that would take every core from the window.
    """
    rows = len(grey)
    if rows < SIDE:
        at = np.clip((np.arange(SIDE) + 0.5) * rows / SIDE - 0.5, 0, rows - 1)
        return _between(grey, at)
    sums = np.zeros((rows + 1, grey.shape[1]), np.float64)
    np.cumsum(grey, axis=0, out=sums[1:])
    return np.diff(_between(sums, np.linspace(0, rows, SIDE + 1)), axis=0).astype(np.float32) * np.float32(SIDE / rows)


def _between(values: NDArray[Any], at: NDArray[np.float64]) -> NDArray[Any]:
    """Rows at fractional places, linearly."""
    below = np.minimum(at.astype(np.intp), len(values) - 1)
    above = np.minimum(below + 1, len(values) - 1)
    share = (at - below).astype(values.dtype)[:, None]
    return np.asarray(values[below] * (1 - share) + values[above] * share)


def _ranks(small: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The place of each value among all, 0 to 255; equal ones share theirs."""
    _, place, counts = np.unique(np.round(small, 1), return_inverse=True, return_counts=True)
    middle = (np.cumsum(counts) - counts / 2) / small.size
    return np.asarray(np.rint(middle[place.ravel()] * 255), np.uint8).reshape(small.shape)
