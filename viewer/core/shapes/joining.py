"""Which shapes on neighbouring slices are one thing: those of a label that lie over each other, slice after slice."""

from collections.abc import Sequence
from dataclasses import dataclass

from viewer.core.shapes.region_overlap import SAME_PLACE, shared_part
from viewer.core.shapes.shape import Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A shape on one slice. key: what it is known by."""

    key: str
    label: str
    shape: Shape


def joined(slices: Sequence[Sequence[Piece]], rows: int, cols: int) -> list[list[str]]:
    """The keys of the pieces that are one thing, two and more, in the order of their slices.

    slices: what lies on each slice of a stack, in the order of space; a slice without any ends what passes through it.
    rows, cols: of every slice. Of two slices those pairs are one thing that share most, from SAME_PLACE of the smaller
    one on; each piece goes on in one piece at the most, so that two lesions that meet stay two.
    """
    chains: list[list[str]] = []
    before: dict[str, list[str]] = {}  # chain of each piece on the slice before
    last: Sequence[Piece] = ()
    for pieces in slices:
        followed = _pairs(last, pieces, rows, cols)
        now: dict[str, list[str]] = {}
        for piece in pieces:
            chain = before[followed[piece.key]] if piece.key in followed else []
            chain.append(piece.key)
            if len(chain) == 1:
                chains.append(chain)
            now[piece.key] = chain
        before, last = now, pieces
    return [chain for chain in chains if len(chain) > 1]


def _pairs(first: Sequence[Piece], second: Sequence[Piece], rows: int, cols: int) -> dict[str, str]:
    """Of two neighbouring slices, the key of the second to that of the first which it goes on with."""
    shares = [
        (shared_part(one.shape, other.shape, rows, cols), place, one.key, other.key)
        for place, (one, other) in enumerate((one, other) for one in first for other in second)
        if one.label == other.label
    ]
    pairs: dict[str, str] = {}
    gone: set[str] = set()
    for share, _, one, other in sorted(shares, key=lambda found: (-found[0], found[1])):
        if share >= SAME_PLACE and one not in gone and other not in pairs:
            pairs[other] = one
            gone.add(one)
    return pairs
