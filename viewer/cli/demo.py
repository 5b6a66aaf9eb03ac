"""`negatoscope demo`: the whole main job on the phantom, with a report."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from viewer.cli.output import Output

HELP = "Do the whole main job on made-up films: scan, annotate, train, predict, explain, review; write a report."
EXAMPLE = "negatoscope demo --out negatoscope-demo"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--out, and how much of it."""
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new or empty folder")
    parser.add_argument("--films", type=int, default=72, metavar="N", help="films to train on (default: 72)")
    parser.add_argument("--epochs", type=int, default=0, metavar="N", help="of each training (default: as fits 5 min)")
    parser.add_argument("--no-window", action="store_true", help="no pictures of the window, none left open at the end")


def run(args: argparse.Namespace, out: Output) -> Any:
    """Do every step; returns {"report", "project", "steps", "figures", "pictures", "seconds"}."""
    from viewer.cli.demo_report import write_report
    from viewer.cli.demo_steps import Demo, do_main_job
    from viewer.core.errors import BadRequest
    from viewer.jobs.start import require_torch

    require_torch()
    if args.films < 24:
        raise BadRequest("The demo needs at least 24 films to have some in each part.")
    if args.out.exists() and (not args.out.is_dir() or any(args.out.iterdir())):
        raise BadRequest(f"{args.out} holds something already; name a new folder for the demo.")
    demo = Demo(folder=args.out.resolve(), out=out, with_window=not args.no_window)
    do_main_job(demo, films=args.films, epochs=args.epochs)
    report = write_report(demo)
    out.line(f"Report: {report}")
    out.line(f"Pictures of the window: {demo.pictures_folder}" if demo.with_window else "No pictures of the window.")
    if demo.with_window and _has_display():
        _leave_window_open(demo.project)
    return {
        "report": report,
        "project": demo.project,
        "steps": [{"command": step.command, "seconds": round(step.seconds, 2)} for step in demo.steps],
        "figures": demo.figures,
        "pictures": demo.pictures,
        "seconds": round(demo.seconds, 1),
    }


def _has_display() -> bool:
    if sys.platform.startswith("linux"):
        named = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        return bool(named) and os.environ.get("QT_QPA_PLATFORM") != "offscreen"
    return True


def _leave_window_open(project: Path) -> None:
    """A process of its own, so that the command line comes back."""
    import subprocess

    subprocess.Popen([sys.executable, "-m", "viewer.cli.main", str(project)])
