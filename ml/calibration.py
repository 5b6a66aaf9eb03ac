"""Scores made into probabilities: a slope (1 / temperature) and a bias for each class, fitted on validation only.

Of exclusive labels the logarithms of the scores are scaled by one slope and shifted by a bias for each class, since
weighted losses and samplers shift how often a class is said (Alexandari et al., ICML 2020); with two that is Platt's
scaling (1999). Labels that stand each for itself have each their own slope and bias. Truth counts as (n + 1) / (n + 2),
as Platt has it, so that few cases in perfect order give no infinite slope. The order of the scores of a label stays (of
one of a pair, or of a label for itself), so no figure of order changes. Loads no torch.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.checked import Fields

Floats = NDArray[np.float64]

FEWEST_OF_A_CLASS = 10
LEAST_SCORE = 1e-7  # a score of 0 has no logarithm
LARGEST = 1e6  # of a slope or bias in a card


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """slopes: one of exclusive labels, else of each label. biases: of each label, their sum 0 where exclusive.

    cases: of validation, that it was fitted on.
    """

    exclusive: bool
    slopes: tuple[float, ...]
    biases: tuple[float, ...]
    cases: int

    def applied(self, scores: Floats) -> Floats:
        """(case, label) probabilities. scores: (case, label)."""
        if self.exclusive:
            return _softmax(self.slopes[0] * _logs(scores) + np.array(self.biases))
        return _sigmoid(np.array(self.slopes) * _logits(scores) + np.array(self.biases))

    @property
    def words(self) -> str:
        """How it was made."""
        told = ", ".join(f"{1 / slope:.3g}" if slope > 0 else "none" for slope in self.slopes)
        shifts = ", ".join(f"{bias:+.2f}" for bias in self.biases)
        return f"temperature {told}, bias {shifts}, fitted on validation ({self.cases} cases)"

    def to_json(self) -> dict[str, Any]:
        """For a card; `read_calibration` reads it back."""
        return {
            "exclusive": self.exclusive, "slopes": list(self.slopes), "biases": list(self.biases), "cases": self.cases,
        }  # fmt: skip


def read_calibration(fields: Fields, labels: int) -> Calibration:
    """That of a card. Raises what `fields` raises."""
    exclusive = fields.flag("exclusive")
    slopes = fields.numbers("slopes", 0, LARGEST)
    biases = fields.numbers("biases", -LARGEST, LARGEST)
    if len(slopes) != (1 if exclusive else labels) or len(biases) != labels:
        raise fields.refuse("slopes", "as many slopes and biases as there are labels")
    return Calibration(exclusive=exclusive, slopes=slopes, biases=biases, cases=fields.integer("cases", 0, 10**9))


def why_not(truth: Floats, labels: tuple[str, ...], *, exclusive: bool) -> str:
    """Why validation is too little to calibrate on; "" where it is enough. truth: (case, label) 1, 0, NaN unknown."""
    sides = ((1, "with"),) if exclusive else ((1, "with"), (0, "without"))
    for label, column in zip(labels, truth.T, strict=True):
        for side, word in sides:
            count = int((column == side).sum())
            if count < FEWEST_OF_A_CLASS:
                return (
                    f"validation holds {count or 'no'} case{'' if count == 1 else 's'} {word} {label}, and calibration "
                    f"takes {FEWEST_OF_A_CLASS}"
                )
    return ""


def fitted(truth: Floats, scores: Floats, *, exclusive: bool) -> Calibration:
    """By the greatest likelihood. truth: (case, label) 1, 0, NaN unknown. scores: as truth; enough by `why_not`."""
    if exclusive:
        known = ~np.isnan(truth).any(axis=1)
        slope, biases = _fit_exclusive(truth[known], scores[known])
        return Calibration(exclusive=True, slopes=(slope,), biases=biases, cases=int(known.sum()))
    pairs = []
    for column, values in zip(truth.T, scores.T, strict=True):
        known = ~np.isnan(column)
        both = np.stack([1 - values[known], values[known]], axis=1)
        slope, (_, bias) = _fit_exclusive(np.stack([1 - column[known], column[known]], axis=1), both)
        pairs.append((slope, 2 * bias))  # half of it was taken from "no"
    cases = int((~np.isnan(truth)).any(axis=1).sum())
    slopes, shifts = zip(*pairs, strict=True)
    return Calibration(exclusive=False, slopes=slopes, biases=shifts, cases=cases)


def _fit_exclusive(truth: Floats, scores: Floats) -> tuple[float, tuple[float, ...]]:
    """(slope, biases). truth: (case, class) one-hot."""
    from scipy.optimize import minimize

    classes = truth.shape[1]
    wanted, logs = _softened(truth), _logs(scores)

    def loss(at: Floats) -> tuple[float, Floats]:
        inside = at[0] * logs + at[1:]
        highest = inside.max(axis=1, keepdims=True)
        total = np.log(np.exp(inside - highest).sum(axis=1, keepdims=True)) + highest
        off = np.exp(inside - total) - wanted
        slope = np.concatenate([[(off * logs).sum()], off.sum(axis=0)]) / len(logs)
        return float((wanted * (total - inside)).sum() / len(logs)), slope

    # A slope below 0 would turn the order around: scores that are that wrong are worth nothing (slope 0).
    bounds = [(0.0, LARGEST), *[(-LARGEST, LARGEST)] * classes]
    start = np.concatenate([[1.0], np.zeros(classes)])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-15, "gtol": 1e-9})
    biases = found.x[1:] - found.x[1:].mean()
    return float(found.x[0]), tuple(biases.tolist())


def _softened(truth: Floats) -> Floats:
    """(n + 1) / (n + 2) for what is so, n of the class's own cases; the rest shared by the other classes."""
    count = truth.sum(axis=0)
    own = truth @ ((count + 1) / (count + 2))
    others = (1 - own) / (truth.shape[1] - 1)
    return np.asarray(np.where(truth == 1, own[:, None], others[:, None]), np.float64)


def _logs(scores: Floats) -> Floats:
    return np.log(np.clip(scores, LEAST_SCORE, 1 - LEAST_SCORE))


def _logits(scores: Floats) -> Floats:
    kept = np.clip(scores, LEAST_SCORE, 1 - LEAST_SCORE)
    return np.log(kept) - np.log1p(-kept)


def _softmax(inside: Floats) -> Floats:
    parts = np.exp(inside - inside.max(axis=1, keepdims=True))
    return np.asarray(parts / parts.sum(axis=1, keepdims=True), np.float64)


def _sigmoid(inside: Floats) -> Floats:
    return np.asarray(0.5 + 0.5 * np.tanh(inside / 2), np.float64)
