"""Several runs beside each other: the settings in which they differ, their figures, and each against one of them.

No torch. Two runs are `comparing.compare_runs`' business; this says the same of more, with all comparisons allowed for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ml.evaluation.comparing import NONE, UNCLEAR
from ml.evaluation.how_trained import settings_apart
from ml.evaluation.intervals import LEVEL, holm
from ml.evaluation.two_reports import Compared
from viewer.core.errors import AppError, BadRequest
from viewer.core.text.counting import counted
from viewer.jobs.agreeing import AgreeingRuns, agreement_of_runs
from viewer.jobs.comparing import compare_pair, count_comparison, run_facts, short_name
from viewer.jobs.reports import is_there, read_report
from viewer.jobs.runs import RunState

MOST_RUNS = 12  # of which curves can be told apart, and a table can be read
FIGURES = ("Validation", "Test")
Row = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeveralRuns:
    """names: of the runs, by their last four hex digits; the first is the one that the others are compared with.

    settings: (what, of each run) in which they differ. figures: the same of all. against: (name, comparison) of each
    other run with the first; what none of them could be compared for is said in each. rule: when one is called better.
    agreeing: how far each two answer alike. opened: how often the test part was opened, this comparison among them; ""
    where it told nothing of it.
    """

    names: tuple[str, ...]
    settings: tuple[Row, ...]
    figures: tuple[Row, ...]
    against: tuple[tuple[str, Compared], ...]
    rule: str
    agreeing: tuple[AgreeingRuns, ...] = ()
    opened: str = ""


def compare_several(runs: Sequence[RunState]) -> SeveralRuns:
    """Read their reports and tell the runs apart; the others are compared with the first.

    A comparison on the test part counts as one opening of it. Raises BadRequest for fewer than two or too many;
    NotWritable where the opening cannot be counted.
    """
    if not 2 <= len(runs) <= MOST_RUNS:
        raise BadRequest(f"From 2 to {MOST_RUNS} runs are compared at once, not {len(runs)}; choose other ones.")
    if len({run.folder for run in runs}) < len(runs):
        raise BadRequest("A run is named twice; name each run once.")
    documents: list[dict[str, Any] | None] = []
    problems: dict[str, str] = {}
    for run in runs:
        try:
            documents.append(read_report(run.folder) if is_there(run) else None)
        except AppError as error:
            documents.append(None)
            problems[run.run_id] = str(error)
    pairs = []
    for run, document in zip(runs[1:], documents[1:], strict=True):
        said = [problems[one.run_id] for one in (runs[0], run) if one.run_id in problems]
        pairs.append(Compared(said=" ".join(said)) if said else compare_pair(runs[0], run, [documents[0], document]))
    pairs = _allowed_for(pairs)
    agreeing = agreement_of_runs(runs, documents, problems)
    told = any(pair.gap is not None for pair in pairs) or any(each.agreed is not None for each in agreeing)
    opened = count_comparison(runs, documents) if told else ""
    facts = [dict(run_facts(run, document)) for run, document in zip(runs, documents, strict=True)]
    rows = [(what, tuple(each[what] for each in facts)) for what in facts[0]]
    return SeveralRuns(
        names=tuple(map(short_name, runs)),
        settings=tuple([row for row in rows if row[0] not in FIGURES and len(set(row[1])) > 1] + _settings(runs)),
        figures=tuple(row for row in rows if row[0] in FIGURES),
        against=tuple((short_name(run), pair) for run, pair in zip(runs[1:], pairs, strict=True)),
        rule=_rule(len(pairs)),
        agreeing=agreeing,
        opened=opened,
    )


def _settings(runs: Sequence[RunState]) -> list[Row]:
    """Each setting of the recipes in which not all are alike, in the order of the recipe."""
    found: dict[str, list[str]] = {}
    for place, run in enumerate(runs):
        for what, first, own in settings_apart(runs[0].recipe, run.recipe):
            found.setdefault(what, [first] * len(runs))[place] = own
    return [(what, tuple(values)) for what, values in found.items()]


def _allowed_for(pairs: Sequence[Compared]) -> list[Compared]:
    """The same with the p of each for all comparisons together; one that is clear alone only is unclear."""
    chances = holm([(pair.gap or {}).get("p", float("nan")) for pair in pairs])
    if len(pairs) < 2:
        return list(pairs)
    found = []
    for pair, chance in zip(pairs, chances, strict=True):
        if pair.gap is None or chance != chance:
            found.append(pair)
            continue
        gap = {**pair.gap, "p_holm": chance}
        if pair.verdict in (UNCLEAR, NONE) or chance < 1 - LEVEL:
            found.append(replace(pair, gap=gap))
            continue
        more = f"With all {counted(len(pairs), 'comparison')} allowed for it is not clear (p {chance:.3f})."
        found.append(replace(pair, gap=gap, verdict=UNCLEAR, said=f"{pair.said} {more}"))
    return found


def _rule(count: int) -> str:
    """When one is called better, as a sentence."""
    alone = "Better is said where the 95 % interval of the difference by patient, on the same test cases, leaves 0 out"
    if count < 2:
        return f"{alone}."
    return f"{alone}, and its p is below {1 - LEVEL:.2f} with all {counted(count, 'comparison')} allowed for (Holm)."
