"""`negatoscope project cases, case, take-out, undo and redo`: which cases a project has, how far they are, and how they
leave it."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viewer.cli.options import Subparsers, add_action, add_reader, add_readings_rule, asked_reader
from viewer.cli.output import Output, counted

if TYPE_CHECKING:
    from viewer.project.lists.asked_for import AskedModel
    from viewer.project.project import Project
    from viewer.project.records import CaseRow, ImageRecord
    from viewer.project.said.short import Short

MOST_LINES = 20  # of names on the terminal; --json has them all


def add_case_actions(commands: Subparsers) -> None:
    """cases, case, take-out, patients, undo and redo."""
    from viewer.core.case_acts import ACTS
    from viewer.project.said.orders import AS_FILED, ORDERS

    cases = add_action(
        commands,
        "cases",
        help="list cases with their ids",
        example="negatoscope project cases my-project --part test",
    )
    cases.add_argument("folder", type=Path, metavar="DIR", help="project folder")
    cases.add_argument(
        "--find", default="", metavar="TEXT",
        help="only those with this in title, patient, label, ...; part:test in it is as --part test",
    )  # fmt: skip
    cases.add_argument(
        "--part", action="append", default=[], metavar="NAME",
        help="only those in this part of the snapshot: train, validation, test, fold0, ..., or none; A,B is either",
    )  # fmt: skip
    cases.add_argument(
        "--snapshot", default=None, metavar="ID", help="say each case's part of this snapshot (default: the newest)"
    )
    cases.add_argument(
        "--model", default=None, metavar="RUN_OR_MODEL",
        help="say its newest answers too; --find then takes 'score>0.8', 'score(LABEL):0.4..0.6', disagrees, uncertain",
    )  # fmt: skip
    cases.add_argument(
        "--sort", default=AS_FILED, choices=(AS_FILED, *ORDERS), help="by what --model says (default: as filed)"
    )
    add_reader(cases)
    add_readings_rule(cases)
    act = add_action(
        commands, "case", help="complete, send to review, approve or return cases, or open them again",
        example="negatoscope project case my-project return film_012.png --comment 'The left lung is missing.'",
        description="Do one of these with cases, in one step that undo takes back:\n"
        + "\n".join(f"  {act.name:9} {act.help}" for act in ACTS),
    )  # fmt: skip
    act.add_argument("folder", type=Path, metavar="DIR", help="project folder")
    act.add_argument("act", choices=[act.name for act in ACTS], metavar="ACT", help="what is done with them: see above")
    act.add_argument(
        "cases", nargs="+", metavar="CASE", help="the beginning of a case's id, its title, or an image of it"
    )
    act.add_argument(
        "--comment", default="", metavar="TEXT", help="why it is returned; with `return` alone, which needs it"
    )
    add_reader(act)
    take_out = add_action(
        commands, "take-out", help="take cases out of a project; undo brings them back with all their work",
        example="negatoscope project take-out my-project film_012.png 3f2a91",
    )  # fmt: skip
    take_out.add_argument("folder", type=Path, metavar="DIR", help="project folder")
    take_out.add_argument(
        "cases",
        nargs="+",
        metavar="CASE",
        help="the beginning of a case's id, its title, or an image of it",
    )
    take_out.add_argument(
        "--with-work", action="store_true", help="also cases on which somebody has worked; without it they are refused"
    )
    patients = add_action(
        commands, "patients", help="give films their patient ids by a rule on their names",
        example="negatoscope project patients my-project --pattern '{patient}_{view}' --dry-run",
    )  # fmt: skip
    patients.add_argument("folder", type=Path, metavar="DIR", help="project folder")
    rule = patients.add_mutually_exclusive_group(required=True)
    rule.add_argument(
        "--pattern", default="", metavar="TEXT",
        help="the name without its ending, such as {patient}_{view} or {patient}/{view} (with the folder's name)",
    )  # fmt: skip
    rule.add_argument("--regex", default="", metavar="RE", help="a regular expression whose first group is the patient")
    patients.add_argument("--replace", action="store_true", help="also images that have a patient id")
    patients.add_argument("--dry-run", action="store_true", help="say what would be given, and change nothing")
    for name, words in (("undo", "take the last step of work back"), ("redo", "do again what was taken back")):
        step = add_action(commands, name, help=words, example=f"negatoscope project {name} my-project")
        step.add_argument("folder", type=Path, metavar="DIR", help="project folder")
        add_reader(step)


def list_cases(args: argparse.Namespace, out: Output) -> Any:
    """Returns {"cases": [...]}; with a part or a snapshot asked for, also the snapshot, and the parts of each case;
    with a model what it says of each (None: it was not asked)."""
    from viewer.project.case_query import PART, read_query
    from viewer.project.lists.asked_for import cases_asked_for
    from viewer.project.lists.taken_readings import listed
    from viewer.project.project import Project
    from viewer.project.snapshots.parts import parts_counted

    asked = " ".join([args.find, *(PART + "".join(name.split()) for name in args.part)]) if args.part else args.find
    with Project.open(args.folder, writable=False, reader=asked_reader(args)) as project:
        taken = listed(project, args.readings, as_opened=bool(args.reader))
        model = None if args.model is None else asked_model(args.folder, args.model)
        found = cases_asked_for(project, read_query(asked), snapshot=args.snapshot, model=model, order=args.sort)
        rows, parts = taken.rows(found.rows), found.parts
    wide = max((11, *(len(row.status) for row in rows)))
    for row in rows:
        word = "" if parts is None else f"  {parts.words(row.case_id) or 'no part':10}"
        told = "" if model is None else f"  {_said_words(found.said.get(row.case_id)):24}"
        images = counted(row.images, "image")
        out.line(f"{row.case_id}  {row.status:{wide}}{word}{told}  {images}  {row.title}{_why(row)}")
    count = counted(len(rows), "case")
    out.line(count if parts is None else f"{count}; the snapshot {parts.snapshot_words} has {parts_counted(parts)}")
    _say_rule(taken.words, out)
    cases = [
        {
            **_facts(row),
            **({} if parts is None else {"parts": list(parts.of_case(row.case_id))}),
            **({} if model is None else {"said": _said_facts(found.said.get(row.case_id))}),
        }
        for row in rows
    ]
    of_snapshot = {} if parts is None else {"snapshot": parts.snapshot_id}
    return {"readings": {"rule": taken.rule, "words": taken.words}, **of_snapshot, "cases": cases}


def asked_model(folder: Path, name: str) -> "AskedModel":
    """The model that is meant, by its card. Raises UnknownName, Ambiguous, BadModel."""
    from ml.card import read_card
    from ml.inference.resolve import resolve_model
    from viewer.project.lists.asked_for import AskedModel

    place = resolve_model(folder, name)
    card = read_card(place if place.is_dir() else place.parent)
    return AskedModel(model_hash=card.model_hash, kind=card.kind, labels=card.labels)


def _said_words(said: "Short | None") -> str:
    """ "Pneumonia 0.93, disagrees"; "not answered"."""
    from viewer.core.deciding import score_words

    if said is None:
        return "not answered"
    score = "no score" if said.score is None else f"{said.label} {score_words(said.score)}"
    differs = ["disagrees"] if said.differs else []
    # "trained on it", "trained on other images of the patient"
    word = said.seen.removeprefix("patient ")
    seen = [f"{word} {'it' if word == said.seen else 'other images of the patient'}"] if said.seen else []
    return ", ".join((score, *differs, *seen))


def _said_facts(said: "Short | None") -> dict[str, Any] | None:
    if said is None:
        return None
    differs = None if said.differs is None else list(said.differs)
    return {
        "label": said.label, "score": said.score, "scores": dict(said.scores), "said": sorted(said.said),
        "disagrees": differs, "margin": said.margin, "seen": said.seen,
    }  # fmt: skip


def _say_rule(words: str, out: Output) -> None:
    if words:
        out.line(f"of several readings: {words}")


def _facts(row: "CaseRow") -> dict[str, Any]:
    return {
        "case_id": row.case_id, "title": row.title, "patient_id": row.patient_id, "status": row.status,
        "images": row.images, **({"comment": row.comment} if row.comment else {}),
        **({"ai_shown": row.revealed} if row.revealed else {}),
    }  # fmt: skip


def _why(row: "CaseRow") -> str:
    why = f": {row.comment}" if row.comment else ""
    return f"{why}  (AI shown {row.revealed[:16].replace('T', ' ')} UTC)" if row.revealed else why


def act_on_cases(args: argparse.Namespace, out: Output) -> Any:
    """Returns {"act": its name, "cases": [...]}, as they are then. Raises BadRequest where one does not allow it."""
    from viewer.core.case_acts import act_named
    from viewer.project.edit_builders import move_cases
    from viewer.project.project import Project

    act = act_named(args.act)
    with Project.open(args.folder, writable=True, reader=args.reader) as project:
        rows = named_cases(project, args.cases)
        project.history.do(move_cases(rows, act, args.comment))
        rows = [project.cases.get(row.case_id) for row in rows]
    for row in rows:
        out.line(f"{row.title}: {row.status}{_why(row)}")
    out.line(f"{counted(len(rows), 'case')} {act.words}; `negatoscope project undo {args.folder}` takes it back.")
    return {"act": act.name, "cases": [_facts(row) for row in rows]}


def take_out(args: argparse.Namespace, out: Output) -> Any:
    """Returns what was taken out. Raises BadRequest for cases with work, unless --with-work is there."""
    from viewer.core.errors import BadRequest
    from viewer.project.project import Project
    from viewer.project.taking_out import taking_out

    with Project.open(args.folder, writable=True) as project:
        rows = named_cases(project, args.cases)
        plan = taking_out(project, rows)
        if plan.work_words and not args.with_work:
            raise BadRequest(f"{plan.sentence} Add --with-work to take them out all the same; undo brings all back.")
        project.history.do(plan.edit)
    out.line(f"Taken out: {plan.sentence} `negatoscope project undo {args.folder}` brings everything back.")
    return {"cases": [_facts(row) for row in rows], "images": plan.images, "work": dict(plan.work)}


def give_patients(args: argparse.Namespace, out: Output) -> Any:
    """Returns what the rule gives, image by image."""
    from viewer.project.giving_patients import plan_patients
    from viewer.project.project import Project

    with Project.open(args.folder, writable=not args.dry_run) as project:
        plan = plan_patients(project, pattern=args.pattern, expression=args.regex, replace_given=args.replace)
        if plan.edit is not None and not args.dry_run:
            project.history.do(plan.edit)
    for film in plan.films[:MOST_LINES]:
        patient = f"{film.kept} (kept)" if film.kept else film.patient or "none"
        out.line(f"  {film.name} > {patient}")
    if len(plan.films) > MOST_LINES:
        out.line(f"  and {len(plan.films) - MOST_LINES} more; --json lists all.")
    out.line(plan.sentence)
    films = [
        {"image_id": film.image_id, "name": film.name, "patient_id": film.kept or film.patient, "kept": bool(film.kept)}
        for film in plan.films
    ]
    changed = 0 if plan.edit is None else len(plan.edit.changes)
    return {"films": films, "changed": changed, "replaced": plan.replaced, "dry_run": args.dry_run}


def named_cases(project: "Project", names: Sequence[str]) -> "list[CaseRow]":
    """The cases that are meant, in the order of the list. Raises UnknownName, Ambiguous."""
    from viewer.core.errors import Ambiguous, UnknownName

    rows = project.cases.all()
    of_image: dict[str, set[str]] = {}
    for record in project.images.all():
        for name in (record.path.name, str(record.path)):
            of_image.setdefault(name, set()).add(record.case_id)
    found: set[str] = set()
    for name in names:
        there = of_image.get(str(Path(name).resolve())) or of_image.get(name, set())
        meant = there or {row.case_id for row in rows if row.title == name or row.case_id.startswith(name)}
        if not meant:
            raise UnknownName(f"No case is called {name}; `negatoscope project cases {project.folder}` lists them.")
        if len(meant) > 1:
            raise Ambiguous(f"{name} may be {len(meant)} cases; give more of a case's id.")
        found |= meant
    return [row for row in rows if row.case_id in found]


def images_named(project: "Project", name: str) -> "list[ImageRecord]":
    """The images that a file or an image id means, at least one. Raises UnknownName."""
    from viewer.core.errors import UnknownName

    there = [one for one in project.images.all() if name in (one.image_id, one.path.name, str(one.path))]
    there = there or project.images.find(path=Path(name).resolve())
    if not there:
        raise UnknownName(f"No image of this project is called {name}.")
    return there


def undo(args: argparse.Namespace, out: Output) -> Any:
    """Returns {"undone": text, "film": the file it was about, "" where it was about none}."""
    from viewer.project.project import Project

    with Project.open(args.folder, writable=True, reader=args.reader) as project:
        edit = project.history.undo()
        film, _ = project.images.about(None if edit is None else edit.image_id)
    out.line("There is nothing to take back." if edit is None else f"Taken back: {_on_film(edit.text, film)}.")
    return {"undone": None if edit is None else edit.text, "film": film}


def redo(args: argparse.Namespace, out: Output) -> Any:
    """Returns {"redone": text, "film": the file it is about, "" where it is about none}."""
    from viewer.project.project import Project

    with Project.open(args.folder, writable=True, reader=args.reader) as project:
        edit = project.history.redo()
        film, _ = project.images.about(None if edit is None else edit.image_id)
    out.line("There is nothing to do again." if edit is None else f"Done again: {_on_film(edit.text, film)}.")
    return {"redone": None if edit is None else edit.text, "film": film}


def _on_film(text: str, film: str) -> str:
    return f"{text}, on {film}" if film else text
