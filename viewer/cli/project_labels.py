"""`negatoscope project label`: rename, colour, code, move or remove a label of the catalogue."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viewer.cli.options import Subparsers, add_action
from viewer.cli.output import Output

if TYPE_CHECKING:
    from viewer.core.edits import Edit
    from viewer.core.labels import Label
    from viewer.project.project import Project

KEEP_THE_NAME = "Snapshots, runs and what models propose keep the name that they have."


def add_label_action(commands: Subparsers) -> None:
    """label, with what is done to which."""
    label = add_action(
        commands, "label", help="rename, colour, code, move or remove a label",
        example="negatoscope project label my-project rename PNEUMONIA pneumonia",
    )  # fmt: skip
    label.add_argument("folder", type=Path, metavar="DIR", help="project folder")
    label.add_argument("do", choices=("rename", "colour", "code", "move", "remove"))
    label.add_argument("name", metavar="LABEL")
    label.add_argument(
        "to", nargs="?", default="", metavar="TO",
        help="the new name; the colour, 1 to 12; the place, 1 first; or the code, such as SCT:27925004:Nodule, for "
        "other programs (nothing: no code any more)",
    )  # fmt: skip
    label.add_argument("--scope", choices=("region", "image"), help="where a label of each kind has this name")
    label.add_argument("--with-uses", action="store_true", help="remove also what carries the label")


def change_label(args: argparse.Namespace, out: Output) -> Any:
    """Returns the catalogue as it is then. Raises BadRequest, UnknownName, Ambiguous."""
    from viewer.project.project import Project

    with Project.open(args.folder, writable=True) as project:
        label = named_label(project, args.name, args.scope)
        edit = _edit(project, label, args)
        project.history.do(edit)
        labels = [
            {"name": one.name, "scope": one.scope, "color": one.color, "key": one.key, "code": code_facts(one)}
            for one in project.labels
        ]
    out.line(f"Done: {edit.text}. `negatoscope project undo {args.folder}` takes it back.")
    if args.do in ("rename", "remove"):
        out.line(KEEP_THE_NAME)
    return {"done": edit.text, "labels": labels}


def code_facts(label: "Label") -> dict[str, str] | None:
    """A label's code as JSON holds it."""
    code = label.code
    return None if code is None else {"scheme": code.scheme, "value": code.value, "meaning": code.meaning}


def named_label(project: "Project", name: str, scope: str | None) -> "Label":
    """A label of the catalogue. scope: None where only one has the name. Raises UnknownName, Ambiguous."""
    from viewer.core.errors import Ambiguous, UnknownName

    found = [one for one in project.labels if one.name == name and scope in (None, one.scope)]
    if not found:
        names = ", ".join(one.name for one in project.labels) or "none"
        raise UnknownName(f"This project has no label {name}; it has {names}.")
    if len(found) > 1:
        raise Ambiguous(f"{name} is a label of regions and of whole images; add --scope region or --scope image.")
    return found[0]


def _edit(project: "Project", label: "Label", args: argparse.Namespace) -> "Edit":
    from viewer.core.codes import read_code
    from viewer.core.errors import BadRequest
    from viewer.project.edit_builders import code_label, colour_label, move_label, rename_label
    from viewer.project.removing_labels import removing_label

    if args.do == "remove":
        plan = removing_label(project, label)
        if plan.uses and not args.with_uses:
            raise BadRequest(f"{plan.sentence} Add --with-uses to remove it all the same; undo brings all back.")
        return plan.edit
    if args.do == "code":
        return code_label(label, read_code(args.to) if args.to else None)
    same = [one for one in project.labels if one.scope == label.scope]
    if args.do == "rename":
        name = args.to.strip()
        if not name or any(one.name.casefold() == name.casefold() for one in same if one.name != label.name):
            raise BadRequest(f"A label is renamed to a name that no other has; {name or 'nothing'} is none.")
        return rename_label(label, name)
    most = 12 if args.do == "colour" else len(same)
    if not (args.to.isascii() and args.to.isdigit() and 1 <= int(args.to) <= most):
        raise BadRequest(f"Say which {'colour' if args.do == 'colour' else 'place'}, from 1 to {most}.")
    number = int(args.to) - 1
    if args.do == "colour":
        return colour_label(label, number)
    if same[number].name == label.name:
        raise BadRequest(f"{label.name} has that place already.")
    return move_label(label, same[number])
