"""`negatoscope forget`: take studies out of what this program keeps for itself."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from viewer.cli.output import Output
from viewer.core.errors import BadRequest

HELP = "Take studies out of the index, the unpacked archives, the list of what was opened and the logs."
EXAMPLE = "negatoscope forget old-study another.zip"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """PATH ... or --all."""
    parser.add_argument(
        "paths", type=Path, nargs="*", metavar="PATH",
        help="folder, file or archive that was opened; it need not be there any more, and is left as it is",
    )  # fmt: skip
    parser.add_argument(
        "--all", action="store_true", help="every study, and the logs; projects and how the window looks stay"
    )


def run(args: argparse.Namespace, out: Output) -> Any:
    """Say how much was taken out; returns the same as numbers."""
    from viewer.reading.forgetting import forget_everything, forget_studies

    if bool(args.paths) == args.all:
        raise BadRequest("Name what is to be forgotten, or say --all.")
    forgotten = forget_everything() if args.all else forget_studies(args.paths)
    out.line(f"Forgotten: {forgotten.words}.")
    out.line("The studies and every project are left as they are.")
    return asdict(forgotten)
