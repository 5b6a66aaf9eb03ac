"""Learning curves of runs: asked for as a job of the queue, read back as values. No torch, no Qt."""

from pathlib import Path

from ml.card import write_json
from ml.events import CONFIG_FILE, CONTROL_FILE, append_event, now
from ml.learning_curve.asked import CurveWish, curve_command
from ml.learning_curve.folder import CURVE_FOLDER
from ml.learning_curve.kept import CURVE_FILE, LearningCurve, read_curve
from ml.recipe import Recipe
from ml.report_job import project_of_job
from viewer.core.boundary import cannot_be_written
from viewer.core.errors import BadRequest
from viewer.jobs.orders import place_order
from viewer.jobs.reports import WAITS_OR_WORKS
from viewer.jobs.runs import read_run
from viewer.jobs.start import require_torch


def ask_for_curve(run_folder: Path, wish: CurveWish) -> Path:
    """Queue the learning curve of a run; returns its folder. The caller starts it (`start_next`).

    Points that were made before stay, so what was cancelled goes on, and more repeats are added to what is there.
    Raises BadRequest where the recipe cannot be read or the curve is on its way already; NotWritable.
    """
    require_torch()
    run = read_run(run_folder)
    recipe = Recipe.from_json(run.recipe)  # refused here rather than in the child
    if not recipe.snapshot_id:
        raise BadRequest(f"The run {run.run_id} does not say which snapshot it learnt from; train a new one.")
    if run.curve is not None and run.curve.state in WAITS_OR_WORKS:
        raise BadRequest(f"The learning curve of {run.run_id} is on its way already.")
    folder = run_folder / CURVE_FOLDER
    try:
        folder.mkdir(exist_ok=True)
        for name in (CONTROL_FILE, CURVE_FILE):
            (folder / name).unlink(missing_ok=True)
        command = curve_command(project_of_job(run_folder), run_folder, wish)
        write_json(folder / CONFIG_FILE, {CURVE_FOLDER: wish.to_json(), "command": command, "created": now()})
        place_order(folder)
        append_event(folder, "queued", resume=True)
    except OSError as error:
        raise cannot_be_written(folder, error) from error
    return folder


def kept_curve(run_folder: Path) -> LearningCurve:
    """The learning curve of a run. Raises NotFound, BadFile."""
    return read_curve(run_folder / CURVE_FOLDER)
