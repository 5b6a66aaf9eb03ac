"""Reports of finished runs: asked for as a job of the queue, read back as values. No torch, no Qt.

A report lies in RUN/report, others beside it (`ml.report_job`): a job's folder like a run's, with figures.json,
cases.csv and report.html in it.
"""

import logging
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ml.card import write_json
from ml.evaluation.beside_controls import best_control
from ml.evaluation.case_tables import read_tables
from ml.evaluation.checklists.told import in_words_of, read_checklists
from ml.evaluation.confusion import read_confusion
from ml.evaluation.curves import as_json, read_curves
from ml.evaluation.page import PAGE_FILE, headline
from ml.evaluation.several.out_of_fold import OUT_OF_FOLD
from ml.evaluation.subgroups.kept import read_figures, read_gap, read_groups
from ml.events import CONFIG_FILE, CONTROL_FILE, append_event, now
from ml.given_name import title_of_run
from ml.report_job import REPORT_FOLDER, ReportWish, evaluate_command, is_report, judged_runs, project_of_job, read_wish
from viewer.core.boundary import cannot_be_written
from viewer.core.checked import Fields
from viewer.core.errors import BadFile, BadRequest, NotFound
from viewer.jobs.orders import place_order
from viewer.jobs.runs import RunState, RunStatus, read_run
from viewer.jobs.start import require_torch
from viewer.project.disk.about import read_about
from viewer.reading.sources.documents import read_json

log = logging.getLogger(__name__)

FIGURES_FILE, CASES_FILE = "figures.json", "cases.csv"
WAITS_OR_WORKS = (RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.PAUSED)
MOST_FIGURES = 10_000
MOST_CONTROLS = 100


def ask_for_report(run_folder: Path, *, seen_anyway: bool = False, snapshot_id: str = "") -> Path:
    """Queue the report of a finished run on its test part; returns its folder. The caller starts it (`start_next`).

    snapshot_id: another snapshot than the run's own, whose report takes the place of one on any other. Raises
    BadRequest where the run has not finished or its report is there or on its way; NotWritable.
    """
    require_torch()
    run = read_run(run_folder)
    if run.state is not RunStatus.FINISHED:
        raise BadRequest(f"The run {run.run_id} has not finished; wait for it or resume it first.")
    if run.report is not None and run.report.state in WAITS_OR_WORKS:
        raise BadRequest(f"The report of {run.run_id} is on its way already.")
    if is_there(run) and (not snapshot_id or read_report(run_folder)["snapshot"] == snapshot_id):
        raise BadRequest(f"The report of {run.run_id} is there already; open it.")
    folder, wish = run_folder / REPORT_FOLDER, ReportWish(seen_anyway=seen_anyway, snapshot=snapshot_id)
    return _queue(folder, [run_folder], wish)


def ask_for_side_report(run_folder: Path, name: str, wish: ReportWish) -> Path:
    """Queue another report than that of a run on its own test part; returns its folder, as `ask_for_report`.

    name: of its folder (`ml.report_job`). One that is there is made anew. Raises BadRequest where a run has not
    finished, or the report is on its way; NotWritable.
    """
    require_torch()
    folder = run_folder / name
    runs = judged_runs(folder, wish)
    waiting = [run.run_id for run in map(read_run, runs) if run.state is not RunStatus.FINISHED]
    if waiting:
        raise BadRequest(f"{', '.join(waiting)} has not finished; wait for it or resume it first.")
    if (folder / CONFIG_FILE).is_file() and read_run(folder).state in WAITS_OR_WORKS:
        raise BadRequest("This test is on its way already.")
    return _queue(folder, runs, wish)


def ask_side_again(folder: Path, *, seen_anyway: bool = False) -> Path:
    """Queue again what such a report's folder asks for. Raises as `ask_for_side_report`, and BadRequest where its
    config.json cannot be read."""
    wish = replace(read_wish(folder), seen_anyway=seen_anyway)
    return ask_for_side_report(folder.parent, folder.name, wish)


def _queue(folder: Path, runs: Sequence[Path], wish: ReportWish) -> Path:
    try:
        folder.mkdir(exist_ok=True)
        for name in (CONTROL_FILE, FIGURES_FILE):
            (folder / name).unlink(missing_ok=True)
        command = evaluate_command(project_of_job(folder), runs, wish)
        write_json(folder / CONFIG_FILE, {"report": wish.to_json(), "command": command, "created": now()})
        place_order(folder)
        append_event(folder, "queued", resume=False)
    except OSError as error:
        raise cannot_be_written(folder, error) from error
    return folder


