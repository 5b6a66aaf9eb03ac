"""Numbers as sentences need them: with their noun, and as shares of a whole."""

from collections.abc import Sequence
from fractions import Fraction


def counted(count: int, noun: str, plural: str = "") -> str:
    """ "1 image", "2 images". plural: where it is not the noun with an s."""
    return f"{count} {noun if count == 1 else plural or noun + 's'}"


def counted_are(count: int, noun: str, plural: str = "") -> str:
    """ "1 image is", "2 images are"."""
    return f"{counted(count, noun, plural)} {'is' if count == 1 else 'are'}"


def percents(amounts: Sequence[float]) -> list[int]:
    """Whole percents of each amount that sum to 100: what rounding down leaves goes to the largest remainders, the
    earlier of equals first. All 0 where there is nothing. amounts: none below 0."""
    total = sum(map(Fraction, amounts))
    if total <= 0:
        return [0] * len(amounts)
    exact = [Fraction(amount) * 100 / total for amount in amounts]  # a rounded remainder would choose by chance
    shares = [int(share) for share in exact]
    order = sorted(range(len(exact)), key=lambda place: (shares[place] - exact[place], place))
    for place in order[: 100 - sum(shares)]:
        shares[place] += 1
    return shares
