"""What a control is given: the cases that the model could see with their truth, and those that are judged without."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.data.batches import ImageData
from ml.evaluation.control_rows.columns import small_pictures

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# (training columns, truth, new columns) to probabilities.
Fit = Callable[[Floats, Ints, Floats], Floats]

# What is answered: whole-image labels, numbers of images, masks, boxes.
LABELS, NUMBERS, MASKS, BOXES = "labels", "numbers", "masks", "boxes"
STRENGTHS = np.logspace(-1, 6, 15)  # of the ridge, chosen by leaving each case out once


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Learnt:
    """Of which rows of the data a control knows the truth. fit: those that it learns from, the training part as of the
    network. cut_on: those on which its cut is chosen, the validation part as of the network; where there is none, or it
    is what is judged, those of `fit` again."""

    fit: Ints
    cut_on: Ints

    @classmethod
    def of(cls, fit: Ints, cut_on: Ints) -> "Learnt":
        """cut_on: none of them for those of `fit`."""
        return cls(fit=fit, cut_on=cut_on if len(cut_on) else fit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One row. names: what it is called, by what is answered; nothing else is answered by it. tells: what its figure
    tells, one sentence. lacking: why it is not there where it gives None. said: scores or numbers (case of both,
    label); of masks and boxes as their outcome takes them."""

    names: Mapping[str, str]
    tells: str
    said: Callable[[Any], Any]
    lacking: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shown:
    """Of drawn things, which are in the data themselves; see `Seen`, and `Learnt` for the cut."""

    data: ImageData
    fit: Ints
    cut_on: Ints
    test: Ints


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """fit, test: rows of the data that a control learns from, and of which it says something. truth: (case of fit,
    label), NaN where unknown."""

    data: ImageData
    fit: Ints
    test: Ints
    truth: Floats
    _pixels: list[Floats] = field(default_factory=list)

    @property
    def both(self) -> Ints:
        """The rows that it learns from, then those that are judged."""
        return np.concatenate([self.fit, self.test])

    def pixels(self) -> Floats:
        """(case of both, 1024) grey values of the small picture, made once for all controls."""
        if not self._pixels:
            self._pixels.append(small_pictures(self.data, self.both))
        return self._pixels[0]

    def by_pixels(self, columns: Floats, truth: Floats | None = None) -> Floats:
        """(case of both, label) of a linear model of grey values (case of both, column). truth: other than its own."""
        raise NotImplementedError

    def by_facts(self, columns: Floats) -> Floats:
        """(case of both, label) of a linear model of standardised facts (case of both, column)."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SeenLabels(Seen):
    """Of whole-image labels: logistic regressions."""

    exclusive: bool

    def by_pixels(self, columns: Floats, truth: Floats | None = None) -> Floats:
        """See `Seen`."""
        return self._each(from_pixels, columns, self.truth if truth is None else truth)

    def by_facts(self, columns: Floats) -> Floats:
        """See `Seen`."""
        return self._each(from_facts, columns, self.truth)

    def _each(self, fit: Fit, columns: Floats, truth: Floats) -> Floats:
        return fit_each(fit, columns[: len(self.fit)], truth, columns, exclusive=self.exclusive)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SeenNumbers(Seen):
    """Of numbers: ridge regressions."""

    def by_pixels(self, columns: Floats, truth: Floats | None = None) -> Floats:
        """See `Seen`."""
        return ridge(columns[: len(self.fit)], self.truth if truth is None else truth, columns)

    def by_facts(self, columns: Floats) -> Floats:
        """See `Seen`."""
        return self.by_pixels(columns)


def column_wise(of: Callable[[Floats], Any], known: Floats) -> Floats:
    """(label,) of the known numbers of each label; 0 where none is known."""
    values = [column[~np.isnan(column)] for column in known.T]
    return np.array([float(of(column)) if len(column) else 0.0 for column in values], np.float64)


def fit_each(fit: Fit, x: Floats, truth: Floats, new: Floats, *, exclusive: bool) -> Floats:
    """One model per label over the cases where it is known; exclusive scores are made to sum to 1."""
    scores = np.zeros((len(new), truth.shape[1]))
    columns = [1] if exclusive and truth.shape[1] == 2 else range(truth.shape[1])
    for i in columns:
        known = ~np.isnan(truth[:, i])
        wanted = truth[known, i].astype(np.int64)
        if len(np.unique(wanted)) < 2 or not len(new):
            scores[:, i] = wanted.mean() if len(wanted) else 0.0
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a fit that has not quite converged is good enough for a control
            scores[:, i] = fit(x[known], wanted, new)
    if exclusive and truth.shape[1] == 2:
        scores[:, 0] = 1 - scores[:, 1]
    elif exclusive:
        scores /= np.maximum(scores.sum(axis=1, keepdims=True), 1e-12)
    return scores


def from_pixels(x: Floats, truth: Ints, new: Floats) -> Floats:
    """Logistic regression on grey values in [0, 1]; (case,) probabilities of `new`."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=0.1, max_iter=500).fit(x, truth)
    return np.asarray(model.predict_proba(new)[:, 1], np.float64)


def from_facts(x: Floats, truth: Ints, new: Floats) -> Floats:
    """Logistic regression on standardised columns (a forest did worse on each of our sets)."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=500)).fit(x, truth)
    return np.asarray(model.predict_proba(new)[:, 1], np.float64)


def ridge(features: Floats, known: Floats, new: Floats) -> Floats:
    """A ridge regression on standardised columns for each label over the cases where it is known."""
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    result = np.tile(column_wise(np.mean, known), (len(new), 1))
    for i, numbers in enumerate(known.T):
        there = ~np.isnan(numbers)
        if len(np.unique(numbers[there])) < 2 or not len(new):
            continue
        model = make_pipeline(StandardScaler(), RidgeCV(alphas=STRENGTHS)).fit(features[there], numbers[there])
        result[:, i] = model.predict(new)
    return result
