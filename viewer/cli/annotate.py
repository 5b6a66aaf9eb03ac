"""`negatoscope annotate`: bring labels, boxes and masks in, or write them out."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viewer.cli.options import add_action, add_reader, asked_reader
from viewer.cli.output import Output, counted
from viewer.exchange import EXPORTERS, IMPORTERS
from viewer.exchange.options import YES

if TYPE_CHECKING:
    from viewer.exchange.exporter import Exporter
    from viewer.exchange.importer import Importer
    from viewer.exchange.importing import ImportReport
    from viewer.exchange.options import Option
    from viewer.exchange.plan import Plan

HELP = "Import labels, boxes and masks into a project, or export them."
EXAMPLE = (
    "negatoscope annotate import my-project --format csv ../shared/data/cxr/lungs/labels.csv \\\n"
    "      --map patient=group_id,label=label,mask=mask_path,mask_label=lungs --complete"
)


MOST_SENTENCES = 20  # of one rule on the terminal; --json has them all


def every_option() -> "dict[str, tuple[Option, list[str]]]":
    """The options of all import formats by name, with the formats that have each (none: every format).

    A map of columns has other roles in each format: the help shows those of all, each format checks its own.
    """
    from viewer.core.registry import load
    from viewer.exchange.plan import OPTIONS

    found: dict[str, tuple[Option, list[str]]] = {}
    for name in IMPORTERS:
        importer: Importer = load(IMPORTERS, name)
        for option in importer.options:
            known, formats = found.get(option.name, (option, []))
            if known.roles and known is not option:
                known = replace(known, roles=tuple(dict.fromkeys((*known.roles, *option.roles))))
            found[option.name] = (known, [*formats, name])
    return {**found, **{option.name: (option, []) for option in OPTIONS}}


def every_export_option() -> "dict[str, tuple[Option, list[str]]]":
    """The options of all export formats by name, with the formats that have each (none: every format)."""
    from viewer.core.registry import load
    from viewer.exchange.exporter import OPTIONS

    found: dict[str, tuple[Option, list[str]]] = {}
    for name in EXPORTERS:
        exporter: Exporter = load(EXPORTERS, name)
        for option in exporter.options:
            known, formats = found.get(option.name, (option, []))
            found[option.name] = (known, [*formats, name])
    return {**found, **{option.name: (option, []) for option in OPTIONS}}


def _add_options(parser: argparse.ArgumentParser, options: "dict[str, tuple[Option, list[str]]]") -> None:
    for name, (option, formats) in options.items():
        words = option.help if not option.roles else f"{option.help}; roles: {', '.join(option.roles)}"
        words += "; may be repeated" if option.several else ""
        words = (f"({', '.join(formats)}) {words}" if formats else words).replace("%", "%%")
        if option.flag:
            parser.add_argument(f"--{name}", action="append_const", const=YES, default=[], help=words)
            continue
        parser.add_argument(
            f"--{name}",
            action="append",
            default=[],
            choices=option.choices or None,
            metavar=None if option.choices else option.metavar,
            help=words,
        )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """import and export, each with the project's folder and a format."""
    commands = parser.add_subparsers(dest="action", required=True, metavar="import|export")
    reading = add_action(
        commands,
        "import",
        example=EXAMPLE,
        help="read a file or folder of annotations; images that are not there yet are registered",
        description="Read a file or folder of annotations. What the file does not say is not settled: what is "
        "ambiguous or contradicts itself is left out by name, or settled by an option. Work that is there already is "
        "kept; importing the same file twice adds nothing; the import is one edit that can be undone (images that it "
        "brought in go with the undo where nobody has worked on them).",
    )
    reading.add_argument("folder", type=Path, metavar="DIR", help="project folder")
    reading.add_argument("path", type=Path, metavar="PATH")
    reading.add_argument("--format", required=True, choices=tuple(IMPORTERS))
    reading.add_argument("--dry-run", action="store_true", help="say what would be imported, and write nothing")
    reading.add_argument(
        "--complete",
        action="store_true",
        help='every imported case was looked at: it becomes complete, and what its label columns do not name is "no"; '
        "a case of which something was left out stays open, and one that our export calls to do, or of which the "
        "import does not name every image",
    )
    reading.add_argument("--source", default="", help="where its patient ids are valid (default: the folder's name)")
    add_reader(reading)
    _add_options(reading, every_option())
    writing = add_action(
        commands,
        "export",
        help="write a project's annotations",
        example="negatoscope annotate export my-project --format coco --out annotations.json",
    )
    writing.add_argument("folder", type=Path, metavar="DIR", help="project folder")
    writing.add_argument("--format", required=True, choices=tuple(EXPORTERS))
    writing.add_argument("--out", required=True, type=Path, metavar="PATH")
    add_reader(writing)
    _add_options(writing, every_export_option())


def run(args: argparse.Namespace, out: Output) -> Any:
    """Returns the JSON document of the action."""
    return _import(args, out) if args.action == "import" else _export(args, out)


def _import(args: argparse.Namespace, out: Output) -> Any:
    from viewer.core.errors import NotFound
    from viewer.core.registry import load
    from viewer.exchange.importing import carry_out
    from viewer.exchange.plan import make_plan
    from viewer.project.project import Project

    if not args.path.exists():
        raise NotFound(f"{args.path} is not there.")
    given = {name: getattr(args, name.replace("-", "_")) for name in every_option()}

    def watch(done: int, total: int) -> None:
        out.progress(f"{done} of {total} images")
        out.event({"event": "progress", "done": done, "total": total})

    importer: Importer = load(IMPORTERS, args.format)
    with (
        Project.open(args.folder, writable=not args.dry_run, reader=args.reader) as project,
        make_plan(
            project, importer, args.path, given, source=args.source, complete=args.complete, progress=watch
        ) as plan,
    ):
        out.progress_done()
        report = None if args.dry_run else carry_out(project, plan)
        document = {**plan.document(), "dry_run": args.dry_run, **_told(plan, report, out)}
    if not document["taken"]["images"]:
        out.fail(f"negatoscope: {args.path} names no image that can be read.")
    return document


