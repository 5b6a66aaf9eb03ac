"""The share of each label among the cases that were seen, said of every case."""

import numpy as np

from ml.evaluation.control_rows.seen import LABELS, Control, Floats, SeenLabels, column_wise


def _said(seen: SeenLabels) -> Floats:
    return np.tile(column_wise(np.mean, seen.truth), (len(seen.both), 1))


CONTROL = Control(
    names={LABELS: "most frequent class"},
    tells="what is reached by saying the same of every case: the least that a figure is worth",
    said=_said,
)
