"""`negatoscope train DIR --task NAME`: start a training and watch it."""

import argparse
import dataclasses
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ml.catalogue import MODELS, default_spec, is_of_family, load_spec, specs
from ml.inference.resolve import kept_name
from ml.recipe import FROM_THE_SNAPSHOT, Recipe, default_recipe, read_recipe_file, setting_words
from viewer.cli.following import follow
from viewer.cli.output import Output
from viewer.core.errors import BadRequest, NotFound, UnknownName
from viewer.jobs.queue import enqueue, resume
from viewer.jobs.runs import find_run, find_runs, read_run
from viewer.jobs.start import require_torch

if TYPE_CHECKING:
    from viewer.project.snapshots.snapshot import Snapshot

HELP = "Train a model on a snapshot in a job of its own, and watch it; Ctrl+C cancels."
EXAMPLE = "negatoscope train my-project --task pneumonia --model resnet18 --init scratch --fold all"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """DIR and the recipe."""
    parser.add_argument("project", type=Path, nargs="?", metavar="DIR", help="project folder")
    parser.add_argument("--task", default="", metavar="NAME", help="task of the snapshot")
    parser.add_argument(
        "--model",
        default="",
        metavar="M",
        help="a model of `negatoscope models`, or timm:NAME (default: the kind's default)",
    )
    parser.add_argument("--init", default=None, metavar="START", help="scratch, a run, a model, or a weights file")
    parser.add_argument("--fold", default=None, metavar="K", help="hold out fold K; `all` makes one run per fold")
    parser.add_argument("--freeze-epochs", type=int, default=None, metavar="N", help="epochs that train the head alone")
    parser.add_argument("--epochs", type=int, default=None, metavar="N")
    parser.add_argument("--seed", type=int, default=None, metavar="N")
    parser.add_argument(
        "--operating-point", default=None, metavar="RULE",
        help="how the cut is chosen on validation: recall:0.95, precision:0.9, youden, cost:10",
    )  # fmt: skip
    parser.add_argument("--device", default=None, metavar="D", help="auto, cpu, cuda, cuda:N, mps")
    parser.add_argument("--snapshot", default="", metavar="ID", help="(default: the task's newest)")
    parser.add_argument("--name", default="", help="name of the runs (default: made from the task and the time)")
    parser.add_argument("--config", type=Path, default=None, metavar="FILE", help="settings as JSON, or a config.json")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="any setting of the recipe")
    parser.add_argument(
        "--like", default="", metavar="RUN", help="everything as that run had it, except what is given here"
    )
    parser.add_argument(
        "--resume",
        default="",
        metavar="RUN",
        help="go on with a failed or cancelled run, or one queued elsewhere; by the shared name of folds all of them",
    )


def run(args: argparse.Namespace, out: Output) -> Any:
    """Queue, start, follow. Raises JobFailed when a run failed or was cancelled."""
    require_torch()
    if args.resume:
        return follow(_resumed(args.project or Path(), args.resume), out)
    if args.project is None or not (args.task or args.like):
        raise BadRequest("Say what to train: negatoscope train DIR --task NAME, --like RUN, or --resume RUN.")
    recipes, snapshot = recipes_of(args)
    if args.like:
        _say_what_differs(args, recipes[0], out)
    _look_before(args.project, snapshot, recipes, out)
    command = ["negatoscope", *sys.argv[1:]]
    return follow([enqueue(args.project, recipe, command=command) for recipe in recipes], out)


def _resumed(project: Path, name: str) -> list[Path]:
    """Queue a run again, or of the folds of a name all that were stopped; returns their folders."""
    from viewer.jobs.folds import resume_folds

    folders = find_runs(project, name)
    if len(folders) > 1:
        return resume_folds([read_run(folder) for folder in folders])
    resume(folders[0])
    return folders


def _like(args: argparse.Namespace) -> Recipe | None:
    """The recipe of --like RUN; None without one. Raises UnknownName, Ambiguous, BadRequest."""
    if not args.like:
        return None
    from viewer.jobs.cloning import cloned_recipe

    if args.config:
        raise BadRequest("--like and --config both say where the settings come from; give one of them.")
    return cloned_recipe(read_run(find_run(args.project, args.like)))


def _say_what_differs(args: argparse.Namespace, recipe: Recipe, out: Output) -> None:
    """What is another than in the run that this one is like."""
    old = _like(args)
    before, now = {} if old is None else old.to_json(), recipe.to_json()
    apart = [
        f"{setting_words(name)} {now[name]} instead of {value}"
        for name, value in before.items()
        if now[name] != value and name != "run_name"
    ]
    out.note(f"Like {args.like}, except: {'; '.join(apart)}." if apart else f"Like {args.like} in everything.")


