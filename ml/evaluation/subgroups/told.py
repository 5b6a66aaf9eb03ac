"""What a report says of its groups of cases: their figures, the worst of them, a table for each column."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ml.evaluation.case_tables import CaseTable
from ml.evaluation.leaving_out import Groups
from ml.evaluation.measures import Ints, Measure
from ml.evaluation.outcome import Outcome
from ml.evaluation.shared_reasons import SharedReasons
from ml.evaluation.subgroups.columns import Values
from ml.evaluation.subgroups.judging import (
    AGAINST,
    NOT_SAID,
    allow_for_all,
    is_clear,
    judge_groups,
    worst_of,
)
from ml.metric_words import lower_is_better, metric_title
from viewer.core.text.counting import counted

# Of each group, as far as its kind has them, beside the figure that decides; of several labels their means.
TOLD = ("auc", "sensitivity", "specificity", "f1", "recall", "precision", "false_positives", "dice", "hd95")
NUMBERS = ("mae", "bias")  # of each number
Tell = Callable[[str, int, int], None]
JUDGED = "judging groups of cases"


def _silent(_what: str, _done: int, _total: int) -> None:
    """Nobody is told."""


def add_groups(
    document: dict[str, Any], values: Values, outcome: Outcome, patients: Sequence[str], tell: Tell = _silent
) -> None:
    """Put the groups of the cases into a report's document: "groups" (None without any), its notes, its tables.

    values: by column the group of each case. patients: (case,).
    """
    groups = told_groups(values, outcome, str(document["decides"]), patients, tell)
    document["groups"] = groups
    if groups is None:
        return
    document["notes"].append(groups["sentence"])
    tables: list[dict[str, Any]] = document["tables"]
    place = next((number for number, one in enumerate(tables) if one["of_cases"]), len(tables))
    tables[place:place] = [table.to_json() for table in group_tables(groups)]


def told_groups(
    values: Values, outcome: Outcome, decides: str, patients: Sequence[str],
    tell: Tell = _silent,
) -> dict[str, Any] | None:  # fmt: skip
    """What stands under "groups" in figures.json: {"ranked_by", "compared", "sentence", "columns"}; None where no
    column has two groups.

    values: by column the group of each case. decides: the figure that groups are ranked by. patients: (case,).
    """
    groups = Groups.of(patients, tick=lambda: tell(JUDGED, 0, 0))
    if not values or outcome.of_cases(groups.patients[:0]) is None:
        return None

    def measures(places: Ints) -> dict[str, Measure]:
        part = outcome.of_cases(places)
        assert part is not None
        found = part.measures()
        if decides not in found:  # cases of one fold have no mean over folds
            found[decides] = found[outcome.primary]
        return {name: found[name] for name in found if name == decides or _is_told(name)}

    columns = [
        judge_groups(column, named, groups, measures, decides, told=lambda _name: tell(JUDGED, 0, 0))
        for column, named in values.items()
    ]
    compared = allow_for_all(columns)
    told = [{**column, **worst_of(column, decides, compared)} for column in columns]
    return {"ranked_by": decides, "compared": compared, "sentence": _sentence(told, decides), "columns": told}


def _is_told(name: str) -> bool:
    kind, _, label = name.partition(":")
    return kind in NUMBERS if label else kind in TOLD


def _sentence(columns: Sequence[Mapping[str, Any]], decides: str) -> str:
    """What of all columns must be known."""
    lower = lower_is_better(decides)
    names = " or ".join(str(column["column"]) for column in columns)
    clear = [
        f"{column['column']} {name or NOT_SAID}"
        for column in columns
        for name, group in column["groups"].items()
        if is_clear(group, lower=lower)
    ]
    if clear:
        return f"Clearly worse than the other cases by {metric_title(decides)}, all groups allowed for: " + (
            f"{', '.join(clear)}."
        )
    if not any(group[AGAINST].get("p_holm") is not None for column in columns for group in column["groups"].values()):
        return f"No group of {names} has enough patients to be held against the others."
    return (
        f"No group of {names} is clearly worse than the other cases by {metric_title(decides)}; a difference that "
        "these cases cannot show may be there all the same."
    )


def group_tables(document: Mapping[str, Any]) -> list[CaseTable]:
    """One for each column. document: as `told_groups` gives it."""
    return [_table(column, str(document["ranked_by"])) for column in document["columns"]]


def _table(column: Mapping[str, Any], ranked_by: str) -> CaseTable:
    groups: Mapping[str, Mapping[str, Any]] = column["groups"]
    names = list(dict.fromkeys(name for group in groups.values() for name in group["figures"]))
    names = [ranked_by, *(name for name in names if name != ranked_by)]
    reasons = SharedReasons(group["figures"].get(name) or {} for group in groups.values() for name in names)
    rows = tuple(
        (
            name or NOT_SAID,
            str(group["rows"]),
            str(group["patients"]),
            *(reasons.cell(group["figures"].get(each) or {}) for each in names),
        )
        for name, group in groups.items()
    )
    left = int(column["not_judged"])
    more = [f"{counted(left, 'smaller group is', 'smaller groups are')} not judged alone."] if left else []
    heads = tuple(title[:1].upper() + title[1:] for title in map(metric_title, names))
    return CaseTable(
        title=f"By {column['column']}",
        columns=("Group", "Cases", "Patients", *heads),
        rows=rows,
        note=" ".join([str(column["sentence"]), *more, *reasons.lines]),
    )
