"""How often an interval holds the truth: cases are made from a distribution whose figures are known, many times over.

Not a test; `test_coverage.py` runs it. What is counted is how often the interval of a figure holds the value that the
figure has of all patients there could be. A repetition in which the figure has no interval (too few of a class) counts
for nothing, and how many those are is told.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, norm

from ml.evaluation.box_outcome import BoxOutcome
from ml.evaluation.boxes import BoxCase
from ml.evaluation.comparing import difference
from ml.evaluation.figures.any_scores import cut_measures, score_measures
from ml.evaluation.intervals import Figure
from ml.evaluation.leaving_out import Groups
from ml.evaluation.mask_outcome import MaskOutcome
from ml.evaluation.measures import Measure, figure_of
from ml.evaluation.number_outcome import NumberOutcome

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Generator = np.random.Generator
Measures = Mapping[str, Measure | tuple[Measure, Measure]]  # two: their difference
MOST_FILMS = 8
HERE = np.array([0.0, 0, 10, 10])
OF_BOXES = ("f1", "precision", "recall", "false_positives", "map50", "froc")
OVERLAP = (18, 2)  # of a mask that is no failure: a beta distribution with mean 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """Films with a score of one label: normal, `apart` higher with it than without.

    alike: the share of a score's variance that all films of a patient have in common. by_patient: whether all films of
    a patient have one truth; else they are only alike in it. certainty: how much surer the probabilities are than they
    should be; 1 is calibrated.
    """

    name: str
    area: float = 0.85
    prevalence: float = 0.4
    alike: float = 0.5
    by_patient: bool = False
    cut: float = 0.7
    certainty: float = 1.5

    @property
    def apart(self) -> float:
        return float(np.sqrt(2) * norm.ppf(self.area))

    def probability(self, scores: Floats) -> Floats:
        """Of a normal score of two classes of one spread, by Bayes, and made surer."""
        odds = self.apart * scores - self.apart**2 / 2 + np.log(self.prevalence / (1 - self.prevalence))
        return np.asarray(1 / (1 + np.exp(-self.certainty * odds)))

    def draw(self, patient: Ints, count: int, rng: Generator) -> tuple[Floats, Floats]:
        """(film,) truth and probability. patient: (film,) whose each is, of `count`."""
        own = norm.cdf(np.sqrt(0.5) * (rng.normal(size=count)[patient] + rng.normal(size=len(patient))))
        truth = ((rng.random(count)[patient] if self.by_patient else own) < self.prevalence).astype(np.float64)
        noise = np.sqrt(self.alike) * rng.normal(size=count)[patient]
        noise += np.sqrt(1 - self.alike) * rng.normal(size=len(patient))
        return truth, self.probability(self.apart * truth + noise)

    def truths(self) -> dict[str, float]:
        """Every figure of all films there could be, by the two normal distributions."""
        hit, rest, p = float(norm.sf(self.cut - self.apart)), float(norm.cdf(self.cut)), self.prevalence
        found = p * hit + (1 - p) * (1 - rest)
        right, by_chance = p * hit + (1 - p) * rest, p * found + (1 - p) * (1 - found)
        grid = np.linspace(-9, 9 + self.apart, 200_001)
        step, score = grid[1] - grid[0], self.probability(grid)
        with_it, without = p * norm.pdf(grid - self.apart), (1 - p) * norm.pdf(grid)
        above, all_above = (p * norm.sf(grid - self.apart), (1 - p) * norm.sf(grid))
        bins = np.minimum((score * 10).astype(int), 9)
        off = np.bincount(bins, (score * (with_it + without) - with_it) * step, minlength=10)
        return {
            "auc": self.area,
            "average_precision": float((with_it * above / np.maximum(above + all_above, 1e-300)).sum() * step / p),
            "brier": float((with_it * (1 - score) ** 2 + without * score**2).sum() * step),
            "ece": float(np.abs(off).sum()),
            "accuracy": right,
            "balanced_accuracy": (hit + rest) / 2,
            "sensitivity": hit,
            "specificity": rest,
            "ppv": p * hit / found,
            "npv": (1 - p) * rest / (1 - found),
            "f1": 2 * p * hit / (p + found),
            "kappa": (right - by_chance) / (1 - by_chance),
        }

    def measures(self, patient: Ints, count: int, rng: Generator) -> Measures:
        truth, scores = self.draw(patient, count, rng)
        return score_measures(truth, scores) | cut_measures(truth, scores, float(self.probability(np.array(self.cut))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Films that are answered right or wrong, those of a patient alike. alike: as in `Scored`."""

    name: str
    right: float = 0.9
    alike: float = 0.5

    def truths(self) -> dict[str, float]:
        return {"accuracy": self.right}

    def measures(self, patient: Ints, count: int, rng: Generator) -> Measures:
        place = np.sqrt(self.alike) * rng.normal(size=count)[patient]
        place += np.sqrt(1 - self.alike) * rng.normal(size=len(patient))
        answers = (place < norm.ppf(self.right)).astype(np.float64)
        return {"accuracy": cut_measures(np.ones(len(patient)), answers, 0.5)["accuracy"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """Films with a mask. failures: the share that misses wholly (Dice 0). alike: as in `Scored`."""

    name: str
    failures: float = 0.05
    alike: float = 0.5

    def truths(self) -> dict[str, float]:
        return {"dice": (1 - self.failures) * OVERLAP[0] / sum(OVERLAP)}

    def measures(self, patient: Ints, count: int, rng: Generator) -> Measures:
        place = np.sqrt(self.alike) * rng.normal(size=count)[patient]
        place += np.sqrt(1 - self.alike) * rng.normal(size=len(patient))
        share = (norm.cdf(place) - self.failures) / (1 - self.failures)
        dice = np.where(share < 0, 0.0, beta.ppf(np.clip(share, 0, 1), *OVERLAP))
        outcome = MaskOutcome(dice=dice[:, None], present=np.ones((len(dice), 1), bool), labels=("lung",))
        return {"dice": outcome.measures()["dice"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Twins:
    """Two models as good as each other, of which each film has two scores that are partly alike: no difference."""

    name: str
    of: Scored

    def truths(self) -> dict[str, float]:
        return {"auc": 0.0, "accuracy": 0.0}

    def measures(self, patient: Ints, count: int, rng: Generator) -> Measures:
        truth, first = self.of.draw(patient, count, rng)
        cut = float(self.of.probability(np.array(self.of.cut)))
        # The same normal score again, half of its noise exchanged for another.
        odds = np.log(first / (1 - first)) / self.of.certainty - np.log(self.of.prevalence / (1 - self.of.prevalence))
        noise = (odds + self.of.apart**2 / 2) / self.of.apart - self.of.apart * truth
        other = np.sqrt(0.5) * noise + np.sqrt(0.5) * rng.normal(size=len(patient))
        both = [score_measures(truth, s) | cut_measures(truth, s, cut)
                for s in (first, self.of.probability(self.of.apart * truth + other))]  # fmt: skip
        return {figure: (both[0][figure], both[1][figure]) for figure in self.truths()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """Films with a number, of variance 5, and an answer that is off by a normal distance; half of each by patient."""

    name: str
    off: float = 1.0

    def truths(self) -> dict[str, float]:
        return {"mae": self.off * np.sqrt(2 / np.pi), "rmse": self.off, "r2": 1 - self.off**2 / 5}

    def measures(self, patient: Ints, count: int, rng: Generator) -> Measures:
        truth = 2 * rng.normal(size=count)[patient] + rng.normal(size=len(patient))
        off = self.off * np.sqrt(0.5) * (rng.normal(size=count)[patient] + rng.normal(size=len(patient)))
        outcome = NumberOutcome(truth=truth[:, None], answers=(truth + off)[:, None], labels=("x",), units=("",))
        return {name.partition(":")[0]: measure for name, measure in outcome.measures().items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Boxed:
    """Films with one box or none, and boxes proposed there and elsewhere, whose scores are alike within a patient."""

    name: str

    def truths(self) -> dict[str, float]:
        """Of 40,000 patients with one film each: their own error is a thirtieth of that of 50."""
        every = np.arange(40_000)
        measures = self.measures(every, len(every), np.random.default_rng(99))
        return {name: float(measures[name].values(np.ones((1, len(every))))[0]) for name in OF_BOXES}

    def measures(self, patient: Ints, count: int, rng: Generator) -> dict[str, Measure]:
        alike = 0.7 * rng.normal(size=count)[patient]
        cases = [self._film(float(own), rng) for own in alike]
        outcome = BoxOutcome(cases=cases, thresholds=np.full(len(cases), 0.5), labels=("x",))
        return outcome.measures()

    def _film(self, alike: float, rng: Generator) -> BoxCase:
        there = rng.random() < 0.6
        found = int(there and rng.random() < 0.9)
        near = HERE + (0.0 if rng.random() < 0.8 else 2.0)  # two to each side overlap by less than a half
        odds = np.where(np.arange(found + rng.poisson(0.5)) < found, 1.0, -1.0)
        boxes = np.where((odds > 0)[:, None], near, HERE + 50)
        scores = 1 / (1 + np.exp(-(odds + alike + rng.normal(size=len(odds)))))
        return BoxCase(
            truth=np.tile(HERE, (int(there), 1)), truth_labels=np.zeros(int(there), np.int64), boxes=boxes,
            labels=np.zeros(len(odds), np.int64), scores=scores,
        )  # fmt: skip


Design = Scored | Answered | Drawn | Twins | Numbered | Boxed
# Which cases belong together: (film,) whose each is, to what is taken for a patient.
Taken = Callable[[Ints], Sequence[str]]


def by_patient(patient: Ints) -> list[str]:
    return [f"p{i}" for i in patient.tolist()]


def by_film(patient: Ints) -> list[str]:
    """Wrong: as if each film were of a patient of its own."""
    return [f"f{i}" for i in range(len(patient))]


Find = Callable[[Measure | tuple[Measure, Measure], Sequence[str], Groups], Figure]


def ours(measure: Measure | tuple[Measure, Measure], names: Sequence[str], groups: Groups) -> Figure:
    """The interval of the program."""
    if isinstance(measure, tuple):
        return difference(*measure, groups)
    return figure_of(measure, groups)


def percentiles(measure: Measure | tuple[Measure, Measure], names: Sequence[str], groups: Groups) -> Figure:
    """What was used before: the percentiles of resampled patients (Efron and Tibshirani 1993, 13.3)."""
    assert not isinstance(measure, tuple)
    counts = np.random.default_rng(1).multinomial(groups.count, np.full(groups.count, 1 / groups.count), size=500)
    low, high = np.nanpercentile(measure.values(counts[:, groups.index].astype(np.float64)), [2.5, 97.5])
    return Figure(value=0.0, low=float(low), high=float(high))


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """How often the intervals of a figure held its truth. below, above: how often they lay wholly on that side of it.

    given: the share of repetitions with an interval.
    """

    design: str
    figure: str
    patients: int
    held: float
    below: float
    above: float
    given: float
    repeats: int

    @property
    def error(self) -> float:
        """Standard error of `held` itself, at the 95 % that it should be."""
        return float(np.sqrt(0.95 * 0.05 / max(self.repeats * self.given, 1)))

    def line(self) -> str:
        return (
            f"| {self.figure} | {self.design} | {self.patients} | {self.held:.3f} | {self.error:.3f} | "
            f"{self.above:.3f} / {self.below:.3f} | {self.given:.2f} |"
        )


HEAD = (
    "| figure | films | patients | holds | own error | lies above / below | has one |\n"
    "| --- | --- | --- | --- | --- | --- | --- |"
)


def coverage(
    design: Design, figures: Sequence[str], patients: int, repeats: int, *, taken: Taken = by_patient,
    find: Find | None = None, seed: int = 0,
) -> Iterator[Held]:  # fmt: skip
    """Of each figure, from 1 to 8 films of each of so many patients, `repeats` times."""
    find = find or ours
    rng, truths = np.random.default_rng([seed, patients]), design.truths()
    ends = np.full((len(figures), repeats, 2), np.nan)
    for repeat in range(repeats):
        patient = np.repeat(np.arange(patients), rng.integers(1, MOST_FILMS + 1, patients))
        measures, names = design.measures(patient, patients, rng), taken(patient)
        groups = Groups.of(names)
        for place, figure in enumerate(figures):
            found = find(measures[figure], names, groups)
            ends[place, repeat] = found.low, found.high
    for place, figure in enumerate(figures):
        low, high = ends[place][~np.isnan(ends[place]).any(axis=1)].T
        below, above = (
            float(side.mean()) if len(side) else 0.0 for side in (high < truths[figure], low > truths[figure])
        )
        yield Held(
            design=design.name, figure=figure, patients=patients, held=1 - below - above, below=below, above=above,
            given=len(low) / repeats, repeats=repeats,
        )  # fmt: skip
