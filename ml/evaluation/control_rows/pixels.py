"""A linear model of the picture at 32x32."""

from ml.evaluation.control_rows.seen import LABELS, NUMBERS, Control, Floats, Seen


def _said(seen: Seen) -> Floats:
    return seen.by_pixels(seen.pixels())


CONTROL = Control(
    names={LABELS: "logistic regression on 32x32", NUMBERS: "linear regression on 32x32"},
    tells="what brightness and coarse shape alone tell: a network that is no better has learned no more than these",
    said=_said,
)
