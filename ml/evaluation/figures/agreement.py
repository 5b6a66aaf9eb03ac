"""Agreement: Cohen's kappa (1960) of labels, and the limits within which numbers agree (Bland and Altman 1986)."""

import numpy as np
from numpy.typing import NDArray

from ml.evaluation.curves import Line, line_of
from ml.evaluation.measures import NOTHING_COUNTS, Measure, OfSums, ratio

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

ONE_ANSWER = "truth and answers are one and the same throughout, so chance agrees as often"
FEW_NUMBERS = "it takes 2 numbers or more"
LIMITS_AT = 1.96  # standard deviations from the mean: 95 % of differences that are spread like a bell
LIMIT_LOW, LIMIT_HIGH = "limit_low", "limit_high"


def kappa_columns(truth: Bools, said: Bools) -> Bools:
    """(case, 2 + 2 x label) what `kappa_of_sums` needs the sums of. truth, said: (case, label), one a known row."""
    counts = np.asarray(truth.any(axis=1))
    return np.column_stack([counts, (truth & said).any(axis=1), truth, said & counts[:, None]])


def kappa_of_sums(sums: Floats) -> Floats:
    """Agreement beyond chance: (observed - expected) / (1 - expected). sums: (draw, 2 + 2 x label).

    Returns (draw,), NaN where chance alone agrees in all cases.
    """
    total, agreed = sums[:, 0], sums[:, 1]
    truth, said = np.split(sums[:, 2:], 2, axis=1)
    observed, expected = ratio(agreed, total), ratio((truth * said).sum(axis=1), total**2)
    left = 1 - expected
    left[left < 1e-12] = 0
    return ratio(observed - expected, left)


def agreement_limits(off: Floats, known: Bools, *, of: str = "", label: str = "", why: str = "") -> dict[str, Measure]:
    """Bland-Altman: bias (mean answer less truth), and the limits that hold 95 % of differences.

    off: (case,) answer less truth, anything where not `known`. of: what stands before the names, such as "area_", and
    label: behind them. why: there is no number at all, "" for too few.
    """
    there = known.astype(np.float64)
    middle = float(off[known].mean()) if known.any() else 0.0
    around = np.where(known, off - middle, 0.0)  # sums of squares lose less from the middle than from 0
    columns = np.stack([there, around, around**2], axis=1)

    def limit(sums: Floats, side: float) -> Floats:
        count, total, squares = sums.T
        mean = ratio(total, count)
        spread = np.maximum(squares - count * np.nan_to_num(mean) ** 2, 0.0)
        return middle + mean + side * LIMITS_AT * np.sqrt(ratio(spread, np.maximum(count - 1, 0)))

    def bounded(side: float) -> Measure:
        return OfSums(
            columns=columns, function=lambda sums: limit(sums, side), counts=known, undefined=why or FEW_NUMBERS
        )

    behind = f":{label}" if label else ""
    return {
        f"{of}bias{behind}": OfSums(
            columns=columns, function=lambda sums: middle + ratio(sums[:, 1], sums[:, 0]), counts=known,
            undefined=why or NOTHING_COUNTS,
        ),
        f"{of}{LIMIT_LOW}{behind}": bounded(-1.0),
        f"{of}{LIMIT_HIGH}{behind}": bounded(1.0),
    }  # fmt: skip


def agreement_curve(truth: Floats, answers: Floats) -> tuple[Line, ...]:
    """The differences over the means of truth and answer, then the bias and its limits. truth, answers: (case,).

    () without a case.
    """
    if not len(truth):
        return ()
    middle, off = (truth + answers) / 2, answers - truth
    order = np.argsort(middle, kind="stable")
    lines = [line_of("cases", middle[order], off[order])]
    if len(off) > 1:
        half = LIMITS_AT * float(off.std(ddof=1))
        ends = (float(middle.min()), float(middle.max()))
        for name, at in (("bias", off.mean()), ("lower", off.mean() - half), ("upper", off.mean() + half)):
            lines.append(Line(name=name, x=ends, y=(float(at), float(at))))
    return tuple(lines)