def keep_report(run_folder: Path, out: Path, document: Mapping[str, Any]) -> None:
    """What the command line has just judged is the run's report in the window too, where it has none yet.

    out: the folder with the three files. What cannot be written is not kept.
    """
    folder = run_folder / REPORT_FOLDER
    if folder.exists() or is_report(out):
        return
    wish = ReportWish()
    try:
        folder.mkdir()
        command = evaluate_command(project_of_job(run_folder), [run_folder], wish)
        write_json(folder / CONFIG_FILE, {"report": wish.to_json(), "command": command, "created": now()})
        for name in (CASES_FILE, PAGE_FILE, FIGURES_FILE):
            shutil.copyfile(out / name, folder / name)
        append_event(
            folder, "finished", said=headline(document), against=best_control(document),
            model_hash=document["model_hashes"][0],
        )  # fmt: skip
    except OSError:
        log.info("a report is not kept beside its run", exc_info=True)


def is_there(run: RunState) -> bool:
    """Whether a run's report can be opened."""
    return run.report is not None and is_made(run.report)


def is_made(report: RunState) -> bool:
    """Whether a report, of whatever, can be opened."""
    return report.state is RunStatus.FINISHED and (report.folder / FIGURES_FILE).is_file()


def read_report(run_folder: Path, name: str = REPORT_FOLDER) -> dict[str, Any]:
    """The figures of a run's report, as `ml.evaluation.page` takes them. name: of its folder in the run's. Raises
    NotFound, BadFile."""
    path = run_folder / name / FIGURES_FILE
    where = f"{name}/{FIGURES_FILE} of the run {run_folder.name}"
    try:
        document = read_json(path)
    except FileNotFoundError as error:
        raise NotFound(f"{where} is not there; evaluate the run again.") from error
    checked = {**checked_report(document, where), "out_of_fold": (path.parent / OUT_OF_FOLD).is_file()}
    checked["titles"] = _titles_now(checked, run_folder.parent)
    try:
        return checked | in_words_of(checked, read_about(project_of_job(run_folder)))
    except BadFile:  # the sheet is not what is asked for here
        log.info("the sheet of a study cannot be read", exc_info=True)
        return checked


def _titles_now(checked: Mapping[str, Any], runs: Path) -> list[str]:
    """What the runs of a report are called now; one that has gone as it was called then."""
    names = [str(name) for name in checked["runs"]]
    then = checked["titles"] if len(checked["titles"]) == len(names) else [""] * len(names)
    task = str(checked["task"])
    return [
        title_of_run(runs / name, task) if Path(name).name == name and ((runs / name).is_dir() or not title) else title
        for name, title in zip(names, then, strict=True)
    ]


def checked_report(document: object, where: str) -> dict[str, Any]:
    """Only what a page shows, each of the type that it must be. Raises BadFile."""
    fields = Fields(document, where, advice="evaluate the run again")
    answers = fields.inner("answers")
    names = answers.names()
    if "model" not in names or len(names) > MOST_FIGURES:
        raise BadFile(f"{where} holds no figures of a model; evaluate the run again.")
    seen, gaps = fields.inner("seen", {}), fields.inner("against", {})
    curves = fields.plain_value("curves") if fields.has("curves") else []  # an older report has none
    if not isinstance(curves, list):
        raise fields.refuse("curves", "a list of curves")
    tables = fields.plain_value("tables") if fields.has("tables") else []
    if not isinstance(tables, list):
        raise fields.refuse("tables", "a list of tables")
    return {
        **{name: fields.text(name, most=5000) for name in ("task", "model", "snapshot", "decides", "interval")},
        "part": fields.word("part", ("train", "val", "test")),
        "sentence": fields.text("sentence", "", most=5000),
        "rule": fields.text("rule", "", most=5000),
        "external": fields.text("external", "", most=5000),
        "ensemble": fields.text("ensemble", "", most=5000),
        "cases": fields.integer("cases", 0, 10**9),
        "patients": fields.integer("patients", 0, 10**9),
        "runs": fields.texts("runs", most=1000),
        "titles": fields.texts("titles", (), most=1000),  # an older report calls its runs by their folders
        "notes": fields.texts("notes", (), most=5000),
        "trained": fields.texts("trained", (), most=5000),  # an older report does not say it
        "seen": {"mark": seen.text("mark", "", most=200)},
        "curves": as_json(read_curves(curves, where)),
        "tables": [table.to_json() for table in read_tables(tables, where)],
        "groups": read_groups(fields),
        "confusion": read_confusion(fields),
        "controls": _controls(fields),
        **read_checklists(fields),
        "against": {who: read_gap(gaps.inner(who)) for who in gaps.names()},
        "answers": {who: read_figures(answers.inner(who)) for who in names},
    }


def _controls(fields: Fields) -> list[dict[str, str]]:
    """What each control tells, or why it is not there; an older report does not say it."""
    rows = fields.plain_value("controls") or []
    if not isinstance(rows, list) or len(rows) > MOST_CONTROLS:
        raise fields.refuse("controls", f"a list of at most {MOST_CONTROLS} controls")
    each = [fields.among(row, "controls") for row in rows]
    return [{name: row.text(name, most=1000) for name in ("name", "tells", "why")} for row in each]
