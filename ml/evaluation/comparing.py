"""Who is better, from differences on the same patients; nothing is said where a difference has no interval."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.evaluation.class_outcome import ClassOutcome
from ml.evaluation.intervals import Figure, interval, within_both
from ml.evaluation.leaving_out import Groups
from ml.evaluation.measures import Measure, figure_of, lacks, of_counting, spread_of
from ml.evaluation.outcome import UNKNOWN
from ml.metric_words import lower_is_better, metric_title, number_text
from viewer.core.errors import BadFile, BadRequest
from viewer.core.text.table_text import rows_of

Floats = NDArray[np.float64]

BETTER, WORSE, UNCLEAR, NONE = "better", "worse", "unclear", "none"
BEHIND = "behind"  # unclear, and the figure itself is the worse one


def difference(first: Measure, second: Measure, groups: Groups) -> Figure:
    """second minus first, with the interval by the spread of the difference when the same patients are left out of
    both. groups: of the patients of their cases."""
    ones = np.ones((1, len(groups.patients)))
    value = float(second.values(ones)[0] - first.values(ones)[0])
    if not np.isfinite(value):
        lacking = first if np.isnan(first.values(ones)[0]) else second
        return Figure(value=float("nan"), why=lacking.undefined)
    lacking_patients = lacks(groups, first, second)
    if lacking_patients:
        return Figure(value=value, why=lacking_patients)
    if first.certain:
        # All that is not certain is what it is compared with.
        alone, known = figure_of(second, groups), float(first.values(ones)[0])
        return replace(alone, value=value, low=alone.low - known, high=alone.high - known)
    counting = of_counting(groups, first.counts | second.counts)
    left = [measure.left_out(groups) for measure in (first, second)]
    gap = interval(value, (left[1] - left[0])[counting])
    return within_both(gap, *(_alone(*one, groups) for one in zip((first, second), left, strict=True)))


def _alone(measure: Measure, left_out: Floats, groups: Groups) -> Figure:
    """A figure with its own interval. left_out: (group,) what it is without each."""
    exact = measure.exact(groups.patients)
    value = float(measure.values(np.ones((1, len(groups.patients))))[0])
    return exact if exact is not None else spread_of(measure, groups, value, left_out)


def apart(first: Measure, second: Measure, of_first: Groups, of_second: Groups) -> Figure:
    """second minus first of two sets of cases, of other patients or partly of the same: each needs enough of them.

    of_first, of_second: of the patients of their cases, parts of the same groups (`Groups.only`).
    """
    pairs = ((first, of_first), (second, of_second))
    values = [float(measure.values(np.ones((1, len(groups.patients))))[0]) for measure, groups in pairs]
    for (measure, groups), value in zip(pairs, values, strict=True):
        lacking = measure.undefined if not np.isfinite(value) else lacks(groups, measure)
        if lacking:
            return Figure(value=values[1] - values[0], why=lacking)
    counting = of_counting(of_first, first.counts) | of_counting(of_second, second.counts)
    left = [measure.left_out(groups) for measure, groups in pairs]
    gap = interval(values[1] - values[0], (left[1] - left[0])[counting])
    return within_both(gap, *(_alone(measure, out, groups) for (measure, groups), out in zip(pairs, left, strict=True)))


def verdict(gap: Mapping[str, Any], *, figure: str = "") -> str:
    """BETTER, WORSE, UNCLEAR (the interval holds 0), or NONE where the difference has no interval.

    gap: `to_json`. figure: what it is of, where a smaller one may be better.
    """
    low, high = gap.get("low"), gap.get("high")
    if low is None or high is None or not np.isfinite([low, high]).all():
        return NONE
    higher, lower = (WORSE, BETTER) if lower_is_better(figure) else (BETTER, WORSE)
    return higher if low > 0 else lower if high < 0 else UNCLEAR


def sentence(
    figure: str, gaps: Mapping[str, Mapping[str, Any]], values: Mapping[str, float | None] | None = None
) -> str:
    """Does the model beat its controls, in words: "beats guessing (0.500)".

    figure: the one that decides. gaps: model minus each control. values: the figure of each control, told with its
    name: where nothing may be called better, it is seen all the same that a control has more.
    """
    reached = {who: f" ({number_text(value)})" for who, value in (values or {}).items()}
    if not gaps:
        return "There is no control to compare with."
    found: dict[str, list[str]] = {}
    for who, gap in gaps.items():
        said_of, name = verdict(gap, figure=figure), who + reached.get(who, "")
        found.setdefault(said_of, []).append(name)
        if said_of == UNCLEAR and is_behind(gap, figure=figure):
            found.setdefault(BEHIND, []).append(name)
    parts = []
    if WORSE in found:
        parts.append(f"does NOT beat {_list(found[WORSE])}, which is better")
    if UNCLEAR in found:
        parts.append(_unclear(found[UNCLEAR], found.get(BEHIND, ()), figure))
    if BETTER in found:
        parts.append(f"beats {_list(found[BETTER])}")
    said = [f"By {metric_title(figure)} the model {'; it '.join(parts)}."] if parts else []
    reasons: dict[str, list[str]] = {}
    for who in gaps:
        if verdict(gaps[who], figure=figure) == NONE:
            why = str(gaps[who].get("why") or "the difference has no interval")
            reasons.setdefault(why, []).append(who + reached.get(who, ""))
    said += [f"No comparison with {_list(names)}: {why}." for why, names in reasons.items()]
    return " ".join(said)


def is_behind(gap: Mapping[str, Any], *, figure: str) -> bool:
    """Whether the model's figure itself is the worse one, clearly or not. gap, figure: as of `verdict`."""
    value = gap.get("value")
    return value is not None and (value > 0 if lower_is_better(figure) else value < 0)


