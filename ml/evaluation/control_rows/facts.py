"""A linear model of what the header says."""

from ml.evaluation.control_rows.columns import header_facts
from ml.evaluation.control_rows.seen import LABELS, NUMBERS, Control, Floats, Seen


def _said(seen: Seen) -> Floats:
    return seen.by_facts(header_facts(seen.data, seen.both))


CONTROL = Control(
    names={LABELS: "header facts only", NUMBERS: "header facts only"},
    tells="what age, sex, view and size tell without the picture (of files without a header the image's size alone): "
    "how far the cases were chosen unlike each other",
    said=_said,
)
