"""`negatoscope project answer`: say a number, a choice, a text or a verdict of an image, a series, ... an object."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viewer.cli.options import Subparsers, add_action, add_reader
from viewer.cli.output import Output
from viewer.cli.project_cases import images_named

if TYPE_CHECKING:
    from viewer.core.attributes import Attribute
    from viewer.core.values import Target, Value
    from viewer.project.project import Project


def add_answer_action(commands: Subparsers) -> None:
    """answer."""
    answer = add_action(
        commands, "answer", help="say a number, a choice or a text of an image, a study, a patient, an object",
        example="negatoscope project answer my-project 'lung volume' --image film_012.png --number '4.5 L'",
        description="Say something of an image, a series, a study, a patient or an object, or ask what is said of it. "
        "What `project attribute` asks for is held against that. Whole-image labels are said by `annotate` and in the "
        "window.",
    )  # fmt: skip
    answer.add_argument("folder", type=Path, metavar="DIR", help="project folder")
    answer.add_argument("name", nargs="?", default="", metavar="NAME", help="of the question; none: say what is said")
    of = answer.add_mutually_exclusive_group(required=True)
    of.add_argument("--image", metavar="FILE", help="an image, by its file or image id")
    of.add_argument("--series", metavar="FILE", help="the series of an image")
    of.add_argument("--study", metavar="FILE", help="the study of an image")
    of.add_argument("--patient", metavar="FILE", help="the patient of an image")
    of.add_argument("--object", metavar="ID", help="an object, by its id")
    said = answer.add_mutually_exclusive_group()
    said.add_argument(
        "--number",
        metavar="'N UNIT'",
        help="a number with its unit, such as '4.5 mm'; of what is asked for in a unit the number is enough",
    )
    said.add_argument("--choice", metavar="WORD", help="one of several words")
    said.add_argument("--text", metavar="TEXT", help="words")
    said.add_argument("--verdict", choices=("yes", "no", "uncertain", "not assessed"), help="of all but an image")
    said.add_argument("--nothing", action="store_true", help="take back what is said")
    add_reader(answer)


def answer(args: argparse.Namespace, out: Output) -> Any:
    """Returns {"target": ..., "answers": {name: value}, "unanswered": [name]}.

    Raises BadRequest, UnknownName, Ambiguous.
    """
    from viewer.core.errors import BadRequest
    from viewer.core.values import value_words
    from viewer.project.answers import answers_of, asked_of, say
    from viewer.project.project import Project
    from viewer.project.store.stored_values import value_out

    typed = next(((flag, getattr(args, flag)) for flag in _FLAGS if getattr(args, flag) is not None), None)
    changes = typed is not None or args.nothing
    if changes != bool(args.name):
        raise BadRequest(
            "Give a NAME and what is said (--number, --choice, --text, --verdict or --nothing), or neither."
        )
    with Project.open(args.folder, writable=changes, reader=args.reader) as project:
        target = _target(project, args)
        asked = {one.question: one for one in asked_of(project, target)}
        if changes:
            value = None if typed is None else _value(*typed, asked.get(args.name))
            project.history.do(say(project, target, args.name, value))
        said = answers_of(project, [target])[target]
    for name, one in said.items():
        out.line(f"{name}: {value_words(one)}")
    for name, attribute in asked.items():
        if name not in said:
            out.line(f"{name}: not said ({attribute.words})")
    if not said and not asked:
        out.line(f"Nothing is said of this {target.kind.value}.")
    return {
        "target": {"kind": target.kind.value, "id": target.target_id},
        "answers": {name: value_out(one) for name, one in said.items()},
        "unanswered": [name for name in asked if name not in said],
    }


def _value(flag: str, text: str, attribute: "Attribute | None") -> "Value":
    """What was typed behind a flag: an answer to what is asked, and where nothing is, what it looks like."""
    from viewer.core.errors import BadRequest

    if attribute is None:
        return _FLAGS[flag](text)
    if attribute.kind.value != flag:
        raise BadRequest(f"{attribute.question} is {attribute.words}: say it with --{attribute.kind.value}.")
    return attribute.read(text)


def _number(text: str) -> "Value":
    from viewer.core.attributes import read_number
    from viewer.core.values import Quantity

    number, _, unit = text.strip().partition(" ")
    return Quantity(number=read_number(number), unit=unit.strip())


def _choice(text: str) -> "Value":
    from viewer.core.values import Choice

    return Choice(word=text)


def _text(text: str) -> "Value":
    from viewer.core.values import Words

    return Words(text=text)


def _verdict(text: str) -> "Value":
    from viewer.core.labels import Verdict

    return Verdict(text)


_FLAGS: "dict[str, Callable[[str], Value]]" = {
    "number": _number, "choice": _choice, "text": _text, "verdict": _verdict,
}  # fmt: skip


def _target(project: "Project", args: argparse.Namespace) -> "Target":
    from viewer.core.errors import Ambiguous
    from viewer.core.values import Target, TargetKind, patient_key

    if args.object is not None:
        return Target(kind=TargetKind.OBJECT, target_id=args.object)
    name = args.image or args.series or args.study or args.patient
    there = images_named(project, name)
    if len({one.image_id for one in there}) > 1 and args.image:
        raise Ambiguous(f"{name} holds {len(there)} images; give an image id.")
    record = there[0]
    if args.image:
        return Target(kind=TargetKind.IMAGE, target_id=record.image_id)
    if args.series:
        return Target(kind=TargetKind.SERIES, target_id=record.series_id)
    if args.study:
        return Target(kind=TargetKind.STUDY, target_id=record.study_uid)
    return Target(kind=TargetKind.PATIENT, target_id=patient_key(record.source, record.patient_id))
