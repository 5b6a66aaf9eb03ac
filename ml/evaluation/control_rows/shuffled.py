"""The linear model trained on labels that were dealt out anew: what is reached with nothing to learn.

A training of the network on such labels would cost as much as its own; this is its cheap form, and named so.
"""

import numpy as np

from ml.evaluation.control_rows.seen import LABELS, NUMBERS, Control, Floats, Seen

SEED = 0


def _said(seen: Seen) -> Floats:
    order = np.random.default_rng(SEED).permutation(len(seen.truth))
    return seen.by_pixels(seen.pixels(), seen.truth[order])


CONTROL = Control(
    names={LABELS: "32x32 on shuffled labels", NUMBERS: "32x32 on shuffled labels"},
    tells="the linear model (not the network) trained on labels dealt out anew by a fixed seed: above chance, the "
    "figures themselves are wrong",
    said=_said,
)
