"""What was said of masks: their overlap with the true ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ml.evaluation.case_tables import CaseTable, Told, cases_table
from ml.evaluation.curves import Curve
from ml.evaluation.measures import Measure, Share
from ml.evaluation.outcome import UNKNOWN, Bools, CaseRow, Floats, Outcome
from ml.metric_words import number_text


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MaskOutcome(Outcome):
    """dice: (case, label) at native size, NaN where unknown. present: (case, label) whether the true mask holds any."""

    dice: Floats
    present: Bools
    labels: tuple[str, ...]
    primary: str = "dice"

    def measures(self) -> dict[str, Measure]:
        """dice: mean over cases of the mean over known labels; dice:LABEL with several."""
        known = ~np.isnan(self.dice)
        some = known.any(axis=1)
        case = np.where(some, np.nansum(self.dice, axis=1) / np.maximum(known.sum(axis=1), 1), 0.0)
        result: dict[str, Measure] = {"dice": Share(top=case, bottom=some.astype(float))}
        if len(self.labels) > 1:
            for i, label in enumerate(self.labels):
                result[f"dice:{label}"] = Share(top=np.nan_to_num(self.dice[:, i]), bottom=known[:, i].astype(float))
        return result

    def rows(self) -> list[list[CaseRow]]:
        """Each label's Dice; a label that is not known of a case has none."""
        return [[self._row(case, i) for i in range(len(self.labels))] for case in range(len(self.dice))]

    def _row(self, case: int, i: int) -> CaseRow:
        value = float(self.dice[case, i])
        there = "present" if self.present[case, i] else "empty"
        known = not np.isnan(value)
        return CaseRow(
            label=self.labels[i], score=value if known else None, truth=there if known else UNKNOWN, answer=""
        )

    def tables(self, names: Sequence[str]) -> tuple[CaseTable, ...]:
        """Each label of each case, the least overlap first."""
        told = [
            Told(cells=(name, row.label, row.truth, number_text(row.score)), wrong=False, place=row.score)
            for name, rows in zip(names, self.rows(), strict=True)
            for row in rows
            if row.score is not None
        ]
        if not told:
            return ()
        note = "Those with the least overlap stand first."
        return (cases_table(("Case", "Label", "Truth", "Overlap"), told, title="The cases", note=note),)

    def curves(self) -> tuple[Curve, ...]:
        """None."""
        return ()
