"""The scores that each fold gives to what it held out, as one table: `negatoscope figures` reads it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from viewer.core.text.table_text import comma_text

if TYPE_CHECKING:
    from ml.evaluation.outcome import CaseRow

OUT_OF_FOLD = "out_of_fold.csv"
_HEADS = ("image", "patient", "fold")


def truth_column(label: str) -> str:
    """What the column of a label's truth is called."""
    return f"{label} truth"


def score_column(label: str) -> str:
    """What the column of a label's score is called."""
    return f"{label} score"


def out_of_fold_text(
    heads: Sequence[tuple[str, str, int]], rows: Sequence[Sequence["CaseRow"]], labels: Sequence[str]
) -> str:
    """The table, a row for each case. heads: (image, patient, fold) of each. rows: of each case its labels'.

    The truth of a label whose score counts for no figure is left empty.
    """
    columns = [name for label in labels for name in (truth_column(label), score_column(label))]
    table = []
    for head, each in zip(heads, rows, strict=True):
        cells: dict[str, object] = dict(zip(_HEADS, head, strict=True))
        for row in each:
            known = row.score is not None
            cells[truth_column(row.label)] = row.truth if known else ""
            cells[score_column(row.label)] = f"{row.score:.6f}" if known else ""
        table.append(cells)
    return comma_text((*_HEADS, *columns), table)
