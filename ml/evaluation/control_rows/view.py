"""A linear model of the view alone."""

from ml.evaluation.control_rows.columns import view_columns
from ml.evaluation.control_rows.seen import LABELS, Control, Floats, Seen


def _said(seen: Seen) -> Floats | None:
    columns = view_columns(seen.data, seen.both)
    return seen.by_facts(columns) if columns.shape[1] > 1 else None


CONTROL = Control(
    names={LABELS: "view alone"},
    tells="what the view tells: who is too ill to stand is taken in another one",
    lacking="all images say the same view, or none",
    said=_said,
)
