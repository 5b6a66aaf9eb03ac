"""`negatoscope leaks`: what of a snapshot stands on both sides of its division."""

import argparse
from pathlib import Path
from typing import Any

from viewer.cli.output import Output

HELP = "Audit a snapshot for leaks: what stands in two of its parts, by ids, pixels, looks, names and birth dates."
EXAMPLE = "negatoscope leaks my-project"
MOST_LISTED = 200


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """DIR [SNAPSHOT] [--again] [--all] [--join]."""
    parser.add_argument("project", type=Path, metavar="DIR", help="project folder")
    parser.add_argument("snapshot", nargs="?", default="", metavar="SNAPSHOT", help="its id (default: the newest)")
    parser.add_argument("--again", action="store_true", help="look anew, also where the snapshot was audited before")
    parser.add_argument("--all", action="store_true", help="list also what lies within one part")
    parser.add_argument(
        "--join", action="store_true",
        help="make one patient of those who share pictures, or a name and birth date; `project undo` takes it back. "
        "Look at the pairs first, and make a new snapshot afterwards",
    )  # fmt: skip


def run(args: argparse.Namespace, out: Output) -> Any:
    """List what was found; returns the audit's document."""
    from viewer.core.text.titles import short_id
    from viewer.project.leaks.audit import audit_of, make_audit
    from viewer.project.leaks.joining import plan_joining
    from viewer.project.project import Project
    from viewer.project.snapshots.snapshot import Snapshot

    with Project.open(args.project, writable=args.join) as project:
        snapshot = Snapshot.load(args.project, args.snapshot)
        work = make_audit if args.again else audit_of
        audit = work(project, snapshot, tell=lambda what, done, total: _tell(out, what, done, total))
        listed = audit.found if args.all else audit.crossing
        out.line(f"snapshot {short_id(snapshot.id)} of {snapshot.task.name}")
        for leak in listed[:MOST_LISTED]:
            out.line(f"  {leak.words}")
        if len(listed) > MOST_LISTED:
            out.line(f"  and {len(listed) - MOST_LISTED} more; --json lists all")
        for file, reason in audit.unread[:MOST_LISTED]:
            out.line(f"  not looked at: {file}: {reason}")
        for sentence in audit.sentences:
            out.line(sentence)
        plan = plan_joining(project, audit)
        if args.join:
            if plan.edit is not None:
                project.history.do(plan.edit)
            out.line(plan.sentence)
        elif plan.edit is not None:
            out.line(f"If they are one: `negatoscope leaks {args.project} --join` makes {plan.words}.")
    return {**audit.to_json(), "joined": plan.joined if args.join else 0}


def _tell(out: Output, what: str, done: int, total: int) -> None:
    out.event({"event": "leaks", "what": what, "done": done, "total": total})
