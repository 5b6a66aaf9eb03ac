"""`negatoscope study --out FOLDER`: the README's results table, remade from the images in the data folder."""

import argparse
import html
import json
import os
import shlex
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ml.card import write_json
from ml.metric_words import figure_text, number_text
from ml.recipe import Recipe, default_recipe
from viewer.cli.evaluating import evaluate_named
from viewer.cli.following import follow
from viewer.cli.output import Output
from viewer.cli.study_plan import ROWS, SOURCES, Import, StudyRow
from viewer.core.errors import BadRequest, NotFound
from viewer.core.text.durations import duration_words
from viewer.core.text.shown_text import one_line
from viewer.jobs.queue import enqueue, resume, train_command
from viewer.jobs.runs import RunState, RunStatus, list_runs
from viewer.jobs.start import require_torch

HELP = "Train and judge every row of the README's results table: 5 folds by patient, controls beside each."
EXAMPLE = "negatoscope study --out .study --only lung-boxes"

AGAIN = "-again"
RESULTS = "results.json"
TABLE = "results.md"
TEXT_LIMIT = 2000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--out, --data, --full, --only."""
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="projects, reports and the table")
    parser.add_argument("--data", type=Path, default=None, metavar="DIR", help="data folder (default: as found)")
    parser.add_argument("--full", action="store_true", help="also repeat one fold of each row and compare the weights")
    parser.add_argument("--only", action="append", default=[], metavar="ROW", help="only this row (may be repeated)")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="over every row's recipe")


def run(args: argparse.Namespace, out: Output) -> Any:
    """Do every row that is not done; finished folds are kept. Returns results.json."""
    require_torch()
    names = [row.name for row in ROWS]
    unknown = [name for name in args.only if name not in names]
    if unknown:
        raise BadRequest(f"The study has no row {unknown[0]}; it has {', '.join(names)}.")
    data = _films(args.data)
    out_folder = args.out.resolve()
    done = _read(out_folder / RESULTS)
    for row in ROWS:
        if args.only and row.name not in args.only:
            continue
        result = _do_row(row, out_folder, data, out, settings=args.set)
        if args.full:
            result["repeated"] = _repeat(row, out_folder, out)
        done["rows"] = [*(one for one in done["rows"] if one["name"] != row.name), result]
        done["rows"].sort(key=lambda one: names.index(one["name"]))
        _write(out_folder, done)
        out.line(table_line(result))
    out.line(f"The table is in {out_folder / TABLE}.")
    return done


def _films(given: Path | None) -> Path:
    from viewer.reading.sources.data_folder import find_data

    data = given or find_data()
    if data is None or not (data / "cxr").is_dir():
        raise NotFound("The films (cxr/) are not there; name the data folder with --data or $NEGATOSCOPE_DATA.")
    return (data / "cxr").resolve()


def _do_row(row: StudyRow, out_folder: Path, data: Path, out: Output, *, settings: Sequence[str]) -> dict[str, Any]:
    started = time.monotonic()
    project = out_folder / row.source
    _make_project(project, SOURCES[row.source], data, out)
    snapshot_id, folds = _make_snapshot(project, row, data)
    recipe = _recipe(row, snapshot_id, out_folder, settings=settings)
    for fold in range(folds):
        _train_fold(project, replace(recipe, fold=fold, run_name=row.name), out)
    report = out_folder / "reports" / row.name
    document = evaluate_named(project, row.name, report)
    runs = [one for one in list_runs(project) if one.name == row.name and one.state is RunStatus.FINISHED]
    # As typed in the study's folder: a table names no path of one machine.
    init = recipe.init.removeprefix(f"{out_folder}{os.sep}")
    command = shlex.join(train_command(Path(row.source), replace(recipe, run_name="", init=init))) + " --fold all"
    result = {
        "name": row.name,
        "title": row.title,
        "command": command,
        "evaluate_command": f"negatoscope evaluate {row.source} {row.name} --out report",
        "train_seconds": sum(_seconds(one) for one in runs),
        "seconds_this_time": time.monotonic() - started,
        "device": sorted({one.device for one in runs}),
        "precision": sorted({one.precision for one in runs}),
        "model": row.model,
        "baseline": row.baseline,
        "figures": list(row.figures),
        "cases": document["cases"],
        "patients": document["patients"],
        "folds": document["folds"],
        "answers": document["answers"],
        "against": document["against"],
        "interval": document["interval"],
        "sentence": document["sentence"],
        "commit": _commit(runs),
        "date": datetime.now().astimezone().isoformat(timespec="minutes"),
    }
    if row.against_row:
        result["against_row"] = _against(row, out_folder)
    return result


def _make_project(project: Path, imports: Sequence[Import], data: Path, out: Output) -> None:
    from viewer.core.registry import load
    from viewer.exchange import IMPORTERS
    from viewer.exchange.importing import carry_out
    from viewer.exchange.plan import make_plan
    from viewer.project.project import Project

    if (project / "project.db").is_file():
        opened = Project.open(project, writable=True)
    else:
        opened = Project.create(project, name=project.name, case_unit="film", author="study")
    with opened:
        for one in imports:
            importer, path = load(IMPORTERS, one.format), data / one.path
            given = {"map": [one.column_map]}
            with make_plan(opened, importer, path, given, source=project.name, complete=True) as plan:
                report = carry_out(opened, plan)
            if report.new_images:
                out.line(f"{project.name}: {report.images} films imported, {len(report.problems)} problems")


def _make_snapshot(project: Path, row: StudyRow, data: Path) -> tuple[str, int]:
    from viewer.project.leaks.audit import audit_of
    from viewer.project.project import Project
    from viewer.project.records import Task
    from viewer.project.snapshots.snapshot import SplitFile, make_snapshot

    task = Task(name=row.task, kind=row.kind, labels=row.labels, exclusive=row.exclusive)
    with Project.open(project, writable=True) as opened:
        opened.tasks.put(task)
        split = SplitFile(path=data / row.fold_file, column=row.fold_column)
        snapshot = make_snapshot(opened, task, split_file=split)
        audit_of(opened, snapshot)  # so that the report can tell of it
    return snapshot.id, snapshot.folds


def _recipe(row: StudyRow, snapshot_id: str, out_folder: Path, *, settings: Sequence[str]) -> Recipe:
    recipe = default_recipe(
        task=row.task,
        kind=row.kind,
        labels=row.labels,
        model=row.model,
        exclusive=row.exclusive,
        snapshot_id=snapshot_id,
    ).with_settings([*row.settings, *settings])
    if row.init_row:
        recipe = replace(recipe, init=str(_first_run(out_folder, row.init_row)))
    return recipe


def _row(name: str) -> StudyRow:
    return next(row for row in ROWS if row.name == name)


def _first_run(out_folder: Path, name: str) -> Path:
    """The finished run of fold 0 of a row."""
    for one in list_runs(out_folder / _row(name).source):
        if one.name == name and one.fold == 0 and one.state is RunStatus.FINISHED:
            return one.folder
    raise NotFound(f"The row {name} is not trained yet; run the study without --only, or with --only {name} first.")


def _train_fold(project: Path, recipe: Recipe, out: Output) -> None:
    """Train what is not trained: skip a finished fold, go on with a broken one."""
    there = [one for one in list_runs(project) if one.name == recipe.run_name and one.fold == recipe.fold]
    if any(one.state is RunStatus.FINISHED for one in there):
        return
    broken = [one for one in there if one.state in (RunStatus.FAILED, RunStatus.CANCELLED)]
    waiting = [one for one in there if one not in broken]
    if waiting:
        folder = waiting[-1].folder
    elif broken:
        folder = broken[-1].folder
        resume(folder)
    else:
        folder = enqueue(project, recipe)
    follow([folder], out)


def _repeat(row: StudyRow, out_folder: Path, out: Output) -> dict[str, Any]:
    """Train fold 0 once more, with the arithmetic of the first time, and compare."""
    project = out_folder / row.source
    first = next(
        one for one in list_runs(project) if one.name == row.name and one.fold == 0 and one.state is RunStatus.FINISHED
    )
    recipe = replace(Recipe.from_json(first.recipe), run_name=row.name + AGAIN, precision=first.precision)
    _train_fold(project, recipe, out)
    second = next(one for one in list_runs(project) if one.name == row.name + AGAIN and one.state is RunStatus.FINISHED)
    reports = [
        evaluate_named(project, one.run_id, out_folder / "reports" / f"{row.name}-{tag}")
        for one, tag in ((first, "fold-0"), (second, "fold-0-again"))
    ]
    name = reports[0]["primary"]
    return {
        "fold": 0,
        "figure": name,
        "values": [report["answers"]["model"][name]["value"] for report in reports],
        "same_weights": _same_weights(first.folder, second.folder),
    }


def _same_weights(first: Path, second: Path) -> bool:
    from ml.card import weights_path
    from ml.training.checkpoint import read_tensors

    a, b = (read_tensors(weights_path(folder))[0] for folder in (first, second))
    return a.keys() == b.keys() and all(bool((a[name] == b[name]).all()) for name in a)


def _against(row: StudyRow, out_folder: Path) -> dict[str, Any]:
    from ml.evaluation.comparing import BETTER, NONE, WORSE, compare_classifications, verdict

    other = out_folder / "reports" / row.against_row
    gap = compare_classifications(other, out_folder / "reports" / row.name, row.labels[-1])
    words = {
        BETTER: f"Against {row.against_row}, this start is better.",
        WORSE: f"Against {row.against_row}, this start is worse.",
        NONE: f"No comparison with {row.against_row}.",
    }
    said = words.get(verdict(gap), f"Against {row.against_row}, this start makes no clear difference.")
    return {"row": row.against_row, "gap": gap, "sentence": said}


def _seconds(state: RunState) -> float:
    try:
        return (datetime.fromisoformat(state.ended) - datetime.fromisoformat(state.started)).total_seconds()
    except ValueError:
        return 0.0


def _commit(runs: Sequence[RunState]) -> str:
    for one in reversed(runs):
        commit = str(_json(one.folder / "config.json").get("commit", ""))
        if commit:
            return commit
    return ""


def _json(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _read(path: Path) -> dict[str, Any]:
    return {"rows": [], **_json(path)}


def _write(out_folder: Path, document: dict[str, Any]) -> None:
    from viewer.project.disk.replacing import replace_file

    write_json(out_folder / RESULTS, document)
    replace_file(out_folder / TABLE, as_markdown(document).encode("utf-8"))


def as_markdown(document: dict[str, Any]) -> str:
    """The table, then per row the sentence and the command."""
    lines = [
        "| what | cases / patients | model | result (95 % interval by patient) | controls on the same folds | "
        "published baseline | training |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [table_line(row) for row in document["rows"]]
    lines.append("")
    for row in document["rows"]:
        command = one_line(row["command"], TEXT_LIMIT).replace("`", "'")
        lines.append(f"* **{_plain(row['title'])}.** {_plain(row['sentence'] + _extra(row))} `{command}`")
    return "\n".join(lines) + "\n"


def table_line(row: dict[str, Any]) -> str:
    """One row of the table."""
    names = [name for name in row["figures"] if name in row["answers"]["model"]]
    controls = [
        f"{_plain(who)}: {_word(names[0])} {_plain(figure_text(figures[names[0]]))}"
        + (f", {_word('map75')} {_plain(figure_text(figures['map75']))}" if "map75" in names else "")
        for who, figures in row["answers"].items()
        if who != "model"
    ]
    result = "<br>".join(f"{_word(name)} {_plain(figure_text(row['answers']['model'][name]))}" for name in names)
    seconds = row["train_seconds"]
    took = f"{seconds / 60:.1f} min" if seconds >= 60 else duration_words(seconds)
    minutes = f"{took}, {'/'.join(row['device'])}"
    title, model, baseline, minutes = map(_plain, (row["title"], row["model"], row["baseline"], minutes))
    cells = [title, f"{row['cases']} / {row['patients']}", model, result, "<br>".join(controls), baseline, minutes]
    return f"| {' | '.join(cells)} |"


_WORDS = {
    "auc_fold_mean": "AUC (mean of folds)",
    "auc": "AUC (pooled)",
    "iou": "mean IoU",
    "dice": "Dice",
    "map50": "mAP@0.5",
    "map75": "mAP@0.75",
}


def _word(name: str) -> str:
    return _WORDS.get(name) or _plain(name.replace("_", " "))


def _plain(text: str) -> str:
    """Text as a part of a Markdown table: no tag, no cell of its own."""
    return html.escape(one_line(text, TEXT_LIMIT), quote=False).replace("|", "\\|").replace("`", "'")


def _extra(row: dict[str, Any]) -> str:
    text = ""
    if "against_row" in row:
        gap = row["against_row"]["gap"]
        text += f" {row['against_row']['sentence'][:-1]}: {figure_text(gap)}."
    if "repeated" in row:
        again = row["repeated"]
        same = "the same weights, bit for bit" if again["same_weights"] else "other weights"
        first, second = again["values"]
        text += (
            f" Repeated, fold 0 gave {same}, {_word(again['figure'])} {number_text(first)} and {number_text(second)}."
        )
    return text