def _unclear(names: Sequence[str], behind: Sequence[str], figure: str) -> str:
    """Of controls that are not clearly beaten; those that have the better figure are not said to be nearly beaten."""
    ahead, holds = [name for name in names if name not in behind], "the interval of the difference holds 0"
    side = f"is {'above' if lower_is_better(figure) else 'below'} {_list(behind)}"
    if not behind:
        return f"does NOT clearly beat {_list(ahead)}: {holds}"
    return (
        f"{side}, though not clearly, and does NOT clearly beat {_list(ahead)}: {holds}"
        if ahead
        else (f"{side}, though not clearly: {holds}")
    )


def _list(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def compare_classifications(first: Path, second: Path, label: str) -> dict[str, Any]:
    """second minus first: mean over folds of the AUC of a label, on the same patients.

    first, second: the folders that two evaluations wrote. Raises BadRequest when their cases differ, BadFile where a
    score is no number.
    """
    rows = [_read(folder, label) for folder in (first, second)]
    keys = sorted(rows[0])
    if keys != sorted(rows[1]):
        raise BadRequest(f"{first} and {second} do not hold the same cases; evaluate both on the same snapshot.")
    patients, others = ([rows[i][key][0] for key in keys] for i in range(2))
    if patients != others:
        raise BadRequest(f"{first} and {second} name other patients for the same cases; evaluate both again.")
    measures = [_outcome([rows[i][key] for key in keys], label).measures() for i in range(2)]
    name = "auc_fold_mean" if all("auc_fold_mean" in each for each in measures) else "auc"
    return difference(measures[0][name], measures[1][name], Groups.of(patients)).to_json()


def _read(folder: Path, label: str) -> dict[str, tuple[str, int, float, float]]:
    """image id to (patient, fold, truth, score)."""
    truth = {"yes": 1.0, "no": 0.0}
    path = folder / "cases.csv"
    found = {}
    for row in rows_of(path.read_bytes().decode("utf-8")):
        if row["label"] != label or (row["truth"] == UNKNOWN and not row["score"]):
            continue  # what was not judged stands in the table without a score
        try:
            score = float(row["score"])
        except ValueError:
            score = np.nan
        if not np.isfinite(score):
            raise BadFile(f"{path} has no number as the score of {row['image']}; evaluate that run again.")
        found[row["image"]] = (row["patient"], int(row["fold"]), truth.get(row["truth"], np.nan), score)
    return found


def _outcome(rows: list[tuple[str, int, float, float]], label: str) -> ClassOutcome:
    return ClassOutcome(
        truth=np.array([[row[2]] for row in rows]),
        scores=np.array([[row[3]] for row in rows]),
        thresholds=np.full(len(rows), 0.5),
        folds=np.array([row[1] for row in rows], np.int64),
        labels=(label,),
        exclusive=False,
    )
