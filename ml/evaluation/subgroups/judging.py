"""Groups of cases judged: the figures of each alone, how it differs from the other cases, and which is the worst.

Whoever looks at many groups finds one that is worse by chance: all that were looked at are allowed for (Holm).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ml.evaluation.comparing import apart
from ml.evaluation.intervals import LEVEL, holm
from ml.evaluation.leaving_out import Groups
from ml.evaluation.measures import Ints, Measure, figure_of
from ml.metric_words import figure_text, lower_is_better, metric_title
from viewer.core.text.counting import counted

MOST_GROUPS = 12  # of one column, those of most cases
NOT_SAID = "(not said)"  # the group of the cases of which nothing is said
AGAINST = "against_the_others"

Measures = Callable[[Ints], Mapping[str, Measure]]
Figures = Callable[[Mapping[str, Measure], Groups], dict[str, dict[str, Any]]]


def plain_figures(measures: Mapping[str, Measure], groups: Groups) -> dict[str, dict[str, Any]]:
    """Each as `Figure.to_json`."""
    return {name: figure_of(measure, groups).to_json() for name, measure in measures.items()}


def judge_groups(
    column: str,
    named: Sequence[str],
    groups: Groups,
    measures: Measures,
    ranked_by: str,
    *,
    figures: Figures = plain_figures,
    most: int = MOST_GROUPS,
    told: Callable[[str], None] = lambda _name: None,
) -> dict[str, Any]:
    """{"column", "groups": {name: {"rows", "patients", "figures", "against_the_others"}}, "not_judged"}.

    named: (case,) the group of each, "" for those of which nothing is said. groups: of the patients of all cases.
    measures: of the cases at these places. ranked_by: the figure that groups are held against the others by. figures:
    what of the measures is told, of cases whose patients are given. most: groups, those of most cases. told: called
    with each group before it is judged.
    """
    of = np.asarray(named, dtype=object).astype(str)
    names, counts = np.unique(of, return_counts=True)
    how_many = dict(zip(names.tolist(), counts.tolist(), strict=True))
    taken = sorted(sorted(how_many), key=lambda name: -how_many[name])[:most]
    found: dict[str, dict[str, Any]] = {}
    for name in sorted(taken):
        told(name)
        inside, outside = np.flatnonzero(of == name), np.flatnonzero(of != name)
        mine, own = measures(inside), groups.only(inside)
        gap = apart(measures(outside)[ranked_by], mine[ranked_by], groups.only(outside), own)
        found[name] = {
            "rows": len(inside),
            "patients": len(np.unique(own.patients)),
            "figures": figures(mine, own),
            AGAINST: gap.to_json(),
        }
    return {"column": column, "groups": found, "not_judged": len(names) - len(taken)}


def allow_for_all(columns: Sequence[Mapping[str, Any]]) -> int:
    """Write into each difference its p with all groups of all columns allowed for; returns how many were compared."""
    gaps = [group[AGAINST] for column in columns for group in column["groups"].values()]
    chances = holm([gap.get("p", float("nan")) for gap in gaps])
    for gap, chance in zip(gaps, chances, strict=True):
        if np.isfinite(chance):
            gap["p_holm"] = chance
    return int(np.isfinite(chances).sum())


def worst_of(column: Mapping[str, Any], ranked_by: str, compared: int) -> dict[str, Any]:
    """{"worst", "sentence"}: of the groups that have an interval the one with the worst figure, and whether it is
    clearly so. compared: how many groups were, in all."""
    name_of, title = str(column["column"]), metric_title(ranked_by)
    ranked = {
        name: float(group["figures"][ranked_by]["value"])
        for name, group in column["groups"].items()
        if group["figures"][ranked_by]["low"] is not None
    }
    if len(ranked) < 2:
        return {
            "worst": None,
            "sentence": f"No group of {name_of} is called the worst: fewer than two have an {title} with an interval.",
        }
    lower = lower_is_better(ranked_by)
    name = min(ranked, key=lambda each: -ranked[each] if lower else ranked[each])
    group = column["groups"][name]
    chance = group[AGAINST].get("p_holm")
    tested = f"p {chance:.2g} by Holm over {counted(compared, 'group')}" if chance is not None else (
        "it has no comparison with them"
    )  # fmt: skip
    side = "above" if lower else "below"
    how = f"clearly {side} the others" if is_clear(group, lower=lower) else f"not clearly {side} the others"
    said = figure_text(group["figures"][ranked_by])
    return {
        "worst": name,
        "sentence": f"Worst by {title}: {name_of} {name or NOT_SAID}, {said}; {how} ({tested}).",
    }


def is_clear(group: Mapping[str, Any], *, lower: bool) -> bool:
    """Whether a group is worse than the others with all that were looked at allowed for. lower: a lower figure is
    better."""
    gap = group[AGAINST]
    chance = gap.get("p_holm")
    return chance is not None and chance < 1 - LEVEL and (gap["value"] > 0) is lower
