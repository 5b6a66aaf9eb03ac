"""Which pictures are nearly the same: candidates by their hash, then held against each other.

Chest films all look alike, so a hash alone would pair strangers: a candidate is laid over the other (moved and
stretched by a few per cent, for a crop), and both are compared by their detail, which no two films share. Measured on
1,690 chest films (tests/project/test_leaks_of_films.py): the same film has a detail correlation of 0.86 or more,
resized, cropped by 2 % at each end, or as JPEG of quality 30; of pictures of 64 px JPEG takes the detail itself.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.project.leaks.looks import BITS, SIDE, Look, hashes, mirror_mask, negative_mask

MOST_APART = 0.29  # of a hash's bits; two films have half of them apart
# Detail correlation. Two films of one person on one day come to 0.82, so that more is asked of what is, or may be, of
# one person; two films of two people come to 0.63.
SAME_OF_TWO, SAME_OF_ONE = 0.78, 0.85
STEPS = 12  # of laying one picture over another
MOST_MOVED = 0.08  # of a side: more is another picture
EDGE = 4  # px of a small copy that are not compared, since a crop has other ones
SIGMA_PX = 2.0  # what is smoother than this is no detail
BLOCK = 1 << 22  # pairs of hashes that are held against each other at a time: 32 MiB
_BATCH = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """Two pictures of a list, first < second. score: their detail correlation. turned: "", "negative", "mirrored" or
    "mirrored negative": what the second is of the first."""

    first: int
    second: int
    score: float
    turned: str = ""


TURNS = ("", "negative", "mirrored", "mirrored negative")


def alike(
    looks: Sequence[Look],
    people: NDArray[np.intp],
    stacks: NDArray[np.intp],
    known: NDArray[np.bool_],
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> list[Alike]:
    """Every pair that is one film, by their places in the list.

    people: (picture,) whose each is. known: (picture,) whether a patient id says so. stacks: (picture,) of which stack
    of slices it is one, -1 for a film. Slices are looked for with other people only: neighbours are alike. Of two
    stacks each slice has the one partner that it is most like. tell: how many small copies are done, and of how many.
    """
    owner = np.repeat(np.arange(len(looks)), [len(look.copies) for look in looks])
    if not owner.size:
        return []
    copies = np.concatenate([look.copies for look in looks if len(look.copies)])

    def may_pair(first: NDArray[np.intp], second: NDArray[np.intp]) -> NDArray[np.bool_]:
        films = (stacks[first] < 0) & (stacks[second] < 0)
        return np.asarray((first < second) & (films | (people[first] != people[second])))

    best: dict[tuple[int, int], Alike] = {}
    for first, second, turn in _candidates(hashes(copies), owner, may_pair, tell):
        for start in range(0, len(first), _BATCH):
            a, b = first[start : start + _BATCH], second[start : start + _BATCH]
            scores = detail_correlation(copies[a], _turned(copies[b], TURNS[turn]))
            one, other = owner[a], owner[b]
            of_two = (people[one] != people[other]) & known[one] & known[other]
            needed = np.where(of_two, SAME_OF_TWO, SAME_OF_ONE)
            for place in np.flatnonzero(scores >= needed):
                key = (int(owner[a][place]), int(owner[b][place]))
                if key not in best or scores[place] > best[key].score:
                    best[key] = Alike(first=key[0], second=key[1], score=float(scores[place]), turned=TURNS[turn])
    return sorted(_one_partner(best.values(), stacks), key=lambda one: (one.first, one.second))


def _one_partner(found: Iterable[Alike], stacks: NDArray[np.intp]) -> Iterator[Alike]:
    taken: set[tuple[int, int]] = set()
    for one in sorted(found, key=lambda one: (-one.score, one.first, one.second)):
        ends = {
            (here, int(stacks[there]))
            for here, there in ((one.first, one.second), (one.second, one.first))
            if stacks[there] >= 0
        }
        if not ends & taken:
            taken |= ends
            yield one


def _candidates(
    codes: NDArray[np.uint64],
    owner: NDArray[np.intp],
    may_pair: Callable[[NDArray[np.intp], NDArray[np.intp]], NDArray[np.bool_]],
    tell: Callable[[int, int], None],
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp], int]]:
    """(places of copies, places of copies, turn), a block of rows at a time."""
    most = int(MOST_APART * BITS)
    mirrored = codes ^ mirror_mask()
    turned = (codes, codes ^ negative_mask(), mirrored, mirrored ^ negative_mask())
    block = max(1, BLOCK // len(codes))
    for start in range(0, len(codes), block):
        rows = codes[start : start + block]
        for turn, others in enumerate(turned):
            apart = np.zeros((len(rows), len(codes) - start), np.uint16)
            for word in range(codes.shape[1]):
                apart += np.bitwise_count(rows[:, word, None] ^ others[None, start:, word])
            first, second = np.nonzero(apart <= most)
            first, second = first + start, second + start
            kept = may_pair(owner[first], owner[second])
            yield first[kept], second[kept], turn
        tell(min(start + block, len(codes)), len(codes))


def _turned(copies: NDArray[np.uint8], turn: str) -> NDArray[np.uint8]:
    copies = 255 - copies if "negative" in turn else copies
    return copies[:, :, ::-1] if "mirrored" in turn else copies


def detail_correlation(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(pair,) -1 to 1: how far the detail of two small copies is the same once they are laid over each other.

    first, second: (pair, row, col). Laid by least squares over shift and stretch along each side (Lucas and Kanade,
    "An iterative image registration technique", IJCAI 1981).
    """
    a, b = first.astype(np.float32), second.astype(np.float32)
    laid = _laid(_smooth(a, SIGMA_PX), _smooth(b, SIGMA_PX))
    return np.maximum(_correlation(a, b), _correlation(a, _sampled(b, laid)))


