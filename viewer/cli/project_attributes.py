"""`negatoscope project attribute`: what the label catalogue asks of images and of labels: list, add, change, remove."""

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viewer.cli.options import Subparsers, add_action
from viewer.cli.output import Output

if TYPE_CHECKING:
    from viewer.core.attributes import Attribute
    from viewer.core.edits import Edit
    from viewer.project.attributes.edits import Asking
    from viewer.project.project import Project


def add_attribute_action(commands: Subparsers) -> None:
    """attribute, with what is done to which."""
    parser = add_action(
        commands, "attribute", help="ask for a number, a choice or a text of each image, or of what carries a label",
        example="negatoscope project attribute my-project add age --number a\n"
        "  negatoscope project attribute my-project add margin --of Nodule --choice smooth lobulated spiculated\n"
        "  negatoscope project attribute my-project change margin --choice smooth lobed spiculated "
        "--call lobulated lobed",
        description="Say what is asked of each image, of a whole-image label or of each object of a region label; "
        "`project answer` and the window answer it. Without more, lists what is asked.",
    )  # fmt: skip
    parser.add_argument("folder", type=Path, metavar="DIR", help="project folder")
    parser.add_argument("do", nargs="?", choices=tuple(_DO), default="list")
    parser.add_argument("name", nargs="?", default="", metavar="NAME")
    parser.add_argument("to", nargs="?", default="", metavar="TO", help="the new name; or the place, 1 first")
    parser.add_argument("--of", default="", metavar="LABEL", help="of which label (default: of each image itself)")
    parser.add_argument("--scope", choices=("region", "image"), help="where a label of each kind has this name")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument(
        "--number",
        nargs="?",
        const="",
        metavar="UNIT",
        help="a number, in a unit as UCUM writes it: mm, kg, %%, a (years)",
    )
    kind.add_argument("--choice", nargs="+", metavar="WORD", help="one of these words")
    kind.add_argument("--text", action="store_true", help="words")
    kind.add_argument("--verdict", action="store_true", help="yes or no, of an object")
    parser.add_argument("--code", metavar="SCHEME:VALUE:MEANING", help="what is asked, in a terminology")
    parser.add_argument(
        "--call", nargs=2, action="append", default=[], metavar=("WORD", "NEW"),
        help="with change: a choice that is called otherwise now, so that its answers follow",
    )  # fmt: skip
    parser.add_argument("--with-answers", action="store_true", help="take back the answers that do not fit any more")


def attributes(args: argparse.Namespace, out: Output) -> Any:
    """Returns {"attributes": [...]}, as they are then, and {"done": ...}. Raises BadRequest, UnknownName, Ambiguous."""
    from viewer.core.errors import BadRequest
    from viewer.project.project import Project

    if bool(args.name) != (args.do != "list"):
        raise BadRequest("Say what is to be done with which NAME, such as `add age --number a`, or neither to list.")
    with Project.open(args.folder, writable=args.do != "list") as project:
        edit = _DO[args.do](project, args)
        if edit is not None:
            project.history.do(edit)
        there = project.attributes
    if edit is not None:
        out.line(f"Done: {edit.text}. `negatoscope project undo {args.folder}` takes it back.")
    else:
        for one in there:
            out.line(f"{one.name} of {one.of_what}: {one.words}")
        if not there:
            out.line("Nothing is asked beside the labels; `add` asks something.")
    return {"done": "" if edit is None else edit.text, "attributes": [attribute_facts(one) for one in there]}


def attribute_facts(attribute: "Attribute") -> dict[str, Any]:
    """An attribute as JSON holds it. label: "" of each image itself. question: what its answers are kept under."""
    code = attribute.code
    return {
        "name": attribute.name, "scope": attribute.scope, "label": attribute.label, "kind": attribute.kind.value,
        "choices": list(attribute.choices), "unit": attribute.unit, "question": attribute.question,
        "code": None if code is None else {"scheme": code.scheme, "value": code.value, "meaning": code.meaning},
    }  # fmt: skip


def _list(project: "Project", args: argparse.Namespace) -> None:
    """Nothing is changed."""