def _look_before(project: Path, snapshot: "Snapshot", recipes: Sequence[Recipe], out: Output) -> None:
    """Say what is doubtful, once each. Raises AppError for what cannot work, before anything is queued."""
    from viewer.jobs.before_start import before_start, of_its_start
    from viewer.project.snapshots.card import sample_rule_of

    found = [before_start(project, snapshot, recipes)]
    if not found[0].refusals:
        found.append(of_its_start(project, recipes[0], sample_rule_of(snapshot.card)))
    for doubt in (doubt for one in found for doubt in one.doubts):
        out.note(f"Before the start: {doubt}")
    refusals = [sentence for one in found for sentence in one.refusals]
    if refusals:
        raise BadRequest(" ".join(refusals))


def recipes_of(args: argparse.Namespace) -> tuple[list[Recipe], "Snapshot"]:
    """The recipe of the command line, one per fold with `--fold all`, and the snapshot they are of."""
    from viewer.project.snapshots.snapshot import Snapshot

    if not args.project.is_dir():
        raise NotFound(f"{args.project} is no project folder; check the path.")
    like = _like(args)
    if like is None or (args.task and args.task != like.task and not args.snapshot):
        snapshot = Snapshot.load(args.project, args.snapshot, task=args.task)
    else:
        snapshot = Snapshot.load(args.project, args.snapshot or like.snapshot_id, task=args.task or like.task)
    task = snapshot.task
    settings = read_recipe_file(_text(args.config), str(args.config)) if args.config else {}
    settings = settings if like is None else like.to_json()
    model = args.model or str(settings.get("model", "")) or default_spec(str(task.kind)).name
    if model not in MODELS and not is_of_family(model):
        fitting = ", ".join(spec.name for spec in specs(str(task.kind)))
        raise UnknownName(
            f"There is no model {model!r}; for {task.kind} choose one of {fitting}, or a "
            "library's, such as timm:resnet10t (`negatoscope models --search WORD` lists them)."
        )
    if not load_spec(model).serves(task.kind):
        raise BadRequest(f"{model} does {load_spec(model).kind}, but the task {task.name} is {task.kind}.")
    base = default_recipe(
        task=task.name, kind=str(task.kind), labels=task.labels, model=model, exclusive=task.exclusive
    ).to_json()
    base |= {name: value for name, value in settings.items() if name not in ("fold", "snapshot_id", "run_name")}
    base |= {"task": task.name, "kind": str(task.kind), "labels": list(task.labels), "model": model}
    base |= {"exclusive": task.exclusive, "snapshot_id": snapshot.id}
    _refuse_frozen(args.set)
    flags = {
        name: getattr(args, name) for name in ("init", "freeze_epochs", "epochs", "seed", "device", "operating_point")
    }
    base |= {name: value for name, value in flags.items() if value is not None}
    recipe = Recipe.from_json(base).with_settings(args.set)
    if recipe.init != "scratch":
        recipe = dataclasses.replace(recipe, init=kept_name(args.project, recipe.init))
    fold = args.fold
    if fold is None and like is not None and like.fold is not None and like.fold < snapshot.folds:
        fold = str(like.fold)  # another snapshot may have no such fold
    folds = _folds(fold, snapshot.folds)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    name = args.name or (f"{task.name}-{model}-{stamp}" if len(folds) > 1 else "")
    return [dataclasses.replace(recipe, fold=fold, run_name=name) for fold in folds], snapshot


def _refuse_frozen(settings: Sequence[str]) -> None:
    """Raise BadRequest for a --set of what the snapshot or another option says: it would be passed over."""
    options = {"fold": "--fold", "run_name": "--name", "model": "--model", "snapshot_id": "--snapshot"}
    for setting in settings:
        name = setting.partition("=")[0].strip()
        if name in options:
            raise BadRequest(f"--set {setting} does not fit: use {options[name]}.")
        if name in FROM_THE_SNAPSHOT:
            raise BadRequest(
                f"--set {setting} does not fit: the snapshot has frozen its task's labels and whether they exclude "
                "each other; make a snapshot of another task."
            )


def _folds(wanted: str | None, there: int) -> Sequence[int | None]:
    if wanted is None:
        return [None]
    if wanted == "all":
        if not there:
            raise BadRequest("The snapshot has no folds; make one with `negatoscope snapshot ... --folds K`.")
        return range(there)
    if not wanted.isdigit() or int(wanted) >= there:
        raise BadRequest(f"--fold {wanted} is not there; the snapshot has {there} folds, counted from 0.")
    return [int(wanted)]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise NotFound(f"{path} cannot be read: {error.strerror or error}.") from error
