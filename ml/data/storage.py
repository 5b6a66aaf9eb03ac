"""How an image is stored, as facts that must not tell its class.

A set in which every film of one class was saved by another program is learned by its storage: a network that sees the
picture alone sees much of it, and figures on such a set say nothing of the disease.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.pixels import PixelFacts

# What each fact is called in a sentence.
WORDS = {
    "kind": "the kind of file",
    "photometric": "the photometric interpretation",
    "type": "the kind of number",
    "bits": "the bits of a value",
    "lossy": "the compression",
    "padding": "the padding",
    "slope": "the slope of its values",
    "size": "the size in pixels",
}


# Below these it is said of no label: chance alone makes such tables.
_FEWEST = 4
_TELLS = 0.75
_CHANCE = 0.01
_SHUFFLES = 999


def storage_facts(path: Path, stored: NDArray[Any], facts: PixelFacts) -> dict[str, str]:
    """By the names in `WORDS`, each as a word."""
    return {
        **file_facts(path, rows=stored.shape[0], cols=stored.shape[1]),
        "photometric": "PALETTE COLOR" if facts.palette is not None else facts.photometric,
        "type": stored.dtype.name,
        "bits": str(facts.bits_stored),
        "lossy": "lossy" if facts.lossy else "lossless",
        "padding": "padding" if facts.padding is not None else "no padding",
        "slope": f"{facts.rescale_slope:g}, {facts.rescale_intercept:g}",
    }


def file_facts(path: Path, *, rows: int, cols: int) -> dict[str, str]:
    """Those of them that are known before any file is read."""
    return {"kind": path.suffix.lower().lstrip(".") or "no ending", "size": f"{cols} x {rows}"}


def storage_doubts(
    facts: Sequence[Mapping[str, str]], truth: NDArray[np.floating[Any]], labels: Sequence[str]
) -> tuple[str, ...]:
    """One sentence per label that the way of storing tells. truth: (image, label) 1, 0, NaN.

    facts: of each image, all with the same names; those of `WORDS` that are not there are not looked at.
    """
    found = []
    names = [name for name in WORDS if facts and name in facts[0]]
    for place, label in enumerate(labels):
        known = ~np.isnan(truth[:, place])
        shows = truth[known, place] == 1
        if min(int(shows.sum()), int((~shows).sum())) < _FEWEST:
            continue
        told = {
            name: told_right([fact[name] for fact, is_known in zip(facts, known, strict=True) if is_known], shows)
            for name in names
        }
        telling = [name for name in names if told[name] >= _TELLS and not _by_chance(facts, known, shows, name)]
        if telling:
            best = max(telling, key=lambda name: told[name])
            also = [WORDS[name] for name in telling if name != best]
            more = f" (so do {', '.join(also)})" if also else ""
            found.append(
                f"How the images are stored tells {label}: {WORDS[best]} alone tells {told[best]:.0%} right{more}. A "
                "model may learn the storage and not the picture; store both alike, or take other images."
            )
    # Of two labels that exclude each other one sentence says it.
    return tuple(found[:1] if len(labels) == 2 and len(found) == 2 and _opposite(truth) else found)


def told_right(values: Sequence[str], shows: NDArray[np.bool_]) -> float:
    """Mean share of both classes that is told right by what other images of the same value show.

    Each image is left out of its own vote, so that a value that occurs once tells nothing.
    """
    kinds, place = np.unique(np.asarray(values), return_inverse=True)
    yes = np.bincount(place, weights=shows, minlength=len(kinds))
    count = np.bincount(place, minlength=len(kinds))
    # The vote is weighed by the classes' sizes, so that the larger class is no answer by itself.
    share = shows.mean()
    others_yes = (yes[place] - shows) * (1 - share)
    others_no = (count[place] - 1 - (yes[place] - shows)) * share
    right = np.where(others_yes == others_no, 0.5, (others_yes > others_no) == shows)
    return float((right[shows].mean() + right[~shows].mean()) / 2)


def _by_chance(
    facts: Sequence[Mapping[str, str]], known: NDArray[np.bool_], shows: NDArray[np.bool_], name: str
) -> bool:
    """Whether shuffled classes are told as well by this fact more often than once in a hundred."""
    values = [fact[name] for fact, is_known in zip(facts, known, strict=True) if is_known]
    reached, rng = told_right(values, shows), np.random.default_rng(0)
    as_well = sum(told_right(values, rng.permutation(shows)) >= reached for _ in range(_SHUFFLES))
    return (as_well + 1) / (_SHUFFLES + 1) > _CHANCE


def _opposite(truth: NDArray[np.floating[Any]]) -> bool:
    known = ~np.isnan(truth).any(axis=1)
    return bool((truth[known].sum(axis=1) == 1).all())
