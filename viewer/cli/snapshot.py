"""`negatoscope snapshot`: freeze the complete cases for a task, split by patient."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from viewer.cli.output import Output, counted
from viewer.core.task_kinds import TASK_KINDS
from viewer.core.text.titles import short_id

HELP = "Freeze the complete cases for a task into a dataset, split by patient."
FILES_NAMED = 5
EXAMPLE = (
    "negatoscope snapshot my-project --task pneumonia --kind classification --labels NORMAL,PNEUMONIA \\\n"
    "      --split-file ../shared/data/cxr/kermany/folds.csv --fold-column fold_label"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The task (named, or described anew) and one way of splitting."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="project folder")
    parser.add_argument("--task", required=True, metavar="NAME", help="a task of the project, or a new one's name")
    parser.add_argument("--kind", choices=tuple(TASK_KINDS))
    parser.add_argument(
        "--labels",
        action="append",
        metavar="A,B",
        help="the task's labels (default: all of its kind); repeated, each is one label, also with commas in it",
    )
    parser.add_argument(
        "--multi-label", action="store_true", help="each label for itself (sigmoid) instead of one of them (softmax)"
    )
    parser.add_argument(
        "--readings", metavar="RULE",
        help="what is taken where several have read a case: agreed (what they say alike; the default), majority, "
        "union, shared (the reading of all), or reader:NAME",
    )  # fmt: skip
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--split",
        nargs=3,
        type=float,
        metavar=("TRAIN", "VAL", "TEST"),
        help="shares of the images (default: 0.7 0.15 0.15)",
    )
    how.add_argument("--folds", type=int, metavar="K", help="K folds by patient")
    how.add_argument("--split-file", type=Path, metavar="CSV", help="a table of images or patients and their part")
    parser.add_argument("--fold-column", default="", metavar="NAME", help="the table's column (default: part, fold)")
    parser.add_argument(
        "--context", type=int, default=0, metavar="N",
        help="each image with N neighbours on either side, in the order of its series (default: 0)",
    )  # fmt: skip
    parser.add_argument(
        "--with-series", action="append", default=[], metavar="WORDS",
        help="and with the slices at the same places of another series of the study, by its description, modality or "
        "UID; repeat it for more",
    )  # fmt: skip
    parser.add_argument(
        "--with-view", action="append", default=[], metavar="VIEW",
        help="each film with another one of its study, by its side and view as they stand on it, such as LATERAL or "
        "'L MLO'; without a side it is of the film's own side; repeat it for more",
    )  # fmt: skip
    parser.add_argument(
        "--no-audit", action="store_true",
        help="do not look now for what stands in two parts (`negatoscope leaks` does it later)",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=1, help="what the split depends on (default: 1)")


def run(args: argparse.Namespace, out: Output) -> Any:
    """Returns the snapshot's card, with its folder."""
    from viewer.core.errors import BadRequest
    from viewer.core.samples import SampleRule
    from viewer.project.combining import AGREED, rule_words
    from viewer.project.leaks.audit import audit_of
    from viewer.project.leaks.document import not_audited
    from viewer.project.project import Project
    from viewer.project.snapshots.card import sample_words
    from viewer.project.snapshots.items import what_to_do
    from viewer.project.snapshots.snapshot import make_snapshot
    from viewer.project.snapshots.split import SplitFile

    if args.fold_column and args.split_file is None:
        raise BadRequest("--fold-column names a column of --split-file; give that too.")
    with Project.open(args.folder, writable=True) as project:
        task, is_new = _task(project, args)
        snapshot = make_snapshot(
            project,
            task,
            split=None if args.split is None else (args.split[0], args.split[1], args.split[2]),
            folds=args.folds,
            split_file=None if args.split_file is None else SplitFile(path=args.split_file, column=args.fold_column),
            seed=args.seed,
            rule=SampleRule(context=args.context, series=tuple(args.with_series), views=tuple(args.with_view)),
        )
        if is_new:
            project.tasks.put(task)
        audit = None if args.no_audit else audit_of(project, snapshot, tell=partial(_tell, out))
    card = snapshot.card
    size = f"{counted(card['images'], 'image')} of {counted(card['patients'], 'patient')}"
    out.line(f"snapshot {short_id(snapshot.id)} of {task.name}: {size}")
    how = task.of_kind.how_words(exclusive=task.exclusive)
    out.line(f"  {task.kind}, {how} {', '.join(task.labels)}; a task that is changed later does not change it")
    if task.readings != AGREED:
        out.line(f"  of several readings it takes {rule_words(task.readings)}")
    if sample_words(card):
        out.line(f"  {sample_words(card)}")
    for name, part in card["parts"].items():
        shown = part.get("labels") or part.get("instances") or part.get("numbers") or {}
        words = ", ".join(
            f"{label} {next(iter(counts.values())) if isinstance(counts, dict) else counts}"  # yes, or known
            for label, counts in shown.items()
        )
        out.line(f"  {name}: {counted(part['images'], 'image')}, {counted(part['patients'], 'patient')}; {words}")
    for reason, count in card["left_out"].items():
        out.line(f"  left out, {reason}: {count}{_named(card.get('left_out_of', {}).get(reason, ()))}")
        if what_to_do(reason):
            out.line(f"    {what_to_do(reason)}")
    for note in card["notes"]:
        out.line(f"  {note}")
    for sentence in (not_audited(snapshot.id),) if audit is None else audit.sentences:
        out.line(f"  {sentence}")
    if audit is not None and audit.doubts:
        out.line(f"  See the pairs: negatoscope leaks {args.folder} {short_id(snapshot.id)}")
    leaks = None if audit is None else audit.to_json()
    return {**card, "folder": snapshot.folder.resolve(), "leaks": leaks}


