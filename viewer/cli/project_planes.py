"""`negatoscope project planes`: what is drawn and measured on planes through volumes, in the patient's millimetres."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viewer.cli.by_beginning import row_of
from viewer.cli.options import Subparsers, add_action, add_reader, asked_reader
from viewer.cli.output import Output, counted
from viewer.cli.project_cases import images_named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from viewer.core.edits import Edit
    from viewer.core.geometry import PointMm
    from viewer.core.shapes.anchors import PlaneAnchor
    from viewer.core.shapes.annotations import Annotation, Measurement
    from viewer.project.project import Project
    from viewer.project.records import ImageRecord

PLANES = ("axial", "coronal", "sagittal")


def add_planes_action(commands: Subparsers) -> None:
    """planes."""
    planes = add_action(
        commands, "planes", help="list what is drawn and measured on planes through volumes; draw or measure on one",
        example="negatoscope project planes my-project --through CT/0001.dcm --plane coronal \\\n"
        "      --measure length --points '-70 12.5 40' '-40 12.5 80'\n"
        "negatoscope project planes my-project --through CT/0001.dcm --plane coronal \\\n"
        "      --draw box --label nodule --points '-70 12.5 40' '-40 12.5 80'",
        description="List the shapes and measurements on planes through volumes, add one, or remove one. Points are x, "
        "y and z in the patient, in mm, as DICOM counts them: to the left, to the back, to the head; a box is two of "
        "its corners. A plane is seen wherever a plane of its frame of reference lies in it. Data sets of images take "
        "nothing from planes: a snapshot leaves out, by name, the slices that have nothing of the label themselves.",
    )  # fmt: skip
    planes.add_argument("folder", type=Path, metavar="DIR", help="project folder")
    planes.add_argument("--through", metavar="FILE", help="an image of the volume's series, by its file or image id")
    planes.add_argument("--plane", choices=PLANES, help="which plane through the first point")
    planes.add_argument("--measure", metavar="KIND", help="what is measured: length or angle")
    planes.add_argument("--draw", metavar="KIND", help="what is drawn: box, polygon, polyline or point; with --label")
    planes.add_argument("--label", metavar="NAME", help="the label of what is drawn")
    planes.add_argument("--points", nargs="+", metavar="'X Y Z'", help="its points, each in quotes")
    planes.add_argument("--remove", metavar="ID", help="take it away; the first digits are enough")
    add_reader(planes)
    planes.add_argument(
        "--readings", default="", metavar="RULE",
        help="list what is taken where several have read: agreed, majority, union, shared, reader:NAME, or each with "
        "its reader (default: one reading)",
    )  # fmt: skip


def planes(args: argparse.Namespace, out: Output) -> Any:
    """Returns {"measurements": [...], "shapes": [...], "readings": {...}, "unknown": [...]}.

    Raises BadRequest, UnknownName, Ambiguous.
    """
    from viewer.core.errors import BadRequest
    from viewer.project.lists.on_planes import taken_on_planes
    from viewer.project.project import Project

    parts = (args.through, args.plane, args.measure or args.draw, args.points)
    if any(one is None for one in parts) and any(one is not None for one in parts):
        raise BadRequest(
            "To measure give --through, --plane, --measure and --points, all of them, and to draw --draw and --label "
            "instead of --measure; to list, none."
        )
    if (args.draw is None) != (args.label is None) or (args.draw is not None and args.measure is not None):
        raise BadRequest("Draw with --draw and --label, or measure with --measure; both at once is two steps.")
    adds = args.points is not None
    if adds and args.remove is not None:
        raise BadRequest("Draw or measure, or remove something; both at once is two steps.")
    changes = adds or args.remove is not None
    if args.readings and changes:
        raise BadRequest("What is drawn, measured or removed is so in one reading; --readings is for listing.")
    reader = asked_reader(args) if args.readings else args.reader
    with Project.open(args.folder, writable=changes, reader=reader) as project:
        if adds:
            project.history.do(_added(project, args))
        if args.remove is not None:
            project.history.do(_removed(project, args.remove))
        taken, films = taken_on_planes(project, args.readings), _films(project)
    lines: list[Annotation | Measurement] = [*taken.drawn, *taken.measured]
    for one in lines:
        by = taken.readers.get(one.round_id, "")
        out.line(f"{_line(one, films)}{' · by ' if by else ''}{by}")
    counts = [counted(len(taken.measured), "measurement")]
    many = [counted(len(taken.drawn), "shape"), *counts] if taken.drawn else counts
    out.line(f"{' and '.join(many)} on planes")
    if taken.words:
        out.line(f"of several readings: {taken.words}")
    for series_id, labels in taken.unknown.items():
        out.line(f"  unknown, for readers differ: {', '.join(labels)} through {films.get(series_id, 'a series')}")
    return {
        "measurements": [_document(one, films, taken.readers) for one in taken.measured],
        "shapes": [_document(one, films, taken.readers) for one in taken.drawn],
        "readings": {"rule": args.readings, "words": taken.words},
        "unknown": [
            {"film": films.get(series_id, ""), "series_id": series_id, "labels": labels}
            for series_id, labels in taken.unknown.items()
        ],
    }


def _added(project: "Project", args: argparse.Namespace) -> "Edit":
    from viewer.core.shapes.annotations import Measurement
    from viewer.core.shapes.shape import shape_kind
    from viewer.project.edit_builders import add_annotation, add_measurement, new_id, with_case_started

    points = [_point(text) for text in args.points]
    film = images_named(project, args.through)[0]
    plane = _plane(film, args.plane, points[0])
    if args.draw is None:
        return add_measurement(
            Measurement(
                measurement_id=new_id(), image_id="", kind=args.measure, points_px=plane.on_it(points), plane=plane,
                author=project.author,
            )
        )  # fmt: skip
    shape = shape_kind(args.draw).of_points(plane.on_it(points))
    edit = add_annotation("", args.label.strip(), shape, author=project.author, plane=plane)
    return with_case_started(edit, project.cases.get(film.case_id))


def _removed(project: "Project", wanted: str) -> "Edit":
    from viewer.core.shapes.annotations import Annotation
    from viewer.project.edit_builders import remove_annotation, remove_measurement
    from viewer.project.lists.on_planes import on_planes_of, shapes_on_planes

    there: list[Annotation | Measurement] = [*shapes_on_planes(project), *on_planes_of(project)]
    one = row_of(there, wanted, _id_of, "shape or measurement")
    return remove_annotation(one) if isinstance(one, Annotation) else remove_measurement(one)


def _id_of(one: "Annotation | Measurement") -> str:
    from viewer.core.shapes.annotations import Annotation

    return one.annotation_id if isinstance(one, Annotation) else one.measurement_id


def _point(text: str) -> "PointMm":
    from viewer.core.attributes import read_number
    from viewer.core.errors import BadRequest

    words = text.split()
    if len(words) != 3:
        raise BadRequest(f"“{text}” is no point: write x, y and z in mm with blanks between them, in quotes.")
    x, y, z = map(read_number, words)
    return x, y, z


def _plane(record: "ImageRecord", name: str, through: "PointMm") -> "PlaneAnchor":
    from viewer.core.errors import BadRequest
    from viewer.core.geometry import AXIS_OF_PLANE, STANDARD_PLANES
    from viewer.core.shapes.anchors import PlaneAnchor

    uid = record.tags.get("FrameOfReferenceUID", "")
    if not uid or not record.series_id:
        raise BadRequest(f"{record.path.name} names no frame of reference, so no plane through it has a place.")
    right, down = STANDARD_PLANES[name]
    origin = [0.0, 0.0, 0.0]
    origin[AXIS_OF_PLANE[name]] = through[AXIS_OF_PLANE[name]]
    return PlaneAnchor(
        frame_of_reference_uid=uid, series_id=record.series_id, origin_mm=(origin[0], origin[1], origin[2]),
        row_cosines=right, col_cosines=down,
    )  # fmt: skip


def _films(project: "Project") -> dict[str, str]:
    """The name of the first file of each series."""
    found: dict[str, str] = {}
    for record in project.images.all():
        found.setdefault(record.series_id, record.path.name)
    return found


def _values(one: "Annotation | Measurement") -> list[str]:
    import numpy as np

    from viewer.core.shapes.anchors import plane_facts, size_words
    from viewer.core.shapes.annotations import Annotation

    if isinstance(one, Annotation):
        return [size for size in [size_words(one.outline_px)] if size]
    return list(one.shape.quantities(np.zeros((0, 0)), plane_facts()))


def _line(one: "Annotation | Measurement", films: dict[str, str]) -> str:
    from viewer.core.geometry import plane_name
    from viewer.core.shapes.anchors import words_of
    from viewer.core.shapes.annotations import Annotation

    assert one.plane is not None
    places = " ".join(map(words_of, one.points_mm))
    where = f"{plane_name(one.plane.place)} through {films.get(one.plane.series_id, 'a series')}"
    label = f"{one.label} · " if isinstance(one, Annotation) else ""
    what = " ".join(filter(None, [one.shape.kind, ", ".join(_values(one))]))
    return f"{_id_of(one)[:8]}  {label}{what} · {where} · {places}"


def _document(one: "Annotation | Measurement", films: dict[str, str], readers: "Mapping[str, str]") -> dict[str, Any]:
    from viewer.core.shapes.annotations import Annotation

    plane = one.plane
    assert plane is not None
    is_shape = isinstance(one, Annotation)
    return {
        "annotation_id" if is_shape else "measurement_id": _id_of(one),
        **({"label": one.label, "object_id": one.object_key} if isinstance(one, Annotation) else {}),
        "kind": one.shape.kind,
        "values": _values(one),
        "author": one.author,
        **({"reader": readers[one.round_id]} if one.round_id in readers else {}),
        "film": films.get(plane.series_id, ""),
        "series_id": plane.series_id,
        "frame_of_reference_uid": plane.frame_of_reference_uid,
        "origin_mm": plane.origin_mm,
        "row_cosines": plane.row_cosines,
        "col_cosines": plane.col_cosines,
        "points_mm": one.points_mm,
    }
