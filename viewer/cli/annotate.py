"""`negatoscope annotate`: bring labels, boxes and masks in, or write them out."""

import argparse
from pathlib import Path
from typing import Any

from viewer.cli.options import add_action
from viewer.cli.output import Output, counted
from viewer.exchange import EXPORTERS, IMPORTERS

HELP = "Import labels, boxes and masks into a project, or export them."
EXAMPLE = (
    "negatoscope annotate import my-project --format csv ../shared/data/cxr/lungs/labels.csv \\\n"
    "      --map patient=group_id,label=label,mask=mask_path,mask_label=lungs --complete"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """import and export, each with the project's folder and a format."""
    commands = parser.add_subparsers(dest="action", required=True, metavar="import|export")
    reading = add_action(
        commands,
        "import",
        example=EXAMPLE,
        help="read a file or folder of annotations; images that are not there yet are registered",
        description="Read a file or folder of annotations. Work that is there already is kept; importing the same "
        "file twice adds nothing; the import is one edit that can be undone.",
    )
    reading.add_argument("folder", type=Path, metavar="DIR", help="project folder")
    reading.add_argument("path", type=Path, metavar="PATH")
    reading.add_argument("--format", required=True, choices=tuple(IMPORTERS))
    reading.add_argument(
        "--map",
        default="",
        metavar="ROLE=COLUMN,...",
        help="which column plays which role, e.g. image=path,patient=group_id,label=label; roles of the csv format: "
        "image, patient, label (may be repeated; `label=` takes none), mask, mask_label, frame, x0, y0, x1, y1, x, y, "
        "width, height",
    )
    reading.add_argument(
        "--complete",
        action="store_true",
        help='every imported case was looked at: it becomes complete, and what its label columns do not name is "no"',
    )
    reading.add_argument("--source", default="", help="where its patient ids are valid (default: the folder's name)")
    writing = add_action(
        commands,
        "export",
        help="write a project's annotations",
        example="negatoscope annotate export my-project --format coco --out annotations.json",
    )
    writing.add_argument("folder", type=Path, metavar="DIR", help="project folder")
    writing.add_argument("--format", required=True, choices=tuple(EXPORTERS))
    writing.add_argument("--out", required=True, type=Path, metavar="PATH")


def run(args: argparse.Namespace, out: Output) -> Any:
    """Returns the JSON document of the action."""
    return _import(args, out) if args.action == "import" else _export(args, out)


def _import(args: argparse.Namespace, out: Output) -> Any:
    from viewer.core.errors import NotFound
    from viewer.core.registry import load
    from viewer.exchange.batch import batch_of
    from viewer.exchange.importer import Importer
    from viewer.exchange.importing import import_batch
    from viewer.exchange.options import chosen
    from viewer.project.project import Project

    if not args.path.exists():
        raise NotFound(f"{args.path} is not there.")
    importer: Importer = load(IMPORTERS, args.format)
    options = chosen(importer.options, {"map": [args.map]})
    path = args.path.resolve()
    with Project.open(args.folder, writable=True) as project:
        batch = batch_of(importer.read(path, options))

        def watch(done: int, total: int) -> None:
            out.progress(f"{done} of {total} images")
            out.event({"event": "progress", "done": done, "total": total})

        report = import_batch(
            project,
            batch,
            text=f"import {path.name}",
            source=args.source or (path.name if path.is_dir() else path.parent.name),
            complete=args.complete,
            progress=watch,
        )
        out.progress_done()
    for note in report.notes:
        out.note(note)
    for _, reason in report.problems:
        out.note(reason)
    out.line(
        f"{counted(report.images, 'image')} ({report.new_images} new), {counted(report.annotations, 'annotation')}, "
        f"{counted(report.image_labels, 'whole-image label')}, {counted(report.completed_cases, 'case')} completed, "
        f"{counted(len(report.problems), 'problem')}."
    )
    if report.pictures_twice:
        rows = counted(report.pictures_twice, "row names", "rows name")
        out.line(f"{rows} a picture that is there under another name; it counts once.")
    if not report.images:
        out.fail(f"negatoscope: {args.path} names no image that can be read.")
    return {
        "images": report.images,
        "new_images": report.new_images,
        "pictures_twice": report.pictures_twice,
        "annotations": report.annotations,
        "image_labels": report.image_labels,
        "completed_cases": report.completed_cases,
        "problems": [{"path": where, "reason": reason} for where, reason in report.problems],
        "notes": report.notes,
    }


def _export(args: argparse.Namespace, out: Output) -> Any:
    from viewer.core.registry import load
    from viewer.exchange.exporter import Exporter, dataset_of
    from viewer.project.project import Project

    exporter: Exporter = load(EXPORTERS, args.format)
    with Project.open(args.folder, writable=False) as project:
        dataset = dataset_of(project)
    losses = exporter.losses(dataset)
    for loss in losses:
        out.note(loss)
    exporter.write(args.out, dataset)
    annotations = sum(len(image.annotations) for image in dataset.images)
    labels = sum(len(image.verdicts) for image in dataset.images)
    images = counted(len(dataset.images), "image")
    words = f"{counted(annotations, 'annotation')}, {counted(labels, 'whole-image label')}"
    out.line(f"{images}, {words} > {args.out}")
    return {
        "out": args.out.resolve(),
        "images": len(dataset.images),
        "annotations": annotations,
        "image_labels": labels,
        "left_out": losses,
    }
