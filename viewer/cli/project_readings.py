"""`negatoscope project readings`: who reads a project, how far each is, and whether they read on their own."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viewer.cli.options import Subparsers, add_action
from viewer.cli.output import Output, counted

if TYPE_CHECKING:
    from viewer.project.project import Project


def add_readings_action(commands: Subparsers) -> None:
    """readings."""
    readings = add_action(
        commands, "readings", help="say who reads and how far each is; let each read on their own",
        example="negatoscope project readings my-project --each",
        description="Say who reads a project and how far each is. With --each every reader works in a reading of their "
        "own and sees nothing of the others; --reader NAME of `annotate`, `review`, `project cases`, `undo` and `redo` "
        "says whose it is, --reader shared is the reading of all; 'NAME, first' is a reading before AI is shown, "
        "'NAME, repeat' one of the same cases again. `snapshot --readings` says what is taken of several: of each case "
        "those who are through with it; one who has not begun a case holds nobody up there.",
    )  # fmt: skip
    readings.add_argument("folder", type=Path, metavar="DIR", help="project folder")
    how = readings.add_mutually_exclusive_group()
    how.add_argument("--each", action="store_true", help="from now on each reads on their own")
    how.add_argument("--together", action="store_true", help="from now on all work in one reading of each case")


def readings(args: argparse.Namespace, out: Output) -> Any:
    """Returns {"readers": "each" or "together", "rounds": [...]}."""
    from viewer.project.project import Project
    from viewer.project.readings import EACH_OWN, SHARED_WORD, TOGETHER

    changes = args.each or args.together
    with Project.open(args.folder, writable=changes, reader=SHARED_WORD) as project:
        if changes:
            project.rounds.read_by(EACH_OWN if args.each else TOGETHER)
        return _told(project, out)


def _told(project: "Project", out: Output) -> dict[str, Any]:
    from viewer.project.readings import EACH_OWN, how_read

    how = how_read(project.database)
    progress, shown = project.rounds.progress(), project.rounds.revealed()
    out.line("Each reads on their own." if how == EACH_OWN else "All work in one reading of each case.")
    found = []
    for one in project.rounds.all():
        states = progress[one.round_id]
        ai = f"; AI shown of {counted(shown[one.round_id], 'case')}" if shown.get(one.round_id) else ""
        out.line(f"  {one.words}: {', '.join(f'{count} {state.value}' for state, count in states.items())}{ai}")
        found.append(
            {
                "round_id": one.round_id, "reader": one.reader, "kind": one.kind.value, "number": one.number,
                "ai_shown": shown.get(one.round_id, 0),
                "progress": {state.value: count for state, count in states.items()},
            }
        )  # fmt: skip
    out.line(counted(sum(progress[""].values()), "case"))
    return {"readers": how, "rounds": found}
