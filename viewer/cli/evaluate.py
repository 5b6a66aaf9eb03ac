"""`negatoscope evaluate DIR RUN`: figures with intervals, beside their controls."""

import argparse
from pathlib import Path
from typing import Any

from ml.evaluation.page import PAGE_FILE
from ml.evaluation.subgroups.judging import NOT_SAID
from ml.metric_words import figure_text, metric_meaning, metric_title, number_text
from viewer.cli.evaluating import evaluate_named
from viewer.cli.output import Output
from viewer.core.deciding import cut_words
from viewer.core.text.counting import counted
from viewer.jobs.start import require_torch

HELP = "Evaluate a run (or the folds of one name, pooled) with 95 % intervals, beside its controls."
EXAMPLE = "negatoscope evaluate my-project 20261121-1415-pneumonia-3f2a --split test --out report"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """DIR RUN [--split PART] [--snapshot ID] --out FOLDER."""
    parser.add_argument("project", type=Path, metavar="DIR", help="project folder")
    parser.add_argument("run", metavar="RUN", help="run id, or the shared name of a `train --fold all`")
    parser.add_argument("--split", default="test", choices=("train", "val", "test"), help="part to judge on")
    parser.add_argument(
        "--snapshot",
        default="",
        metavar="ID",
        help="another snapshot than the run's own: its id, or for an external test another project's folder or "
        "PROJECT/snapshots/ID, of which all cases are judged",
    )
    parser.add_argument(
        "--seen-anyway", action="store_true",
        help="also where the model has seen test images or their patients; every line and the report say so",
    )  # fmt: skip
    parser.add_argument(
        "--operating-point", default="", metavar="RULE",
        help="choose the cut anew, on validation: recall:0.95, precision:0.9, youden, cost:10",
    )  # fmt: skip
    parser.add_argument(
        "--prevalence", type=float, default=None, metavar="P",
        help="also tell PPV, NPV and scores where this share of the cases has the label (the same mix assumed)",
    )  # fmt: skip
    parser.add_argument(
        "--by", nargs="+", default=None, metavar="COLUMN",
        help="judge groups of cases by these alone: site, scanner, view, sex, age, source, an attribute or label of "
        "images; none for no groups (all that there are)",
    )  # fmt: skip
    parser.add_argument(
        "--as-one", action="store_true",
        help="judge the folds of a name as one model, by the mean of their probabilities, on the test part that none "
        "of them learnt from (without: each on what it held out)",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FOLDER", help="figures.json, cases.csv and report.html go here"
    )


def run(args: argparse.Namespace, out: Output) -> Any:
    """Write figures.json, cases.csv and the page; returns the figures."""
    require_torch()
    document = evaluate_named(
        args.project, args.run, args.out,
        part=args.split, snapshot_id=args.snapshot, seen_anyway=args.seen_anyway,
        operating_point=args.operating_point, prevalence=args.prevalence, by=args.by,
        as_one=args.as_one,
    )  # fmt: skip
    mark = seen_mark(document)
    out.line(
        f"{document['task']}, {document['part']}: {counted(document['cases'], 'case')} of "
        f"{counted(document['patients'], 'patient')}{mark}"
    )
    for line in [
        *figure_lines(document),
        *point_lines(document),
        *group_lines(document),
        *document["notes"],
        document["sentence"],
    ]:
        out.line(line)
    out.line(f"Written to {args.out}: figures.json, cases.csv and {PAGE_FILE}, the same as a page")
    return document


def seen_mark(document: dict[str, Any]) -> str:
    """What stands behind every figure of cases that the model has seen; "" otherwise."""
    mark = document.get("seen", {}).get("mark", "")
    return f" · {mark}" if mark else ""


def figure_lines(document: dict[str, Any]) -> list[str]:
    """Each answerer with a line per figure, then the intervals' method and what the figures are."""
    titles = {name: facts["title"] for name, facts in document["figures"].items()}
    width = max(map(len, titles.values()))
    lines, mark = [], seen_mark(document)
    for who, figures in document["answers"].items():
        lines.append(f"  {who}")
        lines += [f"    {titles[name]:<{width}}  {figure_text(figure)}{mark}" for name, figure in figures.items()]
    lines.append(f"Intervals: {document['interval']}.")
    told: dict[str, list[str]] = {}
    for name, facts in document["figures"].items():
        kind, _, label = name.partition(":")
        # Of labels alone the meaning is told once.
        told.setdefault(metric_meaning(f"{kind}:each label") if label else facts["is"], []).append(facts["title"])
    return lines + [f"{', '.join(names)}: {meaning}." for meaning, names in told.items() if meaning]


def point_lines(document: dict[str, Any]) -> list[str]:
    """The operating points with what they reach, then what is told of a prevalence."""
    lines = []
    for one in document.get("operating_points", ()):
        cuts = " or ".join(dict.fromkeys(cut_words(point["cut"]) for point in one["validation"]))
        reached = ", ".join(f"{metric_title(name)} {figure_text(figure)}" for name, figure in one["figures"].items())
        lines.append(f"Chosen on validation for {one['words']}, cut {cuts}: {reached}.")
    there = document.get("prevalence")
    if there:
        told = [f"{metric_title(name)} {figure_text(figure)}" for name, figure in there["figures"].items()]
        told += [f"a score of {cut_words(one['score'])} is {number_text(one['here'])}" for one in there["scores"]]
        lines.append(f"At a prevalence of {there['prevalence']:g} ({there['assumed']}): {', '.join(told)}.")
    return lines


def group_lines(document: dict[str, Any]) -> list[str]:
    """Each column of groups with a line for each, then the worst of them."""
    groups = document.get("groups") or {"columns": ()}
    lines = []
    for column in groups["columns"]:
        for name, group in column["groups"].items():
            figure = figure_text(group["figures"][groups["ranked_by"]])
            of = f"{counted(group['rows'], 'case')} of {counted(group['patients'], 'patient')}"
            lines.append(f"  {column['column']} {name or NOT_SAID}: {of}, {metric_title(groups['ranked_by'])} {figure}")
        lines.append(f"  {column['sentence']}")
    return lines