def _add(project: "Project", args: argparse.Namespace) -> "Edit":
    from viewer.core.attributes import Attribute, next_place
    from viewer.core.codes import read_code
    from viewer.core.errors import BadRequest
    from viewer.project.attributes.edits import declare

    asked = _asked(args)
    if asked is None:
        raise BadRequest(f"Say what {args.name} is: --number with its unit, --choice, --text or --verdict.")
    scope, label = _label(project, args)
    return declare(
        Attribute(
            scope=scope, label=label, name=args.name.strip(), position=next_place(project.attributes, scope, label),
            code=read_code(args.code) if args.code else None, **asked,
        )
    )  # fmt: skip


def _rename(project: "Project", args: argparse.Namespace) -> "Edit":
    from viewer.core.errors import BadRequest
    from viewer.project.attributes.edits import rename

    attribute = _named(project, args)
    if not args.to.strip() or args.to.strip() == attribute.name:
        raise BadRequest(f"Say what {attribute.name} shall be called.")
    return rename(attribute, args.to.strip())


def _move(project: "Project", args: argparse.Namespace) -> "Edit":
    from viewer.core.errors import BadRequest
    from viewer.project.attributes.edits import move

    attribute = _named(project, args)
    same = [one for one in project.attributes if (one.scope, one.label) == (attribute.scope, attribute.label)]
    if not (args.to.isascii() and args.to.isdigit() and 1 <= int(args.to) <= len(same)):
        raise BadRequest(f"Say which place, from 1 to {len(same)}.")
    other = same[int(args.to) - 1]
    if other == attribute:
        raise BadRequest(f"{attribute.name} has that place already.")
    return move(attribute, other)


def _change(project: "Project", args: argparse.Namespace) -> "Edit":
    from viewer.core.codes import read_code
    from viewer.core.errors import BadRequest
    from viewer.project.attributes.edits import changing

    attribute = _named(project, args)
    asked = _asked(args)
    after = attribute if asked is None else replace(attribute, **{"choices": (), "unit": "", **asked})
    if args.code is not None:
        after = replace(after, code=read_code(args.code) if args.code else None)
    if after == attribute:
        raise BadRequest(f"Say what {attribute.name} shall ask instead.")
    renamed = dict(args.call)
    if unknown := [word for word in renamed if word not in attribute.choices]:
        raise BadRequest(f"{unknown[0]} is no choice of {attribute.name}; {attribute.words} are.")
    return _agreed(changing(project, attribute, after, renamed=renamed), args)


def _remove(project: "Project", args: argparse.Namespace) -> "Edit":
    from viewer.project.attributes.edits import removing

    return _agreed(removing(project, _named(project, args)), args)


def _agreed(plan: "Asking", args: argparse.Namespace) -> "Edit":
    from viewer.core.errors import BadRequest

    if plan.lost and not args.with_answers:
        raise BadRequest(f"{plan.sentence} Add --with-answers to do it all the same; undo brings them back.")
    return plan.edit


def _asked(args: argparse.Namespace) -> dict[str, Any] | None:
    """Kind, choices and unit, as they were given; None where none was."""
    from viewer.core.attributes import AttributeKind

    if args.number is not None:
        return {"kind": AttributeKind.NUMBER, "unit": args.number}
    if args.choice is not None:
        return {"kind": AttributeKind.CHOICE, "choices": tuple(args.choice)}
    if args.text:
        return {"kind": AttributeKind.TEXT}
    return {"kind": AttributeKind.VERDICT} if args.verdict else None


def _label(project: "Project", args: argparse.Namespace) -> tuple[str, str]:
    """Scope and label that --of names; of each image itself without it."""
    from viewer.cli.project_labels import named_label

    if not args.of:
        return "image", ""
    label = named_label(project, args.of, args.scope)
    return label.scope, label.name


def _named(project: "Project", args: argparse.Namespace) -> "Attribute":
    from viewer.core.errors import UnknownName

    scope, label = _label(project, args)
    there = project.attributes
    for one in there:
        if (one.scope, one.label, one.name) == (scope, label, args.name):
            return one
    names = ", ".join(f"{one.name} of {one.of_what}" for one in there) or "nothing"
    raise UnknownName(f"This project asks for no {args.name} of {label or 'the image'}; it asks for {names}.")


_DO: "dict[str, Callable[[Project, argparse.Namespace], Edit | None]]" = {
    "list": _list, "add": _add, "change": _change, "rename": _rename, "move": _move, "remove": _remove,
}  # fmt: skip
