"""What was said of numbers: how far the answers are from the truth, in the number's own unit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ml.evaluation.case_tables import CaseTable, Told, cases_table
from ml.evaluation.curves import BLAND_ALTMAN, SCATTER, Curve, line_of
from ml.evaluation.figures.agreement import agreement_curve, agreement_limits
from ml.evaluation.intervals import AMOUNT
from ml.evaluation.measures import Computed, Measure, Share, mean_of_defined, ratio
from ml.evaluation.outcome import UNKNOWN, CaseRow, Floats, Ints, Outcome
from ml.metric_words import quantity_name

AT_MOST_ONE = (-float("inf"), 1.0)
ALL_ALIKE = "the true numbers are all the same"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NumberOutcome(Outcome):
    """truth: (case, label), NaN where unknown. answers: (case, label). units: of each label, "" for none."""

    truth: Floats
    answers: Floats
    labels: tuple[str, ...]
    units: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Each label with its unit."""
        return tuple(quantity_name(label, unit) for label, unit in zip(self.labels, self.units, strict=True))

    @property
    def primary(self) -> str:
        """The mean absolute error; of several numbers, which have no unit in common, the mean R²."""
        return f"mae:{self.names[0]}" if len(self.labels) == 1 else "r2"

    def of_cases(self, places: Ints) -> "NumberOutcome":
        """See `Outcome`."""
        return replace(self, truth=self.truth[places], answers=self.answers[places])

    def measures(self) -> dict[str, Measure]:
        """mae, rmse, r2, bias and limits of agreement of each label; r2 over all of several."""
        result: dict[str, Measure] = {}
        known = ~np.isnan(self.truth)
        off = np.where(known, self.answers - self.truth, 0.0)
        if len(self.labels) > 1:
            some = np.asarray(known.any(axis=1))
            result["r2"] = Computed(function=self._mean_r2, counts=some, undefined=ALL_ALIKE, span=AT_MOST_ONE)
        for i, name in enumerate(self.names):
            there = known[:, i].astype(np.float64)
            result[f"mae:{name}"] = Share(top=np.abs(off[:, i]), bottom=there, amount=True)

            def rmse(weights: Floats, i: int = i, there: Floats = there) -> Floats:
                return np.sqrt(ratio(weights @ off[:, i] ** 2, weights @ there))

            def r2(weights: Floats, i: int = i) -> Floats:
                return self._r2(weights, i)

            result[f"rmse:{name}"] = Computed(function=rmse, counts=known[:, i], span=AMOUNT)
            result[f"r2:{name}"] = Computed(function=r2, counts=known[:, i], undefined=ALL_ALIKE, span=AT_MOST_ONE)
            result |= agreement_limits(off[:, i], known[:, i], label=name)
        return result

    def _r2(self, weights: Floats, i: int) -> Floats:
        """1 - the squared distances from the truth over those of the truth from its own mean. weights: (draw, case)."""
        known = ~np.isnan(self.truth[:, i])
        truth, answers, weights = self.truth[known, i], self.answers[known, i], weights[:, known]
        mean = ratio(weights @ truth, weights.sum(axis=1))
        around = np.einsum("dc,dc->d", weights, (truth[None] - mean[:, None]) ** 2)
        # Of numbers that are all the same rounding leaves a little.
        around[around <= 1e-12 * (weights @ truth**2)] = 0
        return 1 - ratio(weights @ (answers - truth) ** 2, around)

    def _mean_r2(self, weights: Floats) -> Floats:
        return mean_of_defined(np.stack([self._r2(weights, i) for i in range(len(self.labels))]))

    def rows(self) -> list[list[CaseRow]]:
        """Each label's number and answer; the score is how far the answer is off."""
        return [
            [
                CaseRow(
                    label=label,
                    score=None if np.isnan(truth) else float(abs(answer - truth)),
                    truth=UNKNOWN if np.isnan(truth) else f"{truth:.6g}",
                    answer=f"{answer:.6g}",
                )
                for label, truth, answer in zip(self.labels, truths, answers, strict=True)
            ]
            for truths, answers in zip(self.truth.tolist(), self.answers.tolist(), strict=True)
        ]

    def tables(self, names: Sequence[str]) -> tuple[CaseTable, ...]:
        """The cases with a known number, the furthest off first."""
        told = [
            Told(cells=(name, called, row.truth, row.answer, f"{row.score:.4g}"), wrong=False, place=-row.score)
            for name, rows in zip(names, self.rows(), strict=True)
            for called, row in zip(self.names, rows, strict=True)
            if row.score is not None
        ]
        if not told:
            return ()
        note = "Those whose answer is furthest off stand first."
        return (cases_table(("Case", "Number", "Truth", "Answer", "Off by"), told, title="The cases", note=note),)

    def curves(self) -> tuple[Curve, ...]:
        """The answers over the truth, and their differences over their means, of each number."""
        found = []
        for name, truth, answers in zip(self.names, self.truth.T, self.answers.T, strict=True):
            order = np.argsort(truth[~np.isnan(truth)], kind="stable")
            if len(order):
                points = (values[~np.isnan(truth)][order] for values in (truth, answers))
                found.append(Curve(kind=SCATTER, of=name, lines=(line_of("", *points),)))
                known = ~np.isnan(truth)
                found.append(Curve(kind=BLAND_ALTMAN, of=name, lines=agreement_curve(truth[known], answers[known])))
        return tuple(found)
