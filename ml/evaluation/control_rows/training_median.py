"""The median of the numbers that were seen, said of every case."""

import numpy as np

from ml.evaluation.control_rows.seen import NUMBERS, Control, Floats, SeenNumbers, column_wise


def _said(seen: SeenNumbers) -> Floats:
    return np.tile(column_wise(np.median, seen.truth), (len(seen.both), 1))


CONTROL = Control(
    names={NUMBERS: "training median"},
    tells="what is reached by saying the median of the cases that were seen of every case",
    said=_said,
)
