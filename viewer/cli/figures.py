"""`negatoscope figures TABLE.csv ...`: figures with intervals of what any program predicted."""

import argparse
from functools import partial
from pathlib import Path
from typing import Any

from ml.metric_words import figure_text, metric_title
from viewer.cli.output import Output
from viewer.core.errors import AppError, BadRequest
from viewer.core.text.counting import counted

HELP = "Figures with 95 % intervals by patient, of tables of scores that any program wrote."
EXAMPLE = "negatoscope figures ours.csv theirs.csv --truth label --score score --patient patient_id --threshold 0.5"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """TABLE ... --truth --score --patient [--by] [--threshold] [--prevalence]."""
    parser.add_argument("tables", type=Path, nargs="+", metavar="TABLE.csv", help="a row for each case")
    for name, what in (
        ("truth", "the truth: 1 or 0, yes or no, true or false; empty where it is not known"),
        ("score", "the score: a number, higher for what has it"),
        ("patient", "whose the case is: cases of one patient come and go together"),
    ):
        parser.add_argument(f"--{name}", required=True, metavar="COLUMN", help=f"column with {what}")
    parser.add_argument("--by", default="", metavar="COLUMN", help="also the figures of each of its values")
    parser.add_argument(
        "--threshold", type=float, metavar="CUT",
        help="also the figures of the answers: a score at or above it says yes (choose it on other cases)",
    )  # fmt: skip
    parser.add_argument(
        "--prevalence", type=float, metavar="P",
        help="PPV and NPV where this share of the cases has it, 0 to 1 (by prior shift: the same mix of cases assumed)",
    )  # fmt: skip
    parser.add_argument(
        "--decimal", default="", choices=("comma", "point"), help="what the comma of a score like 1,234 is"
    )
    parser.add_argument("--encoding", default="", metavar="NAME", help="of tables that are not UTF-8: latin-1")


def run(args: argparse.Namespace, out: Output) -> Any:
    """Print the figures of each table; returns {"tables", "problems"}."""
    from ml.evaluation.judged_scores import INTERVALS, Asked, judge_table
    from ml.evaluation.score_table import Columns, read_scores

    if len({args.truth, args.score, args.patient}) < 3:
        raise BadRequest("--truth, --score and --patient are three columns; two of them have one name.")
    if args.prevalence is not None and not 0 < args.prevalence < 1:
        raise BadRequest(f"A prevalence lies between 0 and 1, and {args.prevalence:g} does not.")
    if args.threshold is not None and not abs(args.threshold) < float("inf"):
        raise BadRequest("--threshold is a finite number.")
    columns = Columns(truth=args.truth, score=args.score, patient=args.patient, by=args.by)
    asked = Asked(cut=args.threshold, prevalence=args.prevalence, by=args.by)
    tables: list[dict[str, Any]] = []
    problems: list[dict[str, str]] = []
    for path in args.tables:
        try:
            table = read_scores(path, columns, encoding=args.encoding, decimal=args.decimal)
            document = judge_table(table, asked, tell=partial(_tell, out, path))
        except AppError as error:
            out.progress_done()
            out.fail(str(error))
            problems.append({"file": str(path), "message": str(error)})
            continue
        out.progress_done()
        tables.append(document)
        for line in _lines(document):
            out.line(line)
    if tables:
        out.line(f"Intervals: {INTERVALS}.")
    return {"tables": tables, "problems": problems}


def _tell(out: Output, path: Path, what: str) -> None:
    out.progress(f"{path}: {what}")


def _lines(document: dict[str, Any]) -> list[str]:
    """A table in words: what it is, a line for each figure, its subgroups."""
    counts = f"{counted(document['rows'], 'row')} of {counted(document['patients'], 'patient')}"
    lines = [f"{document['file']}: {counts}", *_figure_lines(document["figures"], "  ")]
    by = document.get("by")
    if by:
        from ml.evaluation.subgroups.judging import NOT_SAID

        for name, group in by["groups"].items():
            counts = f"{counted(group['rows'], 'row')} of {counted(group['patients'], 'patient')}"
            lines += [f"  {by['column']} {name or NOT_SAID}: {counts}", *_figure_lines(group["figures"], "    ")]
        lines.append(f"  {by['sentence']}")
    return lines + [f"  {note}" for note in document["notes"]]


def _figure_lines(figures: dict[str, Any], indent: str) -> list[str]:
    from ml.evaluation.figures.any_scores import NO_CUT

    told = {name: figure for name, figure in figures.items() if figure.get("reason") != NO_CUT}
    width = max(len(metric_title(name)) for name in told)
    return [
        f"{indent}{metric_title(name):<{width}}  {figure_text({**figure, 'why': figure.get('reason', '')})}"
        for name, figure in told.items()
    ]
