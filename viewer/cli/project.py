"""`negatoscope project`: make a project, add images to it and take them out, say whose they are, look at it, check."""

import argparse
from pathlib import Path
from typing import Any

from viewer.cli.options import add_action, add_reader, add_readings_rule, asked_reader
from viewer.cli.output import Output, counted
from viewer.cli.project_about import about, add_about_action
from viewer.cli.project_answers import add_answer_action, answer
from viewer.cli.project_attributes import add_attribute_action, attributes
from viewer.cli.project_cases import (
    act_on_cases,
    add_case_actions,
    give_patients,
    list_cases,
    redo,
    take_out,
    undo,
)
from viewer.cli.project_labels import add_label_action, change_label
from viewer.cli.project_objects import add_objects_action, objects
from viewer.cli.project_planes import add_planes_action, planes
from viewer.cli.project_readings import add_readings_action, readings
from viewer.cli.project_relink import add_relink_action, relink
from viewer.core.text.titles import short_id

HELP = "Make a project, add images and take cases out, give patient ids, say what is in it, check it."
EXAMPLE = "negatoscope project add my-project ../shared/data/cxr/kermany/images"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Every action, each with the project's folder."""
    commands = parser.add_subparsers(dest="action", required=True, metavar="|".join(_ACTIONS))
    create = add_action(
        commands, "create", help="make a project folder", example="negatoscope project create my-project --case series"
    )
    create.add_argument("folder", type=Path, metavar="DIR", help="project folder")
    create.add_argument("--name", default="", help="what the window calls it (default: the folder's name)")
    create.add_argument(
        "--case",
        choices=("film", "study", "series"),
        default="film",
        help="what an annotator completes at a time (default: film, one image file)",
    )
    create.add_argument("--author", default="", help="who annotates (default: the user of this computer)")
    add = add_action(commands, "add", help="register the images below paths; they stay where they are", example=EXAMPLE)
    add.add_argument("folder", type=Path, metavar="DIR", help="project folder")
    add.add_argument("paths", type=Path, nargs="+", metavar="PATH")
    add.add_argument(
        "--cut-series", action="store_true",
        help="where a case is a film: each slice of a CT or MR is a case of its own (default: a series is one case)",
    )  # fmt: skip
    add_case_actions(commands)
    add_label_action(commands)
    add_attribute_action(commands)
    add_relink_action(commands)
    add_readings_action(commands)
    add_answer_action(commands)
    add_about_action(commands)
    add_objects_action(commands)
    add_planes_action(commands)
    info = add_action(
        commands, "info", help="say what is in a project", example="negatoscope project info my-project --json"
    )
    info.add_argument("folder", type=Path, metavar="DIR", help="project folder")
    add_reader(info)
    add_readings_rule(info)
    verify = add_action(
        commands, "verify", help="replay the journal, compare, check links and hashes",
        example="negatoscope project verify my-project --pixels",
    )  # fmt: skip
    verify.add_argument("folder", type=Path, metavar="DIR", help="project folder")
    verify.add_argument("--pixels", action="store_true", help="also read every image again and compare its hash")
    take_over = add_action(
        commands, "take-over", help="free a project on a disk without locks from a program that is gone",
        example="negatoscope project take-over my-project",
    )  # fmt: skip
    take_over.add_argument("folder", type=Path, metavar="DIR", help="project folder")


def run(args: argparse.Namespace, out: Output) -> Any:
    """Returns the JSON document of the action."""
    return _ACTIONS[args.action](args, out)


def _create(args: argparse.Namespace, out: Output) -> Any:
    from viewer.project.project import Project

    with Project.create(args.folder, name=args.name, case_unit=args.case, author=args.author) as project:
        out.line(f"Made the project {project.name} in {args.folder}; a case is a {project.case_unit.value}.")
        return {"folder": args.folder.resolve(), "name": project.name, "case_unit": project.case_unit}


