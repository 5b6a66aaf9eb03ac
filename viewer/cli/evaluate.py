"""`negatoscope evaluate DIR RUN`: figures with intervals, beside their controls."""

import argparse
from pathlib import Path
from typing import Any

from viewer.cli.evaluate_lines import report_lines
from viewer.cli.evaluating import evaluate_named
from viewer.cli.output import Output
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
    for line in report_lines(document, args.out):
        out.line(line)
    return document
