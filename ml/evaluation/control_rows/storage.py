"""A linear model of how each image is stored."""

from ml.evaluation.control_rows.columns import storage_columns
from ml.evaluation.control_rows.seen import LABELS, NUMBERS, Control, Floats, Seen


def _said(seen: Seen) -> Floats | None:
    columns = storage_columns(seen.data, seen.both)
    return seen.by_facts(columns) if columns.shape[1] > 1 else None


CONTROL = Control(
    names={LABELS: "how it is stored", NUMBERS: "how it is stored"},
    tells="what the kind of file, its bits and its compression tell: above chance, a network may have learned these",
    lacking="all images are stored alike",
    said=_said,
)
