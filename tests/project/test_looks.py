"""What a picture looks like does not depend on how large or in which colours it is stored; its hash turns with it."""

import numpy as np
from numpy.typing import NDArray

from tests.project.alike_films import film, whole
from viewer.core.pixels import PixelFacts
from viewer.project.leaks.alike import detail_correlation
from viewer.project.leaks.looks import SIDE, hashes, look_of, mirror_mask, negative_mask


def look(stored: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The small copies of an 8-bit picture, grey or in colours."""
    rows, cols = stored.shape[:2]
    kind = {"photometric": "RGB", "samples": 3} if stored.ndim == 3 else {"photometric": "MONOCHROME2"}
    return look_of(stored, PixelFacts(rows=rows, cols=cols, bits_stored=8, **kind)).copies


def test_a_large_picture_is_looked_at_as_a_small_one() -> None:
    small = whole(film(1, 4 * SIDE, 4 * SIDE))
    # Each pixel as nine that are apart from it, by as much as there is room for, and in the mean not at all.
    apart = np.random.default_rng(5).permuted(np.tile([-3, -2, -1, -1, 0, 1, 1, 2, 3], (small.size, 1)), axis=1)
    room = np.minimum(small, 255 - small).reshape(-1, 1, 1) // 3
    spread = (apart.reshape(-1, 3, 3) * room).reshape(*small.shape, 3, 3).transpose(0, 2, 1, 3)
    large = (small[:, None, :, None] + spread).astype(np.uint8).reshape(3 * len(small), -1)

    as_stored, as_large = look(small), look(large)
    as_colour = look(np.stack([large] * 3, axis=2))

    assert as_stored.shape == (1, SIDE, SIDE)
    for other in (as_large, as_colour):
        assert np.abs(as_stored.astype(int) - other.astype(int)).max() <= 1  # of 255 ranks


def test_the_small_copy_holds_the_order_of_the_means() -> None:
    # Columns of one value each, brighter to the right: 64 blocks of 5 columns.
    stored = np.repeat(np.arange(SIDE, dtype=np.uint8) * 3, 5)[None, :].repeat(200, axis=0)

    (copy,) = look(np.ascontiguousarray(stored))

    # Each value has 1/64 of the pixels: its middle place, of 255.
    assert copy[0].tolist() == [round((place + 0.5) / SIDE * 255) for place in range(SIDE)]
    assert (copy == copy[0]).all()


def test_a_hash_turns_with_its_picture() -> None:
    copies = look(whole(film(2)))

    (code,), (mirrored,), (negative,) = (hashes(one) for one in (copies, copies[:, :, ::-1], 255 - copies))

    assert (mirrored ^ code == mirror_mask()).all()
    assert (
        np.bitwise_count(negative ^ code ^ negative_mask()).sum() <= 2
    )  # 0 and 255 need not be as far from the middle
    assert np.bitwise_count(negative_mask()).sum() == 255 and np.bitwise_count(mirror_mask()).sum() == 128


def test_a_picture_that_shows_nothing_has_no_look() -> None:
    assert len(look(np.full((50, 50), 7, np.uint8))) == 0


def test_what_was_moved_and_stretched_is_laid_over_each_other_again() -> None:
    grey = film(3, 4 * SIDE, 4 * SIDE)
    (whole_film,), (part,) = (look(whole(one)) for one in (grey, grey[6:-2, 3:-7]))
    (other,) = look(whole(film(4, 4 * SIDE, 4 * SIDE)))

    scores = detail_correlation(np.stack([whole_film] * 2), np.stack([part, other]))

    assert scores[0] > 0.9 and scores[1] < 0.5
