"""`negatoscope render --plane`: an axial, coronal or sagittal plane through a series that is a volume."""

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from viewer.cli.output import Output
    from viewer.core.pixels import LookupTable, Window
    from viewer.reading.frame import Frame
    from viewer.reading.series import Series


def add_plane_arguments(parser: argparse.ArgumentParser) -> None:
    """--plane and --at."""
    parser.add_argument(
        "--plane", choices=("axial", "coronal", "sagittal"),
        help="cut this plane through a series that is a volume, with square pixels of its finest spacing",
    )  # fmt: skip
    parser.add_argument(
        "--at", type=float, metavar="MM", help="with --plane: its place (z, y or x in the patient); default the middle"
    )


def check_plane_arguments(args: argparse.Namespace) -> None:
    """Raises BadRequest for options that do not go with a plane."""
    from viewer.core.errors import BadRequest

    if args.at is not None and args.plane is None:
        raise BadRequest("--at belongs to --plane; say which plane.")
    if args.plane is not None and (args.overlay or args.presentation_state):
        raise BadRequest("--overlay and --presentation-state belong to a single frame; leave them or --plane away.")
    if args.plane is not None and args.frame:
        raise BadRequest("--frame belongs to a single frame; use --at with --plane.")


def render_plane(
    args: argparse.Namespace, out: "Output", series: "Series", window_of: "Callable[[Frame], Window | LookupTable]"
) -> tuple[Any, dict[str, Any]]:
    """(the picture, what the document says of it). window_of: the window asked for, else that of the middle slice."""
    from viewer.core.compose import displayed, native_view
    from viewer.core.geometry import AXIS_OF_PLANE, edge_letters, standard_plane
    from viewer.core.volume import reformat
    from viewer.core.windowing import display_table
    from viewer.reading.frames import read_frame
    from viewer.reading.volumes import read_volume

    volume = read_volume(series)
    plane = standard_plane(volume.grid, args.plane, args.at)
    cut = reformat(volume, plane)
    window = window_of(read_frame(series.frames[len(series.frames) // 2]))
    view, transform = native_view(cut.values, cut.facts)
    picture = displayed(view, display_table(cut.facts, window, invert=False))
    left, right, top, bottom = edge_letters(plane.place, transform)
    at_mm = plane.place.position_mm[AXIS_OF_PLANE[args.plane]]
    for said in (*(warning.text for warning in series.warnings), cut.facts.banner):
        if said:
            out.note(f"{series.folder}: {said}")
    size = f"{plane.rows} rows × {plane.cols} cols of {plane.pixel_mm:.3f} mm"
    out.line(f"{args.out}: {args.plane} at {at_mm:.1f} mm, {size}, {left or '-'} at the left, {top or '-'} at the top")
    return picture, {
        "plane": args.plane,
        "at_mm": at_mm,
        "pixel_mm": plane.pixel_mm,
        "letters": {"left": left, "right": right, "top": top, "bottom": bottom},
        "warnings": [{"code": warning.code, "text": warning.text} for warning in series.warnings],
        "banner": cut.facts.banner,
        "window_values": window,
    }
