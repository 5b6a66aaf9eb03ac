"""`negatoscope second-read DIR`: some cases read once more, and how far two readings agree."""

import argparse
from pathlib import Path
from typing import Any

from viewer.cli.output import Output, counted
from viewer.core.errors import NotFound

HELP = "Have some cases read once more, and tell how far two readings agree: no model can be known to be better."
EXAMPLE = "negatoscope second-read my-project --task pneumonia --draw --reader Ada"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """DIR, which snapshot, and what to draw."""
    parser.add_argument("project", type=Path, metavar="DIR", help="project folder")
    parser.add_argument("--task", default="", metavar="NAME", help="task of the snapshot")
    parser.add_argument("--snapshot", default="", metavar="ID", help="(default: the task's newest)")
    parser.add_argument(
        "--draw", action="store_true",
        help="draw patients for a second read; they are read with --reader 'NAME, second' of `annotate`, or in the "
        "window (Dataset, Second read…), and no snapshot takes anything of it",
    )  # fmt: skip
    parser.add_argument("--reader", default="", metavar="NAME", help="who reads them: the same or another reader")
    parser.add_argument("--share", type=int, default=5, metavar="P", help="percent of the patients (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the draw (%(default)s)")


def run(args: argparse.Namespace, out: Output) -> Any:
    """Draw where that is asked for; then how far it is and how far the two agree."""
    from ml.evaluation.agreeing.second_read import tell_second_read
    from viewer.project.project import Project
    from viewer.project.snapshots.second_read import draw_second_read, second_read_of
    from viewer.project.snapshots.snapshot import Snapshot

    if not args.project.is_dir():
        raise NotFound(f"{args.project} is no project folder; check the path.")
    snapshot = Snapshot.load(args.project, args.snapshot, task=args.task)
    with Project.open(args.project, writable=args.draw) as project:
        if args.draw:
            read = draw_second_read(project, snapshot, args.reader, share=args.share, seed=args.seed)
            out.line(
                f"{counted(len(read.image_ids), 'image')} of {counted(read.patients, 'patient')} are drawn; "
                f"`negatoscope project cases {args.project} --part second` lists their cases."
            )
        else:
            found = second_read_of(project.folder, snapshot.id)
            if found is None:
                raise NotFound(
                    f"No second read of the snapshot {snapshot.id[:8]} was drawn; --draw --reader NAME draws one."
                )
            read = found
        told = tell_second_read(project, read)
    for line in (told.progress, told.said):
        out.line(line)
    return {**told.to_json(), "patients": read.patients, "image_ids": list(read.image_ids)}
