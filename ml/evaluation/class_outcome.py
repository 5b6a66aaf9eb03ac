"""What was said of whole-image labels: measures of the scores and of the answers at the operating point."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ml.evaluation.case_tables import RIGHT_OR_WRONG, CaseTable, Told, cases_table, ordered
from ml.evaluation.classes import guesses, rule_of
from ml.evaluation.curves import PRECISION, RELIABILITY, ROC, Curve, Line, line_of, precision_points, roc_points
from ml.evaluation.figures.class_measures import (
    LabelAnswers,
    answer_measures,
    calibrated_measures,
    point_measures,
    score_measures,
    ways_of_positive,
)
from ml.evaluation.figures.probabilities import is_probability, reliability_points
from ml.evaluation.intervals import SHARE
from ml.evaluation.measures import (
    NO_NUMBER,
    NOTHING_THERE,
    ONE_CLASS,
    Computed,
    MeanOf,
    Measure,
    OfSums,
    Ranking,
    Share,
    mean_of_defined,
    ratio,
)
from ml.evaluation.outcome import NO, UNKNOWN, YES, Bools, CaseRow, Floats, Ints, Outcome
from ml.metric_words import number_text
from viewer.core.deciding import score_words

MOST_LABELS = 12  # of a table of truth against answers: more columns are no table to read
ANSWER_GIVEN = "answered {}"
# Of exclusive labels a row says the score of the answer; else that of its label, which a "no" is below the cut with.
SCORE_OF_ANSWER, SCORE_OF_LABEL = "Score of the answer", "Score of the label"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClassOutcome(Outcome):
    """truth: (case, label) 1, 0, NaN. scores: (case, label). thresholds, folds: (case,). calibrated: scores as
    probabilities by what validation gave, None without."""

    truth: Floats
    scores: Floats
    thresholds: Floats
    folds: Ints
    labels: tuple[str, ...]
    exclusive: bool
    primary: str = "auc"
    calibrated: Floats | None = None

    def measures(self) -> dict[str, Measure]:
        """auc (pooled), auc_fold_mean, accuracy, macro_f1, auc:LABEL where there are several outputs, and those of
        `answer_measures` and `score_measures`.

        macro_f1 is the mean over the labels that occur, in the truth or in the answers (as scikit-learn's f1_score).
        """
        known = ~np.isnan(self.truth)
        some = np.asarray(known.any(axis=1))
        said = guesses(self.scores, self.thresholds, exclusive=self.exclusive)
        yes = self.truth == 1
        result: dict[str, Measure] = {"auc": self._area()}
        if len(np.unique(self.folds)) > 1:
            result["auc_fold_mean"] = MeanOf(
                parts=tuple(self._area(self.folds == fold) for fold in np.unique(self.folds)),
                undefined=ONE_CLASS, classes=self._both_kinds(),
            )  # fmt: skip
        if self.exclusive:
            whole = known.all(axis=1)
            right = (said == yes).all(axis=1) & whole
            result["accuracy"] = Share(top=right, bottom=np.asarray(whole), counted=True)
        else:
            right = ((said == yes) & known).sum(axis=1)
            result["accuracy"] = Share(top=right.astype(float), bottom=known.sum(axis=1).astype(float), counted=True)

        columns = np.concatenate([said & yes & known, said & known, yes & known], axis=1)

        def macro_f1(sums: Floats) -> Floats:
            hit, answered, there = np.split(sums, 3, axis=1)
            return mean_of_defined(ratio(2 * hit, answered + there).T)

        result["macro_f1"] = OfSums(
            columns=columns, function=macro_f1, counts=some, undefined=NOTHING_THERE, span=SHARE,
            classes=self._both_kinds(),
        )  # fmt: skip
        if len(self.labels) > (2 if self.exclusive else 1):
            for i, label in enumerate(self.labels):
                result[f"auc:{label}"] = Ranking(truth=self.truth[:, i], scores=self.scores[:, i])
        answers = self._answers(self.thresholds)
        result |= answer_measures(answers) | score_measures(answers)
        if self.calibrated is not None:
            result |= calibrated_measures(replace(answers, scores=self.calibrated))
        return self._sound(result, known)

    def of_cases(self, places: Ints) -> "ClassOutcome":
        """See `Outcome`."""
        return replace(
            self, truth=self.truth[places], scores=self.scores[places], thresholds=self.thresholds[places],
            folds=self.folds[places], calibrated=None if self.calibrated is None else self.calibrated[places],
        )  # fmt: skip

    def _answers(self, cuts: Floats) -> LabelAnswers:
        said = guesses(self.scores, cuts, exclusive=self.exclusive)
        return LabelAnswers(
            truth=self.truth, said=said, scores=self.scores, labels=self.labels, exclusive=self.exclusive
        )

    def at_cuts(self, cuts: Floats) -> dict[str, Measure]:
        """See `Outcome`."""
        if not any(map(self._is_cut, self.labels)):
            return {}
        return point_measures(self._answers(cuts))

    def positive_ways(self) -> Floats | None:
        """See `Outcome`."""
        return ways_of_positive(self._answers(self.thresholds))

    def _sound(self, measures: dict[str, Measure], known: Bools) -> dict[str, Measure]:
        """No figure of scores that are no numbers: an order or a cut makes one of them all the same."""
        if np.isfinite(self.scores[known]).all():
            return measures
        nothing = Computed(
            function=lambda weights: np.full(len(weights), np.nan),
            counts=np.asarray(known.any(axis=1)),
            undefined=NO_NUMBER,
        )
        return dict.fromkeys(measures, nothing)

    def _area(self, here: Bools | None = None) -> Measure:
        """The area under the curve of the one label that says it all, or the mean over the labels. here: (case,) of
        these cases alone."""
        truth = self.truth if here is None else np.where(here[:, None], self.truth, np.nan)
        pair = self.exclusive and len(self.labels) == 2
        parts = tuple(
            Ranking(truth=truth[:, i], scores=self.scores[:, i]) for i in ([1] if pair else range(len(self.labels)))
        )
        if len(parts) == 1:
            return parts[0]
        return MeanOf(parts=parts, undefined=ONE_CLASS, classes=self._both_kinds())

    def _both_kinds(self) -> tuple[Floats, ...]:
        """The truth of each label that some cases have and others lack: an interval takes patients of both."""
        return tuple(column for column in self.truth.T if {0.0, 1.0} <= set(column.tolist()))

    def rows(self) -> list[list[CaseRow]]:
        """Each label's probability, unknown ones too; the answer is what is said at the operating point."""
        words = {1.0: YES, 0.0: NO}
        said = guesses(self.scores, self.thresholds, exclusive=self.exclusive)
        return [
            [
                CaseRow(
                    label=label,
                    score=float(self.scores[case, i]),
                    truth=words.get(float(self.truth[case, i]), UNKNOWN),
                    answer=YES if said[case, i] else NO,
                )
                for i, label in enumerate(self.labels)
            ]
            for case in range(len(self.truth))
        ]

    def tables(self, names: Sequence[str]) -> tuple[CaseTable, ...]:
        """Truth against answers where that is a table to read, and the cases: one row each where one label holds."""
        cuts = self.thresholds.tolist()
        each = zip(names, self.rows(), cuts, strict=True)
        told = [row for name, rows, cut in each for row in self._told(name, rows, cut)]
        answers = (self._truth_and_answers(),) if len(self.labels) <= MOST_LABELS else ()
        if not told:
            return answers
        columns = (
            "Case",
            *(() if self.exclusive else ("Label",)),
            "Truth",
            "Answer",
            SCORE_OF_ANSWER if self.exclusive else SCORE_OF_LABEL,
            RIGHT_OR_WRONG,
        )
        return (*answers, cases_table(columns, told, what="case" if self.exclusive else "answer"))

    def _truth_and_answers(self) -> CaseTable:
        known, yes = ~np.isnan(self.truth), self.truth == 1
        said = guesses(self.scores, self.thresholds, exclusive=self.exclusive)
        labels = self.labels
        if self.exclusive:
            whole = known.all(axis=1) & yes.any(axis=1)
            counts = yes[whole].T.astype(int) @ said[whole].astype(int)
            rows = tuple((label, *map(str, row)) for label, row in zip(labels, counts.tolist(), strict=True))
            heads = ("Truth", *(ANSWER_GIVEN.format(label) for label in labels))
        else:
            heads = ("Label", "there and found", "there and missed", "false alarm", "neither")
            ways = [yes & said, yes & ~said, ~yes & said, ~yes & ~said]
            each = np.stack([(way & known).sum(axis=0) for way in ways], axis=1).tolist()
            rows = tuple((label, *map(str, row)) for label, row in zip(labels, each, strict=True))
        return CaseTable(title="Truth and answers, in cases", columns=heads, rows=rows)

    def held(self) -> Floats:
        """Of two exclusive labels those of the second, of several that exclude each other none."""
        return self.scores[:, [self._is_cut(label) for label in self.labels]].ravel()

    def _is_cut(self, label: str) -> bool:
        return rule_of(self.labels, exclusive=self.exclusive).is_cut(label)

    def _score_text(self, label: str, score: float | None, cut: float) -> str:
        """With the digits of every figure, and as many as tell it from the cut that it was held against."""
        if score is None or not math.isfinite(score) or not self._is_cut(label):
            return number_text(score)
        return max(number_text(score), score_words(score, cut), key=len)

    def _told(self, name: str, rows: Sequence[CaseRow], cut: float) -> Iterator[Told]:
        if self.exclusive:
            truth, answer = (next((r for r in rows if getattr(r, of) == YES), None) for of in ("truth", "answer"))
            if truth is not None and answer is not None:
                cells = (name, truth.label, answer.label, self._score_text(answer.label, answer.score, cut))
                yield ordered(cells, wrong=truth.label != answer.label, sure=answer.score or 0.0)
            return
        for row in rows:
            if row.truth != UNKNOWN:
                score = row.score or 0.0
                each = (name, row.label, row.truth, row.answer, self._score_text(row.label, score, cut))
                yield ordered(each, wrong=row.truth != row.answer, sure=abs(score - 0.5))

    def curves(self) -> tuple[Curve, ...]:
        """ROC, precision over recall, and reliability of each label.

        Of two exclusive labels the second says it all: it is the one whose score is cut, and is named with the other. A
        label of which only one kind of case is there has none.
        """
        return tuple(self._curves())

    def _curves(self) -> Iterator[Curve]:
        pair = self.exclusive and len(self.labels) == 2
        said = guesses(self.scores, self.thresholds, exclusive=self.exclusive)
        for column in range(1, 2) if pair else range(len(self.labels)):
            known = ~np.isnan(self.truth[:, column])
            truth, scores = self.truth[known, column] == 1, self.scores[known, column]
            if truth.all() or not truth.any() or not np.isfinite(scores).all():
                continue
            of = f"{self.labels[1]} against {self.labels[0]}" if pair else self.labels[column]
            answers = said[known, column] if self._is_cut(self.labels[column]) else None
            for kind, points in ((ROC, roc_points), (PRECISION, precision_points)):
                lines = [line_of("", *points(truth, scores))]
                if answers is not None and (kind == ROC or answers.any()):
                    lines.append(_point(kind, truth, answers))
                yield Curve(kind=kind, of=of, lines=tuple(lines))
            if is_probability(scores):
                name = "" if self.calibrated is None else "as it is"
                lines = [line_of(name, *reliability_points(truth, scores)[:2])]
                if self.calibrated is not None:
                    lines.append(line_of("calibrated", *reliability_points(truth, self.calibrated[known, column])[:2]))
                yield Curve(kind=RELIABILITY, of=of, lines=tuple(lines))


def _point(kind: str, truth: Bools, answers: Bools) -> Line:
    """Where the operating point lies in a curve, as a line of one point. truth, answers: (case,)."""
    found = float(answers[truth].mean())
    x, y = (float(answers[~truth].mean()), found) if kind == ROC else (found, float(truth[answers].mean()))
    return Line(name="operating point", x=(x,), y=(y,))
