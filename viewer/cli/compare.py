"""`negatoscope compare DIR RUN RUN...`: runs beside each other, and whether one may be called better."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viewer.cli.output import Output
from viewer.core.errors import BadRequest
from viewer.jobs.runs import find_run, read_run

if TYPE_CHECKING:
    from viewer.jobs.agreeing import AgreeingRuns
    from viewer.jobs.runs import RunState

HELP = "Two or more runs in a table: whether one is better on the same test cases, and how far they answer alike."
EXAMPLE = "negatoscope compare my-project 3f2a c6f8"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """DIR RUN RUN."""
    parser.add_argument("project", type=Path, metavar="DIR", help="project folder")
    parser.add_argument(
        "runs", nargs="+", metavar="RUN",
        help="run id, its start, its last four digits or its name; of more than two the others against the first",
    )  # fmt: skip


def run(args: argparse.Namespace, out: Output) -> Any:
    """Print the table and the sentence; returns them."""
    from viewer.jobs.comparing import compare_runs  # with the database, which `negatoscope --help` needs not

    if len(args.runs) < 2:
        raise BadRequest("One run is compared with nothing; name two or more.")
    runs = [read_run(find_run(args.project, name)) for name in args.runs]
    if len(runs) > 2:
        return _several(runs, out)
    first, second = runs
    if first.folder == second.folder:
        raise BadRequest(f"{first.run_id} is named twice; name two runs to compare.")
    found = compare_runs(first, second)
    table = [("", *found.names), *found.rows]
    widths = [max(len(row[place]) for row in table) for place in range(2)]
    for row in table:
        out.line("  ".join((row[0].ljust(widths[0]), row[1].ljust(widths[1]), row[2])))
    agreeing = found.agreeing
    assert agreeing is not None
    for line in filter(None, (found.compared.said, *_agreeing_lines(agreeing, found.compared.said), found.opened)):
        out.line(line)
    facts = {what: [one, other] for what, one, other in found.rows}
    return {
        "runs": [first.run_id, second.run_id], "facts": facts, "sentence": found.compared.said,
        "verdict": found.compared.verdict, "gap": found.compared.gap, "agreement": [agreeing.to_json()],
        "opened": found.opened,
    }  # fmt: skip


def _several(runs: "list[RunState]", out: Output) -> Any:
    from viewer.jobs.several_runs import compare_several

    found = compare_several(runs)
    table = [("", *found.names), *((what, *values) for what, values in (*found.settings, *found.figures))]
    widths = [max(len(row[place]) for row in table) for place in range(len(runs) + 1)]
    for row in table:
        out.line("  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip())
    said = " ".join(pair.said for _, pair in found.against)
    agreeing = [line for each in found.agreeing for line in _agreeing_lines(each, said)]
    for line in filter(None, (*(pair.said for _, pair in found.against), found.rule, *agreeing, found.opened)):
        out.line(line)
    return {
        "runs": [run.run_id for run in runs],
        "facts": {what: list(values) for what, values in (*found.settings, *found.figures)},
        "against": [
            {"run": run.run_id, "sentence": pair.said, "verdict": pair.verdict, "gap": pair.gap}
            for run, (_, pair) in zip(runs[1:], found.against, strict=True)
        ],
        "rule": found.rule, "agreement": [each.to_json() for each in found.agreeing], "opened": found.opened,
    }  # fmt: skip


def _agreeing_lines(found: "AgreeingRuns", said: str) -> list[str]:
    """How far two answer alike, and how many answers are right by which. said: what need not be said again."""
    if found.agreed is None:
        return [] if found.why in said else [found.said]
    ways = found.agreed.ways
    counts = ", ".join(f"{count} {words}" for words, count in ways.items())
    return [found.said, *([f"{counts}."] if counts else [])]
