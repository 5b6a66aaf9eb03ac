"""`negatoscope project objects`: the objects of a project, what is said of each, which are one over several cases."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viewer.cli.by_beginning import row_of
from viewer.cli.options import Subparsers, add_action, add_reader
from viewer.cli.output import Output, counted
from viewer.cli.project_cases import named_cases

if TYPE_CHECKING:
    from viewer.core.edits import Edit
    from viewer.project.objects.listing import ObjectRow
    from viewer.project.project import Project

STATES = ("in question", "settled", "none")


def add_objects_action(commands: Subparsers) -> None:
    """objects."""
    objects = add_action(
        commands, "objects", help="list objects; give one a state, a comment, a link to one of another case",
        example="negatoscope project objects my-project --of 3fa8 --link 91c2",
        description="List the objects of a project: a lesion on 12 slices is one. --of ID changes one of them; the "
        "beginning of an id is enough. Objects of two cases of a patient that are one thing are linked.",
    )  # fmt: skip
    objects.add_argument("folder", type=Path, metavar="DIR", help="project folder")
    objects.add_argument("--label", default="", metavar="NAME", help="only objects of this label")
    objects.add_argument(
        "--case",
        default="",
        metavar="CASE",
        help="only objects of this case: the beginning of its id, its title, or an image of it",
    )
    objects.add_argument("--of", default="", metavar="ID", help="the object that is changed, or asked about")
    objects.add_argument("--state", choices=STATES, help="what becomes of it")
    objects.add_argument("--comment", metavar="TEXT", help='what is said of it; "" takes it back')
    one = objects.add_mutually_exclusive_group()
    one.add_argument("--link", metavar="ID", help="it is one with this object of another case")
    one.add_argument("--unlink", metavar="ID", help="it is not one with this object")
    add_reader(objects)


def objects(args: argparse.Namespace, out: Output) -> Any:
    """Returns {"objects": [...]}. Raises BadRequest, UnknownName, Ambiguous."""
    from viewer.core.errors import BadRequest
    from viewer.project.objects.listing import all_objects
    from viewer.project.project import Project

    changes = any(one is not None for one in (args.state, args.comment, args.link, args.unlink))
    if changes and not args.of:
        raise BadRequest("Say with --of ID which object is meant; without anything else all are listed.")
    with Project.open(args.folder, writable=changes, reader=args.reader) as project:
        if changes:
            project.history.do(_edit(project, args))
        case_id = named_cases(project, [args.case])[0].case_id if args.case else ""
        rows = all_objects(project, label=args.label, case_id=case_id)
        rows = [_named(rows, args.of)] if args.of else rows
    for row in rows:
        out.line(_line(row))
    out.line(counted(len(rows), "object"))
    return {"objects": [_document(row) for row in rows]}


def _edit(project: "Project", args: argparse.Namespace) -> "Edit":
    from dataclasses import replace

    from viewer.core.edits import Edit
    from viewer.core.errors import UnknownName
    from viewer.core.shapes.objects import ObjectState
    from viewer.project.history import now_iso
    from viewer.project.objects.edits import link, say_of_object, unlink
    from viewer.project.objects.listing import all_objects
    from viewer.project.objects.reading import shapes_of

    rows = all_objects(project)
    row = _named(rows, args.of)
    shapes, edits = shapes_of(project, row.key), []
    note = row.note
    if args.state is not None:
        note = replace(note, state=ObjectState.UNSAID if args.state == "none" else ObjectState(args.state))
    if args.comment is not None:
        note = replace(note, comment=args.comment.strip())
    if args.state is not None or args.comment is not None:
        edits.append(say_of_object(shapes, row.note, note))
    if args.link is not None:
        other = _named(rows, args.link)
        edits.append(link(shapes, shapes_of(project, other.key), author=project.author, time=now_iso()))
    if args.unlink is not None:
        there = next((one.link for one in row.linked if one.key.startswith(args.unlink)), None)
        if there is None:
            raise UnknownName(f"The {row.label} on {row.film} is not linked with an object {args.unlink}.")
        edits.append(unlink(shapes, there))
    return Edit(
        text=edits[0].text, image_id=edits[0].image_id, changes=tuple(one for edit in edits for one in edit.changes)
    )


def _named(rows: "list[ObjectRow]", key: str) -> "ObjectRow":
    return row_of(rows, key, lambda row: row.key, "object")


def _line(row: "ObjectRow") -> str:
    on = row.film if row.images == 1 else f"{counted(row.images, 'image')} from {row.film} on" if row.images else ""
    if row.planes:
        through = counted(row.planes, "plane")
        on = f"{on} and {through}" if on else f"{through} through {row.film}"
    linked = ", ".join(f"{one.place} ({one.key[:8]})" for one in row.linked)
    said = [row.note.words, f"one with that of {linked}" if linked else ""]
    return f"{row.key[:8]}  {' · '.join(part for part in (row.label, row.case, on, *said) if part)}"


def _document(row: "ObjectRow") -> dict[str, Any]:
    return {
        "object_id": row.key, "label": row.label, "case_id": row.case_id, "case": row.case, "images": row.images,
        "planes": row.planes,
        "first_image_id": row.image_id, "state": row.note.state.value, "comment": row.note.comment,
        "linked": [
            {"object_id": one.key, "case_id": one.case_id, "author": one.link.author, "time": one.link.time}
            for one in row.linked
        ],
    }  # fmt: skip
