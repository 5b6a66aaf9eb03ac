"""What was said of boxes: how many are right, missed and false, and how well they lie."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ml.evaluation.average_precision import Matches
from ml.evaluation.boxes import BoxCase, hits
from ml.evaluation.case_tables import RIGHT_OR_WRONG, CaseTable, Told, cases_table, ordered
from ml.evaluation.confusion import MOST_LABELS, Confusion, box_confusion
from ml.evaluation.curves import Curve
from ml.evaluation.figures.froc import froc_curve, froc_measures
from ml.evaluation.intervals import SHARE
from ml.evaluation.measures import NO_BOX, NO_TRUE_BOX, Computed, Measure, Share
from ml.evaluation.metrics import matched_ious
from ml.evaluation.outcome import CaseRow, Floats, Ints, Outcome
from ml.metric_words import number_text
from viewer.core.text.counting import counted


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BoxOutcome(Outcome):
    """cases: one per image, in image points. thresholds: (case,) the operating points.

    The figure that decides is the F1 of the boxes that a reader is shown: it counts what is missed and what is proposed
    where nothing is. The mean overlap of true boxes counts neither look-alikes nor boxes beyond the true number.
    """

    cases: Sequence[BoxCase]
    thresholds: Floats
    labels: tuple[str, ...]
    primary: str = "f1"
    _precision: list[tuple[Floats, dict[str, Floats]]] = field(default_factory=list)
    _matches: list[Matches] = field(default_factory=list)

    def measures(self) -> dict[str, Measure]:
        """f1, precision, recall, false_positives at the operating point; iou; map, map50, map75 as COCO; froc."""
        true = np.array([len(case.truth) for case in self.cases], np.float64)
        overlaps = [matched_ious(c.truth, c.truth_labels, c.boxes, c.labels, c.scores) for c in self.cases]
        found = np.array([o.sum() for o in overlaps])
        every = np.ones(len(self.cases))
        result = self._cut_measures()
        result["iou"] = Share(top=found, bottom=true, undefined=NO_TRUE_BOX)
        for name in ("map", "map50", "map75"):
            result[name] = Computed(
                function=lambda weights, name=name: self._precisions(weights)[name],  # type: ignore[misc]
                counts=every > 0,
                undefined=NO_TRUE_BOX,
                span=SHARE,
            )
        return result | froc_measures(self.cases)

    def _cut_measures(self) -> dict[str, Measure]:
        """Those of the boxes that are shown."""
        true, said, right = self._counts().sum(axis=2).astype(np.float64)
        return {
            "f1": Share(top=2 * right, bottom=true + said, hit_weight=2, undefined=NO_BOX),
            "precision": Share(top=right, bottom=said, counted=True, undefined="no box is proposed"),
            "recall": Share(top=right, bottom=true, counted=True, undefined=NO_TRUE_BOX),
            "false_positives": Share(top=said - right, bottom=np.ones(len(self.cases)), amount=True),
        }

    def _precisions(self, weights: Floats) -> dict[str, Floats]:
        """The three together, remembered for the draws asked last: most of the work is the same."""
        if not self._matches:
            self._matches.append(Matches(cases=self.cases, labels=len(self.labels)))
        if len(weights) == 1:
            return self._matches[0].precisions(weights)
        if not self._precision or self._precision[0][0] is not weights:
            self._precision[:] = [(weights, self._matches[0].precisions(weights))]
        return self._precision[0][1]

    def _counts(self) -> Ints:
        """(3, case, label): true boxes, boxes at or above the cut, and how many of these are right."""
        counts = np.zeros((3, len(self.cases), len(self.labels)), np.int64)
        for number, (case, cut) in enumerate(zip(self.cases, self.thresholds.tolist(), strict=True)):
            shown = case.scores >= cut
            for kind, labels in enumerate((case.truth_labels, case.labels[shown], case.labels[shown & hits(case)])):
                counts[kind, number] = np.bincount(labels, minlength=len(self.labels))
        return counts

    def at_cuts(self, cuts: Floats) -> dict[str, Measure]:
        """See `Outcome`."""
        return replace(self, thresholds=cuts)._cut_measures()

    def of_cases(self, places: Ints) -> "BoxOutcome":
        """See `Outcome`."""
        cases = [self.cases[place] for place in places.tolist()]
        return replace(self, cases=cases, thresholds=self.thresholds[places], _precision=[], _matches=[])

    def rows(self) -> list[list[CaseRow]]:
        """Each label's mean overlap, number of true boxes, of boxes shown and of false ones; images without any too."""
        table = []
        for case, true, shown, right in zip(self.cases, *self._counts(), strict=True):
            overlaps = matched_ious(case.truth, case.truth_labels, case.boxes, case.labels, case.scores)
            table.append(
                [
                    CaseRow(
                        label=label,
                        score=float(overlaps[case.truth_labels == i].mean()) if true[i] else None,
                        truth=f"{true[i]}",
                        answer=f"{shown[i]}",
                        false=int(shown[i] - right[i]),
                    )
                    for i, label in enumerate(self.labels)
                ]
            )
        return table

    def tables(self, names: Sequence[str]) -> tuple[CaseTable, ...]:
        """Each label of each case: the boxes that are there, and those that are proposed."""
        told = [row for name, rows in zip(names, self.rows(), strict=True) for row in _told(name, rows)]
        return (
            (cases_table(("Case", "Label", "Truth", "Answer", "Overlap", RIGHT_OR_WRONG), told, what="answer"),)
            if told
            else ()
        )

    def confusion(self) -> Confusion | None:
        """See `Outcome`."""
        if len(self.labels) > MOST_LABELS:
            return None
        return box_confusion(self.cases, self.thresholds.tolist(), self.labels)

    def curves(self) -> tuple[Curve, ...]:
        """FROC of all labels together."""
        curve = froc_curve(self.cases, self.labels[0] if len(self.labels) == 1 else "all labels")
        return () if curve is None else (curve,)


def _told(name: str, rows: Sequence[CaseRow]) -> Iterator[Told]:
    for row in rows:
        false = row.false or 0
        answer = counted(int(row.answer), "box", "boxes") + (f", {false} false" if false else "")
        overlap = "" if row.score is None else number_text(row.score)
        missed = int(row.truth) - (int(row.answer) - false)
        cells = (name, row.label, counted(int(row.truth), "box", "boxes"), answer, overlap)
        yield ordered(cells, wrong=bool(false or missed), sure=float(false + missed))
