"""`negatoscope compare DIR RUN RUN`: two runs beside each other, and whether one may be called better."""

import argparse
from pathlib import Path
from typing import Any

from viewer.cli.output import Output
from viewer.core.errors import BadRequest
from viewer.jobs.runs import find_run, read_run

HELP = "Two runs in a table, and whether one is better on the same test cases."
EXAMPLE = "negatoscope compare my-project 3f2a c6f8"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """DIR RUN RUN."""
    parser.add_argument("project", type=Path, metavar="DIR", help="project folder")
    parser.add_argument("runs", nargs=2, metavar="RUN", help="run id, its start, or its last four digits")


def run(args: argparse.Namespace, out: Output) -> Any:
    """Print the table and the sentence; returns them."""
    from viewer.jobs.comparing import compare_runs  # with the database, which `negatoscope --help` needs not

    first, second = (read_run(find_run(args.project, name)) for name in args.runs)
    if first.folder == second.folder:
        raise BadRequest(f"{first.run_id} is named twice; name two runs to compare.")
    found = compare_runs(first, second)
    table = [("", *found.names), *found.rows]
    widths = [max(len(row[place]) for row in table) for place in range(2)]
    for row in table:
        out.line("  ".join((row[0].ljust(widths[0]), row[1].ljust(widths[1]), row[2])))
    for line in filter(None, (found.compared.said, found.opened)):
        out.line(line)
    facts = {what: [one, other] for what, one, other in found.rows}
    return {
        "runs": [first.run_id, second.run_id], "facts": facts, "sentence": found.compared.said,
        "verdict": found.compared.verdict, "gap": found.compared.gap, "opened": found.opened,
    }  # fmt: skip
