"""What was said of masks: their overlap with the true ones, how far outlines lie apart, by how much areas differ."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ml.evaluation.case_tables import CaseTable, Told, cases_table
from ml.evaluation.confusion import MOST_LABELS, PIXELS, Confusion
from ml.evaluation.curves import BLAND_ALTMAN, Curve
from ml.evaluation.figures.agreement import agreement_curve, agreement_limits
from ml.evaluation.figures.masks import MaskTable, of_some
from ml.evaluation.measures import Measure, Share
from ml.evaluation.outcome import UNKNOWN, Bools, CaseRow, Floats, Ints, Outcome
from ml.metric_words import number_text
from viewer.core.text.counting import counted

BOTH_EMPTY = "in every case both masks are empty"
NO_SPACING = "no image says its pixel spacing, so nothing is known in mm"
THERE, EMPTY = "present", "empty"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MaskOutcome(Outcome):
    """dice: (case, label) at native size, NaN where unknown or where both masks are empty. present: (case, label)
    whether the true mask holds any. table: what else was measured; None of a report that is read back."""

    dice: Floats
    present: Bools
    labels: tuple[str, ...]
    table: MaskTable | None = None
    primary: str = "dice"

    @classmethod
    def of(cls, table: MaskTable, labels: tuple[str, ...]) -> "MaskOutcome":
        """With all that was measured."""
        return cls(dice=table.dice, present=table.present, labels=labels, table=table)

    @property
    def known(self) -> Bools:
        """(case, label) whether the label is known of the case."""
        return self.table.known if self.table is not None else np.asarray(~np.isnan(self.dice))

    def measures(self) -> dict[str, Measure]:
        """Means over cases of the mean over labels of dice, mask_iou, surface_dice, hd95; dice:LABEL and so on with
        several; of areas bias and limits of agreement of each label."""
        result = self._means("dice", self.dice, why=BOTH_EMPTY)
        if self.table is None:
            return result
        result |= self._means("mask_iou", self.table.iou, why=BOTH_EMPTY)
        lacking = BOTH_EMPTY if self.table.spaced.any() else NO_SPACING
        result |= self._means("surface_dice", self.table.surface_dice, why=lacking)
        result |= self._means("hd95", self.table.hd95_mm, why=lacking, amount=True)
        off, there = self.table.said_mm2 - self.table.true_mm2, ~np.isnan(self.table.true_mm2)
        for i, label in enumerate(self.labels):
            named = label if len(self.labels) > 1 else ""
            why = NO_SPACING if not there[:, i].any() else ""
            result |= agreement_limits(np.nan_to_num(off[:, i]), there[:, i], of="area_", label=named, why=why)
        return result

    def of_cases(self, places: Ints) -> "MaskOutcome":
        """See `Outcome`."""
        table = None if self.table is None else of_some(self.table, places)
        return replace(self, dice=self.dice[places], present=self.present[places], table=table)

    def _means(self, name: str, values: Floats, *, why: str, amount: bool = False) -> dict[str, Measure]:
        there = ~np.isnan(values)
        some = there.any(axis=1)
        case = np.where(some, np.nansum(values, axis=1) / np.maximum(there.sum(axis=1), 1), 0.0)
        result: dict[str, Measure] = {name: Share(top=case, bottom=some.astype(float), undefined=why, amount=amount)}
        if len(self.labels) > 1:
            for i, label in enumerate(self.labels):
                top, bottom = np.nan_to_num(values[:, i]), there[:, i].astype(float)
                result[f"{name}:{label}"] = Share(top=top, bottom=bottom, undefined=why, amount=amount)
        return result

    def rows(self) -> list[list[CaseRow]]:
        """Each label's Dice; a label that is not known of a case has none, nor has one of two empty masks."""
        return [[self._row(case, i) for i in range(len(self.labels))] for case in range(len(self.dice))]

    def _row(self, case: int, i: int) -> CaseRow:
        value, known = float(self.dice[case, i]), bool(self.known[case, i])
        answer = ""
        if self.table is not None and known:
            answer = THERE if self.table.answered[case, i] else EMPTY
        return CaseRow(
            label=self.labels[i],
            score=None if np.isnan(value) else value,
            truth=(THERE if self.present[case, i] else EMPTY) if known else UNKNOWN,
            answer=answer,
        )

    def tables(self, names: Sequence[str]) -> tuple[CaseTable, ...]:
        """Each label of each case, the least overlap first."""
        told = list(self._told(names))
        if not told:
            return ()
        note = "Those with the least overlap stand first."
        columns = ("Case", "Label", "Truth", "Overlap", *(("HD95 in mm",) if self._has_mm else ()))
        return (cases_table(columns, told, title="The cases", note=note),)

    @property
    def _has_mm(self) -> bool:
        return self.table is not None and bool(self.table.spaced.any())

    def _told(self, names: Sequence[str]) -> Iterator[Told]:
        for case, (name, rows) in enumerate(zip(names, self.rows(), strict=True)):
            for i, row in enumerate(rows):
                if row.score is not None:
                    far = (_mm(self.table.hd95_mm[case, i]),) if self.table is not None and self._has_mm else ()
                    cells = (name, row.label, row.truth, number_text(row.score), *far)
                    yield Told(cells=cells, wrong=False, place=row.score)

    def confusion(self) -> Confusion | None:
        """See `Outcome`."""
        if self.table is None or len(self.labels) > MOST_LABELS:
            return None
        return Confusion(unit=PIXELS, labels=self.labels, each=self.table.confused)

    def curves(self) -> tuple[Curve, ...]:
        """Agreement of the areas of each label, where any is known in mm²."""
        if self.table is None:
            return ()
        found = []
        for i, label in enumerate(self.labels):
            there = ~np.isnan(self.table.true_mm2[:, i])
            lines = agreement_curve(self.table.true_mm2[there, i], self.table.said_mm2[there, i])
            if lines:
                found.append(Curve(kind=BLAND_ALTMAN, of=f"areas of {label} in mm²", lines=lines))
        return tuple(found)

    def notes(self) -> list[str]:
        """How many masks are empty, and how many images do not say how large their pixels are."""
        if self.table is None:
            return []
        known = self.table.known
        one = int((known & (self.table.present != self.table.answered)).sum())
        both = int((known & ~self.table.present & ~self.table.answered).sum())
        notes = []
        if one or both:
            notes.append(
                f"Of {counted(int(known.sum()), 'pair')} of a true and a proposed mask {one} "
                f"{'has' if one == 1 else 'have'} one that is empty (Dice 0, and as HD95 the image's diagonal), and "
                f"{both} {'is' if both == 1 else 'are'} empty both, which no mean counts."
            )
        without = int((~self.table.spaced).sum())
        if without and self.table.spaced.any():
            notes.append(
                f"{counted(without, 'image')} of {len(self.table.spaced)} {'does' if without == 1 else 'do'} not say "
                "the pixel spacing: figures in mm and mm² are of the others."
            )
        return notes


def _mm(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.1f}"