def _add(args: argparse.Namespace, out: Output) -> Any:
    from viewer.core.errors import NotFound
    from viewer.project.project import Project
    from viewer.project.records import CaseUnit
    from viewer.project.register import add_to_project, copy_personal_work, is_stack
    from viewer.reading.scan import all_series, scan
    from viewer.reading.sources.archive import is_there

    for path in args.paths:
        if not is_there(path):
            raise NotFound(f"{path} is not there.")

    def watch(done: int, total: int) -> None:
        out.progress(f"{done} of {total} images")
        out.event({"event": "progress", "done": done, "total": total})

    with Project.open(args.folder, writable=True) as project:
        before = {image.image_id for image in project.images.all()}
        result = scan(args.paths)
        stacks = [one for one in all_series(result) if is_stack(one)] if project.case_unit is CaseUnit.FILM else []
        ids, problems = add_to_project(project, result, cut_stacks=args.cut_series, progress=watch)
        out.progress_done()
        everything = [*result.problems, *problems]
        fresh = [image_id for image_id in dict.fromkeys(ids) if image_id not in before]
        copied = copy_personal_work(project, fresh)
    for problem in everything:
        reason = problem.reason
        out.note(reason if str(problem.path) in reason else f"{problem.path}: {reason}")
    known = len(set(ids)) - len(fresh)
    were = "was" if known == 1 else "were"
    out.line(f"{counted(len(fresh), 'image')} added, {known} {were} there, {counted(len(everything), 'problem')}.")
    if stacks:
        slices = counted(sum(len(one.frames) for one in stacks), "slice")
        made = f"{slices} of {counted(len(stacks), 'series', 'series')}"
        one_by_one = f"{made}: each is a case of its own (--cut-series)."
        whole = f"{made}: each series is one case, though a case is a film here (--cut-series: each slice)."
        out.line(one_by_one if args.cut_series else whole)
    if copied:
        came = counted(copied, "annotation, label or measurement", "annotations, labels and measurements")
        out.line(f"{came} came over from the personal project.")
    if not ids:
        out.fail("negatoscope: none of the paths holds an image that can be read.")
    return {
        "added": len(fresh),
        "known": known,
        "image_ids": list(dict.fromkeys(ids)),
        "copied_from_personal": copied,
        "problems": [{"path": problem.path, "reason": problem.reason} for problem in everything],
    }


def _info(args: argparse.Namespace, out: Output) -> Any:
    from viewer.project.lists.info import project_info
    from viewer.project.project import Project

    with Project.open(args.folder, writable=False, reader=asked_reader(args)) as project:
        info = project_info(project, args.readings, as_opened=bool(args.reader))
    out.line(f"{info['name']} ({info['folder']}), a case is a {info['case_unit']}")
    out.line(", ".join(counted(info[f"{noun}s"], noun) for noun in ("image", "patient", "case")))
    out.line(", ".join(f"{count} {status}" for status, count in info["progress"].items()))
    if info["readings"]["words"]:
        out.line(f"of several readings: {info['readings']['words']}")
    for label in info["labels"]:
        out.line(f"  {label['scope']} label {label['name']}: {_uses(label)}")
    for one in info["attributes"]:
        out.line(f"  {one['name']} of {one['label'] or 'the image'}: {one['words']}{_answered(one['count'])}")
    if info["shapes_on_planes"]:
        out.line(f"  {counted(info['shapes_on_planes'], 'shape')} on planes through volumes")
    if info["measurements_on_planes"]:
        out.line(f"  {counted(info['measurements_on_planes'], 'measurement')} on planes through volumes")
    for task in info["tasks"]:
        out.line(f"  task {task['name']}: {task['kind']} of {', '.join(task['labels'])}")
    for snapshot in info["snapshots"]:
        out.line(f"  snapshot {short_id(snapshot['id'])} of {snapshot['task']}: {counted(snapshot['images'], 'image')}")
    return info


def _answered(count: int | None) -> str:
    """How often an attribute was answered; nothing where a rule took what readers said, which no rule does of those."""
    return "" if count is None else f"; {counted(count, 'answer')}"


def _uses(label: dict[str, Any]) -> str:
    """Objects of a region label; answers of a whole-image label, yes and no apart."""
    if label["scope"] == "region":
        return str(label["count"])
    words = f"{label['yes']} yes, {label['no']} no"
    return words + (f", {label['not_assessed']} not assessed" if label["not_assessed"] else "")


def _verify(args: argparse.Namespace, out: Output) -> Any:
    from viewer.project.verify import verify

    report = verify(args.folder, pixels=args.pixels)
    for note in report.notes:
        out.note(note)
    for problem in report.problems:
        out.line(f"PROBLEM {problem}")
    problems = counted(len(report.problems), "problem")
    out.line(f"{counted(report.edits, 'edit')} replayed, {counted(report.annotations, 'annotation')}; {problems}.")
    if not report.ok:
        out.fail(f"negatoscope: the project {args.folder} has {problems}.")
    return report


def _take_over(args: argparse.Namespace, out: Output) -> Any:
    from viewer.core.errors import NotFound
    from viewer.project.disk.lock import take_over_project
    from viewer.project.project import DATABASE_NAME

    if not (args.folder / DATABASE_NAME).is_file():
        raise NotFound(f"{args.folder} is no project.")
    freed = take_over_project(args.folder)
    out.line(f"{counted(freed, 'lock')} freed." if freed else "The project was free already.")
    return {"folder": args.folder.resolve(), "freed": freed}


_ACTIONS = {
    "create": _create, "add": _add, "cases": list_cases, "case": act_on_cases, "take-out": take_out,
    "patients": give_patients, "label": change_label, "attribute": attributes, "undo": undo, "redo": redo,
    "readings": readings, "answer": answer, "about": about, "objects": objects, "planes": planes, "relink": relink,
    "info": _info, "verify": _verify, "take-over": _take_over,
}  # fmt: skip