def _tell(out: Output, what: str, done: int, total: int) -> None:
    out.event({"event": "leaks", "what": what, "done": done, "total": total})


def _named(files: Sequence[str]) -> str:
    """The first of the files that are left out."""
    more = f" and {len(files) - FILES_NAMED} more" if len(files) > FILES_NAMED else ""
    return f" ({', '.join(files[:FILES_NAMED])}{more})" if files else ""


def _labels_meant(given: Sequence[str], there: Sequence[str]) -> tuple[str, ...]:
    """The labels that --labels names. A text that is one label is that one, even with a comma in it.

    Raises BadRequest where it may be one label or several.
    """
    from viewer.core.errors import BadRequest

    found: list[str] = []
    for text in given:
        parts = [name.strip() for name in text.split(",") if name.strip()]
        if len(given) > 1 and (text.strip() in there or not set(parts) <= set(there)):
            found.append(text.strip())
        elif text.strip() in there and len(parts) > 1 and set(parts) <= set(there):
            raise BadRequest(f"{text!r} may be one label or several: repeat --labels, once for each label.")
        else:
            found += [text.strip()] if text.strip() in there else parts
    return tuple(dict.fromkeys(found))


def _task(project: Any, args: argparse.Namespace) -> tuple[Any, bool]:
    """The task of the options: (task, whether it must be kept, being new or taking something else of its readings)."""
    from viewer.core.errors import BadRequest, NotFound
    from viewer.core.task_kinds.kind import task_kind
    from viewer.project.combining import AGREED, NUMBER, rule_words
    from viewer.project.records import Task
    from viewer.project.task_labels import labels_to_learn

    if args.readings is not None:
        rule_words(args.readings)
    described = args.kind is not None or args.labels is not None or args.multi_label
    try:
        known: Task | None = project.tasks.get(args.task)
    except NotFound:
        if not described:
            raise
        known = None
    rule = args.readings or (AGREED if known is None else known.readings)
    if known is not None and not described:
        return replace(known, readings=rule), rule != known.readings
    kind = args.kind or (known.kind if known is not None else None)
    if kind is None:
        raise BadRequest(f"The task {args.task} is new: say its --kind.")
    scope = task_kind(kind).scope
    there = labels_to_learn(project, scope)
    labels = _labels_meant(args.labels, there) if args.labels else tuple(there)
    has = "asks images for no number" if scope == NUMBER else f"has no {scope} label"
    if not there and not labels:
        more = "declare one with `negatoscope project attribute`" if scope == NUMBER else "import or draw some"
        raise BadRequest(f"The project {has} yet; {more} first.")
    missing = [name for name in labels if name not in there]
    if missing:
        names = ", ".join(there) or "none"
        there_is = f"it asks for {names}" if scope == NUMBER else f"it has {names}"
        raise BadRequest(f"The project {has} {missing[0]}; {there_is}.")
    task = Task(name=args.task, kind=kind, labels=labels, exclusive=not args.multi_label, readings=rule)
    if known is not None and replace(known, readings=rule) != task:
        raise BadRequest(
            f"The project has a task {args.task} already ({known.kind} of {', '.join(known.labels)}); "
            "give this one another name."
        )
    return task, known != task
