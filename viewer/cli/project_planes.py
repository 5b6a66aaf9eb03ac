"""`negatoscope project planes`: what is measured on planes through volumes, in the patient's millimetres."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viewer.cli.by_beginning import row_of
from viewer.cli.options import Subparsers, add_action, add_reader
from viewer.cli.output import Output, counted
from viewer.cli.project_cases import images_named

if TYPE_CHECKING:
    from viewer.core.edits import Edit
    from viewer.core.geometry import PointMm
    from viewer.core.shapes.anchors import PlaneAnchor
    from viewer.core.shapes.annotations import Measurement
    from viewer.project.project import Project
    from viewer.project.records import ImageRecord

PLANES = ("axial", "coronal", "sagittal")


def add_planes_action(commands: Subparsers) -> None:
    """planes."""
    planes = add_action(
        commands, "planes", help="list what is measured on planes through volumes; measure on one",
        example="negatoscope project planes my-project --through CT/0001.dcm --plane coronal \\\n"
        "      --measure length --points '-70 12.5 40' '-40 12.5 80'",
        description="List the measurements on planes through volumes, add one, or remove one. Points are x, y and z in "
        "the patient, in mm, as DICOM counts them: to the left, to the back, to the head. A plane is seen wherever a "
        "plane of its frame of reference lies in it.",
    )  # fmt: skip
    planes.add_argument("folder", type=Path, metavar="DIR", help="project folder")
    planes.add_argument("--through", metavar="FILE", help="an image of the volume's series, by its file or image id")
    planes.add_argument("--plane", choices=PLANES, help="which plane through the first point")
    planes.add_argument("--measure", metavar="KIND", help="what is measured: length or angle")
    planes.add_argument("--points", nargs="+", metavar="'X Y Z'", help="its points, each in quotes")
    planes.add_argument("--remove", metavar="ID", help="take this measurement away; the first digits are enough")
    add_reader(planes)


def planes(args: argparse.Namespace, out: Output) -> Any:
    """Returns {"measurements": [...]}. Raises BadRequest, UnknownName, Ambiguous."""
    from viewer.core.errors import BadRequest
    from viewer.project.lists.on_planes import on_planes_of
    from viewer.project.project import Project

    parts = (args.through, args.plane, args.measure, args.points)
    if any(one is None for one in parts) and any(one is not None for one in parts):
        raise BadRequest("To measure give --through, --plane, --measure and --points, all of them; to list, none.")
    measures = args.measure is not None
    if measures and args.remove is not None:
        raise BadRequest("Measure, or remove a measurement; both at once is two steps.")
    with Project.open(args.folder, writable=measures or args.remove is not None, reader=args.reader) as project:
        if measures:
            project.history.do(_measured(project, args))
        if args.remove is not None:
            project.history.do(_removed(project, args.remove))
        found = on_planes_of(project)
        films = _films(project)
    for one in found:
        out.line(_line(one, films))
    out.line(f"{counted(len(found), 'measurement')} on planes")
    return {"measurements": [_document(one, films) for one in found]}


def _measured(project: "Project", args: argparse.Namespace) -> "Edit":
    from viewer.core.shapes.annotations import Measurement
    from viewer.project.edit_builders import add_measurement, new_id

    points = [_point(text) for text in args.points]
    plane = _plane(images_named(project, args.through)[0], args.plane, points[0])
    return add_measurement(
        Measurement(
            measurement_id=new_id(), image_id="", kind=args.measure, points_px=plane.on_it(points), plane=plane,
            author=project.author,
        )
    )  # fmt: skip


def _removed(project: "Project", wanted: str) -> "Edit":
    from viewer.project.edit_builders import remove_measurement
    from viewer.project.lists.on_planes import on_planes_of

    return remove_measurement(row_of(on_planes_of(project), wanted, lambda one: one.measurement_id, "measurement"))


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


def _values(one: "Measurement") -> list[str]:
    import numpy as np

    from viewer.core.shapes.anchors import plane_facts

    return list(one.shape.quantities(np.zeros((0, 0)), plane_facts()))


def _line(one: "Measurement", films: dict[str, str]) -> str:
    from viewer.core.geometry import plane_name
    from viewer.core.shapes.anchors import words_of

    assert one.plane is not None
    places = " ".join(map(words_of, one.points_mm))
    where = f"{plane_name(one.plane.place)} through {films.get(one.plane.series_id, 'a series')}"
    return f"{one.measurement_id[:8]}  {one.kind} {', '.join(_values(one))} · {where} · {places}"


def _document(one: "Measurement", films: dict[str, str]) -> dict[str, Any]:
    plane = one.plane
    assert plane is not None
    return {
        "measurement_id": one.measurement_id,
        "kind": one.kind,
        "values": _values(one),
        "author": one.author,
        "film": films.get(plane.series_id, ""),
        "series_id": plane.series_id,
        "frame_of_reference_uid": plane.frame_of_reference_uid,
        "origin_mm": plane.origin_mm,
        "row_cosines": plane.row_cosines,
        "col_cosines": plane.col_cosines,
        "points_mm": one.points_mm,
    }
