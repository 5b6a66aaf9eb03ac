"""A table of scores judged: its figures, those of its subgroups, and which of these is the worst. Loads no torch."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np

from ml.evaluation.comparing import apart
from ml.evaluation.figures.any_scores import AT_PREVALENCE, SAME_MIX, cut_measures, score_measures
from ml.evaluation.intervals import FEWEST_OF_A_CLASS, FEWEST_PATIENTS, LEVEL, holm
from ml.evaluation.leaving_out import MOST_GROUPS, Groups
from ml.evaluation.measures import Floats, Measure, figure_of
from ml.evaluation.score_table import ScoreTable
from ml.metric_words import figure_text, metric_title

INTERVALS = (
    f"{LEVEL:.0%}, of patients, not of trainings. Exact binomial: of shares of cases where each patient has one, and "
    f"of figures that are 0 or 1. Every other one comes of leaving each patient out in turn (at most {MOST_GROUPS} "
    f"groups of patients), on a scale without ends; it takes {FEWEST_PATIENTS} patients, and {FEWEST_OF_A_CLASS} of "
    "each class where it needs classes"
)
RANKED_BY = "auc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be told beside the figures of the scores. cut, prevalence: None for none. by: "" for no subgroups."""

    cut: float | None = None
    prevalence: float | None = None
    by: str = ""


def _silent(_what: str) -> None:
    """Nobody is told."""


def judge_table(table: ScoreTable, asked: Asked, *, tell: Callable[[str], None] = _silent) -> dict[str, Any]:
    """{"file", "rows", "patients", "figures", "notes"}, with `by` where there are subgroups.

    tell: called with what is being done; what it raises ends the work.
    """
    steps = count(1)
    groups = Groups.of(table.patients, tick=lambda: tell(f"the intervals, step {next(steps)}"))
    tell("the figures")
    document: dict[str, Any] = {
        "file": str(table.path),
        "rows": len(table.truth),
        "patients": len(set(table.patients)),
        "threshold": asked.cut,
        "prevalence": asked.prevalence,
        "figures": _figures(_measures(table.truth, table.scores, asked), groups, asked),
        "notes": [*table.notes, *_notes(asked)],
    }
    if asked.by:
        document["by"] = _subgroups(table, asked, groups, tell)
    return document


def _notes(asked: Asked) -> list[str]:
    if asked.prevalence is None:
        return []
    if asked.cut is None:
        return ["A prevalence changes PPV and NPV, which take a cut: give --threshold too."]
    return [f"PPV and NPV at a prevalence of {asked.prevalence:g}, {SAME_MIX}; the other figures at the table's own."]


def _measures(truth: Floats, scores: Floats, asked: Asked) -> dict[str, Measure]:
    return {**score_measures(truth, scores), **cut_measures(truth, scores, asked.cut, asked.prevalence)}


def _figures(measures: dict[str, Measure], groups: Groups, asked: Asked) -> dict[str, dict[str, Any]]:
    result = {}
    for name, measure in measures.items():
        figure = figure_of(measure, groups).to_json()
        reason = figure.pop("why")
        if asked.prevalence is not None and name in AT_PREVALENCE and figure["method"]:
            figure["method"] += f"; at a prevalence of {asked.prevalence:g}, {SAME_MIX}"
        result[name] = {**figure, **({"reason": reason} if reason else {})}
    return result


def _subgroups(table: ScoreTable, asked: Asked, groups: Groups, tell: Callable[[str], None]) -> dict[str, Any]:
    """The figures of each value of a column, how each differs from the other rows, and the worst by name."""
    named = np.asarray(table.groups, dtype=object).astype(str)
    found: dict[str, dict[str, Any]] = {}
    for name in sorted(set(table.groups)):
        tell(f"{asked.by} {name}")
        here = named == name
        inside, outside = np.where(here, table.truth, np.nan), np.where(here, np.nan, table.truth)
        mine = [patient for patient, group in zip(table.patients, table.groups, strict=True) if group == name]
        own = Groups.of(mine, tick=groups.tick)
        gap = apart(
            score_measures(outside, table.scores)[RANKED_BY], score_measures(inside, table.scores)[RANKED_BY],
            groups,
        )  # fmt: skip
        found[name] = {
            "rows": len(mine),
            "patients": len(set(mine)),
            "figures": _figures(_measures(table.truth[here], table.scores[here], asked), own, asked),
            "against_the_others": gap.to_json(),
        }
    gaps = [group["against_the_others"] for group in found.values()]
    for gap, chance in zip(gaps, holm([gap.get("p", np.nan) for gap in gaps]), strict=True):
        if np.isfinite(chance):
            gap["p_holm"] = chance
    return {"column": asked.by, "groups": found, **_worst(asked.by, found)}


def _worst(column: str, found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Of the groups that have an interval, the one with the lowest; whether it is clearly so, all looked at allowed
    for."""
    title = metric_title(RANKED_BY)
    ranked = {
        name: group["figures"][RANKED_BY]["value"]
        for name, group in found.items()
        if group["figures"][RANKED_BY]["low"] is not None
    }
    if len(ranked) < 2:
        sentence = f"No group of {column} is called the worst: fewer than two have an {title} with an interval."
        return {"worst": None, "sentence": sentence}
    name = min(ranked, key=lambda each: ranked[each])
    chance = found[name]["against_the_others"].get("p_holm")
    clearly = chance is not None and chance < 1 - LEVEL
    how = "clearly below the others" if clearly else "not clearly below the others"
    tested = f"p {chance:.2g} by Holm over the groups" if chance is not None else "it has no comparison with them"
    sentence = (
        f"Worst by {title}: {column} {name or '(empty)'}, {figure_text(found[name]['figures'][RANKED_BY])}; {how} "
        f"({tested})."
    )
    return {"worst": name, "sentence": sentence}
