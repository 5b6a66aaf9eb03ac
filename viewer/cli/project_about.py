"""`negatoscope project about`: what only a person knows of a study, written once for all its reports."""

import argparse
from pathlib import Path
from typing import Any

from viewer.cli.options import Subparsers, add_action
from viewer.cli.output import Output
from viewer.core.text.counting import counted


def add_about_action(commands: Subparsers) -> None:
    """about, with what is written."""
    parser = add_action(
        commands, "about", help="write what only you know of the study: aims, ethics, funding; every report shows it",
        example="negatoscope project about my-project --set funding \"None.\" --set ethics \"Board of X, 12/2026\"\n"
        "  negatoscope project about my-project --from about.toml",
        description="Without more, lists what is asked and what was written. What is written stands in the checklists "
        "of the project's reports as your words, counted apart from what the program fills; no test part is opened "
        "for it.",
    )  # fmt: skip
    parser.add_argument("folder", type=Path, metavar="DIR", help="project folder")
    parser.add_argument(
        "--set", nargs=2, action="append", default=[], metavar=("NAME", "TEXT"), help='one answer; "" takes it back'
    )
    parser.add_argument("--from", dest="sheet", type=Path, default=None, metavar="FILE", help="answers of a TOML file")
    parser.add_argument(
        "--report", type=Path, action="append", default=[], metavar="FOLDER",
        help="also a report that `evaluate --out` wrote elsewhere",
    )  # fmt: skip


def about(args: argparse.Namespace, out: Output) -> Any:
    """Returns {"about": {NAME: TEXT}, "asked": {NAME: QUESTION}, "reports": [...], "problems": [...]}."""
    from viewer.core.errors import NotFound
    from viewer.project.disk.about import QUESTIONS, checked_about, read_about, read_sheet, write_about
    from viewer.project.project import RUNS, SNAPSHOTS

    if not any((args.folder / part).is_dir() for part in (SNAPSHOTS, RUNS)):
        raise NotFound(f"{args.folder} is no project; make one with `negatoscope project create {args.folder}`.")
    written = read_about(args.folder)
    reports: list[Path] = []
    problems: list[str] = []
    asked = dict(args.set)
    if asked or args.sheet is not None:
        checked_about(asked, "--set")
        sheet = {} if args.sheet is None else read_sheet(args.sheet)
        written = write_about(args.folder, {**written, **sheet, **asked})
    if asked or args.sheet is not None or args.report:
        from viewer.jobs.telling_about import tell_reports

        reports, problems = tell_reports(args.folder, args.report)
    for name, question in QUESTIONS.items():
        out.line(f"{name}: {written.get(name) or f'({question})'}")
    if reports:
        out.line(f"{counted(len(reports), 'report')} {'says' if len(reports) == 1 else 'say'} it now.")
    for problem in problems:
        out.note(problem)
    return {"about": written, "asked": QUESTIONS, "reports": reports, "problems": problems}