def _laid(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float64]:
    """(pair, 4): shift and stretch along rows, then along columns, in half sides, that lay b over a."""
    count = len(a)
    found = np.tile(np.array([0.0, 1.0, 0.0, 1.0]), (count, 1))
    axis = _axis()
    inner = (slice(None), slice(EDGE, -EDGE), slice(EDGE, -EDGE))
    grid = np.meshgrid(axis[EDGE:-EDGE], axis[EDGE:-EDGE], indexing="ij")
    rows, cols = (one.ravel() for one in grid)
    for _ in range(STEPS):
        moved = _sampled(b, found)
        # In half sides: a step of one pixel is 2 / SIDE.
        down = np.gradient(moved, axis=1)[inner].reshape(count, -1) * (SIDE / 2)
        across = np.gradient(moved, axis=2)[inner].reshape(count, -1) * (SIDE / 2)
        plain = moved[inner].reshape(count, -1)
        design = np.stack([down, down * rows, across, across * cols, plain, np.ones_like(plain)], axis=2)
        target = a[inner].reshape(count, -1)
        # Gain and offset are solved along: another window is no other picture.
        gram = np.einsum("npi,npj->nij", design, design, optimize=True) + 1e-3 * np.eye(6)
        right = np.einsum("npi,np->ni", design, target, optimize=True)
        solved = np.linalg.solve(gram, right[:, :, None])[:, :, 0]
        gain = np.where(np.abs(solved[:, 4:5]) < 0.2, 0.2, solved[:, 4:5])
        step = np.clip(solved[:, :4] / gain, -0.05, 0.05)
        found = np.clip(
            found + step,
            [-2 * MOST_MOVED, 1 - 2 * MOST_MOVED] * 2,
            [2 * MOST_MOVED, 1 + 2 * MOST_MOVED] * 2,
        )
    return found


def _axis() -> NDArray[np.float32]:
    return ((np.arange(SIDE) + 0.5) * 2 / SIDE - 1).astype(np.float32)


def _sampled(pictures: NDArray[np.float32], laid: NDArray[np.float64]) -> NDArray[np.float32]:
    """Each picture at moved and stretched places, linearly between pixels; the edge goes on beyond it."""
    axis = _axis()[None, :]
    moved = []
    for shift, stretch in ((laid[:, 0:1], laid[:, 1:2]), (laid[:, 2:3], laid[:, 3:4])):
        at = np.clip((axis * stretch + shift + 1) * SIDE / 2 - 0.5, 0, SIDE - 1)
        moved.append(np.clip(1 - np.abs(at[:, :, None] - np.arange(SIDE)), 0, None).astype(np.float32))
    return np.asarray(moved[0] @ pictures @ moved[1].transpose(0, 2, 1))


def _smooth(pictures: NDArray[np.float32], sigma_px: float) -> NDArray[np.float32]:
    places = np.arange(SIDE)
    kernel = np.exp(-((places[:, None] - places) ** 2) / (2 * sigma_px**2))
    kernel = (kernel / kernel.sum(axis=1, keepdims=True)).astype(np.float32)
    return np.asarray(kernel @ pictures @ kernel.T)


def _correlation(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float64]:
    details = []
    for pictures in (a, b):
        detail = pictures - _smooth(pictures, SIGMA_PX)
        # Each place by its own strength, so that one bright marker does not decide.
        detail /= np.sqrt(_smooth(detail**2, 2 * SIGMA_PX) + 25.0)
        detail = detail[:, EDGE:-EDGE, EDGE:-EDGE].reshape(len(pictures), -1).astype(np.float64)
        detail -= detail.mean(axis=1, keepdims=True)
        details.append(detail)
    norms = [np.sqrt((detail**2).sum(axis=1)) for detail in details]
    return np.asarray((details[0] * details[1]).sum(axis=1) / np.maximum(norms[0] * norms[1], 1e-9))