def _told(plan: "Plan", report: "ImportReport | None", out: Output) -> dict[str, Any]:
    """Say what was read, taken and left out. Returns the part of the document that sums it up."""
    from viewer.exchange.importer import Outcome
    from viewer.exchange.importing import NOT_ANSWERED
    from viewer.exchange.settling.open_series import STAYS_OPEN

    counts = plan.counts()
    outs = [outcome for outcome in Outcome if outcome.is_left_out]
    for group in plan.groups():
        if group.outcome.is_left_out or group.outcome is Outcome.GUESSED:
            settle = f" (settled by {group.settle})" if group.settle else ""
            out.note(f"{group.outcome}: {group.rule}, {group.count}{settle}")
        said = 0
        for remark in plan.remarks(group.outcome):
            if remark.rule == group.rule and (said := said + 1) <= MOST_SENTENCES:
                out.note(f"  {remark.sentence}")
        if said > MOST_SENTENCES:
            out.note(f"  and {said - MOST_SENTENCES} more; --json lists all.")
    if becoming := plan.becoming():
        out.line(becoming)
    out.line(
        f"Read {counted(counts.read, 'record')}; {'would take' if report is None else 'took'} "
        f"{counted(counts.images, 'image')} ({counts.new_images} new), {counted(counts.annotations, 'annotation')}, "
        f"{counted(counts.image_labels, 'whole-image label')}, {counted(counts.answers, 'answer')}; "
        f"{counts.left_out} left out, {counts.guessed} guessed; "
        f"{counts.nothing} said nothing; "
        f"{counts.twice} stood there twice, {counts.there_already} were there already, {counts.kept} kept as they are."
    )
    if counts.measurements:
        out.line(f"  {counted(counts.measurements, 'measurement')} on planes through volumes")
    for label, what, count in plan.taken():
        out.line(f"  {label}: {count} {what}")
    if readers := plan.readers():
        out.line(f"  in the readings of {', '.join(readers)}; --reader NAME lists what is in one.")
    if report is not None and plan.complete:
        out.line(f"{counted(report.completed_cases, 'case')} completed, {report.open_cases} left open.")
        for remark in plan.remarks(Outcome.NOTE):
            if remark.rule in (NOT_ANSWERED, STAYS_OPEN):
                out.note(remark.sentence)
    if counts.pictures_twice:
        rows = counted(counts.pictures_twice, "name leads", "names lead")
        out.line(f"{rows} to a picture that is there under another name; it counts once.")
    return {
        "images": counts.images,
        "new_images": counts.new_images if report is None else report.new_images,
        "pictures_twice": counts.pictures_twice,
        "readers": readers,
        "annotations": counts.annotations,
        "image_labels": counts.image_labels,
        "answers": counts.answers if report is None else report.answers,
        "measurements": counts.measurements,
        "completed_cases": 0 if report is None else report.completed_cases,
        "open_cases": 0 if report is None else report.open_cases,
        "problems": [
            {"path": str(remark.image or plan.path), "reason": remark.sentence} for remark in plan.remarks(*outs)
        ],
        "notes": [remark.sentence for remark in plan.remarks(Outcome.GUESSED, Outcome.NOTE)],
    }


def _export(args: argparse.Namespace, out: Output) -> Any:
    from viewer.core.registry import load
    from viewer.exchange.exporter import dataset_of
    from viewer.exchange.true_pixels import still_there
    from viewer.project.project import Project

    exporter: Exporter = load(EXPORTERS, args.format)
    given = {name: getattr(args, name.replace("-", "_")) for name in every_export_option()}
    with Project.open(args.folder, writable=False, reader=asked_reader(args)) as project:
        dataset, problems = still_there(dataset_of(project, exporter, given, as_opened=bool(args.reader)))
        for _, sentence in problems:
            out.note(sentence)
        losses = exporter.losses(dataset)
        for loss in losses:
            out.note(loss)
        written = exporter.write(args.out, dataset)
        counts = dataset.images.counts()
        shapes, lines = dataset.on_planes() if exporter.keeps_planes else (0, 0)
    images = counted(len(dataset.images), "image")
    words = f"{counted(counts.annotations, 'annotation')}, {counted(counts.image_labels, 'whole-image label')}"
    planes = [counted(shapes, "shape")] * bool(shapes) + [counted(lines, "measurement")] * bool(lines)
    words += f", {' and '.join(planes)} on planes" if planes else ""
    out.line(f"{images}, {words} > {', '.join(map(str, written))}")
    if dataset.taken.words:
        out.line(f"  of several readings: {dataset.taken.words}")
    return {
        "out": args.out.resolve(),
        "written": [path.resolve() for path in written],
        "images": len(dataset.images),
        "annotations": counts.annotations,
        "image_labels": counts.image_labels,
        "shapes_on_planes": shapes,
        "measurements_on_planes": lines,
        "readings": {"rule": dataset.taken.rule, "words": dataset.taken.words},
        "left_out": losses,
        "problems": [{"path": str(path), "reason": sentence} for path, sentence in problems],
    }
