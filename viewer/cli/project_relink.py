"""`negatoscope project relink`: find the pictures of a project again after they were moved."""

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viewer.cli.options import Subparsers, add_action
from viewer.cli.output import Output, counted
from viewer.cli.project_cases import MOST_LINES

if TYPE_CHECKING:
    from viewer.project.relinking import RelinkPlan


def add_relink_action(commands: Subparsers) -> None:
    """relink, with the folders to search."""
    relink = add_action(
        commands, "relink", help="find images whose files were moved, by their content, and say where they lie now",
        example="negatoscope project relink my-project /mnt/archive/films --dry-run",
    )  # fmt: skip
    relink.add_argument("folder", type=Path, metavar="DIR", help="project folder")
    relink.add_argument("folders", type=Path, nargs="+", metavar="FOLDER", help="where the pictures may be")
    relink.add_argument("--dry-run", action="store_true", help="say what is found, and change nothing")


def relink(args: argparse.Namespace, out: Output) -> Any:
    """Returns what was found, what lies in several files, what was not found, and what was not taken."""
    from viewer.project.project import Project
    from viewer.project.relinking import look_for
    from viewer.project.relinking import relink as write

    def watch(done: int, total: int) -> None:
        out.progress(f"{done} of {counted(total, 'file')} read")
        out.event({"event": "progress", "done": done, "total": total})

    with Project.open(args.folder, writable=not args.dry_run) as project:
        plan = look_for(project, args.folders, progress=watch)
        out.progress_done()
        written = 0 if args.dry_run else write(project, plan)
    _say(plan, out)
    out.line(plan.sentence)
    if plan.found:
        images = counted(len(plan.found), "image")
        out.line(f"{images} would be linked anew; nothing was changed." if args.dry_run else f"{images} linked anew.")
    if plan.missing and not plan.found:
        out.fail("negatoscope: none of the missing images was found there.")
    return {
        "dry_run": args.dry_run,
        "images": plan.images,
        "missing": plan.missing,
        "relinked": written,
        "found": [
            {"image_id": one.record.image_id, "was": one.record.path, "now": one.file.path} for one in plan.found
        ],
        "several": [
            {"image_id": one.record.image_id, "was": one.record.path, "paths": list(one.paths)} for one in plan.several
        ],
        "not_found": [{"image_id": one.image_id, "was": one.path} for one in plan.not_found],
        "not_taken": [{"path": one.path, "reason": one.reason} for one in plan.problems],
    }


def _say(plan: "RelinkPlan", out: Output) -> None:
    _lines(out, "found", (f"{one.record.path} -> {one.file.path}" for one in plan.found), len(plan.found))
    alike = (f"{one.record.path}: {', '.join(map(str, one.paths))}" for one in plan.several)
    _lines(out, "in several files", alike, len(plan.several))
    _lines(out, "not found", (str(one.path) for one in plan.not_found), len(plan.not_found))
    for problem in plan.problems:
        reason = problem.reason
        out.note(reason if str(problem.path) in reason else f"{problem.path}: {reason}")


def _lines(out: Output, what: str, lines: Iterable[str], count: int) -> None:
    for _, line in zip(range(MOST_LINES), lines, strict=False):
        out.line(f"{what}: {line}")
    if count > MOST_LINES:
        out.line(f"{what}: {count - MOST_LINES} more (--json lists all)")
