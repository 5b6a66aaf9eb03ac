"""How an image is stored, as facts that must not tell its class.

A set in which every film of one class was saved by another program is learned by its storage: a network that sees the
picture alone sees much of it, and figures on such a set say nothing of the disease.
"""

from pathlib import Path
from typing import Any

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


def storage_facts(path: Path, stored: NDArray[Any], facts: PixelFacts) -> dict[str, str]:
    """By the names in `WORDS`, each as a word."""
    return {
        "kind": path.suffix.lower().lstrip(".") or "no ending",
        "photometric": "PALETTE COLOR" if facts.palette is not None else facts.photometric,
        "type": stored.dtype.name,
        "bits": str(facts.bits_stored),
        "lossy": "lossy" if facts.lossy else "lossless",
        "padding": "padding" if facts.padding is not None else "no padding",
        "slope": f"{facts.rescale_slope:g}, {facts.rescale_intercept:g}",
        "size": f"{stored.shape[1]} x {stored.shape[0]}",
    }
