"""A table of scores judged: its figures, those of its subgroups, and which of these is the worst. Loads no torch."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from ml.evaluation.figures.any_scores import AT_PREVALENCE, SAME_MIX, cut_measures, score_measures
from ml.evaluation.intervals import FEWEST_OF_A_CLASS, FEWEST_PATIENTS, LEVEL
from ml.evaluation.leaving_out import MOST_GROUPS, Groups
from ml.evaluation.measures import Floats, Ints, Measure, figure_of
from ml.evaluation.score_table import ScoreTable
from ml.evaluation.subgroups.judging import allow_for_all, judge_groups, worst_of

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


def _figures(measures: Mapping[str, Measure], groups: Groups, asked: Asked) -> dict[str, dict[str, Any]]:
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

    def measures(places: Ints) -> dict[str, Measure]:
        return _measures(table.truth[places], table.scores[places], asked)

    found = judge_groups(
        asked.by, table.groups, groups, measures, RANKED_BY,
        figures=lambda each, own: _figures(each, own, asked), most=len(table.truth),
        told=lambda name: tell(f"{asked.by} {name}"),
    )  # fmt: skip
    return {**found, **worst_of(found, RANKED_BY, allow_for_all([found]))}
