"""`negatoscope runs DIR`: the runs of a project, and what a person writes on them."""

import argparse
import sys
from pathlib import Path
from typing import Any

from viewer.cli.output import Output
from viewer.cli.run_lines import describe, line_of
from viewer.core.errors import BadRequest, NotFound
from viewer.jobs.runs import RunState, find_run, find_runs, list_runs, read_run

HELP = "List the training runs of a project; name them, note, tag and delete them."
EXAMPLE = "negatoscope runs my-project --filter 'state:finished tag:best' --sort validation --descending"
ACTIONS = ("list", "rename", "note", "tag", "as-one", "delete")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """DIR, what to do and with which run."""
    parser.add_argument("project", type=Path, metavar="DIR", help="project folder")
    parser.add_argument(
        "action", nargs="?", choices=ACTIONS, default="list",
        help="list (default); rename RUN NAME; note RUN TEXT; tag RUN TAG...; delete RUN...; as-one NAME (keep the "
        "folds of a name as one model)",
    )  # fmt: skip
    parser.add_argument("words", nargs="*", metavar="RUN", help="run id, its start, its last four digits or its name")
    parser.add_argument(
        "--filter", default="", metavar="TEXT", dest="query",
        help="only runs with these words, or tag:, state:, task:, model:, start:, snapshot:, name:, note:",
    )  # fmt: skip
    parser.add_argument(
        "--sort", default="", metavar="COLUMN",
        help="name, state, task, model, validation, test, started, worked, or any setting of the recipe",
    )  # fmt: skip
    parser.add_argument("--descending", action="store_true", help="the largest first")
    parser.add_argument("--remove", action="store_true", help="with tag: take these tags away")
    parser.add_argument("--yes", action="store_true", help="with delete: do not ask")
    parser.add_argument(
        "--with-model", action="store_true", help="with delete: delete the model that is kept of it as well"
    )


def run(args: argparse.Namespace, out: Output) -> Any:
    """Print one line per run; returns {"runs": [...]}, {"model": ...} or {"deleted": [...]}."""
    if not (args.project / "project.db").is_file():
        raise NotFound(f"{args.project} is no project; check the path, or make one with `negatoscope project create`.")
    if args.action == "list":
        return _list(args, out)
    if args.action == "delete":
        return _delete(args, out)
    if args.action == "as-one":
        return _as_one(args, out)
    return _mark(args, out)


def _as_one(args: argparse.Namespace, out: Output) -> dict[str, Any]:
    from viewer.jobs.folds import keep_folds

    if len(args.words) != 1:
        raise BadRequest(f"Say which folds: negatoscope runs {args.project} as-one NAME, the name that they share.")
    folder = keep_folds([read_run(folder) for folder in find_runs(args.project, args.words[0])])
    out.line(f"Kept as one model, {folder.name}: negatoscope predict {args.project} --model {folder.name}")
    return {"model": folder.name}


def _list(args: argparse.Namespace, out: Output) -> dict[str, Any]:
    from viewer.jobs.run_columns import column_named, sorted_runs
    from viewer.jobs.run_query import read_run_query

    if args.words:
        raise BadRequest(f"Say what to do with {args.words[0]}: rename, note, tag or delete.")
    query = read_run_query(args.query)
    column = column_named(args.sort) if args.sort else None
    every = list_runs(args.project)
    runs = [state for state in every if query.fits(state)]
    if column is not None:
        runs = sorted_runs(runs, column, descending=args.descending)
    elif args.descending:
        runs.reverse()
    for state in runs:
        out.line(line_of(state))
    if not every:
        out.line("No runs yet; start one with `negatoscope train`.")
    elif not runs:
        out.line(f"None of the {len(every)} runs fits {args.query!r}.")
    return {"runs": [describe(state) for state in runs]}


def _mark(args: argparse.Namespace, out: Output) -> dict[str, Any]:
    from viewer.jobs.run_marks import change_marks, read_marks

    if not args.words or (args.action == "tag" and len(args.words) < 2):
        what = {"rename": "rename RUN NAME", "note": "note RUN TEXT", "tag": "tag RUN TAG..."}[args.action]
        raise BadRequest(f"Say which run, and what to write on it: negatoscope runs {args.project} {what}.")
    folder, words = find_run(args.project, args.words[0]), args.words[1:]
    text = " ".join(words)
    if args.action == "rename":
        change_marks(folder, title=text)
    elif args.action == "note":
        change_marks(folder, note=text)
    else:
        before = read_marks(folder).tags
        gone = {tag.casefold() for tag in words}
        kept = [tag for tag in before if tag.casefold() not in gone] if args.remove else [*before, *words]
        change_marks(folder, tags=kept)
    state = read_run(folder)
    out.line(line_of(state))
    return {"runs": [describe(state)]}


def _delete(args: argparse.Namespace, out: Output) -> dict[str, Any]:
    from viewer.jobs.removing import called, remove_run, what_hangs

    if not args.words:
        raise BadRequest(f"Say which run to delete: negatoscope runs {args.project} delete RUN.")
    chosen = [read_run(find_run(args.project, name)) for name in dict.fromkeys(args.words)]
    every = list_runs(args.project)
    told = [(state, what_hangs(state, every, _answers(args.project, state))) for state in chosen]
    for _, hanging in told:
        refused = hanging.refused or (hanging.model_refused if args.with_model else "")
        if refused:
            raise BadRequest(refused)
    for _, hanging in told:
        out.note(f"{hanging.title}:")
        for line in [*hanging.goes, *hanging.stays_with(with_model=args.with_model)]:
            out.note(f"  {line}")
    if not args.yes and not _agrees(len(chosen), out):
        raise BadRequest("Nothing was deleted; say --yes to delete.")
    done = []
    for state in chosen:
        remove_run(state, list_runs(args.project), with_model=args.with_model)
        done.append(state.run_id)
        out.line(f"{called(state)} is deleted ({state.run_id}).")
    return {"deleted": done}


def _answers(project_folder: Path, state: RunState) -> Any:
    from viewer.project.lists.model_answers import answers_of_model
    from viewer.project.project import Project

    if not state.model_hash:
        return None
    with Project.open(project_folder, writable=False) as project:
        return answers_of_model(project, state.model_hash)


def _agrees(count: int, out: Output) -> bool:
    """Asked where a person sits at a terminal; else nothing is agreed to."""
    if out.as_json or not sys.stdin.isatty():
        return False
    out.note(f"Delete {'it' if count == 1 else f'these {count} runs'}? [y/N] ")
    return sys.stdin.readline().strip().casefold() in ("y", "yes")
