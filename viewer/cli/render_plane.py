"""`negatoscope render --plane`: an axial, coronal or sagittal plane through a series that is a volume, with what a
project has drawn and measured in it."""

import argparse
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from viewer.cli.output import Output
    from viewer.core.compose import Layer
    from viewer.core.geometry import ImagePlane, PlaneThrough, Spacing, ViewTransform
    from viewer.core.pixels import LookupTable, PixelFacts, Window
    from viewer.core.shapes.anchors import PlaneAnchor
    from viewer.core.shapes.annotations import Measurement
    from viewer.core.shapes.outlined import Point
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
    if args.plane is not None and args.presentation_state:
        raise BadRequest("--presentation-state belongs to a single frame; leave it or --plane away.")
    if args.plane is not None and args.overlay.strip() not in ("", "annotations"):
        raise BadRequest("On a plane --overlay shows annotations alone: what is drawn and measured in it.")
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
    table = display_table(cut.facts, window, invert=False)
    shown, layers = _shown(args.project, plane, volume.facts) if args.overlay else ([], ())
    picture = displayed(view, table)
    if shown or layers:
        picture = _with_lines(shown, layers, view, table, transform)
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
        "measurements": [{"kind": one.kind, "values": list(lines)} for one, lines in shown],
        "shapes": [tag.text for layer in layers for tag in layer.tags],
        "window_values": window,
    }


def _shown(
    folder: "Path", plane: "PlaneThrough", facts: "PixelFacts"
) -> "tuple[list[tuple[Measurement, tuple[str, ...]]], tuple[Layer, ...]]":
    """What a project has measured in a plane, as it lies on its picture, with its values; and what is drawn there."""
    import numpy as np

    from viewer.core.compose import Layer
    from viewer.core.geometry import Spacing
    from viewer.core.overlays import label_color
    from viewer.core.shapes.anchors import plane_facts
    from viewer.core.shapes.outlines import annotation_lines, lines_moved
    from viewer.project.lists.on_planes import on_planes_of, shapes_on_planes
    from viewer.project.project import Project

    place = replace(plane.place, frame_of_reference=facts.plane.frame_of_reference if facts.plane else "")
    pixel = Spacing(row_mm=plane.pixel_mm, col_mm=plane.pixel_mm, source="the plane")
    with Project.open(folder, writable=False) as project:
        there, drawn, labels = on_planes_of(project), shapes_on_planes(project), project.labels
    measured = [
        (
            replace(
                one, plane=None, image_id=one.plane.anchor_id,
                points_px=tuple(place.patient_to_image(point, pixel) for point in one.points_mm),
            ),
            one.shape.quantities(np.zeros((0, 0)), plane_facts()),
        )
        for one in there
        if one.plane is not None and one.plane.is_shown_on(place, one.outline_px)
    ]  # fmt: skip
    layers = []
    for shape in drawn:
        own = shape.plane
        if own is not None and own.is_shown_on(place, shape.outline_px):
            lines, tag = annotation_lines(shape, label_color(shape.label, labels), selected=False)
            lines, tag = lines_moved(lines, tag, partial(_on_picture, own, place, pixel))
            layers.append(Layer(outlines=tuple(lines), tags=() if tag is None else (tag,)))
    return measured, tuple(layers)


def _on_picture(own: "PlaneAnchor", place: "ImagePlane", pixel: "Spacing", x: float, y: float) -> "Point":
    """A point of one plane on the picture of another that lies in it."""
    return place.patient_to_image(own.to_patient((x, y)), pixel)


def _with_lines(
    shown: "list[tuple[Measurement, tuple[str, ...]]]", layers: "tuple[Layer, ...]", view: Any, table: Any,
    transform: "ViewTransform",
) -> Any:  # fmt: skip
    from viewer.cli.drawing import draw_lines_and_tags, draw_value_boxes
    from viewer.core.compose import Layer, compose
    from viewer.core.shapes.outlines import measurement_lines

    lines = tuple(line for one, _ in shown for line in measurement_lines(one, selected=False))
    made = compose(view, table, (*layers, Layer(outlines=lines)), None, transform)
    rgb = draw_lines_and_tags(made.rgb, made.outlines, made.tags, transform)
    in_view = [
        replace(line, points_px=tuple(transform.to_view(*point) for point in line.points_px)) for line in made.outlines
    ]
    words = [(tuple(transform.to_view(*point) for point in one.points_px), values) for one, values in shown]
    return draw_value_boxes(rgb, words, in_view)
