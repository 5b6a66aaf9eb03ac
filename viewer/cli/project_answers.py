"""`negatoscope project answer`: say a number, a choice, a text or a verdict of an image, a series, ... an object."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viewer.cli.options import Subparsers, add_action, add_reader
from viewer.cli.output import Output

if TYPE_CHECKING:
    from viewer.core.values import Target, Value
    from viewer.project.project import Project


def add_answer_action(commands: Subparsers) -> None:
    """answer."""
    answer = add_action(
        commands, "answer", help="say a number, a choice or a text of an image, a study, a patient, an object",
        example="negatoscope project answer my-project 'lung volume' --image film_012.png --number '4.5 L'",
        description="Say something of an image, a series, a study, a patient or an object, or ask what is said of it. "
        "Whole-image labels are said by `annotate` and in the window.",
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
    said.add_argument("--number", metavar="'N UNIT'", help="a number with its unit, such as '4.5 mm'")
    said.add_argument("--choice", metavar="WORD", help="one of several words")
    said.add_argument("--text", metavar="TEXT", help="words")
    said.add_argument("--verdict", choices=("yes", "no", "uncertain", "not assessed"), help="of all but an image")
    said.add_argument("--nothing", action="store_true", help="take back what is said")
    add_reader(answer)


def answer(args: argparse.Namespace, out: Output) -> Any:
    """Returns {"target": ..., "answers": {name: value}}. Raises BadRequest, UnknownName, Ambiguous."""
    from viewer.core.errors import BadRequest
    from viewer.core.values import value_words
    from viewer.project.answers import answers_of, say
    from viewer.project.project import Project
    from viewer.project.store.stored_values import value_out

    value = _value(args)
    changes = value is not None or args.nothing
    if changes != bool(args.name):
        raise BadRequest(
            "Give a NAME and what is said (--number, --choice, --text, --verdict or --nothing), or neither."
        )
    with Project.open(args.folder, writable=changes, reader=args.reader) as project:
        target = _target(project, args)
        if changes:
            project.history.do(say(project, target, args.name, value))
        said = answers_of(project, [target])[target]
    for name, one in said.items():
        out.line(f"{name}: {value_words(one)}")
    if not said:
        out.line(f"Nothing is said of this {target.kind.value}.")
    return {
        "target": {"kind": target.kind.value, "id": target.target_id},
        "answers": {name: value_out(one) for name, one in said.items()},
    }


def _value(args: argparse.Namespace) -> "Value | None":
    from viewer.core.errors import BadRequest
    from viewer.core.labels import Verdict
    from viewer.core.values import Choice, Quantity, Words

    if args.number is not None:
        number, _, unit = args.number.strip().partition(" ")
        try:
            return Quantity(number=float(number), unit=unit.strip())
        except ValueError:
            raise BadRequest(f"{args.number!r} is no number with a unit, such as '4.5 mm'.") from None
    if args.choice is not None:
        return Choice(word=args.choice)
    if args.text is not None:
        return Words(text=args.text)
    return None if args.verdict is None else Verdict(args.verdict)


def _target(project: "Project", args: argparse.Namespace) -> "Target":
    from viewer.core.errors import Ambiguous, UnknownName
    from viewer.core.values import Target, TargetKind, patient_key

    if args.object is not None:
        return Target(kind=TargetKind.OBJECT, target_id=args.object)
    name = args.image or args.series or args.study or args.patient
    there = [one for one in project.images.all() if name in (one.image_id, one.path.name, str(one.path))]
    there = there or project.images.find(path=Path(name).resolve())
    if not there:
        raise UnknownName(f"No image of this project is called {name}.")
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
